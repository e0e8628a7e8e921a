"""The truth: what was decided about every child, for tests alone.

stories -> truth.json

What does not belong here: anything that a served system or the pipeline reads.
"""

import json
from dataclasses import asdict
from pathlib import Path

from edu_pipeline.sandbox import clock
from edu_pipeline.sandbox.city import City


def tell(city: City) -> dict[str, object]:
    """Everything decided, as JSON-able values; dates in ISO."""
    day = clock.YEAR_END[2023]
    return {
        "units": [asdict(unit) for unit in city.units],
        "headcounts": {unit.code: city.headcount(unit.code, 2023, day) for unit in city.units if unit.grades},
        "children": [asdict(child) for child in city.children],
        "staff": [asdict(member) for member in city.staff],
        "transfers": [asdict(transfer) for transfer in city.transfers],
        "admissions": [asdict(admission) for admission in city.admissions],
        "events": [asdict(event) for event in city.events],
        "defects": [{"entity": defect.entity, **asdict(defect)} for defect in city.defects],
        "contradictions": [
            {"kind": one.kind, "unit": one.victim.unit.code, "who": one.victim.who, "found": sorted(one.finds)}
            for one in city.planted
        ],
        "unmapped": city.unmapped,
    }


def write(city: City, path: Path) -> None:
    """Write the truth beside the sandbox's clock."""
    path.write_text(json.dumps(tell(city), default=str, ensure_ascii=False))
