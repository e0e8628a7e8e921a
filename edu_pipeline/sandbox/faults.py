"""Named faults of the served systems, switched on and off while they run.

POST /_control/faults -> Faults -> the apps ask what is on

What does not belong here: the city's own defects (city.py). A fault never changes a headcount: that is the story's.
"""

from dataclasses import dataclass, field
from typing import Any

NAMES = ("truncated", "shrunken", "unknown_code", "duplicate_id", "orphan", "other_year", "dropped", "error500",
         "unavailable")  # fmt: skip
VENDOR_WIDE = frozenset({"error500", "unavailable"})


@dataclass
class Faults:
    """What is on, by name and unit. `bumps` raises versions of records that a fault has touched, on and off."""

    on: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    bumps: dict[tuple[str, str], int] = field(default_factory=dict)
    left: int = 0

    def switch(self, name: str, unit: str = "", is_on: bool = True, **options: Any) -> None:
        """Switch a fault; ValueError for an unknown name, and for a unit that is missing or too much."""
        if name not in NAMES:
            raise ValueError(f"no fault {name!r}; there are {', '.join(NAMES)}")
        if bool(unit) == (name in VENDOR_WIDE):
            raise ValueError(f"fault {name!r} {'is the whole vendor, not one unit' if unit else 'needs a unit'}")
        times = int(options.get("times", 1))
        if is_on:
            self.on[name, unit] = options
            self.left = times if name == "error500" else self.left
        else:
            self.on.pop((name, unit), None)
        self.bumps[name, unit] = self.bumps.get((name, unit), 0) + 10

    def has(self, name: str, unit: str = "") -> bool:
        return (name, unit) in self.on

    def spend(self, name: str) -> bool:
        """True as often as the fault was asked for: `times` requests see it."""
        if (name, "") not in self.on or self.left <= 0:
            return False
        self.left -= 1
        return True

    def bump(self, name: str, unit: str) -> int:
        """How much versions of touched records have grown; stays after the fault is off, so that mending is newer."""
        return self.bumps.get((name, unit), 0)
