"""The lists that the law changes hold together, and say of places what domain.md sections 7 and 9 say.

Packaged files obey the laws of a list; a file that breaks one is refused with file, line and remedy.
"""

import datetime as dt
from collections import Counter
from itertools import pairwise

import pytest

from edu_pipeline.schema import codes, lists
from edu_pipeline.schema.lists import ListError, Version, parse, successors, valid, versions
from edu_pipeline_tests.schema import places

REFORM = dt.date(2025, 7, 1)
BEFORE, AFTER = dt.date(2024, 9, 5), dt.date(2025, 9, 5)
HEADER = ",".join(lists.COLUMNS)

each_list = pytest.mark.parametrize("name", [codes.name for codes in codes.OPEN_SETS])


def on(name: str, day: dt.date) -> list[Version]:
    return [v for v in versions(name) if v.valid_from <= day and (v.valid_to is None or day < v.valid_to)]


@each_list
def test_every_open_set_has_a_list_that_tells_where_it_comes_from(name):
    said = lists.packaged(name)
    assert {"version", "source", "confidence"} <= said.about.keys()
    assert all(said.about.values())
    declared = next(known for known in codes.OPEN_SETS if known.name == name)
    assert declared.is_open
    assert set(declared.codes) == {version.code for version in said.versions}
    assert all(english.strip() and vietnamese.strip() for english, vietnamese in declared.codes.values())


@each_list
def test_versions_of_a_code_never_overlap_and_say_a_successor_only_when_they_end(name):
    for own in lists.packaged(name).by_code.values():
        for earlier, later in pairwise(own):
            assert earlier.valid_to is not None
            assert earlier.valid_to <= later.valid_from
    assert all(version.valid_to for version in versions(name) if version.successors)


@each_list
def test_every_successor_holds_on_the_day_it_takes_over(name):
    for version in versions(name):
        for code, relation in version.successors:
            assert valid(name, code, version.valid_to)
            assert relation in lists.RELATIONS


def test_the_newest_label_is_the_code_set_s():
    assert codes.WARD.codes["26740"] == ("Phường Sài Gòn", "Phường Sài Gòn")
    assert codes.COUNTRY.codes["DE"] == ("Germany", "Đức")
    assert len(codes.ETHNICITY.codes) == 55


def test_sixty_three_provinces_became_thirty_four():
    assert (len(on("province", BEFORE)), len(on("province", AFTER))) == (63, 34)
    # Those of a personal number's first three digits are the old ones, for ever.
    assert {"74", "77", "79"} <= {version.code for version in on("province", BEFORE)}
    for old in on("province", BEFORE):
        assert len(successors("province", old.code, BEFORE)) == 1
    merged = {old.code for old in on("province", BEFORE)
              if [one.code for one in successors("province", old.code, BEFORE)] == ["79"]}  # fmt: skip
    assert merged == {"74", "77", "79"}


def test_the_city_had_twenty_two_districts_and_none_after_the_reform():
    districts = {version.code: version.label_vi for version in on("district", BEFORE) if version.parent == "79"}
    assert sorted(districts) == [
        "760", "761", "764", "765", "766", "767", "768", "769", "770", "771", "772", "773", "774", "775", "776", "777",
        "778", "783", "784", "785", "786", "787",
    ]  # fmt: skip
    kinds = Counter(name.split(" ")[0] for name in districts.values())
    assert kinds == {"Quận": 16, "Huyện": 5, "Thành": 1}
    named = {"760": "Quận 1", "764": "Quận Gò Vấp", "769": "Thành phố Thủ Đức", "770": "Quận 3", "777": "Quận Bình Tân",
             "778": "Quận 7", "783": "Huyện Củ Chi", "787": "Huyện Cần Giờ"}  # fmt: skip
    assert named.items() <= districts.items()
    assert on("district", AFTER) == []


def test_thu_duc_took_the_code_of_district_two():
    before, after = dt.date(2020, 12, 31), dt.date(2021, 1, 1)
    assert valid("district", "769", before).label_vi == "Quận 2"
    assert valid("district", "769", after).label_vi == "Thành phố Thủ Đức"
    assert [valid("district", code, after) for code in ("762", "763")] == [None, None]
    for code in ("762", "763", "769"):
        assert valid("district", code, before).successors == (("769", "merged"),)
        assert len([v for v in on("district", before) if v.parent == "79"]) == 24


def test_the_city_has_a_hundred_and_sixty_eight_units_of_two_levels_after_the_reform():
    units = [version for version in on("ward", AFTER) if version.parent == "79"]
    assert Counter(unit.label_vi.split(" ")[0] for unit in units) == {"Phường": 113, "Xã": 54, "Đặc": 1}
    assert [unit.label_vi for unit in units if unit.label_vi.startswith("Đặc khu")] == ["Đặc khu Côn Đảo"]
    assert len(on("ward", AFTER)) == 3321
    # The parent of a ward is a district before the reform, a province since.
    assert {len(version.parent) for version in on("ward", BEFORE)} == {3}
    assert {len(version.parent) for version in on("ward", AFTER)} == {2}
    assert {version.parent for version in on("ward", AFTER)} == {version.code for version in on("province", AFTER)}
    assert {version.parent for version in on("ward", BEFORE)} <= {version.code for version in on("district", BEFORE)}


def test_ward_codes_have_five_digits():
    assert all(len(version.code) == 5 and version.code.isdigit() for version in versions("ward"))


