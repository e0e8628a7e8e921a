"""The stories of a class and of a unit: what stands, what it waits for, what is to be done first, and how it came.

master, rollover, ops -> Told

What does not belong here: the audit of the reading (explain.py), statements (report/unit.py, claims.py, stops.py).
"""

import datetime as dt
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.contracts.words import Word
from edu_pipeline.flow.due import answer
from edu_pipeline.flow.present import Asked, Item, Told, in_order, item, lines, pressing, spoken
from edu_pipeline.report import claims, stops
from edu_pipeline.report import holds as reports
from edu_pipeline.report import unit as statements
from edu_pipeline.report.reasons import YEARS

_REPORTED = Word("trường đã báo cáo", "reported by the school")
_PROPOSED = Word("hệ thống đề xuất, trường chưa xác nhận", "proposed by the rollover, not confirmed by the school")
_ROLLED = Word("chuyển lên theo kế hoạch, trường chưa báo cáo", "rolled over, not reported by the school yet")
_GONE = Word("không còn trong sổ", "in the register no more")
_NEVER = Word("chưa có", "none")
_WAITS = Word("chờ {n} bản ghi xếp lớp", "{n} places that name it are not admitted")
_CONFIRM = Word("Báo cáo lớp trong hệ thống của trường, hoặc đặt tên khác: rollover renaming add",
                "Report the class in the school's system, or name it otherwise: `rollover renaming add`")  # fmt: skip
_PLACES = Word("Sửa các bản ghi được liệt kê dưới đây", "Mend the records that are listed below")
_SOUND = Word("không có việc phải làm", "nothing is to be done")
_PLAN = Word("Xem `edu-pipeline rollover board`, rồi phê duyệt hoặc quyết định",
             "See `edu-pipeline rollover board`, then approve or decide")  # fmt: skip
_OPEN_PLAN = Word("kế hoạch chuyển năm chưa xong", "the rollover is not done")


def klass(database: Database, asked: Asked) -> Told | None:
    """A class by UNIT:YEAR:CODE, UNIT:CODE (the newest year), or a source's record key; None if none was so called."""
    place = _class(database, asked)
    if place is None:
        return None
    binds = {"unit": place.unit_id, "year": place.school_year, "code": place.class_code}
    binds |= {"units": [place.unit_id], "connections": []}
    stands = database.execute(text(statements.CLASS_NOW), {**binds, "at": asked.at}).one()
    claimed = lines(database, asked, (claims.of_class(),), binds)
    waiting = lines(database, asked, (claims.WAITED_FOR,), binds)
    planned = lines(database, asked, (statements.CLASS_LINES, statements.RENAMED), binds)
    held = lines(database, asked, (stops.HOLDS,), binds)
    waits_for = sum(len(row.params["keys"]) for row in waiting)
    named = next((row.params["from"] for row in planned if row.what == "rollover class"
                  and row.params["class"] == place.class_code), None)  # fmt: skip
    facts = {"unit": place.unit_id, "year": place.school_year, "class": place.class_code,
             "grade": stands.grade_level, "teacher": stands.teacher, "size": stands.size, "waits_for": waits_for,
             "named_after": named}  # fmt: skip
    now = [_class_now(asked, place, stands)]
    if waits_for:
        connection = waiting[0].params["connection"]
        here = item(asked, "waiting_parent", None, "unit", place.unit_id, connection, f"{place.unit_id}")
        now.append({**here, "state_said": asked.said(_WAITS).format(n=waits_for), "remedy": asked.said(_PLACES)})
    now += _held(asked, held)
    story = spoken(asked, [*claimed, *waiting, *planned, *held])
    return Told(facts, pressing(now), in_order(story))


def _class(database: Database, asked: Asked) -> Any:
    unit, _, rest = asked.key.partition(":")
    year, _, code = rest.partition(":")
    is_yearly = bool(code) and year.isdigit() and len(year) == 4
    binds = {"unit": unit, "year": int(year) if is_yearly else None, "code": code if is_yearly else rest}
    found = database.execute(text(statements.CLASS), binds).first()
    return found or database.execute(text(statements.CLASS_OF_RECORD), {"key": asked.key}).first()


