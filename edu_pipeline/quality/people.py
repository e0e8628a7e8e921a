"""Rules on staff and their posts: person against post, contract against state, teacher against subject.

frames `staff`, `staff_assignment` -> RULES

What does not belong here: classes that they lead (classes.py). Source: domain.md 2.5, 3.5; Education Law 2019, art. 72.
"""

from sqlalchemy import ColumnElement, and_, not_, or_

from edu_pipeline.quality.rule import Columns, Rule

ADULT, RETIRED = 18, 65
_SECONDARY = ("lower_secondary", "upper_secondary")
_BELOW = ("intermediate", "other", "pedagogy_12_2", "pedagogy_9_3", "below_pedagogy", "intermediate_certified",
          "intermediate_pedagogy")  # fmt: skip
# detailed status -> the status that it is; what is not here may be either
_STATUS = {"working": "working", "transferred_in": "working", "transferred_out": "transferred_out",
           "retired": "retired", "resigned": "ended"}  # fmt: skip
_GROUPS = {"head": "manager", "deputy_head": "manager", "teacher": "teacher", "employee": "employee"}


def _differs(c: Columns) -> ColumnElement[bool]:
    return or_(*(and_(c.role == role, c.staff_group != group) for role, group in _GROUPS.items()))


def _contradicts(c: Columns) -> ColumnElement[bool]:
    return or_(*(and_(c.detailed_status == detailed, c.status != status) for detailed, status in _STATUS.items()))


RULES: dict[str, tuple[Rule, ...]] = {
    "staff": (
        Rule("staff.birth_date.too_young", lambda c: c.this_year - c.birth_year < ADULT),
        Rule("staff.birth_date.too_old", lambda c: c.this_year - c.birth_year > RETIRED),
        Rule("staff.personal_number.shared", lambda c: c.number_count > 1),
        Rule("staff.social_insurance_number.shared", lambda c: c.insurance_count > 1),
        Rule("staff.recruited_date.as_a_child", lambda c: c.recruited_year - c.birth_year < ADULT),
        Rule("staff.ethnicity.of_foreigners", lambda c: c.ethnicity == "55", lambda c: c.nationality == "VN"),
        Rule("staff.qualification.below_standard", lambda c: c.qualification.in_(_BELOW),
             lambda c: and_(c.role == "teacher", c.unit_kind.in_(["primary", *_SECONDARY]))),
        Rule("staff.qualification.not_trained_so", lambda c: not_(c.is_trained_so), lambda c: c.has_training),
        Rule("staff.residence_ward_code.outside_province", lambda c: not_(c.is_residence_in_province)),
        Rule("staff.hometown_ward_code.outside_province", lambda c: not_(c.is_hometown_in_province)),
        Rule("staff_training.graduated_year.as_a_child", lambda c: c.first_graduated - c.birth_year < ADULT - 1),
        Rule("staff_training.graduated_year.in_future", lambda c: c.last_graduated > c.this_year),
        Rule("staff_assignment.is_primary.none", lambda c: c.primary_count == 0),
        Rule("staff_assignment.is_primary.two", lambda c: c.primary_count > 1),
        Rule("staff_assignment.share_pct.over_whole", lambda c: c.share > 100),
        Rule("staff_subject.staff_id.none", lambda c: c.subject_count == 0,
             lambda c: and_(c.role == "teacher", c.unit_tells_subjects, c.unit_kind.in_(_SECONDARY))),
        Rule("staff_subject.is_main.none", lambda c: c.main_subject_count == 0, lambda c: c.subject_count > 0),
    ),
    "staff_assignment": (
        Rule("staff_assignment.end_date.missing", lambda c: c.end_date.is_(None), lambda c: c.status != "working"),
        Rule("staff_assignment.status.working_after_end", lambda c: c.end_date < c.today,
             lambda c: c.status == "working"),
        Rule("staff_assignment.end_reason.of_working", lambda c: c.end_reason.is_not(None),
             lambda c: c.status == "working"),
        Rule("staff_assignment.detailed_status.contradicts_status",
             _contradicts),
        Rule("staff_assignment.contract.not_of_official", lambda c: c.contract.in_(["visiting", "task"]),
             lambda c: c.role.in_(["head", "deputy_head"])),
        Rule("staff_assignment.staff_group.not_of_role", _differs),
        Rule("staff_assignment.begin_date.before_recruited", lambda c: c.begin_date < c.recruited_date),
        Rule("staff_assignment.status_date.in_future", lambda c: c.status_date > c.today),
        Rule("staff_assignment.status.unit_closed", lambda c: c.unit_closed <= c.today,
             lambda c: c.status == "working"),
        Rule("staff_assignment.salary_step.without_coefficient", lambda c: c.salary_coefficient.is_(None),
             lambda c: c.salary_step.is_not(None)),
    ),
}  # fmt: skip
