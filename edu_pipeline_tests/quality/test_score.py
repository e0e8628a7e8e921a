"""Figures of the practice city after its rollover: equal to another computation, exact in what mending gains, gated.

stage `applied` -> scored -> figures, listing, exemptions, what is frozen

What does not belong here: what a rule finds (test_rules.py).
"""

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest
from sqlalchemy import text

from edu_pipeline.flow import exempt, figures
from edu_pipeline.flow import quality as scoring
from edu_pipeline.flow.admit import judge
from edu_pipeline.flow.exempt import ExemptionRefused
from edu_pipeline.flow.figures import NoFigure
from edu_pipeline.flow.quality import score_city
from edu_pipeline.flow.step import Why
from edu_pipeline.gate.verdict import GateClosed
from edu_pipeline.quality import score
from edu_pipeline.settings import settings
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline_tests.gates import walls
from edu_pipeline_tests.quality.recount import recount
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]
WHY = Why("the office saw the paper", "12/QD")
TODAY = dt.date(2024, 9, 5)

# A rolled-over city for every test.
pytestmark = pytest.mark.slow


@pytest.fixture
def scored(stage: Stage) -> World:
    world = stage("applied")
    assert score_city("quality-run").verdict.passed
    return world


def _frame(world: World, query: str) -> pd.DataFrame:
    with world.app.connect() as connection:
        return pd.read_sql(text(query), connection)


def _figures(world: World) -> dict[tuple[str, str, str, str], float]:
    rows = world.rows("SELECT unit_id, level, kind, name, score FROM quality.score WHERE scored_on = :day", day=TODAY)
    return {tuple(row[:4]): row[4] for row in rows}


def test_another_computation_comes_to_the_same(scored: World) -> None:
    tally, rules = (_frame(scored, f"SELECT * FROM quality.{name}") for name in ("tally", "rule"))
    mine = recount(tally, rules, TODAY)
    offices = {row[0] for row in scored.rows("SELECT unit_id FROM master.unit WHERE unit_kind = 'office'")}
    theirs = {k: v for k, v in _figures(scored).items() if k[0] not in offices | {score.CITY}}
    assert len(theirs) > 200
    assert {k: mine[k] for k in theirs} == pytest.approx(theirs, abs=1e-9)
    # Everything is there but the levels of units that have one only.
    several = {k[0] for k in theirs if k[1] != score.ALL}
    assert {k for k in mine if k[0] not in offices and (k[1] == score.ALL or k[0] in several)} == set(theirs)


def test_the_city_is_its_units_weighed_by_pupils(scored: World) -> None:
    rows = scored.rows("""SELECT s.score, greatest(s.pupil_count, 1)
        FROM quality.score s JOIN master.unit u USING (unit_id)
        WHERE u.unit_kind <> 'office' AND s.kind = 'whole' AND s.level = 'all'""")
    mean = sum(share * pupils for share, pupils in rows) / sum(pupils for _, pupils in rows)
    assert _figures(scored)[(score.CITY, score.ALL, "whole", "")] == pytest.approx(mean)


def _dearest(world: World) -> tuple[str, dict]:
    """A unit and the first line of its list that its own figure pays for."""
    for row in figures.scores():
        if row["unit"] != score.CITY:
            for line in figures.listing(row["unit"]):
                if line["points"] > 0 and not line["rule"].endswith(("stopped", "bare")) and line["state"] == "open":
                    return row["unit"], line
    raise AssertionError("nothing costs anybody anything")


def test_mending_a_record_gains_what_the_list_says(scored: World) -> None:
    unit, line = _dearest(scored)
    before = _figures(scored)[(unit, score.ALL, "whole", "")]
    with scored.app.begin() as connection:
        # As if the record passed: it is asked, and does not fail.
        mended = text("""UPDATE quality.tally_now SET failed_count = failed_count - 1 WHERE unit_id = :unit
            AND rule = :rule AND level = (SELECT level FROM quality.finding WHERE unit_id = :unit AND rule = :rule
            AND record = :record LIMIT 1)""")
        connection.execute(mended, {"unit": unit, "rule": line["rule"], "record": line["record"]})
        connection.execute(text("TRUNCATE quality.score_now"))
        for statement in score.statements():
            connection.execute(text(statement), {"as_of": TODAY})
    query = "SELECT score FROM quality.score_now WHERE unit_id = :unit AND level = 'all' AND kind = 'whole'"
    assert scored.value(query, unit=unit) - before == pytest.approx(line["points"], abs=1e-3)


