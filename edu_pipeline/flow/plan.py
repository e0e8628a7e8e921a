"""Planning a rollover: drafts of all closing units, judged; where nothing has changed the former plan stays.

rollover.snapshot -> rollover.plan, plan_line -> gate `plan` -> checked or refused

What does not belong here: the decisions (rollover/plan.py) and the rules (rollover/check.py).
"""

import datetime as dt
import json
from collections.abc import Callable, Collection, Sequence

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow import batch as batches
from edu_pipeline.flow.admit import judge
from edu_pipeline.flow.audit import planned, record
from edu_pipeline.flow.calendar import unit_levels
from edu_pipeline.flow.lock import city
from edu_pipeline.flow.step import CITY, Rollover, hold
from edu_pipeline.gate.verdict import open_gate
from edu_pipeline.rollover import amend, check, inputs, plan
from edu_pipeline.rollover.ranges import Range
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.calendar import Calendar
from edu_pipeline.sources.policy import DECISIONS, Policy
from edu_pipeline.sources.year import LEVELS


def make_plan(
    from_year: int, run_id: str, units: Sequence[str] | None = None, config: Settings | None = None
) -> Rollover:
    """Plan every closing unit. The same inputs give the same plan: nothing is rewritten.

    Of a unit that is rolled over, late changes make an amendment, until the end of corrections; later they are listed.
    """
    config = config or settings()
    done, site = Rollover("plan"), sites.load(config.site_dir)
    with city() as database:
        batch_id = batches.start(database, CITY, run_id, config.today(), "rollover plan")
        plans = draft(database, from_year, units, run_id, site.policy, config.today())
        _keep_applied(database, plans, corrected_until(database, site.calendar, from_year), config.today(), done)
        _keep_same(database, plans, done)
        database.commit()
        check_plans(database, list(plans), believed(site.policy, config.today()), batch_id, done)
        done.done = sorted(unit for unit in plans.values() if unit not in done.failed)
        if len(plans) > len(done.unchanged):
            record(database, "rollover.plan", None, from_year=from_year, run=run_id, unchanged=len(done.unchanged),
                   refused=len(done.failed), **planned(database, list(plans)))  # fmt: skip
        batches.finish(database, batch_id, "planned")
        database.commit()
    return done


def draft(
    database: Database, from_year: int, units: Sequence[str] | None, run_id: str, policy: Policy, day: dt.date
) -> dict[int, str]:
    """Draft the plans of units (none named: all) from what stands now, inside the caller's transaction."""
    plans = _open(database, from_year, units, run_id)
    rules = {unit: policy.of(unit, day) for unit in plans.values()}
    binds = {"plans": list(plans), "from_year": from_year, "to_year": from_year + 1,
             "lenient": [unit for unit, own in rules.items() if own.both_below == "lenient"],
             "homeroom": [unit for unit, own in rules.items() if own.homeroom == "carry"]}  # fmt: skip
    for statement in plan.statements(_amends(database, plans)):
        database.execute(statement, binds)
    database.execute(text(check.FORGET))
    count(database, list(plans))
    database.execute(text(check.HASH), {"plans": list(plans)})
    return plans


def _amends(database: Database, plans: Collection[int]) -> bool:
    query = text("SELECT EXISTS (SELECT FROM rollover.plan WHERE plan_id = ANY(:plans) AND amends IS NOT NULL)")
    return bool(database.execute(query, {"plans": list(plans)}).scalar_one())


def count(database: Database, plans: Sequence[int]) -> None:
    """Count the lines of plans that have not been counted since everything was forgotten."""
    missing = database.execute(text(check.UNCOUNTED), {"plans": list(plans)}).scalars().all()
    for statement in check.count() if missing else ():
        database.execute(statement, {"plans": missing})


def drop(database: Database, drafts: Sequence[int]) -> None:
    """Forget drafts."""
    database.execute(text("DELETE FROM rollover.plan_line WHERE plan_id = ANY(:plans)"), {"plans": list(drafts)})
    database.execute(text("DELETE FROM rollover.plan WHERE plan_id = ANY(:plans)"), {"plans": list(drafts)})


def corrected_until(database: Database, calendar: Calendar, from_year: int) -> Callable[[str], dt.date]:
    """Until when a unit's year, and what was carried over, may be corrected."""
    levels = unit_levels(database)
    return lambda unit: calendar.corrected_until(from_year, *levels.get(unit, ()))


