"""City entities: units, school years, terms.

registry, calendar -> unit, school_year, term

What does not belong here: people (persons.py) and what happens inside a unit's year (study.py).
"""

from edu_pipeline.schema import codes
from edu_pipeline.schema.field import Entity, Field, Kind, Need, Reference, Scope, Sensitivity

UNIT_ID = Field(
    "unit_id",
    Kind.TEXT,
    "Mã đơn vị",
    "Sector unit code of the school, centre or office that answers for its data.",
    Need.KEY,
    pattern="[0-9]{8}",
    sensitivity=Sensitivity.PUBLIC,
    standard="OneRoster org.identifier",
)

SCHOOL_YEAR = Field(
    "school_year",
    Kind.INTEGER,
    "Năm học",
    "School year by its start year: 2023 is 2023-2024. Stated by the source, never guessed from a date.",
    Need.KEY,
    minimum=2000,
    maximum=2100,
    sensitivity=Sensitivity.PUBLIC,
    standard="OneRoster academicSession.schoolYear - 1",
)

UNIT = Entity(
    "unit",
    Scope.CITY,
    "Đơn vị (trường, trung tâm, phòng)",
    "A school, centre or office that answers for its data.",
    "OneRoster org",
    (
        UNIT_ID,
        Field("name", Kind.TEXT, "Tên đơn vị", "Official name.", Need.KEY, max_length=200,
              sensitivity=Sensitivity.PUBLIC, standard="OneRoster org.name"),
        Field("unit_kind", Kind.TEXT, "Loại đơn vị", "Kind of unit.", Need.KEY, codes=codes.UNIT_KIND,
              sensitivity=Sensitivity.PUBLIC, standard="OneRoster org.type"),
        Field("parent_unit_id", Kind.TEXT, "Đơn vị quản lý", "Unit that manages it; empty for the Department.",
              pattern="[0-9]{8}", sensitivity=Sensitivity.PUBLIC, standard="OneRoster org.parent"),
        Field("grade_levels", Kind.TEXT, "Các khối", "Grades it teaches, in ladder order, separated by commas.",
              pattern="[0-9]{1,2}(,[0-9]{1,2})*", sensitivity=Sensitivity.PUBLIC, standard="Ed-Fi gradeLevels"),
        Field("opened_date", Kind.DATE, "Ngày thành lập", "Date of the founding decision.",
              sensitivity=Sensitivity.PUBLIC),
        Field("closed_date", Kind.DATE, "Ngày giải thể", "Date of the closing decision.",
              sensitivity=Sensitivity.PUBLIC),
    ),
    key=("unit_id",),
)  # fmt: skip

SCHOOL_YEAR_ENTITY = Entity(
    "school_year",
    Scope.CITY,
    "Năm học",
    "A school year of the city, from the site's calendar.",
    "OneRoster academicSession (schoolYear)",
    (
        SCHOOL_YEAR,
        Field("name", Kind.TEXT, "Tên năm học", "Shown name, such as 2023-2024.", Need.KEY, pattern="[0-9]{4}-[0-9]{4}",
              sensitivity=Sensitivity.PUBLIC, standard="OneRoster academicSession.title"),
        Field("begin_date", Kind.DATE, "Ngày bắt đầu", "First day of the first term.", Need.KEY,
              sensitivity=Sensitivity.PUBLIC, standard="OneRoster academicSession.startDate"),
        Field("end_date", Kind.DATE, "Ngày kết thúc", "Last day of the last term.", Need.KEY,
              sensitivity=Sensitivity.PUBLIC, standard="OneRoster academicSession.endDate"),
    ),
    key=("school_year",),
    is_pulled=False,
)  # fmt: skip

TERM = Entity(
    "term",
    Scope.CITY,
    "Học kỳ",
    "A term of a school year, from the site's calendar.",
    "OneRoster academicSession (term)",
    (
        SCHOOL_YEAR,
        Field("term_number", Kind.INTEGER, "Học kỳ", "1 or 2.", Need.KEY, minimum=1, maximum=2,
              sensitivity=Sensitivity.PUBLIC),
        Field("begin_date", Kind.DATE, "Ngày bắt đầu", "First day.", Need.KEY, sensitivity=Sensitivity.PUBLIC),
        Field("end_date", Kind.DATE, "Ngày kết thúc", "Last day: semester II's state is read on it.", Need.KEY,
              sensitivity=Sensitivity.PUBLIC),
    ),
    key=("school_year", "term_number"),
    references=(Reference("school_year", ("school_year",)),),
    is_pulled=False,
)  # fmt: skip
