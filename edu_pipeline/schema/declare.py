"""Short ways to write a field down, so that a declaration reads as a list.

name, label, description -> Field

What does not belong here: any declared field (the entity modules), any rendering.
"""

from collections.abc import Sequence
from typing import Any

from edu_pipeline.schema.field import CodeSet, Field
from edu_pipeline.schema.kinds import Due, Kind, Need, Purpose, Sensitivity
from edu_pipeline.schema.sound import refuse, twice

PHONE = "(0|[+]84)[0-9]{8,10}"
EMAIL = "[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+[.][A-Za-z]{2,}"

PERSONAL, SENSITIVE, PUBLIC = Sensitivity.PERSONAL, Sensitivity.SENSITIVE, Sensitivity.PUBLIC


def closed(name: str, label_vi: str, source: str, rows: Sequence[tuple[str, str, str]]) -> CodeSet:
    """A closed list of (code, English, Vietnamese); DeclarationError if a code comes twice or lacks a label."""
    doubled = twice(code for code, *_ in rows)
    bare = [code for code, *labels in rows if not all(label.strip() for label in labels)]
    refuse(
        name,
        (
            *((True, f"code {code} is listed twice; keep one line") for code in doubled),
            *((True, f"code {code} lacks a label; say it in both languages") for code in bare),
            (not rows, "no code; list them"),
        ),
    )
    return CodeSet(name, label_vi, source, {code: (english, vietnamese) for code, english, vietnamese in rows})


def expected(field: Field, due: Due = Due.START_OF_YEAR) -> Field:
    """The field as one that costs the unit points when it is empty after its time of year."""
    return Field(**{**vars(field), "need": Need.EXPECTED, "due": due})


def text(name: str, label_vi: str, description: str, max_length: int = 200, **said: Any) -> Field:
    """Free text of at most so many characters."""
    return Field(name, Kind.TEXT, label_vi, description, max_length=max_length, **said)


def shaped(name: str, label_vi: str, description: str, pattern: str, **said: Any) -> Field:
    """Text of one form."""
    return Field(name, Kind.TEXT, label_vi, description, pattern=pattern, **said)


def coded(name: str, label_vi: str, description: str, codes: CodeSet, **said: Any) -> Field:
    """A code of a list."""
    return Field(name, Kind.TEXT, label_vi, description, codes=codes, **said)


def flag(name: str, label_vi: str, description: str, **said: Any) -> Field:
    """Yes or no."""
    return Field(name, Kind.BOOLEAN, label_vi, description, **said)


def number(name: str, label_vi: str, description: str, minimum: int, maximum: int, **said: Any) -> Field:
    """A whole number within bounds."""
    return Field(name, Kind.INTEGER, label_vi, description, minimum=minimum, maximum=maximum, **said)


def amount(name: str, label_vi: str, description: str, minimum: int, maximum: int, **said: Any) -> Field:
    """A number with at most two decimals within bounds."""
    return Field(name, Kind.DECIMAL, label_vi, description, minimum=minimum, maximum=maximum, **said)


def day(name: str, label_vi: str, description: str, **said: Any) -> Field:
    """A calendar date."""
    return Field(name, Kind.DATE, label_vi, description, **said)


def contact() -> tuple[Field, ...]:
    """Telephone and e-mail of a person."""
    said: dict[str, Any] = {"sensitivity": PERSONAL, "purpose": Purpose.CONTACT}
    return (
        shaped("phone", "Điện thoại", "Telephone, digits only.", PHONE, standard="OneRoster phone", **said),
        shaped("email", "Email", "E-mail.", EMAIL, standard="OneRoster email", **said),
    )  # fmt: skip


def places(prefix: str, of_vi: str, of: str, *levels: str) -> tuple[Field, ...]:
    """Codes of administrative units, by level; a district is empty since 1 July 2025 (domain.md section 9)."""
    from edu_pipeline.schema import codes

    known = {
        "province": (codes.PROVINCE, "Tỉnh/thành phố"),
        "district": (codes.DISTRICT, "Quận/huyện"),
        "ward": (codes.WARD, "Phường/xã"),
    }
    return tuple(
        coded(f"{prefix}_{level}_code", f"{known[level][1]} {of_vi}", f"{level.capitalize()} {of}.", known[level][0],
              sensitivity=PERSONAL, purpose=Purpose.STATISTICS, standard="QD 124/2004, QD 19/2025/QD-TTg")
        for level in levels
    )  # fmt: skip
