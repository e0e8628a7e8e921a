"""The year rollover as a sequence that can be read, checked, applied unit by unit, proven and taken back.

rollover.snapshot -> plan -> gate `plan` -> apply -> gate `rollover` -> balance -> (undo)

What does not belong here: the decisions (rollover/plan.py) and the laws (rollover/check.py, reconcile.py).
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from edu_pipeline.flow import batch as batches
from edu_pipeline.flow.admit import judge
from edu_pipeline.flow.approve import left_out
from edu_pipeline.flow.audit import record
from edu_pipeline.flow.batch import Hold
from edu_pipeline.flow.events import has_ended
from edu_pipeline.flow.lock import city
from edu_pipeline.flow.state import set_state
from edu_pipeline.gate.verdict import GateClosed, Verdict, open_gate, remember, standing
from edu_pipeline.rollover import apply as applying
from edu_pipeline.rollover import check, plan, reconcile
from edu_pipeline.rollover.ranges import Range
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.policy import DECISIONS, Policy
from edu_pipeline.sources.year import LEVELS

CITY = "city"


@dataclass
class Rollover:
    """What came of a step: units by what happened to them, with the rule or error where it failed."""

    step: str
    verdicts: list[Verdict] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)

    @property
    def failure(self) -> str | None:
        """Why the step is not whole, by name; None if it is."""
        said = [f"unit {unit}: {why}" for unit, why in sorted(self.failed.items())]
        said += [f"{v.room}.{v.entity}: {', '.join(v.failed)}" for v in self.verdicts if not v.passed]
        return "; ".join(said) or None


def make_plan(
    from_year: int, run_id: str, units: Sequence[str] | None = None, config: Settings | None = None
) -> Rollover:
    """Plan every closing unit that is not rolled over. The same inputs give the same plan: nothing is rewritten."""
    config = config or settings()
    done, policy = Rollover("plan"), sites.load(config.site_dir).policy
    with city() as database:
        batch_id = batches.start(database, CITY, run_id, config.today(), "rollover plan")
        plans = _draft(database, from_year, units, run_id)
        binds = {"plans": list(plans), "from_year": from_year, "to_year": from_year + 1,
                 "homeroom": policy.homeroom == "carry"}  # fmt: skip
        for statement in plan.statements():
            database.execute(statement, {k: v for k, v in binds.items() if k in statement._bindparams})
        _keep_same(database, plans, done)
        database.commit()
        _check(database, list(plans), _believed(policy, config.today()), batch_id, done)
        done.done = sorted(unit for unit in plans.values() if unit not in done.failed)
        batches.finish(database, batch_id, "planned")
        database.commit()
    return done


def _draft(database: Database, from_year: int, units: Sequence[str] | None, run_id: str) -> dict[int, str]:
    """Open a draft for each unit that is closing and not rolled over yet; return unit by plan id.

    Units between which an event moves people are planned together; one that an event made has no closing of its own.
    """
    database.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('rollover', 0))"))
    database.execute(text("DELETE FROM rollover.plan_line l USING rollover.plan p WHERE p.plan_id = l.plan_id"
                          " AND p.status = 'draft'"))  # fmt: skip
    database.execute(text("DELETE FROM rollover.plan WHERE status = 'draft'"))
    rows = database.execute(
        text("""
    WITH RECURSIVE move AS (
        SELECT DISTINCT s.from_unit, s.to_unit FROM ops.unit_successor s
        JOIN master.school_year y ON y.school_year = :year + 1
        WHERE s.to_unit IS NOT NULL AND s.valid_from <= y.begin_date
          AND (s.valid_to IS NULL OR s.valid_to > y.begin_date)
    ), closing AS (
        SELECT s.unit_id FROM rollover.snapshot s JOIN ops.unit_year u USING (unit_id, school_year)
        WHERE s.school_year = :year AND u.state = 'closing'
    ), made AS (
        SELECT DISTINCT m.to_unit AS unit_id FROM move m JOIN closing c ON c.unit_id = m.from_unit
        WHERE NOT EXISTS (SELECT FROM ops.unit_year u WHERE u.unit_id = m.to_unit AND u.school_year <= :year
                          AND u.state <> 'future')
    ), wanted AS (
        SELECT unit_id FROM (SELECT * FROM closing UNION SELECT * FROM made) all_units
        WHERE CAST(:units AS text[]) IS NULL OR unit_id = ANY(:units)
        UNION
        SELECT CASE WHEN m.from_unit = w.unit_id THEN m.to_unit ELSE m.from_unit END
        FROM wanted w JOIN move m ON w.unit_id IN (m.from_unit, m.to_unit)
    )
    INSERT INTO rollover.plan (unit_id, from_year, to_year, status, hash, planned_at, run_id)
    SELECT w.unit_id, :year, :year + 1, 'draft', '', :now, :run FROM wanted w
    WHERE (w.unit_id IN (SELECT unit_id FROM closing) OR w.unit_id IN (SELECT unit_id FROM made))
      AND NOT EXISTS (SELECT FROM rollover.plan p WHERE p.unit_id = w.unit_id AND p.from_year = :year
                      AND p.status = 'applied')
    ORDER BY w.unit_id RETURNING plan_id, unit_id"""),
        {"year": from_year, "now": dt.datetime.now(dt.UTC), "run": run_id, "units": list(units) if units else None},
    )
    return {row.plan_id: row.unit_id for row in rows}


def _keep_same(database: Database, plans: dict[int, str], done: Rollover) -> None:
    """Where a former plan of the unit says the same, it stays and the draft goes; else the draft replaces it."""
    same = database.execute(text(plan.SAME), {"plans": list(plans)}).all()
    drafts = [row.draft for row in same]
    database.execute(text("DELETE FROM rollover.plan_line WHERE plan_id = ANY(:plans)"), {"plans": drafts})
    database.execute(text("DELETE FROM rollover.plan WHERE plan_id = ANY(:plans)"), {"plans": drafts})
    for row in same:
        unit = plans.pop(row.draft)
        plans[row.former] = unit
        done.unchanged.append(unit)
    # A refused plan is judged anew with the others: the other end of a move may have been mended.
    database.execute(
        text("UPDATE rollover.plan SET status = 'draft' WHERE plan_id = ANY(:plans) AND status = 'refused'"),
        {"plans": [row.former for row in same]},
    )
    database.execute(
        text("""UPDATE rollover.plan o SET status = 'replaced' FROM rollover.plan d
        WHERE d.plan_id = ANY(:plans) AND o.unit_id = d.unit_id AND o.from_year = d.from_year
          AND o.plan_id <> d.plan_id AND o.status IN ('checked', 'refused')"""),
        {"plans": list(plans)},
    )


def _believed(policy: Policy, day: dt.date) -> list[Range]:
    """Which shares of decisions are believed on a day: the city's, and those of units with a decision of their own."""
    return [
        Range(unit_id=unit, level=level, decision=decision, minimum=share.min, maximum=share.max,
              rows=rules.ranges.rows, history=rules.ranges.history)
        for unit, rules in ((None, policy), *((unit, policy.of(unit, day)) for unit in policy.units))
        for level in LEVELS
        for decision in DECISIONS
        for share in [rules.range(level, decision)]
        if (share.min, share.max) != (0, 1)
    ]  # fmt: skip


