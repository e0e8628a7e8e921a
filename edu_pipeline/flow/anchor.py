"""The chain's head, written down outside the database: whoever computes the chain anew does not reach it there.

ops.audit_seal -> <folder>/audit-<database>.jsonl, a line at least a day, appended

What does not belong here: comparing anchors with the chain (verify.py), the hour (defs/audit.py).
"""

import datetime as dt
import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow.seal import seal
from edu_pipeline.report import audit as audits
from edu_pipeline.settings import CITY_ZONE, Settings, settings
from edu_pipeline.storage.engine import engine


class AnchorFailed(RuntimeError):
    """The anchor could not be written or read; the message names the file and what to do."""


@dataclass(frozen=True)
class Anchor:
    """The chain's head as it was at a moment, and the database that it was read from."""

    at: str
    seq: int
    hash: str
    database: str


def path(database: Database, config: Settings) -> Path:
    """The file of this database's anchors. AnchorFailed where the set folder is not there: a mount may be missing."""
    name = database.execute(text(audits.DATABASE)).one().name
    folder = config.audit_anchor or config.data_dir / "anchor"
    if config.audit_anchor and not folder.is_dir():
        raise AnchorFailed(
            f"EDU_AUDIT_ANCHOR: {folder} is not there; mount or make it, then `edu-pipeline audit anchor`"
        )
    return folder / f"audit-{quote(name, safe='')}.jsonl"


def anchor(config: Settings | None = None) -> Anchor | None:
    """Seal what is not sealed, and append the head, unless today's last line says it; None if nothing was recorded."""
    config = config or settings()
    seal()
    with engine().connect() as database:
        head = database.execute(text(audits.HEAD)).one_or_none()
        if head is None:
            return None
        file, who = path(database, config), database.execute(text(audits.DATABASE)).one().id
    now = dt.datetime.now(CITY_ZONE)
    said = Anchor(now.isoformat(timespec="seconds"), head.seq, head.hash, who)
    former = max(read(file)[0].items(), default=(0, None))[1]
    if former and (former.at[:10], former.seq, former.hash) == (said.at[:10], said.seq, said.hash):
        return former
    try:
        _append(file, json.dumps(asdict(said)))
    except OSError as error:
        raise AnchorFailed(
            f"{file} cannot be written ({error.strerror}): give room and rights, then `edu-pipeline audit anchor`"
        ) from error
    return said


def _append(file: Path, line: str) -> None:
    if not file.parent.is_dir():
        file.parent.mkdir(parents=True)
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        # One write, and never behind half a line that a crash left.
        told = f"{'' if _ends_whole(file) else chr(10)}{line}\n".encode()
        if os.write(handle, told) != len(told):
            raise OSError(28, "no room for the line")
        os.fsync(handle)
    finally:
        os.close(handle)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _ends_whole(file: Path) -> bool:
    with file.open("rb") as handle:
        size = handle.seek(0, os.SEEK_END)
        handle.seek(max(size - 1, 0))
        return handle.read() in (b"", b"\n")


def read(file: Path) -> tuple[dict[int, Anchor], list[int]]:
    """Anchors of a file by line number, and the numbers of the lines that are none; AnchorFailed if it has no text."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        raise AnchorFailed(f"{file} cannot be read ({error.strerror}): give this user the right to read it") from error
    found = {number: _parsed(line) for number, line in enumerate(lines, 1)}
    return {n: one for n, one in found.items() if one}, [n for n, one in found.items() if not one]


def _parsed(line: str) -> Anchor | None:
    try:
        said = Anchor(**json.loads(line))
        dt.datetime.fromisoformat(said.at)
        is_whole = isinstance(said.seq, int) and 0 < said.seq < 2**63 and re.fullmatch("[0-9a-f]{64}", said.hash)
    except (ValueError, TypeError):
        return None
    return said if is_whole else None
