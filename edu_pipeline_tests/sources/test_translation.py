"""Every code that a system of the practice city can say is in its table, and means a code of the field's set.

The city's tables are typed out in the sandbox, the translations in systems/*.yaml: neither is made from the other. That
a table translates into the field's set is checked when it is loaded; that it is total, here.
"""

from collections.abc import Iterable

import pytest

from edu_pipeline.sandbox import canvas_state, moodle_view, partner, premises, registry, rosters, tables
from edu_pipeline.schema import entity
from edu_pipeline.sources.resource import CONFIRMED_KINDS
from edu_pipeline.sources.system import systems

# (system, table of the YAML, what the city's system can say; the school year, where a table has versions)
SAID: list[tuple[str, str, Iterable[str], int]] = [
    ("partner", "gioi_tinh", partner.SEX.values(), 0),
    ("partner", "trang_thai_hoc_sinh", partner.STATUS.values(), 0),
    ("partner", "ket_qua", partner.OUTCOME.values(), 0),
    ("partner", "dan_toc", [f"{number:02d}" for number in range(1, 56)], 0),
    ("partner", "hop_dong", ["1", "7", "3"], 0),
    ("partner", "vi_tri", ["01", "02", "GV", "NV"], 0),
    ("partner", "trang_thai_can_bo", ["1", "3", "6", "8"], 0),
    ("partner", "khoi", [str(grade) for grade in (*range(1, 13), 16, 17, 18)], 0),
    ("partner", "giai_doan", ["CN", "HE"], 0),
    ("partner", "muc", ["1", "2", "4"], 0),
    ("partner", "hinh_thuc", ["1", "2"], 0),
    ("partner", "muc_dich", partner.PURPOSE.values(), 0),
    ("partner", "tien_do", partner.STAGE.values(), 0),
    ("registry", "muc_dich", registry.PURPOSE.values(), 0),
    ("registry", "tien_do", registry.STAGE.values(), 0),
    ("registry", "gioi_tinh", registry.SEX.values(), 0),
    ("registry", "loai_nguoi", ["HS", "CB"], 0),
    ("registry", "loai_don_vi", ["MN", "TH", "THCS", "THPT", "LC", "GDTX", "QT", "PGD", "SGD"], 0),
    ("registry", "nhom_cap_hoc", premises.LEVEL.values(), 0),
    ("registry", "loai_hinh", premises.OWNERSHIP.values(), 0),
    ("registry", "loai_truong", premises.SCHOOL_TYPE.values(), 0),
    ("registry", "khu_vuc", premises.REGION.values(), 0),
    ("portal", "grades", [str(grade) for grade in (*range(1, 13), 16, 17, 18)], 0),
    ("portal", "steps", ["requested", "released", "accepted"], 0),
    *((version, *said) for version in ("oneroster", "oneroster11") for said in (
        ("sex", rosters.SEX.values(), 0), ("grades", rosters.GRADES.values(), 0), ("roles", ["teacher"], 0))),
    ("moodle", "suspended", ["true", "false"], 0),
    ("moodle", "roles", [name for _, name in moodle_view.ROLES.values()], 0),
    ("canvas", "types", [told for told, _ in canvas_state.TYPES.values()], 0),
    ("canvas", "states", canvas_state.STATES.values(), 0),
    ("partner", "loai_xac_nhan", partner.CONFIRMED.values(), 0),
    ("hoaphuong", "gioi_tinh", tables.SEX.values(), 0),
    ("hoaphuong", "dan_toc", tables.ETHNICITY.values(), 0),
    ("hoaphuong", "muc_dich", tables.SYSTEM_PURPOSE.values(), 0),
    ("hoaphuong", "tien_do", tables.SYSTEM_STAGE.values(), 0),
    ("hoaphuong", "quoc_tich", tables.NATION.values(), 0),
    ("hoaphuong", "ton_giao", tables.RELIGION.values(), 0),
    ("hoaphuong", "nhom_mau", tables.BLOOD.values(), 0),
    ("hoaphuong", "giay_to", tables.PAPER.values(), 0),
    ("hoaphuong", "quan_he", tables.RELATION.values(), 0),
    ("hoaphuong", "ngoai_ngu", tables.LANGUAGE.values(), 0),
    ("hoaphuong", "khoi", tables.GRADE.values(), 0),
    ("hoaphuong", "buoi_hoc", tables.SHIFT.values(), 0),
    ("hoaphuong", "phan_ban", tables.STREAM.values(), 0),
    ("hoaphuong", "he_chuyen", tables.SPECIALISATION.values(), 0),
    ("hoaphuong", "kieu_lop", tables.CLASS_TYPE.values(), 0),
    ("hoaphuong", "hinh_thuc_hoc", tables.STUDY_MODE.values(), 0),
    ("hoaphuong", "ban_tru", tables.BOARDING.values(), 0),
    ("hoaphuong", "vi_tri", tables.POST.values(), 0),
    ("hoaphuong", "loai_can_bo", tables.POSITION.values(), 0),
    ("hoaphuong", "nhom_can_bo", tables.GROUP.values(), 0),
    ("hoaphuong", "trang_thai_can_bo", tables.STAFF_STATUS.values(), 0),
    ("hoaphuong", "con_lam_viec", tables.STAFF_STATUS.values(), 0),
    ("hoaphuong", "hop_dong", tables.CONTRACT[2023].values(), 2023),
    ("hoaphuong", "hop_dong", tables.CONTRACT[2024].values(), 2024),
    ("hoaphuong", "hop_dong", tables.CONTRACT[2024].values(), 2025),
    ("hoaphuong", "trinh_do", tables.QUALIFICATION.values(), 0),
    ("hoaphuong", "ly_luan", tables.POLITICAL.values(), 0),
    ("hoaphuong", "ky_nang", tables.SKILL.values(), 0),
    ("hoaphuong", "chuan_nghe_nghiep", tables.STANDARD.values(), 0),
    ("hoaphuong", "danh_gia", tables.RATING.values(), 0),
    ("hoaphuong", "trang_thai", tables.STATUS.values(), 0),
    ("hoaphuong", "trang_thai_chi_tiet", tables.DETAIL.values(), 0),
    ("hoaphuong", "loai_nhap_hoc", tables.ENTRY.values(), 0),
    ("hoaphuong", "ly_do", tables.REASON.values(), 0),
    ("hoaphuong", "hinh_thuc", tables.KIND.values(), 0),
    ("hoaphuong", "ho_ngheo", tables.POVERTY.values(), 0),
    ("hoaphuong", "dien_chinh_sach", tables.POLICY.values(), 0),
    ("hoaphuong", "khuyet_tat", tables.DISABILITY.values(), 0),
    ("hoaphuong", "khu_vuc", tables.REGION.values(), 0),
    ("hoaphuong", "hoc_phi", tables.FEE.values(), 0),
    ("hoaphuong", "khen_thuong", tables.AWARD_KIND.values(), 0),
    ("hoaphuong", "giai_doan", tables.STAGE.values(), 0),
    ("hoaphuong", "ket_qua", tables.OUTCOME.values(), 0),
    ("hoaphuong", "muc", tables.LEVEL.values(), 0),
    ("hoaphuong", "hoc_luc", tables.ACADEMIC_58.values(), 0),
    ("hoaphuong", "hanh_kiem", tables.CONDUCT_58.values(), 0),
    ("hoaphuong", "xep_loai", tables.YEAR_LEVEL.values(), 0),
    ("hoaphuong", "danh_hieu", tables.TITLE.values(), 0),
    ("hoaphuong", "tot_nghiep", tables.GRADUATION.values(), 0),
    ("hoaphuong", "mon", tables.SUBJECT.values(), 0),
    ("hoaphuong", "muc_dat",
     [*tables.SUBJECT_LEVEL.values(), *tables.COMPETENCE_LEVEL.values(), *tables.COMMENT_LEVEL.values()], 0),
]  # fmt: skip


