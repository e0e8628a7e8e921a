"""The morning's list as an asset: made after every publication, a small table of counts and codes.

flow.today -> ops/today

What does not belong here: what stands in the list (flow/today.py), who is written to (hold.py).
"""

import dagster as dg

from edu_pipeline.defs.keys import STATES, TODAY
from edu_pipeline.flow.today import today
from edu_pipeline.report.today import table


@dg.asset(key=TODAY, deps=[STATES], group_name="ops", description="What ran, what waits for whom, who is late.")
def today_asset() -> dg.MaterializeResult:
    """The list of this morning."""
    rows = today()
    return dg.MaterializeResult(metadata={"lines": len(rows), "list": dg.MetadataValue.md(table(rows))})
