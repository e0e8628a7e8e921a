"""The units that the grown-up city adds, by zone, and what befalls them in summer 2024.

size -> Plan(units, events), ...: everything that is known of a zone before a child of it is told

What does not belong here: the first thirty-two units (units.py), people (zone.py). Source: domain.md section 7
(district codes of the statistics office, number of schools and pupils), 2.7 (shape of a unit's code).
"""

import datetime as dt
from dataclasses import dataclass, replace

from edu_pipeline.sandbox.moves import Event
from edu_pipeline.sandbox.units import DEPARTMENT, LOWER, PRESCHOOL, PRIMARY, UPPER, Unit

DISTRICTS = {
    "760": "Quận 1", "761": "Quận 12", "764": "Quận Gò Vấp", "765": "Quận Bình Thạnh", "766": "Quận Tân Bình",
    "767": "Quận Tân Phú", "768": "Quận Phú Nhuận", "769": "Thành phố Thủ Đức", "770": "Quận 3", "771": "Quận 10",
    "772": "Quận 11", "773": "Quận 4", "774": "Quận 5", "775": "Quận 6", "776": "Quận 8", "777": "Quận Bình Tân",
    "778": "Quận 7", "783": "Huyện Củ Chi", "784": "Huyện Hóc Môn", "785": "Huyện Bình Chánh", "786": "Huyện Nhà Bè",
    "787": "Huyện Cần Giờ",
}  # fmt: skip
GRADES = {"MN": PRESCHOOL, "TH": PRIMARY, "THCS": LOWER, "THPT": UPPER, "LC": LOWER + UPPER, "GDTX": UPPER,
          "QT": PRIMARY + LOWER + UPPER}  # fmt: skip
_DIGIT = {"MN": 3, "TH": 4, "THCS": 5, "GDTX": 6, "THPT": 7, "LC": 8, "QT": 9}
_NAME = {"MN": "Trường Mầm non Vành Khuyên", "TH": "Trường Tiểu học Phượng Đỏ", "THCS": "Trường THCS Hướng Dương",
         "THPT": "Trường THPT Hải Âu", "LC": "Trường THCS và THPT Bạch Dương", "GDTX": "Trung tâm GDNN-GDTX Con Thuyền",
         "QT": "Trường Quốc tế Mặt Trời"}  # fmt: skip
_STYLES = {"MN": ("preschool",), "TH": ("1/1", "1A"), "THCS": ("6/1", "6A1"), "THPT": ("12.6", "10A01"),
           "LC": ("6A1",), "GDTX": ("10A01",), "QT": ("1A",)}  # fmt: skip
_BY_DISTRICT = ("MN", "TH", "THCS")

MERGED, SPLIT = dt.date(2024, 7, 15), dt.date(2024, 7, 22)
CLOSED, RECODED, OPENED, SWITCHED = (dt.date(2024, 8, day) for day in (1, 1, 5, 1))
RELEVELLED, NEW_PARENT, NEW_HEAD = dt.date(2024, 8, 1), dt.date(2024, 7, 1), dt.date(2024, 8, 15)
_EVE = dt.timedelta(days=1)

# kind -> (how many, classes a grade, pupils a class)
Shape = dict[str, tuple[int, int, int]]
_SMALL: Shape = {"MN": (1, 1, 15), "TH": (3, 1, 12), "THCS": (3, 2, 8), "THPT": (2, 2, 10), "GDTX": (1, 1, 15)}
_TOWN: Shape = {"MN": (8, 4, 22), "TH": (13, 6, 32), "THCS": (10, 6, 40), "THPT": (5, 8, 36), "GDTX": (1, 4, 30),
                "QT": (1, 1, 15)}  # fmt: skip
_CITY: Shape = {"MN": (19, 4, 21), "TH": (8, 7, 36), "THCS": (4, 9, 42), "THPT": (2, 12, 44), "LC": (1, 3, 40)}
_CENTRE: Shape = {"GDTX": (1, 8, 40)}
ZONES_OF_A_DISTRICT = 3


@dataclass(frozen=True)
class Plan:
    """A zone: its units, the events that befall them, the root id that its people's ids follow."""

    name: str
    units: tuple[Unit, ...]
    events: tuple[Event, ...]
    first_root: int


def of_small() -> Plan:
    """What the small city gains: a dozen little schools of a second vendor in two districts of their own."""
    places = {"TH": "764 764 765", "THCS": "764 765 765", "THPT": "764 765", "MN": "764", "GDTX": "765"}
    schools = []
    for kind, codes in places.items():
        _, classes, size = _SMALL[kind]
        for number, district in enumerate(codes.split(), start=1):
            schools.append(_school(kind, district, number, number, classes, size, "hoaphuong"))
    offices = [_office(code, "hoaphuong") for code in ("764", "765")]
    return _befallen("small", [*offices, *schools], 7_910_000_000)


def of_town() -> Plan:
    """About sixty units, thirty thousand pupils, in all districts; two vendors of schools, one of rosters."""
    found = [DEPARTMENT, *(_office(code, "saomai") for code in DISTRICTS)]
    districts = list(DISTRICTS)
    for kind, (count, classes, size) in _TOWN.items():
        for number in range(1, count + 1):
            vendor = "lotus" if kind == "QT" else "saomai" if number % 3 == 0 else "hoaphuong"
            district = districts[len(found) % len(districts)]
            found.append(_school(kind, district, number, number, classes, size, vendor))
    return _befallen("town", found, 7_910_000_000)


