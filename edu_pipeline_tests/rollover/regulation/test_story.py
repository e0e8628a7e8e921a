"""What the tables decide of the grown-up practice city's reports is what its stories say, without a database."""

from collections import Counter
from decimal import Decimal

import pytest

from edu_pipeline.rollover.regulation import force
from edu_pipeline.rollover.regulation.scale import Mark
from edu_pipeline.rollover.regulation.table import UNTOLD, Regulation, Row
from edu_pipeline.sandbox.marks import Report, report
from edu_pipeline.sandbox.story import Child, Place
from edu_pipeline_tests.sandbox.grown import told

KINDS = {"MN": "preschool", "TH": "primary", "THCS": "lower_secondary", "THPT": "upper_secondary", "LC": "multi_level",
         "GDTX": "continuing_education", "QT": "foreign_invested"}  # fmt: skip
# The words of the stories, in the register's.
LEVEL = {"tot": "1", "kha": "2", "dat": "3", "chua_dat": "4"}
STUDY_58 = {"gioi": "excellent", "kha": "good", "tb": "average", "yeu": "weak", "kem": "poor"}
CONDUCT_58 = {"tot": "good", "kha": "fair", "tb": "average", "yeu": "weak"}
SUBJECT = {"T": "excellent", "H": "completed", "C": "not_completed", "D": "passed", "CD": "not_passed"}
TRAIT = {"T": "good", "D": "attained", "C": "needs_effort"}


def marks(made: Report) -> list[Mark]:
    """The report's marks, as the register has them; a retest replaces the year's."""
    found = []
    for name, mark in made.marks.items():
        now = mark.year if mark.retest is None else mark.retest
        found.append(Mark(name, None if now is None else Decimal(str(now)), SUBJECT.get(mark.level or "")))
    return found + [Mark(n, level=TRAIT[said]) for n, said in {**made.competences, **made.qualities}.items()]


def _conduct(made: Report) -> str:
    return (CONDUCT_58 if made.circular == "TT58" else LEVEL).get(made.conduct or "", "")


def judge(one: Regulation, grade: int, year: Report, summer: Report | None) -> Row | None:
    """The row of the table, from marks and conduct alone."""
    assert one.scale is not None
    facts = {"absences": year.absences, "study": one.scale.level(marks(year)).level, "conduct": _conduct(year),
             "study_after": one.scale.level(marks(summer)).level if summer else UNTOLD,
             "conduct_after": _conduct(summer) if summer else UNTOLD, "both_below": "strict",
             "ends_level": "yes" if grade in (5, 9, 12) else "no",
             "sits_exam": "yes" if grade == 12 else "no"}  # fmt: skip
    return one.decide(facts)


def _reported(one: Regulation, made: Report) -> str:
    if one.study == "year_level":
        return made.study
    return (STUDY_58 if made.circular == "TT58" else LEVEL)[made.study]


@pytest.mark.parametrize("size", ["small", "town"])
def test_marks_lead_to_the_level_and_to_the_decision_of_the_story(size: str) -> None:
    city, seen = told(size), Counter[tuple[str, str, str]]()
    differing, raised = 0, 0
    children: list[Child] = [c for n, c in enumerate(city.children) if size == "small" or n % 9 == 0
                             or c.outcome in ("retest", "retained")]  # fmt: skip
    places: list[tuple[Child, Place]] = [(child, place) for child in children for place in child.places]
    for child, place in places:
        year, summer = report(child, place, "CN"), report(child, place, "HE")
        if year is None:
            continue
        one = force.regulation_for(place.grade, place.year, KINDS[city.unit(place.unit).kind], True)
        assert one.scale is not None
        for made in (year, summer):
            if made is not None:
                found = one.scale.level(marks(made))
                assert found.level == _reported(one, made), made
                assert (found.flag is not None) is made.is_adjusted
                raised += made.is_adjusted
        if year.conduct_terms and one.terms:
            first, second = (LEVEL[word] for word in year.conduct_terms)
            row = next(row for row in one.terms if row.fits({"first": first, "second": second}))
            assert row.decision == _conduct(year)
        decided, after = child.decided(place.year)
        last = after if decided == "retest" else decided
        row = judge(one, place.grade, year, summer)
        assert row is not None
        said = {None: "pending", "completed": "promoted"}.get(last, last)
        if row.decision == "pending" and said == "retained":
            # A primary pupil who stays down at the year's end came to no assessment: the table still awaits it.
            assert one.study == "year_level"
        elif row.may_differ and row.decision == "retained" and said == "promoted":
            assert summer is not None
            assert not summer.completes
            differing += 1
        else:
            assert row.decision == said, (row, year, summer)
        seen[one.name, row.stage, row.decision] += 1
    if size == "town":
        assert differing > 0
        assert raised > 10
        assert {name for name, *_ in seen} == {one.name for one in force.REGULATIONS if one.scale}
        assert min(sum(n for (_, stage, _), n in seen.items() if stage == which) for which in ("CN", "HE")) > 100
