"""The words that say of a field what type it has, when it is needed, what for, and what a new year does with it.

kinds -> field -> entity modules

What does not belong here: any declaration. Standard library only.
"""

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
