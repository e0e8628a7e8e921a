"""The report of 27 September: what units declared that they run, against what is connected; and who has not declared.

master.unit, master and history.deployed_system, ops.authority, ops.batch, ops.confirmation, unit events -> flags ->
sums by kind, lists

What does not belong here: approvals (flow/approval.py says which connections are live), persons.
Binds: day (as `as_of` too), before (a week earlier), live and live_before (connections that may be asked on the two
days), year (the school year that the day is in; none: nobody has to confirm).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from edu_pipeline.contracts.confirmed import OFFERED, WORD

_CITY = "Asia/Ho_Chi_Minh"

# A version is known since the day of the batch that brought it, and no longer once it went to history and has gone.
_UNITS = f"""
WITH continued AS (
    -- What a unit had said before its code ended counts for the unit that goes on: a recoding is no progress.
    SELECT s.from_unit, s.to_unit, CASE WHEN n.unit_kind <> 'office' THEN s.connection_id END AS only_of
    FROM ops.unit_successor s LEFT JOIN master.unit n ON n.unit_id = s.to_unit
    WHERE s.to_unit IS NOT NULL AND s.grades IS NULL AND s.class_codes IS NULL
      AND s.valid_from <= :day AND (s.valid_to IS NULL OR s.valid_to > :day)
      AND EXISTS (SELECT FROM ops.unit_event e WHERE e.unit_id = s.from_unit AND e.is_end AND e.on_date <= :day)
), version AS (
    SELECT d.unit_id, d.connection_id, b.as_of AS since, CAST(NULL AS date) AS gone
    FROM master.deployed_system d JOIN ops.batch b USING (batch_id)
    UNION ALL
    SELECT d.unit_id, d.connection_id, b.as_of, CAST(d.recorded_to AT TIME ZONE '{_CITY}' AS date)
    FROM history.deployed_system d JOIN ops.batch b USING (batch_id)
), link AS (
    SELECT a.unit_id, a.connection_id, a.valid_from, a.valid_to, min(b.as_of) AS first_batch
    FROM ops.authority a JOIN ops.batch b ON b.connection_id = a.connection_id AND b.status IN ('admitted', 'merged')
    WHERE a.entity = '*' GROUP BY 1, 2, 3, 4
), said AS (
    SELECT w.name, v.unit_id, v.connection_id, true AS declared, false AS connected
    FROM (VALUES ('now', CAST(:day AS date)), ('before', CAST(:before AS date))) w(name, day)
    JOIN version v ON v.since <= w.day AND (v.gone IS NULL OR v.gone > w.day)
    UNION ALL
    SELECT w.name, l.unit_id, l.connection_id, false, true
    FROM (VALUES ('now', CAST(:day AS date), CAST(:live AS text[])),
                 ('before', CAST(:before AS date), CAST(:live_before AS text[]))) w(name, day, live)
    JOIN link l ON l.connection_id = ANY(w.live) AND l.first_batch <= w.day AND l.valid_from <= w.day
                AND (l.valid_to IS NULL OR l.valid_to > w.day)
), answers AS (
    SELECT a.name, coalesce(c.to_unit, a.unit_id) AS unit_id, a.declared, a.connected
    FROM said a LEFT JOIN continued c
        ON c.from_unit = a.unit_id AND coalesce(c.only_of, a.connection_id) = a.connection_id
), flag AS (
    SELECT unit_id, bool_or(declared AND name = 'now') AS declared, bool_or(connected AND name = 'now') AS connected,
           bool_or(declared AND name = 'before') AS declared_before,
           bool_or(connected AND name = 'before') AS connected_before
    FROM answers GROUP BY unit_id
), unit AS (
    SELECT u.unit_id, u.name, u.unit_kind, p.name AS managed_by, coalesce(f.declared, false) AS declared,
           coalesce(f.connected, false) AS connected, coalesce(f.declared_before, false) AS declared_before,
           coalesce(f.connected_before, false) AS connected_before
    FROM master.unit u LEFT JOIN flag f USING (unit_id) LEFT JOIN master.unit p ON p.unit_id = u.parent_unit_id
    WHERE (u.opened_date IS NULL OR u.opened_date <= :day) AND (u.closed_date IS NULL OR u.closed_date > :day)
      -- The decision counts where the registry has not said an end, or has a new code before its day.
      AND NOT EXISTS (SELECT FROM ops.unit_event e
          WHERE (e.unit_id = u.unit_id AND e.is_end AND e.on_date <= :day)
             OR (e.detail ->> 'to' = u.unit_id AND e.kind = 'recoded' AND e.on_date > :day))
), standing AS (
    -- Until its system answers, what an ended unit declared stands under the old code.
    SELECT coalesce(c.to_unit, d.unit_id) AS unit_id, d.system_code, d.product, d.vendor, d.purpose, d.stage,
           d.promised_date
    FROM master.deployed_system d JOIN ops.batch b USING (batch_id) LEFT JOIN continued c
        ON c.from_unit = d.unit_id AND coalesce(c.only_of, d.connection_id) = d.connection_id
    WHERE d.stage <> 'retired' AND b.as_of <= :day
), open_system AS (
    -- A unit's connection reads the system that manages its school; nothing else of a unit has a connection yet.
    SELECT u.*, d.system_code, d.product, d.vendor, d.purpose, d.stage, d.promised_date,
           coalesce(d.promised_date < :day, false) AS overdue
    FROM unit u JOIN standing d USING (unit_id)
    WHERE NOT (u.connected AND d.purpose = 'school_management')
), undeclared AS (
    -- An office has no school that a system would manage.
    SELECT u.* FROM unit u
    WHERE u.connected AND u.unit_kind <> 'office' AND NOT EXISTS (
        SELECT FROM standing d WHERE d.unit_id = u.unit_id AND d.purpose = 'school_management')
)"""

KINDS = f"""{_UNITS}, open_count AS (
    SELECT unit_id, count(*) AS systems, count(*) FILTER (WHERE overdue) AS overdue FROM open_system GROUP BY unit_id
)
SELECT coalesce(u.unit_kind, 'sum') AS kind, count(*) AS units,
       count(*) FILTER (WHERE u.declared) AS declared,
       count(*) FILTER (WHERE u.declared) - count(*) FILTER (WHERE u.declared_before) AS declared_since,
       count(*) FILTER (WHERE u.connected) AS connected,
       count(*) FILTER (WHERE u.connected) - count(*) FILTER (WHERE u.connected_before) AS connected_since,
       CAST(coalesce(sum(o.systems), 0) AS bigint) AS systems_not_connected,
       CAST(coalesce(sum(o.overdue), 0) AS bigint) AS overdue,
       count(n.unit_id) AS connected_not_declared, count(*) FILTER (WHERE NOT u.declared) AS not_declared
