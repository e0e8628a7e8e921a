"""The vendor `hoaphuong`: what it tells of persons, and what hangs on them for life.

zone of the city, unit, year, day -> records of staff, pupils, their papers, parents, training, languages

What does not belong here: a unit's school year (registers.py), HTTP (hoaphuong.py), what a defect does (ailments.py).
"""

import datetime as dt
from collections.abc import Iterator

from edu_pipeline.sandbox import ailments, career, family, profile, tables
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.clock import REFORM, YEAR_BEGIN
from edu_pipeline.sandbox.lot import hits, weighted
from edu_pipeline.sandbox.papers import Record, day, part, record, tick, yes
from edu_pipeline.sandbox.story import Child, Member, Place
from edu_pipeline.sandbox.units import Unit
from edu_pipeline.sandbox.wards import Address, address

Stay = tuple[Child, Place]
_STAFF_ETHNIC = {1: 960, 4: 30, 5: 4, 17: 2, 2: 2, 6: 2}


def stays(zone: City, unit: str, year: int, on: dt.date) -> Iterator[Stay]:
    """The stays of a school year that have begun by the day. Who is there from the first day is told before it too."""
    known = max(on, YEAR_BEGIN[year])
    for child in zone.children_of[unit]:
        for place in child.places:
            if place.unit == unit and place.year == year and place.begin <= known:
                yield child, place


def pupils(zone: City, unit: str, year: int, on: dt.date) -> Iterator[Child]:
    """The pupils of a school year, each once."""
    return iter({id(child): child for child, _ in stays(zone, unit, year, on)}.values())


def members(zone: City, unit: str, year: int) -> list[Member]:
    """Staff of a school year: who had not left before it began, and had come before it ended."""
    begin = YEAR_BEGIN[year]
    return [
        m for m in zone.staff_of[unit]
        if (m.leaves is None or m.leaves >= begin) and m.begin < begin.replace(year=year + 1)
    ]  # fmt: skip


def is_keyed(child: Child, on: dt.date) -> bool:
    """False as long as the school still calls the child by a code of its own, without root id."""
    return child.temp is None or child.keyed_on is None or on >= child.keyed_on


def code(child: Child, unit: str, on: dt.date) -> str:
    """What the school calls the child on a day."""
    return child.codes[unit] if is_keyed(child, on) or child.temp is None else child.temp


def rev(child: Child, on: dt.date, *turns: bool) -> int:
    """Version of a record that names the child: it grows when the child gets another code, and at each turn."""
    return 1 + (child.temp is not None and is_keyed(child, on)) + sum(turns)


def entered(child: Child, unit: str) -> dt.date:
    """The day on which the school wrote the child down: days before the year's first, or when it moved in."""
    first = min((place for place in child.places if place.unit == unit), key=lambda place: place.begin)
    return dt.date(first.year, 9, 1) if first.begin == YEAR_BEGIN[first.year] else first.begin


def touched(child: Child, unit: str, on: dt.date, *changes: dt.date) -> dt.date:
    """The last day by `on` on which a record that names the child changed."""
    keyed = [child.keyed_on] if child.temp and child.keyed_on else []
    return max(told for told in (entered(child, unit), *keyed, *changes) if told == entered(child, unit) or told <= on)