def _class_now(asked: Asked, place: Any, stands: Any) -> Item:
    where = f"{place.unit_id}:{place.school_year}:{place.class_code}"
    connection = stands.connection_id or _authority(asked, place.unit_id)
    if stands.basis is None and stands.reason:
        state = "waiting_year" if stands.reason == "waiting: year" else (
            "waiting_parent" if stands.reason.startswith("waiting") else "quarantined")  # fmt: skip
        owner = "department" if state == "waiting_year" else "unit"
        return item(asked, state, stands.reason, owner, place.unit_id, connection, where,
                    school_year=place.school_year)  # fmt: skip
    if stands.basis == "rolled_over":
        found = item(asked, "proposed", None, "unit", place.unit_id, connection, where)
        word = _PROPOSED if stands.is_proposed else _ROLLED
        return {**found, "state_said": asked.said(word), "remedy": asked.said(_CONFIRM)}
    word = _REPORTED if stands.basis else _GONE
    found = item(asked, stands.basis or "left", None, "nobody", place.unit_id, connection, where)
    return {**found, "state_said": asked.said(word)}


def unit(database: Database, asked: Asked) -> Told | None:
    """A unit by its code, or by what a connection calls it; None if none was ever called so."""
    code = database.execute(text(statements.UNIT), {"key": asked.key}).scalar()
    if code is None:
        return None
    connection = _authority(asked, code)
    binds = {"unit": code, "units": [code], "connections": [connection, "city"], "unit_key": asked.key, "every": True}
    queries = (statements.YEARS, statements.READ, statements.PLANS, *stops.DECIDED)
    rows = lines(database, asked, (*queries, claims.of_unit()), binds)
    held, states = lines(database, asked, (stops.HOLDS,), binds), lines(database, asked, (statements.STATES,), binds)
    years = {row.params["year"]: row.params["year_state"] for row in rows if row.what == "year"}
    read = [row.params for row in rows if row.what == "read"]
    owed = [row for row in states if row.params["owner"] != "nobody"]
    said = [f"{year} {asked.said(YEARS[state])}" for year, state in sorted(years.items())]
    facts = {
        "connection": connection, "years": ", ".join(said) or None,
        "last_read": ", ".join(f"{r['connection']} {r['date']} ({r['age']})" for r in read) or asked.said(_NEVER),
        "holds": len(held), "unplaced": sum(row.params["rows"] for row in owed),
    }  # fmt: skip
    now = _held(asked, held) + [_group(asked, row, code, connection) for row in owed]
    now += [_plan(asked, row, code, connection) for row in rows if row.what == "plan" and _is_open(row.params)]
    if not now:
        now = [{**item(asked, "enrolled", None, "nobody", code, connection, code), "state_said": asked.said(_SOUND)}]
    return Told(facts, pressing(now), in_order(spoken(asked, [*rows, *held, *states])))


def _group(asked: Asked, row: Any, code: str, connection: str) -> Item:
    said = row.params
    found = item(asked, said["state"], said["reason"], said["owner"], code, connection, code)
    return {**found, "state_said": f"{said['rows']} {found['state_said']}"}


def _is_open(plan: dict[str, Any]) -> bool:
    return plan["plan_status"] in ("checked", "refused") or (plan["plan_status"] == "applied" and plan["pending"] > 0)


def _plan(asked: Asked, row: Any, code: str, connection: str) -> Item:
    found = item(asked, "pending", None, "unit", code, connection, f"{code}, {row.params['year']}")
    return {**found, "state_said": asked.said(_OPEN_PLAN), "remedy": asked.said(_PLAN)}


def _held(asked: Asked, held: list[Any]) -> list[Item]:
    """What a hold asks: its owner's answer, before others are told."""
    found = []
    for row in held:
        said = row.params
        by = answer(asked.site.calendar, dt.date.fromisoformat(said["asked_on"]), asked.day)
        where = f"{said['room']} {said['connection']} {said['unit'] or ''} {said['entity']}"
        one = item(asked, "held", None, "department", said["unit"], said["connection"], where, by=by)
        mend = reports.remedy(said["rule"])
        found.append({**one, "reason": f"{said['rule']} ({said['rows']})", "who": said["owner"] or one["who"],
                      "remedy": mend.vi if asked.is_vi else mend.en})  # fmt: skip
    return found


def _authority(asked: Asked, code: str) -> str:
    """The connection that the site says answers for a unit on the day."""
    linked = [(name, link) for name, link in asked.site.links if link.unit == code]
    standing = [name for name, link in linked if link.is_on(asked.day)]
    return next(iter(standing), linked[0][0] if linked else "city")