def _open(database: Database, from_year: int, units: Sequence[str] | None, run_id: str) -> dict[int, str]:
    """Open a draft for each unit that is closing; return unit by plan id. Where a plan is applied it amends that one.

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
    INSERT INTO rollover.plan (unit_id, from_year, to_year, status, hash, planned_at, run_id, amends)
    SELECT w.unit_id, :year, :year + 1, 'draft', '', :now, :run,
           (SELECT p.plan_id FROM rollover.plan p WHERE p.unit_id = w.unit_id AND p.from_year = :year
            AND p.status = 'applied')
    FROM wanted w
    WHERE w.unit_id IN (SELECT unit_id FROM closing) OR w.unit_id IN (SELECT unit_id FROM made)
    ORDER BY w.unit_id RETURNING plan_id, unit_id"""),
        {"year": from_year, "now": dt.datetime.now(dt.UTC), "run": run_id, "units": list(units) if units else None},
    )
    return {row.plan_id: row.unit_id for row in rows}


def _keep_applied(
    database: Database, plans: dict[int, str], until: Callable[[str], dt.date], day: dt.date, done: Rollover
) -> None:
    """Where nothing late happened to an applied plan its draft goes, and an amendment that was planned before."""
    idle = [row.plan_id for row in database.execute(text(amend.IDLE), {"plans": list(plans)})]
    amending = text("SELECT plan_id, unit_id, amends FROM rollover.plan WHERE plan_id = ANY(:plans)"
                    " AND amends IS NOT NULL")  # fmt: skip
    ended = []
    for row in database.execute(amending, {"plans": list(plans)}).all():
        if row.plan_id not in idle and day > until(row.unit_id):
            ended.append(row.plan_id)
            lines = database.execute(text(amend.DIFFER), {"former": row.amends, "plan": row.plan_id}).rowcount
            done.late[row.unit_id] = f"{lines} lines would differ; corrections ended on {until(row.unit_id)}"
    database.execute(
        text("""UPDATE rollover.plan o SET status = 'replaced' FROM rollover.plan d
        WHERE d.plan_id = ANY(:plans) AND o.unit_id = d.unit_id AND o.from_year = d.from_year
          AND o.amends = d.amends AND o.status IN ('checked', 'refused')"""),
        {"plans": [*idle, *ended]},
    )
    drop(database, [*idle, *ended])
    for gone in (*idle, *ended):
        del plans[gone]


def _keep_same(database: Database, plans: dict[int, str], done: Rollover) -> None:
    """Where a former plan of the unit says the same, it stays and the draft goes; else the draft replaces it."""
    binds = {"plans": list(plans)}
    count(database, [row.former for row in database.execute(text(plan.FORMERS), binds)])
    same = database.execute(text(plan.SAME), binds).all()
    drafts = [row.draft for row in same]
    database.execute(text(inputs.PASS_ON), {"plans": drafts, "formers": [row.former for row in same]})
    drop(database, drafts)
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


def believed(policy: Policy, day: dt.date) -> list[Range]:
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


def refuse(database: Database, plans: list[int], shares: list[Range]) -> None:
    """Refuse drafts that break a rule, and those that move people from or to a refused one; the others are checked."""
    count(database, plans)
    database.execute(text(check.ENDS), {"plans": plans})
    database.execute(check.refuse(), {"plans": plans, "ranges": json.dumps(shares)})
    while database.execute(check.refuse_kin(), {"plans": plans}).rowcount:
        pass


def check_plans(database: Database, plans: list[int], shares: list[Range], batch_id: int, done: Rollover) -> list[int]:
    """Refuse what breaks a rule, let the gate judge the rest; return the plans that may be applied."""
    if not plans:
        return []
    refuse(database, plans, shares)
    database.commit()
    standing_now = {"checked": [], "refused": []}  # type: dict[str, list[int]]
    query = text("SELECT plan_id, unit_id, status, fault FROM rollover.plan WHERE plan_id = ANY(:plans)")
    for row in database.execute(query, {"plans": plans}):
        standing_now[row.status].append(row.plan_id)
        if row.status == "refused":
            done.failed[row.unit_id] = row.fault
    hold(database, "plan", done.failed, batch_id)
    good = standing_now["checked"]
    if not good:
        database.commit()
        return []
    verdict = judge(database, "plan", "rollover", batch_id, check.lines(good), check.parts(good, shares))
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
