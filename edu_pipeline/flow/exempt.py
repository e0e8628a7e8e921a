"""What an officer lets be or rejects, what a unit contests, and figures that are frozen on a rating day.

decision with reason and last day -> quality.exemption, quality.official*, ops.audit

What does not belong here: what an exemption takes out of the figures (quality/gain.py), how a waiver admits a record
that was stopped (contracts/waiver.py).
"""

import datetime as dt
import hashlib
import json
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import insert, select, text

from edu_pipeline.contracts.quality import EXEMPTION, OFFICIAL_RULE, OFFICIAL_SCORE, OFFICIAL_TALLY, RULE, SCORE, TALLY
from edu_pipeline.contracts.severity import checks
from edu_pipeline.contracts.waiver import REJECTED
from edu_pipeline.flow.audit import audited, record
from edu_pipeline.flow.figures import CONTEST
from edu_pipeline.flow.step import Why
from edu_pipeline.quality.fields import LET_IN, QUARANTINED, RECORD, STOPPED
from edu_pipeline.settings import Settings, settings
from edu_pipeline.storage.engine import engine

KINDS, DECISIONS = ("waived", "contested"), ("withdrawn", "upheld", "rejected")


class ExemptionRefused(RuntimeError):
    """It cannot be entered, decided or frozen; the message says why and what to do instead."""


def exempt(
    kind: str, unit: str, rule: str, record_key: str | None, until: dt.date | None, why: Why,
    config: Settings | None = None,
) -> int:  # fmt: skip
    """Waive or contest what a rule finds of a unit, or of one of its records; the number of the exemption.

    A waiver has a last day; a contest is decided within CONTEST days. ExemptionRefused: the rule finds nothing there.
    """
    day = (config or settings()).today()
    if kind == "contested":
        until = until or day + dt.timedelta(days=CONTEST)
    if until is None:
        raise ExemptionRefused("a waiver has a last day: name it with --until")
    if until < day:
        raise ExemptionRefused(f"{until} is over: name a day from {day} on")
    if not why.reason.strip():
        raise ExemptionRefused("say why: the reason is kept with it")
    with audited() as database:
        if _found(database, unit, rule, record_key) and kind == "waived":
            _may_pass(rule, record_key)
        values = {"kind": kind, "unit_id": unit, "rule": rule, "record": record_key, "expires_on": until,
                  "reason": why.reason, "document": why.document or None, "claimed": why.claimed}  # fmt: skip
        number = database.execute(insert(EXEMPTION).values(values).returning(EXEMPTION.c.exemption_id)).scalar_one()
        record(database, f"quality.{kind}", why.claimed, unit=unit, rule=rule, record=record_key, until=str(until),
               exemption=number)  # fmt: skip
        return int(number)


def _found(database: Database, unit: str, rule: str, record_key: str | None) -> bool:
    """Whether what the rule finds there is stopped; ExemptionRefused if it finds nothing."""
    query = text(f"""SELECT bool_or(is_stopped) FROM (
        SELECT unit_id, rule, record, false AS is_stopped FROM quality.finding
        UNION ALL SELECT unit_id, unnest(failed_rules), source_key, true FROM ({QUARANTINED}) q
        UNION ALL {LET_IN}) f
        WHERE unit_id = :unit AND rule = :rule AND (CAST(:record AS text) IS NULL OR record = :record)""")
    found = database.execute(query, {"unit": unit, "rule": rule, "record": record_key}).scalar()
    if found is None:
        of = f" of record {record_key}" if record_key else ""
        raise ExemptionRefused(
            f"rule {rule} finds nothing{of} in unit {unit}: `edu-pipeline quality list --unit {unit}`"
        )
    return bool(found)


def _may_pass(rule: str, record_key: str | None) -> None:
    """ExemptionRefused if a record that the rule stops cannot stand in the register, whoever allows it."""
    if never := checks()[rule.rsplit(".", 1)[1]].never:
        raise ExemptionRefused(
            f"rule {rule} cannot be waived: {never['en']} Mend the record, contest the rule, or reject the record"
            f" / {never['vi']} Sửa hồ sơ, khiếu nại hoặc từ chối hồ sơ"
        )
    if record_key is None:
        raise ExemptionRefused(f"rule {rule} stops records, and each is a decision of its own: name it with --record")


def reject(entity: str, unit: str, record_key: str, why: Why) -> int:
    """Reject a stopped record for good; the number of the rejection. The record is kept, and leaves the open list.

    What its source tells otherwise is judged anew. ExemptionRefused: no such record of the unit is stopped.
    """
    if not why.reason.strip():
        raise ExemptionRefused("say why: the reason is kept with it")
    query = text(f"""SELECT batch_id, {REJECTED} AS is_rejected FROM ({QUARANTINED}) q
        WHERE entity = :entity AND unit_id = :unit AND source_key = :record""")
    with audited() as database:
        row = database.execute(query, {"entity": entity, "unit": unit, "record": record_key}).first()
        if row is None:
            raise ExemptionRefused(
                f"no {entity} {record_key} of unit {unit} is stopped: `edu-pipeline quality list --unit {unit}`"
            )
        if row.is_rejected:
            raise ExemptionRefused(f"{entity} {record_key} is rejected already: `edu-pipeline quality exemptions`")
        values = {"kind": "rejected", "unit_id": unit, "rule": f"{entity}.{RECORD}.{STOPPED}", "record": record_key,
                  "batch_id": row.batch_id, "reason": why.reason, "document": why.document or None,
                  "claimed": why.claimed}  # fmt: skip
        number = database.execute(insert(EXEMPTION).values(values).returning(EXEMPTION.c.exemption_id)).scalar_one()
        record(database, "quality.rejected", why.claimed, unit=unit, entity=entity, record=record_key,
               exemption=number)  # fmt: skip
        return int(number)


