"""What is so now and who has to do what until when: the heading of every explanation.

state, reason, owner, calendar, schedule -> item

What does not belong here: reading the database (person.py, school.py), words (report).
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.contracts.words import Word
from edu_pipeline.flow.due import Due, due
from edu_pipeline.flow.night import next_look
from edu_pipeline.report import phrases, reasons
from edu_pipeline.report.page import chosen
from edu_pipeline.report.phrases import render
from edu_pipeline.settings import CITY_ZONE, Settings
from edu_pipeline.sources.site import Site

Item = dict[str, Any]
Line = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What is asked: the day it is asked of, in which language, and what the city says of that day."""

    key: str
    site: Site
    config: Settings
    as_of: dt.date | None = None
    is_vi: bool = False
    levels: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def day(self) -> dt.date:
        return self.as_of or self.config.today()

    @property
    def at(self) -> dt.datetime | None:
        """The end of the day, at the city's midnight; None: now."""
        following = self.as_of + dt.timedelta(days=1) if self.as_of else None
        return dt.datetime.combine(following, dt.time.min, CITY_ZONE) if following else None

    @property
    def now(self) -> dt.datetime:
        """The moment after which the next look is sought."""
        return dt.datetime.combine(self.as_of, dt.time.max) if self.as_of else self.config.now()

    def said(self, word: Word) -> str:
        return chosen(word, self.is_vi)


@dataclass
class Told:
    """What is known: facts of a class or a unit, what is so now, and how it came."""

    facts: dict[str, Any] = field(default_factory=dict)
    now: list[Item] = field(default_factory=list)
    story: list[Line] = field(default_factory=list)


def lines(database: Database, asked: Asked, queries: tuple[str, ...], binds: dict[str, Any]) -> list[Any]:
    """Rows (what, params, since, until) of several queries."""
    values = {"at": asked.at, "day": asked.day, "every": False, **binds}
    return [row for query in queries for row in database.execute(text(query), values)]


def spoken(asked: Asked, rows: list[Any]) -> list[Line]:
    """Rows as lines of the story."""
    return [phrases.line(row.what, row.params, row.since, row.until, asked.is_vi) for row in rows]


def in_order(story: list[Line]) -> list[Line]:
    """Oldest first; of what has no day, last."""
    return sorted(story, key=lambda line: (line["since"] is None, line["since"] or dt.datetime.max))


def item(
    asked: Asked,
    state: str,
    reason: str | None,
    owner: str,
    unit: str | None,
    connection: str,
    where: str,
    by: Due | None = None,
    school_year: int | None = None,
    rules: str | None = None,
) -> Item:
    """What is so, who acts, by when, and when the next night looks; `by` where the calendar does not say it."""
    if owner != "nobody" and by is None:
        by = due(asked.site.calendar, state, asked.levels.get(unit or "", ()), asked.day, school_year)
    look = next_look(asked.site, connection, unit, asked.now)
    named = {"unit": unit or "?", "connection": connection}
    parties = reasons.parties(state, reason, owner)
    who = [render(reasons.PARTIES[party], named, asked.is_vi) for party in parties]
    return {
        "state": state, "state_said": asked.said(reasons.STATES.get(state, Word(state, state))),
        "reason": reason and (reasons.reason(reason) if asked.is_vi else reason), "where": where,
        "unit": unit, "connection": connection, "acts": owner != "nobody",
        "who": (" cùng " if asked.is_vi else ", with ").join(who), "parties": list(parties),
        "remedy": asked.said(reasons.remedy(state, reason, rules)) if owner != "nobody" else "",
        "by": by.date if by else None, "by_what": asked.said(by.what) if by else None,
        "days_left": by.days_left if by else None, "next_look": look.at,
        "look_note": asked.said(look.note) if look.note else None,
    }  # fmt: skip


def pressing(items: list[Item]) -> list[Item]:
    """What somebody has to do goes first, the earlier day before the later; then where somebody has a place."""
    return sorted(items, key=lambda one: (not one["acts"], one["by"] is None, one["by"] or dt.date.max,
                                          one["state"] != "enrolled"))  # fmt: skip
