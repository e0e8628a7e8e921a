"""Write down what the site's unit events say, and hand the state of a year on to the unit that continues it.

Site.events, Site.succession -> ops.unit_event, ops.unit_successor, ops.unit_year, ops.audit

What does not belong here: who is authority (configure.py), moving rows (validate/follow.py), checking events (sources).
"""

import datetime as dt
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import delete, insert, select, text

from edu_pipeline.contracts.memory import UNIT_EVENT, UNIT_SUCCESSOR
from edu_pipeline.flow.audit import record
from edu_pipeline.flow.state import set_state
from edu_pipeline.sources.site import Site
from edu_pipeline.storage.engine import engine

Row = dict[str, Any]

_KEY = ("unit_id", "kind", "decision")


def record_events(database: Database, site: Site, as_of: dt.date) -> None:
    """Bring the database to what the site's events say on a day; changes are audited."""
    known = {tuple(row[k] for k in _KEY): row for row in map(_plain, database.execute(select(UNIT_EVENT)))}
    wanted = {
        (event.unit, event.event, event.decision): dict(
            unit_id=event.unit, kind=event.event, decision=event.decision, on_date=event.date, is_end=event.is_end,
            detail=event.detail)
        for event in site.events
    }  # fmt: skip
    for key in known.keys() - wanted.keys():
        _withdraw(database, known[key])
        record(database, "event.withdraw", **_told(known[key]))
    for key, said in wanted.items():
        if key in known and {**known[key], **said} == known[key]:
            continue
        if key in known:
            _withdraw(database, known[key])
        database.execute(insert(UNIT_EVENT).values(**said, recorded_at=dt.datetime.now(dt.UTC)))
        record(database, "event.correct" if key in known else "event.record", **_told(said))
    _record_steps(database, site, as_of)
    _hand_on(database, as_of)


def has_ended(database: Database, unit: str, school_year: int) -> bool:
    """True if the unit's code has ended by the day the year opens."""
    query = text("""SELECT EXISTS (SELECT FROM ops.unit_event e JOIN master.school_year y ON y.school_year = :year
        WHERE e.unit_id = :unit AND e.is_end AND e.on_date <= y.begin_date)""")
    return bool(database.execute(query, {"unit": unit, "year": school_year}).scalar())


def is_carried_into(database: Database, unit: str, school_year: int) -> bool:
    """True if a unit event sends a year that is not rolled over yet to the unit: the rollover opens what follows."""
    query = text("""SELECT EXISTS (SELECT FROM ops.unit_successor s
        JOIN ops.unit_year u ON u.unit_id = s.from_unit AND u.state IN ('open', 'closing')
        JOIN master.school_year y ON y.school_year = u.school_year AND y.end_date < s.valid_from
        WHERE s.to_unit = :unit AND u.school_year < :year
          AND NOT EXISTS (SELECT FROM rollover.plan p WHERE p.unit_id = u.unit_id AND p.from_year = u.school_year
                          AND p.status = 'applied'))""")
    return bool(database.execute(query, {"unit": unit, "year": school_year}).scalar())


def _record_steps(database: Database, site: Site, as_of: dt.date) -> None:
    steps = []
    for step in site.succession(as_of).steps:
        grades, classes, except_grades, except_classes = step.share.said
        steps.append(dict(
            from_unit=step.unit, valid_from=step.since, valid_to=step.until, to_unit=step.to, grades=grades,
            class_codes=classes, except_grades=except_grades, except_class_codes=except_classes, kind=step.kind,
            decision=step.decision, connection_id=step.answers, class_suffix=step.suffix,
        ))  # fmt: skip
    known = [dict(row._mapping) for row in database.execute(select(UNIT_SUCCESSOR))]
    if sorted(known, key=repr) != sorted(steps, key=repr):
        database.execute(delete(UNIT_SUCCESSOR))
        if steps:
            database.execute(insert(UNIT_SUCCESSOR), steps)


# A unit that goes on itself gives the others the year in which the event falls; later ones are the rollover's.
_GIVEN = """
SELECT s.to_unit AS unit_id, u.school_year, max(u.state) AS state,
       'handed on by ' || min(s.from_unit) || ', decision ' || min(s.decision) AS reason
FROM ops.unit_successor s
JOIN ops.unit_year u ON u.unit_id = s.from_unit AND u.state IN ('open', 'closing')
JOIN master.school_year y ON y.school_year = u.school_year AND y.end_date >= s.valid_from
LEFT JOIN ops.unit_year o ON o.unit_id = s.to_unit AND o.school_year = u.school_year
WHERE s.valid_from <= :as_of AND (s.valid_to IS NULL OR s.valid_to > :as_of) AND coalesce(o.state, 'future') = 'future'
  AND s.to_unit IS NOT NULL
  AND (y.begin_date <= s.valid_from
       OR EXISTS (SELECT FROM ops.unit_event e WHERE e.unit_id = s.from_unit AND e.is_end AND e.on_date <= :as_of))
GROUP BY s.to_unit, u.school_year ORDER BY s.to_unit, u.school_year"""