FROM unit u LEFT JOIN open_count o USING (unit_id) LEFT JOIN undeclared n USING (unit_id)
GROUP BY ROLLUP (u.unit_kind) ORDER BY u.unit_kind NULLS LAST"""

NOT_CONNECTED = f"""{_UNITS}
SELECT unit_id, name, unit_kind AS kind, system_code, product, vendor, purpose, stage, promised_date, overdue
FROM open_system ORDER BY overdue DESC, promised_date NULLS LAST, unit_id, system_code"""

NOT_DECLARED_CONNECTED = f"""{_UNITS}
SELECT unit_id, name, unit_kind AS kind, managed_by FROM undeclared ORDER BY unit_kind, unit_id"""

NOT_DECLARED = f"""{_UNITS}
SELECT unit_id, name, unit_kind AS kind, managed_by, connected FROM unit WHERE NOT declared
ORDER BY unit_kind, unit_id"""

# Where the school's software can tell it.
NOT_CONFIRMED = f"""{_UNITS}, word AS ({WORD}
), offer AS ({OFFERED}
)
SELECT u.unit_id, u.name, u.unit_kind AS kind, u.managed_by FROM unit u JOIN offer o USING (unit_id)
WHERE u.declared AND o.school_year = :year AND NOT EXISTS (
    SELECT FROM word w WHERE w.unit_id = u.unit_id AND w.school_year = :year AND w.kind = 'systems'
    AND CAST(w.confirmed_at AT TIME ZONE '{_CITY}' AS date) <= :day)
ORDER BY u.unit_kind, u.unit_id"""

LISTS = {
    "declared, not connected (overdue first)": ("not_connected", NOT_CONNECTED),
    "connected, its system not declared": ("connected_not_declared", NOT_DECLARED_CONNECTED),
    "nothing declared": ("not_declared", NOT_DECLARED),
    "declared, not confirmed by the head": ("not_confirmed", NOT_CONFIRMED),
}


def summary(said: Mapping[str, Any], kinds: Sequence[Mapping[str, Any]]) -> str:
    """The few lines that a head reads, in both languages. KINDS' last row is the sum."""
    if not kinds:
        return "no unit is known yet: pull the registry / chưa có đơn vị nào: cần đồng bộ sổ đăng ký đơn vị"
    total = kinds[-1]
    due = f" (due {said['due']})" if said["due"] else ""
    due_vi = f" (hạn báo cáo {said['due']})" if said["due"] else ""
    return (
        f"Connections on {said['as_of']}{due}, progress since {said['since']}\n"
        f"  {total['declared']} of {total['units']} units declared what they run ({total['declared_since']:+d}); "
        f"{total['not_declared']} have not.\n"
        f"  {total['connected']} of {total['units']} units are connected ({total['connected_since']:+d}); "
        f"{total['connected_not_declared']} of them without declaring the system.\n"
        f"  {total['systems_not_connected']} declared systems are not connected, "
        f"{total['overdue']} past the promised day.\n"
        f"Kết nối Cơ sở dữ liệu ngành ngày {said['as_of']}{due_vi}, so với {said['since']}\n"
        f"  {total['declared']}/{total['units']} đơn vị đã khai báo hệ thống ({total['declared_since']:+d}); "
        f"{total['not_declared']} đơn vị chưa khai báo.\n"
        f"  {total['connected']}/{total['units']} đơn vị đã kết nối ({total['connected_since']:+d}); "
        f"{total['connected_not_declared']} đơn vị kết nối nhưng chưa khai báo.\n"
        f"  {total['systems_not_connected']} hệ thống đã khai báo chưa kết nối, {total['overdue']} quá ngày cam kết.\n"
    )
