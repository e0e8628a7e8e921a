"""The morning's list has words in Vietnamese for whatever it says, and keeps every count, code, date and command.

rows as flow/today.py makes them, and what its source says -> rows in Vietnamese

What does not belong here: what stands in the list (flow/test_today.py).
"""

import re
from importlib.resources import files
from typing import Any

import pytest
from click.testing import CliRunner

from edu_pipeline.cli import main
from edu_pipeline.cli import today as command
from edu_pipeline.flow.today import Urgency
from edu_pipeline.report import morning


def _row(what: str, says: str, owner: str = "the department") -> dict[str, Any]:
    return {"urgency": "now", "what": what, "where": "saomai", "says": says, "rows": 3, "units": 1, "by": None,
            "since": None, "owner": owner, "contact": None, "names": ["79770405"]}  # fmt: skip


SAID = (
    ("did not run", "no pull since 2024-09-01: start the daemon, or `edu-pipeline pull`", "chưa đọc từ 2024-09-01"),
    ("did not run", "never pulled: start the daemon, or `edu-pipeline pull`", "chưa đọc lần nào"),
    ("failed", "it broke off while pulling", "bị ngắt khi đang pulling"),
    ("ran", "merged, read for 2024-09-05", "merged, đọc cho ngày 2024-09-05"),
    ("published", "for 2024-09-05", "cho ngày 2024-09-05"),
    ("not published", "the last publication is none", "lần công bố gần nhất: none"),
    ("not published", "batches are admitted and not merged: `edu-pipeline publish`", "chưa hợp nhất"),
    ("not asked", "not asked: it answers for no unit before 2024-10-01", "trước 2024-10-01"),
    ("not asked", "not asked: it answers for no unit any more", "không còn phụ trách"),
    ("not asked", "not asked: retired", "không đọc: retired"),
    ("approval ends", "approval 7 of empty: what it lets through is held again", "phê duyệt 7 của empty"),
    ("waiver ends", "exemption 8 of a.b.c: what it let be costs again", "miễn trừ 8 của a.b.c"),
    ("contest ends", "exemption 9 of a.b.c: `edu-pipeline quality decide 9`", "khiếu nại 9 của a.b.c: `edu-pipeline"),
    ("year close", "the year 2023 is open: `edu-pipeline year close 2023`", "năm học 2023 chưa chốt"),
    ("rollover", "not rolled over: `edu-pipeline rollover board 2023`", "chưa chuyển dữ liệu"),
    ("confirmation", "the new year is not told as a whole: `edu-pipeline rollover unconfirmed 2023`", "chưa gửi đủ"),
    ("head's word", "the head has not confirmed the year's first data: `edu-pipeline year confirmations`", "đầu năm"),
    (
        "head's word",
        "the head has not confirmed the declared systems: `edu-pipeline year confirmations`",
        "hệ thống đã",
    ),
    ("approval ends", "x: renew, exempt with a date and a name, or cut off (approvals.yaml)", "x: gia hạn"),
    ("hold", "hold 4: mass_change, 3 days old, no answer; ask the unit whether so many have changed", "hỏi đơn vị"),
    ("quarantine", "student.sex.unknown_code: The vendor's code has no translation.", "chưa được quy đổi"),
)


@pytest.mark.parametrize(("what", "says", "said"), SAID)
def test_a_line_is_said_in_vietnamese_with_its_codes(what: str, says: str, said: str) -> None:
    told = morning.vietnamese(_row(what, says))
    assert said in told["says"]
    assert told["says"] != says
    assert re.findall(r"`[^`]*`", told["says"]) in ([], re.findall(r"`[^`]*`", says)) or what == "hold"
    assert (told["what"], told["owner"], told["urgency"]) == (morning.WHAT[what], "Sở GD&ĐT", "cần làm ngay")
    assert (told["rows"], told["names"], told["where"]) == (3, ["79770405"], "saomai")


def test_a_sentence_without_words_is_shown_as_it_stands() -> None:
    assert morning.vietnamese(_row("failed", "HTTP 500 in the night"))["says"] == "HTTP 500 in the night"


@pytest.mark.parametrize(
    ("owner", "said"),
    [
        ("the school", "nhà trường"),
        ("the vendor (saomai)", "nhà cung cấp (saomai)"),
        ("nobody", "không ai phải làm gì"),
    ],
)
def test_who_acts_is_said_in_vietnamese(owner: str, said: str) -> None:
    assert morning.vietnamese(_row("ran", "for 2024-09-05", owner))["owner"] == said


def test_every_urgency_and_every_kind_of_line_has_words() -> None:
    assert set(morning.URGENCY) == {urgency.value for urgency in Urgency}
    flow = files("edu_pipeline.flow")
    said = flow.joinpath("today.py").read_text(encoding="utf-8") + flow.joinpath("late.py").read_text(encoding="utf-8")
    kinds = set(re.findall(r'_row\(\s*(?:Urgency\.\w+|urgency|_urgency\([^)]*\)),\s*"([^"{]+)"', said))
    assert kinds >= {"not asked", "ran", "failed", "hold", "quarantine", "approval ends", "published"}
    assert kinds | {what for what, _, _ in SAID} <= set(morning.WHAT)


@pytest.mark.parametrize(("options", "said"), [((), "today: 1 now"), (("--vi",), "hôm nay: 1 cần làm ngay")])
def test_the_command_speaks_both_languages(monkeypatch: pytest.MonkeyPatch, options: tuple, said: str) -> None:
    row = _row("ran", "for 2024-09-05")
    monkeypatch.setattr(command, "found", lambda: [row | {"names": [str(n) for n in range(7)]}])
    answer = CliRunner().invoke(main, ["today", *options])
    assert answer.exit_code == 0
    assert said in answer.output
    assert ("ai làm" in answer.output) == bool(options)
    assert ("2 đơn vị nữa" in answer.output) == bool(options)
