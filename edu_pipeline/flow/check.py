"""What a connection's server does, found out by asking: its name, its certificate, one page of each resource.

Connection -> name, certificate, credentials, clock, a page a resource -> rows of (check, about, state, says, remedy)

What does not belong here: pulling (pull.py). Nothing that comes is kept, and of a record nothing is told but counts,
names of fields and words of code lists. `warn` is what the pipeline lives with, and says at which price.
"""

import datetime as dt
import socket
import ssl
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from edu_pipeline.flow.approval import refusal
from edu_pipeline.landing.address import resolve
from edu_pipeline.landing.client import CONNECT_SECONDS, Client
from edu_pipeline.landing.each import each
from edu_pipeline.landing.errors import Absent, PullError, Unauthorized
from edu_pipeline.landing.look import Look, strays_of
from edu_pipeline.landing.paging import Page, pages
from edu_pipeline.landing.read import Reading, readings
from edu_pipeline.landing.redact import redacted, uncollected_paths
from edu_pipeline.landing.watermark import clock
from edu_pipeline.normalize.clean import Words, clean
from edu_pipeline.settings import CITY_ZONE, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.paths import find, key
from edu_pipeline.sources.resource import Resource
from edu_pipeline.sources.site import Connection
from edu_pipeline.sources.window import silent

Row = dict[str, Any]

# Days that a certificate must still hold, and seconds that a server's clock may be wrong.
CERTIFICATE_DAYS, SKEW_SECONDS = 30, 120
# A longer word, or one of several words, may be a name that was put into a wrong field: it is counted, not shown.
_WORD, _WORDS = 16, 5


def check(connection_id: str, unit: str = "") -> list[Row]:
    """Rows on one connection, asked of one unit (none named: its first).

    A page is asked for only where the letter's gate and the windows let the connection be pulled. Raises KeyError for
    an unknown connection or unit, or a missing secret.
    """
    config = settings()
    site = sites.load(config.site_dir)
    connection = site.connection(connection_id)
    if unit and unit not in {link.unit for link in connection.links_on(config.today())}:
        raise KeyError(f"{connection_id} does not answer for unit {unit} today: see connections.yaml, handovers.yaml")
    rows = [row for origin in connection.origins for row in _server(connection, origin)]
    if any(row["state"] == "fail" for row in rows):
        return rows
    closed = refusal(site, connection, config.today())
    window = silent(connection.windows, unit, config.now())
    if closed or window:
        return [*rows, _row("gate", "", "fail", closed or (window.said if window else ""), "no page was asked for")]
    client, keys = Client(connection, config.secret), dict[str, list[str]]()
    years = site.readable_years(config.today())
    for name, resource in connection.kind.resources.items():
        told = readings(connection, name, years, config.today())
        asked = (r for r in told if (not unit or r.unit_id in ("", unit))
                 and not silent(connection.windows, r.unit_id, config.now()))  # fmt: skip
        reading = next(asked, None)
        if reading is None:
            said = "no unit may be asked, or no school year is due"
            rows.append(_row("answer", name, "warn", said, "see the windows in connections.yaml, and calendar.yaml"))
            continue
        try:
            # Lookups, headcounts and heads' words are no entity's.
            unwanted = site.catalogue.uncollected(resource.entity) if resource.entity else frozenset[str]()
            rows += _resource(client, name, resource, reading, unwanted, keys)
        except Unauthorized as error:
            return [*rows, _row("credentials", name, "fail", error.cause, error.remedy)]
        except PullError as error:
            # A product without a place where heads confirm is read all the same.
            is_lived_with = resource.use == "confirmation" and isinstance(error, Absent)
            remedy = "heads confirm on paper (`edu-pipeline year confirm`)" if is_lived_with else error.remedy
            rows.append(_row("answer", name, "warn" if is_lived_with else "fail", error.cause, remedy))
    return rows


def _row(what: str, about: str, state: str, says: str, remedy: str = "") -> Row:
    return {"check": what, "about": about, "state": state, "says": says, "remedy": remedy if state != "ok" else ""}


def _server(connection: Connection, origin: str) -> Iterator[Row]:
    parts = urlsplit(origin)
    try:
        address = resolve(connection.id, origin)
    except PullError as error:
        yield _row("name", origin, "fail", error.cause, error.remedy)
        return
    yield _row("name", origin, "ok", f"{parts.hostname} is {address}")
    if parts.scheme != "https":
        yield _row("certificate", origin, "warn", "plain HTTP", "only a practice system on this machine may do so")
        return
    try:
        days = _days_left(address, parts.hostname or "", parts.port or 443)
    except OSError as error:
        # Of ssl and socket errors the class says enough; their texts may quote the other side.
        said = getattr(error, "verify_message", "") or type(error).__name__
        yield _row("certificate", origin, "fail", said, "ask the vendor for a certificate of this name")
        return
    state = "ok" if days >= CERTIFICATE_DAYS else "warn"
    yield _row("certificate", origin, state, f"{days} days left", "ask the vendor to renew it before it ends")


