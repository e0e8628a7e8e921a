"""Kinds of system: how each is asked, what it tells, and what it cannot tell.

systems/*.yaml of the package and of the site, ENTITIES -> rows

What does not belong here: which systems are connected (connections.py).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from edu_pipeline.contracts.supply import tells
from edu_pipeline.schema import LEARNING, PULLED, Entity, entity
from edu_pipeline.sources.link import MANAGED, OWNED
from edu_pipeline.sources.system import System

Row = dict[str, Any]


def listed(systems: Mapping[str, System], own: Iterable[str]) -> list[Row]:
    """Every kind, one row each: `untold` counts what it cannot tell. `own`: names of those that the site declares."""
    return [
        {"system": name, "label": kind.label, "declared by": "site" if name in own else "package",
         "auth": kind.auth, "paging": kind.paging.kind, "reads": kind.scope,
         "changes alone": "yes" if kind.since else "no",
         "headcount": "yes" if any(r.use == "headcount" for r in kind.resources.values()) else "no",
         "heads confirm": "yes" if kind.confirms else "no",
         "tells": ", ".join(told(kind)), "untold": len(untold(kind))} for name, kind in systems.items()
    ]  # fmt: skip


def told(kind: System) -> dict[str, tuple[str, ...]]:
    """Entities that a kind tells, each with the fields that its records fill, themselves or through a parent."""
    return {
        declared.name: tuple(f.name for f in declared.fields if _fills(kind, declared, f.name))
        for declared in PULLED
        if any(r.entity == declared.name for r in kind.records().values())
    }


def untold(kind: System) -> list[str]:
    """What it cannot tell: entities (a school's system is asked for a school's, a learning system for its own), then
    fields of those that it tells."""
    known, learned = told(kind), [e.name for e in LEARNING]
    if kind.is_of_city:
        asked = [e.name for e in PULLED if e.name not in OWNED]
    else:
        asked = learned if set(learned) & set(known) else list(MANAGED)
    return [name for name in asked if name not in known] + [
        f"{name}.{f.name}" for name, fields in known.items() for f in entity(name).fields if f.name not in fields
    ]


def described(kind: System) -> list[Row]:
    """One kind, entity by entity."""
    known = told(kind)
    lacking = untold(kind)
    rows = [
        {"entity": name, "tells": ", ".join(fields),
         "cannot tell": ", ".join(said.partition(".")[2] for said in lacking if said.startswith(f"{name}."))}
        for name, fields in known.items()
    ]  # fmt: skip
    return rows + [{"entity": name, "tells": "", "cannot tell": "everything"} for name in lacking if "." not in name]


def _fills(kind: System, declared: Entity, field: str) -> bool:
    said = (r for r in kind.records().values() if r.entity == declared.name)
    return any(tells(declared, declared.field(field), resource) for resource in said)
