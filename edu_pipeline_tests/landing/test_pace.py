"""Nobody is asked harder than agreed, by one connection or by several that share a server."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from edu_pipeline.landing.pace import Pace, Paces
from edu_pipeline.sources.site import Connection, Limits
from edu_pipeline_tests.landing.vendor import OWNER


def _connection(name: str, host: str, **limits: float) -> Connection:
    return Connection.model_validate(
        {"id": name, "system": "partner", "base_url": f"https://{host}", "auth": {"token": "T"}, "owner": OWNER,
         "limits": limits}
    )  # fmt: skip


def _most(turn, workers: int = 6) -> int:  # type: ignore[no-untyped-def]
    """How many have a turn at the same time, at most."""
    lock, there, most = threading.Lock(), 0, 0

    def work(number: int) -> None:
        nonlocal there, most
        with turn(number):
            with lock:
                there += 1
                most = max(most, there)
            time.sleep(0.02)
            with lock:
                there -= 1

    with ThreadPoolExecutor(workers) as threads:
        list(threads.map(work, range(workers * 2)))
    return most


def test_turns_are_as_many_as_agreed() -> None:
    pace = Pace(Limits(requests_per_second=1000, parallel=2))
    assert _most(lambda number: pace.turn()) == 2


def test_requests_are_a_gap_apart_however_many_ask() -> None:
    waited: list[float] = []
    pace = Pace(Limits(requests_per_second=0.5, parallel=16), waited.append)
    for _ in range(3):
        with pace.turn():
            pass
    assert len(waited) == 2
    assert 1.9 < waited[0] <= 2
    assert 3.9 < waited[1] <= 4


def test_connections_that_share_a_server_share_its_turns() -> None:
    shared = [_connection(name, "one.example", requests_per_second=1000, parallel=2) for name in ("a", "b", "c")]
    other = _connection("d", "two.example", requests_per_second=1000, parallel=2)
    paces = Paces([*shared, other], {})
    assert _most(lambda number: paces.turn(shared[number % 3])) == 2
    assert _most(lambda number: paces.turn([shared[0], other][number % 2])) == 4


def test_the_site_may_say_what_a_shared_server_bears() -> None:
    shared = [_connection(name, "one.example", requests_per_second=1000, parallel=2) for name in ("a", "b")]
    paces = Paces(shared, {"one.example": Limits(requests_per_second=1000, parallel=4)})
    assert _most(lambda number: paces.turn(shared[number % 2])) == 4
