"""The verdicts of a night's suites as pages that a person can open: an index, and a page a connection.

ops.verdict, ops.batch -> file name -> HTML

What does not belong here: judging (gate). A verdict keeps names of expectations and counts, so the pages have no value
of anybody, no SQL, and ask no foreign server (docs/decisions.md says why they are not Great Expectations' own).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

from edu_pipeline.contracts.severity import texts
from edu_pipeline.report.holds import remedy

# The verdicts of a day's batches; without one, of the newest day that has any (bind: day).
VERDICTS = """
SELECT b.connection_id, v.batch_id, v.room, v.entity, v.passed, v.row_count, v.failed, v.judged_at, b.as_of
FROM ops.verdict v JOIN ops.batch b USING (batch_id)
WHERE b.as_of = coalesce(CAST(:day AS date), (SELECT max(o.as_of) FROM ops.verdict w JOIN ops.batch o USING (batch_id)))
ORDER BY b.connection_id, v.verdict_id"""

FIRST = "SELECT min(b.as_of) FROM ops.verdict v JOIN ops.batch b USING (batch_id)"

INDEX = "index.html"

_PAGE = Template("""<!DOCTYPE html>
<html lang="vi"><head><meta charset="utf-8"><title>$title</title>
<style>
body { font: 11pt sans-serif; max-width: 260mm; margin: auto }
table { border-collapse: collapse; width: 100% } td, th { border: 1px solid #888; padding: 2pt 5pt; text-align: left }
td.n { text-align: right } .closed { background: #fbd5d5 }
</style></head><body>
<h1>$title</h1>
<p>$lead</p>
<table><tr>$head</tr>
$rows
</table>
</body></html>
""")


def pages(verdicts: Sequence[Any], zone: ZoneInfo) -> dict[str, str]:
    """Pages by file name, the index among them."""
    by = {name: list(rows) for name, rows in groupby(verdicts, lambda row: row.connection_id)}
    day = verdicts[0].as_of
    found = {file_of(name): _connection(name, rows, day, zone) for name, rows in by.items()}
    return found | {INDEX: _index(by, day)}


def file_of(connection_id: str) -> str:
    """The file of a connection's page."""
    return f"{connection_id}.html"


def _index(by: Mapping[str, Sequence[Any]], day: dt.date) -> str:
    rows = []
    for name, verdicts in by.items():
        closed = sum(not one.passed for one in verdicts)
        rows.append(_row([f'<a href="{escape(file_of(name))}">{escape(name)}</a>', len(verdicts), closed,
                          sum(one.row_count for one in verdicts)], is_closed=closed > 0))  # fmt: skip
    return _page(f"Kết quả kiểm tra dữ liệu ngày {day:%d/%m/%Y} / verdicts of {day}",
                 "Mỗi hệ thống một trang / a page a connection",
                 ("Hệ thống / connection", "Lượt kiểm tra / suites", "Không qua / closed", "Số dòng / rows"),
                 rows)  # fmt: skip


def _connection(name: str, verdicts: Sequence[Any], day: dt.date, zone: ZoneInfo) -> str:
    rows = [
        _row([one.batch_id, escape(one.room), escape(one.entity), one.row_count,
              f"{one.judged_at.astimezone(zone):%H:%M:%S}", "qua / passed" if one.passed else "KHÔNG QUA / closed",
              "<br>".join(map(_explained, one.failed))], is_closed=not one.passed)
        for one in verdicts
    ]  # fmt: skip
    return _page(f"{name}, {day:%d/%m/%Y}", f'<a href="{INDEX}">Tất cả / all</a>',
                 ("Đợt / batch", "Phòng / room", "Dữ liệu / entity", "Số dòng / rows", "Lúc / at",
                  "Kết luận / verdict", "Không đạt / what failed, and who mends it how"), rows)  # fmt: skip


def _explained(failed: str) -> str:
    """An expectation's name with what it means to the person who can mend it."""
    if said := texts().get(failed.rsplit(".", 1)[-1]):
        vi, en = said["vi"], said["en"]
    else:
        mend = remedy(failed)
        vi, en = mend.vi, mend.en
    return f"<b>{escape(failed)}</b>: {escape(vi)} / {escape(en)}"


def _row(cells: Sequence[Any], is_closed: bool) -> str:
    said = "".join(f"<td class=n>{one}</td>" if isinstance(one, int) else f"<td>{one}</td>" for one in cells)
    return f"<tr{' class=closed' if is_closed else ''}>{said}</tr>"


def _page(title: str, lead: str, head: Sequence[str], rows: Sequence[str]) -> str:
    return _PAGE.substitute(title=escape(title), lead=lead, rows="\n".join(rows),
                            head="".join(f"<th>{escape(one)}</th>" for one in head))  # fmt: skip
