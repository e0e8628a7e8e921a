"""A unit's new class codes become the register's, in that unit alone, before anything is compared."""

import pandas as pd

from edu_pipeline.normalize.recode import recode

CLASSES = {"79000701": {"6A": "6A1", "6B": "6A2"}}


def frame(**columns: list) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})


def test_codes_of_the_unit_are_the_registers_and_others_stay():
    told = frame(claim_unit_id=["79000701", "79000701", "79000702", "79000701", None],
                 class_code=["6A", "7A", "6A", None, "6A"],
                 combined_class_code=["6B", None, "6B", "6A", "6A"])  # fmt: skip
    recode(told, CLASSES)
    assert told["class_code"].tolist() == ["6A1", "7A", "6A", None, "6A"]
    assert told["combined_class_code"].tolist() == ["6A2", None, "6B", "6A1", "6A"]


def test_a_row_without_a_claim_is_of_its_own_unit():
    told = frame(claim_unit_id=[None], unit_id=["79000701"], class_code=["6B"])
    recode(told, CLASSES)
    assert told["class_code"].tolist() == ["6A2"]


def test_rows_without_class_codes_are_left_alone():
    told = frame(claim_unit_id=["79000701"], full_name=["6A"])
    recode(told, CLASSES)
    assert told.to_dict("list") == {"claim_unit_id": ["79000701"], "full_name": ["6A"]}
