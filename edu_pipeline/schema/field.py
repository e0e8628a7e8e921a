"""The words a declaration is written in: field, entity, reference, code set.

field, entity -> contracts (tables, suites, rules, frames, grants, catalogue)

What does not belong here: any value (they stand in the entity modules), any rendering (contracts), any import but
the standard library's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from edu_pipeline.schema.kinds import PARTIAL_DATE, Carry, Due, Kind, Need, Purpose, Scope, Sensitivity
from edu_pipeline.schema.sound import refuse, twice


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

    def __post_init__(self) -> None:
        is_number = self.kind in (Kind.INTEGER, Kind.DECIMAL)
        bounds = [bound for bound in (self.minimum, self.maximum) if bound is not None]
        is_text = self.kind is Kind.TEXT
        refuse(
            self.name,
            (
                (bool(bounds) and not is_number, f"{self.kind} has no minimum or maximum; bounds belong to numbers"),
                (bounds != sorted(bounds), "minimum is above maximum; exchange them"),
                (self.max_length is not None and not is_text, f"{self.kind} has no max_length; it belongs to text"),
                (self.pattern is not None and not is_text, f"{self.kind} has no pattern; it belongs to text"),
                (
                    self.codes is not None and self.default is not None and self.default not in self.codes.codes,
                    "the default is no code of its list; name one of the list's",
                ),
                (
                    self.need is Need.EXPECTED and self.due is None,
                    "expected, but due at no time of the year; say `due`",
                ),
                (self.need is not Need.EXPECTED and self.due is not None, "due, but not expected; say `expected`"),
            ),
        )

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

    def __post_init__(self) -> None:
        names = set(self.field_names)
        used = {*self.key, *(name for one in self.references for name in (*one.fields, *one.fills))}
        used |= {self.identity} if self.identity else set()
        weak = [field.name for field in self.fields if field.name in self.key and field.need is not Need.KEY]
        refuse(
            self.name,
            (
                *((True, f"field {name} is declared twice; take one away") for name in twice(self.field_names)),
                *((True, f"no field {name} is declared; declare it or name another") for name in sorted(used - names)),
                *((True, f"{name} is part of the key and may be empty; its need is `key`") for name in weak),
                *(
                    (True, f"the source's word {name} hides a field of that name; choose another")
                    for name in self.source_keys
                    if name in names
                ),
                (not self.key, "no key; name the fields that make a row unique"),
            ),
        )

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
    def names_units(self) -> tuple[str, ...]:
        """Fields that name units in a row that is no unit's own: each must be one that the register knows."""
        if self.scope is Scope.UNIT:
            return ()
        return tuple(name for reference in self.references if reference.entity == "unit" for name in reference.fields)

    @property
    def has_owner(self) -> bool:
        """True if one connection is authority for a unit's rows; the registry's own rows are nobody's but its."""
        return self.scope is Scope.UNIT or (self.scope is Scope.PERSON and bool(self.references))

    @property
    def source_keys(self) -> tuple[str, ...]:
        """Columns that hold the source's own words for the parents."""
        return tuple(reference.key for reference in self.references if reference.key)
