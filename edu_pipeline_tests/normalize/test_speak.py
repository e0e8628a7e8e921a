"""A chunk of records becomes a frame of the master schema: every column of normalized.<entity>, values or None, faults.

The words are those of the shipped systems, so a change of a mapping is seen here in what the pipeline understands.
"""

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from edu_pipeline.contracts.tables import source_columns
from edu_pipeline.normalize.speak import Told, speak
from edu_pipeline.schema import entity
from edu_pipeline.sources.system import System, systems

UNITS = {"79000701": "79000701", "org-1": "79000901"}
# What only the caller knows of a chunk.
OF_THE_CALLER = {"connection_id", "batch_id"}


def told(*contents: dict[str, Any]) -> list[Told]:
    return [Told(f"r{number}", "NEW", number, 2024, content) for number, content in enumerate(contents)]


def understood(system: str, resource: str, *contents: dict[str, Any]) -> list[dict[str, Any]]:
    made = systems()[system]
    frame = speak(told(*contents), made, made.resources[resource], UNITS)
    assert len(frame) == len(contents)
    return frame.to_dict("records")


def with_envelope(system: System, **changes: Any) -> System:
    return system.model_copy(update={"envelope": system.envelope.model_copy(update=changes)})


each_resource = pytest.mark.parametrize(
    ("system", "name"),
    [pytest.param(s, name, id=f"{s.system}.{name}") for s in systems().values() for name in s.records()],
)


@each_resource
def test_a_frame_has_every_column_of_its_table(system, name):
    resource = system.records()[name]
    frame = speak(told({}), system, resource, UNITS)
    columns = {column.name for column in source_columns(entity(resource.entity))}
    assert len(set(frame.columns)) == len(frame.columns)
    assert set(frame.columns) == columns - OF_THE_CALLER


@each_resource
def test_an_empty_record_is_all_absent_and_no_fault(system, name):
    (row,) = speak(told({}), system, system.records()[name], UNITS).to_dict("records")
    landing = {"source_key": "r0", "event": "NEW", "source_version": 0, "scope_year": 2024, "faults": []}
    assert {column: value for column, value in row.items() if value is not None} == landing


@each_resource
def test_no_records_make_no_rows(system, name):
    assert len(speak([], system, system.records()[name], UNITS)) == 0


@each_resource
def test_absent_values_are_none_beside_values_that_are_there(system, name):
    # A None that became NaN or NaT would reach COPY as a value.
    resource = system.records()[name]
    frame = speak(told({}, {"phienban": 7, "thoigiancapnhat": "2024-09-05T10:00:00"}, {}), system, resource, UNITS)
    missing = [value for column in frame.columns for value in frame[column] if value is not None and value is not False]
    assert not any(isinstance(value, float) or value is pd.NaT for value in missing)


def test_a_pupil_of_the_partner_contract():
    (row,) = understood("partner", "students", {
        "thoigiancapnhat": "2024-09-05T10:00:00", "thaythe": "old",
        "data": {"matruong": "79000701", "mahocsinh": "HS1", "madinhdanh": "0123456789", "ngaysinh": "2015-02-28",
                 "hovaten": " Nguyễn  Thị\nÁnh ", "gioitinh": "0", "dantoc": "05"},
    })  # fmt: skip
    changed_at = row.pop("source_changed_at")
    assert changed_at == dt.datetime(2024, 9, 5, 3, 0, tzinfo=dt.UTC)
    assert {name: said for name, said in row.items() if said is not None} == {
        "student_id": "0123456789", "full_name": "Nguyễn Thị Ánh", "birth_date": "2015-02-28", "sex": "female",
        "ethnicity": "05", "claim_unit_id": "79000701", "ref_key": "79000701/HS1", "replaced_by": "old",
        "source_key": "r0", "event": "NEW", "source_version": 0, "scope_year": 2024, "faults": [],
    }  # fmt: skip


def test_an_enrollment_of_the_partner_contract_keeps_the_source_s_words_for_its_parents():
    (row,) = understood("partner", "enrollments", {
        "data": {"matruong": "79000701", "namhoc": "2024", "mahocsinh": "HS1", "malop": "6A1", "makhoi": "6",
                 "ngayvao": "2024-09-05", "trangthai": "1", "hinhthuc": "1"},
    })  # fmt: skip
    assert (row["student_key"], row["class_key"]) == ("79000701/HS1", "79000701/2024/6A1")
    assert (row["unit_id"], row["school_year"], row["class_code"]) == ("79000701", 2024, "6A1")
    assert (row["kind"], row["status"]) == ("primary", "active")
    # Resolving a parent needs the other rows.
    assert row["student_id"] is None


def test_a_grade_is_a_number_and_every_other_code_is_text():
    (row,) = understood("partner", "classes", {"data": {"makhoi": "12"}})
    assert row["grade_level"] == 12
    assert type(row["grade_level"]) is int
    (row,) = understood("oneroster", "classes", {"grades": ["KG"]})
    assert row["grade_level"] == 18
    (row,) = understood("partner", "results", {"data": {"hoctap": "1"}})
    assert row["academic_level"] == "1"


def test_a_pupil_of_a_roster_is_joined_from_three_places():
    (row,) = understood("oneroster", "students", {
        "sourcedId": "u1", "userMasterIdentifier": "0123456789", "familyName": "Nguyễn Thị", "givenName": "Ánh",
        "_demographics": {"birthDate": "2015-02-28", "sex": "female"}, "roles": [{"org": {"sourcedId": "org-1"}}],
        "dateLastModified": "2024-09-05T03:00:00Z",
    })  # fmt: skip
    assert row["full_name"] == "Nguyễn Thị Ánh"
    assert (row["birth_date"], row["sex"]) == ("2015-02-28", "female")
    assert (row["claim_unit_id"], row["ref_key"]) == ("79000901", "u1")
    assert row["source_changed_at"] == dt.datetime(2024, 9, 5, 3, 0, tzinfo=dt.UTC)
    assert row["ethnicity"] is None
    assert row["faults"] == []


