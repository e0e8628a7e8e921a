"""What a person has let through in spite of a rule, how much of it is left, and that it was used.

ops.approval, ops.approval_use -> Allowance by (unit, entity, rule)

What does not belong here: deciding (hold.py). An approval is a number of rows until a day, never a raised threshold.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection as Database
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert as upsert

from edu_pipeline.contracts.memory import APPROVAL_USE

Ask = tuple[str, str, str]  # unit, entity, rule

_STANDING = text("""
SELECT a.approval_id, a.unit_id, a.entity, a.rule, a.expires_on,
       a.row_count - coalesce((SELECT sum(u.row_count) FROM ops.approval_use u
                               WHERE u.approval_id = a.approval_id AND u.batch_id <> :batch), 0) AS remaining
FROM (SELECT DISTINCT ON (unit_id, entity, rule) * FROM ops.approval
      WHERE room = :room AND connection_id = :connection
      ORDER BY unit_id, entity, rule, approval_id DESC) a
WHERE a.expires_on >= :day""")


@dataclass(frozen=True)
class Allowance:
    """An approval that holds today, and how many rows it still lets through."""

    approval_id: int
    remaining: int


class Allowances:
    """The approvals of a connection in a room, and what a batch has taken of them."""

    def __init__(self, database: Database, room: str, connection_id: str, batch_id: int, day: dt.date) -> None:
        binds = {"room": room, "connection": connection_id, "batch": batch_id, "day": day}
        self._batch_id = batch_id
        self._found: dict[Ask, Allowance] = {
            (row.unit_id, row.entity, row.rule): Allowance(row.approval_id, int(row.remaining))
            for row in database.execute(_STANDING, binds)
        }
        self._taken: dict[int, int] = {}

    def take(self, unit_id: str, entity: str, rule: str, count: int) -> bool:
        """Whether all of `count` rows may pass; in part never: nobody has said which part."""
        allowed = self._found.get((unit_id, entity, rule))
        if allowed is None or count > allowed.remaining:
            return False
        self._taken[allowed.approval_id] = count
        return True

    def stands(self, unit_id: str, entity: str, rule: str) -> bool:
        """Whether an approval holds today, however many rows it names: of a rule that is about the whole unit."""
        return (unit_id, entity, rule) in self._found

    def spend(self, database: Database) -> None:
        """Write down what was taken, in the transaction that lets it through."""
        for approval_id, count in self._taken.items():
            row = dict(approval_id=approval_id, batch_id=self._batch_id, row_count=count)
            database.execute(upsert(APPROVAL_USE).values(row).on_conflict_do_nothing())
