"""Pages are fetched ahead, in order, no further than memory allows, and only as long as somebody takes them."""

import threading
import time
from contextlib import closing

import pytest

from edu_pipeline.landing.ahead import ahead
from edu_pipeline.landing.errors import Unreachable
from edu_pipeline.landing.paging import Page, Pages
from edu_pipeline.landing.read import Reading

READINGS = [Reading("students", str(unit)) for unit in range(6)]


def _asked(log: list[str], count: int = 3):  # type: ignore[no-untyped-def]
    def ask(reading: Reading) -> Pages:
        for number in range(count):
            log.append(f"{reading.unit_id}.{number}")
            yield Page(f"{reading.unit_id}.{number}".encode(), [], None)
        return f"end of {reading.unit_id}"

    return ask


@pytest.mark.parametrize("parallel", [1, 3])
def test_pages_come_in_the_order_of_their_readings(parallel: int) -> None:
    taken, ends = [], []
    with closing(ahead(READINGS, _asked([]), parallel)) as feeds:
        for feed in feeds:
            told = feed.pages()
            while True:
                try:
                    taken.append(next(told).body.decode())
                except StopIteration as end:
                    ends.append(end.value)
                    break
    assert taken == [f"{unit}.{number}" for unit in range(6) for number in range(3)]
    assert ends == [f"end of {unit}" for unit in range(6)]


def test_the_next_page_is_there_before_it_is_asked_for_and_no_more_than_that() -> None:
    log: list[str] = []
    with closing(ahead(READINGS, _asked(log), 1)) as feeds:
        told = next(feeds).pages()
        next(told)
        deadline = time.monotonic() + 5
        while len(log) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.1)
        # One is taken, one waits to be taken, one is in the fetching hand.
        assert log == ["0.0", "0.1", "0.2"]


def test_an_error_of_the_fetching_is_raised_where_the_page_would_be_and_the_others_come() -> None:
    def ask(reading: Reading) -> Pages:
        yield Page(b"", [], None)
        if reading.unit_id == "1":
            raise Unreachable("mini", reading.place, "gone", "wait")
        return None

    came = []
    with closing(ahead(READINGS[:3], ask, 1)) as feeds:
        for feed in feeds:
            try:
                for _ in feed.pages():
                    came.append(feed.reading.unit_id)
            except Unreachable:
                came.append("error")
    assert came == ["0", "1", "error", "2"]


def test_nothing_is_fetched_any_more_when_the_taker_stops() -> None:
    log: list[str] = []
    with closing(ahead(READINGS, _asked(log, 1000), 2)) as feeds:
        next(next(feeds).pages())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("fetch")]
    assert len(log) < 10
