"""Each fault of the wire happens as its name says, to what it is on for alone; once it is off all is as before, to the
byte. Read with sockets and plain requests: what the pipeline makes of it is another matter (flow/test_faults.py).
"""

import zlib
from typing import Any

import pytest
import requests

from edu_pipeline.sandbox import partner
from edu_pipeline.sandbox.server import Sandbox
from edu_pipeline.sandbox.shapes import BY_UNIT, LISTS
from edu_pipeline.sandbox.wire import FAULTS, describe
from edu_pipeline_tests.sandbox import proofs_of_answers, proofs_of_pages, proofs_of_records
from edu_pipeline_tests.sandbox.practice import Practice
from edu_pipeline_tests.sandbox.proofs import PROOFS, elsewhere, flat
from edu_pipeline_tests.sandbox.wired import Reader, readers

# What is read where the system's usual resource has nothing that the fault could befall: persons, nulls.
WHERE = {("rekeyed", "registry"): "/registry/v0/identities", ("explicit_nulls", "partner"): "/partner/v0/enrollments"}
PROVED = (proofs_of_answers, proofs_of_pages, proofs_of_records)
EVERY = [(name, system) for name, fault in FAULTS.items() for system in sorted(fault.systems)]


@pytest.fixture
def wired(practice: Practice) -> dict[str, Reader]:
    practice.clock("settled")
    return readers(practice)


def _beside(reader: Reader) -> list[Reader]:
    """Who reads something else of the same system, and of each other one."""
    found = [other for name, other in readers(reader.practice).items() if name != reader.system]
    another = {"partner": "/partner/v0/staff", "hoaphuong": "/hoaphuong/api/v2/nhan-su", "portal":
               "/portal/v1/admissions", "ims": f"{reader.path.rpartition('/')[0]}/orgs"}  # fmt: skip
    if path := another.get(reader.system):
        found.append(reader.of(path=path, lies="orgs" if reader.system == "ims" else reader.lies))
    if reader.system in BY_UNIT:
        found.append(elsewhere(reader))
    return found


def test_every_fault_is_proved() -> None:
    assert {proof.__module__ for proof in PROOFS.values()} == {module.__name__ for module in PROVED}
    assert list(PROOFS) == list(FAULTS)
    assert all(fault.says for fault in FAULTS.values())
    assert [line.split()[0] for line in describe().splitlines()] == list(FAULTS)


@pytest.mark.parametrize(("name", "system"), EVERY)
def test_a_fault_does_what_it_says_where_it_is_on_and_leaves_no_trace(
    wired: dict[str, Reader], name: str, system: str
) -> None:
    reader = wired[system]
    reader = reader.of(path=WHERE.get((name, system), reader.path))
    before, others = reader.seen(), _beside(reader)
    beside = [other.seen(is_whole=False) for other in others]
    PROOFS[name](reader)
    assert [other.seen(is_whole=False) for other in others] == beside
    reader.switch(name, on=False)
    assert reader.seen() == before


def test_a_bomb_of_the_usual_size_weighs_little_on_the_wire(wired: dict[str, Reader]) -> None:
    reader = wired["registry"]
    reader.switch("gzip_bomb")
    with requests.get(f"{reader.practice.url}{reader.path}", headers=reader.headers, stream=True, timeout=30) as answer:
        packed = answer.raw.read(decode_content=False)
    unpacker, size = zlib.decompressobj(31), 0
    piece = unpacker.decompress(packed, 1024 * 1024)
    while piece:
        size += len(piece)
        piece = unpacker.decompress(unpacker.unconsumed_tail, 1024 * 1024)
    assert (len(packed) < 1_000_000, size) == (True, 200_000_000)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"name": "typo", "system": "partner"}, "no fault 'typo'"),
        ({"name": "unreachable"}, "has one of the systems"),
        ({"name": "unreachable", "system": "gradebook"}, "has one of the systems"),
        ({"name": "nul", "system": "oauth"}, "has one of the systems"),
        ({"name": "next_elsewhere", "system": "partner"}, "has one of the systems ims|has one of the systems hoa"),
        ({"name": "cancelled_resent", "system": "portal"}, "has one of the systems"),
        ({"name": "filter_ignored", "system": "registry"}, "has one of the systems"),
        ({"name": "error", "system": "ims", "unit": "79760401"}, "not asked by unit"),
        ({"name": "rekeyed", "system": "partner", "resource": "classes"}, "no people"),
        ({"name": "error", "system": "partner", "delta": 1}, "no option 'delta'"),
        ({"name": "error", "system": "partner", "status": "500"}, "is no int"),
        ({"name": "error", "system": "partner", "times": "2"}, "no whole number"),
    ],
)
def test_what_makes_no_sense_is_refused(
    practice: Practice, sandbox: Sandbox, said: dict[str, Any], complaint: str
) -> None:
    answer = practice.session.post(f"{practice.url}/_control/faults", json=said, timeout=10)
    assert answer.status_code == 400
    if said["name"] != "typo":  # which the vendors' faults refuse
        with pytest.raises(ValueError, match=complaint):
            sandbox.wire.switch(**said)
    assert sandbox.wire.on == {}


def test_from_python_it_is_switched_as_over_http(sandbox: Sandbox, wired: dict[str, Reader]) -> None:
    reader = wired["partner"]
    sandbox.wire.switch("error", "partner", "students", reader.unit[1], times=1)
    assert [reader.ask().status_code for _ in range(2)] == [500, 200]
    sandbox.wire.switch("error", "partner")
    sandbox.wire.switch("forbidden", "ims")
    assert [wired[system].ask().status_code for system in ("partner", "ims", "registry")] == [500, 403, 200]
    sandbox.wire.switch("error", is_on=False)
    assert [wired[system].ask().status_code for system in ("partner", "ims")] == [200, 403]
    sandbox.wire.clear()
    assert wired["ims"].ask().status_code == 200


def test_the_control_lists_faults_of_both_kinds(practice: Practice) -> None:
    practice.fault("orphan", "79760401")
    practice.fault("nul", "79760401", system="partner", resource="students")
    assert practice.get("/_control/faults").json() == {
        "on": [["orphan", "79760401"]], "wire": [["nul", "partner", "students", "79760401"]]}  # fmt: skip


def test_several_faults_work_together(wired: dict[str, Reader]) -> None:
    reader = wired["partner"].of(size=("size", 1000))
    (whole,) = reader.reading()
    for name, options in (("clamped", {"size": 40}), ("page_missing", {}), ("nul", {}), ("wrong_type", {})):
        reader.switch(name, **options)
    pages = reader.reading()
    assert reader.keys(flat(pages)) == reader.keys(whole[:40] + whole[80:])
    assert "\0" in pages[0][2]["data"]["hovaten"]
    assert reader.ask().headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("system", sorted(LISTS))
def test_a_refusal_of_the_system_itself_comes_through(wired: dict[str, Reader], system: str) -> None:
    reader = wired[system].of(headers={})
    for name in ("clamped", "endless", "total_off", "nul", "nfd"):
        reader.switch(name)
    assert reader.ask().status_code == 401
    assert wired[system].ask(**{reader.size[0]: "many"}).status_code == 400


def test_a_wrong_credential_is_still_refused_by_the_partner(wired: dict[str, Reader]) -> None:
    reader = wired["partner"]
    reader.switch("token_expired")
    assert partner.TOKEN in reader.headers["Authorization"]
    assert [reader.ask().status_code, reader.of(headers={"Authorization": "Bearer x"}).ask().status_code] == [401, 401]
