"""What is not collected lies nowhere: not in the page that is kept, not in the hash, not in the frame."""

import orjson
import pytest

from edu_pipeline.landing.mark import digest
from edu_pipeline.landing.paging import Page
from edu_pipeline.landing.redact import redacted, uncollected_paths
from edu_pipeline.sources.resource import FieldMap, Resource
from edu_pipeline.sources.system import systems

RESOURCE = Resource(
    path="students", entity="student", records="data.items",
    fields={"full_name": FieldMap(path="ten"), "blood_type": FieldMap(path="suckhoe.mau"),
            "religion": FieldMap(path=("tongiao", "suckhoe.ma")), "other_name": FieldMap(path="suckhoe.ma"),
            "birth_place": FieldMap(path="noi.0")},
)  # fmt: skip


def page(*records: dict) -> Page:
    return Page(orjson.dumps({"data": {"items": list(records)}, "total": 9}), list(records), 9)


def test_only_paths_that_nothing_collected_needs_are_taken_out():
    assert uncollected_paths(RESOURCE, {"blood_type", "religion"}) == {"suckhoe.mau", "tongiao"}
    assert uncollected_paths(RESOURCE, set()) == frozenset()


def test_the_body_that_is_kept_holds_no_such_value_and_every_record():
    one = {"ten": "An", "tongiao": "SENTINEL", "suckhoe": {"mau": "SENTINEL", "ma": "1"}}
    found = redacted(page(one, {"ten": "Bình"}), RESOURCE, {"suckhoe.mau", "tongiao"}, "UTC")
    assert b"SENTINEL" not in found.body
    assert orjson.loads(found.body) == {"data": {"items": [{"ten": "An", "suckhoe": {"ma": "1"}}, {"ten": "Bình"}]}}
    assert found.records == orjson.loads(found.body)["data"]["items"]
    assert found.declared == 9


def test_a_change_of_what_is_not_collected_is_no_change():
    hashes = {
        digest(redacted(page({"ten": "An", "tongiao": said}), RESOURCE, {"tongiao"}, "UTC").records[0], ())
        for said in ("a", "b")
    }
    assert len(hashes) == 1


def test_a_page_from_which_nothing_goes_stays_as_it_was_received():
    whole = page({"ten": "An"})
    assert redacted(whole, RESOURCE, frozenset(), "UTC") is whole


@pytest.mark.parametrize("record", [{}, {"suckhoe": None}, {"suckhoe": "x"}, {"suckhoe": []}, {"noi": {}}, {"noi": []}])
def test_a_record_without_the_place_is_left_as_it_is(record):
    assert redacted(page(dict(record)), RESOURCE, {"suckhoe.mau", "noi.0"}, "UTC").records == [record]


def test_in_a_list_the_others_keep_their_places():
    assert redacted(page({"noi": ["a", "b"]}), RESOURCE, {"noi.0"}, "UTC").records == [{"noi": [None, "b"]}]


LMS = systems()["moodle"].resources["users"]
CITY = "Asia/Ho_Chi_Minh"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (1725123600, "2024-09"),  # 2024-08-31T17:00Z is September in the city
        (1725123599, "2024-08"),
        (0, None),
        (None, None),
        ("2024-08-31T17:00:00Z", "2024-09"),
        ("2024-08-31T16:59:59Z", "2024-08"),
        ("2024-08-31T23:00:00", "2024-08"),
        ("yesterday", "yesterday"),
        (True, True),
    ],
)
def test_of_a_moment_no_more_than_its_month_is_kept_anywhere(told, kept):
    found = redacted(page({"id": 1, "lastaccess": told}), LMS, frozenset(), CITY)
    assert found.records == [{"id": 1} | ({} if kept is None else {"lastaccess": kept})]
    assert str(told).encode() not in found.body or kept == told or told in (0, None)


def test_a_second_visit_in_a_month_is_no_change_of_the_account():
    first, second = (redacted(page({"id": 1, "lastaccess": 1725123600 + day * 86400}), LMS, (), CITY) for day in (1, 9))
    assert digest(first.records[0], ()) == digest(second.records[0], ())
