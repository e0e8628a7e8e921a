"""Marks become the level that an independent reading of the circulars gives; SQL counts as Python does."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from edu_pipeline.rollover.regulation import tt22, tt27, tt30, tt58
from edu_pipeline.rollover.regulation.scale import Mark, Scale
from edu_pipeline_tests.conftest import Database

LEVELS_22, LEVELS_58 = ["4", "3", "2", "1"], ["poor", "weak", "average", "good", "excellent"]
SCORED = ("mathematics", "literature", "foreign_language_1", "physics", "history", "geography", "chemistry", "biology")
COMMENTED = ("physical_education", "music", "fine_arts")
# Bounds and what lies beside them, so that few examples meet many of them.
MANY = settings(max_examples=400)
EDGES = ("1.9", "2.0", "3.4", "3.5", "4.9", "5.0", "6.4", "6.5", "7.9", "8.0", "9.4")


def _tenths() -> st.SearchStrategy[Decimal]:
    edges = st.sampled_from([Decimal(edge) for edge in EDGES])
    return st.one_of(edges, edges, st.integers(0, 100).map(lambda n: Decimal(n) / 10))


@st.composite
def marks(draw: st.DrawFn) -> tuple[Mark, ...]:
    """A pupil's year: mostly good, a subject or two that are not, as the adjustment needs it."""
    names = SCORED[: draw(st.integers(6, len(SCORED)))]
    usual = draw(st.sampled_from([Decimal(edge) for edge in ("5.0", "6.5", "8.0", "9.4")]))
    others = draw(st.dictionaries(st.sampled_from(names), _tenths(), max_size=3))
    scored = dict.fromkeys(names, usual) | others
    comments = draw(st.lists(st.sampled_from(["passed"] * 7 + ["not_passed"]), min_size=3, max_size=3))
    return (*(Mark(name, mark) for name, mark in scored.items()),
            *(Mark(name, level=level) for name, level in zip(COMMENTED, comments, strict=True)))  # fmt: skip


def _split(year: tuple[Mark, ...]) -> tuple[dict[str, Decimal], int]:
    return {m.subject: m.mark for m in year if m.mark is not None}, sum(m.level == "not_passed" for m in year)


def raw_22(year: tuple[Mark, ...]) -> str:
    """TT 22 art. 9 as one reads it, without the adjustment."""
    scored, failed = _split(year)
    values = list(scored.values())
    if failed == 0 and min(values) >= Decimal("6.5") and len([v for v in values if v >= 8]) >= 6:
        return "1"
    if failed == 0 and min(values) >= 5 and len([v for v in values if v >= Decimal("6.5")]) >= 6:
        return "2"
    if failed <= 1 and min(values) >= Decimal("3.5") and len([v for v in values if v >= 5]) >= 6:
        return "3"
    return "4"


