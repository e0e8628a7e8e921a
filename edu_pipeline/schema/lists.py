"""Lists that the law changes: versions of their codes, with validity and successors, from versioned CSV data.

lists/<list>.csv (or a site's replacement) -> parse() -> CodeList -> versions(), valid(), successors()

What does not belong here: which lists there are (codes/law.py), and their tables (contracts/reference.py).

A file begins with lines `# key: value` (version, source, confidence), then CSV with the columns of COLUMNS. A row is
one version of a code: it holds from `valid_from` up to the day before `valid_to` (empty: still). `successors` says what
it became on that day, as `code:relation` separated by `;`. An empty `label_en` reads as `label_vi`: a proper name.
"""

import csv
import datetime as dt
import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

COLUMNS = ("code", "valid_from", "valid_to", "label_en", "label_vi", "parent", "successors")
RELATIONS = frozenset({"same", "renamed", "merged", "split"})


class ListError(ValueError):
    """A list cannot be believed: says file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a code means from `valid_from` up to the day before `valid_to`; `successors` are (code, relation)."""

    code: str
    valid_from: dt.date
    valid_to: dt.date | None
    label_en: str
    label_vi: str
    parent: str | None
    successors: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CodeList:
    """A list as one file holds it; versions are ordered by code and time. `digest` is the SHA-256 of the file."""

    name: str
    digest: str
    about: Mapping[str, str]
    versions: tuple[Version, ...]

    @property
    def by_code(self) -> dict[str, list[Version]]:
        """Versions of each code, oldest first."""
        found: dict[str, list[Version]] = defaultdict(list)
        for version in self.versions:
            found[version.code].append(version)
        return found


def read(name: str) -> bytes:
    """The packaged file of a list; FileNotFoundError if there is none."""
    return files("edu_pipeline.schema").joinpath("lists", f"{name}.csv").read_bytes()


def digest(content: bytes) -> str:
    """What tells one content of a file from another."""
    return hashlib.sha256(content).hexdigest()


def parse(name: str, content: bytes, where: str) -> CodeList:
    """Read and check a list as a whole. ListError names `where` (the file), line and remedy."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ListError(f"{where}: no UTF-8 ({error.reason}); save it as UTF-8") from error
    head = 0
    while head < len(lines) and lines[head].startswith("#"):
        head += 1
    about = {key.strip("# "): value.strip() for key, _, value in (line.partition(":") for line in lines[:head])}
    rows = csv.reader(lines[head:], strict=True)
    columns = next(rows, [])
    if missing := [column for column in COLUMNS if column not in columns]:
        raise ListError(
            f"{where}:{head + 1}: column {', '.join(missing)} is missing; the header is {','.join(COLUMNS)}"
        )
    if strange := [column for column in columns if column not in COLUMNS]:
        raise ListError(f"{where}:{head + 1}: no column {', '.join(strange)}; the header is {','.join(COLUMNS)}")
    places = [columns.index(column) for column in COLUMNS]
    numbered: list[tuple[int, Version]] = []
    try:
        for row in rows:
            if row:
                line = head + rows.line_num
                if len(row) != len(columns):
                    raise ListError(f"{where}:{line}: {len(row)} values for {len(columns)} columns; quote commas")
                numbered.append((line, _version([row[place].strip() for place in places], f"{where}:{line}")))
    except csv.Error as error:
        raise ListError(f"{where}:{head + rows.line_num}: {error}; quote a value with commas or quotes") from error
    if not numbered:
        raise ListError(f"{where}: the list is empty; remove the file to take the packaged one")
    numbered.sort(key=lambda pair: (pair[1].code, pair[1].valid_from))
    _check(numbered, where)
    return CodeList(name, digest(content), about, tuple(version for _, version in numbered))


def _version(values: list[str], where: str) -> Version:
    code, begin, end, label_en, label_vi, parent, became = values
    if not code or not label_vi:
        raise ListError(f"{where}: a code and its Vietnamese label are needed")
    valid_from, valid_to = _day(begin, "valid_from", where), _day(end, "valid_to", where) if end else None
    if valid_to and valid_to <= valid_from:
        raise ListError(f"{where}: code {code}: valid_to {valid_to} is not after valid_from {valid_from}; swap them")
    successors = tuple(_successor(word.strip(), code, where) for word in became.split(";") if word.strip())
    if successors and not valid_to:
        raise ListError(f"{where}: code {code} has successors but no valid_to; say when it ended")
    return Version(code, valid_from, valid_to, label_en or label_vi, label_vi, parent or None, successors)


def _day(text: str, column: str, where: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ListError(f"{where}: {column} {text!r} is no date; write it as 2025-07-01") from None


def _successor(word: str, code: str, where: str) -> tuple[str, str]:
    successor, _, relation = word.partition(":")
    if relation not in RELATIONS:
        said = ", ".join(sorted(RELATIONS))
        raise ListError(f"{where}: code {code}: successor {word!r}; write code:relation, a relation is one of {said}")
    return successor, relation


def _check(numbered: list[tuple[int, Version]], where: str) -> None:
    """Versions of a code follow one another, and each successor holds on the day on which it takes over."""
    begins: dict[str, list[Version]] = defaultdict(list)
    for line, version in numbered:
        earlier = begins[version.code]
        if earlier and earlier[-1].valid_from == version.valid_from:
            raise ListError(f"{where}:{line}: code {version.code} from {version.valid_from} stands there twice")
        if earlier and (earlier[-1].valid_to is None or earlier[-1].valid_to > version.valid_from):
            raise ListError(f"{where}:{line}: code {version.code}: two versions hold on {version.valid_from}; end the "
                            "earlier one by then")  # fmt: skip
        earlier.append(version)
    for line, version in numbered:
        for successor, _ in version.successors:
            if version.valid_to and _on(begins.get(successor, []), version.valid_to) is None:
                raise ListError(f"{where}:{line}: code {version.code}: its successor {successor} is not in the list "
                                f"on {version.valid_to}; add it or correct the code")  # fmt: skip


def _on(versions: list[Version], day: dt.date) -> Version | None:
    place = bisect_right(versions, day, key=lambda version: version.valid_from)
    found = versions[place - 1] if place else None
    return found if found and (found.valid_to is None or day < found.valid_to) else None


@cache
def packaged(name: str) -> CodeList:
    """The list as the package ships it, read once."""
    return parse(name, read(name), f"edu_pipeline/schema/lists/{name}.csv")


@cache
def _by_code(name: str) -> dict[str, list[Version]]:
    return packaged(name).by_code


def versions(name: str) -> tuple[Version, ...]:
    """All versions of a packaged list's codes, by code and time."""
    return packaged(name).versions


def valid(name: str, code: str, day: dt.date) -> Version | None:
    """What the code means on a day; None if it does not hold on it."""
    return _on(_by_code(name).get(code, []), day)


def successors(name: str, code: str, day: dt.date) -> tuple[Version, ...]:
    """What has become, by now, of the code that held on `day`: itself while it still holds, several after a split.

    Empty if it does not hold on that day, or ended without a successor.
    """
    now: dict[Version, None] = {}
    found = valid(name, code, day)
    waiting = [found] if found else []
    while waiting:
        version = waiting.pop(0)
        if version.valid_to is None:
            now[version] = None
            continue
        following = (valid(name, successor, version.valid_to) for successor, _ in version.successors)
        waiting += [one for one in following if one]
    return tuple(now)
