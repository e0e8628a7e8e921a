"""The defects of the practice city: what a system tells wrongly, and what must become of it.

kind -> (entity, what is told, what is expected) ; the city places each at a known child, member, class or unit

What does not belong here: how a vendor writes it down (its own module). The pipeline never reads this.
Source: domain.md 2.7, 3.1 and 5.4.

`expected` is one of: `clean` (the value is normalised, nothing is found), `quarantined:<field>.<check>`,
`finding:<field>.<check>` (admitted, the value missing or flagged), `waiting:parent|identity|year`, `superseded`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of defect: the entity whose record is touched, what is told, what must become of the record."""

    entity: str
    told: str
    expected: str


@dataclass(frozen=True)
class Defect:
    """A defect at its place. `who`: root id of the child or member, or the name of a class; empty for the unit."""

    kind: str
    unit: str
    who: str
    expected: str

    @property
    def entity(self) -> str:
        return KINDS[self.kind].entity


# Befall children of `saomai`, twice each; Child.defect holds the kind.
FIRST = {
    "unknown_identity": Kind("student", "a root id that the registry does not know", "waiting:identity"),
    "name_mismatch": Kind("student", "another name and birth date than the registry's", "waiting:identity"),
    "bad_birth_date": Kind("student", "2015-02-31", "quarantined:birth_date.unreadable"),
    "unknown_code": Kind("student", "sex 9", "quarantined:sex.unknown_code"),
    "missing_root_id": Kind("student", "no root id", "waiting:identity"),
    "rekeyed": Kind("student", "a cancelled record TAM-... beside the child's own", "superseded"),
    "orphan_enrollment": Kind("enrollment", "a class that nobody reports", "waiting:parent"),
    "duplicate_root": Kind("student", "the root id of another child of the unit", "quarantined:student_id.duplicate"),
}

# Befall children of `hoaphuong`, once each; Child.defect holds the kind.
OF_CHILDREN = {
    # Names.
    "nfd_name": Kind("student", "the name in decomposed Unicode (NFD)", "clean"),
    "double_blanks": Kind("student", "two blanks inside the name, blanks around it", "clean"),
    "line_break": Kind("student", "a line break inside the name", "clean"),
    "blank_name": Kind("student", "a name of blanks", "quarantined:full_name.missing"),
    "long_name": Kind("student", "a name of 200 characters", "quarantined:full_name.length"),
    # Birth dates.
    "serial_birth_date": Kind("student", "a spreadsheet's day number, such as 42036",
                              "quarantined:birth_date.unreadable"),
    "swapped_birth_date": Kind("student", "day and month swapped, the day above 12",
                               "quarantined:birth_date.unreadable"),
    "birth_year_only": Kind("student", "the year alone", "clean"),
    "birth_month_only": Kind("student", "year and month", "clean"),
    "future_birth_date": Kind("student", "a day in 2031", "quarantined:birth_date.implausible"),
    # Root ids and personal numbers (domain.md 2.7).
    "root_id_letter": Kind("student", "letter O for the digit 0, or A for the last digit",
                           "quarantined:student_id.pattern"),
    "root_id_short": Kind("student", "the first nine digits", "quarantined:student_id.pattern"),
    "root_id_fullwidth": Kind("student", "full-width digits", "quarantined:student_id.pattern"),
    "eaten_zero": Kind("student", "a personal number of 11 digits, its leading 0 eaten",
                       "finding:personal_number.eaten_zero"),
    "number_sex": Kind("student", "a personal number whose fourth digit is of the other sex",
                       "finding:personal_number.wrong_sex"),
    "number_year": Kind("student", "a personal number of another birth year",
                        "finding:personal_number.wrong_birth_year"),
    "number_province": Kind("student", "a personal number that begins with 003, which no province has",
                            "finding:personal_number.wrong_province"),
    "old_number": Kind("student", "an old nine-digit number on a pupil", "finding:personal_number.old_number"),
    # Codes (domain.md 3.1).
    "ethnicity_other_list": Kind("student", "a word of another list that this vendor's table lacks",
                                 "finding:ethnicity.unknown_code"),
    "ethnicity_56": Kind("student", "ethnicity 56, one past the end", "finding:ethnicity.unknown_code"),
    "placeholder": Kind("student", "ethnicity `Chưa cập nhật`", "finding:ethnicity.unknown_code"),
    "sex_text": Kind("student", "sex `Nam` or `Nữ` where a code belongs", "quarantined:sex.unknown_code"),
    "sex_empty": Kind("student", "no sex", "quarantined:sex.missing"),
    "padded_code": Kind("student", "the code of the sex between blanks", "clean"),
    # Contact and place.
    "garbage_phone": Kind("student", "`090-abc`", "finding:phone.pattern"),
    "garbage_email": Kind("student", "`khong co`", "finding:email.pattern"),
    "unknown_ward": Kind("student", "residence ward 99999", "finding:residence_ward_code.code"),
    "ended_ward": Kind("student", "a residence ward that ended before the day of the record",
                       "finding:residence_ward_code.ended"),
    # The record itself.
    "event_case": Kind("student", "event spelled `UPdate`", "clean"),
    "version_backwards": Kind("student", "after 2024-08-01 other content with a lower version", "superseded"),
    "twice_on_page": Kind("student", "the same record twice on one page", "clean"),
    # Enrollments, results, marks, guardians.
    "enrollment_backwards": Kind("enrollment", "a last day before the first", "quarantined:end_date.before_begin"),
    "grade_19": Kind("enrollment", "grade 19", "quarantined:grade_level.unknown_code"),
    "negative_absences": Kind("result", "-3 sessions absent", "finding:absence_count.minimum"),
    "mark_11": Kind("subject_mark", "mark 11 in one subject", "finding:mark.maximum"),
    "mark_words": Kind("subject_mark", "`tám rưỡi` in one subject", "finding:mark.unreadable"),
    "competence_h": Kind("subject_mark", "level H in a competence, where only T, D and C exist",
                         "finding:mark_level.unknown_code"),
    "guardian_nameless": Kind("guardian", "a guardian without a name", "quarantined:full_name.missing"),
    "guardian_twice": Kind("guardian", "two guardians with one relation and ordinal", "quarantined:ordinal.duplicate"),
}  # fmt: skip

# Befall members of staff of `hoaphuong`, once each; Member.defect holds the kind.
OF_STAFF = {
    "unknown_post": Kind("staff_assignment", "a post that no list has", "quarantined:role.unknown_code"),
    "unknown_contract": Kind("staff_assignment", "a contract that no list has", "finding:contract.unknown_code"),
}

# Befall a unit of `hoaphuong`, once each: one record more, or a class; only City.defects names them.
OF_UNITS = {
    "header_record": Kind("student", "the header row of the sheet as a record", "quarantined:sex.unknown_code"),
    "unknown_pupil": Kind("result", "the result of a pupil code that nobody reports", "waiting:parent"),
    "class_without_grade": Kind("school_class", "one class more, without pupils and without a grade",
                                "quarantined:grade_level.missing"),
    "homeroom_unknown": Kind("school_class", "one class more, without pupils, led by a teacher who does not exist",
                             "finding:homeroom_staff_id.unknown_person"),
}  # fmt: skip

KINDS: dict[str, Kind] = {**FIRST, **OF_CHILDREN, **OF_STAFF, **OF_UNITS}
