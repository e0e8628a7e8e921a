"""What a vendor must, should and may do, each as a question that is put to the system.

Vendor, contract -> Finding, Finding, ...

What does not belong here: how it is asked (ask.py), how findings are shown (__main__.py). Source:
docs/partner-contract.md; a number behind a rule counts records, a hash stands for a record's id.
"""

import datetime as dt
import email.utils
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from edu_pipeline.kit.ask import ABSENT, Answer, Reading, Vendor
from edu_pipeline.kit.shape import faults

CLOCK_SECONDS, SHOWN = 300, 5
# The contract's local time; the kit runs also where there is no list of zones.
_CITY = dt.timezone(dt.timedelta(hours=7))
Record = dict[str, Any]

# rule -> level, and what is asked for in both languages
RULES: dict[str, dict[str, str]] = json.loads(
    files("edu_pipeline.kit").joinpath("rules.json").read_text(encoding="utf-8")
)

# A product may lack it; where it is there, it keeps the contract like the others.
_SHOULD = "confirmations"
_YEARLY = ("classes", "assignments", "enrollments", "results")
# resource -> field -> the resource whose records have it
_PARENTS = {
    "enrollments": {"mahocsinh": "students", "malop": "classes"},
    "results": {"mahocsinh": "students"},
    "assignments": {"macanbo": "staff"},
}


@dataclass(frozen=True)
class Finding:
    """A rule's answer for a resource (empty: for the whole): kept, broken, or not to be said (None)."""

    rule: str
    resource: str
    is_kept: bool | None
    said: str = ""
    keys: tuple[str, ...] = ()

    @property
    def level(self) -> str:
        return RULES[self.rule]["level"]


def hashed(keys: Iterable[Any]) -> tuple[str, ...]:
    """The first keys, as what nobody can read."""
    return tuple(hashlib.sha256(str(key).encode()).hexdigest()[:12] for key in list(dict.fromkeys(keys))[:SHOWN])


def check(vendor: Vendor, contract: dict[str, Any]) -> Iterator[Finding]:
    """Ask everything. Raises ask.NoAnswer where nobody answers."""
    resources = [path.removeprefix("/") for path, said in contract["paths"].items() if "get" in said]
    yield from _refusals(vendor, contract, resources[0])
    read = {name: vendor.read(name) for name in resources}
    yield _confirmations(read[_SHOULD])
    if read[_SHOULD].broke == ABSENT:
        resources.remove(_SHOULD)
    for name, reading in ((name, read[name]) for name in resources):
        yield Finding("readable", name, reading.broke is None, reading.broke or f"{len(reading.records)} records")
        if reading.broke is None:
            yield from _reading(vendor, contract, name, reading)
    told = {name: reading.records for name, reading in read.items() if reading.broke is None}
    yield from _parents(told)
    yield _headcount(told)
    yield _cap(vendor, resources)
    yield _former_year(vendor)


def _refusals(vendor: Vendor, contract: dict[str, Any], resource: str) -> Iterator[Finding]:
    wrong = vendor.get(resource, token="not-a-token")
    yield Finding("token", "", wrong.status == 401, f"HTTP {wrong.status}")
    wrongly: dict[str, str | int | None] = {"unit": None, "term": None, "school_year": "this year", "page": 0}
    refused = [vendor.get(resource, {name: value}) for name, value in wrongly.items()]
    yield Finding("parameters", "", all(a.status == 400 for a in refused), _statuses(refused))
    nobody = vendor.get(resource, {"unit": "00000000"})
    yield Finding("unknown_unit", "", nobody.status in (403, 404), f"HTTP {nobody.status}")
    schema = contract["components"]["schemas"]["error"]
    formless = [a for a in (wrong, *refused, nobody) if list(faults(schema, a.document, contract))]
    yield Finding("errors", "", not formless, f"{len(formless)} of {len(refused) + 2} errors in another form")


def _statuses(answers: Iterable[Answer]) -> str:
    return ", ".join(f"HTTP {status}" for status in dict.fromkeys(answer.status for answer in answers))


def _reading(vendor: Vendor, contract: dict[str, Any], name: str, reading: Reading) -> Iterator[Finding]:
    ids = [record.get("idbanghi") for record in reading.records]
    declared = list(dict.fromkeys(map(str, reading.totals)))
    yield Finding("total", name, declared == [str(len(ids))], f"declared {', '.join(declared)}; received {len(ids)}")
    twice = [key for key, count in Counter(map(str, ids)).items() if count > 1]
    yield Finding("once", name, not twice, f"{len(twice)} ids", hashed(twice))
    yield _snapshot(vendor, name, reading)
    yield _shape(contract, name, reading)
    data = [(record.get("idbanghi"), record.get("data") or {}) for record in reading.records]
    strange = [
        key for key, said in data if str(said.get("matruong", vendor.scope["unit"])) != str(vendor.scope["unit"])
    ]
    yield Finding("own_unit", name, not strange, f"{len(strange)} records", hashed(strange))
    if name in _YEARLY:
        year = str(vendor.scope["school_year"])
        other = [key for key, said in data if str(said.get("namhoc")) != year]
        yield Finding("own_year", name, not other, f"{len(other)} records", hashed(other))
    if name in ("students", "staff"):
        yield _persons(name, reading)
    yield _stable(vendor, name, reading)
    yield _clock(name, reading.pages[0])
    yield _changes(vendor, name, reading)


