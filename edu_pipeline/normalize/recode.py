"""Class codes that the register keeps, where a unit's new system has others.

frame of a chunk, codes by unit -> the same frame with the register's codes

What does not belong here: which codes (sources/link.py says them); codes with a suffix of unit events (validate).
It comes before everything that compares rows, so that a class keeps its key, and with it all that refers to it. What a
row takes from its class (schema, `fills`) has the register's code by that.
"""

from collections.abc import Mapping

import pandas as pd

FIELDS = ("class_code", "combined_class_code")


def recode(frame: pd.DataFrame, classes: Mapping[str, Mapping[str, str]]) -> None:
    """Write the register's class codes into the frame. `classes`: the register's by unit and the system's."""
    if not classes:
        return
    units = frame["claim_unit_id"]
    if "unit_id" in frame:
        units = units.where(units.notna(), frame["unit_id"])
    for name in FIELDS:
        if name in frame:
            kept = [classes.get(unit, {}).get(code, code) for unit, code in zip(units, frame[name], strict=True)]
            frame[name] = pd.Series(kept, index=frame.index, dtype=object)
