"""Continuing education: TT 43/2021, and QD 02/2007 with TT 26/2014 for grades that it has not reached.

the facts of general schools -> the decisions of general schools

What does not belong here: bounds of its own; the text of neither was found, only that the shape is the same.
Source: domain.md 4.1 (roadmap: low confidence, so it is data: replace the years), 4.5.
"""

from dataclasses import replace

from edu_pipeline.rollover.regulation.table import CONTINUING, InForce
from edu_pipeline.rollover.regulation.tt22 import TT22
from edu_pipeline.rollover.regulation.tt58 import TT58

_LOW = "low"

TT43 = replace(
    TT22,
    name="TT 43/2021",
    title_vi="Thông tư 43/2021/TT-BGDĐT",
    rows=tuple(replace(row, article=f"as {row.article} of TT 22/2021") for row in TT22.rows),
    in_force=tuple(InForce(CONTINUING, said.grades, said.from_year, said.to_year, _LOW) for said in TT22.in_force),
)

QD02 = replace(
    TT58,
    name="QĐ 02/2007",
    title_vi="Quyết định 02/2007/QĐ-BGDĐT, sửa đổi bởi Thông tư 26/2014/TT-BGDĐT",
    rows=tuple(replace(row, article=f"as {row.article} of TT 58/2011") for row in TT58.rows),
    in_force=tuple(InForce(CONTINUING, said.grades, said.from_year, said.to_year, _LOW) for said in TT58.in_force),
)