@pytest.mark.parametrize(("system", "table", "said", "year"), SAID, ids=[f"{s}.{t}.{y}" for s, t, _, y in SAID])
def test_every_code_is_translated(system: str, table: str, said: Iterable[str], year: int) -> None:
    known = systems()[system].table(table, year)
    assert [code for code in said if code not in known] == []


def test_no_table_is_left_out() -> None:
    checked = {(system, table) for system, table, _, _ in SAID}
    declared = {(s.system, table) for s in systems().values() for table in s.codes}
    assert declared == checked


def test_every_table_is_used_and_means_codes_of_its_fields() -> None:
    for system in systems().values():
        used = {}
        # What a head confirms is no field of an entity.
        words = {m.codes for r in system.resources.values() if r.use == "confirmation" for m in r.fields.values()}
        for resource in system.records().values():
            for name, mapped in resource.fields.items():
                if mapped.codes:
                    used.setdefault(mapped.codes, []).append(entity(resource.entity or "").field(name))
        assert set(used) == set(system.codes) - words
        assert {v for table in words if table for v in system.table(table, 0).values()} <= set(CONFIRMED_KINDS)
        for table, fields in used.items():
            for version in system.versions(table):
                for field in fields:
                    assert field.codes is not None
                    assert set(version.codes.values()) <= set(field.codes.codes)


