"""What a broken check does, why some of it cannot be waived, and what people are told of it.

rules.yaml -> checked -> Check by name

What does not belong here: the rules themselves (rules.py), rules on what stands (quality/texts.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from edu_pipeline.sources.lines import parse

_TEXTS = {"en", "vi"}
_KEYS = {*_TEXTS, "severity"}


class WrongRule(ValueError):
    """A declaration of rules contradicts itself; the message names the rule and what to write."""


class Severity(StrEnum):
    """What a finding does: each is weaker than the one before it."""

    CLOSE = "close"  # the gate of the batch is closed
    REJECT = "reject"  # the record is quarantined
    BY_NEED = "by need"  # reject where the field is a key, warn elsewhere
    WARN = "warn"  # the record is admitted, with a finding


@dataclass(frozen=True)
class Check:
    """An entry of rules.yaml. `never`: why a record that is rejected for it cannot be let in."""

    severity: Severity
    en: str
    vi: str
    never: Mapping[str, str] | None = None


def checked(said: Mapping[str, Any]) -> dict[str, Check]:
    """Entries by check; WrongRule for an unknown or missing key, a severity that there is not, a contradiction."""
    return {name: _checked(name, entry) for name, entry in said.items()}


def _checked(name: str, entry: Any) -> Check:
    found = set(entry) if isinstance(entry, Mapping) else set()
    if wrong := sorted((found - _KEYS - {"never"}) | (_KEYS - found)):
        raise WrongRule(f"{name}: {', '.join(wrong)} is unknown or missing; write {', '.join(sorted(_KEYS))}")
    severity = severity_of(name, entry["severity"])
    if severity is Severity.CLOSE:
        raise WrongRule(f"{name}: one row closes no gate; write reject, warn or by need")
    never = entry.get("never")
    if never is not None and severity is Severity.WARN:
        raise WrongRule(f"{name}: what only warns rejects nobody, so there is nothing to waive; take `never` out")
    if never is not None and set(never) != _TEXTS:
        raise WrongRule(f"{name}: `never` says why, in en and vi")
    return Check(severity, entry["en"], entry["vi"], never)


def severity_of(name: str, said: Any) -> Severity:
    """A severity as it is written; WrongRule for two at once, and for a word that is none."""
    if not isinstance(said, str):
        raise WrongRule(f"{name}: severity is {said!r}; a rule has one, not several that contradict each other")
    if said not in set(Severity):
        raise WrongRule(f"{name}: severity is {said!r}; write one of {', '.join(Severity)}")
    return Severity(said)


@cache
def checks() -> dict[str, Check]:
    """All entries."""
    document = files("edu_pipeline.contracts").joinpath("rules.yaml").read_text(encoding="utf-8")
    # It refuses a key that is said twice: of two severities the second would count, without a word.
    return checked(parse(document, "contracts/rules.yaml").value)


def texts() -> dict[str, dict[str, str]]:
    """Why and how to mend, by check, in English and Vietnamese."""
    return {name: {"en": check.en, "vi": check.vi} for name, check in checks().items()}