def _snapshot(vendor: Vendor, name: str, reading: Reading) -> Finding:
    said = set(map(str, reading.snapshots))
    foreign = vendor.get(name, {"page": 2, "snapshot": "of-nobody"})
    is_kept = len(said) == 1 and None not in reading.snapshots and foreign.status == 409
    return Finding("snapshot", name, is_kept, f"{len(said)} in one reading; a foreign one: HTTP {foreign.status}")


def _shape(contract: dict[str, Any], name: str, reading: Reading) -> Finding:
    schema = contract["components"]["schemas"][name]
    broken: Counter[str] = Counter()
    keys = []
    for record in reading.records:
        found = set(faults(schema, record, contract))
        broken.update(found)
        keys += [record.get("idbanghi")] if found else []
    said = "; ".join(f"{fault} ({count})" for fault, count in broken.most_common(10))
    return Finding("shape", name, not broken, said or f"{len(reading.records)} records", hashed(keys))


def _content(reading: Reading) -> Counter[tuple[str, str]]:
    return Counter((str(r.get("idbanghi")), str(r.get("phienban"))) for r in reading.records)


def _stable(vendor: Vendor, name: str, reading: Reading) -> Finding:
    again = vendor.read(name, size=max(len(reading.records) // 3, 1))
    if again.broke:
        return Finding("stable", name, False, again.broke)
    first, second = _content(reading), _content(again)
    differ = [key for key, _ in (*(first - second), *(second - first))]
    return Finding("stable", name, not differ, f"{len(set(differ))} records differ", hashed(differ))


def _clock(name: str, answer: Answer) -> Finding:
    try:
        told = email.utils.parsedate_to_datetime(answer.headers.get("Date") or "")
    except ValueError:
        return Finding("clock", name, False, "no Date header")
    apart = abs((dt.datetime.now(dt.UTC) - told).total_seconds())
    return Finding("clock", name, apart <= CLOCK_SECONDS, f"{apart:.0f} s apart")


def _changes(vendor: Vendor, name: str, reading: Reading) -> Finding:
    if name in ("headcount", _SHOULD):
        return Finding("changes", name, None, "is asked as a whole")
    none, everything = (vendor.read(name, {"updated_since": f"{year}-01-01T00:00:00"}) for year in (2100, 1970))
    if none.broke or everything.broke:
        return Finding("changes", name, False, none.broke or everything.broke or "")
    is_kept = not none.records and _content(everything) == _content(reading)
    said = f"{len(none.records)} records of the year 2100, {len(everything.records)} since 1970"
    return Finding("changes", name, is_kept, said)


def _persons(name: str, reading: Reading) -> Finding:
    roots = Counter(str(root) for record in reading.records
                    if _stands(record) and (root := (record.get("data") or {}).get("madinhdanh")))  # fmt: skip
    twice = [root for root, count in roots.items() if count > 1]
    return Finding("one_person", name, not twice, f"{len(twice)} root ids", hashed(twice))


def _parents(told: dict[str, list[Record]]) -> Iterator[Finding]:
    for name, fields in _PARENTS.items():
        for field, parent in fields.items():
            if name not in told or parent not in told:
                yield Finding("parents", name, None, f"{name} or {parent} cannot be read")
                continue
            known = {str(record.get("data", {}).get(field)) for record in told[parent] if _stands(record)}
            lost = [r.get("idbanghi") for r in told[name]
                    if _stands(r) and str(r.get("data", {}).get(field)) not in known]  # fmt: skip
            yield Finding("parents", name, not lost, f"{len(lost)} records name no record of {parent}", hashed(lost))


def _stands(record: Record) -> bool:
    return str(record.get("sukien", "")).upper() != "CANCEL"


def _headcount(told: dict[str, list[Record]]) -> Finding:
    counted = [record.get("data", {}) for record in told.get("headcount", [])]
    if len(counted) != 1 or "enrollments" not in told:
        return Finding("headcount", "headcount", None if not counted else False, f"{len(counted)} records of it")
    day, pupils = str(counted[0].get("ngay")), set()
    for record in told["enrollments"]:
        said = record.get("data", {})
        begun = not said.get("ngayvao") or said["ngayvao"] <= day
        stays = said["ngayra"] >= day if said.get("ngayra") else str(said.get("trangthai")) == "1"
        if _stands(record) and str(said.get("hinhthuc")) == "1" and begun and stays:
            pupils.add(said.get("mahocsinh"))
    said = f"declared {counted[0].get('sohocsinh')}, {len(pupils)} active places"
    return Finding("headcount", "headcount", counted[0].get("sohocsinh") == len(pupils), said)


def _confirmations(reading: Reading) -> Finding:
    if reading.broke:
        return Finding(_SHOULD, _SHOULD, False, reading.broke)
    tomorrow = (dt.datetime.now(_CITY) + dt.timedelta(days=1)).date().isoformat()
    early = [r.get("idbanghi") for r in reading.records if str((r.get("data") or {}).get("ngayxacnhan")) >= tomorrow]
    return Finding(_SHOULD, _SHOULD, not early, f"{len(reading.records)} words, {len(early)} to come", hashed(early))


def _cap(vendor: Vendor, resources: list[str]) -> Finding:
    answers = [vendor.get(name, {"size": 100_000}) for name in resources]
    return Finding("cap", "", all(answer.status == 200 for answer in answers), _statuses(answers))


def _former_year(vendor: Vendor) -> Finding:
    answer = vendor.get("enrollments", {"school_year": int(vendor.scope["school_year"]) - 1})
    return Finding("former_year", "enrollments", answer.status == 200, f"HTTP {answer.status}")