# What each sex, outcome and so on must become: a table that is total may still be wrong.
@pytest.mark.parametrize(
    ("system", "table", "year", "code", "means"),
    [
        ("hoaphuong", "dan_toc", 0, "04", "06"),  # Mường
        ("hoaphuong", "dan_toc", 0, "05", "05"),  # Khơ-me
        ("hoaphuong", "dan_toc", 0, "06", "04"),  # Hoa
        ("hoaphuong", "dan_toc", 0, "55", "55"),
        ("partner", "dan_toc", 0, "04", "04"),
        ("hoaphuong", "gioi_tinh", 0, "2", "female"),
        ("partner", "gioi_tinh", 0, "0", "female"),
        ("registry", "gioi_tinh", 0, "02", "female"),
        ("hoaphuong", "hop_dong", 2023, "3", "over_one_year"),
        ("hoaphuong", "hop_dong", 2024, "3", "labor"),
        ("hoaphuong", "hop_dong", 2023, "2", "decree_68"),
        ("hoaphuong", "hop_dong", 2024, "2", "official_definite"),
        ("hoaphuong", "muc_dat", 0, "MH-C", "not_completed"),
        ("hoaphuong", "muc_dat", 0, "NL-C", "needs_effort"),
        ("hoaphuong", "muc_dat", 0, "NX-D", "passed"),
        ("hoaphuong", "muc_dat", 0, "NL-D", "attained"),
        ("registry", "loai_hinh", 0, "2", "people_founded"),
        ("registry", "loai_hinh", 0, "3", "private"),
    ],
)
def test_the_traps_are_read_rightly(system: str, table: str, year: int, code: str, means: str) -> None:
    assert systems()[system].table(table, year)[code] == means


def test_the_stories_words_come_back() -> None:
    """Ethnic groups and contracts are told in the numbers of the list and year, and read back as what they were."""
    back = systems()["hoaphuong"].table("dan_toc", 0)
    assert {story: back[code] for story, code in tables.ETHNICITY.items()} == {s: s for s in tables.ETHNICITY}
    first, later = (systems()["hoaphuong"].table("hop_dong", year) for year in (2023, 2024))
    for story in tables.CONTRACT[2024]:
        assert first[tables.CONTRACT[2023][story]] == later[tables.CONTRACT[2024][story]]
