"""The code tables of the vendor `hoaphuong`: its own numbers, by the words in which the city's stories speak.

word of a story -> code of the vendor

What does not belong here: the master schema's codes (the pipeline's YAML translates). Typed out once more on purpose,
with the traps of domain.md 3.1: the census numbering of 2009, ownership by the provincial product, contracts that were
renumbered for 2024-2025. Numbers that domain.md does not give are this vendor's invention.
"""

Table = dict[str, str]


def _numbered(words: str, start: int = 1, width: int = 1) -> Table:
    """Words in order, numbered."""
    return {word: f"{number:0{width}d}" for number, word in enumerate(words.split(), start)}


SEX = {"m": "1", "f": "2"}
# Position: the number of the census of 2009; entry: the number of 1979 in which the stories speak.
_CENSUS_2009 = (1, 2, 3, 6, 5, 4, 7, 8, 9, 10, 12, 13, 15, 17, 16, 14, 18, 19, 21, 20, 24, 22, 29, 23, 26, 25, 31, 28,
                27, 30, 32, 34, 35, 36, 37, 38, 33, 40, 41, 39, 46, 42, 11, 44, 43, 45, 47, 49, 48, 50, 51, 54, 52,
                53, 55)  # fmt: skip
ETHNICITY = {f"{story:02d}": f"{number:02d}" for number, story in enumerate(_CENSUS_2009, 1)}
NATION = {"VN": "VNM", "KR": "KOR", "JP": "JPN", "CN": "CHN", "TW": "TWN", "US": "USA", "GB": "GBR", "FR": "FRA",
          "DE": "DEU", "AU": "AUS", "SG": "SGP", "IN": "IND", "KH": "KHM", "LA": "LAO", "TH": "THA", "PH": "PHL",
          "MY": "MYS", "RU": "RUS", "CA": "CAN"}  # fmt: skip
RELIGION = _numbered("none buddhism catholicism protestantism cao_dai hoa_hao islam bahai tinh_do adventism tu_an"
                     " minh_su minh_ly brahmanism latter_day_saints ta_lon buu_son", 0, 2)  # fmt: skip
BLOOD = {"A": "1", "B": "2", "AB": "3", "O": "4"}
PAPER = _numbered("birth_certificate id_card_9 officer_card police_card citizen_card passport household_book other")
RELATION = _numbered("father mother guardian")
LANGUAGE = _numbered("en fr ru zh ja de ko es th other", 1, 2)

GRADE = {str(grade): f"K{grade:02d}" for grade in (*range(1, 13), *range(13, 19))}
SHIFT = {"morning": "S", "afternoon": "C", "both": "SC"}
STREAM = _numbered("none natural_sciences social_sciences basic", 0)
SPECIALISATION = _numbered("mathematics physics chemistry biology informatics literature history geography english"
                           " french chinese japanese russian korean", 1, 2)  # fmt: skip
CLASS_TYPE = _numbered("ordinary combined specialised special_needs vocational")
STUDY_MODE = _numbered("in_class part_time distance guided_self_study")
BOARDING = {"none": "0", "day": "1", "full": "2"}

POST = {"01": "HT", "02": "PHT", "GV": "GV", "NV": "NV"}
POSITION = {code: code for code in ("01", "02", "03", "04", "05", "06", "09", "10", "11", "13", "15", "16", "17", "20",
                                    "21", "25", "32", "33", "34")} | {"GV": "90", "TPT": "91"}  # fmt: skip
GROUP = {"01": "1", "02": "1", "GV": "2", "NV": "3"}
STAFF_STATUS = {"working": "1", "transferred_in": "2", "3": "3", "reassigned": "4", "awaiting_retirement": "5",
                "6": "6", "seconded": "7", "8": "8"}  # fmt: skip
# The stories speak of contracts in the product's numbers of 2023; from 2024-2025 on the vendor has its own order.
CONTRACT = {2023: {code: code for code in "01723456"},
            2024: {"1": "1", "7": "2", "0": "3", "3": "4", "4": "5", "5": "6", "6": "7", "2": "8"}}  # fmt: skip
QUALIFICATION = _numbered("doctor master university college intermediate other specialist_doctor_1 specialist_doctor_2"
                          " pedagogy_12_2 pedagogy_9_3 below_pedagogy", 1, 2) | _numbered(
    "university_certified college_certified intermediate_certified university_pedagogy college_pedagogy"
    " intermediate_pedagogy", 13, 2)  # fmt: skip
