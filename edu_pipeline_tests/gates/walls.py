"""What the tests of the gates have in common: proof that nothing was written, faults on the wire, forced verdicts.

schema -> Mark; a record as the vendor would serve it -> another; a flow's judge -> one whose word was altered
"""

import dataclasses
import zlib
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import pytest
import yaml
from sqlalchemy import Connection as Database

from edu_pipeline.flow import sync
from edu_pipeline.flow.admit import judge as true_judge
from edu_pipeline.gate.verdict import Verdict
from edu_pipeline.gate.verdict import open_gate as true_open_gate
from edu_pipeline.sandbox import partner
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.calendar import Calendar
from edu_pipeline.sources.site import Connection
from edu_pipeline.validate.resolve import Scope
from edu_pipeline_tests.stages import World

Record = dict[str, Any]
Mark = dict[str, tuple[int, Any, int | None]]
Say = Callable[[Verdict], Verdict]


def fingerprint(world: World, *places: str, is_whole: bool = True) -> Mark:
    """Rows, order-free checksum and newest writer of every table of the places (`schema`, `schema.table`).

    The newest writer tells a row that was written again with the same content. Not `is_whole`: without the change
    sets, which lie beside a table on purpose and are written before any verdict.
    """
    names = [row[0] for row in world.rows("SELECT schemaname || '.' || tablename FROM pg_tables ORDER BY 1")]
    chosen = [name for name in names if name in places or name.split(".")[0] in places]
    if not is_whole:
        chosen = [name for name in chosen if not name.endswith("_change")]
    assert {name.split(".")[0] for name in chosen} == {place.split(".")[0] for place in places}
    query = " UNION ALL ".join(
        f"SELECT '{name}', count(*), sum(hashtextextended(CAST(t AS text), 0)), max(CAST(CAST(xmin AS text) AS bigint))"
        f" FROM {name} t"
        for name in chosen
    )
    return {row[0]: (row[1], row[2], row[3]) for row in world.rows(query)}


def told(world: World) -> list[str]:
    """Names and root ids of the city's people that a verdict, a hold, a batch or a plan tells: there must be none."""
    said = "\n".join(
        str(row[0])
        for row in world.rows("""
        SELECT array_to_string(failed, ',') FROM ops.verdict UNION ALL SELECT rule FROM ops.hold
        UNION ALL SELECT error FROM ops.batch UNION ALL SELECT fault FROM rollover.plan
        UNION ALL SELECT fault FROM rollover.balance""")
    )
    people = [(p.root, p.family, p.given) for p in (*world.city.children, *world.city.staff)]
    secrets = {root for root, _, _ in people} | {f"{family} {given}" for _, family, given in people}
    return sorted(secret for secret in secrets if secret in said)


def school(world: World, kind: str = "TH") -> str:
    """A school of the partner vendor that shows the new year early: TH primary, THPT upper secondary."""
    return next(unit.code for unit in world.city.units if unit.kind == kind and unit.shows_new_year)


def narrow(world: World, connection: str, units: Iterable[str]) -> None:
    """Let a connection of the test's site answer for these units only; without units it leaves the site."""
    path, wanted = world.folder / "site" / "connections.yaml", set(units)
    said = yaml.safe_load(path.read_text())
    for one in said["connections"]:
        if one["id"] == connection:
            one["units"] = [link for link in one["units"] if link["unit"] in wanted]
    said["connections"] = [c for c in said["connections"] if wanted or c["id"] != connection]
    path.write_text(yaml.safe_dump(said, allow_unicode=True))


def serve(monkeypatch: pytest.MonkeyPatch, changed: Callable[[Record], Record]) -> None:
    """Make the partner vendor serve every record as `changed` leaves it."""
    true = partner._record
    monkeypatch.setattr(partner, "_record", lambda *said, **named: changed(true(*said, **named)))


def newer(record: Record, by: int = 10, **data: Any) -> Record:
    """The record in a newer version, with other data."""
    return {**record, "phienban": record["phienban"] + by, "data": {**record["data"], **data}}


def is_student(record: Record) -> bool:
    return record["idbanghi"].startswith("HS-")


def is_place(record: Record) -> bool:
    return record["idbanghi"].startswith("XL-")


def lot(record: Record) -> int:
    """0 to 9, the same for the same record: a tenth of the records draws each number."""
    return zlib.crc32(record["idbanghi"].encode()) % 10


def pulled(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[Connection, Scope]:
    """Pull the partner's connection and stop before anything is admitted."""
    with monkeypatch.context() as held:
        held.setattr(sync, "_admit", lambda *said: None)
        outcome = world.sync("saomai")["saomai"]
    assert outcome.error is None
    connection = sites.load(settings().site_dir).connection("saomai")
    return connection, Scope(outcome.batch_id, connection.id, settings().today())


def calendar() -> Calendar:
    """The site's calendar, as the job of the night has it."""
    return sites.load(settings().site_dir).calendar


def unaltered(verdict: Verdict) -> Verdict:
    """The verdict as it is."""
    return verdict


def failing(verdict: Verdict) -> Verdict:
    """The verdict, failed."""
    return dataclasses.replace(verdict, passed=False, failed=("forced",))


def other_checksum(verdict: Verdict) -> Verdict:
    """A passed verdict on as many other rows."""
    stands = dataclasses.replace(verdict.standing, checksum=verdict.standing.checksum + 1)
    return dataclasses.replace(verdict, passed=True, standing=stands)


def other_count(verdict: Verdict) -> Verdict:
    """A passed verdict on one row more."""
    stands = dataclasses.replace(verdict.standing, row_count=verdict.standing.row_count + 1)
    return dataclasses.replace(verdict, passed=True, standing=stands)


def force(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    flow: ModuleType,
    at: tuple[str, str],
    say: Say,
    *places: str,
    is_whole: bool = True,
) -> list[Mark]:
    """Alter what the flow's judge says at (room, entity); the fingerprints of the places at that moment are kept."""
    marks: list[Mark] = []

    def judge(database: Database, room: str, name: str, *rest: Any) -> Verdict:
        verdict = true_judge(database, room, name, *rest)
        if (room, name) != at:
            return verdict
        assert verdict.passed
        assert verdict.standing.row_count
        marks.append(fingerprint(world, *places, is_whole=is_whole))
        return say(verdict)

    monkeypatch.setattr(flow, "judge", judge)
    return marks


def spy(monkeypatch: pytest.MonkeyPatch, flow: ModuleType) -> dict[tuple[str, str], Verdict]:
    """Collect what the flow's judge says, by (room, entity)."""
    said: dict[tuple[str, str], Verdict] = {}

    def judge(*asked: Any) -> Verdict:
        verdict = true_judge(*asked)
        said[verdict.room, verdict.entity] = verdict
        return verdict

    monkeypatch.setattr(flow, "judge", judge)
    return said


def fail_at_door(monkeypatch: pytest.MonkeyPatch, flow: ModuleType, room: str, entity: str) -> None:
    """Let the flow believe in its passed verdict, and hand the door of (room, entity) a failed one."""

    def open_gate(database: Database, verdict: Verdict, relation: Any, batch_id: int) -> None:
        is_meant = (verdict.room, verdict.entity) == (room, entity)
        true_open_gate(database, failing(verdict) if is_meant else verdict, relation, batch_id)

    monkeypatch.setattr(flow, "open_gate", open_gate)
