"""A child's parents or guardian: names, years of birth, occupation, telephone.

Child -> Guardian, Guardian

What does not belong here: which of them a system tells, and how (its own module).
"""

import datetime as dt
import random
from dataclasses import dataclass

from edu_pipeline.sandbox import names
from edu_pipeline.sandbox.lot import hits, lot, pick
from edu_pipeline.sandbox.profile import email, number_of, phone
from edu_pipeline.sandbox.story import Child

_WORK = ("Công nhân", "Nhân viên văn phòng", "Giáo viên", "Buôn bán", "Kỹ sư", "Nông dân", "Tài xế", "Nội trợ",
         "Kế toán", "Điều dưỡng", "Thợ may", "Lao động tự do")  # fmt: skip


@dataclass(frozen=True)
class Guardian:
    """A parent or guardian. `birth` is `YYYY` for most: schools ask for the year (domain.md 2.4)."""

    relation: str
    ordinal: int
    full_name: str
    birth: str
    ethnic: int
    personal_number: str | None
    occupation: str | None
    phone: str
    email: str | None
    is_contact: bool


def guardians(child: Child) -> list[Guardian]:
    """Mother and father, of whom a few children have one; very few have a guardian instead."""
    if hits(child.root, "has guardian", 15):
        return [_guardian(child, "guardian", pick(child.root, "guardian's sex", "mf"), is_contact=True)]
    known = {"father": "m", "mother": "f"}
    if hits(child.root, "one parent", 60):
        known.pop(pick(child.root, "missing parent", ("father", "mother")))
    contact = "mother" if "mother" in known and (len(known) == 1 or hits(child.root, "contact", 650)) else "father"
    return [_guardian(child, relation, sex, relation == contact) for relation, sex in known.items()]


def _guardian(child: Child, relation: str, sex: str, is_contact: bool) -> Guardian:
    who = f"{child.root}-{relation}"
    born = dt.date(child.birth.year - 22 - lot(who, "age", 18), 1 + lot(who, "month", 12), 1 + lot(who, "day", 28))
    rng = random.Random(who)
    is_foreign = child.nation in names.NATIONS
    family, given = names.foreign(rng, child.nation) if is_foreign else names.of(rng, sex, born.year, child.ethnic)
    said = ("%Y-%m-%d", "%Y-%m", "%Y", "%Y")[lot(who, "precision", 4)]
    return Guardian(
        relation,
        1,
        f"{child.family if relation == 'father' else family} {given}",
        born.strftime(said),
        child.ethnic,
        number_of(who, born, sex, "079") if child.nation == "VN" and hits(who, "has number", 700) else None,
        pick(who, "work", _WORK) if hits(who, "has work", 900) else None,
        phone(who),
        email(child.root, relation) if hits(who, "has email", 300) else None,
        is_contact,
    )
