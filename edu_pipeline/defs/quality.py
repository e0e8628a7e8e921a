"""The figures of a night, after everybody is accounted for.

flow.quality -> quality.score, with its suite

What does not belong here: rules and arithmetic (quality/).
"""

from collections.abc import Iterator

import dagster as dg

from edu_pipeline.defs.keys import STATES, checks, key, suite_result
from edu_pipeline.flow.quality import score_city

SCORE = key("quality", "score")


@dg.multi_asset(
    name="quality_step",
    specs=[dg.AssetSpec(SCORE, deps=[STATES], group_name="quality", kinds={"postgres"},
                        description="How correct, complete, clean and live each unit is, with what is behind it.")],
    check_specs=checks([SCORE]),
)  # fmt: skip
def quality_assets(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Judge what stands, and score every unit."""
    done = score_city(context.run.run_id)
    yield suite_result(SCORE, [done.verdict])
    if not done.verdict.passed:
        raise dg.Failure(f"no figures: {', '.join(done.verdict.failed)}", allow_retries=False)
    said = {"units": done.units, "rules": done.rules, "findings": done.findings, "city": round(done.city, 2)}
    yield dg.MaterializeResult(asset_key=SCORE, metadata=said)
