"""How names, dates and numbers are made comparable, as SQL expressions: what a hurried hand does to them undone.

text column -> folded name; birth date -> as if day and month were swapped; number -> with the 0 that a sheet ate

What does not belong here: whether two records are one person (identity, account.py). Nothing
folded is ever stored or admitted.
"""

from edu_pipeline.schema import codes


def name(column: str) -> str:
    """The name in small letters without marks, composed first (NFC), one blank between words, nothing else in it."""
    plain = f"public.unaccent(lower(normalize({column}, NFC)))"
    return f"btrim(regexp_replace({plain}, '[^a-z0-9]+', ' ', 'g'))"


def words(column: str) -> str:
    """The words of a folded name in the order of the alphabet: some write the family name last."""
    return f"ARRAY(SELECT w FROM unnest(string_to_array({name(column)}, ' ')) w ORDER BY w)"


def swapped(column: str) -> str:
    """The day that is meant if day and month were swapped; NULL where that is no other day."""
    parts = f"left({column}, 4) || '-' || substr({column}, 9, 2) || '-' || substr({column}, 6, 2)"
    is_day = (
        f"length({column}) = 10 AND substr({column}, 9, 2) <= '12' AND substr({column}, 9) <> substr({column}, 6, 2)"
    )
    return f"CASE WHEN {is_day} THEN {parts} END"


def differing(one: str, other: str) -> str:
    """In how many places two whole dates have another digit."""
    places = (1, 2, 3, 4, 6, 7, 9, 10)
    return "(" + " + ".join(f"(substr({one}, {n}, 1) <> substr({other}, {n}, 1))::int" for n in places) + ")"


def number(column: str) -> str:
    """A personal number of twelve digits, or of eleven that begin with a province's code, the eaten 0 put back."""
    provinces = ", ".join(f"'{code}'" for code in codes.PROVINCE.codes)
    return (
        f"CASE WHEN {column} ~ '^[0-9]{{12}}$' THEN {column}"
        f" WHEN {column} ~ '^[0-9]{{11}}$' AND left({column}, 2) IN ({provinces}) THEN '0' || {column} END"
    )
