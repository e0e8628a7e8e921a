"""Every shipped kind of system loads and speaks of declared things; a file with a mistake is refused by its name.

A new systems/*.yaml is picked up unasked.
"""

import re
from importlib.resources import files
from typing import Any

import pytest
import yaml

from edu_pipeline.contracts.rules import supplied
from edu_pipeline.schema import Kind, Need, entity
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline.sources.resource import CONFIRMED
from edu_pipeline.sources.system import load, systems

SHIPPED = sorted(
    (f for f in files("edu_pipeline.sources").joinpath("systems").iterdir() if f.name.endswith(".yaml")),
    key=lambda file: file.name,
)

GOOD = """\
system: small
label: A small system
auth: bearer
scope: unit_year
timezone: Asia/Ho_Chi_Minh
envelope: {key: id, event: event, events: {NEW: NEW}}
paging: {kind: page, size: 100, size_param: size, position_param: page}
resources:
  students:
    path: students
    entity: student
    records: records
    claim: {path: school, clean: unit}
    fields:
      student_id: {path: root}
      sex: {path: sex, clean: code, codes: sexes}
codes:
  sexes: {"1": male, "0": female}
"""

each_resource = pytest.mark.parametrize(
    ("system", "name"),
    [pytest.param(s, name, id=f"{s.system}.{name}") for s in systems().values() for name in s.records()],
)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_every_shipped_system_loads_and_is_named_like_its_file(file):
    made = load(file.read_text(encoding="utf-8"), file.name)
    assert f"{made.system}.yaml" == file.name
    assert systems()[made.system] == made


def test_one_shipped_system_is_the_registry_and_it_alone_issues_identities():
    assert [s.system for s in systems().values() if s.is_registry] == ["registry"]
    issuing = {s.system for s in systems().values() for r in s.records().values() if r.entity in ("identity", "unit")}
    assert issuing == {"registry"}


@each_resource
def test_every_key_field_that_nobody_supplies_is_mapped(system, name):
    resource = system.records()[name]
    declared = entity(resource.entity)
    wanted = {field.name for field in declared.fields if field.need is Need.KEY} - supplied(declared)
    from_class = {field for ref in declared.references if ref.key in resource.fields for field in ref.fills}
    # What names no unit is one unit's own.
    sole = {"unit_id"} if resource.claim is None else set()
    assert wanted - from_class - sole <= set(resource.fields)


@each_resource
def test_every_mapped_field_is_cleaned_to_its_kind(system, name):
    resource = system.records()[name]
    declared = entity(resource.entity)
    kinds = {
        Kind.INTEGER: "integer end_year year_label", Kind.DECIMAL: "decimal decimal_comma", Kind.BOOLEAN: "boolean",
        Kind.DATE: "date date_dmy instant_date", Kind.PARTIAL_DATE: "partial_date partial_dmy",
        Kind.TEXT: "text name person_name unit month",
    }  # fmt: skip
    for field in declared.fields:
        mapped = resource.fields.get(field.name)
        if mapped is None:
            continue
        if field.codes and field.codes.is_open and mapped.clean == "text":
            # The system speaks the law's own list, as of places: no table of ten thousand codes, each by itself.
            assert field.codes.name in {"province", "district", "ward", "salary_grade"}
        elif field.codes:
            assert mapped.clean == "code"
        else:
            assert mapped.clean in kinds[field.kind].split()


def test_parents_are_read_before_children():
    for system in systems().values():
        order = [resource.entity for resource in system.records().values()]
        for position, name in enumerate(order):
            parents = {reference.entity for reference in entity(name).references} & set(order)
            assert parents <= set(order[:position])


def test_the_fingerprint_changes_with_every_word_that_has_a_meaning():
    again, other = load(GOOD, "small.yaml"), load(GOOD.replace('"0": female', '"2": female'), "small.yaml")
    assert load(GOOD, "small.yaml").fingerprint == again.fingerprint
    assert other.fingerprint != again.fingerprint


def spoiled(*path: str, **changes: Any) -> str:
    document = yaml.safe_load(GOOD)
    place = document
    for step in path:
        place = place[step]
    for key, value in changes.items():
        if value is None:
            del place[key]
        else:
            place[key] = value
    return yaml.safe_dump(document)


