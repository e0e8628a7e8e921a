"""Is the audit what it was? The chain is judged link by link, and its former heads against the anchors outside.

ops.audit, ops.audit_seal, anchors -> Verification

What does not belong here: mending. Nothing here writes: a broken chain is evidence.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow.anchor import Anchor, AnchorFailed, path, read
from edu_pipeline.report import audit as audits
from edu_pipeline.settings import Settings, settings
from edu_pipeline.storage.engine import engine

# Sealed at once and anchored daily: what has waited longer was forgotten, or is kept open.
PATIENCE_DAYS = 2

_COMPARE = "compare with a backup of before; only the owner role or the server's administrator can have done it"
_OTHER = "if this database was restored or made anew, keep the file and let EDU_AUDIT_ANCHOR name a new folder"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: the rule, the place in the chain, what is so, and what to do."""

    rule: str
    seq: int | None
    audit_id: int | None
    says: str
    remedy: str


@dataclass
class Verification:
    """What the audit holds and what is wrong with it."""

    entries: int
    since: dt.datetime | None
    unsealed: int
    unsealed_since: dt.datetime | None
    seq: int
    hash: str
    anchor_file: str
    anchor: Anchor | None
    findings: list[Finding] = field(default_factory=list)


def verify(config: Settings | None = None) -> Verification:
    """Judge the whole audit; what is wrong stands in `findings`, the chain's first, at most 20 of its links."""
    config = config or settings()
    findings: list[Finding] = []
    with engine().connect() as database:
        # One state of all, and the file before it: what is anchored meanwhile is no finding.
        file, anchors = _anchors(database, config, findings)
        database.commit()
        database.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        head = database.execute(text(audits.HEAD)).one_or_none()
        last = max(anchors.values(), key=lambda one: one.seq, default=None)
        binds = {"patience": f"{PATIENCE_DAYS} days", "anchored": last.seq if last else 0}
        sums: dict[str, Any] = dict(database.execute(text(audits.SUMS), binds).one()._mapping)
        is_unsealed_late, is_unanchored_late = sums.pop("is_unsealed_late"), sums.pop("is_unanchored_late")
        said = Verification(**sums, seq=head.seq if head else 0, hash=head.hash if head else audits.GENESIS,
                            anchor_file=str(file or ""), anchor=last)  # fmt: skip
        said.findings = [*_broken(database), *_moved(database, anchors, file, said.seq), *findings]
    if is_unsealed_late:
        said.findings.append(Finding(
            "unsealed", None, None, f"{said.unsealed} entries are not sealed, the oldest since {said.unsealed_since}",
            "run `edu-pipeline audit anchor`; if it comes again, see why the schedule `anchoring` does not run",
        ))  # fmt: skip
    if is_unanchored_late:
        since = f"since seq {last.seq} of {last.at}" if last else "ever"
        said.findings.append(Finding(
            "unanchored", last.seq if last else None, None, f"the chain has grown, and has no anchor {since}",
            "if there was one, find out who took it away; run `edu-pipeline audit anchor`",
        ))  # fmt: skip
    return said


def _anchors(database: Database, config: Settings, findings: list[Finding]) -> tuple[Path | None, dict[int, Anchor]]:
    try:
        file = path(database, config)
        anchors, faults = read(file)
    except AnchorFailed as error:
        findings.append(Finding("unreadable", None, None, str(error), "mend it, then verify again"))
        return None, {}
    findings += [
        Finding("unreadable", None, None, f"{file}, line {line}, is no anchor",
                f"a crash may have cut it, or somebody changed it: look at it; {_OTHER}")
        for line in faults[:20]
    ]  # fmt: skip
    return file, anchors


def _broken(database: Database) -> Iterator[Finding]:
    rows = database.execute(text(audits.BROKEN)).all()
    for row in rows:
        if row.fault == "gap":
            gone = f"{row.former_seq + 1} to {row.seq - 1}" if row.former_seq < row.seq - 2 else str(row.seq - 1)
            yield Finding("missing", row.seq - 1, None, f"no seal {gone} stands before {row.seq}", _COMPARE)
        elif row.fault == "gone":
            yield Finding("missing", row.seq, row.audit_id, "the entry was sealed and is gone", _COMPARE)
        else:
            yield Finding("changed", row.seq, row.audit_id,
                          "the entry, its seal or the hash before it is not what was sealed", _COMPARE)  # fmt: skip
    if rows and rows[0].total > len(rows):
        yield Finding("more", None, None, f"{rows[0].total - len(rows)} more links are broken", _COMPARE)


def _moved(database: Database, anchors: dict[int, Anchor], file: Path | None, head: int) -> Iterator[Finding]:
    """Where the chain is another one than was anchored: the first such anchor tells it, the later ones follow."""
    binds = {"lines": list(anchors), "seqs": [a.seq for a in anchors.values()],
             "hashes": [a.hash for a in anchors.values()]}  # fmt: skip
    rows = database.execute(text(audits.ANCHORED), binds).all()
    here = database.execute(text(audits.DATABASE)).one().id

    def told(line: int) -> str:
        one = anchors[line]
        whose = "" if one.database == here else f", of another database: {one.database}, this is {here}"
        return f"on {one.at} (seq {one.seq}, {file}, line {line}{whose})"

    if other := next((row for row in rows if row.stands is not None and not row.is_same), None):
        before = max((row.seq for row in rows if row.is_same and row.seq < other.seq), default=0)
        yield Finding("recomputed", other.seq, None,
                      f"the chain after seq {before} is not what it was {told(other.line)}",
                      f"{_COMPARE}; {_OTHER}")  # fmt: skip
    if cut := next((row for row in reversed(rows) if row.seq > head), None):
        yield Finding("truncated", cut.seq, None, f"the chain ends at seq {head}, and was longer {told(cut.line)}",
                      f"{_COMPARE}; {_OTHER}")  # fmt: skip
