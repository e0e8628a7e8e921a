"""What a check does is declared once, and a declaration that contradicts itself is refused by name and remedy.

rules.yaml and entries that are wrong -> checks, WrongRule

What does not belong here: what a rule finds (test_rules.py), what a waiver lets in (quality/test_waiver.py).
"""

import pytest

from edu_pipeline.contracts import rules, severity
from edu_pipeline.contracts.rules import Effect, row_rules
from edu_pipeline.contracts.severity import Severity, WrongRule, checked, checks
from edu_pipeline.schema import PULLED
from edu_pipeline.sources.lines import ConfigurationError, parse

ENTRY = {"severity": "reject", "en": "Mend it.", "vi": "Sửa lại."}
NEVER = {"never": {"en": "It has no key.", "vi": "Không có khóa."}}


def test_every_rule_does_what_its_check_is_declared_to_do():
    done: dict[str, set[bool]] = {}
    for declared in PULLED:
        for rule in row_rules(declared):
            done.setdefault(rule.check, set()).add(rule.effect is Effect.REJECT)
    for check, rejects in done.items():
        said = checks()[check].severity
        assert said is Severity.BY_NEED or rejects == {said is Severity.REJECT}, check


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"serverity": "warn"}, "serverity is unknown or missing"),
        ({"severity": "fatal"}, "severity is 'fatal'; write one of close, reject, by need, warn"),
        ({"severity": ["reject", "warn"]}, "not several that contradict each other"),
        ({"severity": "close"}, "one row closes no gate"),
        ({"severity": "warn"} | NEVER, "rejects nobody, so there is nothing to waive"),
        ({"never": {"en": "It has no key."}}, "says why, in en and vi"),
    ],
)
def test_a_wrong_entry_is_refused_by_name_and_remedy(change, said):
    with pytest.raises(WrongRule, match=said) as refused:
        checked({"missing": ENTRY | change})
    assert str(refused.value).startswith("missing: ")


@pytest.mark.parametrize("key", sorted(ENTRY))
def test_an_entry_that_lacks_a_key_is_refused_by_name(key):
    with pytest.raises(WrongRule, match=f"missing: {key} is unknown or missing"):
        checked({"missing": {name: value for name, value in ENTRY.items() if name != key}})


def test_an_entry_that_is_none_is_refused():
    with pytest.raises(WrongRule, match="en, severity, vi is unknown or missing"):
        checked({"missing": None})


def test_a_severity_that_is_said_twice_is_refused_with_its_line():
    with pytest.raises(ConfigurationError, match=r"rules\.yaml:3"):
        parse("missing:\n  severity: reject\n  severity: warn\n", "rules.yaml")


@pytest.mark.parametrize(("said", "done"), [("warn", "reject"), ("reject", "blank")])
def test_a_rule_that_does_otherwise_than_its_check_says_is_refused(monkeypatch, said, done):
    wrong = {**checks(), "minimum": checked({"minimum": ENTRY | {"severity": said}})["minimum"]}
    monkeypatch.setattr(rules, "checks", lambda: wrong)
    with pytest.raises(WrongRule, match=f"minimum is {said}, and the rule's effect is {done}; correct one of the two"):
        list(map(row_rules, PULLED))


def test_right_entries_are_taken_as_they_are_written():
    found = checked({"missing": ENTRY | NEVER})["missing"]
    assert (found.severity, found.en, found.never) == (Severity.REJECT, "Mend it.", NEVER["never"])
    assert severity.texts()["missing"]["vi"].endswith(".")
