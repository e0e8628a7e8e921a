"""Every explanation is audited, answers for everybody who is in no class, and never says a name or a birth date.

the practice city at its turning points -> headings, stories, ops.audit
"""

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from edu_pipeline.contracts.words import Word
from edu_pipeline.flow import explain as explaining
from edu_pipeline.flow import person
from edu_pipeline.flow.calendar import unit_levels
from edu_pipeline.flow.explain import NotAudited, explain
from edu_pipeline.flow.night import next_night
from edu_pipeline.flow.present import Asked
from edu_pipeline.report import phrases, reasons
from edu_pipeline.report.page import page
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]

NOT_PLACED = """SELECT entity, connection_id, source_key, unit_id, person_id, state, reason, owner, recorded_from,
    recorded_to FROM ops.person_state WHERE recorded_to IS NULL AND state <> 'enrolled' ORDER BY entity, source_key"""
_CAUSES = """SELECT DISTINCT ON (entity, state, reason) entity, source_key, state, reason FROM ops.person_state
    WHERE recorded_to IS NULL ORDER BY entity, state, reason, source_key"""


def _asked(is_vi: bool = False) -> Asked:
    with engine().connect() as database:
        return Asked("", sites.load(settings().site_dir), settings(), None, is_vi, unit_levels(database))


def _secrets(world: World) -> set[str]:
    """Names and birth dates of everybody in master, as they stand there and as people write a date."""
    rows = world.rows("SELECT full_name, birth_date FROM master.student UNION ALL"
                      " SELECT full_name, birth_date FROM master.staff")  # fmt: skip
    assert len(rows) > 5000
    births = {row.birth_date for row in rows if row.birth_date and len(row.birth_date) == 10}
    # A post may have begun on the day on which some child was born.
    births -= {str(row[0]) for row in world.rows("""SELECT begin_date FROM master.staff_assignment
        UNION SELECT end_date FROM master.staff_assignment UNION SELECT begin_date FROM master.enrollment
        UNION SELECT end_date FROM master.enrollment""")}  # fmt: skip
    assert len(births) > 500
    return {row.full_name for row in rows} | births | {"/".join(reversed(b.split("-"))) for b in births}


def _leaked(told: str, secrets: set[str]) -> set[str]:
    """Names and dates of a text that are secrets: every run of up to six words, and whatever looks like a date."""
    words = re.findall(r"\w+", told)
    runs = {" ".join(words[at : at + length]) for length in range(1, 7) for at in range(len(words))}
    return secrets & (runs | set(re.findall(r"\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4}", told)))


@pytest.mark.parametrize("at", ["year_end", "opening", "applied"])
def test_whoever_is_in_no_class_has_a_state_a_reason_an_actor_a_day_and_a_next_look(stage: Stage, at: str) -> None:
    world = stage(at)
    rows, asked, asked_vi = world.rows(NOT_PLACED), _asked(), _asked(is_vi=True)
    assert len(rows) == world.value("SELECT count(*) FROM ops.person_state WHERE recorded_to IS NULL"
                                    " AND state <> 'enrolled'")  # fmt: skip
    assert rows
    for row in rows:
        (said,) = person.present(asked, [row], [], [])
        assert said["state"] == row.state
        assert said["reason"]
        assert said["who"]
        assert said["next_look"] > settings().now()
        acts = row.owner != "nobody"
        assert said["acts"] is acts
        assert bool(said["remedy"]) is acts
        assert (said["by"] is not None) is acts
        assert (row.owner == "unit") == (f"the school ({row.unit_id})" in said["who"])
        (said_vi,) = person.present(asked_vi, [row], [], [])
        assert said_vi["state_said"] == reasons.STATES[row.state].vi
        # A rule keeps its id in every language.
        assert said_vi["reason"] != said["reason"] or row.state == "quarantined"
        assert bool(said_vi["remedy"]) is acts


@pytest.mark.slow
def test_the_whole_story_answers_for_everybody_who_is_in_no_class(stage: Stage) -> None:
    """Each row of all, its whole story: many, so without an entry of the audit and a look at the site for each."""
    world = stage("applied")
    rows, asked, everything = world.rows(NOT_PLACED), _asked(), []
    with engine().connect() as database:
        for row in rows:
            found = person.told(database, replace(asked, key=row.source_key), row.entity)
            assert found is not None
            assert [one for one in found.now if one["state"] == row.state
                    and one["where"].endswith(f"{row.connection_id}:{row.source_key}")]  # fmt: skip
            assert [line for line in found.story if line["what"] == "state" and line["until"] is None]
            everything += [json.dumps([found.now, found.story], default=str, ensure_ascii=False)]
    assert not _leaked("\n".join(everything), _secrets(world))


