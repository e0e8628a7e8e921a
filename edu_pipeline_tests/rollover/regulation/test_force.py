"""Exactly one regulation judges a grade of a programme in a school year."""

from dataclasses import replace

import pytest

from edu_pipeline.rollover.regulation import force
from edu_pipeline.rollover.regulation.table import InForce
from edu_pipeline.rollover.regulation.tt22 import TT22
from edu_pipeline.rollover.regulation.tt30 import TT30
from edu_pipeline.schema.sound import DeclarationError

# domain.md 4.1, typed out: grade -> regulation in 2023-2024 and in 2024-2025.
GENERAL = {
    **dict.fromkeys(range(1, 5), ("TT 27/2020", "TT 27/2020")),
    5: ("TT 30/2014", "TT 27/2020"),
    **dict.fromkeys((6, 7, 8, 10, 11), ("TT 22/2021", "TT 22/2021")),
    **dict.fromkeys((9, 12), ("TT 58/2011", "TT 22/2021")),
    **dict.fromkeys(range(13, 19), ("preschool", "preschool")),
}


@pytest.mark.parametrize("kind", ["preschool", "primary", "lower_secondary", "upper_secondary", "multi_level"])
def test_the_roadmap_of_general_schools(kind: str) -> None:
    for grade, names in GENERAL.items():
        assert tuple(force.regulation_for(grade, year, kind).name for year in (2023, 2024)) == names
        assert force.regulation_for(grade, 2040, kind).name == names[1]


def test_centres_and_foreign_programmes() -> None:
    centre = "continuing_education"
    assert [force.regulation_for(g, 2023, centre).name for g in (9, 10, 12)] == [
        "QĐ 02/2007",
        "TT 43/2021",
        "QĐ 02/2007",
    ]
    assert force.regulation_for(12, 2024, centre).name == "TT 43/2021"
    assert force.regulation_for(7, 2023, "foreign_invested").name == "foreign programme"
    assert force.regulation_for(7, 2023, "foreign_invested", has_ministry_programme=True).name == "TT 22/2021"
    assert force.regulation_for(7, 2023, "lower_secondary", has_ministry_programme=False).name == "foreign programme"
    with pytest.raises(LookupError, match="no regulation for grade 3 of a continuing programme in 2023"):
        force.regulation_for(3, 2023, centre)


def test_a_gap_or_an_overlap_in_force_is_refused() -> None:
    without = tuple(one for one in force.REGULATIONS if one is not TT30)
    with pytest.raises(DeclarationError, match="general grade 2, 2020-2021: nothing in force"):
        force.check(without)
    doubled = replace(TT22, in_force=(*TT22.in_force, InForce("general", (9,), 2023)))
    with pytest.raises(DeclarationError, match=r"general grade 9, 2023-2024: TT 58/2011 and TT 22/2021 and TT 22/2021|"
                       r"general grade 9, 2023-2024: TT 22/2021 and TT 58/2011 in force"):  # fmt: skip
        force.check(tuple(doubled if one is TT22 else one for one in force.REGULATIONS))
    force.check(force.REGULATIONS)


def test_names_are_one_each() -> None:
    assert len({one.name for one in force.REGULATIONS}) == len(force.REGULATIONS)
