"""What a hurried hand does to a name, a date or a number is undone, and two that differ in more stay two.

hypothesis -> SQL expressions of edu_pipeline/contracts/fold.py, asked of PostgreSQL -> equal, or not
"""

import unicodedata

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import text

from edu_pipeline.contracts import fold
from edu_pipeline_tests.conftest import Database
from edu_pipeline_tests.identity.planted import folded

NAMES = ["Nguyễn Thị Ánh", "Đặng Hữu Phước", "Huỳnh Ngọc Quỳnh Như", "Trần Thuỳ Uyên", "Lê Đỗ Ưu Ái", "H'Hen Niê",
         "Y Blô Êban", "Kim Néang", "Tôn Nữ Hạnh Phúc", "O'Connor Zoë"]  # fmt: skip
LETTERS = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=7), min_size=2, max_size=4)
ONE_DATABASE = examples(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


def ask(database: Database, expression: str, **binds: str | None) -> object:
    with database.app.connect() as connection:
        return connection.execute(text(f"SELECT {expression}"), binds).scalar_one()


def folds(database: Database, name: str) -> object:
    return ask(database, fold.name("CAST(:n AS text)"), n=name)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_without_marks_composed_decomposed_or_in_capitals_is_one_name(database: Database, name: str) -> None:
    said = {folds(database, form) for form in (name, unicodedata.normalize("NFD", name), name.upper(), f"  {name} ",
                                               name.replace(" ", "\n", 1), folded(name))}  # fmt: skip
    assert len(said) == 1
    assert not set(str(said.pop())) - set("abcdefghijklmnopqrstuvwxyz ")


@ONE_DATABASE
@given(words=WORDS)
def test_every_vietnamese_letter_folds_as_a_typist_without_marks_writes_it(
    database: Database, words: list[str]
) -> None:
    name = " ".join(words).title()
    assert folds(database, name) == folded(name).lower()
    assert folds(database, unicodedata.normalize("NFD", name)) == folded(name).lower()


def test_other_names_stay_other_names(database: Database) -> None:
    assert len({folds(database, name) for name in NAMES}) == len(NAMES)


@ONE_DATABASE
@given(day=st.dates())
def test_day_and_month_swapped_twice_are_the_day_and_what_cannot_be_swapped_is_nothing(
    database: Database, day: object
) -> None:
    said = f"{day}"
    other = ask(database, fold.swapped("CAST(:d AS text)"), d=said)
    if said[8:] > "12" or said[8:] == said[5:7]:
        assert other is None
    else:
        assert other == f"{said[:5]}{said[8:]}-{said[5:7]}"
        assert ask(database, fold.swapped("CAST(:d AS text)"), d=str(other)) == said


@pytest.mark.parametrize("part", ["2015", "2015-03"])
def test_a_part_of_a_date_has_no_swapped_form(database: Database, part: str) -> None:
    assert ask(database, fold.swapped("CAST(:d AS text)"), d=part) is None


@pytest.mark.parametrize(
    ("one", "other", "places"),
    [("2015-03-12", "2015-03-12", 0), ("2015-03-12", "2015-03-13", 1), ("2015-03-12", "2014-03-13", 2)],
)
def test_digits_that_differ_are_counted(database: Database, one: str, other: str, places: int) -> None:
    assert ask(database, fold.differing("CAST(:a AS text)", "CAST(:b AS text)"), a=one, b=other) == places


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("079315001234", "079315001234"),
        ("79315001234", "079315001234"),
        # Eleven digits that begin with no province are some other number, and so are nine, and letters.
        ("00315001234", None),
        ("123456789", None),
        ("07931500123O", None),
        (None, None),
    ],
)
def test_a_zero_that_a_sheet_ate_is_put_back_and_no_other(
    database: Database, told: str | None, meant: str | None
) -> None:
    assert ask(database, fold.number("CAST(:n AS text)"), n=told) == meant
