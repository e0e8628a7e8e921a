"""Preschool: no test. A child goes on by age; at the end of the year in which it is five it has completed preschool.

nothing but the age group -> promoted, in the last group completed

What does not belong here: putting off school for a year, which the school reports. Source: domain.md 4.1.
"""

from edu_pipeline.rollover.regulation.table import GENERAL, PROMOTED, InForce, Regulation, Row

PRESCHOOL = Regulation(
    "preschool",
    "Giáo dục mầm non (theo độ tuổi)",
    (),
    (Row(PROMOTED, "by age group", "no test in preschool", {}),),
    (InForce(GENERAL, tuple(range(13, 19)), 2020),),
)