@pytest.mark.parametrize("at", ["year_end", "opening", "applied"])
def test_no_explanation_says_a_name_or_a_birth_date(stage: Stage, at: str) -> None:
    world = stage(at)
    secrets, said = _secrets(world), []
    causes = [(row.entity, row.source_key) for row in world.rows(_CAUSES)]
    units = [("unit", row.unit_id) for row in world.rows("SELECT unit_id FROM ops.unit_year GROUP BY unit_id")]
    sample = world.rows("""SELECT unit_id, school_year, class_code FROM master.school_class
        ORDER BY md5(class_code || unit_id) LIMIT 20""")
    classes = [("class", f"{row.unit_id}:{row.school_year}:{row.class_code}") for row in sample]
    for kind, key in (*causes, *units, *classes):
        for is_vi in (False, True):
            found = explain(kind, key, is_vi=is_vi)
            said.append(page(found, is_vi) + json.dumps(found, default=str, ensure_ascii=False))
    told = "\n".join(said)
    assert len(said) == 2 * (len(causes) + len(units) + len(classes))
    assert not _leaked(told, secrets)
    # The test can fail: a name or a birth date that is put into a story is found.
    child = world.rows("SELECT full_name, birth_date FROM master.student WHERE birth_date = ANY(:b) LIMIT 1",
                       b=sorted(secrets))[0]  # fmt: skip
    assert _leaked(f"{told}, {child.full_name}: {child.birth_date}.", secrets) == set(child)
    assert not re.search(r"[{}]\w*[{}]?(?=, |$)|None", "\n".join(page(explain(*one)) for one in causes))


def test_every_claim_stands_with_connection_room_and_record_key(stage: Stage) -> None:
    world = stage("applied")
    row = world.rows("""SELECT e.student_id, e.source_key, s.source_key AS own, i.source_key AS root
        FROM master.enrollment e JOIN validated.student s USING (student_id)
        JOIN validated.identity i ON i.identity_id = e.student_id
        WHERE e.connection_id = 'saomai' AND s.connection_id = 'saomai' ORDER BY 1, 2 LIMIT 1""")[0]
    claims = [line for line in explain("student", row.student_id)["story"] if line["what"] == "claim"]
    told = {(line["where"].rsplit(", ", 1)[-1], key) for line in claims
            for key in re.findall(r"record (.+) is admitted", line["says"])[0].split(", ")}  # fmt: skip
    assert {("saomai", row.source_key), ("saomai", row.own), ("registry", row.root)} <= told
    waits = world.rows("SELECT connection_id, source_key FROM waiting.student ORDER BY 2 LIMIT 1")[0]
    story = explain("student", waits.source_key)["story"]
    assert any(line["what"] == "waiting" and waits.source_key in line["says"] and "identity" in line["says"]
               for line in story)  # fmt: skip


def test_each_reading_is_in_the_audit_and_sealed_and_a_mistyped_key_is_not(stage: Stage) -> None:
    world = stage("year_end")
    key = world.value("SELECT source_key FROM ops.person_state WHERE state = 'quarantined' LIMIT 1")
    explain("student", key)
    explain("unit", "79770405")
    with pytest.raises(KeyError, match="nobody was ever reported as"):
        explain("staff", "Nguyễn Thị Ai Đó")
    entries = world.rows("SELECT action, detail, actor FROM ops.audit WHERE action LIKE 'explain.%' ORDER BY audit_id")
    assert [(row.action, row.detail) for row in entries] == [
        ("explain.student", {"key": key, "as_of": None, "known": True}),
        ("explain.unit", {"key": "79770405", "as_of": None, "known": True}),
        ("explain.staff", {"key": None, "as_of": None, "known": False}),
    ]
    assert {row.actor for row in entries} == {"edu_app"}
    sealed = world.value("SELECT count(*) FROM ops.audit_seal s JOIN ops.audit a USING (audit_id)"
                         " WHERE a.action LIKE 'explain.%'")  # fmt: skip
    assert sealed == 3