def test_the_list_begins_with_the_dearest_and_says_how_to_mend_in_both_languages(scored: World) -> None:
    unit, _ = _dearest(scored)
    for is_vietnamese in (False, True):
        lines = figures.listing(unit, is_vietnamese)
        assert [line["points"] for line in lines] == sorted((line["points"] for line in lines), reverse=True)
        assert all(line["mend"] for line in lines)


def test_no_list_or_figure_tells_a_child(scored: World) -> None:
    people = scored.rows("SELECT full_name, personal_number FROM master.student UNION"
                         " SELECT full_name, personal_number FROM master.staff")  # fmt: skip
    units = [row["unit"] for row in figures.scores()]
    said = repr([figures.listing(unit) for unit in units if unit != score.CITY] + [figures.causes(), figures.scores()])
    names = {told for row in people for told in row if told}
    assert [name for name in names if name in said] == []


def test_a_second_scoring_of_the_day_changes_nothing(scored: World) -> None:
    before, since = _figures(scored), scored.rows("SELECT * FROM quality.finding ORDER BY 1, 2, 4, 5, 6")
    score_city("again")
    assert _figures(scored) == before
    assert scored.rows("SELECT * FROM quality.finding ORDER BY 1, 2, 4, 5, 6") == since


def test_a_finding_keeps_its_first_day_and_goes_when_it_is_mended(scored: World) -> None:
    unit, line = _dearest(scored)
    scored.at("2024-09-12")
    score_city("later")
    again = next(one for one in figures.listing(unit) if (one["rule"], one["record"]) == (line["rule"], line["record"]))
    assert (again["since"], again["state"]) == (TODAY, "due")
    scored.execute("DELETE FROM quality.finding WHERE rule = :rule", rule=line["rule"])
    score_city("found anew")
    assert figures.causes(unit)


@pytest.mark.parametrize("kind", ["waived", "contested"])
def test_what_is_exempt_leaves_numerator_and_denominator_until_it_ends(scored: World, kind: str) -> None:
    unit, line = _dearest(scored)
    query = "SELECT sum(asked_count), sum(failed_count) FROM quality.tally WHERE unit_id = :unit AND rule = :rule"
    asked, failed = scored.rows(query, unit=unit, rule=line["rule"])[0]
    until = dt.date(2024, 9, 10) if kind == "waived" else None
    number = exempt.exempt(kind, unit, line["rule"], line["record"], until, WHY)
    score_city("exempt")
    assert tuple(scored.rows(query, unit=unit, rule=line["rule"])[0]) in {(asked - 1, failed - 1), (None, None)}
    found = [one for one in figures.listing(unit) if (one["rule"], one["record"]) == (line["rule"], line["record"])]
    assert {one["state"] for one in found} == {kind}
    exempt.end(number, "withdrawn", WHY)
    score_city("withdrawn")
    assert tuple(scored.rows(query, unit=unit, rule=line["rule"])[0]) == (asked, failed)


