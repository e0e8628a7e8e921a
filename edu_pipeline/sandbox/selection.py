"""What a consumer may ask of a OneRoster collection: filter, sort, field selection.

objects, query -> objects, or BadRequest

What does not belong here: paging and HTTP (oneroster.py). Source: 1EdTech OneRoster 1.2 REST binding, chapters on
filtering, sorting and field selection; the field names are those of its data model.
"""

import re
from typing import Any

from edu_pipeline.sandbox.rosters import Thing

_BASE = {"sourcedId", "status", "dateLastModified", "metadata"}
_USER = _BASE | {"userMasterIdentifier", "username", "userIds", "enabledUser", "givenName", "familyName", "middleName",
                 "preferredFirstName", "preferredMiddleName", "preferredLastName", "pronouns", "roles", "userProfiles",
                 "primaryOrg", "identifier", "email", "sms", "phone", "agents", "grades", "password",
                 "resources"}  # fmt: skip
# A field of the model that `lotus` never fills is known nevertheless: to ask for it is no mistake.
FIELDS: dict[str, set[str]] = {
    "orgs": _BASE | {"name", "type", "identifier", "parent", "children"},
    "academicSessions": _BASE | {"title", "type", "startDate", "endDate", "parent", "children", "schoolYear"},
    "courses": _BASE | {"title", "schoolYear", "courseCode", "grades", "subjects", "org", "subjectCodes", "resources"},
    "classes": _BASE | {"title", "classCode", "classType", "location", "grades", "subjects", "course", "school",
                        "terms", "subjectCodes", "periods", "resources"},
    "students": _USER,
    "teachers": _USER,
    "users": _USER,
    "enrollments": _BASE | {"user", "class", "school", "role", "primary", "beginDate", "endDate"},
    "demographics": _BASE | {"birthDate", "sex", "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican",
                             "nativeHawaiianOrOtherPacificIslander", "white", "demographicRaceTwoOrMoreRaces",
                             "hispanicOrLatinoEthnicity", "countryOfBirthCode", "stateOfBirthAbbreviation",
                             "cityOfBirth", "publicSchoolResidenceStatus"},
}  # fmt: skip
_TERM = re.compile(r"([\w.]+)\s*(!=|>=|<=|=|>|<|~)\s*'([^']*)'")
_JOINER = re.compile(r"\s+(AND|OR)\s+")


class BadRequest(ValueError):
    """The query does not follow the binding; `minor` is the binding's own word for how."""

    def __init__(self, minor: str, said: str) -> None:
        self.minor = minor
        super().__init__(said)


def select(collection: str, rows: list[Thing], query: dict[str, str]) -> list[Thing]:
    """Filter and sort as the binding says. A sort by a field that is not there leaves the order as it is."""
    if "filter" in query:
        rows = _filtered(collection, rows, query["filter"])
    if "sort" in query:
        field = query["sort"]
        rows = sorted(rows, key=lambda row: str(_at(row, field) or ""), reverse=query.get("orderBy") == "desc")
    return rows


def chosen(collection: str, rows: list[Thing], query: dict[str, str]) -> list[Thing]:
    """The asked fields of each object. A field that the model does not have brings the whole object."""
    if "fields" not in query:
        return rows
    wanted = [field.strip() for field in query["fields"].split(",")]
    if not all(wanted):
        raise BadRequest("invalid_selection_field", "a field to select is blank")
    if not FIELDS[collection].issuperset(wanted):
        return rows
    return [{field: row[field] for field in wanted if field in row} for row in rows]


def _filtered(collection: str, rows: list[Thing], text: str) -> list[Thing]:
    kept: set[int] = set()
    for joiner, field, operator, value in _terms(text):
        if not _is_known(collection, rows, field):
            raise BadRequest("invalid_filter_field", f"no field {field!r} to filter by")
        also = _matching(rows, field, operator, value)
        kept = kept & also if joiner == "AND" else kept | also
    return [row for position, row in enumerate(rows) if position in kept]


def _terms(text: str) -> list[tuple[str, ...]]:
    """(joiner, field, operator, value) of each term. Read term by term, since a value may hold AND and OR itself."""
    text, position, joiner = text.strip(), 0, "OR"
    found: list[tuple[str, ...]] = []
    while term := _TERM.match(text, position):
        found.append((joiner, *term.groups()))
        if term.end() == len(text):
            return found
        joined = _JOINER.match(text, term.end())
        if joined is None:
            break
        joiner, position = joined[1], joined.end()
    raise BadRequest("invalid_filter_field", "the filter is no list of terms joined by AND or OR")


def _is_known(collection: str, rows: list[Thing], field: str) -> bool:
    return field in FIELDS[collection] or any(_at(row, field) is not None for row in rows)


def _matching(rows: list[Thing], field: str, operator: str, value: str) -> set[int]:
    tests: dict[str, Any] = {"=": lambda a: a == value, "!=": lambda a: a != value, ">": lambda a: a > value,
                             "<": lambda a: a < value, ">=": lambda a: a >= value, "<=": lambda a: a <= value,
                             "~": lambda a: value in a}  # fmt: skip
    return {position for position, row in enumerate(rows) if tests[operator](str(_at(row, field) or ""))}


def _at(row: Any, path: str) -> Any:
    for step in path.split("."):
        row = row.get(step) if isinstance(row, dict) else None
    return row