def end(number: int, decision: str, why: Why, until: dt.date | None = None) -> None:
    """Withdraw an exemption, or decide a contest: `upheld` goes on to a last day, `rejected` counts again at once."""
    if decision not in DECISIONS:
        raise ExemptionRefused(f"decision {decision!r} is none of {', '.join(DECISIONS)}")
    if (decision == "upheld") != (until is not None):
        raise ExemptionRefused("what is upheld has a last day: name it with --until; nothing else has one")
    with audited() as database:
        row = database.execute(
            text("SELECT kind, unit_id, rule, ended_at FROM quality.exemption WHERE exemption_id = :n FOR UPDATE"),
            {"n": number},
        ).one_or_none()  # fmt: skip
        if row is None or row.ended_at is not None:
            raise ExemptionRefused(f"no exemption {number} stands: `edu-pipeline quality exemptions`")
        if row.kind != "contested" and decision != "withdrawn":
            raise ExemptionRefused(f"exemption {number} is {row.kind}: only a contest is decided")
        database.execute(
            text("""UPDATE quality.exemption SET decision = :decision, expires_on = coalesce(:until, expires_on),
                    ended_by = CASE WHEN CAST(:until AS date) IS NULL THEN SESSION_USER END,
                    ended_at = CASE WHEN CAST(:until AS date) IS NULL THEN now() END WHERE exemption_id = :n"""),
            {"decision": decision, "until": until, "n": number},
        )
        record(database, "quality.decided", why.claimed, exemption=number, unit=row.unit_id, rule=row.rule,
               decision=decision, reason=why.reason)  # fmt: skip


def exemptions(unit: str | None = None, is_all: bool = False) -> list[dict[str, Any]]:
    """Exemptions that stand (or all that ever were entered), with who, when, why and to which day."""
    query = text("""SELECT exemption_id AS number, kind, unit_id AS unit, rule, record, expires_on AS until, reason,
        document, actor, claimed, entered_at, decision, ended_at FROM quality.exemption
        WHERE (CAST(:unit AS text) IS NULL OR unit_id = :unit) AND (:all OR ended_at IS NULL) ORDER BY exemption_id""")
    with engine().connect() as database:
        return [dict(row) for row in database.execute(query, {"unit": unit, "all": is_all}).mappings()]


def freeze(day: dt.date, claimed: str | None = None) -> int:
    """Keep a day's figures for good, with rules, counts, model and who answered for each unit; how many units.

    ExemptionRefused: the day is not the newest scored one, or is frozen already.
    """
    with audited() as database:
        newest = database.execute(text("SELECT max(scored_on) FROM quality.score")).scalar()
        if newest != day:
            raise ExemptionRefused(
                f"the newest figures are of {newest}, not of {day}: `edu-pipeline quality score --run` first"
            )
        if database.execute(text("SELECT count(*) FROM quality.official WHERE rated_on = :day"), {"day": day}).scalar():
            raise ExemptionRefused(f"the figures of {day} are frozen already; what is wrong in them is contested")
        model = _model(database)
        for table, source in ((OFFICIAL_RULE, RULE), (OFFICIAL_TALLY, TALLY), (OFFICIAL_SCORE, SCORE)):
            names = ", ".join(c.name for c in table.columns if c.name != "rated_on")
            where = "WHERE scored_on = :day" if source is SCORE else ""
            database.execute(text(f"INSERT INTO {table.fullname} (rated_on, {names})"
                                  f" SELECT :day, {names} FROM {source.fullname} {where}"), {"day": day})  # fmt: skip
        heads = text("""INSERT INTO quality.official (rated_on, unit_id, head_staff_id, model)
            SELECT :day, s.unit_id, h.staff_id, :model
            FROM (SELECT DISTINCT unit_id FROM quality.score WHERE scored_on = :day) s
            LEFT JOIN LATERAL (SELECT a.staff_id FROM master.staff_assignment a WHERE a.unit_id = s.unit_id
                AND a.role = 'head' AND a.begin_date <= :day
                AND (a.end_date >= :day OR a.end_date IS NULL AND a.status = 'working')
                ORDER BY a.school_year DESC, a.begin_date DESC LIMIT 1) h ON true""")
        units = database.execute(heads, {"day": day, "model": model}).rowcount
        record(database, "quality.frozen", claimed, rated_on=str(day), model=model, units=units)
        return units


def _model(database: Database) -> str:
    """Says when other rules or weights counted."""
    rows = [list(map(str, row)) for row in database.execute(select(RULE).order_by(RULE.c.rule))]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
