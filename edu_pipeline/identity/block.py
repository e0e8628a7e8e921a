"""Which pairs of a waiting record and an identity are looked at: the same day, name, id or number, one equality each.

waiting.student, waiting.staff, master.identity -> CTEs wanted, numbered, pair; validated -> held

What does not belong here: what a pair is (suspect.py), how values are made comparable (fold.py).
"""

from edu_pipeline.contracts.identity import content, is_as_accepted
from edu_pipeline.identity import fold

PERSONS = ("student", "staff")
_STANDS = "v.is_present AND v.event <> 'CANCEL'"

WANTED = " UNION ALL ".join(
    f"""SELECT connection_id, '{person}' AS entity, source_key, claim_unit_id AS unit_id, {person}_id AS told_id,
        full_name, {fold.name("full_name")} AS folded, birth_date, {fold.swapped("birth_date")} AS swapped, sex,
        {fold.number("personal_number")} AS number, {content(f"{person}_id", "full_name", "birth_date")} AS content
    FROM waiting.{person} w WHERE reason = 'identity' AND NOT EXISTS (
        SELECT FROM identity.alias a WHERE (a.connection_id, a.entity, a.source_key)
            = (w.connection_id, '{person}', w.source_key)
          AND a.basis = 'accepted' AND a.valid_to IS NULL AND {is_as_accepted("w", f"{person}_id")})"""
    for person in PERSONS
)

# Whoever stands under an identity, beside the record itself: a pupil's own record holds its identity, a twin's does too.
HELD = " UNION ALL ".join(
    f"SELECT connection_id, '{person}' AS entity, source_key, claim_unit_id AS unit_id, {person}_id AS identity_id"
    f" FROM validated.{person} v WHERE {_STANDS}"
    for person in PERSONS
)

NUMBERS = " UNION ALL ".join(
    f"SELECT '{person}' AS entity, {person}_id AS identity_id, {fold.number('personal_number')} AS number"
    f" FROM master.{person} WHERE personal_number IS NOT NULL"
    for person in PERSONS
)

# Each block is one equality, so that a city's identities are read once a block and joined by their hash. NULL, of a date
# that has no other form, joins nothing. What is the same in nothing of this is not looked at.
BLOCKS = {
    "birth_date": "i.birth_date = w.birth_date",
    "swapped": "i.birth_date = w.swapped",
    "name_year": f"{fold.name('i.full_name')} = w.folded AND left(i.birth_date, 4) = left(w.birth_date, 4)",
    "name_day": f"{fold.name('i.full_name')} = w.folded AND substr(i.birth_date, 6) = substr(w.birth_date, 6)",
    "told_id": "i.identity_id = w.told_id",
}

PAIRS = " UNION ".join(
    f"SELECT w.connection_id, w.entity, w.source_key, i.identity_id FROM wanted w"
    f" JOIN master.identity i ON i.person_kind = w.entity AND {block}"
    for block in BLOCKS.values()
) + """ UNION SELECT w.connection_id, w.entity, w.source_key, n.identity_id FROM wanted w
    JOIN numbered n ON n.entity = w.entity AND n.number = w.number"""
