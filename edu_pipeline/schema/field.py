"""The words a declaration is written in: field, entity, reference, code set.

field, entity -> contracts (tables, suites, rules, frames, grants, catalogue)

What does not belong here: any value (they stand in the entity modules), any rendering (contracts), any import but
the standard library's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Type of a field's value, named so that every rendering can translate it."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    PARTIAL_DATE = "partial date"
    BOOLEAN = "boolean"


class Need(StrEnum):
    """What its absence means: `key` rejects the row, `expected` costs the unit points, `optional` nothing."""

    KEY = "key"
    EXPECTED = "expected"
    OPTIONAL = "optional"


# YYYY, YYYY-MM or YYYY-MM-DD of a day that exists. As text, so that a part invents nothing, one date is a beginning of
# another exactly if they may be the same day, and they sort.
_LEAP = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
PARTIAL_DATE = (
    "[0-9]{4}(-(0[1-9]|1[0-2]))?"
    "|[0-9]{4}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
    "|[0-9]{4}-(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|[0-9]{{4}}-02-(0[1-9]|1[0-9]|2[0-8])|{_LEAP}-02-29"
)


class Due(StrEnum):
    """The time of year by which an `expected` value has to be there (the calendar says the day)."""

    ENTRY = "entry"
    START_OF_YEAR = "start of year"
    MID_YEAR = "mid year"
    YEAR_END = "year end"


class Purpose(StrEnum):
    """What a value is collected for. Those of `OFF_BY_DEFAULT` are not collected unless the site turns them on."""

    IDENTITY = "identity"
    STUDY = "study"
    EMPLOYMENT = "employment"
    CONTACT = "contact"
    SUPPORT = "support"
    STATISTICS = "statistics"
    HEALTH = "health"
    RELIGION = "religion"
    AFFILIATION = "affiliation"


# Sensitive data that the way of a pupil through school does not need (domain.md 8.2: minimise).
OFF_BY_DEFAULT: frozenset[Purpose] = frozenset({Purpose.HEALTH, Purpose.RELIGION, Purpose.AFFILIATION})


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
    """A list of codes; `codes` maps each code to its (English, Vietnamese) label.

    `is_open`: the law changes it, so that its codes, with validity and successors, are versioned data
    (schema/lists.py) in reference tables; a closed list is part of the schema.
    """

    name: str
    label_vi: str
    source: str
    codes: Mapping[str, tuple[str, str]]
    is_open: bool = False


@dataclass(frozen=True)
class Field:
    """One declared value of an entity. Bounds are inclusive; `pattern` is bare ASCII, each renderer anchors it.

    `due` belongs to expected fields; whether that makes it a start-of-year field of the Department's catalogue, and
    in which appendix it stands, the site may say otherwise (docs/assumptions.md).
    """

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
    purpose: Purpose = Purpose.STUDY
    due: Due | None = None

    @property
    def form(self) -> str | None:
        """The pattern that the value's text must have, declared or of its kind; None for any."""
        return PARTIAL_DATE if self.kind is Kind.PARTIAL_DATE else self.pattern


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
    """A master entity: `key` is its natural key; `identity` names the field that holds a root id for life, if any.

    `appendix`: of QD 1230, as assumed (I units and classes, II staff, III pupils; domain.md 1.1, its text is not
    public).
    """

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
    appendix: int | None = None

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
