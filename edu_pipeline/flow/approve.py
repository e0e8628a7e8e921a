"""Who may approve which plan: exactly one hash, of a ready unit; where that is ruled, confirmed by the unit's head, and
by another than the planner.

plan, hash that was looked at -> rollover.approval, ops.audit -> what may be applied

What does not belong here: applying (rollover.py). The actor is what the database attests; a typed name is shown, never
trusted. In Dagster's UI everybody is one role: approvals are given on the command line, in a role of one's own.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import Row, text

from edu_pipeline.flow.audit import record
from edu_pipeline.flow.lock import city
from edu_pipeline.flow.ready import not_ready
from edu_pipeline.rollover import approve as approving
from edu_pipeline.rollover import exceptions
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.policy import Rules
from edu_pipeline.sources.site import Site
from edu_pipeline.storage.engine import engine

SHORTEST = 8


class ApprovalRefused(RuntimeError):
    """The plan cannot be approved like that; the message says what to do instead."""


def approve(
    from_year: int,
    hashes: Mapping[str, str],
    claimed: str | None = None,
    document: str | None = None,
    config: Settings | None = None,
) -> dict[str, str]:
    """Approve the checked plans of units, each by the beginning of the hash that was looked at; all of them, or none.

    Return the whole hashes by unit. ApprovalRefused says of each unit that is refused why, and what to do.
    """
    config = config or settings()
    site = sites.load(config.site_dir)
    with city() as database:
        plans = newest(database, from_year, list(hashes))
        wrong = {unit: why for unit, prefix in hashes.items() if (why := _unfit(from_year, unit, plans, prefix))}
        fit = {unit: plans[unit] for unit in hashes if unit not in wrong}
        wrong |= _against(database, site, config.today(), from_year, fit)
        if wrong:
            raise ApprovalRefused("; ".join(f"unit {unit}: {why}" for unit, why in sorted(wrong.items())))
        _write(database, list(fit.values()), "unit", claimed, document)
    return {unit: plan.hash for unit, plan in fit.items()}


def approve_district(
    from_year: int, district: str, document: str, claimed: str | None = None, config: Settings | None = None
) -> tuple[list[str], dict[str, str]]:
    """Approve every plan of a district's units that has no exception, citing a document; the approved, and why others
    are not. What is approved already is in neither.
    """
    config = config or settings()
    if not document.strip():
        raise ApprovalRefused("no document number; whoever approves a whole district cites the decision")
    site = sites.load(config.site_dir)
    with city() as database:
        plans = {unit: plan for unit, plan in newest(database, from_year).items() if plan.district == district}
        if not plans:
            known = sorted({plan.district for plan in newest(database, from_year).values()} - {""})
            raise ApprovalRefused(f"no plan of {from_year} is of a unit under {district}; "
                                  f"there are plans under {', '.join(known) or 'no district yet'}")  # fmt: skip
        day = config.today()
        # What is applied, or approved as it stands, is nobody's to answer.
        plans = {unit: plan for unit, plan in plans.items() if not _is_settled(plan, site.policy.of(unit, day))}
        left = {unit: why for unit, plan in plans.items() if (why := _unfit(from_year, unit, plans, plan.hash))}
        fit = {unit: plan for unit, plan in plans.items() if unit not in left}
        for unit, codes in counted(database, fit).items():
            said = ", ".join(f"{code} {count}" for code, count in codes.items())
            left[unit] = f"has exceptions ({said}): look at it, then approve it by --unit and --hash"
        left |= _against(database, site, day, from_year, {u: p for u, p in fit.items() if u not in left})
        chosen = {unit: plan for unit, plan in fit.items() if unit not in left}
        _write(database, list(chosen.values()), "district", claimed, document.strip())
    return list(chosen), left


def withdraw(from_year: int, unit: str, reason: str, claimed: str | None = None) -> None:
    """Take an approval back: the plan is applied only if somebody approves it anew."""
    if not reason.strip():
        raise ApprovalRefused("no reason; say why, it is kept with the withdrawal")
    with city() as database:
        plan = newest(database, from_year, [unit]).get(unit)
        if plan is None or plan.approved_hash is None:
            raise ApprovalRefused(f"unit {unit}: no approval for {from_year} stands; `edu-pipeline rollover board`")
        if plan.status == "applied":
            raise ApprovalRefused(f"unit {unit}: applied already; take it back by `edu-pipeline rollover undo`")
        binds = {"unit": unit, "year": from_year, "claimed": claimed, "reason": reason.strip()}
        database.execute(text(approving.WITHDRAW), binds)
        record(database, "rollover.withdraw", claimed, unit=unit, plan=plan.plan_id, hash=plan.approved_hash,
               reason=reason.strip())  # fmt: skip
        database.commit()


def left_out(
    database: Database, site: Site, day: dt.date, from_year: int, units: Sequence[str], named: Sequence[str] = ()
) -> dict[str, str]:
    """Of units with a checked plan, and of those that somebody named, the ones that may not be applied now, and why."""
    plans = newest(database, from_year, [*units, *named])
    left = {unit: why for unit in units if (why := unapproved(plans[unit], site.policy.of(unit, day)))}
    left |= {unit: "it has no checked plan; `edu-pipeline rollover board` shows what there is" for unit in named
             if unit not in plans or plans[unit].status not in ("checked", "applied")}  # fmt: skip
    return with_kin(database, {plans[unit].plan_id: unit for unit in units}, left)


def with_kin(database: Database, unit_of: Mapping[int, str], left: Mapping[str, str]) -> dict[str, str]:
    """Units that are left out, and those of the plans (unit by plan) that move people from or to one of them."""
    found = dict(left)
    kin = [(unit_of[row.plan_id], row.other_unit_id)
           for row in database.execute(text(approving.KIN), {"plans": list(unit_of)})]  # fmt: skip
    while more := {unit: f"people move between it and unit {other}, which is left out"
                   for unit, other in kin if other in found and unit not in found}:  # fmt: skip
        found |= more
    return found


def left(from_year: int, config: Settings | None = None) -> list[dict[str, Any]]:
    """Units with a checked plan that an apply would leave out, and why."""
    config = config or settings()
    with engine().connect() as database:
        checked = [unit for unit, plan in newest(database, from_year).items() if plan.status == "checked"]
        found = left_out(database, sites.load(config.site_dir), config.today(), from_year, checked)
    return [{"unit": unit, "why": why} for unit, why in sorted(found.items())]


def unapproved(plan: Any, rules: Rules) -> str | None:
    """Why a plan may not be applied by the rules of its unit; None if it may."""
    if rules.head_confirms and (why := unconfirmed(plan)):
        return why
    if plan.approved_hash is None:
        return "not approved"
    if plan.approved_hash != plan.hash:
        return f"approved is hash {plan.approved_hash[:12]}, the plan is {plan.hash[:12]}: approve again"
    if rules.four_eyes and plan.approved_by == plan.planned_by:
        return "planned and approved by the same person"
    return None


def unconfirmed(plan: Any) -> str | None:
    """Why the word of the unit's head is wanting, in both languages; None if it stands."""
    if plan.head_hash == plan.hash:
        return None
    what = f"--what plan --hash {plan.hash[:12]}"
    remedy = f"`edu-pipeline year confirm {plan.unit_id} {plan.from_year} {what} --document NUMBER`"
    en, vi = "its head has not confirmed it", "thủ trưởng chưa xác nhận phương án này"
    if plan.head_hash:
        en, vi = (f"its head has confirmed {plan.head_hash[:12]}, the plan is {plan.hash[:12]}",
                  f"thủ trưởng đã xác nhận {plan.head_hash[:12]}, phương án là {plan.hash[:12]}")  # fmt: skip
    return (f"{en}: the head confirms this hash in the school's software, or on paper: {remedy} / {vi}: "
            "xác nhận đúng mã băm này trong phần mềm của trường, hoặc bằng văn bản")  # fmt: skip


