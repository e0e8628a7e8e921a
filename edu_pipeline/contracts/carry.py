"""What a rollover takes along of an entity: its kept fields and those to be confirmed anew, as columns.

carry policy of the declared fields -> fields -> columns of rollover.*

What does not belong here: what the plan says of a row (year.py): keys, and fields that are derived. Cleared fields are
no columns of a rolled-over row.
"""

from sqlalchemy import Column

from edu_pipeline.contracts.columns import sql_type
from edu_pipeline.schema import Carry, Field, Need, entity

_GOES_ON = frozenset({Carry.KEEP, Carry.RECONFIRM})


def carried(name: str) -> tuple[Field, ...]:
    """Fields of an entity whose value goes on into the new year, in declared order."""
    declared = entity(name)
    return tuple(field for field in declared.fields if field.carry in _GOES_ON and field.name not in declared.key)


def to_reconfirm(name: str) -> tuple[Field, ...]:
    """Those of them that the unit has to confirm there: it is one of them wherever it has a value."""
    return tuple(field for field in carried(name) if field.carry is Carry.RECONFIRM)


def carried_columns(name: str) -> list[Column]:
    """Their columns; a field that no row can be without keeps its default (rollover/carry.py)."""
    return [Column(field.name, sql_type(field), nullable=field.need is not Need.KEY) for field in carried(name)]
