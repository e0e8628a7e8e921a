"""Assets of a night's first half: one step over all due connections, a materialization for each that passed.

flow.sync -> landing.record, normalized.*, validated.*

What does not belong here: pulling and judging (flow). The step fails last, by name, when everything else is done.
"""

from collections.abc import Iterator

import dagster as dg

from edu_pipeline.defs.keys import CONNECTION, ENTITIES, checks, describe, key, spec, suite_result
from edu_pipeline.flow import ask, sync
from edu_pipeline.flow.sync import Outcome
from edu_pipeline.gate.verdict import Verdict

LANDING = key("landing", "record")
_ROOMS = {
    LANDING: spec("landing", "record", (), "Pages as received and one row a record.", CONNECTION),
    **{key("normalized", n): spec("normalized", n, [LANDING], describe(n), CONNECTION) for n in ENTITIES},
    **{key("validated", n): spec("validated", n, [key("normalized", n)], describe(n), CONNECTION) for n in ENTITIES},
}


class SyncConfig(dg.Config):
    """Which connections, school years, units and entities are read: none named means all that are due."""

    connections: list[str] = []
    years: list[int] = []
    from_landing: bool = False
    units: list[str] = []
    entities: list[str] = []


@dg.multi_asset(name="sync_step", specs=list(_ROOMS.values()), check_specs=checks(list(_ROOMS)))
def sync_assets(context: dg.AssetExecutionContext, config: SyncConfig) -> Iterator[dg.AssetCheckResult]:
    """Pull and admit; record a partition for each connection and table that passed its gate."""
    outcomes = []
    context.instance.add_dynamic_partitions("connection", ask.connection_ids())
    order = sync.Order(tuple(config.connections), tuple(config.years), config.from_landing, tuple(config.units),
                       tuple(config.entities))  # fmt: skip
    for outcome in sync.sync(context.run.run_id, order, context.log.debug):
        outcomes.append(outcome)
        context.log.info(f"{outcome.connection_id}: {outcome.said} ({outcome.seconds:.1f} s pulling)")
        for warning in outcome.warnings:
            context.log.warning(warning)
        for asset, verdict in _passed(outcome):
            context.log_event(dg.AssetMaterialization(asset, partition=outcome.connection_id, metadata=_counts(
                outcome, verdict)))  # fmt: skip
    verdicts = [v for o in outcomes if o.admission for v in o.admission.verdicts]
    for asset in _ROOMS:
        yield suite_result(asset, [v for v in verdicts if _asset(v) == asset])
    if failures := [f"{o.connection_id}: {o.failure}" for o in outcomes if o.failure]:
        raise dg.Failure("; ".join(failures), allow_retries=False)


def _asset(verdict: Verdict) -> dg.AssetKey:
    return LANDING if verdict.room == "landing" else key(verdict.room, verdict.entity)


def _passed(outcome: Outcome) -> Iterator[tuple[dg.AssetKey, Verdict]]:
    for verdict in outcome.admission.verdicts if outcome.admission else ():
        # A table of which the night brought nothing is as new as it was: events for all tables of thousands of idle
        # connections would be what the log is full of.
        if verdict.passed and verdict.standing.row_count:
            yield _asset(verdict), verdict


def _counts(outcome: Outcome, verdict: Verdict) -> dict[str, int]:
    terms = outcome.admission.terms.get(verdict.entity, {}) if outcome.admission else {}
    return {"batch": outcome.batch_id, "rows": verdict.standing.row_count, **terms}
