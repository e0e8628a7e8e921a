"""Every declared rule has its texts, and examples that it passes on its edges and that notice any slip in it.

RULES, rules.yaml, examples -> one SELECT a rule, over VALUES, on a real PostgreSQL as the app role

What does not belong here: what the frames look at (test_frames.py), what a rule is worth, the rules of expected fields.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import BinaryExpression, BindParameter, Connection, Text, cast, column, select, values
from sqlalchemy.sql import visitors

from edu_pipeline.contracts.severity import Severity, WrongRule
from edu_pipeline.quality.frames import FRAMES
from edu_pipeline.quality.rule import Rule
from edu_pipeline.quality.tally import RULES
from edu_pipeline.quality.texts import checked, texts
from edu_pipeline.schema import ENTITIES
from edu_pipeline_tests.quality.examples import Example
from edu_pipeline_tests.quality.examples_classes import CLASSES
from edu_pipeline_tests.quality.examples_grades import GRADES
from edu_pipeline_tests.quality.examples_learning import LEARNING
from edu_pipeline_tests.quality.examples_people import PEOPLE
from edu_pipeline_tests.quality.examples_places import PLACES
from edu_pipeline_tests.quality.examples_pupils import PUPILS
from edu_pipeline_tests.quality.examples_results import RESULTS
from edu_pipeline_tests.quality.examples_units import UNITS
from edu_pipeline_tests.quality.examples_years import YEARS
from edu_pipeline_tests.quality.mutants import mutants

FAMILIES = (PUPILS, YEARS, PLACES, GRADES, RESULTS, CLASSES, PEOPLE, UNITS, LEARNING)
EXAMPLES: dict[str, Example] = {rule: example for family in FAMILIES for rule, example in family.items()}
BY_FRAME = [(frame, rule) for frame, rules in RULES.items() for rule in rules]
# Lists, not kept by a school, of who has to be there: an entity of the rules alone.
PSEUDO = {"roster"}


def columns_of(frame: str, rule: Rule) -> list[str]:
    """Columns that a rule reads."""
    return sorted({e.name for e in visitors.iterate(rule.failed(typed(frame))) if e.__visit_name__ == "column"})


def typed(frame: str) -> Any:
    """A frame's columns, of no relation: a rule over them may be asked of any rows."""
    return SimpleNamespace(**{c.name: column(c.name, c.type) for c in FRAMES[frame].selected_columns})


def compared(frame: str, rule: Rule) -> Iterator[tuple[str, str]]:
    """Columns and the codes that they are compared with."""
    for element in visitors.iterate(rule.failed(typed(frame))):
        if isinstance(element, BinaryExpression) and isinstance(element.right, BindParameter):
            value = element.right.value
            yield from (
                (element.left.name, code)
                for code in (value if element.right.expanding else [value])
                if isinstance(code, str) and element.left.__visit_name__ == "column"
            )


def said(value: Any) -> str | None:
    return None if value is None else str(value)


def outcomes(database: Connection, frame: str, rules: list[Rule], example: Example) -> Iterator[tuple[Any, ...]]:
    """What rules say of each row of an example, one SELECT: values are sent as text and cast as the frame has them."""
    names = sorted(example.base)
    rows = [tuple(said(row[name]) for name in names) for row, _ in example.rows()]
    given = values(*(column(name, Text) for name in names), name="v").data(rows)
    c = typed(frame)
    rowset = select(*(cast(given.c[name], getattr(c, name).type).label(name) for name in names)).subquery("f")
    query = select(*(rule.failed(c).label(f"r{n}") for n, rule in enumerate(rules))).select_from(rowset)
    for found in database.execute(query):
        yield tuple(found)


def test_every_rule_has_a_text_and_every_text_a_rule():
    ids = [rule.id for _, rule in BY_FRAME]
    assert len(ids) == len(set(ids))
    assert set(ids) == set(texts())


def test_every_rule_has_an_example_and_every_example_a_rule():
    assert len(EXAMPLES) == sum(len(family) for family in FAMILIES)
    assert set(EXAMPLES) == {rule.id for _, rule in BY_FRAME}


@pytest.mark.parametrize(("frame", "rule"), BY_FRAME, ids=lambda said: getattr(said, "id", said))
def test_an_example_speaks_of_what_its_rule_reads_and_of_every_outcome(frame, rule):
    example = EXAMPLES[rule.id]
    assert sorted(example.base) == columns_of(frame, rule)
    assert {outcome for _, outcome in example.rows()} == {0, 1, None}
    assert all(set(row) == set(example.base) for row, _ in example.rows())
    assert any(None in row.values() for row, outcome in example.rows() if outcome is None)


