"""How far every unit has come with a year's rollover, what stops it, and how many days are left.

plans, approvals, readiness, exceptions, calendar -> one row a unit -> report.board; one plan -> report.protocol

What does not belong here: what is ready (rollover/readiness.py), what is approved (approve.py).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import Row, text

from edu_pipeline.flow.approve import counted, newest, unapproved
from edu_pipeline.flow.calendar import unit_levels
from edu_pipeline.flow.ready import not_ready
from edu_pipeline.flow.stale import doubtful
from edu_pipeline.report import board as reports
from edu_pipeline.report import protocol as protocols
from edu_pipeline.rollover import amend, exceptions
from edu_pipeline.settings import CITY_ZONE, Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.policy import Rules
from edu_pipeline.storage.engine import engine

_DONE = ("applied", "reconciled")
_CHANGED = "what it rests on has changed since it was planned; plan again, or apply: it compares line by line"


def board(from_year: int, district: str | None = None, config: Settings | None = None) -> list[dict[str, Any]]:
    """One row a unit. KeyError for a year whose next one the calendar lacks, and for an unknown district."""
    config = config or settings()
    site, day = sites.load(config.site_dir), config.today()
    calendar = site.year(from_year + 1)
    with engine().connect() as database:
        found = database.execute(text(reports.UNITS), {"year": from_year, "district": district}).all()
        units = [row.unit_id for row in found]
        if district and not units:
            raise KeyError(f"no unit of {from_year} is under {district}; `edu-pipeline rollover board {from_year}`")
        plans, levels = newest(database, from_year, units), unit_levels(database)
        ids = {unit: plans[unit].plan_id if unit in plans else None for unit in units}
        against = not_ready(database, site, from_year, day, ids)
        codes = counted(database, plans)
        applied = _amended(database, plans)
        doubted = doubtful(database, from_year, [p.plan_id for p in plans.values() if p.status == "checked"])
        binds = {"plans": [*(plan for plan in ids.values() if plan), *(plan.plan_id for plan in applied.values())]}
        pending = {row.plan_id: row.lines for row in database.execute(text(exceptions.PENDING), binds)}
    rows = []
    for unit in found:
        plan, reasons = plans.get(unit.unit_id), against.get(unit.unit_id, [])
        rules = site.policy.of(unit.unit_id, day)
        stands = applied.get(plan.amends, plan) if plan else None
        left = pending.get(stands.plan_id, 0) if stands else 0
        state = _state(stands, reasons, rules, left)
        amendment = _state(plan, [], rules, 0) if plan and plan.amends and plan.status != "applied" else ""
        is_stale = plan is not None and plan.plan_id in doubted
        deadline = calendar.at(*levels.get(unit.unit_id, ())).rollover_deadline
        rows.append(
            {"unit": unit.unit_id, "district": unit.district, "state": state, "hash": plan.hash[:12] if plan else "",
             "head": _head(plan), "exceptions": codes.get(unit.unit_id, {}), "open": left,
             "deadline": deadline, "days_left": (deadline - day).days,
             "is_late": state not in _DONE and day > deadline, "amendment": amendment, "may_be_stale": is_stale,
             "why": _why(plan, amendment or state, reasons, rules) or (_CHANGED if is_stale else "")}
        )  # fmt: skip
    return rows


def protocol(from_year: int, unit: str, config: Settings | None = None) -> str:
    """The page of a unit's newest plan. KeyError for a unit without one."""
    config = config or settings()
    with engine().connect() as database:
        plans = newest(database, from_year, [unit])
        if unit not in plans:
            raise KeyError(f"unit {unit} has no plan of {from_year}: `edu-pipeline rollover plan {from_year}`")
        plan, binds = plans[unit], {"unit": unit, "plan": plans[unit].plan_id, "year": from_year}
        head, applied, balance = (
            database.execute(text(said), binds).first()
            for said in (protocols.HEAD, protocols.APPLIED, protocols.BALANCE)
        )
        counts = database.execute(text(protocols.COUNTS), {"plan": plan.plan_id}).all()
        codes = counted(database, plans).get(unit, {})
    return protocols.page(plan, head, counts, codes, applied, balance, config.today(), CITY_ZONE)


def _amended(database: Database, plans: Mapping[str, Row[Any]]) -> dict[int, Row[Any]]:
    """The applied plans of those that amend one."""
    query = text("SELECT plan_id, status, reconciled, fault FROM rollover.plan WHERE plan_id = ANY(:plans)"
                 " AND status = 'applied'")  # fmt: skip
    found = database.execute(query, {"plans": [p.amends for p in plans.values() if p.amends]})
    return {row.plan_id: row for row in found}


def differences(from_year: int, unit: str) -> list[dict[str, Any]]:
    """What differs between a unit's newest plan and the one it follows, by line. KeyError where there are no two."""
    with engine().connect() as database:
        pair = database.execute(text(amend.PAIR), {"unit": unit, "year": from_year}).first()
        if pair is None or pair.former is None:
            raise KeyError(f"unit {unit} has no two plans of {from_year} to compare: `edu-pipeline rollover board`")
        found = database.execute(text(amend.DIFFER), {"former": pair.former, "plan": pair.plan_id})
        return [dict(row._mapping) for row in found]


def _state(plan: Row[Any] | None, reasons: list[str], rules: Rules, left: int) -> str:
    if plan is None:
        return "not ready" if reasons else "ready"
    if plan.status in ("refused", "undone"):
        return str(plan.status)
    if plan.status == "applied":
        # Believed, and nobody is left behind.
        return "reconciled" if plan.reconciled and not left else "applied"
    if unapproved(plan, rules) is None:
        return "approved"
    return "not ready" if reasons else "planned"


def _head(plan: Row[Any] | None) -> str:
    """Which hash the unit's head has confirmed, who that is, and on which day."""
    if plan is None or plan.head_hash is None:
        return ""
    return f"{plan.head_hash[:12]} by {plan.head_staff_id} on {plan.head_confirmed_at.astimezone(CITY_ZONE).date()}"


def _why(plan: Row[Any] | None, state: str, reasons: list[str], rules: Rules) -> str:
    """What has to be done about, or looked at in, the unit."""
    if state == "not ready":
        return "; ".join(reasons)
    if plan is not None and state == "planned":
        return unapproved(plan, rules) or ""
    return (plan.fault or "") if plan is not None and state in ("refused", "applied") else ""
