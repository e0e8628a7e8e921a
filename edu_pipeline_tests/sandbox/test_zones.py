"""Proves that a city too big to hold is told zone by zone, forgotten again, and the same whenever it is told."""

import datetime as dt
import gc
import weakref

import pytest

from edu_pipeline.sandbox import portal, registry, zone
from edu_pipeline.sandbox.city import as_city
from edu_pipeline.sandbox.server import Sandbox, running
from edu_pipeline.sandbox.zones import KEPT, Metropolis
from edu_pipeline_tests.sandbox.grown import tiny

COUNT = KEPT + 3
DAY = dt.date(2024, 9, 20)


@pytest.fixture
def metropolis() -> Metropolis:
    return Metropolis(tiny(COUNT))


def test_a_zone_is_told_as_if_it_were_alone(metropolis: Metropolis) -> None:
    plans = tiny(COUNT)
    code = plans[2].units[3].code
    assert metropolis.of(code) == as_city(zone.tell(plans[2]))
    assert metropolis.of(code) is metropolis.of(plans[2].units[-1].code)


def test_only_a_few_zones_are_ever_held(metropolis: Metropolis) -> None:
    held = [weakref.ref(one) for one in metropolis.zones()]
    gc.collect()
    assert len(held) == COUNT
    assert sum(one() is not None for one in held) == KEPT


def test_units_are_known_without_telling(metropolis: Metropolis) -> None:
    plans = tiny(COUNT)
    assert metropolis.units == tuple(unit for one in plans for unit in one.units)
    assert metropolis.populations == [len(as_city(zone.tell(one)).people) for one in plans]
    assert metropolis.children == metropolis.staff == []


def test_the_registry_streams_everybody_once(metropolis: Metropolis, tmp_path) -> None:  # type: ignore[no-untyped-def]
    import requests

    with running(Sandbox(metropolis, tmp_path / "clock")) as url:
        found, number = [], 0
        while True:
            number += 1
            answer = requests.get(f"{url}/registry/v0/identities", params={"page": number, "size": 700},
                                  headers={"Authorization": f"Bearer {registry.TOKEN}"}, timeout=30).json()  # fmt: skip
            if not answer["records"]:
                break
            assert len(answer["records"]) <= 700
            found += [record["data"]["madinhdanh"] for record in answer["records"]]
    assert answer["total"] == len(found) == sum(metropolis.populations)
    assert set(found) == {person.root for one in metropolis.zones() for person in one.people}


@pytest.mark.parametrize("resource", ["transfers", "admissions"])
def test_the_portal_s_pages_go_on_from_zone_to_zone(metropolis: Metropolis, resource: str) -> None:
    served = portal.Portal(metropolis, lambda: DAY)
    key = f"{resource.removesuffix('s')}_id"
    total, whole = served.page(resource, 2024, None, 0, 1_000_000)
    pages = [served.page(resource, 2024, None, first, 7) for first in range(0, total + 7, 7)]
    assert {count for count, _ in pages} == {total}
    assert [row[key] for _, rows in pages for row in rows] == [row[key] for row in whole]
    told = [said for one in metropolis.zones() for said in getattr(one, resource)]
    shown = [said.number for said in told
             if (said.year == 2024 if resource == "admissions" else said.state(DAY))]  # fmt: skip
    assert [row[key] for row in whole] == shown
    assert len(shown) > COUNT