def counted(database: Database, plans: Mapping[str, Row[Any]]) -> dict[str, dict[str, int]]:
    """Exceptions by unit and code; units without any are not in it."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    unit_of = {plan.plan_id: unit for unit, plan in plans.items()}
    for row in database.execute(text(exceptions.COUNTED), {"plans": list(unit_of)}):
        found[unit_of[row.plan_id]][row.code] = row.lines
    return dict(found)


def newest(database: Database, from_year: int, units: Sequence[str] | None = None) -> dict[str, Row[Any]]:
    """The newest plan of each unit, with the approval that stands."""
    binds = {"year": from_year, "units": None if units is None else list(units)}
    return {row.unit_id: row for row in database.execute(text(approving.NEWEST), binds)}


def _is_settled(plan: Row[Any], rules: Rules) -> bool:
    return plan.status == "applied" or (plan.status == "checked" and unapproved(plan, rules) is None)


def _unfit(from_year: int, unit: str, plans: Mapping[str, Row[Any]], prefix: str) -> str | None:
    """Why a unit has no plan of that hash to approve."""
    plan, anew = plans.get(unit), f"`edu-pipeline rollover plan {from_year} --unit {unit}`"
    if plan is None:
        return f"it has no plan of {from_year}; correct the unit's code, or plan it: {anew}"
    if plan.status != "checked":
        standing = {"refused": f"is refused ({plan.fault}); mend that, then plan again: {anew}",
                    "applied": "is applied already; nothing is left to approve"}  # fmt: skip
        return f"its plan {standing.get(plan.status, f'is {plan.status}; plan again: {anew}')}"
    if len(prefix) < SHORTEST:
        return f"{prefix!r} is too short: give at least {SHORTEST} characters of the hash"
    if not plan.hash.startswith(prefix.lower()):
        return (f"the plan is {plan.hash[:12]}, not {prefix[:12]}: it is another than the one looked at; look at it "
                f"(`edu-pipeline rollover show {from_year} {unit}`), then give its hash")  # fmt: skip
    return None


def _against(
    database: Database, site: Site, day: dt.date, from_year: int, plans: Mapping[str, Row[Any]]
) -> dict[str, str]:
    """Why plans that could be approved may not be: changed since, not ready, not confirmed, by the planner."""
    me = database.execute(text("SELECT session_user")).scalar_one()
    ids = {plan.plan_id: unit for unit, plan in plans.items()}
    wrong = {unit: f"not ready: {'; '.join(why)}" for unit, why in
             not_ready(database, site, from_year, day, {u: p.plan_id for u, p in plans.items()}).items()}  # fmt: skip
    for unit, plan in plans.items():
        rules = site.policy.of(unit, day)
        if rules.head_confirms and (why := unconfirmed(plan)):
            wrong.setdefault(unit, why)
        if plan.planned_by == me and rules.four_eyes:
            wrong[unit] = f"{me} has planned it; somebody else approves it, in a database role of their own"
    for plan_id in database.execute(text(approving.CHANGED), {"plans": list(ids)}).scalars():
        wrong[ids[plan_id]] = (
            f"its lines are no longer those planned; plan again: "
            f"`edu-pipeline rollover plan {from_year} --unit {ids[plan_id]}`"
        )
    return wrong


def _write(database: Database, plans: Sequence[Row[Any]], kind: str, claimed: str | None, document: str | None) -> None:
    binds = {"plans": [plan.plan_id for plan in plans], "kind": kind, "claimed": claimed, "document": document}
    database.execute(text(approving.APPROVE), binds)
    for plan in plans:
        record(database, "rollover.approve", claimed, unit=plan.unit_id, plan=plan.plan_id, hash=plan.hash, kind=kind,
               document=document)  # fmt: skip
    database.commit()
