"""The verdicts of a night are pages that a person can open, and nothing in them is anybody's.

stage, a verdict that is closed -> files

What does not belong here: what a suite finds (gates/).
"""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from edu_pipeline.flow import verdicts
from edu_pipeline.flow.verdicts import NoVerdict
from edu_pipeline_tests.stages import World


def _closed(world: World) -> None:
    world.execute("""INSERT INTO ops.verdict (room, entity, batch_id, passed, row_count, checksum, failed, judged_at)
        SELECT 'validated', 'student', max(batch_id), false, 321, 0, ARRAY['sex.code', '<rejected_share>'], now()
        FROM ops.batch WHERE connection_id = 'saomai'""")


def test_a_night_is_an_index_and_a_page_a_connection(stage: Callable[[str], World], tmp_path: Path) -> None:
    world = stage("year_end")
    _closed(world)
    written = verdicts.write(tmp_path / "docs")
    judged = {
        row[0] for row in world.rows("SELECT DISTINCT connection_id FROM ops.verdict JOIN ops.batch USING (batch_id)")
    }
    assert written[0].name == "index.html"
    assert {path.stem for path in written} == judged | {"index"}
    index, page = written[0].read_text(), (tmp_path / "docs" / "saomai.html").read_text()
    assert all(f'href="{name}.html"' in index for name in judged)
    assert page.count("KHÔNG QUA / closed") == 1
    assert "<b>sex.code</b>: Mã không có trong danh mục ngành." in page
    assert "<td class=n>321</td>" in page
    # Nothing that stands in a verdict is taken for HTML.
    assert "&lt;rejected_share&gt;" in page


def test_the_pages_have_no_value_of_anybody_and_ask_no_other_server(
    stage: Callable[[str], World], tmp_path: Path
) -> None:
    world = stage("year_end")
    _closed(world)
    text = "".join(path.read_text() for path in verdicts.write(tmp_path))
    people = [(p.root, f"{p.family} {p.given}") for p in (*world.city.children, *world.city.staff)]
    assert len(people) > 1000
    assert [said for one in people for said in one if said in text] == []
    assert re.findall(r"SELECT|https?:|<script|<link|<img", text) == []


def test_a_day_on_which_nothing_was_judged_is_told(stage: Callable[[str], World], tmp_path: Path) -> None:
    first = stage("year_end").value("SELECT min(as_of) FROM ops.batch")
    with pytest.raises(NoVerdict, match=f"the first verdict is of {first}"):
        verdicts.write(tmp_path, dt.date(2020, 1, 1))


def test_a_register_in_which_nothing_was_judged_says_what_to_do(database, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(verdicts, "engine", lambda: database.app)
    with pytest.raises(NoVerdict, match="run `edu-pipeline pull` first"):
        verdicts.write(tmp_path)