def _check(database: Database, plans: list[int], believed: list[Range], batch_id: int, done: Rollover) -> list[int]:
    """Refuse what breaks a rule, let the gate judge the rest; return the plans that may be applied."""
    if not plans:
        return []
    database.execute(check.refuse(), {"plans": plans, "ranges": json.dumps(believed)})
    while database.execute(check.refuse_kin(), {"plans": plans}).rowcount:
        pass
    database.commit()
    standing_now = {"checked": [], "refused": []}  # type: dict[str, list[int]]
    query = text("SELECT plan_id, unit_id, status, fault FROM rollover.plan WHERE plan_id = ANY(:plans)")
    for row in database.execute(query, {"plans": plans}):
        standing_now[row.status].append(row.plan_id)
        if row.status == "refused":
            done.failed[row.unit_id] = row.fault
    _hold(database, "plan", done.failed, batch_id)
    good = standing_now["checked"]
    if not good:
        database.commit()
        return []
    verdict = judge(database, "plan", "rollover", batch_id, check.lines(good), check.parts(good, believed))
    done.verdicts.append(verdict)
    if not verdict.passed:
        database.execute(
            text("UPDATE rollover.plan SET status = 'refused', fault = :fault WHERE plan_id = ANY(:plans)"),
            {"plans": good, "fault": ", ".join(verdict.failed)},
        )
        database.commit()
        return []
    open_gate(database, verdict, check.lines(good).subquery(), batch_id)
    database.commit()
    return good


