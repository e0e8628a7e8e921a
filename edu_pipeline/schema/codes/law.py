"""Open code sets: lists that the law changes, declared here and filled from versioned data.

schema/lists/*.csv -> CodeSet values whose codes are read when first asked

What does not belong here: the codes themselves, with validity and successors (lists/*.csv), and closed lists.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from edu_pipeline.schema import lists
from edu_pipeline.schema.field import CodeSet


@dataclass(frozen=True)
class ListedCodes(Mapping[str, tuple[str, str]]):
    """Every code that was ever valid, with the labels of its newest version; read when first asked."""

    name: str

    def __getitem__(self, code: str) -> tuple[str, str]:
        return _labels(self.name)[code]

    def __iter__(self) -> Iterator[str]:
        return iter(_labels(self.name))

    def __len__(self) -> int:
        return len(_labels(self.name))


@cache
def _labels(name: str) -> dict[str, tuple[str, str]]:
    return {version.code: (version.label_en, version.label_vi) for version in lists.versions(name)}


def _open(name: str, label_vi: str, source: str) -> CodeSet:
    return CodeSet(name, label_vi, source, ListedCodes(name), is_open=True)


ETHNICITY = _open("ethnicity", "Dân tộc", "QD 121-TCTK/PPCD (1979) order, domain.md 3.2")
RELIGION = _open("religion", "Tôn giáo", "domain.md 3.8; numbers are our own until the Department gives its list")
COUNTRY = _open("country", "Quốc gia, quốc tịch", "ISO 3166-1 alpha-2")
PROVINCE = _open("province", "Tỉnh, thành phố", "QD 124/2004/QD-TTg, QD 19/2025/QD-TTg; domain.md section 9")
DISTRICT = _open("district", "Quận, huyện", "QD 124/2004/QD-TTg, until 30/6/2025; domain.md section 7")
WARD = _open("ward", "Phường, xã", "QD 124/2004/QD-TTg, QD 19/2025/QD-TTg; domain.md section 9")
SUBJECT = _open("subject", "Môn học, năng lực, phẩm chất", "programmes of 2006 and 2018 (TT 32/2018); domain.md 2.6")
STAFF_POSITION = _open("staff_position", "Loại cán bộ, chức vụ", "domain.md 3.5")
SCHOOL_TYPE = _open("school_type", "Loại trường", "domain.md 3.6")
POLICY_GROUP = _open("policy_group", "Diện chính sách", "domain.md 2.4; codes of GET_DM_DIEN_CHINH_SACH not found")
DISABILITY = _open("disability", "Loại khuyết tật", "Law on Persons with Disabilities 2010 art. 3; TT 03/2018")
SALARY_GRADE = _open("salary_grade", "Ngạch, hạng chức danh", "TT 01-04/2021 and 08/2023/TT-BGDDT; domain.md 2.5")
LANGUAGE = _open("language", "Ngoại ngữ", "foreign languages of TT 32/2018; ISO 639-1")
