"""The letter's gate: is a connection approved on a day, and what has to be said of its approval before it lapses.

Site, day -> refusal (it is not asked), warnings (it is asked, and somebody has to decide), a row for people

What does not belong here: what is decided (sources/approval.py), running a night (sync.py). No address is an exception,
loopback neither.
"""

import datetime as dt
import difflib
from collections.abc import Iterator
from typing import Any

from edu_pipeline.sources.approval import FILE, LEVEL, Approval, Standing, State
from edu_pipeline.sources.site import Connection, Site

RULE = ("the letter of September 2024, section 1: a system is read only through the data axis and with security level 3"
        " (ND 85/2016)")  # fmt: skip
_RULE_VI = "công văn tháng 9/2024, mục 1: hệ thống phải kết nối qua Trục dữ liệu và bảo đảm an toàn cấp độ 3"


class NotApproved(RuntimeError):
    """A connection may not be asked. Says connection, rule and remedy in both languages."""


def require(site: Site, connection: Connection, day: dt.date) -> None:
    """Raise NotApproved if the connection may not be asked on a day."""
    if said := refusal(site, connection, day):
        raise NotApproved(said)


def is_cut_off(site: Site, connection: Connection, day: dt.date) -> bool:
    """True from the day of the decision on that cuts the connection off."""
    return site.approval(connection).standing(day).state is State.CUT_OFF


def refusal(site: Site, connection: Connection, day: dt.date) -> str | None:
    """Why the connection is not asked on a day; None if it is."""
    approval = site.approval(connection)
    stands = approval.standing(day)
    if stands.is_read:
        return None
    if stands.state is State.CUT_OFF and approval.cut_off:
        cut = approval.cut_off
        return (
            f"{connection.id}: cut off since {cut.date} by decision {cut.decision} ({cut.approver}); it is not read. "
            f"Remedy: a new decision, then take `cut_off` out of {FILE} / "
            f"{connection.id}: ngừng kết nối từ {cut.date} theo quyết định {cut.decision} ({cut.approver}). "
            f"Cách xử lý: có quyết định mới, rồi bỏ `cut_off` trong {FILE}"
        )
    lacking, lacking_vi = _lacking(approval, day)
    return (
        f"{connection.id}: not approved: {lacking} ({RULE}); it was not asked, nothing was removed. Remedy: enter the "
        f"decision in {FILE} under approvals.{connection.id}, or a dated exemption with its approver"
        f"{_near(site, connection)} / "
        f"{connection.id}: chưa được phê duyệt: {lacking_vi} ({_RULE_VI}). Cách xử lý: ghi quyết định vào {FILE}, mục "
        f"approvals.{connection.id}, hoặc văn bản cho phép tạm thời có thời hạn và người duyệt"
    )


def _lacking(approval: Approval, day: dt.date) -> tuple[str, str]:
    axis, security = approval.axis, approval.security_on(day)
    found = [
        (axis is None, "no approval to connect through the data axis", "chưa có phê duyệt kết nối qua Trục dữ liệu"),
        (security is None, "no approval of security level 3", "chưa có phê duyệt an toàn cấp độ 3"),
    ]
    if security is not None:
        found.append((security.level < LEVEL, f"security level {security.level} is below {LEVEL}",
                      f"cấp độ an toàn {security.level} thấp hơn {LEVEL}"))  # fmt: skip
    begins = approval.begins(day)
    if begins is not None and begins > day:
        found.append((True, f"the approval begins on {begins}", f"phê duyệt có hiệu lực từ {begins}"))
    said = [(english, vietnamese) for is_so, english, vietnamese in found if is_so]
    if ended := max((one.until for one in approval.exemptions if one.until < day), default=None):
        said.append((f"the exemption ended on {ended}", f"thời hạn cho phép tạm thời đã hết ngày {ended}"))
    return "; ".join(english for english, _ in said), "; ".join(vietnamese for _, vietnamese in said)