def test_every_old_ward_has_become_something_and_every_new_unit_was_something():
    became = {version.code: successors("ward", version.code, BEFORE) for version in on("ward", BEFORE)}
    assert [code for code, now in became.items() if not now] == []
    city = {version.code for version in on("district", BEFORE) if version.parent == "79"}
    wards = [version for version in on("ward", BEFORE) if version.parent in city]
    assert len(wards) == 273
    assert {now.parent for ward in wards for now in became[ward.code]} == {"79"}
    islands = {"Đặc khu Bạch Long Vĩ", "Đặc khu Cồn Cỏ", "Đặc khu Hoàng Sa", "Đặc khu Lý Sơn", "Đặc khu Côn Đảo"}
    reached = {now.code for found in became.values() for now in found}
    assert {version.label_vi for version in on("ward", AFTER) if version.code not in reached} <= islands


def test_the_conversion_is_many_to_many():
    shares = Counter(now.code for ward in on("ward", BEFORE) for now in successors("ward", ward.code, BEFORE))
    assert max(shares.values()) > 5
    split = [version for version in on("ward", BEFORE) if len(version.successors) > 1]
    assert len(split) == 471
    assert all({relation for _, relation in version.successors} == {"split"} for version in split)


def test_old_wards_of_vung_tau_are_in_the_city_now():
    vung_tau = [version for version in on("ward", BEFORE) if version.parent == "747"]
    assert valid("district", "747", BEFORE).label_vi == "Thành phố Vũng Tàu"
    now = {one for ward in vung_tau for one in successors("ward", ward.code, BEFORE)}
    assert {one.parent for one in now} == {"79"}
    assert "Phường Tam Thắng" in {one.label_vi for one in now}


def test_a_code_that_was_used_again_is_told_apart_by_the_day():
    assert valid("ward", "26740", dt.date(2025, 6, 30)).label_vi == "Phường Bến Nghé"
    assert valid("ward", "26740", REFORM).label_vi == "Phường Sài Gòn"
    assert valid("ward", "00000", REFORM) is None
    assert successors("ward", "26740", REFORM) == (valid("ward", "26740", REFORM),)
    assert successors("ward", "00000", REFORM) == ()


@pytest.mark.skipif(not places.is_installed(), reason="the dev extra has the package that places are rendered from")
def test_the_committed_places_are_what_the_package_renders():
    for name, content in places.render().items():
        assert (places.FOLDER / f"{name}.csv").read_text(encoding="utf-8") == content


def test_a_list_may_have_comments_other_orders_of_columns_and_quotes():
    content = (
        '# version: 7\nlabel_vi,code,valid_from,valid_to,label_en,parent,successors\n"Một, hai",a,2020-01-01,,,,\n'
    )
    found = parse("religion", content.encode(), "religion.csv")
    assert found.about == {"version": "7"}
    assert found.versions == (Version("a", dt.date(2020, 1, 1), None, "Một, hai", "Một, hai", None, ()),)


BAD = {
    "column": ("code,valid_from\na,2020-01-01\n", r"l.csv:1: column valid_to, label_en, .* is missing"),
    "strange column": (f"{HEADER},colour\na,2020-01-01,,A,A,,,red\n", "l.csv:1: no column colour"),
    "twice": ("a,2020-01-01,,A,A,,\na,2020-01-01,,A,A,,\n", "l.csv:3: code a from 2020-01-01 stands there twice"),
    "overlap": ("a,2020-01-01,,A,A,,\na,2021-01-01,,B,B,,\n", "l.csv:3: code a: two versions hold on 2021-01-01"),
    "dated overlap": (
        "a,2020-01-01,2022-01-01,A,A,,\na,2021-01-01,,B,B,,\n",
        "l.csv:3: code a: two versions hold on 2021-01-01",
    ),
    "backwards": ("a,2020-01-01,2019-01-01,A,A,,\n", "l.csv:2: code a: valid_to 2019-01-01 is not after valid_from"),
    "no day": ("a,1/7/2025,,A,A,,\n", "l.csv:2: valid_from '1/7/2025' is no date; write it as 2025-07-01"),
    "no label": ("a,2020-01-01,,A,,,\n", "l.csv:2: a code and its Vietnamese label are needed"),
    "successor": ("a,2020-01-01,2021-01-01,A,A,,z:same\n", "l.csv:2: code a: its successor z is not in the list on"),
    "late successor": (
        "a,2020-01-01,2021-01-01,A,A,,b:same\nb,2022-01-01,,B,B,,\n",
        "l.csv:2: code a: its successor b is not in the list on 2021-01-01",
    ),
    "relation": ("a,2020-01-01,2021-01-01,A,A,,a:maybe\n", "l.csv:2: code a: successor 'a:maybe'; write code:relation"),
    "still valid": (
        "a,2020-01-01,,A,A,,b:same\nb,2020-01-01,,B,B,,\n",
        "l.csv:2: code a has successors but no valid_to",
    ),
    "too many": ("a,2020-01-01,,A, B,A,,\n", "l.csv:2: 8 values for 7 columns"),
    "quote": ('"a,2020-01-01,,A,A,,\n', "l.csv:2: .*quote a value"),
    "empty": ("", "l.csv: the list is empty"),
}


@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD)
def test_a_bad_list_is_refused_with_file_line_and_remedy(content, said):
    whole = content if content.startswith("code,") else f"{HEADER}\n{content}"
    with pytest.raises(ListError, match=said):
        parse("religion", whole.encode(), "l.csv")


def test_a_list_in_another_encoding_is_refused():
    with pytest.raises(ListError, match=r"l\.csv: no UTF-8"):
        parse("religion", f"{HEADER}\na,2020-01-01,,A,Đạo,,\n".encode("utf-16"), "l.csv")
