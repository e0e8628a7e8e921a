"""Hand a unit over to another connection, or take that back: checked as part of the whole site, then written down.

what is asked -> the site with it, checked -> EDU_SITE_DIR/handovers.yaml, ops.audit

What does not belong here: what a handover means (sources/handover.py), when authority passes (authority.py). Only the
lines of the entry are written or taken out: what else stands in the file, comments too, stays. Order: the new text lies
beside the file, the audit is committed, the file is replaced. So nothing changes that the audit does not know; whoever
is killed before the last step has an entry without effect, and says it again.
"""

import datetime as dt
import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from edu_pipeline.flow.audit import audited, record
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.handover import FILE, find, load
from edu_pipeline.sources.lines import Document, parse
from edu_pipeline.sources.link import MANAGED, OWNED
from edu_pipeline.sources.site import Site

Row = dict[str, Any]

_FRESH = f".{FILE}.fresh."


class HandoverRefused(RuntimeError):
    """There is nothing to take back, or the file cannot be written; the message says what to do."""


def hand_over(asked: Mapping[str, Any]) -> list[Row]:
    """Write a handover down; returns what changes. `asked` holds the fields of an entry, by the names of the file.

    Raises ConfigurationError if the site would not stand with it, and HandoverRefused.
    """
    folder = settings().site_dir
    with _turn(folder):
        return _write(folder, _with(folder, asked), "handover.write", asked)


def take_back(unit: str, source: str, to: str, day: dt.date | None, asked: Mapping[str, Any]) -> list[Row]:
    """Take the newest such handover out if its day is not over; else write one back, as of today.

    `asked`: decision, reason and name for an entry that is written back.
    """
    folder = settings().site_dir
    with _turn(folder):
        return _take_back(folder, unit, source, to, day, asked)


def _take_back(
    folder: Path, unit: str, source: str, to: str, day: dt.date | None, asked: Mapping[str, Any]
) -> list[Row]:
    today, document = settings().today(), find(folder)
    found = [(one.date, position, one) for position, one in enumerate(load(document))
             if (one.unit, one.source, one.to) == (unit, source, to) and day in (None, one.date)]  # fmt: skip
    if document is None or not found:
        when = f" on {day}" if day else ""
        raise HandoverRefused(f"{folder / FILE} has no handover of unit {unit} from {source} to {to}{when}; see there")
    _, position, one = max(found, key=lambda item: item[:2])
    if one.date >= today:
        told = one.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return _write(folder, _without(document, position), "handover.withdraw", told | {"date": one.date})
    back = {"unit": unit, "from": to, "to": source, "date": today, "entities": list(one.entities), **asked}
    back = {name: value for name, value in back.items() if value}
    return _write(folder, _with(folder, back), "handover.write", back)


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """The block alone reads and replaces the file. The lock is the folder's: the file itself is another one each time.

    It ends with the process, however that ends.
    """
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise HandoverRefused(f"{folder} cannot be opened ({error.strerror}); see EDU_SITE_DIR") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _with(folder: Path, asked: Mapping[str, Any]) -> str:
    """The file's text with an entry more."""
    document = find(folder)
    lines = yaml.safe_dump([dict(asked)], sort_keys=False, allow_unicode=True, width=1000).splitlines()
    text = (folder / FILE).read_text(encoding="utf-8") if document else ""
    last = text.splitlines()[document.line(("handovers", "0")) - 1] if document else ""
    indent = last[: -len(last.lstrip())] if last.lstrip().startswith("- ") else "  "
    entry = "".join(f"{indent}{line}\n" for line in lines)
    if not load(document):
        comments = [line for line in text.splitlines() if line.lstrip().startswith("#")]
        return "".join(f"{line}\n" for line in [*comments, "handovers:"]) + entry
    assert document is not None
    written = text.rstrip("\n") + "\n" + entry
    _prove(folder, written, [*document.value["handovers"], dict(asked)], entry, "add")
    return written


def _without(document: Document, position: int) -> str:
    """The file's text without an entry; a comment that stands before the next one stays."""
    path = Path(document.name)
    lines, entries = path.read_text(encoding="utf-8").splitlines(), document.value["handovers"]
    first = document.lines["handovers", str(position)] - 1
    end = document.lines.get(("handovers", str(position + 1)), len(lines) + 1) - 1
    while end > first + 1 and lines[end - 1].lstrip()[:1] in ("", "#"):
        end -= 1
    kept = lines[:first] + lines[end:]
    left = [one for at, one in enumerate(entries) if at != position]
    if not left:
        kept = [line for line in kept if line.lstrip()[:1] in ("", "#")] + ["handovers: []"]
    text = "".join(f"{line}\n" for line in kept)
    _prove(path.parent, text, left, "".join(f"{line}\n" for line in lines[first:end]), "take out")
    return text


def _prove(folder: Path, text: str, wanted: list[Any], entry: str, what: str) -> None:
    """Refuse to write where the file's form hides where an entry stands."""
    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError:
        said = None
    if not isinstance(said, dict) or said.get("handovers") != wanted:
        raise HandoverRefused(f"{folder / FILE} is not written as one block an entry; {what} by hand:\n{entry}")


def _write(folder: Path, text: str, action: str, told: Mapping[str, Any]) -> list[Row]:
    path, before = folder / FILE, sites.load(folder)
    after = sites.load(folder, parse(text, str(path)))
    changes = _changes(before, after, told["unit"], told["date"])
    said = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in told.items()}
    by = said.pop("by", None)
    try:
        fresh = _beside(path, text)
        try:
            with audited() as database:
                record(database, action, by, **said)
            try:
                os.replace(fresh, path)
            except OSError:
                with audited() as database:
                    record(database, "handover.fail", by, **said)
                raise
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise HandoverRefused(
            f"{path} cannot be written ({error.strerror}); nothing has changed. It should say:\n{text}"
        ) from None
    return changes


def _beside(path: Path, text: str) -> Path:
    """The text in a file of its own in the same folder, on disk: whatever may fail in writing it, has."""
    for left in path.parent.glob(f"{_FRESH}*"):  # of one that was killed
        left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_FRESH)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o644)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _changes(before: Site, after: Site, unit: str, day: dt.date) -> list[Row]:
    """Who answers for the unit's entities from the day on, where that is another than without the change."""
    was, will = _answers(before, unit, day), _answers(after, unit, day)
    moved: dict[tuple[str, str], list[str]] = {}
    for name in OWNED:
        if was.get(name) != will.get(name):
            moved.setdefault((was.get(name, "nobody"), will.get(name, "nobody")), []).append(name)
    rows = []
    for (former, to), names in moved.items():
        told = {r.entity for r in after.connection(to).kind.records().values()} if to != "nobody" else set()
        silent = ", ".join(name for name in names if name not in told)
        note = f"the last word of {former} stands for what {to} does not tell: {silent}" if silent else ""
        all_ = set(names) == set(MANAGED)
        rows.append({"unit": unit, "from": former, "to": to, "entities": "all" if all_ else ", ".join(names),
                     "day": day, "note": note})  # fmt: skip
    return rows


def _answers(site: Site, unit: str, day: dt.date) -> dict[str, str]:
    return {name: connection for connection, link in site.links
            if link.unit == unit and link.is_on(day) for name in link.names}  # fmt: skip