def raw_58(year: tuple[Mark, ...], average: Decimal | None = None) -> str:
    """TT 58 art. 13 as one reads it, without the adjustment; the average may be that of other marks."""
    scored, failed = _split(year)
    if average is None:
        average = (sum(scored.values(), Decimal()) / len(scored)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    best, least = max(scored[name] for name in SCORED[:3]), min(scored.values())
    for level, mean, key, floor in (("excellent", "8.0", "8.0", "6.5"), ("good", "6.5", "6.5", "5.0"),
                                    ("average", "5.0", "5.0", "3.5")):  # fmt: skip
        if failed == 0 and average >= Decimal(mean) and best >= Decimal(key) and least >= Decimal(floor):
            return level
    return "weak" if average >= Decimal("3.5") and least >= 2 else "poor"


def _one_lifted(year: tuple[Mark, ...]) -> list[tuple[Mark, ...]]:
    """The same years, each with one single subject as good as can be."""
    found = []
    for place, one in enumerate(year):
        best = Mark(one.subject, Decimal(10)) if one.mark is not None else Mark(one.subject, level="passed")
        found.append((*year[:place], best, *year[place + 1 :]))
    return found


def naive_22(year: tuple[Mark, ...]) -> str:
    raw = raw_22(year)
    without = [raw_22(lifted) for lifted in _one_lifted(year)]
    drops = [LEVELS_22.index(level) - LEVELS_22.index(raw) for level in without if level in ("1", "2")]
    return LEVELS_22[LEVELS_22.index(raw) + 1] if max(drops, default=0) >= 2 else raw


def naive_58(year: tuple[Mark, ...]) -> str:
    raw, (scored, _) = raw_58(year), _split(year)
    average = (sum(scored.values(), Decimal()) / len(scored)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    without = {raw_58(lifted, average) for lifted in _one_lifted(year)}
    if "excellent" in without and raw in ("average", "weak"):
        return {"average": "good", "weak": "average"}[raw]
    # Whoever is excellent but for one subject is good but for it, too.
    if without & {"excellent", "good"} and raw in ("weak", "poor"):
        return {"weak": "average", "poor": "weak"}[raw]
    return raw


@MANY
@given(marks())
def test_levels_of_tt22_are_those_of_a_plain_reading(year: tuple[Mark, ...]) -> None:
    found = tt22.SCALE.level(year)
    assert found.level == naive_22(year)
    by = LEVELS_22.index(found.level) - LEVELS_22.index(raw_22(year))
    assert by == (found.flag is not None) <= 1


@MANY
@given(marks())
def test_levels_of_tt58_are_those_of_a_plain_reading(year: tuple[Mark, ...]) -> None:
    found = tt58.SCALE.level(year)
    assert found.level == naive_58(year)
    by = LEVELS_58.index(found.level) - LEVELS_58.index(raw_58(year))
    assert by == (found.flag is not None) <= 1


@pytest.mark.parametrize(("scale", "levels"), [(tt22.SCALE, LEVELS_22), (tt58.SCALE, LEVELS_58)])
@MANY
@given(marks(), st.integers(0, 10), _tenths())
def test_a_higher_mark_never_gives_a_lower_level(
    scale: Scale, levels: list[str], year: tuple[Mark, ...], place: int, mark: Decimal
) -> None:
    one = year[place % len(year)]
    better = Mark(one.subject, max(one.mark, mark)) if one.mark is not None else Mark(one.subject, level="passed")
    then = tuple(better if mark is one else mark for mark in year)
    assert levels.index(scale.level(then).level) >= levels.index(scale.level(year).level)


def _year(*scored: str, comments: tuple[str, ...] = ("passed",)) -> tuple[Mark, ...]:
    return (*(Mark(name, Decimal(mark)) for name, mark in zip(SCORED, scored, strict=False)),
            *(Mark(name, level=level) for name, level in zip(COMMENTED, comments, strict=False)))  # fmt: skip


@pytest.mark.parametrize(
    ("scored", "comments", "level", "said"),
    [
        (("8.0",) * 6 + ("6.5",), ("passed",), "1", None),
        (("8.0",) * 5 + ("7.9", "6.5"), ("passed",), "2", None),
        (("8.0",) * 6 + ("6.4",), ("passed",), "2", None),
        (("8.0",) * 6 + ("4.9",), ("passed",), "2", "art. 9)"),
        (("8.0",) * 6 + ("3.4",), ("passed",), "3", "art. 9)"),
        (("8.0",) * 5 + ("6.5", "4.9"), ("passed",), "2", "sixth"),
        (("6.5",) * 6 + ("3.4",), ("passed",), "3", "art. 9)"),
        (("6.5",) * 6 + ("3.5",), ("passed",), "3", None),
        (("8.0",) * 6, ("not_passed", "passed"), "2", "comment subject"),
        (("8.0",) * 6, ("not_passed", "not_passed"), "4", None),
        (("8.0",) * 6 + ("4.9",), ("not_passed",), "3", None),
        (("8.0",) * 6 + ("3.4", "3.4"), ("passed",), "4", None),
    ],
)
def test_the_single_subject_of_tt22(
    scored: tuple[str, ...], comments: tuple[str, ...], level: str, said: str | None
) -> None:
    found = tt22.SCALE.level(_year(*scored, comments=comments))
    assert found.level == level
    assert (said or "") in (found.flag or "")
    assert (found.flag is None) is (said is None)


def test_the_single_subject_of_tt58() -> None:
    for scored, level in (
        (("9.0",) * 7 + ("6.4",), "good"),
        (("9.0",) * 7 + ("4.9",), "good"),  # excellent to average: good
        (("9.0",) * 7 + ("3.4",), "average"),  # excellent to weak: average
        (("9.5",) * 7 + ("1.9",), "weak"),  # excellent to poor is good to poor: weak
        (("7.5",) * 7 + ("3.4",), "average"),  # good to weak: average
        (("7.5",) * 7 + ("1.9",), "weak"),  # good to poor: weak
        (("7.0",) * 7 + ("4.9",), "average"),
        (("5.5",) * 7 + ("3.4",), "weak"),  # from average nothing is raised
    ):
        assert tt58.SCALE.level(_year(*scored)).level == level, scored
    # One of mathematics, literature, foreign language has to be as good as the level.
    weak_keys = _year("6.4", "6.4", "6.4", "9.0", "9.0", "9.0", "9.0", "9.0")
    assert tt58.SCALE.level(weak_keys).level == "average"


def test_a_specialised_class_asks_the_same_of_its_own_subject() -> None:
    year = _year("9.0", "9.0", "9.0", "7.9", "9.0", "9.0", "9.0", "9.0")
    assert tt58.SCALE.level(year).level == "excellent"
    assert tt58.SCALE.level(year, special="physics").level == "good"
    assert tt58.SCALE.level(year, special="history").level == "excellent"


def test_levels_of_primary_school_over_every_combination() -> None:
    order = ["CHT", "HT", "HTT", "HTXS"]
    for test, subject, trait in product(range(11), ("excellent", "completed", "not_completed"),
                                        ("good", "attained", "needs_effort")):  # fmt: skip
        year = (Mark("mathematics", Decimal(test), "excellent"), Mark("music", level=subject),
                Mark("autonomy", level=trait))  # fmt: skip
        if test < 5 or subject == "not_completed" or trait == "needs_effort":
            expected = "CHT"
        elif test >= 7 and (subject, trait) == ("excellent", "good"):
            expected = "HTXS" if test >= 9 else "HTT"
        else:
            expected = "HT"
        assert tt27.SCALE.level(year).level == expected, year
        assert tt30.SCALE.level(year).level == ("CHT" if expected == "CHT" else "HT")
        if test < 10:
            better = (Mark("mathematics", Decimal(test + 1), "excellent"), *year[1:])
            assert order.index(tt27.SCALE.level(better).level) >= order.index(expected)


@pytest.mark.parametrize("scale", [tt22.SCALE, tt27.SCALE, tt30.SCALE, tt58.SCALE], ids=["22", "27", "30", "58"])
def test_sql_gives_the_level_and_the_flag_that_python_gives(scale: Scale, database: Database) -> None:
    """Every combination of edges in three subjects, among usual marks, with and without a special subject."""
    years: list[tuple[tuple[Mark, ...], str | None]] = []
    levels = ("passed", "not_passed", "completed", "needs_effort", None)
    for usual, a, b, level in product(("5.0", "7.0", "8.0", "9.0"), (*EDGES, "8.9"), (*EDGES, "7.0"), levels):
        scored = (*[usual] * 4, b, usual, usual)
        for special in (None, "history"):
            years.append(((*_year(a, *scored, comments=()), Mark("music", level=level)), special))
    rows = [(n, m.subject, m.mark, m.level, special) for n, (year, special) in enumerate(years) for m in year]
    tallies = ", ".join(f"{t.sql('mark', 'level', 'subject', 'special')} AS {t.name}" for t in scale.tallies())
    cases = [" ".join(f"WHEN {b.sql('t')} THEN {n}" for n, b in enumerate(scale.branches()))] * 2
    query = f"""SELECT CASE {cases[0]} END FROM (SELECT year, {tallies} FROM unnest(CAST(:years AS int[]),
        CAST(:subjects AS text[]), CAST(:marks AS numeric(12,2)[]), CAST(:levels AS text[]), CAST(:specials AS text[]))
        AS m(year, subject, mark, level, special) GROUP BY year) t ORDER BY year"""
    names = ("years", "subjects", "marks", "levels", "specials")
    with database.app.connect() as connection:
        found = connection.execute(text(query), dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
        branches = list(scale.branches())
        assert [branches[n] for n in found.scalars()] == [scale.level(year, special) for year, special in years]
