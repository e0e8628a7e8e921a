"""Python types of a normalized frame's columns, from the declaration.

Field -> type -> frames of normalize, checked before they are copied

What does not belong here: turning a raw value into one of these types (normalize/clean.py).
"""

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from edu_pipeline.schema import Entity, Kind

if TYPE_CHECKING:
    import pandas as pd

TYPES: dict[Kind, type] = {
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.DECIMAL: Decimal,
    Kind.DATE: dt.date,
    Kind.PARTIAL_DATE: str,
    Kind.BOOLEAN: bool,
}


def frame_types(entity: Entity) -> dict[str, type]:
    """Type of each field's values; every column may also hold None. Columns are of dtype object."""
    return {field.name: TYPES[field.kind] for field in entity.fields}


def mistyped(entity: Entity, frame: "pd.DataFrame") -> list[str]:
    """Names of columns with a value of another type than declared: a cleaner's mistake, not a school's."""
    found = []
    for name, wanted in frame_types(entity).items():
        # bool is an int and datetime a date to Python; to the database they are not.
        if any(type(value) is not wanted for value in frame[name] if value is not None):
            found.append(name)
    return found
