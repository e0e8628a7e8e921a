"""A unit's own fields beside code, name and kind: where it stands, who leads it, what it has.

Unit, its head -> fields as the registry tells them on a day

What does not belong here: pupils, classes, and events of units (plan.py). Codes of the national dictionary (domain.md
2.2, 3.1): ownership 1 public, 2 people-founded, 3 private.
"""

import datetime as dt
from typing import Any

from edu_pipeline.sandbox.lot import digits, hits, lot
from edu_pipeline.sandbox.story import Member
from edu_pipeline.sandbox.units import Unit
from edu_pipeline.sandbox.wards import DIFFICULT, RURAL, Address, address

LEVEL = {"preschool": "01", "primary": "02", "lower_secondary": "03", "upper_secondary": "04", "continuing": "05"}
OWNERSHIP = {"public": "1", "people_founded": "2", "private": "3"}
SCHOOL_TYPE = {"MN": "13", "TH": "07", "THCS": "07", "THPT": "07", "LC": "07", "GDTX": "16", "QT": "07"}
REGION = {"unknown": "0", "KV1": "1", "KV2": "2", "KV2-NT": "3", "KV3": "4"}
_SITES = "-000.00.19.H29"


def place(unit: Unit) -> Address:
    """Where the unit stands; the Department in District 1."""
    return address(unit.code, "premises", unit.district if unit.grades or unit.district != "000" else "760")


def level(unit: Unit) -> str | None:
    """The highest level that it teaches, a word of LEVEL; None for an office."""
    if unit.kind == "GDTX":
        return "continuing"
    highest = max((grade if grade < 13 else 0 for grade in unit.grades), default=None)
    if highest is None:
        return None
    bounds = ((9, "upper_secondary"), (5, "lower_secondary"), (0, "primary"))
    return next((word for bound, word in bounds if highest > bound), "preschool")


def campuses(unit: Unit) -> int:
    """How many campuses it has: one, or two."""
    return 0 if not unit.grades else 2 if hits(unit.code, "second campus", 300) else 1


def ownership(unit: Unit) -> str:
    """A word of OWNERSHIP: foreign-invested schools are private, and so are a few others."""
    if unit.kind == "QT" or (unit.grades and hits(unit.code, "private", 80)):
        return "private"
    return "people_founded" if unit.kind == "MN" and hits(unit.code, "people-founded", 150) else "public"


def is_of_standard(unit: Unit) -> bool:
    """True for a school of national standard; such a one has been accredited before."""
    return bool(unit.grades) and hits(unit.code, "national standard", 350)


def accreditation(unit: Unit) -> int | None:
    """The level of accreditation, 1 to 3; None for who has none."""
    is_accredited = is_of_standard(unit) or hits(unit.code, "accreditation", 600)
    return 1 + lot(unit.code, "accredited", 3) if unit.grades and is_accredited else None


def has_two_sessions(unit: Unit) -> bool:
    """True for a unit that teaches in two sessions a day: small children always, of the others some."""
    return has_day_boarders(unit) or hits(unit.code, "two sessions", 600)


def has_day_boarders(unit: Unit) -> bool:
    """True for a unit of small children: they may stay over noon."""
    return any(map(is_small, unit.grades))


def is_small(grade: int) -> bool:
    """True for a grade of preschool or primary school."""
    return grade <= 5 or grade >= 13


def told(unit: Unit, head: Member | None, has_disabled: bool, day: dt.date) -> dict[str, Any]:
    """What the registry says of the unit on a day, beside code, name, kind, parent, grades and dates of its own."""
    where, code, is_school = place(unit), unit.code, bool(unit.grades)
    province, district, ward = where.codes(day)
    return {
        "maddtc": f"{code[2:]}{_SITES}",
        "manhomcaphoc": LEVEL.get(level(unit) or ""),
        "maloaihinhtruong": OWNERSHIP[ownership(unit)] if is_school else None,
        "maloaitruong": SCHOOL_TYPE.get(unit.kind),
        "makhuvuc": REGION["KV2-NT" if unit.district in RURAL else "KV3"],
        "matinh": province,
        "mahuyen": district,
        "maxa": ward,
        "diachichitiet": where.street,
        "dienthoai": f"028{digits(code, 'phone', 6)}00",
        "fax": f"028{digits(code, 'fax', 6)}00" if hits(code, "has fax", 500) else None,
        "email": f"c{code}@example.edu.vn",
        "website": f"https://c{code}.example.edu.vn",
        "hieutruong_hovaten": f"{head.family} {head.given}" if head else None,
        "hieutruong_sodienthoai": f"09{digits(code, 'head', 6)}00" if head else None,
        "hieutruong_email": f"ht{code}@example.edu.vn" if head else None,
        "sodiemtruong": campuses(unit) if is_school else None,
        "datkiemdinhcapdo": accreditation(unit),
        "hangtruong": 1 + lot(code, "rank", 3) if is_school else None,
        "dientich": 2000 + lot(code, "area", 12000) if is_school else None,
        "latruongdatchuanquocgia": is_of_standard(unit),
        "latruongquocte": unit.kind == "QT",
        "covondautunuocngoai": unit.kind == "QT",
        "cothuocvungdacbietkhokhan": unit.district in DIFFICULT and is_school,
        "cochibodang": unit.kind != "QT",
        "cohocsinhkhuyettat": is_school and has_disabled,
        "cohocsinhbantru": has_day_boarders(unit),
        "coday2buoingay": has_two_sessions(unit),
        "cosudungmayvitinh": True,
        "duocketnoiinternet": True,
        "codienluoi": True,
        "conguonnuocsach": True,
    }
