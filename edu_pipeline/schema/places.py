"""City entities: units, school years, terms; and the campuses of a unit.

registry, calendar, school systems -> unit, school_year, term, campus

What does not belong here: people (persons.py) and what happens inside a unit's year (study.py).
Source: domain.md 2.2.
"""

from typing import Any

from edu_pipeline.schema import codes
from edu_pipeline.schema.declare import EMAIL, PHONE, PUBLIC, amount, coded, day, expected, flag, number, shaped, text
from edu_pipeline.schema.field import Entity, Field, Reference
from edu_pipeline.schema.kinds import Kind, Need, Purpose, Scope

UNIT_CODE = "[0-9]{8}"

UNIT_ID = shaped("unit_id", "Mã đơn vị", "Sector unit code of the school, centre or office that answers for its data.",
                 UNIT_CODE, need=Need.KEY, sensitivity=PUBLIC, standard="OneRoster org.identifier",
                 purpose=Purpose.IDENTITY)  # fmt: skip

SCHOOL_YEAR = number("school_year", "Năm học",
                     "School year by its start year: 2023 is 2023-2024. Stated by the source, never guessed from a"
                     " date.", 2000, 2100, need=Need.KEY, sensitivity=PUBLIC,
                     standard="OneRoster academicSession.schoolYear - 1")  # fmt: skip

_STATE: dict[str, Any] = {"sensitivity": PUBLIC, "purpose": Purpose.STATISTICS}
_CONTACT: dict[str, Any] = {"sensitivity": PUBLIC, "purpose": Purpose.CONTACT}


def _address(*levels: str) -> tuple[Field, ...]:
    known = {"province": (codes.PROVINCE, "Tỉnh/thành phố"), "district": (codes.DISTRICT, "Quận/huyện"),
             "ward": (codes.WARD, "Phường/xã")}  # fmt: skip
    return (
        *(coded(f"{level}_code", known[level][1], f"{level.capitalize()} of the address.", known[level][0],
                standard="QD 124/2004, QD 19/2025/QD-TTg", **_CONTACT) for level in levels),
        text("address", "Địa chỉ", "Street and number.", **_CONTACT),
    )  # fmt: skip


UNIT = Entity(
    "unit",
    Scope.CITY,
    "Đơn vị (trường, trung tâm, phòng)",
    "A school, centre or office that answers for its data.",
    "OneRoster org",
    (
        UNIT_ID,
        text("name", "Tên đơn vị", "Official name.", need=Need.KEY, sensitivity=PUBLIC, standard="OneRoster org.name",
             purpose=Purpose.IDENTITY),
        coded("unit_kind", "Loại đơn vị", "Kind of unit.", codes.UNIT_KIND, need=Need.KEY, sensitivity=PUBLIC,
              standard="OneRoster org.type"),
        shaped("parent_unit_id", "Đơn vị quản lý", "Unit that manages it; empty for the Department.", UNIT_CODE,
               sensitivity=PUBLIC, standard="OneRoster org.parent"),
        shaped("grade_levels", "Các khối", "Grades it teaches, in ladder order, separated by commas.",
               "[0-9]{1,2}(,[0-9]{1,2})*", sensitivity=PUBLIC, standard="Ed-Fi gradeLevels"),
        day("opened_date", "Ngày thành lập", "Date of the founding decision.", **_STATE),
        day("closed_date", "Ngày giải thể", "Date of the closing decision.", **_STATE),
        expected(text("agency_code", "Mã định danh cơ quan", "Agency identifier.", 35, standard="QD 20/2020/QD-TTg",
                      sensitivity=PUBLIC, purpose=Purpose.IDENTITY)),
        expected(coded("education_level", "Nhóm cấp học", "Highest level that it teaches.", codes.EDUCATION_LEVEL,
                       **_STATE)),
        expected(coded("ownership", "Loại hình", "Public, people-founded or private.", codes.OWNERSHIP,
                       standard="Luat Giao duc 2019 art. 47", **_STATE)),
        coded("school_type", "Loại trường", "Type of school within its level.", codes.SCHOOL_TYPE, **_STATE),
        coded("region", "Khu vực", "Priority region.", codes.REGION, **_STATE),
        *(expected(f) if f.name in ("ward_code", "address") else f for f in _address("province", "district", "ward")),
        shaped("phone", "Điện thoại", "Telephone, digits only.", PHONE, **_CONTACT),
        shaped("fax", "Fax", "Fax, digits only.", PHONE, **_CONTACT),
        shaped("email", "Email", "E-mail.", EMAIL, **_CONTACT),
        text("website", "Website", "Web address.", **_CONTACT),
        expected(text("head_name", "Thủ trưởng", "Name of the head.", 150, **_CONTACT)),
        shaped("head_phone", "Điện thoại thủ trưởng", "Telephone of the head, digits only.", PHONE,
               purpose=Purpose.CONTACT),
        shaped("head_email", "Email thủ trưởng", "E-mail of the head.", EMAIL, purpose=Purpose.CONTACT),
        number("campus_count", "Số điểm trường", "Number of campuses.", 0, 99, **_STATE),
        number("accreditation_level", "Kiểm định chất lượng", "Accreditation level reached.", 1, 4, **_STATE),
        number("school_rank", "Hạng trường", "Rank of the school.", 1, 3, **_STATE),
        amount("area_sqm", "Diện tích", "Area in square metres.", 0, 999_999, **_STATE),
        flag("is_national_standard", "Trường đạt chuẩn quốc gia", "Meets the national standard.", **_STATE),
        flag("is_international", "Trường quốc tế", "International school.", **_STATE),
        flag("is_foreign_invested", "Có vốn đầu tư nước ngoài", "Foreign-invested.", **_STATE),
        flag("is_in_difficult_area", "Thuộc vùng đặc biệt khó khăn", "In an especially difficult area.", **_STATE),
        flag("has_party_cell", "Có chi bộ Đảng", "Has a Party cell.", **_STATE),
        flag("has_disabled_pupils", "Có học sinh khuyết tật", "Has disabled pupils.", **_STATE),
        flag("has_boarding", "Có học sinh bán trú", "Has pupils who board by day.", **_STATE),
        flag("has_two_sessions", "Có dạy 2 buổi/ngày", "Teaches two sessions a day.", **_STATE),
        flag("has_computers", "Có sử dụng máy vi tính", "Computers are used.", **_STATE),
        flag("has_internet", "Được kết nối Internet", "Connected to the Internet.", **_STATE),
        flag("has_electricity", "Có điện lưới", "Connected to the grid.", **_STATE),
        flag("has_clean_water", "Có nguồn nước sạch", "Has clean water.", **_STATE),
    ),
    key=("unit_id",),
    appendix=1,
)  # fmt: skip

