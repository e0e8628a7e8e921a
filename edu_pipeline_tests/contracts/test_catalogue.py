"""The committed catalogue page says what the declarations say."""

import re
from pathlib import Path

from edu_pipeline.contracts.catalogue import render

PAGE = Path(__file__).parents[2] / "docs" / "CATALOGUE.md"

REMEDY = (
    "docs/CATALOGUE.md is not what the declarations say; render it again: python -c "
    "'from edu_pipeline.contracts.catalogue import render; print(render(), end=\"\")' > docs/CATALOGUE.md"
)


def test_the_committed_page_equals_the_declarations():
    # Not an assertion on the texts themselves: their difference would fill the screen and hide the remedy.
    is_same = PAGE.read_text(encoding="utf-8") == render()
    assert is_same, REMEDY


def test_every_link_to_a_code_set_finds_its_heading():
    page = render()
    headings = {title.lower().replace(":", "").replace(" ", "-") for title in re.findall(r"^### (.+)$", page, re.M)}
    links = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert links
    assert links <= headings
