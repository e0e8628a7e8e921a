"""Personal numbers: each mistake of domain.md 2.7 is told as what it is, one mistake one rule; nothing is repaired."""

from typing import Any

import pytest
from sqlalchemy import Text, cast, literal, select

from edu_pipeline.contracts.rules import Effect, Rule, row_rules
from edu_pipeline.schema import Entity, codes, entity

# A boy born in Ho Chi Minh City in 2015, a woman born in Hue in 1985: digit 4 is the century and the sex.
BOY = {"sex": "male", "birth_date": "2015-03-01", "nationality": "VN", "ethnicity": "01"}
WOMAN = {"sex": "female", "birth_date": "1985", "nationality": None, "ethnicity": None}


def rules(name: str) -> dict[str, Rule]:
    return {r.check: r for r in row_rules(entity(name)) if r.field == "personal_number" and r.check != "length"}


def told(database: Any, declared: Entity, number: str | None, person: dict[str, Any]) -> set[str]:
    said = {"personal_number": number, **person}
    row = select(*(cast(literal(said.get(f), Text), Text).label(f) for f in declared.field_names)).subquery()
    asked = rules(declared.name)
    with database.app.connect() as connection:
        answer = connection.execute(select(*(r.fails(row.c, None).label(check) for check, r in asked.items())))
        return {check for check, fails in answer.mappings().one().items() if fails}


@pytest.mark.parametrize(
    ("name", "number", "person", "checks"),
    [
        ("student", "079215001234", BOY, set()),
        ("student", None, BOY, set()),
        ("student", "079315001234", BOY, {"wrong_sex"}),
        ("student", "079215001234", {**BOY, "sex": "female"}, {"wrong_sex"}),
        ("student", "079216001234", BOY, {"wrong_birth_year"}),
        ("student", "079015001234", BOY, {"wrong_birth_year"}),
        ("student", "079216001234", {**BOY, "birth_date": "2015"}, {"wrong_birth_year"}),
        ("student", "097215001234", BOY, {"wrong_province"}),
        ("student", "079915001234", BOY, {"wrong_sex", "wrong_birth_year"}),
        ("student", "79215001234", BOY, {"eaten_zero"}),
        ("student", "97215001234", BOY, {"form"}),
        ("student", "123456789", BOY, {"old_number"}),
        ("student", "07921500123", BOY, {"form"}),
        ("student", "0792150012345", BOY, {"form"}),
        ("student", "07921500123x", BOY, {"form"}),
        ("student", "０７９２１５００１２３４", BOY, {"form"}),
        ("student", "M1234567", {**BOY, "nationality": "KR"}, set()),
        ("student", "M1234567", {**BOY, "ethnicity": "55"}, set()),
        ("student", "M1234567", BOY, {"form"}),
        ("staff", "046185001234", WOMAN, set()),
        ("staff", "123456789", WOMAN, {"old_number"}),
        ("staff", "046285001234", WOMAN, {"wrong_sex", "wrong_birth_year"}),
        ("guardian", "046185001234", WOMAN, set()),
        ("guardian", "046186001234", WOMAN, {"wrong_birth_year"}),
        ("guardian", "046186001234", {**WOMAN, "birth_date": None}, set()),
    ],
)
def test_a_number_is_told_by_what_is_wrong_with_it(name, number, person, checks, database):
    assert told(database, entity(name), number, person) == checks


def test_every_province_of_the_old_list_and_every_country_may_begin_a_number(database):
    for code in ["01", "79", "96"]:
        assert code in codes.PROVINCE.codes
        assert told(database, entity("student"), f"0{code}215001234", BOY) == set()
    assert told(database, entity("student"), "128215001234", BOY) == set()


def test_nobody_is_stopped_for_a_number_and_what_contradicts_is_kept():
    effects = {check: rule.effect for check, rule in rules("student").items()}
    assert effects == {"form": Effect.BLANK, "eaten_zero": Effect.BLANK, "old_number": Effect.BLANK,
                       "wrong_province": Effect.NOTE, "wrong_birth_year": Effect.NOTE,
                       "wrong_sex": Effect.NOTE}  # fmt: skip
    assert rules("staff")["old_number"].effect is Effect.NOTE
