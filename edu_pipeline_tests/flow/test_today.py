"""The morning's list says each matter once, by its cause, with who acts, the most urgent first; and no key of a person.

the practice city at its turning points, holds and approvals written as a night would -> rows, the asset's table
"""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import dagster as dg

from edu_pipeline.defs.today import today_asset
from edu_pipeline.flow.today import Urgency, today
from edu_pipeline.report.today import table
from edu_pipeline.sandbox.confirmations import forgetful
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]

UNIT = "79770405"
_HOLD = """INSERT INTO ops.hold (room, connection_id, unit_id, entity, rule, row_count, batch_id, opened_at, asked_on,
    owner)
    VALUES ('landing', 'saomai', :u, :entity, 'empty', :rows, 1, now(), :asked, 'owner@example.edu.vn')"""
_APPROVAL = """INSERT INTO ops.approval (room, connection_id, unit_id, entity, rule, row_count, expires_on, decided_at,
    actor, reason) VALUES ('landing', 'saomai', :u, :entity, 'empty', :rows, :until, now(), 'edu_app', 'a reason')"""


def _of(what: str) -> list[dict[str, Any]]:
    return [row for row in today() if row["what"] == what]


def test_new_quarantine_is_one_line_a_cause_until_the_next_publication(stage: Stage) -> None:
    world = stage("year_end")
    causes = {tuple(row) for row in world.rows("""SELECT connection_id || ' student', unnest(failed_rules), count(*),
        count(DISTINCT claim_unit_id) FROM quarantine.student GROUP BY connection_id, 1, 2""")}  # fmt: skip
    assert len(causes) > 2
    # Fifty more rows with one missing code are still one line.
    world.execute("""UPDATE quarantine.student SET failed_rules = ARRAY['student.sex.unknown_code']""")
    (line,) = _of("quarantine")
    rows, units = world.rows("SELECT count(*), count(DISTINCT claim_unit_id) FROM quarantine.student")[0]
    assert (line["rows"], line["units"], len(line["names"])) == (rows, units, units)
    assert (line["where"], line["owner"], line["urgency"]) == ("saomai student", "the department", "new")
    assert line["says"].startswith("student.sex.unknown_code: The vendor's code has no translation.")
    world.execute("UPDATE quarantine.student SET failed_rules = ARRAY['student.birth_date.unreadable']")
    assert _of("quarantine")[0]["owner"] == "the vendor (saomai)"
    assert _of("quarantine")[0]["contact"] == "practice@example.edu.vn"


def test_what_an_earlier_publication_told_is_not_new(stage: Stage) -> None:
    world = stage("opening")
    assert world.value("SELECT count(*) FROM quarantine.student") > 0
    assert _of("quarantine") == []
    world.execute("UPDATE quarantine.student SET since = now() WHERE source_key = (SELECT min(source_key)"
                  " FROM quarantine.student)")  # fmt: skip
    assert [row["rows"] for row in _of("quarantine")] == [1]


