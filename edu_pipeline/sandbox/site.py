"""The practice city's site configuration, and the secrets that its systems accept.

City, address -> connections.yaml, calendar.yaml, secrets/

What does not belong here: reading a site (the pipeline does).
"""

from pathlib import Path
from typing import Any

import yaml

from edu_pipeline.sandbox import oneroster, partner, registry
from edu_pipeline.sandbox.city import City

SECRETS = {
    "REGISTRY_TOKEN": registry.TOKEN,
    "SAOMAI_TOKEN": partner.TOKEN,
    "LOTUS_CLIENT_ID": oneroster.CLIENT_ID,
    "LOTUS_CLIENT_SECRET": oneroster.CLIENT_SECRET,
}

_OWNER = {"name": "Practice city", "contact": "practice@example.edu.vn"}


def connections(city: City, base_url: str) -> dict[str, Any]:
    """connections.yaml as a value."""
    found: list[dict[str, Any]] = [
        {"id": "registry", "system": "registry", "base_url": f"{base_url}/registry/v0",
         "auth": {"token": "REGISTRY_TOKEN"}, "owner": _OWNER}
    ]  # fmt: skip
    partners = [{"unit": unit.code} for unit in city.units if unit.system == "saomai"]
    if partners:
        found.append({"id": "saomai", "system": "partner", "base_url": f"{base_url}/partner/v0",
                      "auth": {"token": "SAOMAI_TOKEN"}, "owner": _OWNER, "units": partners})  # fmt: skip
    found.append(
        {"id": "lotus", "system": "oneroster", "base_url": f"{base_url}/ims/oneroster/rostering/v1p2",
         "auth": {"token_url": f"{base_url}/oauth/token", "client_id": "LOTUS_CLIENT_ID",
                  "client_secret": "LOTUS_CLIENT_SECRET"}, "owner": _OWNER,
         "units": [{"unit": u.code, "key": u.org} for u in city.units if u.system == "lotus"]}
    )  # fmt: skip
    return {"city": "practice", "connections": found}


_CALENDAR = """\
# The city's calendar: deadlines of the letter of September 2024; replace a date here, nowhere else.
years:
  - school_year: 2023
    terms: [{term: 1, begin: 2023-09-05, end: 2024-01-14}, {term: 2, begin: 2024-01-15, end: 2024-05-31}]
    opening: 2023-09-05
    results_close: 2024-05-31
    retests_end: 2024-08-20
    rollover_deadline: 2023-09-15
    corrections_end: 2024-10-31
  - school_year: 2024
    terms: [{term: 1, begin: 2024-09-05, end: 2025-01-12}, {term: 2, begin: 2025-01-13, end: 2025-05-31}]
    opening: 2024-09-05
    results_close: 2025-05-31
    retests_end: 2025-08-20
    rollover_deadline: 2024-09-13
    corrections_end: 2025-10-31
"""


def write(folder: Path, city: City, base_url: str) -> None:
    """Write the site folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(connections(city, base_url), sort_keys=False, allow_unicode=True)
    (folder / "connections.yaml").write_text(text)
    (folder / "calendar.yaml").write_text(_CALENDAR)
    (folder / "secrets").mkdir(mode=0o700, exist_ok=True)
    for name, value in SECRETS.items():
        (folder / "secrets" / name).touch(mode=0o600)
        (folder / "secrets" / name).write_text(value)
