"""What one look at a reading brought, and whether it can be the whole of it: from the data alone.

pages -> Look: keys, counts, why it cannot be all

What does not belong here: asking for pages (paging.py), writing records (flow). A total may be missing or wrong, a cap
silent, a filter ignored: nothing that a source says of itself is believed without its records.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from edu_pipeline.landing.paging import Page
from edu_pipeline.landing.read import Reading, Received, received
from edu_pipeline.sources.paths import find
from edu_pipeline.sources.resource import Resource
from edu_pipeline.sources.site import Connection
from edu_pipeline.sources.system import System

# Above this share of a page's records that name another unit of the connection, the unit asked for is ignored. Below
# it the records are what they say: a vendor may tell a pupil's former school beside the present one.
STRAY_SHARE = 0.5


@dataclass
class Look:
    """Counts of one look. `is_stray` says of a record that it names another unit than the one asked for; `fresh` counts
    those records that no reading before has brought."""

    is_stray: Callable[[dict[str, Any]], bool]
    declared: int | None = None
    total: int = 0
    page_count: int = 0
    nameless: int = 0
    strays: int = 0
    told_at: str = ""
    fresh: int = 0
    shrunk: str | None = None
    circle: str | None = None
    failed: str | None = None
    keys: set[str] = field(default_factory=set)

    def take(self, page: Page, system: System, at: tuple[str, ...]) -> list[Received]:
        """Count a page and return its records, without those that the source should not have told here."""
        found, unusable = received(page, system, 0, at)
        self.told_at = self.told_at or page.told_at
        if page.declared is not None:
            if self.declared is not None and page.declared < self.declared:
                # What stood behind the row that left has moved up, to a page that was read already.
                self.shrunk = f"declared {self.declared}, then {page.declared}: rows left while reading"
            self.declared = page.declared
        self.total += len(page.records)
        self.page_count += 1
        self.nameless += unusable
        self.keys.update(record.source_key for record in found)
        own = [record for record in found if not self.is_stray(record.content)]
        if len(found) - len(own) > STRAY_SHARE * len(found):
            # Each is told in its own unit's reading; taken here too, it would look gone from one of them.
            self.strays += len(found) - len(own)
            return own
        return found

    @property
    def fault(self) -> str | None:
        """Why what came cannot be the whole of the reading; None where nothing speaks against it."""
        if self.failed or self.circle:
            return self.failed or self.circle
        if self.nameless:
            return f"{self.nameless} records without a usable key"
        if self.strays:
            return f"the unit asked for is ignored: {self.strays} records of other units"
        return self._shift

    @property
    def is_shifted(self) -> bool:
        """Whether a second look may bring what this one missed."""
        return not (self.failed or self.circle) and self._shift is not None

    @property
    def _shift(self) -> str | None:
        if self.declared is not None and len(self.keys) + self.nameless != self.declared:
            return f"declared {self.declared}, received {len(self.keys)} distinct"
        if self.declared is None and len(self.keys) + self.nameless != self.total:
            return f"{self.total - len(self.keys)} records came twice: rows shifted while reading"
        return self.shrunk


def strays_of(connection: Connection, resource: Resource, reading: Reading) -> Callable[[dict[str, Any]], bool]:
    """Whether a record names another unit that the connection answers for than the one that is read."""
    claim = resource.claim
    if claim is None or not reading.unit_id:
        return lambda content: False
    others = {link.key or link.unit for link in connection.units if link.unit != reading.unit_id}
    path = claim.paths[0]
    return lambda content: find(content, path) in others
