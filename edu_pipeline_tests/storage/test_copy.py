"""COPY writes what it is given, as it is given, in the caller's transaction or not at all."""

import datetime as dt
import traceback

import psycopg
import pytest
from sqlalchemy import select, text

from edu_pipeline.contracts.memory import CITY
from edu_pipeline.contracts.tables import NORMALIZED
from edu_pipeline.storage.copy import copy_rows

STAFF = NORMALIZED["staff"]
COLUMNS = ("connection_id", "source_key", "batch_id", "event", "faults", "full_name", "recruited_date", "scope_year")


def row(key: str, **changed: object) -> tuple[object, ...]:
    plain = {"connection_id": "vendor", "source_key": key, "batch_id": 1, "event": "NEW", "faults": [],
             "full_name": "Nguyễn Thị Ánh", "recruited_date": dt.date(2015, 2, 28), "scope_year": 2024}  # fmt: skip
    return tuple({**plain, **changed}[name] for name in COLUMNS)


def names(engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(CITY.c.name).order_by(CITY.c.name)))


@pytest.mark.parametrize(
    "value",
    ["Nguyễn Thị Ánh", "tab\tand\nline\r\n", "back\\slash \\N \\.", "'quoted\" {a,b}", "", " ", "\\N", "𠮷", None],
)
def test_every_text_comes_back_as_it_was(value, database):
    with database.app.begin() as connection:
        assert copy_rows(connection, STAFF, COLUMNS, [row("1", full_name=value)]) == 1
    with database.app.connect() as connection:
        assert connection.scalars(select(STAFF.c.full_name)).all() == [value]


def test_dates_numbers_and_lists_keep_their_kinds(database):
    faults = ["sex:unknown_code", 'a "quoted", one', ""]
    with database.app.begin() as connection:
        copy_rows(connection, STAFF, COLUMNS, [row("1", faults=faults, recruited_date=None, scope_year=None), row("2")])
    query = select(STAFF.c.faults, STAFF.c.recruited_date, STAFF.c.scope_year).order_by(STAFF.c.source_key)
    with database.app.connect() as connection:
        assert connection.execute(query).all() == [(faults, None, None), ([], dt.date(2015, 2, 28), 2024)]


def test_values_go_to_the_columns_that_are_named_in_their_order(database):
    with database.app.begin() as connection:
        copy_rows(connection, STAFF, tuple(reversed(COLUMNS)), [tuple(reversed(row("1")))])
    with database.app.connect() as connection:
        assert connection.execute(select(*(STAFF.c[name] for name in COLUMNS))).all() == [row("1")]


def test_the_count_is_of_rows_and_none_is_none(database):
    with database.app.begin() as connection:
        assert copy_rows(connection, CITY, ("name",), []) == 0
        assert copy_rows(connection, CITY, ("name",), ((f"city {n}",) for n in range(1234))) == 1234
    assert len(names(database.app)) == 1234


def test_rows_belong_to_the_caller_s_transaction(database):
    with database.app.begin() as connection:
        copy_rows(connection, CITY, ("name",), [("kept",)])
        with connection.begin_nested() as nested:
            copy_rows(connection, CITY, ("name",), [("rolled back",)])
            nested.rollback()
        assert names(database.app) == []
    assert names(database.app) == ["kept"]


def test_rows_are_committed_where_copy_was_the_first_statement(database):
    with database.app.connect() as connection:
        copy_rows(connection, CITY, ("name",), [("kept",)])
        connection.commit()
    assert names(database.app) == ["kept"]


def test_one_bad_row_leaves_no_row(database):
    def rows():
        yield ("first",)
        raise RuntimeError("the source broke off")

    with pytest.raises(RuntimeError, match="broke off"), database.app.begin() as connection:
        copy_rows(connection, CITY, ("name",), rows())
    assert names(database.app) == []
    with pytest.raises(Exception, match="duplicate key"), database.app.begin() as connection:
        copy_rows(connection, CITY, ("name",), [("twice",), ("twice",)])
    assert names(database.app) == []


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([row("1", full_name="secret"), row("1", full_name="secret")], psycopg.errors.UniqueViolation),
        ([row("secret", event=None)], psycopg.errors.NotNullViolation),
        ([row("secret", recruited_date="secret")], psycopg.DataError),
        ([row("1", full_name="secret\x00")], psycopg.DataError),
    ],
    ids=["a key twice", "not null", "another kind", "a character that PostgreSQL cannot hold"],
)
def test_no_value_of_a_refused_row_is_in_the_error(rows, kind, database):
    with database.owner.begin() as connection:
        connection.execute(text("CREATE UNIQUE INDEX once ON normalized.staff (full_name)"))
    with pytest.raises(kind) as raised, database.app.begin() as connection:
        copy_rows(connection, STAFF, COLUMNS, rows)
    assert "secret" not in "".join(traceback.format_exception(raised.value))


def test_a_name_is_a_name_and_never_sql(database):
    with (
        pytest.raises(Exception, match=r'column "name\) FROM STDIN; DROP TABLE ops\.city" .* does not exist'),
        database.app.begin() as connection,
    ):
        copy_rows(connection, CITY, ("name) FROM STDIN; DROP TABLE ops.city",), [("x",)])
    assert names(database.app) == []
