"""What was found in admitted rows: values that were left out or contradict each other, for the school to mend.

validated.<entity>.faults -> counts by unit, field and check; record keys

What does not belong here: rows that are stopped (stopped.py), any value: keys, fields and rules tell where to look.
"""

from edu_pipeline.contracts.reference import places_of_today
from edu_pipeline.schema import PULLED

_STORED = [
    f"SELECT connection_id, claim_unit_id AS unit, '{entity.name}' AS entity, source_key, unnest(faults) AS said"
    f" FROM validated.{entity.name} WHERE is_present AND cardinality(faults) > 0"
    for entity in PULLED
]
# A place that has ended since it was told: nothing has changed but the day, so no row was judged again.
_ENDED = [
    f"SELECT connection_id, claim_unit_id, '{entity.name}', source_key, '{field.name}:ended'"
    f" FROM validated.{entity.name} v WHERE is_present AND EXISTS (SELECT FROM reference.{field.codes.name} r"
    f" WHERE r.code = v.{field.name}) AND NOT EXISTS (SELECT FROM reference.code_version c"
    f" WHERE c.list = '{field.codes.name}' AND c.code = v.{field.name} AND c.valid_from <= :as_of"
    " AND (c.valid_to IS NULL OR c.valid_to > :as_of))"
    for entity in PULLED
    for field in places_of_today(entity)
    if field.codes
]
_FOUND = " UNION ALL ".join([*_STORED, *_ENDED])
_CAUSE = """
SELECT unit, connection_id AS connection, entity, split_part(said, ':', 1) AS field,
       split_part(said, ':', 2) AS "check","""

_WHERE = """
WHERE (CAST(:unit AS text) IS NULL OR unit = :unit)
  AND (CAST(:check AS text) IS NULL OR split_part(said, ':', 2) = :check)"""

# One cause, one line: a missing code of a vendor is one line for all its rows.
FINDINGS = f"""{_CAUSE} count(*) AS rows
FROM ({_FOUND}) f {_WHERE} GROUP BY 1, 2, 3, 4, 5 ORDER BY count(*) DESC, 1, 2, 3, 4, 5"""

RECORDS = f"""{_CAUSE} source_key AS record
FROM ({_FOUND}) f {_WHERE} ORDER BY 1, 2, 3, 4, 5, 6"""
