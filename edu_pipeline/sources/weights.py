"""What a city decides about its figures: what weighs how much, from where a figure is green, which rules only observe.

EDU_SITE_DIR/quality.yaml (optional) -> checked -> Weights

What does not belong here: the rules (quality/). Bands and identifiers: domain.md 1.4. What the file lacks has weight 1.
"""

import datetime as dt
from pathlib import Path

from pydantic import Field, model_validator

from edu_pipeline.schema import ENTITIES, Need
from edu_pipeline.schema import Field as Declared
from edu_pipeline.sources.lines import Misplaced, Strict, checked, read

FILE = "quality.yaml"
CRITERIA = ("correct", "complete", "clean", "live")
# Fields that must be whole (domain.md 1.4): numbers of persons, codes of units.
IDENTIFIERS = frozenset({"personal_number", "student_id", "staff_id", "unit_id"})
_NEED = {Need.KEY: 3.0, Need.EXPECTED: 2.0, Need.OPTIONAL: 1.0}


class Own(Strict):
    """What is decided otherwise of one rule."""

    weight: float | None = Field(default=None, ge=0)
    until: dt.date | None = Field(default=None, description="to that day it finds, and costs nothing")
    reason: str = Field(min_length=1)


class Bands(Strict):
    """From which percent a figure is green, from which amber; below it is red."""

    green: float = Field(default=90, gt=0, le=100)
    amber: float = Field(default=75, gt=0, le=100)

    @model_validator(mode="after")
    def _in_order(self) -> "Bands":
        if self.amber >= self.green:
            raise Misplaced(f"amber from {self.amber} is not below green from {self.green}; exchange them", "amber")
        return self

    def of(self, score: float) -> str:
        return "green" if score >= self.green else "amber" if score >= self.amber else "red"


class Weights(Strict):
    """quality.yaml."""

    criteria: dict[str, float] = {}
    entities: dict[str, float] = {}
    rules: dict[str, Own] = {}
    bands: Bands = Bands()
    small: int = Field(default=30, ge=0, description="below how many pupils counts are shown instead of percents")

    @model_validator(mode="after")
    def _known(self) -> "Weights":
        for table, names in (("criteria", CRITERIA), ("entities", tuple(e.name for e in ENTITIES))):
            said = getattr(self, table)
            for name, weight in said.items():
                if name not in names:
                    raise Misplaced(f"no {name!r}; there are {', '.join(names)}", table, name)
                if weight < 0:
                    raise Misplaced("a weight is 0 or more", table, name)
            if said and not any(said.get(name, 1) for name in names):
                raise Misplaced("the weights sum to zero: nothing would count; give one of them a weight", table)
        return self

    def criterion(self, name: str) -> float:
        return self.criteria.get(name, 1)

    def entity(self, name: str) -> float:
        return self.entities.get(name, 1)

    @staticmethod
    def field(field: Declared | None) -> float:
        """By need; what is no field of the catalogue (a roster) counts like an expected one."""
        return _NEED[field.need] if field else _NEED[Need.EXPECTED]


def load(folder: Path) -> Weights:
    """The site's weights; the defaults without the file. ConfigurationError names file, line and remedy."""
    return checked(read(folder / FILE), Weights) if (folder / FILE).is_file() else Weights()
