"""Records as they are told while contradictions stand: from a day of September 2024 to one of October, then mended.

records of one reading as they should be, planted contradictions -> records as a system tells them on a day

What does not belong here: HTTP and paging (hoaphuong.py, registry.py, portal.py). A record that is told otherwise is a
new version of it, and so is the mended one; of the portal nobody tells versions.
"""

import copy
import datetime as dt
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from edu_pipeline.sandbox.contradictions.kind import DROP, EDIT, MENDED, TOLD, Act, Victim
from edu_pipeline.sandbox.papers import Record, label, uid

if TYPE_CHECKING:
    from edu_pipeline.sandbox.city import City

Read = Callable[[str], list[Record]]
# Of what is not the school's own: the path by which a record calls the person or the unit.
_CALLED = {"identities": "data.madinhdanh", "units": "data.madonvi", "transfers": "student_id",
           "admissions": "student_id"}  # fmt: skip


def by_resource(city: "City") -> dict[str, list[tuple[Act, Victim]]]:
    """What is planted, by the resource that tells it."""
    found: dict[str, list[tuple[Act, Victim]]] = {}
    for planted in city.planted:
        for act in planted.acts:
            found.setdefault(act.resource, []).append((act, planted.victim))
    return found


def tell(city: "City", resource: str, on: dt.date, records: list[Record], unit: str = "",
         read: Read | None = None) -> list[Record]:  # fmt: skip
    """The records of a unit, or of the registry or portal (`unit` empty), on a day. `read`: those of another unit."""
    if on < TOLD:
        return records
    origin = records
    for act, victim in city.contradicted.get(resource, ()):
        here = act.into(victim) if act.into else act.whom(victim)[0]
        if unit and here != unit:
            continue
        if act.verb == EDIT:
            records = [_version(_changed(r, act, victim, on), on) if _is_its(r, act, victim) else r for r in records]
        elif on >= MENDED:
            continue
        elif act.verb == DROP:
            records = [record for record in records if not _is_its(record, act, victim)]
        else:
            source = read(victim.unit.code) if act.into and read else origin
            records = [*records, *_added(source, act, victim, on)]
    return records


def _is_its(record: Record, act: Act, victim: Victim) -> bool:
    if act.resource in _CALLED:
        is_its = _at(record, _CALLED[act.resource]) == victim.who
        return is_its and record.get("unit_id", victim.unit.code) == victim.unit.code
    unit, key, codes = act.whom(victim)
    is_its = record["maTruong"] == unit and record.get(key) in codes and not record.get("deletedAt")
    is_year = act.year is None or record.get("namHoc") == label(act.year)
    return is_its and is_year and all(record[name] == said for name, said in act.where.items())


def _at(record: Record, path: str) -> object:
    for step in path.split("."):
        record = record[step]
    return record


def _changed(record: Record, act: Act, victim: Victim, on: dt.date) -> Record:
    if on >= MENDED:
        return record
    made = copy.deepcopy(record)
    for path, value in act.values.items():
        *groups, name = path.split(".")
        group = made
        for step in groups:
            group = group[step]
        group[name] = value(victim) if callable(value) else value
    return made


def _version(record: Record, on: dt.date) -> Record:
    """A version more since it is told so, and another one since it is mended."""
    turns, day = (1, TOLD) if on < MENDED else (2, MENDED)
    if "rev" in record:
        return record | {"rev": record["rev"] + turns, "updatedAt": max(record["updatedAt"], f"{day}T01:00:00.000Z")}
    if "phienban" in record:
        changed = max(record["thoigiancapnhat"], f"{day}T08:00:00")
        return record | {"sukien": "UPDATE", "phienban": record["phienban"] + turns, "thoigiancapnhat": changed}
    return record


def _added(source: list[Record], act: Act, victim: Victim, on: dt.date) -> Iterator[Record]:
    if act.resource in _CALLED:
        yield _changed({}, act, victim, on)
        return
    like = next((record for record in source if _is_its(record, act, victim)), None)
    if like is None:
        return  # nothing of that year is read
    made = _changed(like, act, victim, on)
    yield made | {"uuid": uid(f"{like['uuid']} again"), "rev": 1, "updatedAt": f"{TOLD}T01:00:00.000Z"}
