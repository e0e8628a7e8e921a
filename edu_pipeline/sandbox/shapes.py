"""What the answers of each system look like: a table, so that a fault is written once for all of them.

system -> Shape: where it is mounted, how its pages turn, where records, total, keys, names and units stand

What does not belong here: what goes wrong (wire.py names it).
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from edu_pipeline.sandbox.selection import FIELDS
from edu_pipeline.sandbox.turning import Cursor, Offset, Turning

Record = dict[str, Any]


@dataclass(frozen=True)
class Envelope:
    """What stands around a record's content. An empty name: the system has no such field."""

    key: tuple[str, ...]
    version: str = ""
    changed: str = ""
    event: str = ""
    cancelled: str = ""  # what the event of a cancelled record says; empty: the time of its change
    resent: str | None = None

    def newer(self, record: Record, by: int) -> None:
        """Raise a record's version, and the time of its change by as many days."""
        if self.version:
            record[self.version] += by
        if self.changed:
            day = dt.date.fromisoformat(record[self.changed][:10]) + dt.timedelta(days=by)
            record[self.changed] = f"{day}{record[self.changed][10:]}"


@dataclass(frozen=True)
class Shape:
    """The answers of one system. Fields of a record are named by dotted paths into its content."""

    prefix: str
    refusal: Callable[[int, str], Any]
    turning: Turning | None = None
    records: str = ""  # empty: the only list of the answer
    total: str = ""
    total_header: str = ""
    envelope: Envelope = Envelope(())
    content: str = ""  # empty: the record is its own content
    unit: str = ""
    must_name_unit: bool = False
    texts: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    people: frozenset[str] = frozenset()
    credentials: tuple[str, ...] = ("authorization",)
    model: Mapping[str, set[str]] = field(default_factory=dict)  # fields that are left out where they are empty

    def inside(self, record: Record) -> Record:
        """A record's content."""
        return record[self.content] if self.content else record

    def key(self, record: Record) -> Any:
        return next((record[name] for name in self.envelope.key if name in record), None)

    def rekey(self, record: Record, key: str) -> None:
        record[next(name for name in self.envelope.key if name in record)] = key

    def text(self, record: Record) -> str:
        """Path of the record's text: its name if it has one, else the first field that holds a text."""
        inside, envelope = self.inside(record), self.envelope
        apart = {*envelope.key, envelope.version, envelope.changed, envelope.event}
        named = (path for path in self.texts if isinstance(at(inside, path), str))
        return next(named, "") or next(_texts(inside, apart))


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path; None where nothing does."""
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def put(value: Any, path: str, new: Any) -> None:
    """Let something stand at a dotted path whose way is there."""
    *way, last = path.split(".")
    for step in way:
        value = value[step]
    value[last] = new


def drop(value: Any, path: str) -> None:
    """Let nothing stand at a dotted path."""
    *way, last = path.split(".")
    for step in way:
        value = value[step]
    value.pop(last, None)


def _texts(inside: Record, apart: set[str]) -> Iterator[str]:
    yield from (name for name, value in inside.items() if isinstance(value, str) and name not in apart)


def _coded(status: int, code: str) -> Any:
    return {"error": {"code": code, "message": code}}


def _loi(status: int, code: str) -> Any:
    return {"loi": {"ma": status, "thongBao": code}}


def _imsx(status: int, code: str) -> Any:
    return {"imsx_codeMajor": "failure", "imsx_severity": "error", "imsx_description": code}


_SECTOR = Envelope(("idbanghi",), "phienban", "thoigiancapnhat", "sukien", "CANCEL", "UPDATE")

SHAPES = {
    "partner": Shape(
        "/partner/v0", _coded, Turning("size", 1000), "records", "total", envelope=_SECTOR, content="data",
        unit="unit", must_name_unit=True, texts=("hovaten", "tenlop"),
        identity=("madinhdanh", "hovaten", "ngaysinh", "gioitinh"), people=frozenset({"students", "staff"}),
    ),
    "hoaphuong": Shape(
        "/hoaphuong/api/v2", _loi, Cursor("limit", 500), "items", "meta.count",
        envelope=Envelope(("uuid",), "rev", "updatedAt", "deletedAt"), unit="maTruong", must_name_unit=True,
        texts=("hoSo.hoTen", "hoTen", "tenLop"),
        identity=("hoSo.maDinhDanh", "hoSo.soDinhDanh", "hoSo.hoTen", "hoSo.ngaySinh", "hoSo.gioiTinh"),
        people=frozenset({"hoc-sinh", "nhan-su"}), credentials=("x-client", "x-api-key"),
    ),
    "registry": Shape(
        "/registry/v0", _coded, Turning("size", 5000, 1000), "records", "total", envelope=_SECTOR, content="data",
        texts=("hovaten", "tendonvi"), identity=("madinhdanh", "hovaten", "ngaysinh", "gioitinh"),
        people=frozenset({"identities"}),
    ),
    "portal": Shape(
        "/portal/v1", _coded, Turning("size", 1000), "items", "total",
        envelope=Envelope(("transfer_id", "admission_id")), unit="unit",
        identity=("student_id",), people=frozenset({"transfers", "admissions"}),
    ),
    "ims": Shape(
        "/ims/oneroster/rostering/v1p2", _imsx, Offset("limit", 5000, 100), total_header="x-total-count",
        envelope=Envelope(("sourcedId",), "", "dateLastModified", "status", "tobedeleted", "active"),
        texts=("givenName", "name", "title"), identity=("userMasterIdentifier", "username", "givenName", "familyName"),
        people=frozenset({"students", "teachers", "users"}), model=FIELDS,
    ),
    "oauth": Shape("/oauth", lambda status, code: {"error": code}),
}  # fmt: skip
EVERYWHERE = frozenset(SHAPES)
LISTS = frozenset(system for system, shape in SHAPES.items() if shape.turning)
POINTING = frozenset(system for system, shape in SHAPES.items() if shape.turning and shape.turning.points)
BY_UNIT = frozenset(system for system, shape in SHAPES.items() if shape.unit)
CANCELLING = frozenset(system for system, shape in SHAPES.items() if shape.envelope.event)
VERSIONED = frozenset(system for system, shape in SHAPES.items() if shape.envelope.version)