def test_an_exemption_runs_out_by_itself(scored: World) -> None:
    unit, line = _dearest(scored)
    exempt.exempt("waived", unit, line["rule"], line["record"], dt.date(2024, 9, 6), WHY)
    scored.at("2024-09-07")
    score_city("run out")
    found = [one for one in figures.listing(unit) if (one["rule"], one["record"]) == (line["rule"], line["record"])]
    assert {one["state"] for one in found} == {"open"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"until": None}, "a waiver has a last day"),
        ({"until": dt.date(2024, 9, 4)}, "is over"),
        ({"why": Why(" ")}, "say why"),
        ({"rule": "student.full_name.pretty"}, "finds nothing"),
        ({"unit": "79000099"}, "finds nothing"),
    ],
)
def test_what_cannot_be_waived_is_refused_with_what_to_do(scored: World, changed: dict, said: str) -> None:
    unit, line = _dearest(scored)
    asked = {"kind": "waived", "unit": unit, "rule": line["rule"], "record_key": None, "until": TODAY, "why": WHY}
    with pytest.raises(ExemptionRefused, match=said):
        exempt.exempt(**asked | changed)


def test_only_a_contest_is_decided_and_what_is_upheld_has_a_last_day(scored: World) -> None:
    unit, line = _dearest(scored)
    waived = exempt.exempt("waived", unit, line["rule"], None, TODAY, WHY)
    with pytest.raises(ExemptionRefused, match="only a contest"):
        exempt.end(waived, "rejected", WHY)
    contested = exempt.exempt("contested", unit, line["rule"], None, None, WHY)
    with pytest.raises(ExemptionRefused, match="--until"):
        exempt.end(contested, "upheld", WHY)
    exempt.end(contested, "upheld", WHY, dt.date(2025, 5, 31))
    assert next(e for e in exempt.exemptions(unit) if e["number"] == contested)["until"] == dt.date(2025, 5, 31)


STANDS = ("quality.rule", "quality.tally", "quality.finding", "quality.score")


