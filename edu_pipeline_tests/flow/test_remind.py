"""Who owes an answer is told every morning; after two working days others are told as well, once."""

import email
import email.policy
import smtplib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edu_pipeline.flow import hold as holds
from edu_pipeline.flow.letter import LetterFailed
from edu_pipeline.flow.remind import remind
from edu_pipeline.settings import settings
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

UNIT = "79760719"


@pytest.fixture
def world(stage: Callable[[str], World]) -> World:
    made = stage("year_end")

    def people(said: dict[str, Any]) -> None:
        said["department"] = {"name": "Department", "contact": "office@example.edu.vn"}
        for one in said["connections"]:
            one["owner"] = {"name": "Owner", "contact": f"{one['id']}@example.vn"}
            one["deputy"] = {"name": "Deputy", "contact": f"deputy.{one['id']}@example.vn"}

    wire.edit_site(made, people)
    # Friday, 31 May 2024.
    made.execute(
        """INSERT INTO ops.hold
        (room, connection_id, unit_id, entity, rule, row_count, known_count, batch_id, opened_at, asked_on)
        VALUES ('landing', 'saomai', :u, 'student', 'empty', 30, 30, 1, now(), '2024-05-31'),
               ('landing', 'saomai', :u, 'result', 'shrunken', 12, 40, 1, now(), '2024-05-31'),
               ('landing', 'lotus', '', '*', 'superseded_share', 9, NULL, 1, now(), '2024-05-31'),
               ('master', 'city', '', 'student', 'volume', 9, NULL, 1, now(), '2024-05-31')""",
        u=UNIT,
    )
    return made


def _letters(paths: list[Path]) -> list[tuple[str, str]]:
    found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]
    return sorted((letter["To"], letter.get_content()) for letter in found)


def test_each_owner_gets_one_letter_in_both_languages(world: World) -> None:
    letters = dict(_letters(remind()))
    assert set(letters) == {"saomai@example.vn", "lotus@example.vn", "office@example.edu.vn"}
    said = letters["saomai@example.vn"]
    assert said.count(UNIT) == 4
    assert "rule empty: 30 of 30 records" in said
    assert "quy tắc shrunken: 12 trên 40 bản ghi" in said
    assert "hold approve" in said
    people = [*world.city.children, *world.city.staff]
    assert not [p.root for p in people if p.root in said or f"{p.family} {p.given}" in said]
    assert world.value("SELECT count(*) FROM ops.hold WHERE reminded_at IS NULL") == 0
    assert {row.deputy for row in world.rows("SELECT deputy FROM ops.hold WHERE connection_id = 'saomai'")} == {
        "deputy.saomai@example.vn"
    }


def test_who_has_answered_is_not_asked(world: World) -> None:
    for row in world.rows("SELECT hold_id FROM ops.hold WHERE connection_id = 'saomai'"):
        holds.reject(row.hold_id, "all are here")
    assert "saomai@example.vn" not in dict(_letters(remind()))


def test_after_two_working_days_others_are_told_once(world: World) -> None:
    with (world.folder / "site" / "calendar.yaml").open("a") as file:
        file.write("holidays: [2024-06-04]\n")
    # Friday to Monday is one working day, Tuesday is a holiday, Wednesday is the second.
    for day, late in (("2024-06-03", 0), ("2024-06-04", 0), ("2024-06-05", 1), ("2024-06-06", 0)):
        world.at(day)
        told = [to for to, _ in _letters(remind()) if "deputy.saomai" in to]
        assert told == ["deputy.saomai@example.vn, office@example.edu.vn"] * late, day
    assert world.value("SELECT count(*) FROM ops.hold WHERE escalated_at IS NULL AND connection_id <> 'city'") == 0


def test_a_mail_server_gets_what_is_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    class Post:
        def __init__(self, host: str, port: int, timeout: float) -> None:
            assert (host, port) == ("mail.example.vn", 2525)

        def __enter__(self) -> "Post":
            return self

        def __exit__(self, *said: object) -> None:
            pass

        def send_message(self, letter: Any) -> None:
            if "lotus" in letter["To"]:
                raise smtplib.SMTPServerDisconnected("gone")
            sent.append(letter["To"])

    monkeypatch.setattr(smtplib, "SMTP", Post)
    monkeypatch.setenv("EDU_MAIL_SERVER", "mail.example.vn:2525")
    settings.cache_clear()
    with pytest.raises(LetterFailed, match=r"did not take the letter.*EDU_MAIL_SERVER"):
        remind()
    # One letter's failure is its own, and is tried again the next day.
    assert sorted(sent) == ["office@example.edu.vn", "saomai@example.vn"]
    unsent = world.rows("SELECT connection_id FROM ops.hold WHERE reminded_at IS NULL")
    assert [row.connection_id for row in unsent] == ["lotus"]
    assert len(list((settings().data_dir / "letters").glob("*.eml"))) == 3
