"""What a member of staff brings and is paid: training, languages, posts, salary, ratings.

Member, unit's kind -> values that fit them, the same every time

What does not belong here: who works where and until when (story.py), codes (tables.py). Salary grades: TT 01-04/2021.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from edu_pipeline.sandbox.lot import digits, hits, lot, pick, weighted
from edu_pipeline.sandbox.story import Member

_TEACHERS = {"MN": ("university_pedagogy", "college_pedagogy", "intermediate_pedagogy"),
             "TH": ("university_pedagogy", "university_pedagogy", "college_pedagogy")}  # fmt: skip
_EMPLOYEES = ("intermediate", "college", "university", "other")
# Salary grade of a teacher by the unit's kind: class II and III.
_GRADES = {"MN": ("V.07.02.25", "V.07.02.26"), "TH": ("V.07.03.28", "V.07.03.29"), "THCS": ("V.07.04.31", "V.07.04.32"),
           "LC": ("V.07.04.31", "V.07.04.32"), "THPT": ("V.07.05.14", "V.07.05.15")}  # fmt: skip
# What employees do: position of the sector's list, salary grade.
_POSTS = (("15", "06.031"), ("16", "02.007"), ("11", "V.08.03.07"), ("09", "V.10.02.06"), ("17", "01.005"),
          ("10", "V.07.07.20"), ("25", "06.035"), ("34", "V.07.07.21"))  # fmt: skip
_MAJORS = ("Sư phạm Toán", "Sư phạm Ngữ văn", "Giáo dục tiểu học", "Giáo dục mầm non", "Sư phạm Tiếng Anh", "Kế toán",
           "Quản lý giáo dục")  # fmt: skip
_SCHOOLS = ("Trường Đại học Sư phạm TP. Hồ Chí Minh", "Trường Đại học Sài Gòn", "Trường Đại học Cần Thơ",
            "Trường Cao đẳng Sư phạm Trung ương TP. Hồ Chí Minh")  # fmt: skip
_DUTIES = ("Tổ trưởng công đoàn", "Thư ký hội đồng", "Phụ trách phòng thí nghiệm")


@dataclass(frozen=True)
class Training:
    """A course that was finished; `qualification` is a word of tables.QUALIFICATION."""

    qualification: str
    major: str
    institution: str
    year: int


@dataclass(frozen=True)
class Salary:
    """Grade, step within it, coefficient; leadership allowance of managers."""

    grade: str
    step: int
    coefficient: Decimal
    allowance: Decimal | None


def qualification(member: Member, kind: str) -> str:
    """The highest qualification: a word of tables.QUALIFICATION."""
    if member.role in ("01", "02"):
        return pick(member.root, "qualification", ("master", "university_pedagogy"))
    if member.role == "NV":
        return pick(member.root, "qualification", _EMPLOYEES)
    fits = _TEACHERS.get(kind, ("university_pedagogy", "university_pedagogy", "university_certified", "master"))
    return pick(member.root, "qualification", fits)


def trainings(member: Member, kind: str) -> list[Training]:
    """The courses behind it: a master's degree stands on a first one."""
    highest = qualification(member, kind)
    steps = ["university_pedagogy", "master"] if highest == "master" else [highest]
    begun = member.birth.year + 22
    return [
        Training(step, pick(member.root, "major", _MAJORS), pick(member.root, f"school {number}", _SCHOOLS),
                 begun + 4 * number)
        for number, step in enumerate(steps)
    ]  # fmt: skip


def languages(member: Member) -> list[tuple[str, str]]:
    """(language, level): English for most, another for few."""
    found = [("en", weighted(member.root, "english", {"A2": 30, "B1": 40, "B2": 20, "certificate_b": 10}))]
    if hits(member.root, "second language", 60):
        found.append((pick(member.root, "which language", ("fr", "zh", "ja")), "A2"))
    return found if member.role != "NV" or hits(member.root, "employee's english", 400) else []


def it_level(member: Member) -> str:
    """A word of tables.SKILL."""
    return weighted(member.root, "it", {"it_basic": 80, "it_advanced": 15, "degree": 5})


def political_theory(member: Member) -> str | None:
    """A word of tables.POLITICAL."""
    if member.role in ("01", "02"):
        return "intermediate"
    return "elementary" if hits(member.root, "theory", 250) else None


def position(member: Member) -> tuple[str, str | None]:
    """Position by the sector's list, and the salary grade that an employee's post has."""
    if member.role != "NV":
        head_of_group = member.role == "GV" and hits(member.root, "head of group", 120)
        return ("03" if head_of_group else member.role), None
    return pick(member.root, "post", _POSTS)


def salary(member: Member, kind: str) -> Salary:
    """Step by years of service: three years a step."""
    grade = position(member)[1] or pick(member.root, "grade", _GRADES.get(kind, _GRADES["THPT"]))
    step = min(1 + max(2024 - member.birth.year - 23, 0) // 3, 9)
    coefficient = Decimal("2.34") + Decimal("0.33") * (step - 1)
    allowance = {"01": Decimal("0.50"), "02": Decimal("0.35")}.get(member.role)
    return Salary(grade, step, coefficient, allowance)


def insurance(member: Member) -> str:
    """Social insurance number, ten digits."""
    return f"79{digits(member.root, 'insurance', 8)}"


def periods(member: Member, kind: str) -> Decimal | None:
    """Periods taught a week; in a preschool nobody counts them."""
    norm = {"TH": 23, "THCS": 19, "THPT": 17, "LC": 18, "GDTX": 17}.get(kind)
    if norm is None or member.role == "NV":
        return None
    return Decimal({"01": 2, "02": 4}.get(member.role, norm - lot(member.root, "relief", 5)))


def duty(member: Member) -> str | None:
    """A duty held beside the post."""
    return pick(member.root, "duty", _DUTIES) if hits(member.root, "has duty", 100) else None


def recruited(member: Member, first: dt.date) -> dt.date:
    """Day of recruitment: with the first post, or years before it."""
    return first.replace(year=max(first.year - lot(member.root, "recruited", 10), member.birth.year + 22))
