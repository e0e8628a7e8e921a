"""A declaration that contradicts itself is refused where it is written, when the package is loaded.

what is wrong of a field, an entity or a list -> DeclarationError: file, line, name, what, remedy

What does not belong here: what may contradict (field.py, declare.py ask), rules on data (contracts/rules.py).
"""

import sys
from collections.abc import Iterable
from pathlib import Path

# The modules of the words themselves: the mistake lies in whoever uses them.
_WORDS = {"sound.py", "field.py", "declare.py", "<string>"}


class DeclarationError(ValueError):
    """Declarations that cannot all be true; the message says where each is written and what mends it."""


def refuse(name: str, found: Iterable[tuple[bool, str]]) -> None:
    """Raise DeclarationError if any (is wrong, what and remedy) is wrong of the declaration `name`."""
    if wrong := [said for is_wrong, said in found if is_wrong]:
        raise DeclarationError("\n".join(f"{_where()}: {name}: {said}" for said in wrong))


def twice(names: Iterable[str]) -> list[str]:
    """What is named more than once, in order."""
    seen: set[str] = set()
    return [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]


def _where() -> str:
    frame = sys._getframe(1)
    while frame.f_back and Path(frame.f_code.co_filename).name in _WORDS:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}, line {frame.f_lineno}"
