"""What came of a step of the rollover, unit by unit, what is held because of it, and why somebody decided something.

plan.py, apply.py, reconcile.py, undo.py -> Rollover -> defs, tests; faults -> ops.hold

What does not belong here: the steps themselves.
"""

from dataclasses import dataclass, field

from sqlalchemy import Connection as Database

from edu_pipeline.flow import batch as batches
from edu_pipeline.flow.batch import Hold
from edu_pipeline.gate.verdict import Verdict

CITY = "city"


@dataclass
class Rollover:
    """What came of a step: units by what happened to them, with the rule or error where it failed."""

    step: str
    verdicts: list[Verdict] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    late: dict[str, str] = field(default_factory=dict)

    @property
    def failure(self) -> str | None:
        """Why the step is not whole, by name; None if it is."""
        said = [f"unit {unit}: {why}" for unit, why in sorted(self.failed.items())]
        said += [f"{v.room}.{v.entity}: {', '.join(v.failed)}" for v in self.verdicts if not v.passed]
        return "; ".join(said) or None


@dataclass(frozen=True)
class Why:
    """What is kept with a decision: why, the number of the document that it rests on, a typed name (never trusted)."""

    reason: str = ""
    document: str = ""
    claimed: str | None = None

    @property
    def is_given(self) -> bool:
        """Whether both reason and document are said."""
        return bool(self.reason.strip() and self.document.strip())


UNSAID = Why()


def hold(database: Database, room: str, faults: dict[str, str], batch_id: int) -> None:
    """Let units wait for the one who can mend their fault, in a room of the rollover."""
    holds = [Hold(room, CITY, unit, "rollover", fault[:300], 1) for unit, fault in faults.items()]
    batches.open_holds(database, room, CITY, "rollover", holds, batch_id)
