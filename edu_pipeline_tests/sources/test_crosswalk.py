"""One connection's own words for a code: a foreign school's Year 7 is grade 6, and nobody else's.

connections.yaml, `codes:` -> the kind of system as that connection speaks it
"""

from typing import Any

import pytest
from pydantic import ValidationError

from edu_pipeline.normalize.speak import Told, speak
from edu_pipeline.sources.connection import Connection
from edu_pipeline.sources.system import systems

UNIT = "79770926"
SAID: dict[str, Any] = {
    "id": "british", "system": "oneroster", "base_url": "https://sis.example",
    "auth": {"token_url": "https://sis.example", "client_id": "ID", "client_secret": "SECRET"},
    "owner": {"name": "n", "contact": "c"}, "units": [{"unit": UNIT, "key": "org-1"}],
}  # fmt: skip
CROSSWALK = {"Year 7": "6", "Year 13": "12", "Reception": "18", "01": "2"}


def connection(codes: dict[str, Any] | None = None) -> Connection:
    return Connection.model_validate({**SAID, **({"codes": codes} if codes else {})})


def grades(made: Connection, *words: str) -> list[tuple[Any, list[str]]]:
    """The grade and the faults of a class by the word that its provider has for it."""
    told = [
        Told(str(n), "UPDATE", None, 0, {"sourcedId": str(n), "grades": [word], "school": {"sourcedId": "org-1"}})
        for n, word in enumerate(words)
    ]
    found = speak(told, made.kind, made.kind.resources["classes"], made.keys)
    return list(zip(found["grade_level"], found["faults"], strict=True))


def test_a_word_of_one_connection_is_read_there_and_nowhere_else() -> None:
    known, faulty = [(6, []), (18, []), (10, [])], ["grade_level:unknown_code"]
    assert grades(connection({"grades": CROSSWALK}), "Year 7", "Reception", "10") == known
    assert grades(connection(), "Year 7", "Reception", "10") == [(None, faulty), (None, faulty), (10, [])]


def test_what_the_kind_says_may_mean_something_else_there() -> None:
    assert grades(connection({"grades": CROSSWALK}), "01", "02") == [(2, []), (2, [])]


def test_with_its_words_a_connection_s_records_are_taken_up_again() -> None:
    assert connection({"grades": CROSSWALK}).kind.fingerprint != connection().kind.fingerprint
    assert connection().kind.fingerprint == systems()["oneroster"].fingerprint


def test_a_connection_that_is_checked_again_says_the_same() -> None:
    made = connection({"grades": CROSSWALK})
    again = Connection.model_validate(made)
    assert again.kind.fingerprint == made.kind.fingerprint


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ({"grade": {"Year 7": "6"}}, "oneroster has no code table 'grade' without versions; there are: grades, roles"),
        ({"grades": {"Year 7": "7th"}}, "code table grades: 7th not in the code set of grade_level"),
    ],
)
def test_a_word_that_means_nothing_is_refused(codes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        connection(codes)


def test_a_table_with_versions_is_the_kind_s_own() -> None:
    auth = {"client": "C", "key": "K"}
    with pytest.raises(ValidationError, match="hoaphuong has no code table 'hop_dong' without versions"):
        Connection.model_validate({**SAID, "system": "hoaphuong", "auth": auth, "codes": {"hop_dong": {"9": "labor"}}})
