"""Chance that depends on whom it is about, never on when it is asked: the same person has the same address every night.

root id, topic -> number, pick

What does not belong here: what is chosen from (profile.py, family.py, ...). Stories have a random sequence of their
own.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import TypeVar

Option = TypeVar("Option")


def lot(root: str, topic: str, sides: int) -> int:
    """A number from 0 up to but not including `sides`."""
    return int.from_bytes(blake2b(f"{root} {topic}".encode(), digest_size=8).digest(), "big") % sides


def hits(root: str, topic: str, per_thousand: int) -> bool:
    """True for so many of a thousand."""
    return lot(root, topic, 1000) < per_thousand


def pick(root: str, topic: str, options: Sequence[Option]) -> Option:
    """One of the options, each as likely."""
    return options[lot(root, topic, len(options))]


def weighted(root: str, topic: str, options: Mapping[Option, int]) -> Option:
    """One of the options, by their weights."""
    drawn = lot(root, topic, sum(options.values()))
    bounds = accumulate(options.values())
    return next(option for option, bound in zip(options, bounds, strict=True) if drawn < bound)


def digits(root: str, topic: str, count: int) -> str:
    """So many digits."""
    return f"{lot(root, topic, 10**count):0{count}d}"