SCHOOL_YEAR_ENTITY = Entity(
    "school_year",
    Scope.CITY,
    "Năm học",
    "A school year of the city, from the site's calendar.",
    "OneRoster academicSession (schoolYear)",
    (
        SCHOOL_YEAR,
        shaped("name", "Tên năm học", "Shown name, such as 2023-2024.", "[0-9]{4}-[0-9]{4}", need=Need.KEY,
               sensitivity=PUBLIC, standard="OneRoster academicSession.title"),
        Field("begin_date", Kind.DATE, "Ngày bắt đầu", "First day of the first term.", Need.KEY, sensitivity=PUBLIC,
              standard="OneRoster academicSession.startDate"),
        Field("end_date", Kind.DATE, "Ngày kết thúc", "Last day of the last term.", Need.KEY, sensitivity=PUBLIC,
              standard="OneRoster academicSession.endDate"),
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
        number("term_number", "Học kỳ", "1 or 2.", 1, 2, need=Need.KEY, sensitivity=PUBLIC),
        Field("begin_date", Kind.DATE, "Ngày bắt đầu", "First day.", Need.KEY, sensitivity=PUBLIC),
        Field("end_date", Kind.DATE, "Ngày kết thúc", "Last day: semester II's state is read on it.", Need.KEY,
              sensitivity=PUBLIC),
    ),
    key=("school_year", "term_number"),
    references=(Reference("school_year", ("school_year",)),),
    is_pulled=False,
)  # fmt: skip

CAMPUS = Entity(
    "campus",
    Scope.UNIT,
    "Điểm trường",
    "A campus of a unit in a school year.",
    "-",
    (
        UNIT_ID,
        SCHOOL_YEAR,
        text("campus_code", "Mã điểm trường", "Campus code, unique in the unit.", 50, need=Need.KEY,
             sensitivity=PUBLIC),
        text("name", "Tên điểm trường", "Name.", need=Need.KEY, sensitivity=PUBLIC),
        flag("is_main", "Điểm trường chính", "The main campus.", need=Need.KEY, default=False, sensitivity=PUBLIC),
        *_address("ward"),
        amount("distance_km", "Khoảng cách", "Distance from the main campus in kilometres.", 0, 100, **_STATE),
    ),
    key=("unit_id", "school_year", "campus_code"),
    references=(Reference("unit", ("unit_id",)), Reference("school_year", ("school_year",))),
    appendix=1,
)  # fmt: skip
