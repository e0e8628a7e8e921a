"""A session talks to its connection's servers, at the address that was resolved once, and to nobody else."""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edu_pipeline.landing.client import Client
from edu_pipeline.landing.errors import Refused, Unreachable
from edu_pipeline.sources.site import Connection
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.landing.vendor import OWNER, serving

PLACE = "students, a unit"


def _connection(base_url: str) -> Connection:
    return Connection.model_validate(
        {"id": "mini", "system": "partner", "base_url": base_url, "auth": {"token": "T"}, "owner": OWNER}
    )


def _resolves(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Name lookups answer in turn, the last for ever; what was looked up is kept."""
    left, asked, true = list(answers), [], socket.getaddrinfo  # type: ignore[var-annotated]

    def getaddrinfo(host, port, *rest, **options):  # type: ignore[no-untyped-def]
        if host.replace(".", "").isdigit() or ":" in host:
            return true(host, port, *rest, **options)
        asked.append(host)
        return true(left.pop(0) if len(left) > 1 else left[0], port, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "169.254.169.254", "fe80::1", "0.0.0.0", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
     "fd00:ec2::254", "100.100.100.200", "224.0.0.1", "240.0.0.1"],
)  # fmt: skip
def test_a_name_that_leads_home_or_to_metadata_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    _resolves(monkeypatch, address)
    with pytest.raises(Refused, match=r"vendor\.example leads to this machine or to a metadata service"):
        Client(_connection("https://vendor.example"), lambda name: "token")


@pytest.mark.parametrize("address", ["203.0.113.7", "10.1.2.3", "192.168.1.9", "2001:db8::7", "fd12::7"])
def test_public_and_private_addresses_are_where_systems_live(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    asked = _resolves(monkeypatch, address)
    Client(_connection("https://vendor.example"), lambda name: "token")
    assert asked == ["vendor.example"]


def test_a_name_that_nobody_has_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*rest: object, **options: object) -> None:
        raise socket.gaierror("unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable, match=r"mini, its address: no server is called vendor\.example\. Remedy: check"):
        Client(_connection("https://vendor.example"), lambda name: "token")


def test_a_name_is_resolved_once_and_later_answers_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as vendor:
        vendor.script = [(200, {"records": []})]
        address = vendor.base_url.replace("127.0.0.1", "localhost")
        # Bound to another server after the first look: the classic rebinding.
        asked = _resolves(monkeypatch, "127.0.0.1", "169.254.169.254")
        client = Client(_connection(address), lambda name: "token")
        for _ in range(3):
            assert client.get("students", {}, PLACE).document == {"records": []}
        assert asked == ["localhost"]
        assert {headers["Host"] for _, headers in vendor.asked} == {address.removeprefix("http://")}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["/login", "https://elsewhere.example/", "http://169.254.169.254/latest/meta-data/"])
def test_no_redirect_is_followed(monkeypatch: pytest.MonkeyPatch, status: int, to: str) -> None:
    wire.try_at_once(monkeypatch)
    with serving() as vendor:
        vendor.script = [(status, b"", {"Location": to})]
        with pytest.raises(Refused, match="a redirect"):
            Client(vendor.connection(), lambda name: "token").get("students", {}, PLACE)
        assert len(vendor.asked) == 1


def test_the_address_of_a_path_cannot_leave_the_server() -> None:
    with serving() as vendor, serving() as other:
        vendor.script = other.script = [(200, {"records": []})]
        client = Client(vendor.connection(), lambda name: "token")
        object.__setattr__(client.connection, "base_url", other.base_url)
        with pytest.raises(Refused, match="sent to another server"):
            client.get("students", {}, PLACE)
        assert (vendor.asked, other.asked) == ([], [])


def _certified(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                          serialization.NoEncryption()))  # fmt: skip
    return certificate, private


class _Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "15")
        self.end_headers()
        self.wfile.write(b'{"records": []}')

    def log_message(self, *said: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A server with a certificate for the name localhost: its port, and whom to trust."""
    certificate, private = _certified(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    server = HTTPServer(("127.0.0.1", 0), _Hello)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_port, certificate
    server.shutdown()
    server.server_close()


def test_the_certificate_has_to_be_that_of_the_name_and_not_of_the_address(
    secure: tuple[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.try_at_once(monkeypatch)
    port, trusted = secure
    client = Client(_connection(f"https://localhost:{port}"), lambda name: "token")
    with pytest.raises(Unreachable, match=r"no whole answer \(SSLError\)"):
        client.get("students", {}, PLACE)  # a certificate that nobody vouches for
    client._session.verify = str(trusted)
    assert client.get("students", {}, PLACE).document == {"records": []}
    by_address = Client(_connection(f"https://127.0.0.1:{port}"), lambda name: "token")
    by_address._session.verify = str(trusted)
    with pytest.raises(Unreachable, match=r"no whole answer \(SSLError\)"):
        by_address.get("students", {}, PLACE)
