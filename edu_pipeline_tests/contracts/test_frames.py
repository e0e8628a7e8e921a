"""A frame's types follow the declaration, and a cleaner that gives another type is found before anything is copied."""

import datetime as dt

import pandas as pd
import pytest

from edu_pipeline.contracts.columns import sql_type
from edu_pipeline.contracts.frames import frame_types, mistyped
from edu_pipeline.schema import ENTITIES, PULLED, Entity, entity


@pytest.mark.parametrize("declared", ENTITIES, ids=lambda e: e.name)
def test_frames_and_tables_agree_on_types(declared: Entity) -> None:
    types = frame_types(declared)
    assert tuple(types) == declared.field_names
    assert all(sql_type(field).python_type is types[field.name] for field in declared.fields)


@pytest.mark.parametrize("declared", PULLED, ids=lambda e: e.name)
def test_missing_values_have_any_type(declared: Entity) -> None:
    assert (
        mistyped(declared, pd.DataFrame({name: pd.Series([None], dtype=object) for name in declared.field_names})) == []
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("absence_count", True), ("absence_count", 3.0), ("absence_count", "3"), ("outcome", 1), ("school_year", "2023")],
)
def test_another_type_is_found(name: str, value: object) -> None:
    declared = entity("result")
    columns = {field: pd.Series([None], dtype=object) for field in declared.field_names}
    columns[name] = pd.Series([value], dtype=object)
    assert mistyped(declared, pd.DataFrame(columns)) == [name]


def test_a_time_is_no_date() -> None:
    declared = entity("enrollment")
    columns = {field: pd.Series([None], dtype=object) for field in declared.field_names}
    columns["begin_date"] = pd.Series([dt.datetime(2023, 9, 5, tzinfo=dt.UTC)], dtype=object)
    assert mistyped(declared, pd.DataFrame(columns)) == ["begin_date"]
