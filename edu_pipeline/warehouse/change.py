"""The change set of a warehouse table, and its publication: only what differs is written.

shape, warehouse.<table> -> warehouse.<table>_change -> (verdict) -> warehouse.<table>

What does not belong here: what a row means (shape.py).
"""

from sqlalchemy import Table, TextClause, text

from edu_pipeline.contracts.star import STAR_CHANGE
from edu_pipeline.warehouse.shape import SHAPES


def _parts(table: Table) -> tuple[list[str], list[str], str]:
    names = [column.name for column in table.columns]
    key = [column.name for column in table.primary_key]
    return names, key, " AND ".join(f"n.{name} = o.{name}" for name in key)


def differ(table: Table) -> TextClause:
    """INSERT of rows to insert, update, remove, by one join of what would be with what stands."""
    names, key, same = _parts(table)
    new = ", ".join(f"n.{name}" for name in names)
    old = ", ".join(f"o.{name}" for name in names)
    either = ", ".join(f"CASE WHEN n.{key[0]} IS NULL THEN o.{name} ELSE n.{name} END" for name in names)
    return text(f"""
    INSERT INTO {STAR_CHANGE[table.name].fullname} ({", ".join(names)}, action)
    SELECT {either}, CASE WHEN o.{key[0]} IS NULL THEN 'insert' WHEN n.{key[0]} IS NULL THEN 'remove' ELSE 'update' END
    FROM ({SHAPES[table.name]}) n({", ".join(names)}) FULL JOIN {table.fullname} o ON {same}
    WHERE ({new}) IS DISTINCT FROM ({old})""")


def publish(table: Table) -> list[TextClause]:
    """Statements that apply the change set."""
    names, key, _ = _parts(table)
    change = STAR_CHANGE[table.name].fullname
    listed = ", ".join(names)
    values = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    same = " AND ".join(f"t.{name} = c.{name}" for name in key)
    return [
        text(f"DELETE FROM {table.fullname} t USING {change} c WHERE {same} AND c.action = 'remove'"),
        text(f"INSERT INTO {table.fullname} ({listed}) SELECT {listed} FROM {change} WHERE action <> 'remove'"
             f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {values}"),
    ]  # fmt: skip
