"""A class is called the same a grade on but for the grade; where its name does not say it, nobody guesses."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from edu_pipeline.rollover.claims import WITH
from edu_pipeline.rollover.naming import AGES, GROUPS, HEIR, PROBLEMS
from edu_pipeline.schema.ladder import NEXT_GRADE
from edu_pipeline_tests.conftest import Database

UNIT, YEAR = "79760401", 2023

Heir = tuple[str | None, str | None]


def heirs(database: Database, classes: Sequence[tuple[str, int]]) -> dict[tuple[str, int, int], Heir]:
    """(class, its grade, grade of its pupils then) -> (class then, problem), of one unit with these classes."""
    rows = ", ".join(f"(:u, :c{i}, {grade})" for i, (_, grade) in enumerate(classes))
    ladder = WITH[WITH.index("ladder(") : WITH.index("placement AS")]
    query = f"WITH {ladder} person(unit_id, class_code, grade_level) AS (VALUES {rows}), {HEIR} SELECT * FROM heir"
    binds = {f"c{i}": name for i, (name, _) in enumerate(classes)}
    with database.app.connect() as connection:
        found = connection.execute(text(query), {"u": UNIT, "from_year": YEAR, "to_year": YEAR + 1, **binds})
        return {(r.class_code, r.grade_level, r.to_grade): (r.to_class, r.problem) for r in found}


def renaming(database: Database, from_class: str, to_grade: int, to_class: str) -> None:
    with database.app.begin() as connection:
        connection.execute(
            text(
                """INSERT INTO rollover.renaming (unit_id, from_year, from_class, to_grade, to_class, reason)
                    VALUES (:u, :y, :f, :g, :t, 'said')"""
            ),
            {"u": UNIT, "y": YEAR, "f": from_class, "g": to_grade, "t": to_class},
        )


@pytest.mark.parametrize(
    ("name", "grade", "then"),
    [
        ("6A1", 6, "7A1"),
        ("6/1", 6, "7/1"),
        ("10A01", 10, "11A01"),
        ("11.6", 11, "12.6"),
        ("1A", 1, "2A"),
        ("L2B", 2, "L3B"),
        ("Lớp 3B", 3, "Lớp 4B"),
        ("06A1", 6, "07A1"),
        ("9 Chuyên Toán", 9, None),
        ("1A10", 1, "2A10"),
        ("4 4", 4, "5 4"),
        ("Mầm 1", 16, "Chồi 1"),
        ("Chồi Non", 17, "Lá Non"),
        ("4 tuổi A", 17, "5 tuổi A"),
        ("Lá 2", 18, None),
    ],
)
def test_only_the_grade_in_the_name_changes(database: Database, name: str, grade: int, then: str | None) -> None:
    found = heirs(database, [(name, grade)])
    if then is None:
        # The last grade of a level leads to no class; whoever repeats it keeps the name.
        assert found == {(name, grade, grade): (name, None)}
        return
    assert found == {(name, grade, grade): (name, None), (name, grade, NEXT_GRADE[grade]): (then, None)}


@pytest.mark.parametrize(
    ("name", "grade"), [("Hoa Hồng", 17), ("A1", 2), ("61", 6), ("7A1", 6), ("Mầmnon", 16), ("", 3)]
)
def test_a_name_that_does_not_say_its_grade_is_not_guessed(database: Database, name: str, grade: int) -> None:
    assert heirs(database, [(name, grade)])[name, grade, NEXT_GRADE[grade]] == (None, "class_unreadable")


def test_a_letter_before_the_number_counts_only_where_all_classes_speak_so(database: Database) -> None:
    assert heirs(database, [("L1", 1), ("L2", 2)])["L1", 1, 2] == ("L2", None)
    assert heirs(database, [("A1", 1), ("A2", 1)])["A1", 1, 2] == (None, "class_unreadable")


def test_a_renaming_goes_before_the_name(database: Database) -> None:
    renaming(database, "6A1", 7, "7B9")
    renaming(database, "Hoa Hồng", 18, "Hoa Mai")
    found = heirs(database, [("6A1", 6), ("6A2", 6), ("Hoa Hồng", 17)])
    assert found["6A1", 6, 7] == ("7B9", None)
    assert found["6A2", 6, 7] == ("7A2", None)
    assert found["Hoa Hồng", 17, 18] == ("Hoa Mai", None)


def test_two_classes_meet_in_one_only_where_both_are_said_to(database: Database) -> None:
    renaming(database, "6A2", 7, "7A1")
    both = heirs(database, [("6A1", 6), ("6A2", 6)])
    assert {both["6A1", 6, 7], both["6A2", 6, 7]} == {("7A1", "class_collision")}
    renaming(database, "6A1", 7, "7A1")
    merged = heirs(database, [("6A1", 6), ("6A2", 6)])
    assert {merged["6A1", 6, 7], merged["6A2", 6, 7]} == {("7A1", None)}


def shown(database: Database, code: str) -> None:
    """A class of grade 7 that waits for the new year."""
    with database.app.begin() as connection:
        connection.execute(
            text("""INSERT INTO waiting.school_class (connection_id, source_key, batch_id, event, faults, unit_id,
                    school_year, class_code, name, grade_level, reason, since)
                    VALUES ('c', :c, 1, 'NEW', '{}', :u, :y, :c, :c, 7, 'year', now())"""),
            {"u": UNIT, "y": YEAR + 1, "c": code},
        )


def test_a_merged_unit_s_former_system_does_not_show_the_classes_of_the_one_that_took_it_in(database: Database) -> None:
    shown(database, "7A1@79760402")
    assert heirs(database, [("6A1", 6)])["6A1", 6, 7] == ("7A1", None)
    shown(database, "7A2")
    assert heirs(database, [("6A1", 6)])["6A1", 6, 7] == ("7A1", "class_missing")


def test_where_the_school_shows_its_classes_a_name_has_to_be_among_them(database: Database) -> None:
    shown(database, "7A1")
    found = heirs(database, [("6A1", 6), ("6A2", 6), ("7A3", 7)])
    assert found["6A1", 6, 7] == ("7A1", None)
    assert found["6A2", 6, 7] == ("7A2", "class_missing")
    # Nobody shows grade 8 yet: its classes are named as ever. Who repeats grade 7 sits in no class that is shown.
    assert found["7A3", 7, 8] == ("8A3", None)
    assert found["7A3", 7, 7] == ("7A3", "class_missing")


_SUFFIX = st.text(alphabet="ABCĐ/.-_ 0123456789", min_size=1, max_size=4).filter(lambda s: not s[0].isdigit())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_names_of_one_grade_stay_apart_and_lead_back(database: Database, data: st.DataObject) -> None:
    grade = data.draw(st.sampled_from(sorted(NEXT_GRADE)))
    words = [str(grade)] if grade < 13 else [f"{GROUPS[grade]} "]
    words += [f"{AGES[grade]} tuổi "] if grade in AGES and NEXT_GRADE[grade] in AGES else []
    word = data.draw(st.sampled_from(words))
    names = data.draw(st.lists(_SUFFIX.map(lambda s: word + s), min_size=1, max_size=6, unique=True))
    found = heirs(database, [(name, grade) for name in names])
    then = [found[name, grade, NEXT_GRADE[grade]] for name in names]
    assert all(problem is None for _, problem in then)
    assert len({name for name, _ in then}) == len(names)
    for name, (new, _) in zip(names, then, strict=True):
        assert new is not None
        assert new.endswith(name[len(word) :])


def test_every_problem_is_said(database: Database) -> None:
    assert set(PROBLEMS) == {"class_unreadable", "class_collision", "class_missing"}