@pytest.mark.parametrize("rule", sorted(texts()))
def test_a_text_says_how_it_is_mended_in_both_languages_and_what_it_compares_with(rule):
    text = texts()[rule]
    assert text.of
    assert text.en.strip().endswith(".")
    assert text.vi.strip().endswith(".")
    assert text.en != text.vi


def test_a_rule_names_a_field_of_the_catalogue_and_so_does_what_it_compares_with():
    fields = {f"{entity.name}.{field.name}" for entity in ENTITIES for field in entity.fields}
    named = {f"{rule.entity}.{rule.field}" for _, rule in BY_FRAME if rule.entity not in PSEUDO}
    assert named - fields == set()
    others = {other for text in texts().values() for other in text.of if "." in other}
    assert others - fields == {"reference.ward"}


def test_a_rule_compares_a_coded_field_with_codes_of_its_list():
    lists: dict[str, set[str]] = {}
    for declared in (field for entity in ENTITIES for field in entity.fields if field.codes):
        lists.setdefault(declared.name, set()).update(declared.codes.codes)
    lists["parent_kind"] = lists["unit_kind"]
    wrong = {(rule.id, name, code) for frame, rule in BY_FRAME for name, code in compared(frame, rule)
             if name in lists and code not in lists[name]}  # fmt: skip
    assert wrong == set()
    coded = {name for frame, rule in BY_FRAME for name, _ in compared(frame, rule)} & set(lists)
    assert len(coded) > 20


def test_most_rules_compare_two_fields_two_records_or_two_systems():
    compared = {rule for rule, text in texts().items() if set(text.of) - {".".join(rule.split(".")[:2])}}
    assert len(compared) >= 60


def test_every_example_comes_out_as_it_is_written(database):
    wrong = {}
    with database.app.connect() as connection:
        for frame, rule in BY_FRAME:
            example = EXAMPLES[rule.id]
            found = outcomes(connection, frame, [rule], example)
            if differing := [(row, expected, got) for (row, expected), (got,) in zip(example.rows(), found, strict=True)
                             if got != expected]:  # fmt: skip
                wrong[rule.id] = differing
    assert wrong == {}


def test_a_slip_in_a_rule_is_noticed_by_its_examples(database):
    unnoticed, count = [], 0
    with database.app.connect() as connection:
        for frame, rule in BY_FRAME:
            changed = list(mutants(rule, typed(frame)))
            count += len(changed)
            rows = list(outcomes(connection, frame, [rule, *(m.rule for m in changed)], EXAMPLES[rule.id]))
            unnoticed += [(rule.id, m.what) for n, m in enumerate(changed, 1) if all(row[n] == row[0] for row in rows)]
    assert unnoticed == []
    assert count > 1000


DEFAULTS = {"defaults": {"severity": "warn"}}
ENTRY = {"of": ["student"], "is": "clean", "by": "unit", "weight": 1, "en": "Mend it.", "vi": "Sửa lại."}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"wieght": 1}, "wieght"),
        ({"is": "tidy"}, "tidy"),
        ({"by": "nobody"}, "nobody"),
        ({"weight": 0}, "above 0"),
        ({"weight": -1}, "above 0"),
        ({"severity": "fatal"}, "write one of close, reject, by need, warn"),
        ({"severity": "reject"}, "has been admitted; write warn"),
        ({"severity": "close"}, "has been admitted; write warn"),
        ({"severity": ["warn", "reject"]}, "not several that contradict each other"),
    ],
)
def test_a_wrong_entry_is_refused_by_name(change, named):
    with pytest.raises(WrongRule, match=named) as refused:
        checked(DEFAULTS | {"student.student_id.twin": ENTRY | change})
    assert "student.student_id.twin" in str(refused.value)


@pytest.mark.parametrize("key", sorted(ENTRY))
def test_an_entry_that_lacks_a_key_is_refused_by_name(key):
    with pytest.raises(WrongRule, match=key):
        checked(DEFAULTS | {"student.student_id.twin": {name: value for name, value in ENTRY.items() if name != key}})


@pytest.mark.parametrize("defaults", [{}, {"severity": "warn", "weight": 1}, {"severity": "reject"}])
def test_the_severity_of_all_is_said_once_and_is_to_warn(defaults):
    with pytest.raises(WrongRule, match=r"defaults: .*severity"):
        checked({"defaults": defaults, "student.student_id.twin": ENTRY})


def test_every_rule_on_what_stands_has_a_severity():
    assert {text.severity for text in texts().values()} == {Severity.WARN}


def test_a_right_entry_is_taken_as_it_is_written():
    text = checked(DEFAULTS | {"student.student_id.twin": ENTRY})["student.student_id.twin"]
    assert (text.of, text.criterion, text.party, text.weight, text.until) == (("student",), "clean", "unit", 1.0, None)
