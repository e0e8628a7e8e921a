"""Which units owe their head's word on the year's first data: those whose software can tell it, once it is due.

ops.confirmation, ops.confirmation_offer, days of the school years -> CTE `silent`: unit, appendices without a word

What does not belong here: what the word is worth (fields.py). Bind: `as_of` (date).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edu_pipeline.contracts.confirmed import OFFERED, WORD

# From the day on by which an appendix has to be there.
_SILENT = """, dated AS (
    SELECT * FROM (VALUES {days}) d(school_year, opened, due)
), offer AS ({offered}
), word AS ({word}
), silent AS (
    SELECT p.unit_id, array_agg(n) AS appendices
    FROM present p JOIN dated d USING (school_year) JOIN offer USING (unit_id, school_year)
    CROSS JOIN generate_series(1, 3) n
    WHERE d.due <= :as_of AND NOT EXISTS (
        SELECT FROM word w WHERE w.unit_id = p.unit_id AND w.school_year = p.school_year AND w.kind = 'start_of_year'
        AND w.appendix = n AND w.confirmed_at >= d.opened AT TIME ZONE 'Asia/Ho_Chi_Minh')
    GROUP BY p.unit_id
)"""


@dataclass(frozen=True)
class Confirming:
    """What heads confirm: the appendix of each start-of-year field; of each school year when it opens, and from which
    day on the word is owed."""

    appendices: Mapping[str, int] = field(default_factory=dict)
    days: Sequence[tuple[int, dt.date, dt.date]] = ()

    @property
    def silent(self) -> str:
        """The units that owe a word, as CTEs behind NOW."""
        said = ", ".join(f"({year}, DATE '{opened}', DATE '{due}')" for year, opened, due in self.days)
        return _SILENT.format(days=said, offered=OFFERED, word=WORD)


NOBODY = Confirming()
