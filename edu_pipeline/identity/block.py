"""Which pairs of a waiting record and an identity are looked at: the same day, name, id or number, one equality each.

waiting.student, waiting.staff, master.identity -> CTEs wanted, numbered, pair; validated -> held

What does not belong here: what a pair is (suspect.py), how values are made comparable (contracts/fold.py).
"""

from edu_pipeline.contracts import fold
from edu_pipeline.contracts.identity import content, is_as_accepted

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

# Whoever stands under an identity, the record itself too: a twin's record holds the twin's identity.
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

# Names are folded once a night: it is what takes longest.
KNOWN = f"""SELECT identity_id, person_kind AS entity, full_name AS known_name,
    {fold.name("full_name")} AS known_folded, birth_date AS known_birth,
    sex AS known_sex FROM master.identity"""

# Each block is one equality, joined by its hash; NULL, of a date that has no other form, joins nothing. What is the
# same in nothing of this is not looked at.
_KNOWN = "JOIN known k ON k.entity = w.entity"
BLOCKS = {
    "birth_date": f"{_KNOWN} AND k.known_birth = w.birth_date",
    "swapped": f"{_KNOWN} AND k.known_birth = w.swapped",
    "name_year": f"{_KNOWN} AND k.known_folded = w.folded AND left(k.known_birth, 4) = left(w.birth_date, 4)",
    "name_day": f"{_KNOWN} AND k.known_folded = w.folded AND substr(k.known_birth, 6) = substr(w.birth_date, 6)",
    "told_id": f"{_KNOWN} AND k.identity_id = w.told_id",
    "number": "JOIN numbered n ON n.entity = w.entity AND n.number = w.number"
    " JOIN known k ON k.identity_id = n.identity_id",
}

# How alike two folded names must be to be worth a look.
LOOKS = 0.4

PAIRS = " UNION ".join(
    f"SELECT w.connection_id, w.entity, w.source_key, k.identity_id, k.known_name, k.known_folded, k.known_birth,"
    f" k.known_sex, public.similarity(w.folded, k.known_folded) AS alike"
    f" FROM wanted w {block}"
    f" WHERE w.folded = k.known_folded OR public.similarity(w.folded, k.known_folded) >= {LOOKS}"
    for block in BLOCKS.values()
)
