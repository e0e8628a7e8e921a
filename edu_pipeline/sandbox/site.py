"""The practice city's site configuration, and the secrets that its systems accept.

City, address, day -> connections.yaml, approvals.yaml, calendar.yaml, events.yaml, rollover.yaml, secrets/

What does not belong here: reading a site (the pipeline does).
"""

import datetime as dt
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from edu_pipeline.sandbox import canvas, clock, hoaphuong, moodle, oneroster, partner, portal, registry
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.moves import Event
from edu_pipeline.sandbox.units import class_name

SECRETS = {
    "REGISTRY_TOKEN": registry.TOKEN,
    "SAOMAI_TOKEN": partner.TOKEN,
    "HOAPHUONG_CLIENT": hoaphuong.CLIENT,
    "HOAPHUONG_KEY": hoaphuong.KEY,
    "PORTAL_TOKEN": portal.TOKEN,
    "MOODLE_TOKEN": moodle.TOKEN,
    "CANVAS_TOKEN": canvas.TOKEN,
    "LOTUS_CLIENT_ID": oneroster.CLIENT_ID,
    "LOTUS_CLIENT_SECRET": oneroster.CLIENT_SECRET,
}

# Where the learning-management systems are.
_LEARNING = {"moodle": "moodle/webservice/rest", "canvas": "canvas/api/v1"}
_OWNER = {"name": "Practice city", "contact": "practice@example.edu.vn"}


def connections(city: City, base_url: str, day: dt.date) -> dict[str, Any]:
    """connections.yaml as a value; a unit that changes its vendor stands under the one that it has on the day."""
    found: list[dict[str, Any]] = [
        {"id": "registry", "system": "registry", "base_url": f"{base_url}/registry/v0",
         "auth": {"token": "REGISTRY_TOKEN"}, "owner": _OWNER}
    ]  # fmt: skip
    partners = [{"unit": unit.code} for unit in city.units if unit.system_on(day) == "saomai"]
    if partners:
        found.append({"id": "saomai", "system": "partner", "base_url": f"{base_url}/partner/v0",
                      "auth": {"token": "SAOMAI_TOKEN"}, "owner": _OWNER, "units": partners})  # fmt: skip
    if others := [{"unit": unit.code} for unit in city.units if unit.system_on(day) == "hoaphuong"]:
        found.append({"id": "hoaphuong", "system": "hoaphuong", "base_url": f"{base_url}/hoaphuong/api/v2",
                      "auth": {"client": "HOAPHUONG_CLIENT", "key": "HOAPHUONG_KEY"}, "owner": _OWNER,
                      "units": others})  # fmt: skip
    found.append(
        {"id": "lotus", "system": "oneroster", "base_url": f"{base_url}/ims/oneroster/rostering/v1p2",
         "auth": {"token_url": f"{base_url}/oauth/token", "client_id": "LOTUS_CLIENT_ID",
                  "client_secret": "LOTUS_CLIENT_SECRET"}, "owner": _OWNER,
         "units": [{"unit": u.code, "key": u.org} for u in city.units if u.system == "lotus"]}
    )  # fmt: skip
    found.append({"id": "portal", "system": "portal", "base_url": f"{base_url}/portal/v1",
                  "auth": {"token": "PORTAL_TOKEN"}, "owner": _OWNER})  # fmt: skip
    found += [
        {"id": product, "system": product, "base_url": f"{base_url}/{_LEARNING[product]}",
         "auth": {"token": f"{product.upper()}_TOKEN"}, "owner": _OWNER,
         "units": [{"unit": unit} for unit in units if city.unit(unit).is_open(day)]}
        for product, units in city.learning.items()
    ]  # fmt: skip
    # One process is all of them, and bears what no vendor's server has to.
    limits = {"requests_per_second": 1000, "parallel": 1}
    host = urlsplit(base_url).hostname
    return {"city": "practice", "hosts": {host: {**limits, "parallel": 4}},
            "connections": [{**one, "limits": limits} for one in found]}  # fmt: skip


def approvals(found: list[dict[str, Any]], day: dt.date) -> dict[str, Any]:
    """approvals.yaml as a value: what the Department has decided; each is assessed on 1 February and 1 August."""
    half = dt.date(day.year, 8, 1) if day.month >= 8 else dt.date(day.year, 2, 1)
    assessed = half if half <= day else dt.date(day.year - 1, 8, 1)
    return {"approvals": {one["id"]: _approved(one["id"], number, assessed) for number, one in enumerate(found, 1)}}


