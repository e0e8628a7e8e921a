"""What a personal identification number says of itself: its form, and whether it agrees with sex, birth and place.

Entity with `personal_number` -> (check, SQL that is true where it fails, what then becomes of the row)

What does not belong here: repairing a number. A 0 that a spreadsheet has eaten is named, so that somebody who has the
card in hand puts it back; a number that contradicts the person is kept and told, because numbers are re-issued.
Source: domain.md 2.7 (ND 137/2015, now ND 70/2024): PPP, one digit of century and sex, YY, six more; no checksum.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, false, func, not_, or_

from edu_pipeline.schema import Entity, codes

Check = tuple[str, Callable[[Any, Any], ColumnElement[bool]], str]


def checks(entity: Entity) -> Iterator[Check]:
    """Checks of an entity's numbers; a pupil has no number of the old card, a foreigner any number at all."""
    names = set(entity.field_names)

    def vietnamese(c: Any) -> list[ColumnElement[bool]]:
        said = [func.coalesce(c.nationality, "VN") == "VN"] if "nationality" in names else []
        return [*said, *([func.coalesce(c.ethnicity, "01") != "55"] if "ethnicity" in names else [])]

    def form(c: Any, _: Any) -> ColumnElement[bool]:
        known = or_(_digits(c, 12), _digits(c, 9), _eaten_zero(c))
        return and_(c.personal_number.is_not(None), not_(known), *vietnamese(c))

    yield "form", form, "blank"
    yield "eaten_zero", lambda c, _: and_(_eaten_zero(c), *vietnamese(c)), "blank"
    yield (
        "old_number",
        lambda c, _: and_(_digits(c, 9), *vietnamese(c)),
        "blank" if entity.name == "student" else "note",
    )
    yield "wrong_province", lambda c, _: and_(_digits(c, 12), not_(_is_place(c.personal_number))), "note"
    if "birth_date" in names:
        yield "wrong_birth_year", lambda c, _: and_(_digits(c, 12), _wrong_year(c)), "note"
    if "sex" in names:
        yield "wrong_sex", lambda c, _: and_(_digits(c, 12), _wrong_sex(c)), "note"


def _digits(c: Any, count: int) -> ColumnElement[bool]:
    return c.personal_number.regexp_match(f"^[0-9]{{{count}}}$")


def _is_place(number: ColumnElement[str]) -> ColumnElement[bool]:
    # A province of birth by the old list of 63, or the code of a country.
    place = func.left(number, 3)
    return or_(place.in_([f"0{code}" for code in codes.PROVINCE.codes]), place >= "100")


def _eaten_zero(c: Any) -> ColumnElement[bool]:
    return and_(_digits(c, 11), func.left(c.personal_number, 2).in_(list(codes.PROVINCE.codes)))


def _digit(c: Any, position: int, count: int = 1) -> ColumnElement[int]:
    return cast(func.substr(c.personal_number, position, count), Integer)


def _wrong_year(c: Any) -> ColumnElement[bool]:
    # CASE, because a cast must not see what is no number.
    year = cast(func.left(c.birth_date, 4), Integer)
    told = 1900 + 100 * cast(func.floor(_digit(c, 4) / 2), Integer) + _digit(c, 5, 2)
    return case((and_(_digits(c, 12), c.birth_date.regexp_match("^[0-9]{4}")), told != year), else_=false())


def _wrong_sex(c: Any) -> ColumnElement[bool]:
    told = case((_digit(c, 4) % 2 == 0, "male"), else_="female")
    return case((_digits(c, 12), told != c.sex), else_=false())
