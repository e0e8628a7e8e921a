"""What a unit told at first: proposed after its first complete read, confirmed by the unit with its own number.

master, ops.scope -> ops.baseline -> who is compared with what stood before, and who is new

What does not belong here: waves (sources/link.py), ranges (validate/ranges.py), holds (batch.py).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import select, text, update

from edu_pipeline.contracts.life import BASELINE
from edu_pipeline.flow import audit
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.first import FirstLoad
from edu_pipeline.sources.link import owners
from edu_pipeline.sources.site import Connection, Site
from edu_pipeline.storage.engine import engine


class BaselineRefused(ValueError):
    """A unit's number is not what was proposed, or nothing was; the message says what to do."""


@dataclass(frozen=True)
class New:
    """Units of a connection that are not compared tonight, and the ranges that hold for them instead."""

    units: frozenset[str] = frozenset()
    ranges: FirstLoad | None = None


NOBODY = New()

# The year that is told: the newest in which the unit has pupils.
_PROPOSE = text("""
INSERT INTO ops.baseline (unit_id, connection_id, proposed_on, batch_id, student_count, class_count, staff_count)
SELECT a.unit_id, a.connection_id, :as_of, :batch,
       (SELECT count(*) FROM master.enrollment e WHERE e.unit_id = a.unit_id AND e.school_year = y.school_year
        AND e.status = 'active' AND e.kind = 'primary' AND e.end_date IS NULL),
       (SELECT count(*) FROM master.school_class c WHERE c.unit_id = a.unit_id AND c.school_year = y.school_year),
       (SELECT count(DISTINCT s.staff_id) FROM master.staff_assignment s WHERE s.unit_id = a.unit_id
        AND s.school_year = y.school_year AND s.status = 'working' AND s.end_date IS NULL)
FROM ops.authority a
CROSS JOIN LATERAL (SELECT max(school_year) AS school_year FROM master.enrollment e WHERE e.unit_id = a.unit_id) y
WHERE a.entity = '*' AND a.valid_to IS NULL AND y.school_year IS NOT NULL
  AND NOT EXISTS (SELECT FROM ops.baseline b WHERE b.unit_id = a.unit_id AND b.connection_id = a.connection_id
                  AND b.confirmed_at IS NOT NULL)
  AND EXISTS (SELECT FROM ops.scope s JOIN ops.batch b USING (batch_id)
              WHERE s.connection_id = a.connection_id AND s.unit_id IN (a.unit_id, '') AND s.entity = 'enrollment'
              AND s.is_complete AND s.since IS NULL AND s.distinct_count > 0 AND b.status = 'merged')
ON CONFLICT (unit_id, connection_id) DO UPDATE
SET student_count = excluded.student_count, class_count = excluded.class_count, staff_count = excluded.staff_count,
    proposed_on = excluded.proposed_on, batch_id = excluded.batch_id
WHERE (baseline.student_count, baseline.class_count, baseline.staff_count)
    IS DISTINCT FROM (excluded.student_count, excluded.class_count, excluded.staff_count)""")

_CONFIRMED = text("SELECT unit_id FROM ops.baseline WHERE connection_id = :connection AND confirmed_at IS NOT NULL")

_UNCONFIRMED = text("""
SELECT a.connection_id, count(*) AS units, count(b.unit_id) AS proposed FROM ops.authority a
LEFT JOIN ops.baseline b USING (unit_id, connection_id)
WHERE a.entity = '*' AND a.valid_to IS NULL AND b.confirmed_at IS NULL GROUP BY a.connection_id ORDER BY 1""")


def propose(database: Database, site: Site, as_of: dt.date, batch_id: int) -> None:
    """Write what units told at their first complete read; until a unit confirms it, it is what stands tonight."""
    if site.first_load:
        database.execute(_PROPOSE, {"as_of": as_of, "batch": batch_id})


def new(database: Database, site: Site, connection: Connection, as_of: dt.date) -> New:
    """The units of a connection that are not compared on a day: a first load goes on, and they have not confirmed."""
    first = site.first_load
    if first is None or as_of > first.until:
        return NOBODY
    confirmed = set(database.execute(_CONFIRMED, {"connection": connection.id}).scalars())
    answered = owners(site.links, as_of)
    units = {link.unit for link in connection.links_on(as_of)}
    # Whoever answers for some entities of a unit alone tells no baseline.
    mine = {unit for unit in units if answered.get((unit, "*"), ("",))[0] == connection.id}
    return New(frozenset(mine - confirmed), first)


def confirm(unit: str, students: int, claimed: str | None = None) -> None:
    """Say in the unit's name that so many pupils is right; from the next night on it is compared with what it told.

    BaselineRefused if nothing is proposed, or another number.
    """
    answered = owners(sites.load(settings().site_dir).links, settings().today())
    connection = answered.get((unit, "*"), (None,))[0]
    with audit.audited() as database:
        here = (BASELINE.c.unit_id == unit, BASELINE.c.connection_id == connection)
        row = database.execute(select(BASELINE).where(*here)).one_or_none()
        if row is None or row.confirmed_at is not None:
            said = "is confirmed already" if row else "has no complete read that was published yet"
            raise BaselineRefused(f"unit {unit} {said}; `edu-pipeline baseline list` shows what waits")
        if row.student_count != students:
            said = f"unit {unit} says {students} pupils, the register has {row.student_count}"
            raise BaselineRefused(f"{said}: mend the school's data or the number, then confirm again")
        actor = database.execute(text("SELECT current_user")).scalar_one()
        now = dt.datetime.now(dt.UTC)
        database.execute(update(BASELINE).where(*here).values(confirmed_at=now, actor=actor, claimed=claimed))
        audit.record(database, "baseline.confirmed", claimed, unit=unit, connection=connection, students=students)


def listed(unit: str | None = None, is_all: bool = False) -> list[dict[str, Any]]:
    """Baselines that wait for their unit's word, or all."""
    query = select(BASELINE).order_by(BASELINE.c.connection_id, BASELINE.c.unit_id)
    query = query if is_all else query.where(BASELINE.c.confirmed_at.is_(None))
    with engine().connect() as database:
        found = database.execute(query if unit is None else query.where(BASELINE.c.unit_id == unit)).mappings()
        return [{"unit": row["unit_id"], "connection": row["connection_id"], "pupils": row["student_count"],
                 "classes": row["class_count"], "staff": row["staff_count"], "proposed": row["proposed_on"],
                 "confirmed": row["confirmed_at"], "by": row["claimed"]} for row in found]  # fmt: skip


def standing(site: Site) -> list[dict[str, Any]]:
    """One line a connection whose units have not all confirmed; nothing where no first load is declared."""
    if site.first_load is None:
        return []
    with engine().connect() as database:
        rows = database.execute(_UNCONFIRMED).all()
    return [
        {"what": "unconfirmed", "where": row.connection_id, "rows": row.units, "since": None,
         "rule": f"baselines of units, {row.proposed} of them proposed; due {site.first_load.until}"}
        for row in rows
    ]  # fmt: skip
