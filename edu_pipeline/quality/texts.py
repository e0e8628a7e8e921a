"""What a rule is about, what it weighs, whose it is, and how it is mended, in both languages.

rules.yaml -> checked -> Text by id

What does not belong here: what a site decides otherwise (sources/weights.py).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from edu_pipeline.contracts.severity import Severity, WrongRule, severity_of
from edu_pipeline.sources.lines import parse
from edu_pipeline.sources.weights import CRITERIA

PARTIES = ("unit", "vendor", "other unit", "department")
_KEYS = {"of", "is", "by", "weight", "en", "vi"}
# Said once of all rules, under this key.
DEFAULTS = "defaults"


class WrongText(WrongRule):
    """rules.yaml is wrong; the message names the rule and what to write."""


@dataclass(frozen=True)
class Text:
    """An entry of rules.yaml. `of`: the other fields, records and systems that the rule compares with."""

    of: tuple[str, ...]
    criterion: str
    party: str
    weight: float
    en: str
    vi: str
    until: dt.date | None = None
    severity: Severity = Severity.WARN


def checked(said: Mapping[str, Any]) -> dict[str, Text]:
    """Entries by rule id; WrongRule for a key, criterion, party or severity that there is not, a weight of 0."""
    defaults = dict(said.get(DEFAULTS, {}))
    if set(defaults) != {"severity"}:
        raise WrongText(f"{DEFAULTS}: write the severity of all rules, and nothing else: {{severity: warn}}")
    severity = _severity(DEFAULTS, defaults["severity"])
    return {rule: _checked(rule, entry, severity) for rule, entry in said.items() if rule != DEFAULTS}


def _severity(rule: str, said: Any) -> Severity:
    severity = severity_of(rule, said)
    if severity is not Severity.WARN:
        raise WrongText(
            f"{rule}: severity {severity.value} contradicts what it judges: the record has been admitted; write warn,"
            " or stop it as it comes in (contracts/rules.py)"
        )
    return severity


def _checked(rule: str, entry: Mapping[str, Any], severity: Severity) -> Text:
    found = set(entry)
    if wrong := sorted((found - _KEYS - {"until", "severity"}) | (_KEYS - found)):
        raise WrongText(f"{rule}: {', '.join(wrong)} is unknown or missing; write {', '.join(sorted(_KEYS))}")
    for key, allowed in (("is", CRITERIA), ("by", PARTIES)):
        if entry[key] not in allowed:
            raise WrongText(f"{rule}: {key} is {entry[key]!r}; write one of {', '.join(allowed)}")
    if not entry["weight"] > 0:
        raise WrongText(f"{rule}: a weight is above 0; to let it cost nothing, write `until`")
    if "severity" in entry:
        severity = _severity(rule, entry["severity"])
    return Text(tuple(entry["of"]), entry["is"], entry["by"], float(entry["weight"]), entry["en"], entry["vi"],
                entry.get("until"), severity)  # fmt: skip


@cache
def texts() -> dict[str, Text]:
    """All entries."""
    document = files("edu_pipeline.quality").joinpath("rules.yaml").read_text(encoding="utf-8")
    # It refuses a key that is said twice: of two severities the second would count, without a word.
    return checked(parse(document, "quality/rules.yaml").value)
