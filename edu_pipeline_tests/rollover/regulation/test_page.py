"""The page that people read says what the declarations say."""

from pathlib import Path

from edu_pipeline.rollover.regulation.force import REGULATIONS
from edu_pipeline.rollover.regulation.page import page

PAGE = Path(__file__).parents[3] / "docs" / "regulations.md"


def test_the_page_is_that_of_the_declarations() -> None:
    remedy = "run: python -m edu_pipeline.rollover.regulation.page > docs/regulations.md"
    assert PAGE.read_text() == page(), remedy


def test_every_row_and_level_stands_on_it() -> None:
    said = page()
    for one in REGULATIONS:
        part = said.split(f"## {one.name}\n")[1].split("\n## ")[0]
        assert all(row.note in part and row.article in part for row in one.rows)
        assert sum(line.startswith("| ") for line in part.splitlines()) >= len(one.rows) + len(one.in_force) + 4
