"""Assets of a night's second half: master and the account of everybody, then the warehouse.

flow.publish, flow.warehouse -> master.*, ops.person_state, warehouse.*

What does not belong here: merging and judging (flow). A closed gate leaves out its table; the run fails at its end.
"""

from collections.abc import Iterator

import dagster as dg

from edu_pipeline.defs.keys import ENTITIES, STATES, WAREHOUSE, checks, describe, key, spec, suite_result
from edu_pipeline.flow import ask
from edu_pipeline.flow.publish import publish
from edu_pipeline.flow.warehouse import materialize

_MASTER = [spec("master", name, [key("validated", name)], describe(name)) for name in ENTITIES]
_ACCOUNT = dg.AssetSpec(STATES, deps=[item.key for item in _MASTER], group_name="ops", kinds={"postgres"},
                        description="Every person in exactly one state, as dated intervals.")  # fmt: skip
_SUMS = dg.AssetSpec(key("rollover", "balance"), deps=[key("master", "enrollment")],
                     group_name="rollover", kinds={"postgres"},
                     description="The conservation law of the school year, unit by unit.")  # fmt: skip
# The warehouse hangs on the account, which every run makes: an entity whose gate is closed must not stop the others.
_ROLLED = [key("rollover", name) for name in ("school_class", "enrollment", "student_year", "staff_assignment")]
_STAR = [spec("warehouse", name, [STATES, _SUMS.key, *_ROLLED], "Shape for questions.") for name in WAREHOUSE]


@dg.multi_asset(name="master_step", specs=[*_MASTER, _SUMS, _ACCOUNT],
                check_specs=checks([*(s.key for s in _MASTER), _SUMS.key, STATES]))  # fmt: skip
def master_assets(
    context: dg.AssetExecutionContext,
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Merge every admitted batch; account for every person."""
    done = publish(context.run.run_id)
    for name in ENTITIES:
        verdict = done.verdicts[name]
        yield suite_result(key("master", name), [verdict])
        if verdict.passed:
            yield dg.MaterializeResult(asset_key=key("master", name), metadata=dict(done.changes[name]))
    yield suite_result(_SUMS.key, done.rollover.verdicts)
    yield dg.MaterializeResult(asset_key=_SUMS.key, metadata={"units_out_of_balance": len(done.rollover.failed)})
    yield suite_result(STATES, [done.verdicts["person"]])
    yield dg.MaterializeResult(asset_key=STATES, metadata=dict(done.states))


@dg.multi_asset(name="warehouse_step", specs=_STAR, check_specs=checks([s.key for s in _STAR]))
def warehouse_assets(
    context: dg.AssetExecutionContext,
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Materialise the warehouse; the run's last act is to fail by the names of all gates that closed in it."""
    done = materialize(context.run.run_id)
    for name in WAREHOUSE:
        verdict = done.verdicts[name]
        yield suite_result(key("warehouse", name), [verdict])
        if verdict.passed:
            yield dg.MaterializeResult(asset_key=key("warehouse", name), metadata=dict(done.changes[name]))
    if closed := ask.closed_in(context.run.run_id):
        raise dg.Failure("; ".join(closed), allow_retries=False)


@dg.asset_check(asset=STATES, name="standing")
def standing_check() -> dg.AssetCheckResult:
    """What is closed, held or absent right now: units, rules and counts. A warning: somebody has to act."""
    found = ask.standing()
    rows = "\n".join(f"| {f['what']} | {f['where']} | {f['rule']} | {f['rows']} |" for f in found[:100])
    table = dg.MetadataValue.md(f"| what | where | rule | rows |\n|---|---|---|---|\n{rows}")
    return dg.AssetCheckResult(passed=not found, severity=dg.AssetCheckSeverity.WARN,
                               metadata={"count": len(found), "list": table})  # fmt: skip
