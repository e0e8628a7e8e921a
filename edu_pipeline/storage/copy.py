"""COPY of rows that are still Python objects into a table.

iterable of tuples -> COPY -> table

What does not belong here: moving rows that are already in the database (set-based SQL of the rooms).
"""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Table

from edu_pipeline.storage.engine import hide_values


def copy_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write rows (in the order of `columns`) inside the connection's transaction; return how many.

    Raises psycopg's errors, without the values of the row that was refused.
    """
    statement = sql.SQL("COPY {}.{} ({}) FROM STDIN").format(
        sql.Identifier(table.schema or "public"),
        sql.Identifier(table.name),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
    )
    # SQLAlchemy does not see what the driver's own cursor does: without this its commit() would find nothing to commit.
    if not connection.in_transaction():
        connection.begin()
    raw = connection.connection.driver_connection
    assert raw is not None
    try:
        return _copy(raw, statement, rows)
    except psycopg.Error as error:
        hide_values(error)
        raise


def _copy(raw: Any, statement: sql.Composed, rows: Iterable[Sequence[object]]) -> int:
    count = 0
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count