def of_city() -> tuple[Plan, ...]:
    """Zones of about 34 schools, three a district; the last one is all schools of the roster provider."""
    found: list[Plan] = []
    for place, district in enumerate(DISTRICTS):
        for part in range(ZONES_OF_A_DISTRICT):
            shape = _CITY | (_CENTRE if part == 0 else {})
            units = [_office(district, "saomai")] if part == 0 else []
            for kind, (count, classes, size) in shape.items():
                for number in range(1, count + 1):
                    is_ours = not found or kind == "GDTX" or (number + place) % 2
                    vendor = "hoaphuong" if is_ours else "saomai"
                    seq = part * count + number
                    units.append(_school(kind, district, seq, place * 100 + seq, classes, size, vendor))
            zone = len(found)
            root = 7_910_000_000 + zone * 1_000_000
            # Ten events a year for a whole city: they befall its first zone.
            befallen = _befallen("city/0", units, root) if zone == 0 else None
            found.append(befallen or Plan(f"city/{zone}", tuple(units), (), root))
    rosters = [_school("QT", list(DISTRICTS)[n % 22], n // 22 + 1, n + 1, 1, 15, "lotus") for n in range(34)]
    zone = len(found)
    found.append(Plan(f"city/{zone}", (DEPARTMENT, *rosters), (), 7_910_000_000 + zone * 1_000_000))
    return tuple(found)


def _office(district: str, vendor: str) -> Unit:
    name = f"Phòng GD&ĐT {DISTRICTS[district]}"
    return Unit(f"79{district}000", name, "PGD", DEPARTMENT.code, (), 0, 0, "", vendor, True)


def _school(kind: str, district: str, seq: int, number: int, classes: int, size: int, vendor: str) -> Unit:
    parent = f"79{district}000" if kind in _BY_DISTRICT else DEPARTMENT.code
    style = _STYLES[kind][number % len(_STYLES[kind])]
    is_prompt = vendor == "lotus" or number % 4 != 0
    code = f"79{district}{_DIGIT[kind]}{seq:02d}"
    return Unit(code, f"{_NAME[kind]} {number}", kind, parent, GRADES[kind], classes, size, style, vendor, is_prompt)


def _befallen(name: str, units: list[Unit], first_root: int) -> Plan:
    """Let ten events and a change of vendor befall units of the second vendor; units that come from them join."""
    ours = {kind: [u for u in units if u.kind == kind and u.system == "hoaphuong"] for kind in GRADES}
    mn, th, thcs, thpt = (ours[kind] for kind in ("MN", "TH", "THCS", "THPT"))
    centre = next(u for u in units if u.kind == "GDTX" and u.system == "hoaphuong")
    offices = [u.code for u in units if u.kind == "PGD" and u.code != mn[0].parent]
    # A centre that a district has run so far.
    changed = {centre.code: replace(centre, parent=f"79{centre.district}000")}
    new = replace(th[2], code=_beside(th[2], 91), name=f"{_NAME['TH']} mới", opened=OPENED)
    part = replace(thcs[0], code=_beside(thcs[0], 92), name=f"{thcs[0].name} cơ sở 2", classes=1, opened=SPLIT)
    again = replace(thpt[0], code=_beside(thpt[0], 93), opened=RECODED)
    changed[th[1].code] = replace(th[1], closed=MERGED - _EVE)
    changed[thcs[1].code] = replace(thcs[1], closed=CLOSED - _EVE)
    changed[thpt[0].code] = replace(thpt[0], closed=RECODED - _EVE)
    changed[thcs[2].code] = replace(thcs[2], before="saomai", switched=SWITCHED)

    def decision(number: int, on: dt.date) -> str:
        return f"{1800 + number}/QĐ-SGDĐT-{on.year}"

    said: list[tuple[str, str, dt.date, dict]] = [
        ("new_parent", mn[0].code, NEW_PARENT, {"parent": (*offices, DEPARTMENT.code)[0]}),
        ("new_parent", centre.code, NEW_PARENT, {"parent": DEPARTMENT.code}),
        ("merged", th[1].code, MERGED, {"to": (th[2].code,)}),
        ("split", thcs[0].code, SPLIT, {"to": (part.code,)}),
        ("closed", thcs[1].code, CLOSED, {}),
        ("recoded", thpt[0].code, RECODED, {"to": (again.code,)}),
        ("relevelled", th[0].code, RELEVELLED, {"grades": PRIMARY + LOWER}),
        ("opened", new.code, OPENED, {}),
        ("new_head", th[2].code, NEW_HEAD, {}),
        ("new_head", thpt[1].code, NEW_HEAD, {}),
    ]
    events = tuple(Event(event, unit, on, decision(number, on), **more)
                   for number, (event, unit, on, more) in enumerate(said, start=1))  # fmt: skip
    return Plan(name, (*(changed.get(u.code, u) for u in units), new, part, again), events, first_root)


def _beside(unit: Unit, seq: int) -> str:
    return f"{unit.code[:6]}{seq}"
