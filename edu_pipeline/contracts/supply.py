"""Who tells a field: the kinds of system that map it, or the parent, default or calendar that it follows from.

systems/*.yaml, ENTITIES -> names of suppliers of a field

What does not belong here: whether a site has such a system connected (sources/site.py).
"""

from edu_pipeline.schema import ENTITIES, Entity, Field
from edu_pipeline.sources.resource import Resource
from edu_pipeline.sources.system import systems


def suppliers(entity: Entity, field: Field) -> tuple[str, ...]:
    """Kinds of system whose records fill the field; `calendar` for what is not pulled; empty: nobody does."""
    if not entity.is_pulled:
        return ("calendar",)
    return tuple(
        name
        for name, system in systems().items()
        if any(r.entity == entity.name and tells(entity, field, r) for r in system.records().values())
    )


def tells(entity: Entity, field: Field, resource: Resource) -> bool:
    """Whether records of a resource fill an entity's field, themselves or through a parent that they name."""
    if field.name in resource.fields:
        return True
    # A parent that the record names says what the record leaves out; a missing first day is itself told.
    parents = [r for r in entity.references if r.key in resource.fields]
    return any(field.name in (*r.fields, *r.fills) for r in parents) or (
        field.name == "is_begin_derived" and "begin_date" in resource.fields
    )


def unsupplied() -> tuple[tuple[Entity, Field], ...]:
    """Fields that no kind of system tells."""
    return tuple((e, f) for e in ENTITIES for f in e.fields if not suppliers(e, f))
