"""Every table decides every combination of its facts, once; no row is idle; better facts never decide worse."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from edu_pipeline.rollover.regulation import tt22, tt27, tt58
from edu_pipeline.rollover.regulation.force import REGULATIONS
from edu_pipeline.rollover.regulation.table import PENDING, PROMOTED, RETAINED, UNTOLD, Fact, Regulation
from edu_pipeline.schema.sound import DeclarationError
from edu_pipeline_tests.conftest import Database
from edu_pipeline_tests.rollover.regulation import facts

ORDER = (RETAINED, PENDING, PROMOTED)
ALL = pytest.mark.parametrize("one", REGULATIONS, ids=lambda one: one.name)


@ALL
def test_every_combination_fits_exactly_one_row_and_no_row_is_idle(one: Regulation) -> None:
    used = set()
    for said in facts.of(one):
        fitting = [number for number, row in enumerate(one.rows) if row.fits(said)]
        assert len(fitting) == 1, said
        assert one.decide(said) is one.rows[fitting[0]]
        used.update(fitting)
    assert used == set(range(len(one.rows)))


@ALL
def test_every_row_says_what_it_rests_on(one: Regulation) -> None:
    for row in one.rows:
        assert row.article
        assert row.note
        assert row.decision in ORDER
        assert row.stage == "CN" or row.decision != PENDING or len(row.when) > 2
        # Who may be decided otherwise is looked at.
        assert row.flag or not row.may_differ


def _better(fact: Fact, said: dict[str, Any], steps: dict[Any, Any]) -> Iterator[dict[str, Any]]:
    """The same facts, one of them better by a step. What summer has not told is neither better nor worse."""
    if said[fact.name] in steps:
        yield {**said, fact.name: steps[said[fact.name]]}


@ALL
def test_better_facts_never_decide_worse(one: Regulation) -> None:
    steps: dict[str, dict[Any, Any]] = {}
    for fact in one.facts:
        values = sorted({said[fact.name] for said in facts.of(one)}) if isinstance(fact.values, range) else fact.values
        told = [value for value in values if value != UNTOLD]
        steps[fact.name] = dict(zip(told[1:], told, strict=False))
    # Neither a policy nor the grade is an achievement.
    ordered = [fact for fact in one.facts if fact.name not in ("both_below", "sits_exam", "ends_level")]
    compared = 0
    for said in facts.of(one):
        row = one.decide(said)
        for fact in ordered:
            for better in _better(fact, said, steps[fact.name]):
                then = one.decide(better)
                assert row is not None
                assert then is not None
                assert ORDER.index(then.decision) >= ORDER.index(row.decision), (said, better)
                compared += 1
    assert compared > 0 or one.name == "preschool"


@ALL
def test_a_fact_that_nobody_told_decides_only_where_the_others_do(one: Regulation) -> None:
    for said in facts.of(one):
        for missing in said:
            row = one.decide({**said, missing: None})
            if row is not None:
                # Then every value of it decides the same.
                fact = next(fact for fact in one.facts if fact.name == missing)
                assert all(one.decide({**said, missing: value}) is row for value in facts.values(fact, one.rows))


def test_what_the_circulars_are_known_to_say() -> None:
    """A few decisions typed out from domain.md section 4, so that no table can be wrong and consistent."""
    good = {"absences": 45, "study": "3", "conduct": "3", "study_after": UNTOLD, "conduct_after": UNTOLD,
            "both_below": "strict"}  # fmt: skip
    for change, decision, article in (
        ({}, PROMOTED, "art. 12"),
        ({"absences": 46}, RETAINED, "art. 12"),
        ({"absences": 46, "study": "1", "conduct": "1", "study_after": "1"}, RETAINED, "art. 12"),
        ({"study": "4"}, PENDING, "art. 14"),
        ({"study": "4", "study_after": "3"}, PROMOTED, "art. 14"),
        ({"study": "4", "study_after": "4"}, RETAINED, "art. 14"),
        ({"conduct": "4"}, PENDING, "art. 13"),
        ({"conduct": "4", "conduct_after": "3"}, PROMOTED, "art. 13"),
        ({"study": "4", "conduct": "4"}, RETAINED, "art. 14"),
        ({"study": "4", "conduct": "4", "both_below": "lenient"}, PENDING, "arts. 13-14"),
        ({"study": "4", "conduct": "4", "both_below": "lenient", "study_after": "3"}, PENDING, "arts. 13-14"),
        ({"study": "4", "conduct": "4", "both_below": "lenient", "study_after": "3", "conduct_after": "2"}, PROMOTED,
         "arts. 13-14"),
    ):  # fmt: skip
        row = tt22.TT22.decide({**good, **change})
        assert row is not None
        assert (row.decision, row.article) == (decision, article), change
        assert bool(row.flag) is (change.get("study") == change.get("conduct") == "4" and "absences" not in change)
    old = {**good, "study": "average", "conduct": "average", "sits_exam": "no"}
    for change, decision, article in (
        ({}, PROMOTED, "art. 15"),
        ({"absences": 46}, RETAINED, "art. 15"),
        ({"study": "poor"}, RETAINED, "art. 15"),
        ({"study": "weak", "conduct": "weak"}, RETAINED, "art. 15"),
        ({"study": "weak"}, PENDING, "art. 16"),
        ({"study": "weak", "study_after": "weak"}, RETAINED, "art. 16"),
        ({"study": "weak", "study_after": "average"}, PROMOTED, "art. 16"),
        ({"conduct": "weak"}, PENDING, "art. 17"),
        ({"conduct": "weak", "conduct_after": "fair"}, PROMOTED, "art. 17"),
    ):  # fmt: skip
        row = tt58.TT58.decide({**old, **change})
        assert row is not None
        assert (row.decision, row.article, row.may_differ) == (decision, article, False), change
        twelve = tt58.TT58.decide({**old, **change, "sits_exam": "yes"})
        assert twelve is not None
        is_weak = change.get("study") == "weak" and decision != PROMOTED and "conduct" not in change
        assert (twelve.decision, twelve.may_differ) == (decision, is_weak)
    for ends, may_differ in (("no", True), ("yes", False)):
        row = tt27.TT27.decide({"study": "CHT", "study_after": "CHT", "ends_level": ends})
        assert row is not None
        assert (row.decision, row.may_differ) == (RETAINED, may_differ)


def test_conduct_of_the_year_is_that_of_art_8() -> None:
    by_terms = {
        (first, second): next(row.decision for row in tt22.TERMS if row.fits({"first": first, "second": second}))
        for first in "1234"
        for second in "1234"
    }
    # Rows: semester I from 1 to 4; columns: semester II.
    assert by_terms == {
        (first, second): year
        for first, years in (("1", "1224"), ("2", "1234"), ("3", "2234"), ("4", "2334"))
        for second, year in zip("1234", years, strict=True)
    }
    pair = (Fact("first", tt22.LEVELS), Fact("second", tt22.LEVELS))
    for said in facts.combinations(pair, tt22.TERMS):
        assert sum(row.fits(said) for row in tt22.TERMS) == 1


def test_a_row_that_asks_what_the_fact_is_not_is_refused() -> None:
    row = replace(tt27.TT27.rows[0], when={"study": ("good",)})
    with pytest.raises(DeclarationError, match="TT 27/2020: row 1 asks of study what it is not"):
        replace(tt27.TT27, rows=(row,))
    with pytest.raises(DeclarationError, match="fact study is declared twice"):
        replace(tt27.TT27, facts=(*tt27.TT27.facts, tt27.TT27.facts[0]))


@ALL
def test_sql_decides_as_python_does_over_every_combination(one: Regulation, database: Database) -> None:
    said = facts.of(one)
    numbers = [one.rows.index(row) + 1 if (row := one.decide(facts)) else None for facts in said]
    # Once more without a fact, each in turn: NULL fits no condition either.
    for name in said[0]:
        for one_said in said[:: max(1, len(said) // 200)]:
            said.append({**one_said, name: None})
            row = one.decide(said[-1])
            numbers.append(one.rows.index(row) + 1 if row else None)
    columns = [f"CAST(:{f.name} AS {'int' if isinstance(f.values, range) else 'text'}[])" for f in one.facts]
    names = ", ".join(["place", *(f.name for f in one.facts)])
    given = ", ".join(["CAST(:place AS int[])", *columns])
    # Each row by itself, too: no order of branches hides what a condition says.
    fits = ", ".join(f"coalesce({row.sql('f')}, false)" for row in one.rows)
    query = f"SELECT {one.case('f')}, ARRAY[{fits}] FROM unnest({given}) AS f({names}) ORDER BY place"
    binds = {"place": list(range(len(said))), **{f.name: [row[f.name] for row in said] for f in one.facts}}
    with database.app.connect() as connection:
        found = connection.execute(text(query), binds).all()
    assert [number for number, _ in found] == numbers
    assert [row for _, row in found] == [[row.fits(facts) for row in one.rows] for facts in said]
