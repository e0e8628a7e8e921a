"""The systems that units and offices run, as they declare them: most before the letter, some in its days, a few never.

Unit, day -> System, System, ...

What does not belong here: how each source tells them (partner.py, registers.py, registry.py), who is
connected (site.py). Schools on OneRoster have nobody to declare by: connected and not declared.
"""

import datetime as dt
from dataclasses import dataclass

from edu_pipeline.sandbox.lot import hits, lot, pick
from edu_pipeline.sandbox.units import Unit

_EARLY, _LETTER = dt.date(2023, 12, 4), dt.date(2024, 9, 9)
_MANAGED_BY = {"saomai": ("Sao Mai School", "Công ty Sao Mai"), "hoaphuong": ("Hoa Phượng", "Công ty Hoa Phượng")}
# purpose, product, vendor, how far it has come
_BESIDE = (
    ("learning_management", "Lớp học Mây", "Công ty Mây Trắng", "applied"),
    ("finance", "Học phí Số", "Công ty Thu Phí", "planned"),
    ("library", "Thư viện Sách Mở", "Công ty Sách Mở", "planned"),
    ("exams", "Ngân hàng đề Ong", "Công ty Con Ong", "checked"),
)


@dataclass(frozen=True)
class System:
    """One declared system; `declared` is the day from which it is told."""

    code: str
    purpose: str
    product: str
    vendor: str
    stage: str
    level: int | None
    promised: dt.date | None
    declared: dt.date


def declared(unit: Unit, day: dt.date, vendor: str = "") -> list[System]:
    """What the unit has declared by a day to its vendor (none named: the one it has at last), in stable order."""
    return [system for system in _all(unit, vendor or unit.system) if system.declared <= day]


def never(unit: Unit) -> bool:
    """True for a unit that never declares."""
    return unit.system == "lotus" or hits(unit.code, "declares no system", 120)


def _all(unit: Unit, vendor: str) -> list[System]:
    if never(unit):
        return []
    code = unit.code
    # Two thirds long before the letter; the others in the days before 27 September.
    when = _EARLY if hits(code, "declares early", 660) else _LETTER + dt.timedelta(days=lot(code, "declared", 21))
    if not unit.grades:
        return [System("HT1", "e_office", "Văn phòng Số", "Trung tâm Chuyển đổi số", "planned", None,
                       dt.date(2024, 12, 31), when)]  # fmt: skip
    product, maker = _MANAGED_BY[vendor]
    found = [System("HT1", "school_management", product, maker, "live", 3, None, when)]
    if hits(code, "a second system", 400):
        purpose, name, maker, stage = pick(code, "second system", _BESIDE)
        promised = dt.date(2024, 8, 31) + dt.timedelta(days=30 * lot(code, "promised", 5))
        found.append(System("HT2", purpose, name, maker, stage, 3 if stage == "checked" else None, promised, when))
    return found
