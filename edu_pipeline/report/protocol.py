"""The protocol (biên bản) of a unit's rollover: one page in Vietnamese that is printed, signed and kept.

plan, approval, audit, balance, exceptions -> one HTML page

What does not belong here: a child's name or number; the page counts and says what codes mean.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from html import escape
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

from edu_pipeline.contracts.words import CLOSED, EXCEPTIONS, OPENED, Word

HEAD = """
SELECT u.name, u.unit_kind, p.name AS parent_name FROM master.unit u
LEFT JOIN master.unit p ON p.unit_id = u.parent_unit_id WHERE u.unit_id = :unit"""

COUNTS = """
SELECT kind, decision, count(*) AS lines, count(*) FILTER (WHERE is_proposed) AS proposed FROM rollover.plan_line
WHERE plan_id = :plan AND kind IN ('closing', 'opening', 'class', 'assignment') GROUP BY kind, decision"""

APPLIED = """
SELECT at, actor FROM ops.audit WHERE action = 'rollover.apply' AND detail->>'plan' = CAST(:plan AS text)
ORDER BY audit_id DESC LIMIT 1"""

BALANCE = """
SELECT active_count, closed_count, opened_count, is_balanced, fault FROM rollover.balance
WHERE unit_id = :unit AND from_year = :year"""

_STATUS = {"draft": "chưa kiểm tra", "checked": "đã kiểm tra, chưa thực hiện", "refused": "bị từ chối",
           "applied": "đã thực hiện", "amended": "đã điều chỉnh", "undone": "đã hủy kết quả thực hiện"}  # fmt: skip
_KIND = {"unit": "phê duyệt riêng đơn vị", "district": "phê duyệt theo địa bàn"}

_PAGE = Template("""<!DOCTYPE html>
<html lang="vi"><head><meta charset="utf-8"><title>Biên bản chuyển dữ liệu $unit_id, năm học $to_label</title>
<style>
@page { size: A4; margin: 15mm }
body { font: 11pt "Times New Roman", serif; max-width: 180mm; margin: auto }
h1 { font-size: 14pt; text-align: center } h2 { font-size: 11pt; margin: 8pt 0 2pt }
table { border-collapse: collapse; width: 100% } td, th { border: 1px solid #888; padding: 1pt 4pt; text-align: left }
td.n { text-align: right; width: 18mm } .side { display: flex; gap: 6mm } .side > * { flex: 1 }
.sign { display: flex; text-align: center; margin-top: 10pt; height: 35mm } .sign > * { flex: 1 }
code { font-size: 9pt; overflow-wrap: anywhere }
</style></head><body>
<h1>BIÊN BẢN CHUYỂN DỮ LIỆU LÊN NĂM HỌC MỚI<br>$from_label &rarr; $to_label</h1>
<p>Đơn vị: <b>$name</b> (mã $unit_id). Đơn vị quản lý: $parent. Ngày lập: $day.</p>
<div class="side">
<div><h2>1. Kết thúc năm học $from_label</h2><table>$closed</table></div>
<div><h2>2. Mở năm học $to_label</h2><table>$opened</table></div>
</div>
<p>Số lớp năm học mới: $classes, trong đó $proposed_classes lớp do hệ thống đề xuất tên, chờ nhà trường xác nhận.
Phân công nhân sự: $assignments.</p>
<h2>3. Trường hợp cần xem xét</h2>
$exceptions
<h2>4. Kế hoạch</h2>
<table>
<tr><td>Trạng thái</td><td>$status</td></tr>
<tr><td>Mã băm</td><td><code>$hash</code></td></tr>
<tr><td>Lập kế hoạch</td><td>$planned</td></tr>
<tr><td>Phê duyệt</td><td>$approved</td></tr>
<tr><td>Số văn bản</td><td>$document</td></tr>
<tr><td>Thực hiện</td><td>$applied</td></tr>
</table>
<h2>5. Cân đối</h2>
<p>$balance</p>
<div class="sign"><div>NGƯỜI LẬP<br><i>(ký, ghi rõ họ tên)</i></div>
<div>NGƯỜI PHÊ DUYỆT<br><i>(ký, ghi rõ họ tên)</i></div>
<div>THỦ TRƯỞNG ĐƠN VỊ<br><i>(ký, đóng dấu)</i></div></div>
</body></html>
""")


def page(
    plan: Any,
    head: Any,
    counts: Sequence[Any],
    exceptions: Mapping[str, int],
    applied: Any,
    balance: Any,
    day: dt.date,
    zone: ZoneInfo,
) -> str:
    """The page of a plan, with what is known of its approval and application."""
    by = {(row.kind, row.decision): row.lines for row in counts}
    classes = [row for row in counts if row.kind == "class"]
    said = {
        "unit_id": plan.unit_id, "name": head.name if head else plan.unit_id,
        "parent": (head.parent_name if head else None) or "-", "day": f"{day:%d/%m/%Y}",
        "from_label": f"{plan.from_year}-{plan.from_year + 1}",
        "to_label": f"{plan.from_year + 1}-{plan.from_year + 2}",
        "classes": str(sum(row.lines for row in classes)),
        "proposed_classes": str(sum(row.proposed for row in classes)),
        "assignments": str(sum(row.lines for row in counts if row.kind == "assignment"
                               and row.decision in ("carried", "moved_in"))),
        "status": _STATUS.get(plan.status, plan.status) + (f": {plan.fault}" if plan.fault else ""), "hash": plan.hash,
        "planned": _who(plan.planned_by, plan.planned_at, zone),
        "approved": _approved(plan, zone), "document": plan.document or "-",
        "applied": _who(applied.actor, applied.at, zone) if applied and plan.status == "applied" else "chưa thực hiện",
        "balance": _balanced(plan, balance),
    }  # fmt: skip
    tables = {
        "closed": _table(CLOSED, "closing", by, "Học sinh có mặt ngày cuối học kỳ II"),
        "opened": _table(OPENED, "opening", by, "Học sinh đầu năm học mới", without="pending"),
        "exceptions": _listed(exceptions),
    }
    return _PAGE.substitute({name: escape(str(text)) for name, text in said.items()} | tables)


def _table(
    words: Mapping[str, Word], kind: str, by: Mapping[tuple[str, str], int], total: str, without: str = ""
) -> str:
    """Every decision with its count, those that happened to nobody too; the sum leaves `without` out."""
    rows = [f"<tr><td>{word.vi}</td><td class=n>{by.get((kind, code), 0)}</td></tr>" for code, word in words.items()]
    count = sum(by.get((kind, code), 0) for code in words if code != without)
    return "\n".join([*rows, f"<tr><th>{total}</th><td class=n><b>{count}</b></td></tr>"])


def _listed(exceptions: Mapping[str, int]) -> str:
    if not exceptions:
        return "<p>Không có.</p>"
    rows = [f"<tr><td><code>{escape(code)}</code></td><td>{EXCEPTIONS.get(code, Word(escape(code), code)).vi}</td>"
            f"<td class=n>{count}</td></tr>" for code, count in exceptions.items()]  # fmt: skip
    return f"<table>{''.join(rows)}</table>"


def _approved(plan: Any, zone: ZoneInfo) -> str:
    if plan.approved_hash is None:
        return "chưa phê duyệt"
    claimed = f", tự khai: {plan.claimed}" if plan.claimed else ""
    said = f"{_who(plan.approved_by, plan.approved_at, zone)}; {_KIND.get(plan.approved_as, plan.approved_as)}{claimed}"
    return said if plan.approved_hash == plan.hash else f"kế hoạch khác ({plan.approved_hash[:12]}): {said}"


def _balanced(plan: Any, balance: Any) -> str:
    if balance is None or plan.status != "applied":
        return "Chưa thực hiện, chưa có số liệu đối soát."
    sums = (f"Có mặt ngày cuối năm học: {balance.active_count}; tổng các trường hợp kết thúc: {balance.closed_count}; "
            f"đang có trong năm học mới: {balance.opened_count}.")  # fmt: skip
    return f"{sums} Số liệu cân đối." if balance.is_balanced else f"{sums} KHÔNG cân đối: {balance.fault}."


def _who(actor: str | None, at: dt.datetime, zone: ZoneInfo) -> str:
    return f"{actor or 'không rõ'}, {at.astimezone(zone):%H:%M %d/%m/%Y}"
