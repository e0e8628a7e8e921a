"""A stopped record that is waived comes in, and goes back when the waiver is over; one that is rejected stays out.

stage -> a place that ends before it begins -> waived, contested, rejected, mended; sync and publication as every night

What does not belong here: what an exemption takes out of the figures (test_score.py).
"""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.contracts import waiver
from edu_pipeline.contracts.rules import Effect, row_rules
from edu_pipeline.flow import exempt, publish
from edu_pipeline.flow.exempt import ExemptionRefused
from edu_pipeline.flow.step import Why
from edu_pipeline.flow.today import today
from edu_pipeline.schema import PULLED, entity
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]
WHY = Why("the office saw the paper", "12/QD")
# Two or three nights a test.
pytestmark = pytest.mark.slow
RULE = "enrollment.end_date.before_begin"


class Stopped:
    """One record that ends before it begins, and where it is; another of the same kind is told beside it."""

    connection = "saomai"

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.unit = world, wire.schools(world)[0]
        codes = [wire.quiet(world, self.unit, position).codes[self.unit] for position in (0, 1)]
        self.former = [f"XL-{self.unit}-2023-{code}" for code in codes]
        self.key, self.other = (f"{key}-B" for key in self.former)
        self.days = {self.key: "2023-06-01", self.other: "2023-06-02"}
        self.version = 1
        wire.tell(monkeypatch, self._told)

    def _told(self, resource: str, unit: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        return [self._spoiled(one) if one["idbanghi"] in self.former else one for one in records]

    def _spoiled(self, record: wire.Record) -> wire.Record:
        key = f"{record['idbanghi']}-B"
        return wire.newer(record, self.version, ngayra=self.days[key]) | {"idbanghi": key}

    def tell(self, day: str) -> None:
        """From now on its source tells another last day."""
        self.days[self.key], self.version = day, self.version + 1

    def count(self, table: str, where: str = "true") -> int:
        query = f"SELECT count(*) FROM {table} WHERE connection_id = :connection AND source_key = :key AND {where}"
        return int(self.world.value(query, connection=self.connection, key=self.key))

    @property
    def is_stopped(self) -> bool:
        return self.count("quarantine.enrollment") == 1

    @property
    def is_in(self) -> bool:
        return self.count("validated.enrollment", "is_present") == 1

    @property
    def is_merged(self) -> bool:
        return self.count("master.enrollment", "end_date < begin_date") == 1

    def waive(self, until: str) -> int:
        return exempt.exempt("waived", self.unit, RULE, self.key, dt.date.fromisoformat(until), WHY)

    def night(self) -> dict[str, int]:
        """A sync of its system, and a publication; what became of the batch's enrollments."""
        outcome = self.world.sync(self.connection)[self.connection]
        assert outcome.failure is None
        assert publish.publish(uuid.uuid4().hex).closed == {}
        assert outcome.admission is not None
        return outcome.admission.terms["enrollment"]


@pytest.fixture
def stopped(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stopped:
    found = Stopped(stage("year_end"), monkeypatch)
    found.night()
    assert (found.is_stopped, found.is_in, found.is_merged) == (True, False, False)
    return found


def test_a_waived_record_is_admitted_by_the_next_sync_and_told_as_a_finding(stopped: Stopped) -> None:
    stopped.night()
    assert stopped.is_stopped
    stopped.waive("2024-06-30")
    stopped.night()
    assert (stopped.is_stopped, stopped.is_in, stopped.is_merged) == (False, True, True)
    assert stopped.count("validated.enrollment", "faults = ARRAY['end_date:before_begin']") == 1
    # It is judged again every night, and nothing is written as long as nothing changes.
    before = wire.mark(stopped.world, "validated", "quarantine", "master", "history")
    stopped.night()
    assert wire.mark(stopped.world, "validated", "quarantine", "master", "history") == before


def test_a_waiver_that_is_over_sends_the_record_back_and_its_last_good_version_stays(stopped: Stopped) -> None:
    stopped.waive("2024-06-30")
    stopped.night()
    stopped.world.at("2024-06-30")
    stopped.night()
    assert not stopped.is_stopped
    stopped.world.at("2024-07-01")
    stopped.night()
    # As with every record that turns bad.
    assert (stopped.is_stopped, stopped.is_in, stopped.is_merged) == (True, True, True)
    stopped.waive("2024-07-10")
    stopped.night()
    assert (stopped.is_stopped, stopped.is_in) == (False, True)


def test_a_waiver_that_is_withdrawn_is_over_at_once(stopped: Stopped) -> None:
    number = stopped.waive("2024-12-31")
    stopped.night()
    exempt.end(number, "withdrawn", WHY)
    stopped.night()
    assert stopped.is_stopped


def test_a_waiver_lets_one_record_in_and_no_other(stopped: Stopped) -> None:
    stopped.waive("2024-06-30")
    stopped.night()
    stopped.key = stopped.other
    assert (stopped.is_stopped, stopped.is_in) == (True, False)


def test_a_contest_lets_nobody_in_until_it_is_upheld(stopped: Stopped) -> None:
    number = exempt.exempt("contested", stopped.unit, RULE, stopped.key, None, WHY)
    stopped.night()
    assert stopped.is_stopped
    exempt.end(number, "upheld", WHY, dt.date(2024, 12, 31))
    stopped.night()
    assert (stopped.is_stopped, stopped.is_in) == (False, True)


def test_a_mended_record_needs_no_waiver(stopped: Stopped) -> None:
    stopped.waive("2024-06-30")
    stopped.night()
    stopped.tell("2024-05-20")
    stopped.night()
    assert stopped.count("validated.enrollment", "cardinality(faults) = 0") == 1
    stopped.world.at("2024-07-01")
    stopped.night()
    assert (stopped.is_stopped, stopped.is_in, stopped.is_merged) == (False, True, False)


def _listed(stopped: Stopped) -> int:
    """Records of the rule that the morning's list calls new."""
    lines = [row for row in today() if row["what"] == "quarantine" and row["says"].startswith(f"{RULE}:")]
    return sum(row["rows"] for row in lines)


def test_a_rejected_record_is_kept_and_on_nobodys_list_until_it_is_told_otherwise(stopped: Stopped) -> None:
    assert _listed(stopped) == 2
    number = exempt.reject("enrollment", stopped.unit, stopped.key, WHY)
    assert _listed(stopped) == 1
    stopped.night()
    assert stopped.is_stopped
    told = next(one for one in exempt.exemptions(stopped.unit) if one["number"] == number)
    assert (told["kind"], told["until"], told["record"]) == ("rejected", None, stopped.key)
    assert {"quality.rejected"} <= {row[0] for row in stopped.world.rows("SELECT action FROM ops.audit")}
    with pytest.raises(ExemptionRefused, match="rejected already"):
        exempt.reject("enrollment", stopped.unit, stopped.key, WHY)
    query = f"""SELECT count(*) FROM (SELECT 'enrollment' AS entity, claim_unit_id AS unit_id, source_key, batch_id
        FROM quarantine.enrollment WHERE failed_rules = ARRAY[:rule]) q WHERE NOT {waiver.REJECTED}"""
    assert stopped.world.value(query, rule=RULE) == 1
    # Another version is another question.
    stopped.tell("2020-01-01")
    stopped.night()
    assert stopped.world.value(query, rule=RULE) == 2
    stopped.tell("2024-05-20")
    stopped.night()
    assert (stopped.is_stopped, stopped.is_in) == (False, True)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"record_key": None}, "name it with --record"),
        ({"until": None}, "a waiver has a last day"),
        ({"record_key": "XL-none"}, "finds nothing of record XL-none"),
    ],
)
def test_a_waiver_of_a_stopped_record_names_record_and_last_day(stopped: Stopped, changed: dict, said: str) -> None:
    asked: dict[str, Any] = {"kind": "waived", "unit": stopped.unit, "rule": RULE, "record_key": stopped.key,
                             "until": dt.date(2024, 6, 30), "why": WHY}  # fmt: skip
    with pytest.raises(ExemptionRefused, match=said):
        exempt.exempt(**asked | changed)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("enrollment.grade_level.code", "refuses this value"),
        ("enrollment.status.missing", "no row without this value"),
        ("enrollment.begin_date.unreadable", "no row without this value"),
        ("enrollment.begin_date.duplicate", "would overwrite the other"),
    ],
)
def test_what_cannot_stand_in_the_register_is_never_waived(stopped: Stopped, rule: str, why: str) -> None:
    stopped.world.execute("UPDATE quarantine.enrollment SET failed_rules = ARRAY[:rule] WHERE source_key = :key",
                          rule=rule, key=stopped.key)  # fmt: skip
    with pytest.raises(ExemptionRefused, match=why) as refused:
        exempt.exempt("waived", stopped.unit, rule, stopped.key, dt.date(2024, 6, 30), WHY)
    assert "Sửa hồ sơ" in str(refused.value)


def test_who_is_not_stopped_cannot_be_rejected(stopped: Stopped) -> None:
    with pytest.raises(ExemptionRefused, match="no enrollment XL-none of unit"):
        exempt.reject("enrollment", stopped.unit, "XL-none", WHY)
    with pytest.raises(ExemptionRefused, match="say why"):
        exempt.reject("enrollment", stopped.unit, stopped.key, Why(" "))


def test_what_can_be_waived_is_what_no_table_refuses() -> None:
    found = {rule.check for declared in PULLED for rule in waiver.waivable(declared)}
    assert found == {"before_begin", "implausible"}
    assert all(r.effect is Effect.REJECT for declared in PULLED for r in row_rules(declared) if r.is_waivable)
    assert [rule.id for rule in waiver.waivable(entity("enrollment"))] == [RULE]
