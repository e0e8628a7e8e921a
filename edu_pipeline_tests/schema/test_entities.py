"""The declarations hold together: names, keys, references, code sets and the promotion ladder fit one another.

What one declaration says wrong is refused when it is loaded (test_sound.py); here is what several say of each other.
"""

import re

import pytest

from edu_pipeline.schema import ENTITIES, LEARNING, PULLED, Kind, Scope, entity
from edu_pipeline.schema.codes import CODE_SETS, ETHNICITY, GRADE_LEVEL
from edu_pipeline.schema.ladder import ENTRANCE_GRADES, FINAL_GRADES, LEVELS, NEXT_GRADE

each_entity = pytest.mark.parametrize("declared", ENTITIES, ids=lambda declared: declared.name)
FIELDS = [pytest.param(e, f, id=f"{e.name}.{f.name}") for e in ENTITIES for f in e.fields]
GRAMMAR = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)


def test_entities_are_found_by_name_and_an_unknown_name_says_which_there_are():
    assert [entity(declared.name) for declared in ENTITIES] == list(ENTITIES)
    with pytest.raises(KeyError, match=r"no entity 'pupil'.*student"):
        entity("pupil")


def test_parents_come_before_children():
    names = [declared.name for declared in ENTITIES]
    assert len(set(names)) == len(names)
    for position, declared in enumerate(ENTITIES):
        assert {reference.entity for reference in declared.references} <= set(names[:position])


@each_entity
def test_references_point_to_the_whole_key_of_the_parent_in_its_kinds(declared):
    for reference in declared.references:
        parent = entity(reference.entity)
        pairs = list(zip(reference.fields, parent.key, strict=True)) if reference.fields else []
        assert all(declared.field(own).kind is parent.field(theirs).kind for own, theirs in pairs)
        assert all(declared.field(name).kind is parent.field(name).kind for name in reference.fills)


@each_entity
def test_units_come_first_where_rows_are_a_unit_s(declared):
    # So that the same schema can be distributed by unit later.
    assert (declared.scope is Scope.UNIT) == (declared.key[0] == "unit_id" and declared.name != "unit")
    # What a unit runs, and what stands in it, goes on from year to year; all else of a unit is a year's.
    lasting = {"deployed_system", *(one.name for one in LEARNING)}
    assert declared.is_yearly == (declared.scope is Scope.UNIT and declared.name not in lasting)


def test_only_the_calendar_s_entities_are_not_pulled():
    assert {declared.name for declared in ENTITIES} - {declared.name for declared in PULLED} == {"school_year", "term"}


@pytest.mark.parametrize(("declared", "field"), FIELDS)
def test_a_field_is_well_formed(declared, field):
    assert GRAMMAR.fullmatch(field.name)
    assert field.label_vi.strip()
    assert field.description.endswith(".")
    if field.pattern:
        # Bare and ASCII: each renderer anchors it in its own way, and `\d` would mean other digits in Python.
        assert field.pattern.isascii()
        assert not re.search(r"[\\^$]", field.pattern)
    said_yes_or_no = field.name.startswith(("is_", "has_", "was_"))
    assert (field.kind is Kind.BOOLEAN) == said_yes_or_no
    assert (field.kind in (Kind.DATE, Kind.PARTIAL_DATE)) == field.name.endswith("_date")


def test_every_code_set_is_listed_and_labelled_in_both_languages():
    assert len({codes.name for codes in CODE_SETS}) == len(CODE_SETS)
    # The kinds of unit events are a site file's words, no field's (sources/events.py).
    used = {f.codes.name for e in ENTITIES for f in e.fields if f.codes} | {"unit_event"}
    assert used == {codes.name for codes in CODE_SETS}
    for codes in CODE_SETS:
        assert codes.codes
        assert all(english.strip() and vietnamese.strip() for english, vietnamese in codes.codes.values())


def test_the_ethnic_groups_are_the_fifty_four_and_foreigners():
    assert list(ETHNICITY.codes) == [f"{number:02d}" for number in range(1, 56)]
    assert len(set(ETHNICITY.codes.values())) == 55
    assert ETHNICITY.codes["01"][1] == "Kinh"
    assert ETHNICITY.codes["54"][1] == "Rơ-măm"


def test_the_ladder_climbs_within_a_level_and_never_into_the_next():
    rungs = [grade for grades in LEVELS.values() for grade in grades]
    assert sorted(map(str, rungs)) == sorted(GRADE_LEVEL.codes)
    assert {5, 9, 12, 18} == FINAL_GRADES
    assert not FINAL_GRADES & set(NEXT_GRADE)
    assert set(rungs) - set(NEXT_GRADE) == FINAL_GRADES
    level_of = {grade: level for level, grades in LEVELS.items() for grade in grades}
    assert all(level_of[grade] == level_of[following] for grade, following in NEXT_GRADE.items())
    assert all(following == grade + 1 for grade, following in NEXT_GRADE.items())
    assert {1, 6, 10, 13, 14, 15, 16, 17, 18} == ENTRANCE_GRADES
