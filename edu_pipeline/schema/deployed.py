"""Unit entity of software: the systems that a unit, an office or a room of the Department runs, as it declares them.

school systems, registry (for offices) -> deployed_system

What does not belong here: who is connected and approved (the site's connections.yaml and approvals.yaml).
Source: the letter of September 2024, section 1: units review and report what they run, by 27 September.
"""

from typing import Any

from edu_pipeline.schema import codes
from edu_pipeline.schema.declare import coded, day, expected, number, text
from edu_pipeline.schema.field import Entity, Reference
from edu_pipeline.schema.kinds import Need, Purpose, Scope
from edu_pipeline.schema.places import UNIT_ID

_RUN: dict[str, Any] = {"purpose": Purpose.STATISTICS}

DEPLOYED_SYSTEM = Entity(
    "deployed_system",
    Scope.UNIT,
    "Hệ thống đang triển khai",
    "A system that a unit, an office or a room of the Department runs, or means to, as it declares it.",
    "-",
    (
        UNIT_ID,
        text("system_code", "Mã hệ thống", "The unit's own code of the system, unique in the unit.", 50, need=Need.KEY,
             **_RUN),
        text("product", "Tên sản phẩm", "Name of the product.", need=Need.KEY, **_RUN),
        expected(text("vendor", "Nhà cung cấp", "Who supplies and runs it.", **_RUN)),
        coded("purpose", "Mục đích sử dụng", "What it is used for.", codes.SYSTEM_PURPOSE, need=Need.KEY, **_RUN),
        coded("stage", "Tiến độ kết nối", "How far its connection is.", codes.SYSTEM_STAGE, need=Need.KEY, **_RUN),
        number("security_level", "Cấp độ an toàn", "Approved level of information security.", 1, 5, **_RUN),
        day("promised_date", "Ngày cam kết kết nối", "Day by which it will be connected.", **_RUN),
    ),
    key=("unit_id", "system_code"),
    references=(Reference("unit", ("unit_id",)),),
)  # fmt: skip
