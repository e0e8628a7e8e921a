"""Take back what came of a record whose identity was accepted and is not believed any more: it waits again.

identity.alias (split), validated -> waiting; validated rows leave, so that master lets them go at the next publication

What does not belong here: the decision (flow/identity.py), leaving master (master/merge.py).
"""

from sqlalchemy import TextClause, text

from edu_pipeline.contracts.tables import source_columns
from edu_pipeline.schema import PULLED, Entity, entity


def withdraw(person: str) -> list[TextClause]:
    """Statements that send a person's record, and what hangs on it, back to waiting.

    Binds: connection, key, ref, told (the root id that the record itself tells), now.
    """
    declared = entity(person)
    found = [_wait(declared, "v.source_key = :key", "identity", f"{person}_id"),
             _leave(declared, "v.source_key = :key")]  # fmt: skip
    for child in PULLED:
        for reference in child.references:
            if reference.entity == person and reference.key and reference.required:
                hangs = f"v.{reference.key} = :ref"
                found += [_wait(child, hangs, "parent"), _leave(child, hangs)]
    return found


def _wait(declared: Entity, which: str, reason: str, told: str = "") -> TextClause:
    names = [column.name for column in source_columns(declared)]
    values = ", ".join(":told" if name == told else f"v.{name}" for name in names)
    # What waits already says something newer than what stands: it goes on waiting.
    return text(f"""
    INSERT INTO waiting.{declared.name} ({", ".join(names)}, reason, since)
    SELECT {values}, '{reason}', :now FROM validated.{declared.name} v
    WHERE v.connection_id = :connection AND {which} AND v.is_present AND v.event <> 'CANCEL'
      AND NOT EXISTS (SELECT FROM quarantine.{declared.name} q
                      WHERE (q.connection_id, q.source_key) = (v.connection_id, v.source_key))
    ON CONFLICT (connection_id, source_key) DO NOTHING""")


def _leave(declared: Entity, which: str) -> TextClause:
    return text(f"""
    UPDATE validated.{declared.name} v SET is_present = false
    WHERE v.connection_id = :connection AND {which} AND v.is_present""")
