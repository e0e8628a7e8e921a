"""The figures once more, by other means: pandas, from the counts alone.

quality.tally, quality.rule -> frames of weighted means -> (unit, level, kind, name) -> percent

What does not belong here: the counts (each rule's examples prove them).
"""

import datetime as dt

import pandas as pd

from edu_pipeline.schema.ladder import LEVELS

Figures = dict[tuple[str, str, str, str], float]


def _mean(frame: pd.DataFrame, by: list[str], weight: str, keep: list[str]) -> pd.DataFrame:
    """Weighted mean of `score` by groups; weights of the level above are kept."""
    frame = frame.assign(product=frame.score * frame[weight])
    grouped = frame.groupby(by, as_index=False)
    sums = grouped.agg(product=("product", "sum"), total=(weight, "sum"), **{k: (k, "first") for k in keep})
    sums["score"] = sums["product"] / sums["total"]
    return sums


def recount(tally: pd.DataFrame, rules: pd.DataFrame, day: dt.date) -> Figures:
    """Figures of units by rules of the unit's own that count on a day."""
    until = pd.to_datetime(rules.observed_until)
    counting = rules[(rules.party == "unit") & (rules.weight > 0) & (until.isna() | (until < pd.Timestamp(day)))]
    whole = tally.groupby(["unit_id", "rule"], as_index=False)[["asked_count", "failed_count"]].sum()
    of_levels = tally[tally.level.isin(LEVELS)]
    frame = pd.concat([whole.assign(level="all"), of_levels]).merge(counting, on="rule")
    frame["score"] = 100 * (1 - frame.failed_count / frame.asked_count)
    key = ["unit_id", "level"]
    criterion = _mean(frame, [*key, "entity", "field", "criterion"], "weight",
                      ["criterion_weight", "field_weight", "entity_weight"])  # fmt: skip
    field = _mean(criterion, [*key, "entity", "field"], "criterion_weight", ["field_weight", "entity_weight"])
    entity = _mean(field, [*key, "entity"], "field_weight", ["entity_weight"])
    unit = _mean(entity, key, "entity_weight", [])
    both = criterion.assign(both=criterion.entity_weight * criterion.field_weight)
    criteria = _mean(both, [*key, "criterion"], "both", [])
    found: Figures = {}
    for kind, frames, name in (
        ("whole", unit, None),
        ("entity", entity, "entity"),
        ("criterion", criteria, "criterion"),
    ):
        for row in frames.to_dict("records"):
            found[(row["unit_id"], row["level"], kind, row[name] if name else "")] = row["score"]
    return found
