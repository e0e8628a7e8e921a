"""Whoever waits is found, and nobody is taken for somebody else: on planted truth, and case by case.

planted register -> suspicions -> precision, recall; twins, namesakes and their like are never the same person
"""

import datetime as dt
import random
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from edu_pipeline.identity.suspect import EVIDENCE, suspect
from edu_pipeline_tests.conftest import Database
from edu_pipeline_tests.identity.measure import score
from edu_pipeline_tests.identity.planted import NOBODY, Person, Record, Register, plant, write

NOW = {"now": dt.datetime(2024, 9, 5, tzinfo=dt.UTC)}
AN = Person("7900000001", "Nguyễn Minh An", "2015-03-04", "male", "79770405")
HERE, THERE = "79770405", "79760513"


def suspicions(database: Database, times: int = 1) -> list[tuple[int, str, str, list[str]]]:
    with database.app.connect() as connection:
        connection.execute(text("SET enable_nestloop = off"))
        for _ in range(times):
            connection.execute(suspect(), NOW)
        connection.commit()
        rows = connection.execute(text("SELECT source_key, identity_id, kind, evidence FROM identity.suspicion ORDER BY"
                                       " source_key, kind, identity_id"))  # fmt: skip
        return [(int(row[0][2:]), row[1], row[2], row[3]) for row in rows]


def found(database: Database, known: Sequence[Person], held: dict[str, str], *said: Person) -> list[tuple[str, str]]:
    write(Register(list(known), held, [Record("", "", one) for one in said]), database.app)
    return [(row[1], row[2]) for row in suspicions(database)]


def but(one: Person, **said: str) -> Person:
    return Person(**{**one.__dict__, "root": "", **said})


def test_of_planted_records_most_are_found_and_no_twin_or_namesake_is_taken_for_another(database: Database) -> None:
    register = plant(8000, 20)
    write(register, database.app)
    rows = suspicions(database, times=2)
    precision, recall, kinds = score(register, {row[0]: row[1] for row in rows if row[2] == "same_person"})
    print(f"precision {precision:.4f}, recall {recall:.4f}")
    assert precision >= 0.97
    assert recall >= 0.85
    for kind in NOBODY:
        if kind.startswith(("twin", "namesake")):
            assert kinds[kind][2] == 0, kind
    # A record is one identity at most, and an identity one record.
    same = [(row[0], row[1]) for row in rows if row[2] == "same_person"]
    assert len({record for record, _ in same}) == len({identity for _, identity in same}) == len(same)
    assert {code for row in rows for code in row[3]} <= set(EVIDENCE)


SPOILED = {
    "as it is": but(AN),
    "no marks": but(AN, name="Nguyen Minh An"),
    "wrong mark": but(AN, name="Nguyễn Minh Ân"),
    "swapped": but(AN, birth="2015-04-03"),
    "a digit": but(AN, birth="2015-03-05"),
    "year alone": but(AN, birth="2015"),
    "unknown id": but(AN, root="7999999999"),
    "id, and a typing error": but(AN, root=AN.root, name="Nguyễn Mnih An"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_who_is_told_badly_is_found_where_nobody_stands_for_the_identity(database: Database, how: str) -> None:
    assert found(database, [AN], {}, SPOILED[how]) == [(AN.root, "same_person")]


@pytest.mark.parametrize("how", [how for how in SPOILED if how != "year alone"])
def test_whom_another_record_of_the_unit_stands_for_is_nobody_else(database: Database, how: str) -> None:
    rows = found(database, [AN], {AN.root: HERE}, SPOILED[how])
    assert {kind for _, kind in rows} <= {"twin", "namesake"}
    assert rows


def test_who_stands_in_another_unit_is_told_and_not_suggested_unless_the_id_says_so(database: Database) -> None:
    moved = [but(AN, unit=THERE), but(AN, root=AN.root, name="Nguyen Minh An", unit="79770514")]
    assert found(database, [AN], {AN.root: HERE}, *moved) == [(AN.root, "namesake"), (AN.root, "same_person")]


def test_of_twins_both_of_whom_wait_each_is_found_and_is_not_the_other(database: Database) -> None:
    other = Person("7900000005", "Nguyễn Minh Ân", AN.birth, "male", HERE)
    rows = found(database, [AN, other], {}, but(AN), but(other))
    assert [row for row in rows if row[1] == "same_person"] == [(AN.root, "same_person"), (other.root, "same_person")]
    assert {row for row in rows if row[1] != "same_person"} == {(AN.root, "twin"), (other.root, "twin")}


def test_who_could_be_either_of_two_twins_is_suggested_as_neither(database: Database) -> None:
    other = Person("7900000005", "Nguyễn Minh Ân", AN.birth, "male", HERE)
    rows = found(database, [AN, other], {}, but(AN, name="Nguyen Minh An"))
    assert {kind for _, kind in rows} == {"twin"}
    assert len(rows) == 2


def test_of_two_namesakes_in_a_class_with_one_identity_neither_has_it(database: Database) -> None:
    rows = found(database, [AN], {}, but(AN), but(AN))
    assert rows == [(AN.root, "namesake"), (AN.root, "namesake")]


def test_a_twin_whom_the_registry_does_not_know_is_not_its_brother(database: Database) -> None:
    rng = random.Random(7)
    for given in rng.sample(["Minh Anh", "Minh Ân", "Minh An", "Gia An", "Minh Khang"], 5):
        write(Register([], {}, []), database.app)
        with database.app.begin() as connection:
            connection.execute(text("TRUNCATE identity.suspicion, waiting.student, validated.student, master.identity"
                                    " CASCADE"))  # fmt: skip
        rows = found(database, [AN], {AN.root: HERE}, but(AN, name=f"Nguyễn {given}"))
        assert "same_person" not in {kind for _, kind in rows}, given


def test_a_stranger_with_the_id_of_somebody_else_is_not_suggested_as_them(database: Database) -> None:
    stranger = but(AN, root=AN.root, name="Trần Quốc Việt", birth="2013-11-30")
    assert found(database, [AN], {}, stranger) == []


def test_a_girl_is_not_found_as_a_boy_of_the_same_name_and_day(database: Database) -> None:
    assert found(database, [AN], {}, but(AN, sex="female")) == [(AN.root, "namesake")]