def test_what_ran_and_what_did_not_with_the_reason_and_who_acts(stage: Stage) -> None:
    world = stage("year_end")
    assert {row["where"] for row in _of("ran")} == {"registry", "saomai", "lotus", "portal"}
    assert [row["where"] for row in _of("published")] == ["city"]
    world.execute("""INSERT INTO ops.batch (connection_id, run_id, as_of, mapping, status, started_at, error)
        VALUES ('lotus', 'r', '2024-05-31', 'm', 'failed', now(), 'HTTP 503 from the server')""")
    world.execute("UPDATE ops.batch SET as_of = '2024-05-29' WHERE connection_id = 'portal'")
    world.execute("UPDATE ops.batch SET status = 'admitted' WHERE connection_id = 'registry'")

    def edit(said: dict[str, Any]) -> None:
        for one in said["connections"]:
            if one["id"] == "saomai":
                one["windows"] = [{"kind": "pause", "from": dt.date(2024, 5, 30), "to": dt.date(2024, 6, 3),
                                   "reason": "a move of servers"}]  # fmt: skip

    wire.edit_site(world, edit)
    rows = {row["where"]: row for row in today()}
    assert (rows["lotus"]["what"], rows["lotus"]["says"]) == ("failed", "HTTP 503 from the server")
    assert (rows["lotus"]["owner"], rows["lotus"]["urgency"]) == ("the vendor (lotus)", "now")
    assert rows["portal"]["what"] == "did not run"
    assert rows["portal"]["says"].startswith("no pull since 2024-05-29")
    assert (rows["saomai"]["what"], rows["saomai"]["urgency"]) == ("not asked", "done")
    assert rows["saomai"]["says"] == "paused until 2024-06-03: a move of servers"
    assert (rows["city"]["what"], rows["city"]["rows"]) == ("not published", 1)
    (world.folder / "site" / "approvals.yaml").unlink()
    rows = {row["where"]: row for row in today()}
    assert (rows["lotus"]["what"], rows["lotus"]["urgency"]) == ("not asked", "now")
    assert rows["lotus"]["owner"] == "the department"


def test_holds_stand_with_age_and_owner_and_are_late_after_two_working_days(stage: Stage) -> None:
    world = stage("year_end")
    # Today is Friday, 31 May 2024.
    for entity, asked, rows in (("student", "2024-05-31", 7), ("result", "2024-05-28", 9)):
        world.execute(_HOLD, u=UNIT, entity=entity, rows=rows, asked=asked)
    found = _of("hold")
    assert [(row["rows"], row["urgency"], row["by"]) for row in found] == [
        (9, "late", dt.date(2024, 5, 30)), (7, "now", dt.date(2024, 6, 4))]  # fmt: skip
    assert "3 days old, no answer" in found[0]["says"]
    assert (found[0]["owner"], found[0]["contact"]) == ("the vendor (saomai)", "owner@example.edu.vn")
    assert found[0]["names"] == [UNIT]
    order = [list(Urgency).index(Urgency(row["urgency"])) for row in today()]
    assert order == sorted(order)
    assert today()[0] == found[0]


def test_waivers_and_contests_that_end_within_a_week_are_told_with_who_acts(stage: Stage) -> None:
    world = stage("year_end")
    for kind, until, ended in (("waived", "2024-06-03", None), ("contested", "2024-06-05", None),
                               ("contested", "2024-06-08", None), ("waived", "2024-06-01", "now")):  # fmt: skip
        world.execute("""INSERT INTO quality.exemption (kind, unit_id, rule, expires_on, reason, ended_at)
            VALUES (:kind, :u, 'school_class.name.twice', :until, 'seen', CAST(:ended AS timestamptz))""",
            kind=kind, u=UNIT, until=until, ended=ended)  # fmt: skip
    assert [(row["by"], row["owner"]) for row in _of("waiver ends")] == [(dt.date(2024, 6, 3), "the school")]
    contests = _of("contest ends")
    assert [(row["by"], row["owner"]) for row in contests] == [(dt.date(2024, 6, 5), "the department")]
    assert "quality decide" in contests[0]["says"]


def test_what_ends_within_a_week_is_told_and_what_was_taken_back_is_not(stage: Stage) -> None:
    world = stage("year_end")
    for entity, rows, until in (("student", 7, "2024-06-03"), ("result", 8, "2024-06-10"), ("staff", 9, "2024-06-02"),
                                ("staff", 0, "2024-06-02"), ("campus", 3, "2024-05-30")):  # fmt: skip
        world.execute(_APPROVAL, u=UNIT, entity=entity, rows=rows, until=until)
    assert [(row["rows"], row["by"], row["urgency"]) for row in _of("approval ends")] == [
        (7, dt.date(2024, 6, 3), "soon")]  # fmt: skip
    path = world.folder / "site" / "approvals.yaml"
    path.write_text(path.read_text().replace("valid_until: 2028-06-14", "valid_until: 2024-06-05"))
    ending = {row["where"]: row for row in _of("approval ends")}
    assert (ending["saomai"]["by"], ending["saomai"]["owner"]) == (dt.date(2024, 6, 5), "the department")
    path.write_text(path.read_text().replace("valid_until: 2024-06-05", "valid_until: 2024-05-30"))
    ending = {row["where"]: row for row in _of("approval ends")}
    assert ending["saomai"]["urgency"] == "late"