def _near(site: Site, connection: Connection) -> str:
    """A decision that stands under a name that no connection has may be meant for this one."""
    strangers = set(site.approvals) - {one.id for one in site.connections}
    near = difflib.get_close_matches(connection.id, strangers, 1) if connection.id not in site.approvals else []
    return f" (it has an entry {near[0]}, which is no connection: is this one meant?)" if near else ""


def warning(site: Site, connection: Connection, day: dt.date) -> str | None:
    """What has to be decided about a connection that is asked on a day: its approval lapses or has lapsed."""
    approval = site.approval(connection)
    stands = approval.standing(day)
    if stands.state is State.LAPSED:
        return (
            f"{connection.id}: its approval lapsed on {stands.until} ({_cause(approval, day)}); it is still read. "
            f"Decide: renew, exempt with a date and a name, or cut off ({FILE}; {RULE}) / "
            f"{connection.id}: phê duyệt hết hiệu lực từ {stands.until}; hệ thống vẫn được đọc. Cần quyết định: gia "
            f"hạn, cho phép tạm thời có thời hạn và người duyệt, hoặc ngừng kết nối ({_RULE_VI})"
        )
    if stands.notice is None:
        return None
    what, what_vi = ("exemption", "thời hạn cho phép tạm thời")
    if stands.state is State.LAPSING:
        what, what_vi = f"approval ({_cause(approval, day)})", "phê duyệt"
    return (
        f"{connection.id}: its {what} ends on {stands.until}, {stands.days_left} days left (notice of {stands.notice} "
        f"days). Decide: renew, exempt or cut off ({FILE}) / {connection.id}: {what_vi} hết hạn ngày {stands.until}, "
        f"còn {stands.days_left} ngày (nhắc trước {stands.notice} ngày). Cần gia hạn, cho phép tạm thời "
        f"hoặc ngừng kết nối"
    )


def _cause(approval: Approval, day: dt.date) -> str:
    security = approval.security_on(day)
    if security is None:
        return "no level-3 approval"
    if security.last_day(day) == security.valid_until:
        return f"level-3 decision {security.decision}, valid until {security.valid_until}"
    assessed = security.assessed_on if security.assessed_on <= day else security.date
    return f"last yearly assessment {assessed}"


def approvals(site: Site, day: dt.date) -> list[dict[str, Any]]:
    """One row a connection: decisions, last days, state."""
    return [_row(connection, site.approval(connection), day) for connection in site.connections]


def _row(connection: Connection, approval: Approval, day: dt.date) -> dict[str, Any]:
    stands, axis, security = approval.standing(day), approval.axis, approval.security_on(day)
    return {
        "connection": connection.id,
        "state": said(stands),
        "days_left": stands.days_left,
        "axis_decision": axis and axis.decision,
        "security_decision": security and security.decision,
        "level": security and security.level,
        "valid_until": security and security.valid_until,
        "assessed_on": security and security.assessed_on,
        "scope": security and security.scope,
        "exempt_by": (found := approval.exemption(day)) and found.approver,
    }


def said(stands: Standing) -> str:
    """The state in words."""
    match stands.state:
        case State.LAPSING:
            return f"lapses in {stands.days_left} days"
        case State.LAPSED:
            return f"lapsed on {stands.until}"
        case State.EXEMPT:
            return f"exempt until {stands.until}"
        case State.CUT_OFF:
            return f"cut off on {stands.until}"
        case State.NEVER if stands.until:
            return f"not approved until {stands.until}"
    return stands.state.value


def standing(site: Site, day: dt.date) -> Iterator[dict[str, Any]]:
    """What somebody has to decide, in the words of the list of what is closed, held or absent."""
    for connection in site.connections:
        stands = site.approval(connection).standing(day)
        if connection.is_over(day):
            continue
        if stands.state is State.NEVER:
            what, rule = "not approved", refusal(site, connection, day)
        elif told := warning(site, connection, day):
            what, rule = "lapsed" if stands.state is State.LAPSED else "lapsing", told
        else:
            continue
        yield {"what": what, "where": connection.id, "rule": rule, "rows": 0, "since": stands.until}