def apply_plan(
    from_year: int, run_id: str, units: Sequence[str] | None = None, config: Settings | None = None
) -> Rollover:
    """Apply every approved plan, each unit in a transaction of its own, and prove the sums.

    Who is not approved is left out by name; that is a failure only of a unit which was named.
    """
    config = config or settings()
    done = Rollover("apply")
    with city() as database:
        batch_id = batches.start(database, CITY, run_id, config.today(), "rollover apply")
        query = text("""SELECT plan_id, unit_id, to_year FROM rollover.plan
                        WHERE status = 'checked' AND from_year = :year
                          AND (CAST(:units AS text[]) IS NULL OR unit_id = ANY(:units)
                               OR EXISTS (SELECT FROM rollover.plan_line l WHERE l.plan_id = plan.plan_id
                                          AND l.other_unit_id = ANY(:units))) ORDER BY unit_id""")
        rows = database.execute(query, {"year": from_year, "units": list(units) if units else None}).all()
        rows = _approved(database, rows, from_year, units, config, done)
        believed = _believed(sites.load(config.site_dir).policy, config.today())
        good = _check(database, [row.plan_id for row in rows], believed, batch_id, done)
        verdicts = _written(database, [row for row in rows if row.plan_id in good], run_id, batch_id, done)
        for row in rows:
            if row.plan_id in verdicts:
                _apply_unit(database, row, verdicts[row.plan_id], run_id, batch_id, done)
        reconcile_all(database, batch_id, done)
        batches.finish(database, batch_id, "applied")
        database.commit()
    return done


def _approved(
    database: Database,
    rows: Sequence[Any],
    from_year: int,
    units: Sequence[str] | None,
    config: Settings,
    done: Rollover,
) -> list[Any]:
    """Those of checked plans that are approved; the others are left out, each with the reason."""
    site, named = sites.load(config.site_dir), units or ()
    done.left = left_out(database, site, config.today(), from_year, [row.unit_id for row in rows], named)
    done.failed |= {unit: why for unit, why in done.left.items() if unit in named}
    return [row for row in rows if row.unit_id not in done.left]


def _written(database: Database, rows: Sequence, run_id: str, batch_id: int, done: Rollover) -> dict[int, Verdict]:
    """Write the change sets, have them judged; a verdict for each unit on what stands there for it."""
    plans = [row.plan_id for row in rows]
    if not plans:
        return {}
    for statement in applying.fill():
        binds = {"plans": plans, "run_id": run_id}
        database.execute(statement, {k: v for k, v in binds.items() if k in statement._bindparams})
    database.commit()
    stands = {row.plan_id: standing(database, applying.change(row.plan_id).subquery()) for row in rows}
    verdict = judge(database, "rollover", "change", batch_id, applying.all_changes(),
                    applying.parts(plans))  # fmt: skip
    done.verdicts.append(verdict)
    if not verdict.passed:
        return {}
    return {row.plan_id: Verdict("rollover", row.unit_id, batch_id, True, stands[row.plan_id]) for row in rows}


