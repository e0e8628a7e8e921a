"""Records that a system no longer shows while others of its records still name them: not gone, but not seen any more.

landing.record_change, validated -> removals by unit -> disposition keep

What does not belong here: how much may be gone (volume.py). A token sees what its role may see and says nothing of the
rest: an account that courses still name is there.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Update, and_, exists, func, select, update

from edu_pipeline.contracts.memory import RECORD_CHANGE
from edu_pipeline.contracts.tables import VALIDATED
from edu_pipeline.schema import Entity

NAMED = "still_named"


@dataclass(frozen=True)
class Witness:
    """Which removals are doubted: those of `parent`, told by `resource`, that `child`, told by `by`, still names."""

    batch_id: int
    resource: str
    parent: Entity
    by: str
    child: Entity

    def named(self) -> Select:
        """Query of (unit_id, rows)."""
        said = RECORD_CHANGE.c
        query = select(said.unit_id, func.count().label("rows")).where(self._is_doubted)
        return query.group_by(said.unit_id).order_by(said.unit_id)

    def keep(self, units: Collection[str]) -> Update:
        """UPDATE that turns them into kept ones, in units."""
        said = RECORD_CHANGE.c
        return update(RECORD_CHANGE).where(self._is_doubted, said.unit_id.in_(units)).values(disposition="keep")

    @property
    def _is_doubted(self) -> ColumnElement[bool]:
        said, gone = RECORD_CHANGE.c, RECORD_CHANGE.alias("gone").c
        known, other = VALIDATED[self.parent.name].c, VALIDATED[self.child.name].c
        (key,) = (one.key for one in self.child.references if one.entity == self.parent.name)
        assert key is not None
        # What is missing itself names nobody.
        is_missing = exists().where(
            gone.batch_id == self.batch_id,
            gone.resource == self.by,
            gone.source_key == other.source_key,
            gone.disposition.in_(("remove", "keep")),
        )
        is_named = exists().where(
            known.connection_id == said.connection_id,
            known.source_key == said.source_key,
            other.connection_id == known.connection_id,
            other[key] == known.ref_key,
            other.is_present,
            other.event != "CANCEL",
            ~is_missing,
        )
        mine = (said.batch_id == self.batch_id, said.resource == self.resource, said.disposition == "remove")
        return and_(*mine, is_named)
