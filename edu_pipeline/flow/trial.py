"""A connection on trial: read and judged like a live one, compared with master, and nothing of it admitted.

site -> ops.stage; landed batch -> rehearsal -> ops.trial -> report

What does not belong here: the rehearsal itself (rehearse.py), reading (pull.py), handing a unit over (handover.py).
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import insert, select, text

from edu_pipeline.contracts.life import STAGE, TRIAL
from edu_pipeline.flow import resume
from edu_pipeline.flow.batch import finish
from edu_pipeline.flow.rehearse import rehearse
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.connection import Stage
from edu_pipeline.sources.site import Connection, Site
from edu_pipeline.storage.engine import engine
from edu_pipeline.validate.resolve import Scope

_STAGES = text("""
SELECT DISTINCT ON (connection_id) connection_id, stage, since FROM ops.stage
ORDER BY connection_id, recorded_at DESC""")


def record_stages(database: Database, site: Site, as_of: dt.date) -> None:
    """Write down each connection's stage where it is another than the last one; inside the caller's transaction."""
    known = {row.connection_id: row.stage for row in database.execute(_STAGES)}
    now = dt.datetime.now(dt.UTC)
    fresh = [
        dict(connection_id=connection.id, recorded_at=now, stage=str(connection.stage), since=as_of)
        for connection in site.connections
        if known.get(connection.id) != connection.stage
    ]
    if fresh:
        database.execute(insert(STAGE), fresh)


def try_out(
    database: Database, connection: Connection, scope: Scope, years: Collection[int], incomplete: list[str]
) -> str:
    """Rehearse a landed batch, keep the report, and say it in a sentence; nothing else of the batch stays."""
    report = rehearse(database, connection, scope, years)
    report |= {"incomplete": incomplete, "persons": _persons(report["outcomes"])}
    database.execute(
        insert(TRIAL).values(batch_id=scope.batch_id, connection_id=connection.id, as_of=scope.as_of,
                             judged_at=dt.datetime.now(dt.UTC), report=report)
    )  # fmt: skip
    finish(database, scope.batch_id, "rehearsed")
    database.commit()
    resume.discard(database, connection.id, scope.batch_id)
    return f"on trial, nothing admitted: {_said(report)}"


def _persons(outcomes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pupils and staff: how many came, how many a root identity agrees with, and what stops the others."""
    found = []
    for name in ("student", "staff"):
        rows = {(row["after"], row["rule"]): row["rows"] for row in outcomes if row["entity"] == name}
        came = sum(rows.values())
        if came:
            matched = sum(count for (after, _), count in rows.items() if after == "admitted")
            stopped = {rule or after: count for (after, rule), count in rows.items() if after != "admitted"}
            found.append({"entity": name, "came": came, "matched": matched, "rate": round(matched / came, 4),
                          "stopped": stopped})  # fmt: skip
    return found


def _said(report: dict[str, Any]) -> str:
    matched = [f"{row['entity']} {row['matched']} of {row['came']} matched" for row in report["persons"]]
    places = next((row for row in report.get("compared", ()) if row["entity"] == "enrollment"), None)
    told = [f"{places['same']} places as in master, {places['differs'] + places['only_here']} otherwise,"
            f" {places['only_master']} missing"] if places else []  # fmt: skip
    closed = [f"gate {name} would close: {failed}" for name, failed in report["closed"].items()]
    return "; ".join([*matched, *told, *closed]) or "nothing came"


def last(connection_id: str) -> dict[str, Any]:
    """The connection's last trial: connection, stage, batch, as_of, report. KeyError for an unknown connection."""
    connection = sites.load(settings().site_dir).connection(connection_id)
    with engine().connect() as database:
        mine = select(TRIAL).where(TRIAL.c.connection_id == connection.id)
        row = database.execute(mine.order_by(TRIAL.c.batch_id.desc()).limit(1)).one_or_none()
    head = {"connection": connection.id, "stage": str(connection.stage)}
    if row is None:
        return {**head, "report": None}
    return {**head, "batch": row.batch_id, "as_of": row.as_of, "judged_at": row.judged_at, "report": row.report}


def listed() -> dict[str, dict[str, Any]]:
    """Stage, since when, and day of the last trial, by connection."""
    with engine().connect() as database:
        stages = {row.connection_id: {"stage": row.stage, "since": row.since} for row in database.execute(_STAGES)}
        tried = database.execute(select(TRIAL.c.connection_id, TRIAL.c.as_of).order_by(TRIAL.c.batch_id)).all()
    for row in tried:
        stages.setdefault(row.connection_id, {})["tried_on"] = row.as_of
    return stages


def untried(site: Site) -> list[str]:
    """Live connections that began at an earlier stage and have gone live without a trial whose gates all opened."""
    query = text("""
        SELECT s.connection_id FROM ops.stage s WHERE s.stage <> 'live'
        EXCEPT SELECT connection_id FROM ops.trial WHERE report -> 'closed' = '{}' AND report -> 'incomplete' = '[]'""")
    live = {connection.id for connection in site.connections if connection.stage is Stage.LIVE}
    with engine().connect() as database:
        return sorted(live & set(database.execute(query).scalars()))
