"""How many pupils a source says that a unit has: the sum that its records are held against.

record of a headcount -> ops.headcount

What does not belong here: asking for it (pull.py), comparing it with anything (rollover, report).
"""

from typing import Any

import pandas as pd
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql import insert as upsert

from edu_pipeline.contracts.memory import HEADCOUNT
from edu_pipeline.landing.errors import Malformed
from edu_pipeline.landing.read import Reading
from edu_pipeline.normalize.clean import Words, clean
from edu_pipeline.sources.paths import find
from edu_pipeline.sources.resource import COUNTED, Resource


def head(connection_id: str, batch_id: int, reading: Reading, resource: Resource, record: dict[str, Any]) -> Executable:
    """UPSERT of what one record says; a count that stands already is not written again.

    Raises Malformed for a record without day or number.
    """
    counted_on, count = _counted(connection_id, resource, record, reading.place)
    row = dict(connection_id=connection_id, unit_id=reading.unit_id, term=reading.term,
               school_year=reading.school_year, counted_on=counted_on, student_count=count, basis="declared",
               batch_id=batch_id)  # fmt: skip
    statement = upsert(HEADCOUNT).values(row)
    changed = {name: statement.excluded[name] for name in ("counted_on", "student_count", "basis", "batch_id")}
    return statement.on_conflict_do_update(
        index_elements=[c.name for c in HEADCOUNT.primary_key],
        set_=changed,
        where=HEADCOUNT.c.student_count.is_distinct_from(statement.excluded.student_count)
        | HEADCOUNT.c.counted_on.is_distinct_from(statement.excluded.counted_on),
    )


def _counted(connection_id: str, resource: Resource, record: dict[str, Any], place: str) -> list[Any]:
    cleaned = [
        clean(pd.Series([find(record, mapped.paths[0])], dtype=object), mapped.clean, Words()).values.iloc[0]
        for mapped in (resource.fields[name] for name in COUNTED)
    ]
    if None in cleaned:
        raise Malformed(connection_id, place, "a headcount without day or number", "ask the vendor")
    return cleaned