def test_units_are_late_by_the_calendar_for_close_rollover_and_confirmation(stage: Stage) -> None:
    world = stage("year_end")
    units = world.rows("SELECT unit_id FROM ops.unit_year WHERE school_year = 2023 AND state = 'open' ORDER BY 1")
    assert _of("year close") == []
    world.at("2024-09-06")
    (line,) = _of("year close")
    assert (line["urgency"], line["by"], line["owner"]) == ("late", dt.date(2024, 9, 5), "the department")
    assert line["names"] == [row.unit_id for row in units]
    (line,) = _of("rollover")
    assert (line["urgency"], line["by"]) == ("soon", dt.date(2024, 9, 13))


def test_who_is_rolled_over_is_late_only_with_the_confirmation(stage: Stage) -> None:
    world = stage("applied")
    world.at("2024-11-01")
    assert _of("rollover") == []
    waiting = [row.unit_id for row in world.rows(
        "SELECT unit_id FROM rollover.plan WHERE status = 'applied' AND NOT is_confirmed ORDER BY 1")]  # fmt: skip
    assert waiting
    (line,) = _of("confirmation")
    assert (line["urgency"], line["by"], line["names"]) == ("late", dt.date(2024, 10, 31), waiting)
    assert (line["units"], line["owner"]) == (len(waiting), "the school")


def test_heads_who_have_not_confirmed_are_late_by_their_day(stage: Stage) -> None:
    world = stage("applied")
    assert _of("head's word") == []
    world.at("settled")
    world.sync("saomai")
    (line,) = _of("head's word")
    assert (line["urgency"], line["by"], line["names"]) == (
        "soon", dt.date(2024, 9, 20), sorted(forgetful(world.city)))  # fmt: skip
    assert (line["owner"], line["says"][:47]) == ("the school", "the head has not confirmed the year's first dat")
    world.execute("DELETE FROM ops.confirmation WHERE kind = 'systems' AND unit_id = :u", u=UNIT)
    world.at("2024-09-28")
    late, systems = _of("head's word")
    assert (late["urgency"], systems["urgency"], systems["by"]) == ("late", "late", dt.date(2024, 9, 27))
    assert systems["names"] == [UNIT]


def test_each_line_has_an_owner_and_no_line_has_a_persons_key_or_name(stage: Stage) -> None:
    world = stage("year_end")
    world.execute(_HOLD, u=UNIT, entity="student", rows=3, asked="2024-05-31")
    rows = today()
    assert all(row["owner"] for row in rows)
    assert all((row["owner"] == "nobody") <= (row["urgency"] == "done") for row in rows)
    keys = {row[0] for row in world.rows("SELECT source_key FROM ops.person_state UNION SELECT person_id"
                                         " FROM ops.person_state WHERE person_id IS NOT NULL")}  # fmt: skip
    names = {row[0] for row in world.rows("SELECT full_name FROM master.student")}
    made = dg.materialize([today_asset], instance=dg.DagsterInstance.ephemeral())
    (event,) = made.asset_materializations_for_node("ops__today")
    shown = str(event.metadata["list"].value)
    assert event.metadata["lines"].value == len(rows)
    assert shown == table(rows)
    assert "owner@example.edu.vn" not in shown
    assert "the vendor (saomai)" in shown
    told = shown + json.dumps(rows, default=str, ensure_ascii=False)
    assert not [key for key in keys | names if key in told]