def test_figures_that_do_not_hold_are_nobody_s(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    world = stage("applied")
    before, true = walls.fingerprint(world, *STANDS), score.statements
    spoiled = "UPDATE quality.score_now SET score = 101 WHERE unit_id = 'city' AND kind = 'whole'"
    with monkeypatch.context() as broken:
        broken.setattr(score, "statements", lambda: [*true(), spoiled])
        assert score_city("spoiled").verdict.failed == ("score_is_a_percent",)
    assert walls.fingerprint(world, *STANDS) == before
    with pytest.raises(NoFigure, match=r"run `edu-pipeline quality score --run`"):
        figures.scores()
    # The same once there are figures: those that stood stand.
    score_city("good")
    before = walls.fingerprint(world, *STANDS)
    with monkeypatch.context() as broken:
        broken.setattr(score, "statements", lambda: [*true(), spoiled])
        score_city("spoiled again")
    assert walls.fingerprint(world, *STANDS) == before


def test_figures_that_are_changed_after_the_verdict_are_not_let_out(
    scored: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = walls.fingerprint(scored, *STANDS)

    def judged_and_changed(database, *said):
        verdict = judge(database, *said)
        scored.execute("UPDATE quality.score_now SET score = 100 WHERE unit_id = 'city'")
        return verdict

    monkeypatch.setattr(scoring, "judge", judged_and_changed)
    with pytest.raises(GateClosed, match="another checksum"):
        score_city("changed")
    assert walls.fingerprint(scored, *STANDS) == before


def test_a_unit_that_has_ended_has_no_figure(scored: World) -> None:
    ended = scored.value("SELECT min(claim_unit_id) FROM validated.student WHERE is_present")
    assert (ended, score.ALL, "whole", "") in _figures(scored)
    scored.execute("""INSERT INTO ops.unit_event (unit_id, kind, decision, on_date, is_end, detail, recorded_at)
                      VALUES (:unit, 'closed', '1/QD', '2024-09-01', true, '{}', now())""", unit=ended)  # fmt: skip
    score_city("ended")
    assert [key for key in _figures(scored) if key[0] == ended] == []
    assert scored.rows("SELECT rule FROM quality.finding WHERE unit_id = :unit", unit=ended) == []


def test_a_unit_or_day_without_a_figure_is_told(scored: World) -> None:
    with pytest.raises(NoFigure, match="79000099"):
        figures.scores("79000099")
    with pytest.raises(NoFigure, match="the first one is of 2024-09-05"):
        figures.scores(day=dt.date(2024, 9, 1))


def test_weights_of_the_site_count_and_a_rule_that_only_observes_costs_nothing(scored: World) -> None:
    unit, line = _dearest(scored)
    before = _figures(scored)[(unit, score.ALL, "whole", "")]
    path = settings().site_dir / "quality.yaml"
    path.write_text(f"rules:\n  {line['rule']}: {{until: 2024-12-31, reason: new}}\n", encoding="utf-8")
    score_city("observed")
    assert _figures(scored)[(unit, score.ALL, "whole", "")] > before
    found = [one for one in figures.listing(unit) if one["rule"] == line["rule"]]
    assert {(one["points"], one["state"]) for one in found} == {(0, "observed")}
    path.write_text("rules:\n  student.shoe.size: {weight: 2, reason: new}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"no rule 'student\.shoe\.size'"):
        score_city("unknown")


def test_what_is_frozen_stays_and_can_be_computed_again(scored: World) -> None:
    assert exempt.freeze(TODAY) == scored.value("SELECT count(*) FROM quality.official")
    assert scored.value("SELECT count(*) FROM quality.official WHERE head_staff_id IS NOT NULL") > 20
    with pytest.raises(ExemptionRefused, match="frozen already"):
        exempt.freeze(TODAY)
    scored.execute("DELETE FROM quality.finding")
    scored.at("2024-09-20")
    score_city("later")
    tally, rules = (
        _frame(scored, f"SELECT * FROM quality.official_{name} WHERE rated_on = '2024-09-05'")
        for name in ("tally", "rule")
    )
    mine = recount(tally, rules, TODAY)
    query = """SELECT unit_id, level, kind, s.name, score
               FROM quality.official_score s JOIN master.unit u USING (unit_id)
               WHERE rated_on = :day AND u.unit_kind <> 'office'"""
    kept = {tuple(row[:4]): row[4] for row in scored.rows(query, day=TODAY)}
    assert len(kept) > 200
    assert {key: mine[key] for key in kept} == pytest.approx(kept, abs=1e-9)
    with pytest.raises(ExemptionRefused, match="the newest figures are of 2024-09-20"):
        exempt.freeze(TODAY)


def test_the_points_of_the_list_are_what_a_unit_lacks_to_a_hundred(scored: World) -> None:
    whole = {k[0]: v for k, v in _figures(scored).items() if k[1:] == (score.ALL, "whole", "")}
    units = [row[0] for row in scored.rows("SELECT unit_id FROM master.unit WHERE unit_kind <> 'office'")]
    # A stopped record is listed once for each rule that stopped it: only units without one add up line by line.
    stopped = {row[0] for row in scored.rows("SELECT unit_id FROM quality.tally WHERE rule LIKE '%.record.%'"
                                             " AND failed_count > 0")}  # fmt: skip
    compared = sorted(set(units) & set(whole) - stopped)
    assert len(compared) > 5
    for unit in compared:
        lost = sum(row["points"] for row in figures.listing(unit))
        assert 100 - whole[unit] == pytest.approx(lost, abs=0.2), unit


def test_a_contested_stopped_record_stays_stopped_and_costs_nothing(scored: World) -> None:
    key, unit, rules = scored.rows("""SELECT source_key, claim_unit_id, failed_rules FROM quarantine.student
                                      WHERE claim_unit_id IS NOT NULL ORDER BY 1 LIMIT 1""")[0]
    query = "SELECT asked_count, failed_count FROM quality.tally WHERE unit_id = :u AND rule = 'student.record.stopped'"
    asked, failed = scored.rows(query, u=unit)[0]
    for rule in rules:
        exempt.exempt("contested", unit, rule, key, None, WHY)
    score_city("contested")
    assert tuple(scored.rows(query, u=unit)[0]) == (asked - 1, failed - 1)
    assert {line["state"] for line in figures.listing(unit) if line["record"] == key} == {"contested"}
    assert scored.value("SELECT count(*) FROM quarantine.student WHERE source_key = :key", key=key) == 1
