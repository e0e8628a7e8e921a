"""What waits for a person's answer: counts, a few record keys, and what to do about it, in both languages.

ops.hold, landing.record_change, waiting.<entity> -> rows; rule -> Remedy

What does not belong here: answering (flow/hold.py). A key says where to look; no value of a child is ever shown.
"""

from dataclasses import dataclass

from edu_pipeline.schema import PULLED

_WAITING = " UNION ALL ".join(
    f"SELECT 'validated' AS room, connection_id, claim_unit_id AS unit_id, '{entity.name}' AS entity, source_key"
    f" FROM waiting.{entity.name} WHERE reason = 'hold'"
    for entity in PULLED
)

# Each record once: a resource of two years has a reading for each.
HOLDS = f"""
WITH held AS (
    {_WAITING}
    UNION ALL
    SELECT 'landing', c.connection_id, c.unit_id, s.entity, c.source_key FROM landing.record_change c
    JOIN (SELECT DISTINCT batch_id, resource, entity FROM ops.scope) s USING (batch_id, resource)
    WHERE c.disposition = 'keep'
), sample AS (
    SELECT room, connection_id, unit_id, entity, array_agg(source_key ORDER BY source_key) AS keys FROM (
        SELECT *, row_number() OVER (PARTITION BY room, connection_id, unit_id, entity ORDER BY source_key) AS place
        FROM held) h WHERE place <= 3 GROUP BY room, connection_id, unit_id, entity
)
SELECT h.hold_id AS id, h.room, h.connection_id AS connection, h.unit_id AS unit, h.entity, h.rule,
       h.row_count AS rows, h.known_count AS known, h.opened_at AS since, h.closed_at AS closed, h.owner, h.answer,
       CASE WHEN h.closed_at IS NULL THEN array_to_string(s.keys, ', ') END AS sample
FROM ops.hold h LEFT JOIN sample s USING (room, connection_id, unit_id, entity)
WHERE (h.closed_at IS NULL OR :all) AND (CAST(:unit AS text) IS NULL OR h.unit_id = :unit)
ORDER BY h.closed_at IS NOT NULL, h.hold_id"""

# A question: open, and nobody has answered.
QUESTIONS = """
SELECT hold_id, room, connection_id, unit_id, entity, rule, row_count, known_count, owner, deputy,
       coalesce(asked_on, CAST(opened_at AS date)) AS asked_on, escalated_at IS NOT NULL AS is_escalated
FROM ops.hold WHERE closed_at IS NULL AND answer IS NULL
ORDER BY owner, connection_id, unit_id, entity, rule, hold_id"""


@dataclass(frozen=True)
class Remedy:
    """What to do, in English and Vietnamese."""

    en: str
    vi: str


_LET = "edu-pipeline hold approve"
_REMEDIES = {
    "empty": Remedy(
        f"ask the unit whether nothing of it is left; mend the export, or `{_LET}`",
        f"hỏi đơn vị có đúng là không còn dữ liệu; sửa dữ liệu gửi, hoặc `{_LET}`",
    ),
    "shrunken": Remedy(
        f"ask the unit whether so many have gone; mend the export, or `{_LET}`",
        f"hỏi đơn vị có đúng là giảm nhiều như vậy; sửa dữ liệu gửi, hoặc `{_LET}`",
    ),
    "still_named": Remedy(
        f"other records still name what is missing: renew what the token may see, or `{_LET}`",
        f"bản ghi khác vẫn nhắc tới dữ liệu bị thiếu: mở lại quyền xem của mã truy cập, hoặc `{_LET}`",
    ),
    "mass_change": Remedy(
        f"ask the unit whether so many have changed; mend the export, or `{_LET}`",
        f"hỏi đơn vị có đúng là thay đổi nhiều như vậy; sửa dữ liệu gửi, hoặc `{_LET}`",
    ),
    "distribution": Remedy(
        f"compare the vendor's codes of sex and grade with what the unit tells; mend the table, or `{_LET}`",
        f"đối chiếu mã giới tính, khối lớp của phần mềm với thực tế; sửa bảng mã, hoặc `{_LET}`",
    ),
    "range": Remedy(
        f"ask the unit whether it has so many or so few; mend the export, or `{_LET}`",
        f"hỏi đơn vị có đúng số lượng như vậy; sửa dữ liệu gửi, hoặc `{_LET}`",
    ),
    "rejected_share": Remedy(
        "mend the rows in quarantine at their source: most of the unit's break a rule",
        "sửa các dòng bị cách ly tại nguồn: phần lớn dữ liệu của đơn vị vi phạm quy tắc",
    ),
    "unreadable_share": Remedy(
        "compare the system's file with what it sends now: a field has another form",
        "đối chiếu tệp mô tả hệ thống với dữ liệu gửi: một trường đã đổi dạng",
    ),
    "superseded_share": Remedy(
        "ask the vendor whether a backup was restored; if so, `edu-pipeline connections epoch`",
        "hỏi nhà cung cấp có khôi phục bản sao lưu không; nếu có, `edu-pipeline connections epoch`",
    ),
    "active_equals_accounted": Remedy(
        "see `edu-pipeline year term YEAR --moves`: ask the unit how each `vanished` pupil left; it must report it",
        "xem `edu-pipeline year term YEAR --moves`: hỏi đơn vị về từng học sinh `vanished`; đơn vị phải báo cáo",
    ),
    "unique": Remedy(
        "take out the record that stands twice at its source",
        "xóa bản ghi trùng tại nguồn",
    ),
}
_OTHER = Remedy(
    "mend the cause that the rule names; the next night judges anew",
    "sửa nguyên nhân mà quy tắc nêu; đêm sau hệ thống kiểm tra lại",
)


def remedy(rule: str) -> Remedy:
    """What mends a hold of a rule; a rule may name several, and the first one that is known counts."""
    names = [name.split("(")[0].split(":")[0].strip() for name in rule.split(",")]
    return next((_REMEDIES[name] for name in names if name in _REMEDIES), _OTHER)
