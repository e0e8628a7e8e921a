"""The dress rehearsal of a rollover: planned, applied, proven and taken back, in a schema that is thrown away.

live register -> the session's temporary tables in the place of rollover's -> what would block, what would come of it

What does not belong here: the steps (rollover/), judging by the gate (Great Expectations sees committed rows only; here
SQL isolates, with the same rules). It holds no lock and waits for none: everybody goes on working meanwhile.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import TextClause, event, text

from edu_pipeline.contracts.year import APPLIED, APPLIED_CHANGE, BALANCE, PLAN, PLAN_COUNT, PLAN_LINE, PLAN_SHARE
from edu_pipeline.flow.approve import counted, newest
from edu_pipeline.flow.plan import believed, draft, drop, refuse
from edu_pipeline.flow.ready import not_ready
from edu_pipeline.rollover import apply as applying
from edu_pipeline.rollover import reconcile
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.storage.engine import engine

# What a rollover writes; everything else is read where it is.
_PLANS = (PLAN, PLAN_LINE, PLAN_SHARE, PLAN_COUNT)
_WRITTEN = tuple(table.name for table in (*_PLANS, *APPLIED, *APPLIED_CHANGE.values(), BALANCE))
_NAME = re.compile(rf"\brollover\.({'|'.join(sorted(_WRITTEN, key=len, reverse=True))})\b")


@dataclass
class Dress:
    """What came of the rehearsal: one row a unit, the city's sums, and what the way back left behind (nothing)."""

    units: list[dict[str, Any]] = field(default_factory=list)
    sums: dict[str, int] = field(default_factory=dict)
    left_behind: int = 0

    @property
    def blocked(self) -> list[dict[str, Any]]:
        """Units that would not be rolled over or not be believed, with the reasons."""
        return [row for row in self.units if row["blocked"]]


def rehearse(from_year: int, units: Sequence[str] | None = None, config: Settings | None = None) -> Dress:
    """Rehearse the units that are closing and not rolled over yet; nothing of it stays. KeyError for a year that the
    calendar lacks."""
    config = config or settings()
    site, day = sites.load(config.site_dir), config.today()
    site.year(from_year), site.year(from_year + 1)
    with _stage(from_year) as database:
        plans = draft(database, from_year, units, "rehearsal", site.policy, day)
        late = database.execute(text("SELECT plan_id FROM rollover.plan WHERE plan_id = ANY(:plans)"
                                     " AND amends IS NOT NULL"), {"plans": list(plans)}).scalars().all()  # fmt: skip
        drop(database, late)
        plans = {plan: unit for plan, unit in plans.items() if plan not in late}
        refuse(database, list(plans), believed(site.policy, day))
        faults = _faults(database, "SELECT unit_id, fault FROM rollover.plan WHERE status = 'refused'"
                         " AND plan_id = ANY(:plans)", plans)  # fmt: skip
        found = newest(database, from_year, list(plans.values()))
        reasons = not_ready(database, site, from_year, day, {unit: plan for plan, unit in plans.items()})
        codes = counted(database, found)
        good = [plan for plan, unit in plans.items() if unit not in faults]
        _run(database, applying.fill(site.catalogue.is_collected), plans=good, run_id="rehearsal")
        for plan in good:
            _run(database, applying.apply(), plan=plan)
        database.execute(
            text("UPDATE rollover.plan SET status = 'applied' WHERE plan_id = ANY(:plans)"), {"plans": good}
        )
        database.execute(reconcile.balance(), {"now": dt.datetime.now(dt.UTC)})
        faults |= _faults(database, "SELECT unit_id, fault FROM rollover.balance WHERE NOT is_balanced", plans)
        done = Dress(sums=_sums(database, good))
        for plan in good:
            binds = {"plan": plan, "unit": plans[plan], "year": from_year + 1, "now": dt.datetime.now(dt.UTC)}
            _run(database, applying.undo(), **binds)
        standing = " UNION ALL ".join(f"SELECT plan_id FROM rollover.{table.name}" for table in APPLIED)
        query = text(f"SELECT count(*) FROM ({standing}) t WHERE plan_id = ANY(:plans)")
        done.left_behind = int(database.execute(query, {"plans": good}).scalar_one())
    for unit in sorted(plans.values()):
        why = [*([faults[unit]] if unit in faults else []), *reasons.get(unit, [])]
        done.units.append({"unit": unit, "blocked": "; ".join(why), "hash": found[unit].hash[:12],
                           "exceptions": codes.get(unit, {})})  # fmt: skip
    return done


@contextmanager
def _stage(from_year: int) -> Iterator[Database]:
    """A transaction on one state of the register, in which rollover's tables are temporary ones: it is taken back."""
    with engine().connect().execution_options(isolation_level="REPEATABLE READ") as database:
        for name in _WRITTEN:
            database.execute(text(f"CREATE TEMPORARY TABLE {name} (LIKE rollover.{name} INCLUDING ALL)"))
        # What is applied already is what the others' plans lean on, and their shares are compared with.
        names = ", ".join(c.name for c in PLAN.columns)
        database.execute(text(f"INSERT INTO pg_temp.plan ({names}) OVERRIDING SYSTEM VALUE SELECT {names}"
                              " FROM rollover.plan WHERE status = 'applied'"))  # fmt: skip
        for name in (PLAN_LINE.name, *(table.name for table in APPLIED)):
            database.execute(text(f"INSERT INTO pg_temp.{name} SELECT l.* FROM rollover.{name} l"
                                  " JOIN pg_temp.plan p USING (plan_id) WHERE p.from_year >= :year - 1"),
                             {"year": from_year})  # fmt: skip
        database.execute(text("SELECT setval(pg_get_serial_sequence('pg_temp.plan', 'plan_id'),"
                              " (SELECT coalesce(max(plan_id), 0) + 1 FROM rollover.plan))"))  # fmt: skip
        database.execute(text("SET LOCAL enable_nestloop = off"))
        event.listen(database, "before_cursor_execute", _redirect, retval=True)
        try:
            yield database
        finally:
            event.remove(database, "before_cursor_execute", _redirect)
            database.rollback()


def _redirect(_c: Any, _cursor: Any, statement: str, binds: Any, _context: Any, _many: bool) -> tuple[str, Any]:
    return _NAME.sub(r"pg_temp.\1", statement), binds


def _run(database: Database, statements: Sequence[TextClause], **binds: Any) -> None:
    for statement in statements:
        database.execute(statement, binds)


def _faults(database: Database, query: str, plans: dict[int, str]) -> dict[str, str]:
    rows = database.execute(text(query), {"plans": list(plans)})
    return {row.unit_id: row.fault for row in rows if row.unit_id in plans.values()}


def _sums(database: Database, plans: list[int]) -> dict[str, int]:
    query = text("""SELECT kind || ': ' || decision AS what, count(*) AS lines FROM rollover.plan_line
                    WHERE plan_id = ANY(:plans) GROUP BY 1 ORDER BY 1""")
    return {row.what: row.lines for row in database.execute(query, {"plans": plans})}