def _apply_unit(database: Database, plan: Any, verdict: Verdict, run_id: str, batch_id: int, done: Rollover) -> None:
    plan_id, unit, to_year = plan.plan_id, plan.unit_id, plan.to_year
    try:
        open_gate(database, verdict, applying.change(plan_id).subquery(), batch_id)
        for statement in applying.apply():
            database.execute(statement, {"plan": plan_id})
        if not has_ended(database, unit, to_year):
            set_state(database, unit, to_year, "open", f"rollover plan {plan_id}")
        database.execute(
            text("UPDATE rollover.plan SET status = 'applied', applied_at = :now, run_id = :run WHERE plan_id = :plan"),
            {"now": dt.datetime.now(dt.UTC), "run": run_id, "plan": plan_id},
        )
        remember(database, verdict)
        record(database, "rollover.apply", None, unit=unit, plan=plan_id, run=run_id)
        database.commit()
        done.done.append(unit)
    except (SQLAlchemyError, GateClosed) as error:
        database.rollback()
        done.failed[unit] = f"{type(error).__name__}: {str(error).splitlines()[0][:300]}"


def reconcile_all(database: Database, batch_id: int, done: Rollover) -> None:
    """Count every applied unit anew and judge the sums; a unit that does not balance is named and held."""
    database.execute(reconcile.balance(), {"now": dt.datetime.now(dt.UTC)})
    database.execute(text(reconcile.SUSPECT))
    rows = database.execute(text("SELECT unit_id, fault FROM rollover.balance WHERE NOT is_balanced")).all()
    broken = {row.unit_id: row.fault for row in rows}
    done.failed |= broken
    _hold(database, "rollover", broken, batch_id)
    database.commit()
    verdict = judge(database, "rollover", "balance", batch_id, reconcile.frame(),
                    reconcile.parts())  # fmt: skip
    done.verdicts.append(verdict)
    if verdict.passed:
        open_gate(database, verdict, reconcile.frame().subquery(), batch_id)
        database.execute(text(reconcile.MARK))
    else:
        # Nothing is believed as long as the gate is closed: the warehouse leaves all rolled-over rows out.
        database.execute(text(reconcile.DOUBT), {"fault": ", ".join(verdict.failed)})
    database.commit()


def reconcile_now(run_id: str, config: Settings | None = None) -> Rollover:
    """Prove the sums of everything that was ever applied and not undone: the nightly standing proof."""
    config = config or settings()
    done = Rollover("reconcile")
    with city() as database:
        batch_id = batches.start(database, CITY, run_id, config.today(), "rollover reconcile")
        reconcile_all(database, batch_id, done)
        batches.finish(database, batch_id, "reconciled")
        database.commit()
    return done


def undo(run_id: str, units: Sequence[str] | None = None, claimed: str | None = None) -> Rollover:
    """Take back what an apply run wrote: the new year becomes future again and its reported rows wait. Then publish."""
    done = Rollover("undo")
    with city() as database:
        query = text("""SELECT plan_id, unit_id, to_year FROM rollover.plan WHERE run_id = :run AND status = 'applied'
                        AND (CAST(:units AS text[]) IS NULL OR unit_id = ANY(:units)) ORDER BY unit_id""")
        for row in database.execute(query, {"run": run_id, "units": list(units) if units else None}).all():
            now = dt.datetime.now(dt.UTC)
            binds = {"plan": row.plan_id, "unit": row.unit_id, "year": row.to_year, "now": now}
            for statement in applying.undo():
                database.execute(statement, {k: v for k, v in binds.items() if k in statement._bindparams})
            set_state(database, row.unit_id, row.to_year, "future", f"rollover plan {row.plan_id} undone")
            database.execute(
                text("UPDATE rollover.plan SET status = 'undone', undone_at = :now, reconciled = NULL, fault = NULL"
                     " WHERE plan_id = :plan"), {"now": now, "plan": row.plan_id},
            )  # fmt: skip
            record(database, "rollover.undo", claimed, unit=row.unit_id, plan=row.plan_id, run=run_id)
            database.commit()
            done.done.append(row.unit_id)
    return done


def _hold(database: Database, room: str, faults: dict[str, str], batch_id: int) -> None:
    holds = [Hold(room, CITY, unit, "rollover", fault[:300], 1) for unit, fault in faults.items()]
    batches.open_holds(database, room, CITY, "rollover", holds, batch_id)
