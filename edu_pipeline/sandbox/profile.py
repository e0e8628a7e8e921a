"""Who a child or a member of staff is beside name and birth: number, places, papers, telephone, and the like.

root id, birth, sex -> values that fit them, the same every time

What does not belong here: stories (story.py), family (family.py), what holds for one school year (welfare.py), codes
(tables.py). Personal numbers: domain.md 2.7. Nobody's number on purpose: telephones end in what no network has given.
"""

import datetime as dt
from dataclasses import dataclass

from edu_pipeline.sandbox.lot import digits, hits, lot, pick, weighted
from edu_pipeline.sandbox.story import Child, Member
from edu_pipeline.sandbox.wards import CITY, address

Person = Child | Member

# Where people of the city were born: by the 63 provinces, which stay valid in births for ever (domain.md section 9).
_BIRTHPLACES = {CITY: 780, "74": 40, "75": 40, "80": 30, "82": 25, "87": 25, "92": 25, "96": 15, "46": 10, "01": 10}
_PROVINCES = {"79": "Thành phố Hồ Chí Minh", "74": "Tỉnh Bình Dương", "75": "Tỉnh Đồng Nai", "80": "Tỉnh Long An",
              "82": "Tỉnh Tiền Giang", "87": "Tỉnh Đồng Tháp", "92": "Thành phố Cần Thơ", "96": "Tỉnh Cà Mau",
              "46": "Tỉnh Thừa Thiên Huế", "01": "Thành phố Hà Nội"}  # fmt: skip
_FAITHS = {
    "none": 800,
    "buddhism": 110,
    "catholicism": 60,
    "protestantism": 10,
    "cao_dai": 10,
    "hoa_hao": 8,
    "islam": 2,
}
_BLOOD = {"O": 42, "B": 30, "A": 22, "AB": 6}
_PET_NAMES = ("Bi", "Bông", "Cún", "Na", "Tí", "Mít", "Sóc", "Bin")
# Three digits of a country in a foreigner's number (QD for ND 70/2024); any from 100 on is a country.
_ABROAD = "118"


@dataclass(frozen=True)
class Paper:
    """A paper that says who somebody is; `kind` is a word of tables.PAPER."""

    kind: str
    number: str
    issued: dt.date
    place: str


def birth_province(person: Person) -> str | None:
    """Two-digit code of the province of birth, by the list of 63; None for who was born abroad."""
    return None if is_foreign(person) else weighted(person.root, "birth province", _BIRTHPLACES)


def is_foreign(person: Person) -> bool:
    """True for who has another nationality; staff of the city's schools have none."""
    return isinstance(person, Child) and person.nation != "VN"


def number_of(root: str, birth: dt.date, sex: str, place: str) -> str:
    """A personal number: place of birth, one digit of century and sex, year, six more. `place` has three digits."""
    century = (birth.year // 100 - 19) * 2 + (sex == "f")
    return f"{place}{century}{birth.year % 100:02d}{digits(root, 'number', 6)}"


def personal_number(person: Person) -> str:
    """The personal number; a foreigner's is the one that the police gave with the residence card."""
    province = birth_province(person)
    return number_of(person.root, person.birth, person.sex, f"0{province}" if province else _ABROAD)


def birth_place(person: Person) -> str:
    """Place of birth in words, as a certificate says it."""
    province = birth_province(person)
    return _PROVINCES[province] if province else "Nước ngoài"


def birth_ward(person: Person) -> str | None:
    """Ward of birth, for who was born in the city."""
    return address(person.root, "birth", "").ward if birth_province(person) == CITY else None


def hometown(person: Person) -> tuple[str | None, str | None]:
    """Province and, in the city, ward that the family comes from."""
    if is_foreign(person):
        return None, None
    province = weighted(person.root, "hometown", {**_BIRTHPLACES, CITY: 500})
    return province, address(person.root, "hometown", "").ward if province == CITY else None


def other_name(child: Child) -> str | None:
    """A name that the family uses at home; few schools write it down."""
    return pick(child.root, "pet name", _PET_NAMES) if hits(child.root, "has pet name", 40) else None


def religion(person: Person) -> str:
    """A word of tables.RELIGION."""
    return weighted(person.root, "religion", _FAITHS)


def blood(child: Child) -> str:
    """A blood group."""
    return weighted(child.root, "blood", _BLOOD)


def phone(root: str, topic: str = "phone") -> str:
    """A telephone number of ten digits."""
    return f"09{digits(root, topic, 6)}00"


def email(root: str, who: str) -> str:
    """An address at a domain that cannot exist."""
    return f"{who}{root}@example.edu.vn"


def papers(child: Child, day: dt.date) -> list[Paper]:
    """Papers that the child has on a day: born here a birth certificate, from 14 on a card; from abroad a passport."""
    if is_foreign(child):
        issued = dt.date(2022, 1, 1) + dt.timedelta(days=lot(child.root, "passport", 365))
        return [Paper("passport", f"P{digits(child.root, 'passport number', 8)}", issued, "Cơ quan nước ngoài")]
    registered = child.birth + dt.timedelta(days=7 + lot(child.root, "registered", 40))
    found = [Paper("birth_certificate", f"{1 + lot(child.root, 'certificate', 400)}/{registered.year}", registered,
                   f"UBND cấp xã, {birth_place(child)}")]  # fmt: skip
    carded = child.birth.replace(year=child.birth.year + 14, day=min(child.birth.day, 28)) + dt.timedelta(days=60)
    if carded <= day:
        found.append(Paper("citizen_card", personal_number(child), carded, "Cục Cảnh sát QLHC về TTXH"))
    return found
