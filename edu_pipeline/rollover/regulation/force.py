"""Which regulation judges whom: exactly one for a programme, a grade and a school year.

REGULATIONS (every module of this package) -> regulation_for(); values() for SQL

What does not belong here: a table. Whoever adds a regulation names it in REGULATIONS; a gap or an overlap in what is in
force is refused when the package is loaded. Source: domain.md 4.1.

Undecided, decided here: whether a pupil follows a foreign programme is told by `has_ministry_programme` of the year;
where it is not told, a foreign-invested school teaches one and every other school does not.
"""

from collections.abc import Iterator

from edu_pipeline.rollover.regulation.continuing import QD02, TT43
from edu_pipeline.rollover.regulation.foreign import PROGRAMME
from edu_pipeline.rollover.regulation.preschool import PRESCHOOL
from edu_pipeline.rollover.regulation.table import CONTINUING, FOREIGN, GENERAL, Regulation
from edu_pipeline.rollover.regulation.tt22 import TT22
from edu_pipeline.rollover.regulation.tt27 import TT27
from edu_pipeline.rollover.regulation.tt30 import TT30
from edu_pipeline.rollover.regulation.tt58 import TT58
from edu_pipeline.schema.sound import refuse

REGULATIONS = (TT27, TT30, TT22, TT58, TT43, QD02, PRESCHOOL, PROGRAMME)

# Nothing is asked about years before the first, nor of primary grades in centres.
FIRST_YEAR, FOREVER = 2020, 9999
JUDGED = {GENERAL: range(1, 19), CONTINUING: range(6, 13), FOREIGN: range(1, 19)}


def programme(unit_kind: str, has_ministry_programme: bool | None) -> str:
    """The programme of a pupil of a kind of unit."""
    if has_ministry_programme is False or (unit_kind == "foreign_invested" and not has_ministry_programme):
        return FOREIGN
    return CONTINUING if unit_kind == "continuing_education" else GENERAL


def programme_sql(unit_kind: str, has_ministry_programme: str) -> str:
    """The same in SQL."""
    return f"""CASE WHEN NOT coalesce({has_ministry_programme}, {unit_kind} <> 'foreign_invested') THEN '{FOREIGN}'
    WHEN {unit_kind} = 'continuing_education' THEN '{CONTINUING}' ELSE '{GENERAL}' END"""


def in_force(regulations: tuple[Regulation, ...] = REGULATIONS) -> Iterator[tuple[str, int, int, int, Regulation]]:
    """(programme, grade, first and last school year, regulation), one each."""
    for one in regulations:
        for said in one.in_force:
            for grade in said.grades:
                yield said.programme, grade, said.from_year, said.to_year or FOREVER, one


def check(regulations: tuple[Regulation, ...]) -> None:
    """DeclarationError if a grade of a programme has no regulation in some year, or two."""
    rows = list(in_force(regulations))
    turns = {FIRST_YEAR, *(first for _, _, first, _, _ in rows), *(last + 1 for *_, last, _ in rows)} - {FOREVER + 1}
    for kind, grades in JUDGED.items():
        for grade in grades:
            for year in sorted(turn for turn in turns if turn >= FIRST_YEAR):
                found = [r.name for k, g, first, last, r in rows if (k, g) == (kind, grade) and first <= year <= last]
                remedy = f"{' and '.join(found) or 'nothing'} in force; let exactly one be"
                refuse(f"{kind} grade {grade}, {year}-{year + 1}", [(len(found) != 1, remedy)])


def regulation_for(
    grade: int, school_year: int, unit_kind: str, has_ministry_programme: bool | None = None
) -> Regulation:
    """The one regulation by which a pupil's year is judged; LookupError where none is declared."""
    kind = programme(unit_kind, has_ministry_programme)
    for k, g, first, last, found in in_force():
        if (k, g) == (kind, grade) and first <= school_year <= last:
            return found
    raise LookupError(f"no regulation for grade {grade} of a {kind} programme in {school_year}; declare it in force.py")


def values() -> str:
    """SQL: rows of (programme, grade, from_year, to_year, regulation)."""
    return ", ".join(f"('{k}', {g}, {first}, {last}, '{r.name}')" for k, g, first, last, r in in_force())


check(REGULATIONS)
