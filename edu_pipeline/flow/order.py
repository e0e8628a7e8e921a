"""What is asked of a night, and what comes of each connection.

person, schedule -> Order -> sync -> Outcome

What does not belong here: doing it (sync.py).
"""

from dataclasses import dataclass, field

from edu_pipeline.flow.admit import Admission
from edu_pipeline.flow.word import Heard


@dataclass
class Outcome:
    """What came of one connection: an error, or an admission with its verdicts and terms; neither if it is cut off."""

    connection_id: str
    batch_id: int
    error: str | None = None
    admission: Admission | None = None
    seconds: float = 0.0
    scopes: list[str] = field(default_factory=list)
    skipped: str | None = None
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    heard: Heard = field(default_factory=Heard)

    @property
    def said(self) -> str:
        """The outcome in words: why it failed or was not asked, what a window kept, or that it passed."""
        kept = self.admission.notes if self.admission else []
        return "; ".join(filter(None, [self.failure, self.skipped, *self.notes, *kept])) or "passed"

    @property
    def failure(self) -> str | None:
        """Why the connection's night is not whole; None if it is."""
        if self.error:
            return self.error
        closed = self.admission.closed if self.admission else []
        said = [f"{v.room}.{v.entity}: {', '.join(v.failed)}" for v in closed]
        return "; ".join([*said, *self.scopes]) or None


@dataclass(frozen=True)
class Order:
    """What is asked of a run: which connections (none: all), school years (none: those due), units and entities.

    Where units are named, only they are read, and nothing of any other can be missed; likewise entities.
    """

    connections: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    from_landing: bool = False
    units: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()

    @property
    def is_named(self) -> bool:
        """Whether it names what is to be read, beyond a connection."""
        return bool(self.years or self.units or self.entities)
