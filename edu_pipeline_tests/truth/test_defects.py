"""Every defect that the city knows is told as what it is, where it is, and nothing else is found at its place.

truth of the second vendor's units -> nights at year end, in the new year, after 1 July 2025 -> rows of every room
"""

from collections.abc import Callable

import pytest

from edu_pipeline.flow import year
from edu_pipeline.flow.ask import findings
from edu_pipeline.sandbox.defects import KINDS, Defect
from edu_pipeline_tests.stages import World

# What a record of the entity calls the person whom the truth names.
NAMED = {"student": "ref_key", "staff": "ref_key", "staff_assignment": "staff_key", "school_class": None}
# Told only later: from a day on which it can be a defect.
LATER = {"version_backwards": "settled", "ended_ward": "2025-07-15"}


def _key(world: World, defect: Defect) -> str | None:
    """What the unit's records call the child or member; None where the truth names nobody."""
    codes = [child.codes.get(defect.unit) for child in world.city.children_of[defect.unit] if child.root == defect.who]
    codes += [member.code for member in world.city.staff_of[defect.unit] if member.root == defect.who]
    return f"{defect.unit}/{codes[0]}" if codes else None


def _is_seen(world: World, defect: Defect) -> bool:
    means, _, what = defect.expected.partition(":")
    field, _, check = what.partition(".")
    key, column = _key(world, defect), NAMED.get(defect.entity, "student_key")
    asked = {
        "quarantined": ("quarantine", f"'{defect.entity}.{field}.{check}' = ANY (failed_rules)"),
        "finding": ("validated", f"is_present AND '{field}:{check}' = ANY (faults)"),
        "waiting": ("waiting", f"reason = '{what}'"),
        "clean": ("validated", "is_present AND cardinality(faults) = 0"),
    }
    if means == "superseded":
        query = "SELECT sum(row_count) FROM ops.ledger WHERE room = 'landing' AND term = 'superseded'"
        return bool(world.value(f"{query} AND entity = '{defect.entity}'"))
    if check == "ended":
        # Beside the child only those who are not told of any more: where they lived has ended as well.
        (record,) = world.rows(f"SELECT source_key FROM validated.{defect.entity} WHERE {column} = :k", k=key)
        told = {row["record"] for row in findings(defect.unit, check, by_record=True) if row["field"] == field}
        latest = world.value("SELECT max(batch_id) FROM validated.student WHERE claim_unit_id = :u", u=defect.unit)
        anew = world.rows(
            "SELECT source_key FROM validated.student WHERE claim_unit_id = :u AND batch_id = :b",
            u=defect.unit,
            b=latest,
        )
        assert len(anew) > 20
        return record.source_key in told and told.isdisjoint({row.source_key for row in anew})
    room, condition = asked[means]
    person = f" AND {column} = '{key}'" if key and column else ""
    found = world.value(
        f"SELECT count(*) FROM {room}.{defect.entity} WHERE claim_unit_id = :unit AND {condition}{person}",
        unit=defect.unit,
    )
    return bool(found)


@pytest.mark.slow
def test_every_defect_is_seen_as_what_it_is(whole: Callable[[str], World]) -> None:
    world = whole("year_end")
    ours = {unit.code for unit in world.city.units if unit.system == "hoaphuong"}
    defects = [defect for defect in world.city.defects if defect.unit in ours]
    assert len({defect.kind for defect in world.city.defects}) >= 40
    year.open_year(2023)
    missed = []
    for phase in ("year_end", "settled", "2025-07-15"):
        world.at(phase)
        outcomes = world.sync("registry", "hoaphuong")
        assert {name: outcome.error for name, outcome in outcomes.items()} == {"registry": None, "hoaphuong": None}
        due = [d for d in defects if LATER.get(d.kind, "year_end") == phase]
        missed += [(defect.kind, defect.expected) for defect in due if not _is_seen(world, defect)]
    assert missed == []


def test_every_kind_says_what_is_expected_in_the_words_that_the_test_reads() -> None:
    means = {kind.expected.partition(":")[0] for kind in KINDS.values()}
    assert means == {"clean", "quarantined", "finding", "waiting", "superseded"}
