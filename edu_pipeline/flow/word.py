"""What a head of unit has said in the school's software: each record as a word, or why it is none.

records of a reading -> Word, Word, ...; rule -> units of which a record was not taken

What does not belong here: asking for it (pull.py), who is head, what is kept (heads.py).
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from edu_pipeline.contracts.words import UNHEARD
from edu_pipeline.landing.paging import Page
from edu_pipeline.landing.read import Reading, received
from edu_pipeline.normalize.clean import Words, clean
from edu_pipeline.sources.paths import find
from edu_pipeline.sources.resource import CONFIRMED, Resource
from edu_pipeline.sources.site import Connection

# Units that a note names; the others are counted.
_NAMED = 5
APPENDICES = (1, 2, 3)

Refused = Mapping[str, Counter[str]]


@dataclass(frozen=True)
class Word:
    """What a head confirms of a unit's year: a plan by its hash, an appendix of its first data, its systems."""

    unit_id: str
    school_year: int
    kind: str
    confirmed_at: dt.datetime
    head_staff_id: str
    appendix: int = 0
    plan_hash: str = ""
    is_taken_back: bool = False


@dataclass
class Heard:
    """What a connection's heads have said tonight, and which units' systems cannot tell it."""

    words: list[Word] = field(default_factory=list)
    refused: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    # (unit, school year) -> whether it was answered.
    offers: dict[tuple[str, int], bool] = field(default_factory=dict)
    # Nobody was asked after the first ones, none of whom the system could answer for.
    is_given_up: bool = False

    def take(self, connection: Connection, resource: Resource, reading: Reading, pages: Sequence[Page]) -> None:
        """Take what a reading brought."""
        self.offers[reading.unit_id, reading.school_year] = True
        for page in pages:
            found, nameless = received(page, connection.kind, 0, connection.kind.key(resource))
            self._refuse("confirmation.record.nameless", reading, nameless)
            columns = _read(resource, connection, reading, [one.content for one in found])
            for place, one in enumerate(found):
                said = {name: values.iloc[place] for name, values in columns.items()}
                made = _word(connection, resource, reading, one.content, said)
                if isinstance(made, str):
                    # Taken back is what never stood: nobody is to mend it.
                    self._refuse(made, reading, one.event != "CANCEL")
                else:
                    self.words.append(Word(**{**vars(made), "is_taken_back": one.event == "CANCEL"}))

    def _refuse(self, rule: str, reading: Reading, count: int) -> None:
        if count:
            self.refused[rule][reading.unit_id] += count


def notes(refused: Refused) -> Iterator[str]:
    """What was not taken, in words: a line a rule."""
    for rule, units in sorted(refused.items()):
        more = f" and {len(units) - _NAMED} more" if len(units) > _NAMED else ""
        said = UNHEARD[rule]
        yield (f"{rule}: {units.total()} words of heads not taken, unit {', '.join(sorted(units)[:_NAMED])}{more}: "
               f"{said.en} / {said.vi}")  # fmt: skip


def _read(resource: Resource, connection: Connection, reading: Reading, records: list[dict[str, Any]]) -> Any:
    """Each field as a column of values; one that cannot be expressed is none."""
    found = {}
    for name in CONFIRMED:
        mapped = resource.fields[name]
        codes = connection.kind.table(mapped.codes, reading.school_year) if mapped.codes else {}
        raw = pd.Series([find(record, mapped.paths[0]) for record in records], dtype=object)
        found[name] = clean(raw, mapped.clean, Words(codes)).values
    return found


def _word(
    connection: Connection, resource: Resource, reading: Reading, record: dict[str, Any], said: dict[str, Any]
) -> Word | str:
    """The word that a record is, or the rule by which it is none."""
    asked = str(reading.params[connection.kind.params.unit])
    if resource.claim and str(find(record, resource.claim.paths[0])) != asked:
        return "confirmation.unit.other"
    if said["school_year"] != reading.school_year:
        return "confirmation.year.other"
    kind, moment = said["kind"], _moment(said["confirmed_at"], connection)
    if kind is None:
        return "confirmation.kind.unknown"
    if kind == "start_of_year" and said["appendix"] not in APPENDICES:
        return "confirmation.appendix.out_of_range"
    if moment is None:
        return "confirmation.moment.unreadable"
    return Word(reading.unit_id, reading.school_year, kind, moment, said["head_staff_id"] or "",
                said["appendix"] if kind == "start_of_year" else 0,
                (said["plan_hash"] or "").lower() if kind == "plan" else "")  # fmt: skip


def _moment(told: str | None, connection: Connection) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(told or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(connection.kind.timezone))
