"""How a kind of system speaks: its envelope, its ways of paging, the parameters of a reading.

systems/*.yaml, `envelope:`, `paging:`, `params:`, `since:` -> checked -> Envelope, Paging, ScopeParams, Since

What does not belong here: what a record means (resource.py), asking (landing).
"""

from typing import Literal

from pydantic import Field, model_validator

from edu_pipeline.sources.lines import Misplaced, Strict


class Envelope(Strict):
    """Where record id, event, version and change time stand (domain.md 2.1).

    A source that names no events may say by one field that a record is cancelled: `cancelled_if` there is a value.
    """

    key: str
    event: str | None = None
    events: dict[str, Literal["NEW", "UPDATE", "CANCEL"]] = {}
    cancelled_if: str | None = None
    version: str | None = None
    changed_at: str | None = None
    replaced_by: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Envelope":
        if self.cancelled_if and (self.event or self.events):
            raise Misplaced("a record is cancelled by `event` or by `cancelled_if`, not by both", "cancelled_if")
        if bool(self.event) != bool(self.events):
            raise Misplaced("`event` and `events` go together", "event" if self.event else "events")
        return self


# What a way of paging needs beside what it may have.
_NEEDS = {
    "page": {"size", "size_param", "position_param"},
    "offset": {"size", "size_param", "position_param"},
    "cursor": {"position_param", "next"},
    "next": {"next"},
    "link": set[str](),
    "single": set[str](),
}


class Paging(Strict):
    """Paging by a word. Sizes are records per page; `next` is where a page says the cursor, or the address, of the one
    after it; `link` finds that address in the Link header (RFC 8288); `single` is one answer with everything.

    `ends_whole`: no total is declared, and a reading that came to its end is taken for all: what is missing leaves.
    """

    kind: Literal["page", "offset", "cursor", "next", "link", "single"]
    size: int | None = Field(None, gt=0)
    size_param: str | None = None
    position_param: str | None = None
    next: str | None = None
    total: str | None = None
    total_header: str | None = None
    ends_whole: bool = False
    snapshot: str | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "Paging":
        needed = _NEEDS[self.kind]
        if missing := sorted(name for name in needed if getattr(self, name) is None):
            raise Misplaced(f"`kind: {self.kind}` needs {', '.join(missing)}", "kind")
        if self.next is not None and "next" not in needed:
            raise Misplaced("`next:` goes with `kind: cursor` or `kind: next`", "next")
        if self.position_param is not None and "position_param" not in needed:
            raise Misplaced(f"`kind: {self.kind}` has no position; leave it out", "position_param")
        if (self.size is None) != (self.size_param is None):
            raise Misplaced(
                "`size:` and `size_param:` go together", "size" if self.size_param is None else "size_param"
            )
        if self.ends_whole and (self.total or self.total_header or self.kind in ("page", "offset")):
            raise Misplaced("`ends_whole` is for paging that shows its end and declares no total", "ends_whole")
        if self.snapshot and self.kind not in ("page", "offset"):
            raise Misplaced(f"`kind: {self.kind}` is a snapshot of its own; leave it out", "snapshot")
        return self

    @property
    def asked(self) -> dict[str, int]:
        """The parameter that says how many records a page may have, where there is one."""
        return {self.size_param: self.size} if self.size_param and self.size else {}


class YearParam(Strict):
    """The parameter that says the school year, and how: 2023, or the label 2023-2024."""

    param: str
    form: Literal["start_year", "label"] = "start_year"


class Since(Strict):
    """How a system is asked for what has changed since a moment: the parameter, and its value as a strftime pattern.

    The moment is in the system's own time zone. What it answers proves nothing of absence. `glue` stands between a
    resource's own value of the parameter and this one.
    """

    param: str
    form: str = "%Y-%m-%dT%H:%M:%S"
    glue: str | None = None


class ScopeParams(Strict):
    """What the parameters of a unit's reading are called."""

    unit: str = "unit"
    school_year: YearParam = YearParam(param="school_year")
    term: str = "term"