def test_a_role_that_may_not_write_the_audit_is_told_nothing(stage: Stage) -> None:
    world = stage("year_end")
    key = world.value("SELECT source_key FROM ops.person_state WHERE state = 'quarantined' LIMIT 1")
    with engine("edu_owner").begin() as database:
        database.execute(text("REVOKE INSERT ON ops.audit FROM edu_app"))
    for kind, one in (("student", key), ("unit", "79770405"), ("student", "nobody")):
        with pytest.raises(NotAudited, match=r"ops\.audit\): nothing is told"):
            explain(kind, one)
    assert world.value("SELECT count(*) FROM ops.audit WHERE action LIKE 'explain%'") == 0


def test_an_unknown_key_says_what_to_try_and_a_day_too_early_says_since_when(stage: Stage) -> None:
    world = stage("year_end")
    for kind in explaining.KINDS:
        with pytest.raises(KeyError, match=r"was ever reported as nothing-of-that-name: give "):
            explain(kind, "nothing-of-that-name")
    key = world.value("SELECT source_key FROM ops.person_state WHERE state = 'quarantined' ORDER BY 1 LIMIT 1")
    with pytest.raises(KeyError, match="nothing was known on 2020-01-01: the first load was on "):
        explain("student", key, dt.date(2020, 1, 1))
    world.execute("UPDATE ops.person_state SET recorded_from = '2019-12-01' WHERE source_key <> :k", k=key)
    with pytest.raises(KeyError, match=f"{key} was not reported yet on 2020-01-01: first on "):
        explain("student", key, dt.date(2020, 1, 1))
    # Neither is the past told by what the register holds of somebody today.
    other = world.value(
        "SELECT source_key FROM ops.person_state WHERE state = 'enrolled' AND entity = 'student' LIMIT 1"
    )
    then = explain("student", other, dt.date(2020, 1, 1))
    assert then["as_of"] == dt.date(2020, 1, 1)
    assert {line["what"] for line in then["story"]} == {"state"}


def test_a_hold_stops_a_unit_and_is_owed_an_answer_by_its_second_working_day(stage: Stage) -> None:
    world = stage("year_end")
    unit = "79770405"
    world.execute("""INSERT INTO ops.hold (room, connection_id, unit_id, entity, rule, row_count, batch_id, opened_at,
        asked_on, owner) VALUES ('validated', 'saomai', :u, 'student', 'mass_change', 40, 1, now(), '2024-05-31',
        'owner@example.edu.vn')""", u=unit)  # fmt: skip
    found = explain("unit", unit)
    (first,) = (one for one in found["now"] if one["state"] == "held")
    # Friday, then Monday and Tuesday.
    assert (first["state"], first["by"], first["days_left"]) == ("held", dt.date(2024, 6, 4), 4)
    assert first["who"] == "owner@example.edu.vn"
    assert "hold approve" in first["remedy"]
    assert found["facts"]["holds"] == 1
    key = world.value(
        "SELECT source_key FROM ops.person_state WHERE unit_id = :u AND entity = 'student' LIMIT 1", u=unit
    )
    (hold,) = [line for line in explain("student", key)["story"] if line["what"] == "hold"]
    assert hold["says"].startswith("hold 1: 40 rows of student, rule mass_change")


def test_a_class_tells_grade_teacher_size_what_it_is_named_after_and_whom_it_waits_for(stage: Stage) -> None:
    world = stage("applied")
    named = world.rows("""SELECT l.unit_id, l.to_class, l.from_class, l.is_proposed FROM rollover.plan_line l
        JOIN rollover.plan p USING (plan_id)
        WHERE l.kind = 'class' AND p.status = 'applied' AND l.from_class IS NOT NULL
        AND l.is_proposed AND NOT EXISTS (SELECT FROM master.school_class m WHERE m.unit_id = l.unit_id
            AND m.school_year = 2024 AND m.class_code = l.to_class) ORDER BY 1, 2 LIMIT 1""")[0]
    found = explain("class", f"{named.unit_id}:2024:{named.to_class}")
    size = world.value("""SELECT count(*) FROM rollover.enrollment e WHERE unit_id = :u AND school_year = 2024
        AND class_code = :c AND NOT EXISTS (SELECT FROM master.enrollment m
        WHERE (m.unit_id, m.school_year, m.student_id) = (e.unit_id, e.school_year, e.student_id))""",
        u=named.unit_id, c=named.to_class)  # fmt: skip
    assert (found["facts"]["named_after"], found["facts"]["size"]) == (named.from_class, size)
    assert found["now"][0]["state"] == "proposed"
    assert found["now"][0]["by"] == dt.date(2024, 10, 31)
    assert any(line["what"] == "rollover class" and f"named after {named.from_class}" in line["says"]
               for line in found["story"])  # fmt: skip
    waits = world.rows("""SELECT w.source_key, c.unit_id, c.school_year, c.class_code, c.grade_level,
               c.homeroom_staff_id FROM waiting.enrollment w
        JOIN validated.school_class c ON (c.connection_id, c.ref_key) = (w.connection_id, w.class_key)
        WHERE w.reason = 'parent' ORDER BY 1 LIMIT 1""")[0]
    found = explain("class", f"{waits.unit_id}:{waits.school_year}:{waits.class_code}")
    assert (found["facts"]["grade"], found["facts"]["teacher"]) == (waits.grade_level, waits.homeroom_staff_id)
    assert found["facts"]["waits_for"] >= 1
    assert any(waits.source_key in line["says"] for line in found["story"] if line["what"] == "waiting")
    source = world.value("SELECT source_key FROM validated.school_class WHERE unit_id = :u AND class_code = :c"
                         " AND school_year = :y", u=waits.unit_id, c=waits.class_code, y=waits.school_year)  # fmt: skip
    assert explain("class", source)["facts"] == found["facts"]


