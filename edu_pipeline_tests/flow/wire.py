"""What the tests of the flow have in common: proof that nothing was written, and a vendor that says something else.

schema -> Mark; the partner's records of a reading -> other records; the site -> a smaller one
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from edu_pipeline.landing import client
from edu_pipeline.sandbox import partner
from edu_pipeline.sandbox.story import Child
from edu_pipeline.schema import PULLED
from edu_pipeline_tests.stages import World

Record = dict[str, Any]
Mark = dict[str, tuple[int, Any]]
Told = Callable[[str, str, int, list[Record]], list[Record]]

ROOMS = ("landing.record", "validated", "quarantine", "waiting", "master", "history",
         "ops.person_state", "warehouse")  # fmt: skip

_OPEN = "((connection_id, source_key) IN ({}))".format(
    " UNION ALL ".join(
        f"SELECT connection_id, source_key FROM quarantine.{entity.name} UNION ALL"
        f" SELECT connection_id, source_key FROM waiting.{entity.name} WHERE reason = 'hold'"
        for entity in PULLED
    )
)


def mark(world: World, *places: str) -> Mark:
    """Rows and an order-free checksum of every table of the places (`schema`, `schema.table`), writer included.

    A row that was written again with the same content has another writer (xmin). Change sets are in transit: left out.
    So are records at landing with business left: every sync takes them up again, and says so on their line.
    """
    names = [row[0] for row in world.rows("SELECT schemaname || '.' || tablename FROM pg_tables ORDER BY 1")]
    chosen = [n for n in names if (n in places or n.split(".")[0] in places) and not n.endswith("_change")]
    assert {name.split(".")[0] for name in chosen} == {place.split(".")[0] for place in places}
    query = " UNION ALL ".join(
        f"SELECT '{name}', count(*), sum(hashtextextended(CAST(t AS text) || CAST(t.xmin AS text), 0)) FROM {name} t"
        + (f" WHERE NOT {_OPEN}" if name == "landing.record" else "")
        for name in chosen
    )
    return {row[0]: (row[1], row[2]) for row in world.rows(query)}


def contents(world: World) -> dict[str, tuple[int, Any]]:
    """What validated says of every row that is there, whoever wrote it last and in whichever version."""
    kept = {e.name: ", ".join(["source_key", "claim_unit_id", "ref_key", "faults", *e.source_keys, *e.field_names])
            for e in PULLED}  # fmt: skip
    query = " UNION ALL ".join(
        f"SELECT '{name}', count(*), sum(hashtextextended(CAST(ROW({columns}) AS text), 0))"
        f" FROM validated.{name} WHERE is_present"
        for name, columns in kept.items()
    )
    return {row[0]: (row[1], row[2]) for row in world.rows(query)}


def states(world: World) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """What every person's current state says, by (connection, entity, source key)."""
    rows = world.rows("""SELECT connection_id, entity, source_key, unit_id, person_id, state, reason, owner
        FROM ops.person_state WHERE recorded_to IS NULL""")
    found = {tuple(row)[:3]: tuple(row)[3:] for row in rows}
    assert len(found) == len(rows)
    return found


def edit_site(world: World, change: Callable[[dict[str, Any]], None]) -> Path:
    """Change connections.yaml as a person would."""
    path: Path = world.folder / "site" / "connections.yaml"
    said = yaml.safe_load(path.read_text())
    change(said)
    path.write_text(yaml.safe_dump(said, allow_unicode=True))
    return path


def narrow(world: World, units: Iterable[str], connection: str = "saomai") -> None:
    """Let a connection answer for these units alone. For tests that do not publish: the others lose it."""
    wanted = set(units)

    def change(said: dict[str, Any]) -> None:
        for one in said["connections"]:
            if one["id"] == connection:
                one["units"] = [link for link in one["units"] if link["unit"] in wanted]

    edit_site(world, change)


def schools(world: World, kind: str = "TH", shows_new_year: bool = True) -> list[str]:
    """The partner's schools of a kind, early or late in showing the new year."""
    return [u.code for u in world.city.units
            if u.kind == kind and u.system == "saomai" and u.shows_new_year == shows_new_year]  # fmt: skip


def quiet(world: World, unit: str, position: int = 0) -> Child:
    """A child without a defect who is promoted and stays in the unit, one of several."""
    return [
        child
        for child in world.city.children_of[unit]
        if child.defect is None
        and child.outcome == "promoted"
        and [(place.unit, place.year, place.end) for place in child.places] == [(unit, 2023, None), (unit, 2024, None)]
        and not any(other.twin_root == child.root for other in world.city.children)
    ][position]


def try_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a client try again without waiting in between."""
    monkeypatch.setattr(client, "_RETRY", client._RETRY.new(backoff_factor=0, backoff_jitter=0))


def tell(monkeypatch: pytest.MonkeyPatch, told: Told) -> None:
    """Make the partner serve what `told(resource, unit, year, records)` returns instead of the records."""
    true = partner.Saomai.records

    def records(self: partner.Saomai, resource: str, unit: str, year: int, *rest: Any) -> list[Record]:
        return told(resource, unit, year, true(self, resource, unit, year, *rest))

    monkeypatch.setattr(partner.Saomai, "records", records)


def newer(record: Record, by: int = 10, **data: Any) -> Record:
    """The record in a newer version, with other data."""
    return {**record, "phienban": record["phienban"] + by, "sukien": "UPDATE", "data": {**record["data"], **data}}
