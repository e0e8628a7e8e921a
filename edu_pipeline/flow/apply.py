"""Applying approved plans: each unit in a transaction of its own, for its own verdict.

rollover.plan -> rollover.*_change -> gate `rollover` -> the new year's rows, ops.unit_year, ops.audit

What does not belong here: the rows (rollover/apply.py), who may approve (approve.py), the sums (reconcile.py).
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from edu_pipeline.flow import batch as batches
from edu_pipeline.flow.admit import judge
from edu_pipeline.flow.approve import left_out, with_kin
from edu_pipeline.flow.audit import planned, record
from edu_pipeline.flow.events import has_ended
from edu_pipeline.flow.lock import city
from edu_pipeline.flow.plan import believed, check_plans, corrected_until
from edu_pipeline.flow.reconcile import reconcile_all
from edu_pipeline.flow.stale import stale
from edu_pipeline.flow.state import set_state
from edu_pipeline.flow.step import CITY, Rollover
from edu_pipeline.gate.verdict import GateClosed, Standing, Verdict, open_gate, remember, standings
from edu_pipeline.rollover import apply as applying
from edu_pipeline.rollover import check
from edu_pipeline.rollover.carry import IsCollected
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.site import Site


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
        # Nobody else is at it: this one holds the city's lock.
        batches.interrupt(database, CITY, batch_id)
        site = sites.load(config.site_dir)
        query = text("""SELECT plan_id, unit_id, to_year, amends FROM rollover.plan
                        WHERE status = 'checked' AND from_year = :year
                          AND (CAST(:units AS text[]) IS NULL OR unit_id = ANY(:units)
                               OR EXISTS (SELECT FROM rollover.plan_line l WHERE l.plan_id = plan.plan_id
                                          AND l.other_unit_id = ANY(:units))) ORDER BY unit_id""")
        rows = database.execute(query, {"year": from_year, "units": list(units) if units else None}).all()
        rows = _approved(database, site, rows, from_year, units, config, done)
        rows = _fresh(database, site, rows, from_year, run_id, config, done)
        shares = believed(site.policy, config.today())
        if rows:
            # Whatever was counted when they were planned: the lines that stand now are counted and hashed.
            database.execute(text(check.FORGET))
        good = check_plans(database, [row.plan_id for row in rows], shares, batch_id, done)
        rows_of = [row for row in rows if row.plan_id in good]
        verdicts = _written(database, rows_of, site.catalogue.is_collected, run_id, batch_id, done)
        for row in rows:
            if row.plan_id in verdicts:
                _apply_unit(database, row, verdicts[row.plan_id], run_id, batch_id, done)
        reconcile_all(database, batch_id, done)
        batches.finish(database, batch_id, "applied")
        database.commit()
    return done


def _approved(
    database: Database,
    site: Site,
    rows: Sequence[Any],
    from_year: int,
    units: Sequence[str] | None,
    config: Settings,
    done: Rollover,
) -> list[Any]:
    """Those of checked plans that are approved; the others are left out, each with the reason."""
    named = units or ()
    done.left = left_out(database, site, config.today(), from_year, [row.unit_id for row in rows], named)
    done.failed |= {unit: why for unit, why in done.left.items() if unit in named}
    return [row for row in rows if row.unit_id not in done.left]


def _fresh(
    database: Database,
    site: Site,
    rows: Sequence[Any],
    from_year: int,
    run_id: str,
    config: Settings,
    done: Rollover,
) -> list[Any]:
    """Those of approved plans that would be planned like that today, and may still be applied; others fail by name."""
    until = corrected_until(database, site.calendar, from_year)
    wrong = stale(database, from_year, rows, run_id, site.policy, config.today())
    wrong |= {row.unit_id: f"corrections ended on {until(row.unit_id)}: what is applied is amended no more"
              for row in rows if row.amends and config.today() > until(row.unit_id)}  # fmt: skip
    database.commit()
    wrong = with_kin(database, {row.plan_id: row.unit_id for row in rows}, wrong)
    done.failed |= wrong
    return [row for row in rows if row.unit_id not in wrong]


def _written(
    database: Database, rows: Sequence, collected: IsCollected, run_id: str, batch_id: int, done: Rollover
) -> dict[int, Verdict]:
    """Write the change sets, have them judged; a verdict for each unit on what stands there for it."""
    plans = [row.plan_id for row in rows]
    if not plans:
        return {}
    for statement in applying.fill(collected):
        binds = {"plans": plans, "run_id": run_id}
        database.execute(statement, binds)
    database.commit()
    stands = standings(database, applying.all_changes(is_by_plan=True).subquery(), "plan_id")
    verdict = judge(database, "rollover", "change", batch_id, applying.all_changes(),
                    applying.parts(plans))  # fmt: skip
    done.verdicts.append(verdict)
    if not verdict.passed:
        return {}
    nothing = Standing(0, Decimal(0))
    return {row.plan_id: Verdict("rollover", row.unit_id, batch_id, True, stands.get(row.plan_id, nothing))
            for row in rows}  # fmt: skip


def _apply_unit(database: Database, plan: Any, verdict: Verdict, run_id: str, batch_id: int, done: Rollover) -> None:
    plan_id, unit, to_year = plan.plan_id, plan.unit_id, plan.to_year
    try:
        open_gate(database, verdict, applying.change(plan_id).subquery(), batch_id)
        binds = {"plan": plan_id, "unit": unit, "year": to_year, "undone": 0}
        # What a foreign key asks is planned once a session, here while the tables are as good as empty: not as a scan.
        database.execute(text("SET LOCAL enable_seqscan = off"))
        for statement in applying.amend() if plan.amends else applying.apply():
            database.execute(statement, binds)
        if plan.amends:
            database.execute(text(applying.SUCCEED), {"plan": plan_id, "former": plan.amends})
        elif not has_ended(database, unit, to_year):
            set_state(database, unit, to_year, "open", f"rollover plan {plan_id}")
        database.execute(
            text("UPDATE rollover.plan SET status = 'applied', applied_at = :now, run_id = :run WHERE plan_id = :plan"),
            {"now": dt.datetime.now(dt.UTC), "run": run_id, "plan": plan_id},
        )
        remember(database, verdict)
        record(database, "rollover.apply", None, **planned(database, [plan_id]), unit=unit, plan=plan_id, run=run_id,
               **({"amends": plan.amends} if plan.amends else {}))  # fmt: skip
        database.commit()
        done.done.append(unit)
    except (SQLAlchemyError, GateClosed) as error:
        database.rollback()
        done.failed[unit] = f"{type(error).__name__}: {str(error).splitlines()[0][:300]}"
