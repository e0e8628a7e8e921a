"""Layer 0: what the data is. Every rendering walks `ENTITIES`, in the order in which parents come before children.

entity modules -> ENTITIES, PULLED, entity()

What does not belong here: how anything is stored, judged or fetched. Standard library only.
"""

from edu_pipeline.schema.belongings import GUARDIAN, STAFF_LANGUAGE, STAFF_TRAINING, STUDENT_PAPER
from edu_pipeline.schema.deployed import DEPLOYED_SYSTEM
from edu_pipeline.schema.field import CodeSet, Entity, Field, Reference
from edu_pipeline.schema.kinds import OFF_BY_DEFAULT, Carry, Due, Kind, Need, Purpose, Scope, Sensitivity
from edu_pipeline.schema.learning import LEARNING
from edu_pipeline.schema.moves import ADMISSION, TRANSFER
from edu_pipeline.schema.persons import IDENTITY, STAFF, STUDENT
from edu_pipeline.schema.places import CAMPUS, SCHOOL_YEAR_ENTITY, TERM, UNIT
from edu_pipeline.schema.results import RESULT, SUBJECT_MARK
from edu_pipeline.schema.study import CLASS_SUBJECT, ENROLLMENT, SCHOOL_CLASS, STUDENT_AWARD, STUDENT_YEAR
from edu_pipeline.schema.work import STAFF_ASSIGNMENT, STAFF_AWARD, STAFF_SUBJECT

ENTITIES: tuple[Entity, ...] = (
    UNIT,
    SCHOOL_YEAR_ENTITY,
    TERM,
    IDENTITY,
    CAMPUS,
    DEPLOYED_SYSTEM,
    STAFF,
    STAFF_TRAINING,
    STAFF_LANGUAGE,
    STUDENT,
    STUDENT_PAPER,
    GUARDIAN,
    SCHOOL_CLASS,
    CLASS_SUBJECT,
    STAFF_ASSIGNMENT,
    STAFF_SUBJECT,
    STAFF_AWARD,
    ENROLLMENT,
    STUDENT_YEAR,
    STUDENT_AWARD,
    RESULT,
    SUBJECT_MARK,
    TRANSFER,
    ADMISSION,
    *LEARNING,
)

PULLED: tuple[Entity, ...] = tuple(entity for entity in ENTITIES if entity.is_pulled)


def entity(name: str) -> Entity:
    """Return the declared entity; KeyError lists the names there are."""
    for candidate in ENTITIES:
        if candidate.name == name:
            return candidate
    raise KeyError(f"no entity {name!r}; there are: {', '.join(e.name for e in ENTITIES)}")


__all__ = ["ENTITIES", "LEARNING", "OFF_BY_DEFAULT", "PULLED", "Carry", "CodeSet", "Due", "Entity", "Field", "Kind",
           "Need", "Purpose", "Reference", "Scope", "Sensitivity", "entity"]  # fmt: skip