def test_a_roster_s_year_is_named_by_its_start():
    (row,) = understood("oneroster", "classes", {"_session": {"schoolYear": "2025"}})
    assert row["school_year"] == 2024


@pytest.mark.parametrize("missing", ["familyName", "givenName"])
def test_half_a_name_is_no_name(missing):
    content = {"familyName": "Nguyễn Thị", "givenName": "Ánh"} | {missing: None}
    (row,) = understood("oneroster", "students", content)
    assert row["full_name"] is None


@pytest.mark.parametrize("missing", ["matruong", "mahocsinh"])
def test_half_a_key_is_no_key(missing):
    (row,) = understood("partner", "students", {"data": {"matruong": "79000701", "mahocsinh": "HS1"} | {missing: None}})
    assert row["ref_key"] is None


def test_a_key_with_an_empty_part_is_no_key():
    (row,) = understood("partner", "classes", {"data": {"matruong": "79000701", "magvcn": ""}})
    assert row["homeroom_key"] is None


def test_a_key_with_a_blank_part_is_no_key():
    (row,) = understood("partner", "students", {"data": {"matruong": "79000701", "mahocsinh": " "}})
    assert row["ref_key"] is None
    (row,) = understood("partner", "students", {"data": {"matruong": "79000701", "mahocsinh": 0}})
    assert row["ref_key"] == "79000701/0"


def test_faults_name_field_and_rule_in_declared_order_and_stay_with_their_row():
    good, bad = understood(
        "partner",
        "students",
        {"data": {"matruong": "79000701", "gioitinh": "1", "ngaysinh": "2015-02-28"}},
        {"data": {"matruong": "79000999", "gioitinh": "9", "ngaysinh": "2015-02-31", "madinhdanh": {"a": 1}}},
    )
    assert good["faults"] == []
    assert bad["faults"] == [
        "student_id:unreadable",
        "birth_date:unreadable",
        "sex:unknown_code",
        "claim_unit_id:unknown_unit",
    ]
    assert {bad[name] for name in ("student_id", "birth_date", "sex", "claim_unit_id")} == {None}
    assert good["birth_date"] == "2015-02-28"


def test_what_landing_says_of_a_record_goes_through():
    system = systems()["partner"]
    records = [Told("a", "CANCEL", None, 2023, {}), Told("b", "UPDATE", 2**40, 0, {})]
    frame = speak(records, system, system.resources["students"], UNITS)
    kept = ["source_key", "event", "source_version", "scope_year"]
    assert frame[kept].to_dict("records") == [
        {"source_key": "a", "event": "CANCEL", "source_version": None, "scope_year": 2023},
        {"source_key": "b", "event": "UPDATE", "source_version": 2**40, "scope_year": 0},
    ]


def times(*said: Any, system: str = "partner") -> list[dt.datetime | None]:
    made = systems()[system]
    rows = told(*({made.envelope.changed_at: time} for time in said))
    resource = next(iter(made.records().values()))
    return speak(rows, made, resource, UNITS)["source_changed_at"].tolist()


def test_a_naive_time_has_the_zone_that_the_system_declares():
    assert times("2024-09-05T10:00:00") == [dt.datetime(2024, 9, 5, 3, 0, tzinfo=dt.UTC)]
    assert times("2024-09-05T10:00:00", system="oneroster") == [dt.datetime(2024, 9, 5, 10, 0, tzinfo=dt.UTC)]


def test_a_time_with_a_zone_keeps_it():
    assert times("2024-09-05T10:00:00Z") == [dt.datetime(2024, 9, 5, 10, 0, tzinfo=dt.UTC)]
    assert times("2024-09-05T10:00:00+07:00") == [dt.datetime(2024, 9, 5, 3, 0, tzinfo=dt.UTC)]


def test_an_unreadable_time_is_absent():
    assert times("yesterday", None, "2015-02-31T00:00:00", "") == [None, None, None, None]
    assert times("yesterday", "2024-09-05T10:00:00")[0] is None


def test_a_number_is_no_time():
    assert times(1725505200, "2024-09-05T10:00:00")[0] is None
    # As text it has the shape of a time: 1711-01-01, then any one character, then 15:30.
    assert times("1711010121530", True, {"a": 1}, ["2024-09-05T10:00:00Z"], 1725505200.5) == [None] * 5


def test_a_time_that_no_calendar_holds_in_utc_is_absent():
    assert times("0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00", "0001-01-01T00:00:00") == [None] * 3


@pytest.mark.parametrize("other", ["2024-09-05T10:00:00Z", "2024-09-05T10:00:00"])
def test_times_of_several_zones_in_one_chunk_do_not_break_it(other):
    zone = dt.UTC if other.endswith("Z") else dt.timezone(dt.timedelta(hours=7))
    expected = [dt.datetime(2024, 9, 5, 3, 0, tzinfo=dt.UTC), dt.datetime(2024, 9, 5, 10, 0, tzinfo=zone)]
    assert times("2024-09-05T10:00:00+07:00", other) == expected


def test_a_system_without_a_change_time_has_none():
    system = with_envelope(systems()["partner"], changed_at=None, replaced_by=None)
    frame = speak(told({"thoigiancapnhat": "2024-09-05T10:00:00"}), system, system.resources["students"], UNITS)
    assert frame["source_changed_at"].tolist() == frame["replaced_by"].tolist() == [None]