def students(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """Pupils; a code of the school's own is deleted in favor of the child's record when the root id has come."""
    for child in pupils(zone, unit.code, year, on):
        key, begun = f"HS {unit.code} {child.codes[unit.code]}", entered(child, unit.code)
        content = _student(child, unit, on)
        if child.temp is None:
            changed = max(begun, REFORM) if on >= REFORM else begun
            yield from ailments.of_student(child, record(key, 1 + (on >= REFORM), changed, content), on)
            continue
        assert child.keyed_on is not None
        # What was deleted stands still.
        then = _student(child, unit, min(on, child.keyed_on))
        temporary = {**then, "maHocSinh": child.temp, "hoSo": then["hoSo"] | {"maDinhDanh": None}}
        if not is_keyed(child, on):
            yield record(f"{key} TAM", 1, begun, temporary)
            continue
        yield record(f"{key} TAM", 2, child.keyed_on, temporary, into=key)
        changed = max(child.keyed_on, REFORM) if on >= REFORM else child.keyed_on
        yield record(key, 1 + (on >= REFORM), changed, content)


def _student(child: Child, unit: Unit, on: dt.date) -> Record:
    home = address(child.root, "home", unit.district)
    lives = home if hits(child.root, "lives at home", 850) else address(child.root, "lives", unit.district)
    province, ward = profile.hometown(child)
    return {
        "maTruong": unit.code,
        "maHocSinh": child.codes[unit.code],
        "hoSo": {
            "maDinhDanh": child.root,
            "soDinhDanh": profile.personal_number(child),
            "hoTen": f"{child.family} {child.given}",
            "tenKhac": profile.other_name(child),
            "ngaySinh": day(child.birth),
            "gioiTinh": tables.SEX[child.sex],
            "danToc": tables.ETHNICITY[f"{child.ethnic:02d}"],
            "quocTich": tables.NATION[child.nation],
            "tonGiao": tables.RELIGION[profile.religion(child)],
            "nhomMau": tables.BLOOD[profile.blood(child)],
            "noiSinh": profile.birth_place(child),
        },
        "noiSinh": {"tinh": profile.birth_province(child), "xa": profile.birth_ward(child)},
        "queQuan": {"tinh": province, "xa": ward},
        "thuongTru": _place(home, on),
        "noiO": _place(lives, on),
        "lienHe": {
            "dienThoai": profile.phone(child.root) if hits(child.root, "has phone", 600) else None,
            "email": profile.email(child.root, "hs") if hits(child.root, "has email", 300) else None,
        },
    }


def _place(where: Address, on: dt.date) -> Record:
    province, district, ward = where.codes(on)
    return {"tinh": province, "huyen": district, "xa": ward, "diaChi": where.street}


def student_papers(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """Papers of pupils: what a child had when it came to school, and what it got since."""
    for child in pupils(zone, unit.code, year, on):
        for paper in profile.papers(child, on):
            content = {"maTruong": unit.code, "maHocSinh": code(child, unit.code, on),
                       "loaiGiayTo": tables.PAPER[paper.kind], "so": paper.number, "ngayCap": day(paper.issued),
                       "noiCap": paper.place}  # fmt: skip
            key = f"GT {unit.code} {child.codes[unit.code]} {paper.kind}"
            yield record(key, rev(child, on), touched(child, unit.code, on, paper.issued), content)


def guardians(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """Parents and guardians of pupils."""
    for child in pupils(zone, unit.code, year, on):
        for one in family.guardians(child):
            content = {"maTruong": unit.code, "maHocSinh": code(child, unit.code, on),
                       "quanHe": tables.RELATION[one.relation], "stt": str(one.ordinal), "hoTen": one.full_name,
                       "ngaySinh": part(one.birth), "soDinhDanh": one.personal_number,
                       "danToc": tables.ETHNICITY[f"{one.ethnic:02d}"], "ngheNghiep": one.occupation,
                       "dienThoai": one.phone, "email": one.email, "laLienHe": tick(one.is_contact)}  # fmt: skip
            key = f"PH {unit.code} {child.codes[unit.code]} {one.relation} {one.ordinal}"
            told = record(key, rev(child, on), touched(child, unit.code, on), content)
            yield from ailments.of_guardian(child, told, one.is_contact)


def staff(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """Members of staff."""
    for member in members(zone, unit.code, year):
        content = _member(member, unit, zone.hired[member.root], on)
        changed = max(member.begin, REFORM) if on >= REFORM else member.begin
        yield record(f"CB {unit.code} {member.code}", 1 + (on >= REFORM), changed, content)


def _member(member: Member, unit: Unit, hired: dt.date, on: dt.date) -> Record:
    root = member.root
    province, ward = profile.hometown(member)
    lives = _place(address(root, "home", unit.district if hits(root, "lives near", 500) else ""), on)
    theory = career.political_theory(member)
    return {
        "maTruong": unit.code,
        "maCanBo": member.code,
        "hoSo": {
            "maDinhDanh": root,
            "soDinhDanh": profile.personal_number(member),
            "hoTen": f"{member.family} {member.given}",
            "ngaySinh": day(member.birth),
            "gioiTinh": tables.SEX[member.sex],
            "danToc": tables.ETHNICITY[f"{weighted(root, 'ethnic', _STAFF_ETHNIC):02d}"],
            "quocTich": tables.NATION["VN"],
            "tonGiao": tables.RELIGION[profile.religion(member)],
        },
        "queQuan": {"tinh": province, "xa": ward},
        "noiO": {"tinh": lives["tinh"], "xa": lives["xa"]},
        "lienHe": {"dienThoai": profile.phone(root), "email": profile.email(root, "gv")},
        "congTac": {
            "maBhxh": career.insurance(member),
            "dangVien": yes(member.role in ("01", "02") or hits(root, "party", 300)),
            "doanVien": yes(member.birth.year > 1993),
            "ngayTuyenDung": day(career.recruited(member, hired)),
            "coQuanTuyenDung": "Sở Giáo dục và Đào tạo" if unit.kind == "THPT" else "UBND quận, huyện",
            "trinhDo": tables.QUALIFICATION[career.qualification(member, unit.kind)],
            "lyLuanChinhTri": tables.POLITICAL[theory] if theory else None,
            "quanLyGiaoDuc": yes(member.role in ("01", "02") or hits(root, "management", 50)),
            "tinHoc": tables.SKILL[career.it_level(member)],
        },
    }


def staff_trainings(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """Training of staff, the first course first."""
    for member in members(zone, unit.code, year):
        for number, course in enumerate(career.trainings(member, unit.kind), start=1):
            content = {"maTruong": unit.code, "maCanBo": member.code, "stt": str(number),
                       "trinhDo": tables.QUALIFICATION[course.qualification], "chuyenNganh": course.major,
                       "coSoDaoTao": course.institution, "namTotNghiep": str(course.year)}  # fmt: skip
            yield record(f"DT {unit.code} {member.code} {number}", 1, member.begin, content)


def staff_languages(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """Foreign languages of staff."""
    for member in members(zone, unit.code, year):
        for language, level in career.languages(member):
            content = {"maTruong": unit.code, "maCanBo": member.code, "ngoaiNgu": tables.LANGUAGE[language],
                       "trinhDo": tables.SKILL[level]}  # fmt: skip
            yield record(f"NN {unit.code} {member.code} {language}", 1, member.begin, content)
