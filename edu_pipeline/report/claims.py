"""What every connected system claims of a person, a class or a unit, and what became of the claim.

validated, quarantine, waiting -> rows of (what, params, since, until): room, connection, record keys, rules

What does not belong here: decisions (explain.py), whether a claim is right. A record's values: only its key, and the
unit, year and state that say what it is about.
"""

from collections.abc import Iterator

from edu_pipeline.report.explain import KNOWN, told
from edu_pipeline.schema import PULLED, Entity

_ROOMS = {
    # room -> (what, detail, is it still told, since)
    "validated": ("claim", "CAST(NULL AS text)", "t.is_present AND t.event <> 'CANCEL'",
                  "coalesce(b.finished_at, b.started_at)"),
    "quarantine": ("quarantine", "array_to_string(t.failed_rules, ', ')", "true", "t.since"),
    "waiting": ("waiting", "t.reason", "true", "t.since"),
}  # fmt: skip

# Records of one kind are one line, with all their keys.
_GROUPED = """
SELECT what, jsonb_build_object('unit', unit, 'connection', connection_id, 'entity', entity, 'year', year,
           'detail', detail, 'gone', CASE WHEN NOT is_told THEN 'gone' END,
           'keys', to_jsonb(array_agg(source_key ORDER BY source_key))), min(since), CAST(NULL AS timestamptz)
FROM ({rows}) claim GROUP BY what, unit, connection_id, entity, year, detail, is_told"""


def _rows(room: str, entity: Entity, condition: str) -> str:
    what, detail, is_told, since = _ROOMS[room]
    year = "t.school_year" if "school_year" in entity.field_names else "CAST(NULL AS int)"
    batch = "LEFT JOIN ops.batch b USING (batch_id)" if room == "validated" else ""
    return (
        f"SELECT '{what}' AS what, '{entity.name}' AS entity, t.connection_id, t.source_key,"
        f" t.claim_unit_id AS unit, {year} AS year, {detail} AS detail, {is_told} AS is_told, {since} AS since"
        f" FROM {room}.{entity.name} t {batch} WHERE ({condition}) AND {KNOWN.format(column=since)}"
    )


def _all(conditions: list[tuple[Entity, str]]) -> str:
    rows = " UNION ALL ".join(_rows(room, entity, condition) for entity, condition in conditions for room in _ROOMS)
    return told(_GROUPED.format(rows=rows))


_OWN = """(t.connection_id, t.source_key) IN
    (SELECT * FROM unnest(CAST(:connections AS text[]), CAST(:keys AS text[])))"""
_REF = """(t.connection_id, t.{key}) IN (SELECT n.connection_id, n.ref_key FROM (
    SELECT connection_id, source_key, ref_key FROM validated.{person}
    UNION ALL SELECT connection_id, source_key, ref_key FROM quarantine.{person}
    UNION ALL SELECT connection_id, source_key, ref_key FROM waiting.{person}) n
    JOIN unnest(CAST(:connections AS text[]), CAST(:keys AS text[])) k(connection_id, source_key)
    USING (connection_id, source_key))"""


def of_person(person: str) -> str:
    """Query of the claims on a student or a member of staff: the own records, and all that name the person."""
    return _all(list(_naming(person)))


def _naming(person: str) -> Iterator[tuple[Entity, str]]:
    key, identity = f"{person}_key", f"{person}_id"
    for entity in PULLED:
        if entity.name == person:
            yield entity, f"{_OWN} OR t.{identity} = ANY(:persons)"
        elif entity.name == "identity":
            yield entity, "t.identity_id = ANY(:persons)"
        elif identity in entity.field_names:
            ref = f" OR {_REF.format(key=key, person=person)}" if key in entity.source_keys else ""
            yield entity, f"t.{identity} = ANY(:persons){ref}"
        elif person == "staff" and entity.name == "school_class":
            yield entity, "t.homeroom_staff_id = ANY(:persons)"


def of_class() -> str:
    """Query of the claims that a class is there (binds: unit, year, code, at)."""
    here = "t.unit_id = :unit AND t.school_year = :year AND t.class_code = :code"
    return _all([(entity, here) for entity in PULLED if entity.name == "school_class"])


def of_unit() -> str:
    """Query of the claims on the unit itself: what the registry tells of it, and what it declared (binds: unit, at)."""
    return _all([(entity, "t.unit_id = :unit") for entity in PULLED if entity.name in ("unit", "deployed_system")])


# Places that name a class and are in no register yet: whom the class waits for.
WAITED_FOR = told(_GROUPED.format(rows=" UNION ALL ".join(
    _rows(room, entity, """t.unit_id = :unit AND t.school_year = :year AND t.class_code = :code
        OR (t.connection_id, t.class_key) IN (SELECT c.connection_id, c.ref_key FROM (
            SELECT connection_id, ref_key, unit_id, school_year, class_code FROM validated.school_class
            UNION ALL SELECT connection_id, ref_key, unit_id, school_year, class_code FROM waiting.school_class
            UNION ALL SELECT connection_id, ref_key, unit_id, school_year, class_code FROM quarantine.school_class) c
            WHERE (c.unit_id, c.school_year, c.class_code) = (:unit, :year, :code))""")
    for entity in PULLED if entity.name == "enrollment"
    for room in ("quarantine", "waiting")
)))  # fmt: skip
