"""One resource of a kind of system: how it is asked for, what its records are, which field is which.

systems/*.yaml, `resources:` -> checked -> Resource

What does not belong here: the system as a whole (system.py), its paging and its envelope (protocol.py).
"""

from typing import Literal

from pydantic import model_validator

from edu_pipeline.schema import PULLED, entity
from edu_pipeline.sources.lines import Misplaced, Strict

# The one that is not left to normalize: of a moment no more than its month may lie anywhere.
MONTH = "month"
CLEANERS = ("text", "name", "person_name", "integer", "decimal", "decimal_comma", "boolean", "date", "date_dmy",
            "instant_date", "partial_date", "partial_dmy", MONTH, "end_year", "year_label", "code", "unit")  # fmt: skip

# What a headcount says: the day, and how many pupils there are on it.
COUNTED = ("counted_on", "student_count")
# What a head's word says: what is confirmed and of which year, and who said so when; of a year's first data the
# appendix, of a rollover plan its hash.
CONFIRMED = ("kind", "school_year", "appendix", "plan_hash", "confirmed_at", "head_staff_id")
CONFIRMED_KINDS = ("plan", "start_of_year", "systems")
_SAYS = {"headcount": COUNTED, "confirmation": CONFIRMED}


class FieldMap(Strict):
    """One master field: a path into the record (or several, joined), a cleaner, a code table."""

    path: str | tuple[str, ...]
    clean: Literal[CLEANERS] = "text"  # type: ignore[valid-type]
    codes: str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,) if isinstance(self.path, str) else self.path


class Each(Strict):
    """One question for each record of another resource: by a parameter, or where the path says {each}."""

    of: str
    param: str | None = None


# What a record of such a resource is told beside its own words: the key that it was asked by.
ASKED = "_each"
# What a record is that is no object but a bare value: its only word.
BARE = "value"


class Resource(Strict):
    """One resource of the system and the entity that its records are.

    `key`: where its records' key stands, if not where the envelope says (several places: all together); of a lookup,
    what others know a record by. `skip`: words by which a record is none. `is_bare`: its records are bare values.
    """

    path: str
    entity: str | None = None
    use: Literal["records", "lookup", "headcount", "confirmation"] = "records"
    records: str | None = None
    params: dict[str, str | tuple[str, ...]] = {}
    each: Each | None = None
    skip: dict[str, str | None] = {}
    is_bare: bool = False
    key: str | tuple[str, ...] | None = None
    joins: dict[str, tuple[str, str]] = {}
    keep: tuple[str, ...] = ()
    ref_key: str | tuple[str, ...] | None = None
    claim: FieldMap | None = None
    fields: dict[str, FieldMap] = {}

    @model_validator(mode="after")
    def _asked_by_one_way(self) -> "Resource":
        if (self.each is not None and self.each.param is None) != ("{each}" in self.path):
            said = "`each` without `param` and {each} in the path go together"
            raise Misplaced(said, "each" if self.each else "path")
        if self.is_bare and self.use != "lookup":
            raise Misplaced("only a lookup's records may be bare values", "is_bare")
        if self.use == "lookup" and self.key is None:
            raise Misplaced("a lookup says by which `key` others know its records", "key")
        return self

    @model_validator(mode="after")
    def _fields_exist(self) -> "Resource":
        if self.use in _SAYS and set(self.fields) != set(_SAYS[self.use]):
            raise Misplaced(f"a {self.use} maps exactly {' and '.join(_SAYS[self.use])}", "fields")
        if self.use == "confirmation" and self.fields["kind"].codes is None:
            raise Misplaced(f"say by a code table what is confirmed: {', '.join(CONFIRMED_KINDS)}", "fields", "kind")
        if self.use != "records":
            return self
        if self.entity not in {e.name for e in PULLED}:
            said = f"resource {self.path}: entity {self.entity!r} is not one of the pulled entities"
            raise Misplaced(said, "entity")
        declared = entity(self.entity)
        known = {*declared.field_names, *declared.source_keys}
        if unknown := sorted(set(self.fields) - known):
            said = f"resource {self.path}: {self.entity} declares no field {', '.join(unknown)}"
            raise Misplaced(said, "fields", unknown[0])
        return self
