"""What a rule on what stands is: whom it asks, and what is wrong there.

Rule(id, asked, fails) over the columns of a frame; its texts, criterion, weight and party stand in rules.yaml by id

What does not belong here: any rule (pupils.py, places.py, ... declare them), any SQL of a frame (frames.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, null

Columns = Any  # a frame's `.c`: columns by name
Condition = Callable[[Columns], ColumnElement[bool]]


@dataclass(frozen=True)
class Rule:
    """A rule of a frame. `id` is entity.field.check; `asked(c)`: of whom it is asked, `fails(c)`: where it is broken.

    Where either is not known, because a value is missing, the rule is not asked: that a value is missing is a rule
    of its own, and nobody loses points twice for one gap.
    """

    id: str
    fails: Condition
    asked: Condition | None = None

    @property
    def entity(self) -> str:
        return self.id.split(".")[0]

    @property
    def field(self) -> str:
        return self.id.split(".")[1]

    @property
    def check(self) -> str:
        return self.id.split(".")[2]

    def failed(self, c: Columns) -> ColumnElement[int]:
        """1 where it is broken, 0 where it holds, NULL where it is not asked."""
        broken = cast(self.fails(c), Integer)
        return broken if self.asked is None else case((self.asked(c), broken), else_=null())
