"""The units of the practice city: about thirty, of every kind that the letter addresses.

size -> Unit, Unit, ...

What does not belong here: pupils (story.py).
"""

import datetime as dt
from dataclasses import dataclass

PRESCHOOL, PRIMARY, LOWER, UPPER = (16, 17, 18), (1, 2, 3, 4, 5), (6, 7, 8, 9), (10, 11, 12)


@dataclass(frozen=True)
class Unit:
    """A school, centre or office. `style` is how it names classes; `system` which software it uses.

    `opened` and `closed` are the first and the last day of what was not always there, or is no more. `switched`: the
    day on which it left the vendor `before` for its `system`.
    """

    code: str
    name: str
    kind: str
    parent: str | None
    grades: tuple[int, ...]
    classes: int
    size: int
    style: str
    system: str
    shows_new_year: bool
    opened: dt.date | None = None
    closed: dt.date | None = None
    before: str | None = None
    switched: dt.date | None = None

    @property
    def district(self) -> str:
        """Code of the district that it lies in (000: the city), by the list in force before 1 July 2025."""
        return self.code[2:5]

    def is_open(self, day: dt.date) -> bool:
        return (self.opened or day) <= day <= (self.closed or day)

    def system_on(self, day: dt.date) -> str:
        """The vendor that answers for it on a day."""
        return self.before if self.before and self.switched and day < self.switched else self.system

    @property
    def org(self) -> str:
        """What the OneRoster provider calls it."""
        return f"org-{int(self.code) * 7919 % 0xFFFFFF:06x}"


DEPARTMENT = Unit("79000000", "Sở Giáo dục và Đào tạo", "SGD", None, (), 0, 0, "", "registry", False)
_DISTRICTS = (("760", "Quận 1"), ("770", "Quận 3"), ("783", "Huyện Củ Chi"))
_STYLES = {"MN": ("preschool",), "TH": ("1A", "1/1"), "THCS": ("6A1", "6/1"), "THPT": ("10A01", "12.6"),
           "LC": ("6A1",), "GDTX": ("10A01",), "QT": ("1A",)}  # fmt: skip
# kind, level digit, how many, grades, classes a grade, pupils a class, name
_PLAN = (
    ("MN", 3, 4, PRESCHOOL, 2, 21, "Trường Mầm non Hoa Sen"),
    ("TH", 4, 8, PRIMARY, 2, 25, "Trường Tiểu học Bình Minh"),
    ("THCS", 5, 6, LOWER, 2, 29, "Trường THCS Sông Xanh"),
    ("THPT", 7, 4, UPPER, 3, 29, "Trường THPT Trăng Khuyết"),
    ("LC", 8, 1, LOWER + UPPER, 1, 29, "Trường THCS và THPT Gió Nam"),
    ("LC", 8, 1, PRIMARY + LOWER, 1, 27, "Trường Tiểu học và THCS Mây Trắng"),
    ("GDTX", 6, 1, UPPER, 1, 28, "Trung tâm GDNN-GDTX Cánh Buồm"),
    ("QT", 9, 3, PRIMARY + LOWER + UPPER, 1, 15, "Trường Quốc tế Lotus"),
)


def small() -> tuple[Unit, ...]:
    """About thirty units; every third partner unit shows the new year late."""
    found, seq = [DEPARTMENT], 0
    for code, name in _DISTRICTS:
        found.append(Unit(f"79{code}000", f"Phòng GD&ĐT {name}", "PGD", DEPARTMENT.code, (), 0, 0, "", "saomai", True))
    for kind, digit, count, grades, classes, size, name in _PLAN:
        for number in range(1, count + 1):
            district = _DISTRICTS[seq % 3][0]
            by_district = kind in ("MN", "TH", "THCS")
            parent = f"79{district}000" if by_district else DEPARTMENT.code
            code = f"79{district}{digit}{seq % 90 + 1:02d}"
            style = _STYLES[kind][number % len(_STYLES[kind])]
            is_foreign = kind == "QT"
            found.append(Unit(code, f"{name} {number}", kind, parent, grades, classes, size, style,
                              "lotus" if is_foreign else "saomai", is_foreign or seq % 3 != 2))  # fmt: skip
            seq += 1
    return tuple(found)


def bench(students: int) -> tuple[Unit, ...]:
    """A OneRoster provider alone, with as many pupils as asked for."""
    grades, count = PRIMARY + LOWER + UPPER, 20
    a_grade = -(-students // (count * len(grades)))
    classes = max(1, -(-a_grade // 40))
    size = -(-a_grade // classes)
    return (DEPARTMENT, *(
        Unit(f"797609{n:02d}", f"Trường Quốc tế {n}", "QT", DEPARTMENT.code, grades, classes, size, "1A", "lotus", True)
        for n in range(1, count + 1)
    ))  # fmt: skip


def class_name(style: str, grade: int, number: int) -> str:
    """A class's name in the unit's own style."""
    if style == "preschool":
        return f"{ {13: 'Nhà trẻ', 16: 'Mầm', 17: 'Chồi', 18: 'Lá'}[grade] } {number}"
    formats = {"1A": f"{grade}{chr(64 + number) if number <= 26 else f'Z{number}'}", "1/1": f"{grade}/{number}",
               "6A1": f"{grade}A{number}", "6/1": f"{grade}/{number}",
               "10A01": f"{grade}A{number:02d}", "12.6": f"{grade}.{number}"}  # fmt: skip
    return formats[style]
