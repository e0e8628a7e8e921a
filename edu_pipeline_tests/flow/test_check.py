"""`connections check` finds out by asking what a server does, keeps nothing, and tells nothing of a child."""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edu_pipeline.cli import main
from edu_pipeline.flow import check as checking
from edu_pipeline.landing.read import Reading
from edu_pipeline.sandbox import partner
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

RESOURCE = "students"


@pytest.fixture
def world(stage: Callable[[str], World]) -> World:
    return stage("year_end")


def _found(world: World) -> dict[str, tuple[str, str]]:
    rows = checking.check("saomai", wire.schools(world)[0])
    return {row["check"]: (row["state"], row["says"]) for row in rows if row["about"] == RESOURCE}


def test_every_system_of_the_city_is_answered_for_and_nothing_is_kept(world: World) -> None:
    kept = "SELECT (SELECT count(*) FROM ops.batch), (SELECT count(*) FROM landing.page)"
    before = world.rows(kept)
    for connection in sites.load(settings().site_dir).connections:
        rows = checking.check(connection.id)
        assert [r for r in rows if r["state"] == "fail"] == []
        assert {r["about"].split(".")[0] for r in rows} >= set(connection.kind.resources)
        assert {"name", "certificate", "answer", "clock", "total", "page size", "fields"} <= {r["check"] for r in rows}
        assert all(r["remedy"] for r in rows if r["state"] != "ok")
    assert world.rows(kept) == before


def test_a_product_in_which_nobody_confirms_is_lived_with(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partner, "RESOURCES", [name for name in partner.RESOURCES if name != "confirmations"])
    rows = checking.check("saomai", wire.schools(world)[0])
    (row,) = [row for row in rows if row["about"] == "confirmations"]
    assert (row["state"], row["says"], row["remedy"][:22]) == ("warn", "HTTP 404", "heads confirm on paper")
    assert [r for r in rows if r["state"] == "fail"] == []


@pytest.mark.parametrize(
    ("fault", "options", "what", "state", "says"),
    [
        ("clamped", {"size": 20}, "page size", "warn", "20 records where"),
        ("no_total", {}, "total", "warn", "declares no total"),
        ("skewed_clock", {}, "clock", "warn", "s apart"),
        ("unauthorized", {}, "credentials", "fail", "HTTP 401"),
        ("forbidden", {}, "answer", "fail", "HTTP 403"),
        ("login_page", {}, "answer", "fail", "not JSON"),
    ],
)
def test_what_a_server_does_is_found_out(
    world: World, fault: str, options: dict[str, Any], what: str, state: str, says: str
) -> None:
    assert _found(world)[what if what != "credentials" else "answer"][0] == "ok"
    world.sandbox.wire.switch(fault, "partner", RESOURCE, **options)
    found = _found(world)[what]
    assert found[0] == state
    assert says in found[1]


def test_a_filter_that_is_ignored_is_found_out(world: World) -> None:
    unit, other = wire.schools(world)[:2]
    assert _found(world)["filter"][0] == "ok"
    world.sandbox.wire.switch("filter_ignored", "partner", RESOURCE, unit, served=other)
    assert _found(world)["filter"][0] == "fail"


def test_who_is_not_approved_is_asked_for_no_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = world.folder / "site" / "approvals.yaml"
    said = yaml.safe_load(path.read_text())
    del said["approvals"]["saomai"]
    path.write_text(yaml.safe_dump(said))
    monkeypatch.setattr(checking, "Client", None)  # whoever opened one would fail
    rows = checking.check("saomai")
    assert [r["check"] for r in rows if r["state"] == "fail"] == ["gate"]
    assert "no approval" in rows[-1]["says"]


def test_the_command_line_tells_and_fails_where_something_fails(world: World) -> None:
    assert CliRunner().invoke(main, ["connections", "check", "saomai"]).exit_code == 0
    world.sandbox.wire.switch("forbidden", "partner", RESOURCE)
    told = CliRunner().invoke(main, ["connections", "check", "saomai", "--json"])
    assert told.exit_code == 1
    assert "HTTP 403" in told.output
    unknown = CliRunner().invoke(main, ["connections", "check", "saomai", "--unit", "1"])
    assert unknown.exit_code == 1
    assert "does not answer for unit 1" in unknown.output
    names = {child.given for child in world.city.children if len(child.given) > 3}
    assert not any(f" {name}" in told.output for name in names)


def test_fields_without_a_value_and_words_without_a_code_are_named(site_dir: Path) -> None:
    connection = next(c for c in sites.load(site_dir).connections if c.system == "partner")
    resource = connection.kind.resources[RESOURCE]
    field, mapped = next((f, m) for f, m in resource.fields.items() if m.codes)
    assert mapped.codes is not None
    known, unknown, name = next(iter(connection.kind.table(mapped.codes, 2023))), "QX-7", "Nguyễn Thị Bí Mật"
    records = [_record(mapped.paths[0], value) for value in (known, unknown, name, None)]
    reading = Reading(RESOURCE, "79000001", 2023, "2", {})
    rows = {r["check"]: r for r in checking._content(connection, RESOURCE, resource, reading, records, ())}
    assert rows["codes"]["says"] == "2 values untranslated: QX-7"
    assert field not in rows["fields"]["says"]
    assert rows["fields"]["state"] == "warn"
    # A field that the site does not collect is not told of, neither by its words nor as empty.
    told = [*checking._content(connection, RESOURCE, resource, reading, records, {field})]
    assert not any(unknown in row["says"] or row["about"].endswith(f".{field}") for row in told)


def _record(path: str, value: object) -> dict[str, Any]:
    first, *rest = path.split(".")
    return {first: _record(".".join(rest), value) if rest else value}


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Port of a TLS server on this machine, and its certificate: of `localhost`, for ten more days."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=10, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = tmp_path / "server.pem", tmp_path / "server.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                          serialization.NoEncryption()))  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    asked, _ = listening.accept()
                except OSError:
                    return
                try:
                    context.wrap_socket(asked, server_side=True).close()
                except OSError:
                    asked.close()

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1], pem
        listening.shutdown(socket.SHUT_RDWR)


def test_days_of_a_certificate_are_counted_and_one_that_nobody_vouches_for_is_refused(
    secured: tuple[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, pem = secured
    with pytest.raises(ssl.SSLCertVerificationError):
        checking._days_left("127.0.0.1", "localhost", port)
    trusting = ssl.create_default_context(cafile=str(pem))
    monkeypatch.setattr(ssl, "create_default_context", lambda: trusting)
    assert checking._days_left("127.0.0.1", "localhost", port) == 10
    with pytest.raises(ssl.SSLCertVerificationError):
        checking._days_left("127.0.0.1", "another.example", port)