# The first word of the reason is the state that the year had: a withdrawn event gives it back.
_OVER = """
SELECT u.unit_id, u.school_year, 'closed' AS state,
       u.state || ' until ' || e.kind || ' by decision ' || e.decision AS reason
FROM ops.unit_event e
JOIN ops.unit_year u ON u.unit_id = e.unit_id AND u.state IN ('open', 'closing')
JOIN master.school_year y ON y.school_year = u.school_year AND y.end_date >= e.on_date
WHERE e.is_end AND e.on_date <= :as_of ORDER BY u.unit_id, u.school_year"""

_TAKEN_BACK = """
SELECT unit_id, school_year, CASE WHEN state = 'closed' THEN split_part(reason, ' ', 1) ELSE 'future' END AS state,
       'event withdrawn: decision ' || :decision AS reason
FROM ops.unit_year
WHERE (unit_id = :unit AND state = 'closed' AND reason LIKE '% until ' || :kind || ' by decision ' || :decision)
   OR (state IN ('open', 'closing') AND reason LIKE 'handed on by %, decision ' || :decision)
ORDER BY unit_id, school_year"""


def _hand_on(database: Database, as_of: dt.date) -> None:
    """A year that has not ended goes on in the unit that continues it, unless it has its own state there."""
    for query in (_GIVEN, _OVER):
        _switched(database, query, {"as_of": as_of})


def _withdraw(database: Database, event: Row) -> None:
    """Take back what an event did to the years of units: the rows go back by themselves at the next sync."""
    binds = {"unit": event["unit_id"], "kind": event["kind"], "decision": event["decision"]}
    _switched(database, _TAKEN_BACK, binds)
    database.execute(delete(UNIT_EVENT).where(*(UNIT_EVENT.c[name] == event[name] for name in _KEY)))


def _switched(database: Database, query: str, binds: Row) -> None:
    for row in database.execute(text(query), binds).all():
        set_state(database, row.unit_id, row.school_year, row.state, row.reason)


def _plain(row: Any) -> Row:
    return dict(row._mapping)


def _told(event: Row) -> Row:
    return {"unit": event["unit_id"], "kind": event["kind"], "decision": event["decision"],
            "date": event["on_date"].isoformat(), "says": event["detail"]}  # fmt: skip


_LIST = """
SELECT e.on_date AS "date", e.unit_id AS unit, e.kind AS event, e.decision, e.detail AS says,
       CASE WHEN e.on_date <= :as_of THEN 'in force' ELSE 'to come' END AS state,
       CASE e.kind
           WHEN 'new_head' THEN coalesce('reported: ' || (
               SELECT string_agg(DISTINCT a.staff_id, ', ') FROM master.staff_assignment a
               WHERE a.unit_id = e.unit_id AND a.role = 'head' AND a.status = 'working' AND a.end_date IS NULL
                 AND a.school_year = (SELECT max(school_year) FROM master.staff_assignment n
                                      WHERE n.unit_id = e.unit_id)), 'no head reported')
           WHEN 'new_parent' THEN coalesce('registry: ' || u.parent_unit_id, 'registry: none')
           WHEN 'relevelled' THEN coalesce('registry: ' || u.grade_levels, 'registry: none')
           WHEN 'opened' THEN coalesce('registry: ' || u.opened_date, 'not in the registry')
           ELSE coalesce('registry: closed ' || u.closed_date, 'registry: goes on')
       END || CASE WHEN e.kind = 'recoded' AND n.unit_id IS NULL THEN ', new code not in the registry' ELSE '' END
       AS elsewhere
FROM ops.unit_event e
LEFT JOIN validated.unit u ON u.unit_id = e.unit_id AND u.is_present
LEFT JOIN validated.unit n ON n.unit_id = e.detail ->> 'to' AND n.is_present
ORDER BY e.on_date, e.unit_id, e.kind"""


def events(as_of: dt.date) -> list[Row]:
    """Recorded events, whether they are in force, and what the registry and the schools say of the same."""
    with engine().connect() as database:
        return [_plain(row) for row in database.execute(text(_LIST), {"as_of": as_of})]
