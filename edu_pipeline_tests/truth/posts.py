"""What becomes of every post, worked out from the stories alone.

City, member of staff -> decision of the plan's line; whether the post stands in the new year

No statement of the pipeline is read here.
"""

from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.story import Member
from edu_pipeline_tests.truth.story import LAST_DAY, OPENING_DAY

ROLES = {"01": "head", "02": "deputy_head", "GV": "teacher", "NV": "employee"}
LEFT = {"3": "transferred_out", "6": "retired", "8": "ended"}


def key(member: Member) -> tuple[str, str, str]:
    """(unit, root id, role): what the plan calls the post."""
    return member.unit, member.root, ROLES[member.role]


def closing(city: City, member: Member) -> str | None:
    """The last word on the post's year; None for who did not hold it on the last day, or whom nobody tells of."""
    if member.begin > LAST_DAY or (member.leaves and member.leaves < LAST_DAY) or member.defect == "unknown_post":
        return None
    if city.unit(member.unit).system == "lotus":
        # OneRoster tells a teacher's post by the class that he leads, and never that he left it.
        return "carried" if 2023 in member.homeroom else None
    if member.leaves and member.leaves <= OPENING_DAY:
        return LEFT[member.how or ""]
    # A contract that no list has is none.
    return "pending" if member.defect == "unknown_contract" else "carried"


def closings(city: City) -> dict[tuple[str, str, str], str]:
    """Every post that has a line, with its decision."""
    return {key(member): said for member in city.staff if (said := closing(city, member))}
