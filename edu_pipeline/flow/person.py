"""The story of a pupil or a member of staff: who is not in a class is told why, by whom it is mended, and until when.

ops.person_state, claims, decisions -> Told

What does not belong here: the audit of the reading (explain.py), statements (report/explain.py, claims.py, stops.py).
"""

import datetime as dt
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import Row, text

from edu_pipeline.contracts.words import Word
from edu_pipeline.flow.due import answer
from edu_pipeline.flow.present import Asked, Item, Line, Told, in_order, item, lines, pressing, spoken
from edu_pipeline.report import claims, explain, reasons, stops
from edu_pipeline.report.phrases import WHAT_VI, render

_ACTS = Word("{who} xử lý", "{who} acts")
_WHERE = Word("đơn vị {unit}, {connection}:{key}", "unit {unit}, {connection}:{key}")


def told(database: Database, asked: Asked, entity: str) -> Told | None:
    """All that is known of a person; None if nobody was called so by the day that is asked for."""
    states = database.execute(text(explain.STATES), {"entity": entity, "key": asked.key, "at": asked.at}).all()
    if not states:
        return None
    standing = [row for row in states if row.recorded_to is None]
    binds: dict[str, Any] = {
        "connections": [row.connection_id for row in states],
        "keys": [row.source_key for row in states],
        "persons": sorted({row.person_id for row in states if row.person_id}),
        "units": sorted({row.unit_id for row in states if row.unit_id}),
    }
    claimed = lines(database, asked, (claims.of_person(entity),), binds)
    decided = lines(database, asked, (*explain.story(entity), *stops.DECIDED), binds)
    held = lines(database, asked, (stops.HOLDS,), binds)
    story = [_line(asked, row) for row in states] + spoken(asked, [*claimed, *decided, *held])
    return Told({}, present(asked, standing, claimed, held), in_order(story))


def present(asked: Asked, standing: list[Row[Any]], claimed: list[Any], held: list[Any]) -> list[Item]:
    """One item a record that stands in a state, the most pressing first."""
    years = [row.params["year"] for row in claimed if row.what == "waiting" and row.params["detail"] == "year"]
    year = min((one for one in years if one is not None), default=None)
    found = []
    for row in standing:
        rules = [one.params["detail"] for one in claimed
                 if one.what == "quarantine" and one.params["connection"] == row.connection_id]  # fmt: skip
        dates = [
            answer(asked.site.calendar, dt.date.fromisoformat(hold.params["asked_on"]), asked.day)
            for hold in held
            if row.state == "held"
        ]
        found.append(item(asked, row.state, row.reason, row.owner, row.unit_id, row.connection_id, where(asked, row),
                          by=min(dates, key=lambda one: one.date, default=None), school_year=year,
                          rules=", ".join(filter(None, rules))))  # fmt: skip
    return pressing(found)


def where(asked: Asked, row: Row[Any]) -> str:
    """Unit, connection and key of a record."""
    named = {"unit": row.unit_id or "?", "connection": row.connection_id, "key": row.source_key}
    return render(_WHERE, named, asked.is_vi)


def _line(asked: Asked, row: Row[Any]) -> Line:
    """A state as a line of the story: what it waits for, who must act, and how it is mended."""
    reason = row.reason and (reasons.reason(row.reason) if asked.is_vi else row.reason)
    said = [asked.said(reasons.STATES[row.state]) + (f": {reason}" if reason else "")]
    if row.owner != "nobody":
        who = render(reasons.PARTIES[row.owner], {"unit": row.unit_id or "?"}, asked.is_vi)
        said += [asked.said(_ACTS).format(who=who), asked.said(reasons.remedy(row.state, row.reason))]
    return {"what": WHAT_VI["state"] if asked.is_vi else "state", "where": where(asked, row),
            "says": ". ".join(part.rstrip(".") for part in said if part), "since": row.recorded_from,
            "until": row.recorded_to}  # fmt: skip