def _days_left(address: str, name: str, port: int) -> int:
    """Days that the server's certificate still holds; OSError where it is not that name's or nobody answers."""
    with (
        socket.create_connection((address, port), CONNECT_SECONDS) as raw,
        ssl.create_default_context().wrap_socket(raw, server_hostname=name) as secured,
    ):
        said = secured.getpeercert()
    assert said is not None
    ends = dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(str(said["notAfter"])), dt.UTC)
    return (ends - dt.datetime.now(dt.UTC)).days


def _resource(
    client: Client,
    name: str,
    resource: Resource,
    reading: Reading,
    uncollected: Collection[str],
    keys: dict[str, list[str]],
) -> Iterator[Row]:
    kind = client.connection.kind
    if resource.each is None:
        told = pages(client, resource, reading.params, reading.place)
    elif known := keys.get(resource.each.of):
        told = each(client, resource, reading.params, reading.place, known[:1])
    else:
        yield _row("answer", name, "warn", f"no {resource.each.of} to ask by", "nothing was asked for")
        return
    # What is not collected is not looked at either: a word of it would be shown as untranslated.
    try:
        page = next(told)
    except StopIteration as end:
        # Of many questions one that is refused raises nothing.
        yield _row("answer", name, "fail", end.value or "no page", "ask for the right to read it, or mend the resource")
        return
    first = redacted(page, resource, uncollected_paths(resource, uncollected), kind.timezone)
    keys[name] = [found for record in first.records if (found := key(record, kind.key(resource)))]
    yield _row("answer", name, "ok", f"{len(first.records)} records on a page, total {first.declared}")
    yield _clock(name, first)
    if resource.use == "records":
        yield _total(name, first, ends_whole=kind.paging.ends_whole)
        if kind.paging.size:
            yield from _cap(name, first, told, kind.paging.size)
        look = Look(strays_of(client.connection, resource, reading))
        look.take(first, kind, kind.key(resource))
        if look.nameless:
            said = f"{look.nameless} records without a usable key"
            yield _row("key", name, "fail", said, f"ask the vendor to fill {', '.join(kind.key(resource))}")
        if reading.unit_id and resource.claim and first.records:
            said = f"{look.strays} records of other units" if look.strays else "no other unit of the connection"
            yield _row("filter", name, "fail" if look.strays else "ok", said, "ask the vendor why the unit is ignored")
        yield from _content(client.connection, name, resource, reading, first.records, uncollected)


def _clock(name: str, page: Page) -> Row:
    told = clock(page.told_at)
    if told is None:
        return _row("clock", name, "warn", "no date in its headers", "ask the vendor to send the Date header")
    skew = abs((told - settings().now().replace(tzinfo=CITY_ZONE)).total_seconds())
    state = "ok" if skew <= SKEW_SECONDS else "warn"
    return _row("clock", name, state, f"{skew:.0f} s apart", "ask the vendor to set the server's clock")


def _total(name: str, page: Page, *, ends_whole: bool) -> Row:
    if page.declared is None:
        if ends_whole:
            return _row("total", name, "ok", "declares no total; a reading that came to its end is taken for all")
        remedy = "removals are never taken from it; ask the vendor to declare a total"
        return _row("total", name, "warn", "declares no total", remedy)
    return _row("total", name, "ok", f"declares {page.declared}")


def _cap(name: str, first: Page, told: Iterator[Page], size: int) -> Iterator[Row]:
    """Whether a page is cut shorter than was asked for: only what follows it shows."""
    found = len(first.records)
    if found > size:
        yield _row("page size", name, "warn", f"{found} records where {size} were asked for", "the size is ignored")
    elif 0 < found < size and first.declared != found and (after := next(told, None)) and after.records:
        said = f"{found} records where {size} were asked for"
        yield _row("page size", name, "warn", said, "the vendor caps its pages: write this size into the system's file")
    else:
        yield _row("page size", name, "ok", f"as asked for ({size})" if found == size else f"all {found} fit on a page")


def _content(
    connection: Connection,
    name: str,
    resource: Resource,
    reading: Reading,
    records: list[dict[str, Any]],
    uncollected: Collection[str],
) -> Iterator[Row]:
    """Mapped fields that never have a value on the page, and words that no code table knows."""
    mapped = {field: m for field, m in resource.fields.items()
              if field not in uncollected and m.paths[0].split(".")[0] not in resource.joins}  # fmt: skip
    said = {f: pd.Series([find(r, m.paths[0]) for r in records], dtype=object) for f, m in mapped.items()}
    empty = sorted(field for field, values in said.items() if not values.notna().any())
    if records:
        says = f"{len(mapped) - len(empty)} of {len(mapped)} fields have a value" + (
            f"; never: {', '.join(empty)}" if empty else ""
        )
        yield _row("fields", name, "warn" if empty else "ok", says, "is it the page, the product, or a wrong path?")
    for field, values in said.items():
        table = mapped[field].codes
        if table is None:
            continue
        codes = connection.kind.table(table, reading.school_year)
        unknown = values[clean(values, "code", Words(codes)).is_fault].astype(str)
        words = sorted({word for word in unknown if len(word) <= _WORD and " " not in word})[:_WORDS]
        if len(unknown):
            shown = f": {', '.join(words)}" if words else ""
            remedy = f"add them to codes.{table} of the system's file"
            yield _row("codes", f"{name}.{field}", "warn", f"{len(unknown)} values untranslated{shown}", remedy)
