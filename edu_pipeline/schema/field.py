"""The words a declaration is written in: field, entity, reference, code set.

field, entity -> contracts (tables, suites, rules, frames, grants, catalogue)

What does not belong here: any value (they stand in the entity modules), any rendering (contracts), any import but
the standard library's.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Type of a field's value, named so that every rendering can translate it."""

    TEXT = "text"
    INTEGER = "integer"
    DATE = "date"
    BOOLEAN = "boolean"


class Need(StrEnum):
    """What its absence means: `key` rejects the row, `expected` costs the unit points, `optional` nothing."""

    KEY = "key"
    EXPECTED = "expected"
    OPTIONAL = "optional"


class Carry(StrEnum):
    """What a rollover does with the value in the new school year (design section 3)."""

    KEEP = "keep"
    CLEAR = "clear"
    RECONFIRM = "reconfirm"
    DERIVE = "derive"


class Sensitivity(StrEnum):
    """Who may read the value: it decides column privileges and masked views (domain.md section 8.2)."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class Scope(StrEnum):
    """How rows of an entity are keyed and could be distributed: city-wide, per person for life, or per unit."""

    CITY = "city"
    PERSON = "person"
    UNIT = "unit"


@dataclass(frozen=True)
class CodeSet:
    """A closed list of codes; `codes` maps each code to its (English, Vietnamese) label."""

    name: str
    label_vi: str
    source: str
    codes: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Field:
    """One declared value of an entity. Bounds are inclusive; `pattern` is bare ASCII, each renderer anchors it."""

    name: str
    kind: Kind
    label_vi: str
    description: str
    need: Need = Need.OPTIONAL
    codes: CodeSet | None = None
    pattern: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None
    carry: Carry = Carry.KEEP
    sensitivity: Sensitivity = Sensitivity.INTERNAL
    default: str | bool | None = None
    standard: str = "-"


@dataclass(frozen=True)
class Reference:
    """The row points to another entity: `fields` here equal that entity's key there.

    `key` names the source's own word for the parent (a column of every source row); `fills` names the fields that the
    parent supplies when the source row leaves them empty, because some systems say them only on the parent.
    """

    entity: str
    fields: tuple[str, ...]
    key: str | None = None
    fills: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class Entity:
    """A master entity: `key` is its natural key; `identity` names the field that holds a root id for life, if any."""

    name: str
    scope: Scope
    label_vi: str
    description: str
    standard: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...] = ()
    identity: str | None = None
    is_pulled: bool = True

    def field(self, name: str) -> Field:
        """Return the declared field; KeyError names entity and field."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"{self.name} declares no field {name!r}")

    @property
    def field_names(self) -> tuple[str, ...]:
        """Names in declared order: the order of columns everywhere."""
        return tuple(field.name for field in self.fields)

    @property
    def is_yearly(self) -> bool:
        """True if rows belong to a school year, so that they wait until that year is open for their unit."""
        return self.scope is Scope.UNIT and "school_year" in self.field_names

    @property
    def source_keys(self) -> tuple[str, ...]:
        """Columns that hold the source's own words for the parents."""
        return tuple(reference.key for reference in self.references if reference.key)
