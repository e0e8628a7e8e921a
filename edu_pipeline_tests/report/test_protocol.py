"""The protocol says in Vietnamese what is decided, by whom, and whether it adds up; of a child it says nothing."""

import re
from collections.abc import Callable

import pytest

from edu_pipeline.contracts.words import CLOSED, EXCEPTIONS, OPENED
from edu_pipeline.contracts.year import CLOSINGS, OPENINGS
from edu_pipeline.flow import approve as approvals
from edu_pipeline.flow import board, rollover
from edu_pipeline_tests.flow.test_approve import hash_of
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]
UNIT = "79783409"


def test_every_decision_and_exception_has_its_words() -> None:
    assert tuple(CLOSED) == CLOSINGS
    assert tuple(OPENED) == (*OPENINGS, "pending")
    for words in (CLOSED, OPENED, EXCEPTIONS):
        assert all(word.vi.strip() and word.en.strip() for word in words.values())
        assert len({word.vi for word in words.values()}) == len(words)


def cells(page: str) -> dict[str, str]:
    """Every row of the page's tables: its first cell to its last."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    texts = [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", row)] for row in rows]
    return {row[0]: row[-1] for row in texts}


def test_it_says_what_is_planned_then_who_approved_and_applied_it(stage: Stage) -> None:
    world = stage("opening")
    with pytest.raises(KeyError, match=f"unit {UNIT} has no plan of 2023"):
        board.protocol(2023, UNIT)
    rollover.make_plan(2023, "plan", [UNIT])
    page = board.protocol(2023, UNIT)
    said = cells(page)
    assert said["Phê duyệt"] == "chưa phê duyệt"
    assert said["Thực hiện"] == "chưa thực hiện"
    assert "chưa có số liệu đối soát" in page
    decided = world.rows("SELECT decision, count(*) FROM rollover.plan_line WHERE kind = 'closing' GROUP BY 1")
    assert {CLOSED[row[0]].vi: str(row[1]) for row in decided}.items() <= said.items()
    assert {"retest_awaited": "2", "waiting": "1"}.items() <= said.items()
    assert EXCEPTIONS["retest_awaited"].vi in page

    approvals.approve(2023, {UNIT: hash_of(world, UNIT)}, claimed="Bà <An>", document="12/QĐ")
    rollover.apply_plan(2023, "apply")
    page = board.protocol(2023, UNIT)
    said = cells(page)
    assert said["Mã băm"] == hash_of(world, UNIT)
    assert said["Số văn bản"] == "12/QĐ"
    assert said["Phê duyệt"].startswith("edu_app, ")
    assert "tự khai: Bà &lt;An&gt;" in said["Phê duyệt"]
    assert said["Thực hiện"].startswith("edu_app, ")
    assert "Số liệu cân đối." in page
    standing = world.value("SELECT count(*) FROM rollover.enrollment WHERE unit_id = :u", u=UNIT)
    assert said["Học sinh đầu năm học mới"] == str(standing)
    for child in world.city.children_of[UNIT]:
        assert child.root not in page
        assert f"{child.family} {child.given}" not in page