POLITICAL = _numbered("elementary intermediate advanced")
SKILL = _numbered("A1 A2 B1 B2 C1 C2") | {"certificate_a": "A", "certificate_b": "B", "certificate_c": "C",
                                          "it_basic": "CB", "it_advanced": "NC", "degree": "BC"}  # fmt: skip
STANDARD = _numbered("good fair passed not_rated")
RATING = _numbered("excellent good fulfilled not_fulfilled")

STATUS = {None: "1", "away": "3", "city": "3", "withdrawn": "4", "on_leave": "7"}
DETAIL = _numbered("studying transferred_in away withdrawn on_leave returned completed graduated", 1, 2) | {
    "city": "03"
}
ENTRY = _numbered("intake accepted promoted retest training both retained returned free_candidate", 1, 2)
REASON = _numbered("hardship weak_results distance disaster stigma other results_preserved vocational", 1, 2)
KIND = {"primary": "C", "secondary": "P"}
POVERTY = {"none": "0", "near_poor": "1", "poor": "2"}
POLICY = _numbered("martyr_child invalid_child sick_soldier_child hero_child merit_child toxic_victim orphan"
                   " half_orphan abandoned protected labor_accident_child soldier_child other", 1, 2)  # fmt: skip
DISABILITY = _numbered("mobility hearing_speech vision mental intellectual learning autism multiple other", 1, 2)
REGION = {"unknown": "0", "KV1": "1", "KV2": "2", "KV2-NT": "3", "KV3": "4"}
FEE = _numbered("none reduced exempt", 0)
AWARD_KIND = {"reward": "KT", "discipline": "KL"}

STAGE = {"CN": "CN", "HE": "SH"}
OUTCOME = {"promoted": "1", "retained": "0", "completed": "2", "retest": "3"}
LEVEL = {"tot": "T", "kha": "K", "dat": "D", "chua_dat": "CD"}
ACADEMIC_58 = {"gioi": "G", "kha": "K", "tb": "TB", "yeu": "Y", "kem": "KEM"}
CONDUCT_58 = {"tot": "T", "kha": "K", "tb": "TB", "yeu": "Y"}
YEAR_LEVEL = {"HTXS": "1", "HTT": "2", "HT": "3", "CHT": "4"}
TITLE = _numbered("excellent_student very_good_student very_good_student_58 advanced_student_58 primary_excellent"
                  " primary_outstanding surprise")  # fmt: skip
GRADUATION = _numbered("excellent good average ungraded")
SUBJECT = {
    "mathematics": "TOAN", "vietnamese": "TV", "literature": "VAN", "foreign_language_1": "NN1",
    "foreign_language_2": "NN2", "ethics": "DD", "nature_and_society": "TNXH", "science": "KH",
    "history_and_geography": "LSDL", "natural_science": "KHTN", "physics": "LY", "chemistry": "HOA", "biology": "SINH",
    "history": "SU", "geography": "DIA", "civic_education": "GDCD", "economic_and_legal_education": "KTPL",
    "informatics": "TIN", "technology": "CN", "informatics_and_technology": "THCN", "defense_education": "QPAN",
    "ethnic_language": "TDT", "physical_education": "GDTC", "music": "AN", "fine_arts": "MT", "arts": "NT",
    "local_education": "GDDP", "experience": "HDTN", "experience_and_career": "HDTNHN", "autonomy": "NL1",
    "cooperation": "NL2", "problem_solving": "NL3", "language": "NL4", "calculation": "NL5",
    "science_competence": "NL6", "technology_competence": "NL7", "informatics_competence": "NL8",
    "aesthetics": "NL9", "physique": "NL10",
    "patriotism": "PC1", "compassion": "PC2", "diligence": "PC3", "honesty": "PC4", "responsibility": "PC5",
}  # fmt: skip
# One letter means another thing of a subject, of a competence and of a subject judged by comment: told in three lists.
SUBJECT_LEVEL = {"T": "MH-T", "H": "MH-H", "C": "MH-C"}
COMPETENCE_LEVEL = {"T": "NL-T", "D": "NL-D", "C": "NL-C"}
COMMENT_LEVEL = {"D": "NX-D", "CD": "NX-CD"}


def word(table: Table, said: str | None) -> str | None:
    """The code of a word; None of none."""
    return None if said is None else table[said]


SYSTEM_PURPOSE = _numbered("school_management learning_management admissions exams finance library")
SYSTEM_STAGE = {"planned": "KH", "applied": "DK", "checked": "KT", "trial": "TN", "live": "CT", "retired": "NG"}
