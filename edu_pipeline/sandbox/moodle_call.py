"""A call of a Moodle web service: parameters as PHP reads them, checked against a function's description, and errors.

query or form -> nested parameters -> values of the declared kinds, or MoodleError

What does not belong here: what a function answers (moodle_site.py). Sources: Moodle's own webservice/rest/locallib.php
(format, errors), lib/external (validate_parameters: unknown and missing keys are refused), lang/en (messages). The
exceptions' names are those since 4.5, with their namespace; a client does well to look at errorcode.
"""

import re
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

REQUIRED = object()
# Kinds of a parameter, by what it must look like: PARAM_INT, PARAM_BOOL, PARAM_ALPHA, PARAM_ALPHANUMEXT, PARAM_RAW.
_LOOKS = {"int": r"0|-?[1-9]\d{0,17}", "bool": "[01]", "alpha": "[A-Za-z]*", "word": r"[\w-]*", "raw": r"(?s:.*)"}
_CAPABILITIES = {
    "moodle/cohort:view": "View site-wide cohorts",
    "moodle/course:enrolreview": "Review course enrolments",
    "moodle/course:viewparticipants": "View participants",
    "moodle/site:accessallgroups": "Access all groups",
}


class MoodleError(Exception):
    """What an answer says instead of a result; its HTTP status is 200 all the same."""

    def __init__(self, errorcode: str, message: str, exception: str = r"core\exception\moodle_exception") -> None:
        super().__init__(message)
        self.told = {"exception": exception, "errorcode": errorcode, "message": message}


def invalid_parameter() -> MoodleError:
    """A parameter that is unknown, missing or of the wrong kind; which one, only a debugging site says."""
    said = "Invalid parameter value detected"
    return MoodleError("invalidparameter", said, r"core\exception\invalid_parameter_exception")


def missing_record(table: str) -> MoodleError:
    """A record that must be there and is not."""
    said = f"Can't find data record in database table {table}."
    return MoodleError("invalidrecord", said, "dml_missing_record_exception")


def no_permission(capability: str) -> MoodleError:
    """A capability that the token's user lacks."""
    said = f"Sorry, but you do not currently have permissions to do that ({_CAPABILITIES[capability]})."
    return MoodleError("nopermissions", said, r"core\exception\required_capability_exception")


def no_access(course: int) -> MoodleError:
    """A course that the token's user may not enter."""
    said = (f"You cannot execute functions in the course context (course id:{course}). The context error message was: "
            "Course or activity not accessible.")  # fmt: skip
    return MoodleError("errorcoursecontextnotvalid", said)


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`criteria[0][key]=idnumber` as PHP reads it: arrays in arrays. What comes later stands."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        first, _, rest = name.partition("[")
        at, key = found, first
        for part in re.findall(r"([^\[\]]*)\]", rest):
            if not isinstance(at.get(key), dict):
                at[key] = {}
            at = at[key]
            key = part or str(len(at))
        at[key] = value
    return found


def validated(description: Any, given: Any) -> Any:
    """The values, each of its kind. A description is a kind, [of many], or {name: (description, default)}."""
    if isinstance(description, str):
        if not isinstance(given, str) or not re.fullmatch(_LOOKS[description], given):
            raise invalid_parameter()
        return int(given) if description in ("int", "bool") else given
    if not isinstance(given, dict):
        raise invalid_parameter()
    if isinstance(description, list):
        return [validated(description[0], value) for value in given.values()]
    if not given.keys() <= description.keys():
        raise invalid_parameter()
    found = {}
    for name, (inner, default) in description.items():
        if name not in given and default is REQUIRED:
            raise invalid_parameter()
        found[name] = validated(inner, given[name]) if name in given else default
    return found


def xml(value: Any) -> str:
    """A result as Moodle writes it for whoever does not ask for JSON."""
    if isinstance(value, dict):
        keys = "".join(f"<KEY name={quoteattr(name)}>{xml(inner)}</KEY>\n" for name, inner in value.items())
        return f"<SINGLE>\n{keys}</SINGLE>\n"
    if isinstance(value, list):
        return f"<MULTIPLE>\n{''.join(map(xml, value))}</MULTIPLE>\n"
    said = str(int(value)) if isinstance(value, bool) else str(value)
    return '<VALUE null="null"/>\n' if value is None else f"<VALUE>{escape(said)}</VALUE>\n"


def xml_error(told: dict[str, str]) -> str:
    """An error, likewise."""
    return (f"<EXCEPTION class={quoteattr(told['exception'])}>\n<ERRORCODE>{escape(told['errorcode'])}</ERRORCODE>\n"
            f"<MESSAGE>{escape(told['message'])}</MESSAGE>\n</EXCEPTION>\n")  # fmt: skip
