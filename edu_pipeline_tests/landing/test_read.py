"""A reading asks in the system's own words, and a record is cancelled by its event or by the field that says so."""

import datetime as dt
from typing import Any

import pytest

from edu_pipeline.landing.paging import Page
from edu_pipeline.landing.read import readings, received
from edu_pipeline.sources.site import Connection, Site
from edu_pipeline.sources.system import systems
from edu_pipeline_tests.landing.vendor import OWNER

MAY = dt.date(2024, 5, 31)


def _asked(site: Site, system: str) -> list[dict[str, Any]]:
    auth = dict.fromkeys(systems()[system].credentials, "MINI")
    units = [{"unit": "79764401"}, {"unit": "79764402", "key": "TH-2"}]
    connection = Connection.model_validate(
        {"id": "mini", "system": system, "base_url": "https://mini.example", "auth": auth, "owner": OWNER,
         "units": units}
    )  # fmt: skip
    return [reading.params for reading in readings(connection, "students", site.readable_years(MAY), MAY)]


@pytest.fixture
def site(site_dir: Any) -> Site:
    from edu_pipeline.sources.site import load

    return load(site_dir)


def test_the_partner_contract_is_asked_for_a_start_year(site: Site) -> None:
    first, *_ = _asked(site, "partner")
    assert first == {"unit": "79764401", "school_year": 2023, "term": 2}


def test_another_system_is_asked_in_its_own_words_for_a_label(site: Site) -> None:
    asked = _asked(site, "hoaphuong")
    assert asked[0] == {"maTruong": "79764401", "namHoc": "2023-2024", "hocKy": 2}
    assert {params["maTruong"] for params in asked} == {"79764401", "TH-2"}


def test_what_is_the_city_s_own_is_asked_for_by_school_year_alone(site: Site) -> None:
    connection = Connection.model_validate(
        {"id": "mini", "system": "portal", "base_url": "https://mini.example", "auth": {"token": "T"}, "owner": OWNER}
    )
    day = dt.date(2024, 7, 7)
    asked = list(readings(connection, "transfers", site.readable_years(day), day))
    assert [(one.unit_id, one.school_year, one.params) for one in asked] == [
        ("", 2024, {"school_year": 2024}), ("", 2023, {"school_year": 2023})]  # fmt: skip
    assert asked[0].place == "transfers, 2024"


def test_a_resource_may_have_a_key_of_its_own() -> None:
    portal = systems()["portal"]
    page = Page(b"", [{"admission_id": "A1"}, {"transfer_id": "T1"}], 2)
    ((record,), nameless) = received(page, portal, 0, portal.key(portal.resources["admissions"]))
    assert (record.source_key, nameless) == ("A1", 1)
    assert [one.source_key for one in received(page, portal, 0, portal.key(portal.resources["transfers"]))[0]] == ["T1"]


@pytest.mark.parametrize(
    ("deleted", "event"),
    [({}, "UPDATE"), ({"deletedAt": None}, "UPDATE"), ({"deletedAt": "2024-03-11T01:00:00.000Z"}, "CANCEL")],
)
def test_a_day_of_deletion_cancels(deleted: dict[str, Any], event: str) -> None:
    page = Page(b"", [{"uuid": "u-1", "rev": 3, **deleted}], 1)
    ((record,), nameless) = received(page, systems()["hoaphuong"], 0, ("uuid",))
    assert (record.event, record.version, nameless) == (event, 3, 0)


def test_events_are_read_whatever_their_case() -> None:
    contents = [{"idbanghi": word, "sukien": word} for word in ("UPdate", "cancel", "NEW", "?")]
    found, _ = received(Page(b"", contents, 4), systems()["partner"], 0, ("idbanghi",))
    assert [record.event for record in found] == ["UPDATE", "CANCEL", "NEW", "UPDATE"]
