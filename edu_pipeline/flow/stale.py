"""Is a plan still what would be planned now? Whatever it rests on is looked at; what has changed is drafted anew.

rollover.plan.inputs, what stands now -> doubtful plans -> drafts, compared by hash and line, then forgotten -> reasons

What does not belong here: planning (plan.py). The caller's transaction keeps nothing of the drafts.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow.plan import draft, drop
from edu_pipeline.rollover import amend, inputs
from edu_pipeline.sources.policy import Policy


def doubtful(database: Database, from_year: int, plans: Sequence[int]) -> set[int]:
    """Plans of which something that they rest on is another by now; whether they would differ says only a draft."""
    binds = {"plans": list(plans), "from_year": from_year, "to_year": from_year + 1}
    return {row.plan_id for row in database.execute(text(inputs.DOUBTFUL), binds)}


def stale(
    database: Database, from_year: int, plans: Sequence[Any], run_id: str, policy: Policy, day: dt.date
) -> dict[str, str]:
    """Units whose plan is no longer what would be planned now, and by how much; drafts only where there is doubt."""
    doubted = doubtful(database, from_year, [row.plan_id for row in plans])
    unit_of = {row.plan_id: row.unit_id for row in plans if row.plan_id in doubted}
    if not unit_of:
        return {}
    drafts = draft(database, from_year, list(unit_of.values()), run_id, policy, day)
    draft_of = {unit: plan for plan, unit in drafts.items()}
    found, same = {}, {}
    hash_of = text("SELECT plan_id, hash FROM rollover.plan WHERE plan_id = ANY(:plans)")
    binds = {"plans": [*unit_of, *draft_of.values()]}
    hashes = {row.plan_id: row.hash for row in database.execute(hash_of, binds)}
    for plan, unit in unit_of.items():
        anew = draft_of.get(unit)
        if anew is None:
            found[unit] = "stale: its year is no longer closing, so it cannot be compared: plan again"
        elif hashes[anew] == hashes[plan]:
            same[anew] = plan
        else:
            lines = database.execute(text(amend.DIFFER), {"former": plan, "plan": anew}).rowcount
            found[unit] = f"stale: {lines} lines differ since it was planned: plan again"
    database.execute(text(inputs.PASS_ON), {"plans": list(same), "formers": list(same.values())})
    drop(database, list(draft_of.values()))
    return found