def _approved(name: str, number: int, assessed: dt.date) -> dict[str, Any]:
    return {
        "axis": {"decision": f"{100 + number}/QĐ-SGDĐT", "authority": "Sở Giáo dục và Đào tạo",
                 "date": dt.date(2023, 6, 1)},
        "security": {"level": 3, "decision": f"{200 + number}/QĐ-STTTT", "authority": "Sở Thông tin và Truyền thông",
                     "date": dt.date(2023, 6, 15), "valid_until": dt.date(2028, 6, 14),
                     "scope": f"Hệ thống {name}, kết nối Cơ sở dữ liệu ngành", "assessed_on": assessed},
    }  # fmt: skip


_CALENDAR = """\
# The city's calendar; replace a date here, nowhere else. A level that differs says so in its year, as in
#   levels: {upper_secondary: {retests_end: 2025-07-31}}
# What is known: the deadlines of autumn 2024 (the letter of September 2024: 13/9, 20/9, 27/9; corrections to 31/10),
# the opening, end and admissions of 2024-2025, the statistics of autumn 2025 (16/10/2025). The other years are assumed
# alike.
years:
  - school_year: 2023
    terms: [{term: 1, begin: 2023-09-05, end: 2024-01-14}, {term: 2, begin: 2024-01-15, end: 2024-05-31}]
    opening: 2023-09-05
    rollover_deadline: 2023-09-15
    start_of_year_fields: 2023-09-20
    connection_report: 2023-09-27
    statistics_date: 2023-10-16
    corrections_end: 2023-10-31
    results_close: 2024-05-31
    retests_end: 2024-08-20
    admissions_end: 2024-07-31
  - school_year: 2024
    terms: [{term: 1, begin: 2024-09-05, end: 2025-01-12}, {term: 2, begin: 2025-01-13, end: 2025-05-31}]
    opening: 2024-09-05
    rollover_deadline: 2024-09-13
    start_of_year_fields: 2024-09-20
    connection_report: 2024-09-27
    statistics_date: 2024-10-16
    corrections_end: 2024-10-31
    results_close: 2025-05-31
    retests_end: 2025-08-20
    admissions_end: 2025-07-31
  - school_year: 2025
    terms: [{term: 1, begin: 2025-09-05, end: 2026-01-11}, {term: 2, begin: 2026-01-12, end: 2026-05-31}]
    opening: 2025-09-05
    rollover_deadline: 2025-09-12
    start_of_year_fields: 2025-09-19
    connection_report: 2025-09-26
    statistics_date: 2025-10-16
    corrections_end: 2025-10-31
    results_close: 2026-05-31
    retests_end: 2026-08-20
    admissions_end: 2026-07-31
"""


def policy() -> dict[str, Any]:
    """rollover.yaml as a value. Whoever tries the city has one database role: he plans and approves."""
    return {"four_eyes": False}


def events(city: City) -> dict[str, Any]:
    """events.yaml as a value: what the Department has decided about its units."""
    return {"events": [_said(city, event) for event in city.events]}


def _said(city: City, event: Event) -> dict[str, Any]:
    found: dict[str, Any] = {"event": event.event, "unit": event.unit}
    if event.event == "split":
        # The last class of each grade becomes the new unit (summer.py); the others stay.
        unit = city.unit(event.unit)
        classes = [class_name(unit.style, grade, unit.classes) for grade in unit.grades]
        found["to"] = [{"unit": event.to[0], "classes": classes}, {"unit": event.unit}]
    elif event.to:
        found["to"] = event.to[0]
    for name in ("parent", "head"):
        if value := getattr(event, name):
            found[name] = value
    if event.grades:
        found["grades"] = list(event.grades)
    return found | {"date": event.on, "decision": event.decision}


def write(folder: Path, city: City, base_url: str, day: dt.date = clock.PHASES["year_end"]) -> None:
    """Write the site folder as it is on a day."""
    folder.mkdir(parents=True, exist_ok=True)
    said = connections(city, base_url, day)
    _dump(folder / "connections.yaml", said)
    _dump(folder / "approvals.yaml", approvals(said["connections"], day))
    if city.events:
        _dump(folder / "events.yaml", events(city))
    (folder / "calendar.yaml").write_text(_CALENDAR)
    _dump(folder / "rollover.yaml", policy())
    (folder / "secrets").mkdir(mode=0o700, exist_ok=True)
    for name, value in SECRETS.items():
        (folder / "secrets" / name).touch(mode=0o600)
        (folder / "secrets" / name).write_text(value)


class _Plain(yaml.SafeDumper):
    """Writes every value out: an alias for two equal dates is for machines."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _dump(path: Path, value: dict[str, Any]) -> None:
    text = yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding="utf-8")
