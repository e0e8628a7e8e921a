"""COPY of rows that are still Python objects into a table.

iterable of tuples -> COPY -> table

What does not belong here: moving rows that are already in the database (set-based SQL of the rooms).
"""

from collections.abc import Iterable, Sequence

from psycopg import sql
from sqlalchemy import Connection, Table


def copy_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write rows (in the order of `columns`) inside the connection's transaction; return how many."""
    statement = sql.SQL("COPY {}.{} ({}) FROM STDIN").format(
        sql.Identifier(table.schema or "public"),
        sql.Identifier(table.name),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
    )
    count = 0
    raw = connection.connection.driver_connection
    assert raw is not None
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count
