"""Layer 0: what the data is. Every rendering walks `ENTITIES`, in the order in which parents come before children.

entity modules -> ENTITIES, PULLED, entity()

What does not belong here: how anything is stored, judged or fetched. Standard library only.
"""

from edu_pipeline.schema.field import Carry, CodeSet, Entity, Field, Kind, Need, Reference, Scope, Sensitivity
from edu_pipeline.schema.persons import IDENTITY, STAFF, STUDENT
from edu_pipeline.schema.places import SCHOOL_YEAR_ENTITY, TERM, UNIT
from edu_pipeline.schema.study import ENROLLMENT, RESULT, SCHOOL_CLASS, STAFF_ASSIGNMENT

ENTITIES: tuple[Entity, ...] = (
    UNIT,
    SCHOOL_YEAR_ENTITY,
    TERM,
    IDENTITY,
    STAFF,
    STUDENT,
    SCHOOL_CLASS,
    STAFF_ASSIGNMENT,
    ENROLLMENT,
    RESULT,
)

PULLED: tuple[Entity, ...] = tuple(entity for entity in ENTITIES if entity.is_pulled)


def entity(name: str) -> Entity:
    """Return the declared entity; KeyError lists the names there are."""
    for candidate in ENTITIES:
        if candidate.name == name:
            return candidate
    raise KeyError(f"no entity {name!r}; there are: {', '.join(e.name for e in ENTITIES)}")


__all__ = ["ENTITIES", "PULLED", "Carry", "CodeSet", "Entity", "Field", "Kind", "Need", "Reference", "Scope",
           "Sensitivity", "entity"]  # fmt: skip