def test_a_unit_tells_years_readings_states_and_plan(stage: Stage) -> None:
    world = stage("applied")
    unit = "79760513"
    found = explain("unit", unit)
    assert found["facts"]["years"] == "2023 closing, 2024 open"
    assert found["facts"]["last_read"] == "saomai 2024-09-05 (0)"
    counted = {
        tuple(row)
        for row in world.rows(
            """SELECT entity, state, count(*) FROM ops.person_state
        WHERE recorded_to IS NULL AND unit_id = :u GROUP BY 1, 2""",
            u=unit,
        )
    }
    told: dict[tuple[str, str], int] = {}
    for line in found["story"]:
        if line["what"] == "states":
            number, entity, state = re.match(r"(\d+) (\w+): (\w+)", line["says"]).groups()  # type: ignore[union-attr]
            told[entity, state] = told.get((entity, state), 0) + int(number)
    assert {(*key, number) for key, number in told.items()} == counted
    assert [line for line in found["story"] if line["what"] == "plan" and "applied, approved" in line["says"]]
    world.at("2024-09-10")
    assert explain("unit", unit)["facts"]["last_read"] == "saomai 2024-09-05 (5)"


def test_who_is_paused_or_not_approved_is_looked_at_by_the_night_and_asked_later(stage: Stage) -> None:
    world = stage("year_end")
    row = world.rows("""SELECT source_key FROM ops.person_state WHERE state = 'quarantined' AND connection_id = 'saomai'
        AND entity = 'student' ORDER BY 1 LIMIT 1""")[0]

    def pause(said: dict[str, Any]) -> None:
        for one in said["connections"]:
            if one["id"] == "saomai":
                one["windows"] = [{"kind": "pause", "from": dt.date(2024, 5, 30), "to": dt.date(2024, 6, 3),
                                   "reason": "a move of servers"}]  # fmt: skip

    wire.edit_site(world, pause)
    (now,) = explain("student", row.source_key)["now"]
    assert now["next_look"] == dt.datetime(2024, 6, 4, 1, 0)
    assert now["look_note"] == "saomai is asked again from 2024-06-04 on"
    (world.folder / "site" / "approvals.yaml").unlink()
    (now,) = explain("student", row.source_key)["now"]
    assert now["next_look"] == next_night(settings().now())
    assert now["look_note"] == "saomai is not asked as things stand"


def test_each_kind_of_line_has_words_in_both_languages_and_lacks_no_part() -> None:
    assert set(phrases.LINES) | {"state"} == set(phrases.WHAT_VI)
    for where, says in phrases.LINES.values():
        for word in (where, says):
            assert set(re.findall(r"{(\w+)", word.en)) == set(re.findall(r"{(\w+)", word.vi))
    template = Word("{a}[ đến {b}]", "{a}[ to {b}]")
    assert phrases.render(template, {"a": 1, "b": None}, False) == "1"
    assert phrases.render(template, {"a": 1, "b": 2}, True) == "1 đến 2"


def test_every_reason_of_the_city_s_plans_is_told_in_vietnamese(stage: Stage) -> None:
    world = stage("applied")
    english = {
        row.reason for row in world.rows("SELECT DISTINCT reason FROM rollover.plan_line WHERE reason IS NOT NULL")
    }
    assert len(english) > 10
    assert {said for said in english if reasons.reason(said) == said} == set()
