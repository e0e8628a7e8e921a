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

import yaml

from edu_pipeline.sources.weights import CRITERIA

PARTIES = ("unit", "vendor", "other unit", "department")
_KEYS = {"of", "is", "by", "weight", "en", "vi"}


class WrongText(ValueError):
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


def checked(said: Mapping[str, Any]) -> dict[str, Text]:
    """Entries by rule id; WrongText for a key, criterion or party that there is not, and for a weight of nothing."""
    return {rule: _checked(rule, entry) for rule, entry in said.items()}


def _checked(rule: str, entry: Mapping[str, Any]) -> Text:
    found = set(entry)
    if wrong := sorted((found - _KEYS - {"until"}) | (_KEYS - found)):
        raise WrongText(f"{rule}: {', '.join(wrong)} is unknown or missing; write {', '.join(sorted(_KEYS))}")
    for key, allowed in (("is", CRITERIA), ("by", PARTIES)):
        if entry[key] not in allowed:
            raise WrongText(f"{rule}: {key} is {entry[key]!r}; write one of {', '.join(allowed)}")
    if not entry["weight"] > 0:
        raise WrongText(f"{rule}: a weight is above 0; to let it cost nothing, write `until`")
    return Text(tuple(entry["of"]), entry["is"], entry["by"], float(entry["weight"]), entry["en"], entry["vi"],
                entry.get("until"))  # fmt: skip


@cache
def texts() -> dict[str, Text]:
    """All entries."""
    document = files("edu_pipeline.quality").joinpath("rules.yaml").read_text(encoding="utf-8")
    return checked(yaml.safe_load(document))
