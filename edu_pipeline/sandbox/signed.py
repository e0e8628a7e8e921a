"""Whether a request is signed as OAuth 1.0a says, with HMAC-SHA256.

request, known keys -> its key, or why it is refused

What does not belong here: what is answered (oneroster11.py). Written from RFC 5849, sections 3.1 to 3.4, and OneRoster
1.1's security chapter (SHA-256 instead of SHA-1), and from nobody's client.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote

from starlette.requests import Request

METHOD, CLOCK_SECONDS = "HMAC-SHA256", 300


class Unsigned(ValueError):
    """The request is not signed as it must be; says what is wrong, never a secret."""


def encoded(said: str) -> str:
    """Percent-encoding of RFC 3986, as OAuth wants it."""
    return quote(said, safe="~")


def signature(method: str, address: str, pairs: list[tuple[str, str]], secret: str) -> str:
    """The signature of a request: `address` without its query, `pairs` all parameters but the signature itself."""
    joined = "&".join(f"{k}={v}" for k, v in sorted((encoded(k), encoded(v)) for k, v in pairs))
    base = "&".join((method.upper(), encoded(address), encoded(joined)))
    made = hmac.new(f"{encoded(secret)}&".encode(), base.encode(), hashlib.sha256)
    return base64.b64encode(made.digest()).decode()


class Signatures:
    """What has been signed so far: a nonce counts once."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.secrets, self.nonces = secrets, set[tuple[str, str, str]]()

    def check(self, request: Request) -> str:
        """The consumer key of a request that is signed; Unsigned says why it is not."""
        scheme, _, told = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "oauth":
            raise Unsigned("no OAuth authorization")
        said = {name.strip(): unquote(value.strip().strip('"'))
                for name, _, value in (part.partition("=") for part in told.split(","))}  # fmt: skip
        key, stamp, nonce = (said.get(f"oauth_{name}", "") for name in ("consumer_key", "timestamp", "nonce"))
        if said.get("oauth_signature_method") != METHOD:
            raise Unsigned(f"the signature method is not {METHOD}")
        if key not in self.secrets:
            raise Unsigned("the consumer key is not known")
        if not stamp.isdigit() or abs(time.time() - int(stamp)) > CLOCK_SECONDS:
            raise Unsigned("the timestamp is not of now")
        pairs = [(k, v) for k, v in said.items() if k not in ("oauth_signature", "realm")]
        pairs += parse_qsl(request.url.query, keep_blank_values=True)
        address = str(request.url.replace(query=""))
        expected = signature(request.method, address, pairs, self.secrets[key])
        if not hmac.compare_digest(expected, said.get("oauth_signature", "")):
            raise Unsigned("the signature is another")
        if (key, stamp, nonce) in self.nonces:
            raise Unsigned("the nonce was used before")
        self.nonces.add((key, stamp, nonce))
        return key
