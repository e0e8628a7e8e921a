"""Asset keys, partitions and checks: the first part of a key is the database schema, the second the table.

declarations -> AssetSpec, AssetCheckSpec

What does not belong here: what an asset does (sync.py, publish.py, rollover.py).
"""

from collections.abc import Iterable, Sequence
from typing import Any

import dagster as dg

from edu_pipeline.contracts.star import STAR
from edu_pipeline.gate.verdict import Verdict
from edu_pipeline.schema import PULLED, entity

CONNECTION = dg.DynamicPartitionsDefinition(name="connection")
# By start year: 2023 is 2023-2024. A rollover is a partition of the year that ends.
SCHOOL_YEAR = dg.StaticPartitionsDefinition([str(year) for year in range(2023, 2041)])
SUITE = "suite"
ENTITIES = tuple(declared.name for declared in PULLED)
WAREHOUSE = tuple(table.name for table in STAR)
STATES = dg.AssetKey(["ops", "person_state"])
# A report, no table: what it says is computed each time.
TODAY = dg.AssetKey(["ops", "today"])


def key(schema: str, table: str) -> dg.AssetKey:
    """Asset key of a table."""
    return dg.AssetKey([schema, table])


def spec(schema: str, table: str, deps: Iterable[dg.AssetKey], description: str,
         partitions: dg.PartitionsDefinition | None = None) -> dg.AssetSpec:  # fmt: skip
    """Spec of a table's asset; it may be left out of a run whose gate is closed."""
    return dg.AssetSpec(key(schema, table), deps=list(deps), description=description, group_name=schema,
                        skippable=True, partitions_def=partitions, kinds={"postgres"})  # fmt: skip


def describe(name: str) -> str:
    """English description and Vietnamese label of an entity."""
    declared = entity(name)
    return f"{declared.description}\n\n{declared.label_vi}"


def checks(keys: Sequence[dg.AssetKey]) -> list[dg.AssetCheckSpec]:
    """One check a table: its suite of expectations."""
    return [dg.AssetCheckSpec(SUITE, asset=asset, description="Great Expectations suite of the room") for asset in keys]


def suite_result(asset: dg.AssetKey, verdicts: Sequence[Verdict]) -> dg.AssetCheckResult:
    """A check's result as the sum of a run's verdicts: counts and names of expectations, never a value."""
    failed = sorted({f"{name} (batch {v.batch_id})" for v in verdicts for name in v.failed})
    rows = sum(v.standing.row_count for v in verdicts)
    metadata: dict[str, Any] = {"rows_judged": rows, "change_sets": len(verdicts),
                "failed": ", ".join(failed)}  # fmt: skip
    return dg.AssetCheckResult(passed=not failed, check_name=SUITE, asset_key=asset, metadata=metadata)
