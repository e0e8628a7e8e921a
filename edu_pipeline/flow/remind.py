"""Every morning: whoever owes an answer to a hold is told so; after two working days others are told too, once.

ops.hold without answer -> one letter an owner; unanswered for two working days -> deputy and department

What does not belong here: sending (letter.py), answering (hold.py). A letter tells counts, codes and remedies only.
"""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text, update

from edu_pipeline.contracts.memory import HOLD
from edu_pipeline.flow import hold as holds
from edu_pipeline.flow.letter import LetterFailed, send
from edu_pipeline.report import holds as reports
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.storage.engine import engine

ESCALATES_AFTER = 2


def remind(config: Settings | None = None) -> list[Path]:
    """Write and send the letters of the day; return their files. LetterFailed comes last: one owner's is his own."""
    config = config or settings()
    site, today = sites.load(config.site_dir), config.today()
    office = site.department.contact if site.department else None
    written: list[Path] = []
    failed: list[str] = []
    with engine().connect() as database:
        holds.assign(database, site)
        asked = database.execute(text(reports.QUESTIONS)).all()
        database.commit()
        for owner, group in groupby(asked, key=lambda row: row.owner):
            mine = list(group)
            due = [row for row in mine if not row.is_escalated
                   and site.calendar.working_days(row.asked_on, today) >= ESCALATES_AFTER]  # fmt: skip
            others = [row.deputy for row in due if row.deputy] + ([office] if office and office != owner else [])
            now = dt.datetime.now(dt.UTC)
            try:
                written.append(send(config, [owner] if owner else [], _subject(site.city, mine), _body(mine, today)))
                database.execute(update(HOLD).where(_of(mine)).values(reminded_at=now))
                database.commit()
                if due and others:
                    subject = _subject(site.city, due, is_late=True)
                    written.append(send(config, others, subject, _body(due, today, is_late=True, owner=owner)))
                    database.execute(update(HOLD).where(_of(due)).values(escalated_at=now))
                    database.commit()
            except LetterFailed as error:
                failed.append(str(error))
    if failed:
        raise LetterFailed("; ".join(failed))
    return written


def _of(rows: Sequence[Row[Any]]) -> Any:
    return HOLD.c.hold_id.in_([row.hold_id for row in rows])


def _subject(city: str, rows: Sequence[Row[Any]], is_late: bool = False) -> str:
    late = "quá hạn trả lời / unanswered for two working days" if is_late else "chờ trả lời / waiting for an answer"
    return f"[{city}] {len(rows)} {late}"


def _body(rows: Sequence[Row[Any]], today: dt.date, is_late: bool = False, owner: str | None = None) -> str:
    """Vietnamese first, then English: the same holds, with their numbers."""
    late_vi = f"Chưa được trả lời sau {ESCALATES_AFTER} ngày làm việc; người phụ trách: {owner or '-'}.\n"
    late_en = f"Unanswered for {ESCALATES_AFTER} working days; in charge: {owner or '-'}.\n"
    vi = [f"- số {r.hold_id}: {_place(r)}, quy tắc {r.rule}: {_count(r, 'bản ghi', 'trên')}, từ {r.asked_on}\n"
          f"  {reports.remedy(r.rule).vi}" for r in rows]  # fmt: skip
    en = [f"- {r.hold_id}: {_place(r)}, rule {r.rule}: {_count(r, 'records', 'of')}, since {r.asked_on}\n"
          f"  {reports.remedy(r.rule).en}" for r in rows]  # fmt: skip
    return "\n".join([
        f"Ngày {today}: dữ liệu sau đang được giữ lại, chờ trả lời. Dữ liệu tốt gần nhất vẫn được giữ nguyên.",
        late_vi if is_late else "", *vi, "",
        "Xem: edu-pipeline hold list; trả lời: edu-pipeline hold approve|reject SỐ --reason LÝ-DO", "", "---", "",
        f"On {today} the following is held and waits for an answer. The last good data stays.",
        late_en if is_late else "", *en, "",
        "See: edu-pipeline hold list; answer: edu-pipeline hold approve|reject ID --reason WHY", "",
    ])  # fmt: skip


def _place(row: Row[Any]) -> str:
    return " ".join(filter(None, [row.connection_id, row.unit_id, row.entity]))


def _count(row: Row[Any], records: str, of: str) -> str:
    return (
        f"{row.row_count} {records}" if row.known_count is None else f"{row.row_count} {of} {row.known_count} {records}"
    )
