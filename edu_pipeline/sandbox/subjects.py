"""Subjects of each grade by the programme in force, in the sector's words.

Place -> (with marks, without)

What does not belong here: marks (marks.py). Source: programmes of 2006 and 2018 (TT 32/2018); domain.md 2.6.
"""

from edu_pipeline.sandbox.story import Place

Subjects = tuple[tuple[str, ...], tuple[str, ...]]

# Scored subjects first, then those that are only commented on.
_LEVELLED = ("ethics", "physical_education", "music", "fine_arts", "experience")
_PRIMARY = {
    1: (("mathematics", "vietnamese"), ("nature_and_society", *_LEVELLED)),
    2: (("mathematics", "vietnamese"), ("nature_and_society", *_LEVELLED)),
    3: (("mathematics", "vietnamese", "foreign_language_1", "informatics_and_technology"),
        ("nature_and_society", *_LEVELLED)),
    4: (("mathematics", "vietnamese", "foreign_language_1", "informatics_and_technology", "science",
         "history_and_geography"), _LEVELLED),
}  # fmt: skip
_FIVE_OLD = (("mathematics", "vietnamese", "foreign_language_1", "informatics", "science", "history_and_geography"),
             ("ethics", "physical_education", "music", "fine_arts", "technology"))  # fmt: skip
_LOWER = (("literature", "mathematics", "foreign_language_1", "civic_education", "natural_science",
           "history_and_geography", "technology", "informatics"),
          ("physical_education", "arts", "local_education", "experience_and_career"))  # fmt: skip
_UPPER = (("literature", "mathematics", "foreign_language_1", "history", "defense_education", "physics", "chemistry",
           "informatics", "economic_and_legal_education"),
          ("physical_education", "local_education", "experience_and_career"))  # fmt: skip
_CENTRE = (("literature", "mathematics", "history", "geography", "physics", "economic_and_legal_education",
            "foreign_language_1"), ("local_education", "experience_and_career"))  # fmt: skip
_OLD = ("mathematics", "literature", "foreign_language_1", "physics", "chemistry", "biology", "history", "geography",
        "civic_education", "technology", "informatics")  # fmt: skip
_NINE_OLD = (_OLD, ("physical_education", "music", "fine_arts"))
_TWELVE_OLD = ((*_OLD, "defense_education"), ("physical_education",))
COMPETENCES = ("autonomy", "cooperation", "problem_solving", "language", "calculation", "science_competence",
               "aesthetics", "physique")  # fmt: skip
QUALITIES = ("patriotism", "compassion", "diligence", "honesty", "responsibility")


def primary(place: Place) -> Subjects:
    """Subjects with a test and those without, in primary school."""
    return _FIVE_OLD if (place.grade, place.year) == (5, 2023) else _PRIMARY[min(place.grade, 4)]


def secondary(place: Place) -> Subjects:
    """Scored subjects and those that are commented on, in grades 6 to 12; a centre teaches fewer."""
    if place.year == 2023 and place.grade in (9, 12):
        return _NINE_OLD if place.grade == 9 else _TWELVE_OLD
    if place.grade <= 9:
        return _LOWER
    return _CENTRE if place.unit[5] == "6" else _UPPER


def learned(place: Place) -> tuple[str, ...]:
    """What is learned in a place; empty for preschool."""
    if place.grade > 12:
        return ()
    marked, others = primary(place) if place.grade <= 5 else secondary(place)
    return marked + others
