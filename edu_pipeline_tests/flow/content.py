"""What the register holds, in a form in which two registers can be compared.

tables of every room -> rows and an order-free checksum by table; two databases -> what differs

Left out, because two nights never agree in them: batch and page numbers and numbers that a database gives (batch_id,
page_id, *_id of holds), and moments of our clock, of which only counts whether there is one. Left out as well: what is
in transit (normalized, change sets), and protocols with a line for each run (ops.batch, scope, ledger, verdict).

What does not belong here: making a register (night.py).
"""

from collections import Counter

from sqlalchemy import Column, DateTime, Table, make_url, text

from edu_pipeline.contracts import star, year  # noqa: F401  (they declare their tables)
from edu_pipeline.contracts.memory import metadata
from edu_pipeline.storage.engine import connect

ROOMS = ("landing.record", "validated", "quarantine", "waiting", "reference", "master", "history", "rollover",
         "warehouse", "ops.authority", "ops.unit_year", "ops.headcount", "ops.person_state", "ops.hold",
         "ops.approval", "ops.approval_use")  # fmt: skip
_NUMBERS = frozenset({"batch_id", "page_id", "hold_id"})
# The source's own clock says the same to every night.
_TOLD = frozenset({"source_changed_at", "changed_at"})
_OURS = "ops.unit_year"

# What no night may leave behind, whatever else it holds.
_LEFT = {
    "records whose page is gone": """SELECT r.connection_id, r.source_key FROM landing.record r
        LEFT JOIN landing.page p USING (page_id) WHERE r.is_present AND p.page_id IS NULL""",
    "batches at work": """SELECT connection_id, status FROM ops.batch
        WHERE status IN ('pulling', 'landed', 'admitted')""",
}  # fmt: skip

Content = dict[str, tuple[int, int]]


def _tables() -> list[Table]:
    return [
        table
        for table in metadata.sorted_tables
        if (table.schema in ROOMS or table.fullname in ROOMS) and not table.name.endswith("_change")
    ]


def _value(column: Column) -> str:
    is_ours = column.name not in _TOLD or column.table.fullname == _OURS
    is_moment = isinstance(column.type, DateTime) and is_ours
    return f"{column.name} IS NULL" if is_moment else f'"{column.name}"'


def _query(table: Table) -> str:
    values = ", ".join(_value(column) for column in table.columns if column.name not in _NUMBERS)
    return f"SELECT CAST(ROW({values}) AS text) AS line FROM {table.fullname}"


def _queries() -> dict[str, str]:
    left = {said: f"SELECT CAST(x AS text) AS line FROM ({query}) x" for said, query in _LEFT.items()}
    return {table.fullname: _query(table) for table in _tables()} | left


def content(url: str) -> Content:
    """Rows and checksum of every table of a database, and of what no night may leave behind."""
    whole = " UNION ALL ".join(
        f"SELECT '{name}' AS name, count(*), coalesce(sum(hashtextextended(line, 0)), 0) FROM ({query}) t"
        for name, query in _queries().items()
    )
    made = connect(make_url(url), pool_size=1)
    with made.connect() as database:
        found = {row[0]: (int(row[1]), int(row[2])) for row in database.execute(text(whole))}
    made.dispose()
    return found


def _lines(url: str, query: str) -> Counter[str]:
    made = connect(make_url(url), pool_size=1)
    with made.connect() as database:
        found = Counter(database.execute(text(query)).scalars())
    made.dispose()
    return found


def differences(url: str, other: str) -> list[str]:
    """What the second database has too much (+) or lacks (-), three lines a table at most."""
    one, two, queries = content(url), content(other), _queries()
    said = []
    for name in one:
        if one[name] == two[name]:
            continue
        right, found = _lines(url, queries[name]), _lines(other, queries[name])
        more, less = found - right, right - found
        said.append(f"{name}: +{more.total()} -{less.total()}")
        said += [f"  + {line}" for line in list(more)[:3]] + [f"  - {line}" for line in list(less)[:3]]
    return said