STUDENTS = ("resources", "students")
FIELDS = (*STUDENTS, "fields")
REFUSED = {
    "typo at the top": (spoiled(volatil=["a"]), "volatil"),
    "typo in a resource": (spoiled(*STUDENTS, recrods="x"), "recrods"),
    "typo in a field": (spoiled(*FIELDS, sex={"path": "sex", "clen": "code"}), r"clen"),
    "typo in paging": (spoiled("paging", sise=1), "sise"),
    "typo in the envelope": (spoiled("envelope", evnt="x"), "evnt"),
    "unknown field": (spoiled(*FIELDS, birthdate={"path": "b"}), r"student declares no field birthdate"),
    "unknown entity": (spoiled(*STUDENTS, entity="pupil"), r"'pupil' is not one of the pulled entities"),
    "entity that is not pulled": (spoiled(*STUDENTS, entity="term"), r"'term' is not one of the pulled entities"),
    "no entity": (spoiled(*STUDENTS, entity=None), r"students: entity None"),
    "unknown cleaner": (spoiled(*FIELDS, student_id={"path": "a", "clean": "guess"}), r"student_id\.clean"),
    "unknown event": (spoiled("envelope", events={"NEW": "CREATE"}), r"envelope\.events\.NEW"),
    "unknown way of paging": (spoiled("paging", kind="cursor"), r"paging\.kind"),
    "unknown way to log in": (spoiled(auth="kerberos"), "auth"),
    "unquoted code": (GOOD.replace('"1": male', "1: male"), r"table sexes: quote the code 1"),
    "unquoted code with a zero": (GOOD.replace('"1": male', "01: male"), r"table sexes: quote the code 1"),
    "unquoted NO": (GOOD.replace('"1": male', "NO: male"), r"table sexes: quote the code False"),
    "code not in the set": (GOOD.replace('"1": male', '"1": man'), r"table sexes: man not in the code set of sex"),
    "no such table": (GOOD.replace("codes: sexes", "codes: genders"), r"students\.sex: no code table 'genders'"),
    "code without table": (GOOD.replace(", codes: sexes", ""), r"students\.sex: .*go together"),
    "table without code": (GOOD.replace("clean: code, ", ""), r"students\.sex: .*go together"),
    "table for a field without codes": (
        GOOD.replace("root}", "root, clean: code, codes: sexes}"),
        r"female, male not in the code set of student_id",
    ),
    "missing part": (spoiled(envelope=None), "envelope"),
    "page size is no number": (spoiled("paging", size="many"), r"paging\.size"),
    "not yaml": ("system: [", "while parsing"),
    "empty": ("", "system: is missing; add it"),
}


def test_the_file_that_the_mistakes_are_made_in_is_good():
    assert load(GOOD, "small.yaml").system == "small"
    assert load(spoiled(), "small.yaml") == load(GOOD, "small.yaml")


@pytest.mark.parametrize("mistake", REFUSED)
def test_a_mistake_is_refused_by_file_and_place(mistake):
    content, place = REFUSED[mistake]
    with pytest.raises(ConfigurationError, match=rf"(?s)systems/small\.yaml:[0-9]+: .*{place}"):
        load(content, "small.yaml")


@pytest.mark.parametrize(
    "content", ["- a", "5", "a word", f"{GOOD[: GOOD.rindex('codes:')]}codes:\n", "codes: {sexes: }"]
)
def test_a_document_of_another_shape_is_refused_by_file(content):
    with pytest.raises(ConfigurationError, match=r"systems/small\.yaml"):
        load(content, "small.yaml")


def test_a_code_table_for_a_word_of_the_source_is_refused_by_file():
    content = spoiled(
        *STUDENTS, entity="enrollment", fields={"class_key": {"path": "c", "clean": "code", "codes": "sexes"}}
    )
    with pytest.raises(ConfigurationError, match=r"systems/small\.yaml:[0-9]+: .*class_key"):
        load(content, "small.yaml")


@pytest.mark.parametrize("name", ["Asia/Hanoi", "Asia", "", "../etc/passwd", "/etc/passwd", "+07:00"])
def test_a_time_zone_that_does_not_exist_is_refused_by_file(name):
    with pytest.raises(ConfigurationError, match=rf"systems/small\.yaml:[0-9]+: timezone: .*{re.escape(repr(name))}"):
        load(spoiled(timezone=name), "small.yaml")


WORDS = {name: {"path": name} for name in CONFIRMED} | {"kind": {"path": "kind", "clean": "code", "codes": "kinds"}}


def _confirming(scope: str = "unit_year", codes: dict[str, str] | None = None, **fields: Any) -> str:
    document = yaml.safe_load(GOOD) | {"scope": scope}
    document["codes"]["kinds"] = {"P": "plan"} if codes is None else codes
    said = {name: value for name, value in (WORDS | fields).items() if value}
    document["resources"]["words"] = {"path": "words", "use": "confirmation", "fields": said}
    return yaml.safe_dump(document)


def test_a_resource_of_confirmations_loads_and_is_no_entity_s():
    made = load(_confirming(), "small.yaml")
    assert made.confirms
    assert list(made.records()) == ["students"]
    assert not load(GOOD, "small.yaml").confirms


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_confirming(appendix=None), "a confirmation maps exactly kind and school_year and appendix"),
        (_confirming(kind={"path": "kind"}), "say by a code table what is confirmed: plan, start_of_year, systems"),
        (_confirming(codes={"P": "fees"}), "table kinds: fees not in the code set of kind"),
        (_confirming(appendix={"path": "a", "clean": "code", "codes": "kinds"}), "not in the code set of appendix"),
        (_confirming(scope="city_year"), "words: a head confirms a unit's year; only `scope: unit_year`"),
    ],
)
def test_confirmations_that_say_nothing_are_refused_by_file(content, said):
    with pytest.raises(ConfigurationError, match=rf"(?s)systems/small\.yaml:[0-9]+: .*{said}"):
        load(content, "small.yaml")


def test_a_join_to_nothing_is_refused_by_file():
    with pytest.raises(ConfigurationError, match=r"systems/small\.yaml:[0-9]+: .*sessions"):
        load(spoiled(*STUDENTS, joins={"_session": ["sessions", "id"]}), "small.yaml")


def test_a_join_to_a_resource_that_is_no_lookup_is_refused_by_file():
    with pytest.raises(ConfigurationError, match=r"students\.joins\._self: no lookup 'students'"):
        load(spoiled(*STUDENTS, joins={"_self": ["students", "id"]}), "small.yaml")
