"""What a class is called when its pupils go on: only the grade in its name changes.

classes of the snapshot, grades, renamings -> CTEs `token`, `heir`: a class and a grade -> the class there, or why none

What does not belong here: who goes on (closing.py). Binds: `from_year`, `to_year`. Expects CTEs `person`, `ladder`,
`plan`. Names seen: 6A1, 6/1, 10A01, 12.6, 1A, L2B, 06A1, Lớp 3B, Mầm 1, 4 tuổi A (domain.md 5.3).
"""

from edu_pipeline.contracts.memory import FOLLOWED

# Word of a preschool group by grade, and the age of its children: what the names in use say. Data, not law.
GROUPS: dict[int, str] = {13: "Nhà trẻ", 14: "Nhà trẻ", 15: "Nhà trẻ", 16: "Mầm", 17: "Chồi", 18: "Lá"}
AGES: dict[int, int] = {16: 3, 17: 4, 18: 5}

# problem -> what is wrong, said to the person who can mend it: the school shows the class, or a renaming is entered
PROBLEMS: dict[str, str] = {
    "class_unreadable": "the name of the class does not say its grade, so the next one is not known",
    "class_collision": "two classes would get one name",
    "class_missing": "the school shows its classes of the grade, and this one is not among them",
}

_NUMBER, _GROUP, _AGE = "number", "group", "age"
_TOKENS = ", ".join(
    f"({grade}, '{family}', '{word}')"
    for family, words in ((_NUMBER, {grade: str(grade) for grade in range(1, 13)}), (_GROUP, GROUPS), (_AGE, AGES))
    for grade, word in words.items()
)

# A leading number may have a zero or words before it, and no digit behind it: 06A1, Lớp 3B, but not 10A of grade 1.
_FORMS = {_NUMBER: "'^([^0-9]*)(0?)' || o.word || '(?![0-9])'", _GROUP: "'^()()' || o.word || '(?![[:alpha:]])'",
          _AGE: "'^([^0-9]*)(0?)' || o.word || '(?= ?tuổi)'"}  # fmt: skip
_FORM = "CASE o.family " + " ".join(f"WHEN '{family}' THEN {form}" for family, form in _FORMS.items()) + " END"

# A class of a merged unit, as its former system tells it, does not say that the unit which took it in shows its own.
# A letter right before the number (L2B) says the grade only where all classes of the unit speak so: A1 and A2 of one
# grade are not named by it.
HEIR = f"""
token(grade, family, word) AS (VALUES {_TOKENS}),
class_there AS (SELECT DISTINCT unit_id, class_code, grade_level FROM person WHERE class_code IS NOT NULL),
readable AS (
    SELECT c.*, o.family, {_FORM} AS form,
           bool_and(o.word IS NOT NULL) OVER (PARTITION BY c.unit_id)
               OR c.class_code !~ '^[^0-9]*[[:alpha:]][0-9]' AS is_plain
    FROM class_there c LEFT JOIN LATERAL (
        SELECT o.family, o.word FROM token o WHERE o.grade = c.grade_level AND c.class_code ~ ({_FORM})
        ORDER BY o.family DESC LIMIT 1) o ON true
), named AS (
    SELECT c.unit_id, c.class_code, c.grade_level, t.grade AS to_grade, x.to_class IS NOT NULL AS is_excepted,
           coalesce(x.to_class, CASE
               WHEN t.grade = c.grade_level THEN c.class_code
               WHEN c.is_plain THEN regexp_replace(c.class_code, c.form,
                   '\\1' || CASE WHEN length(n.word) < 2 THEN '\\2' ELSE '' END || n.word) END) AS to_class
    FROM readable c
    JOIN ladder l ON l.grade = c.grade_level
    CROSS JOIN LATERAL (VALUES (l.grade), (l.following)) t(grade)
    LEFT JOIN token n ON n.grade = t.grade AND n.family = c.family
    LEFT JOIN rollover.renaming x ON x.unit_id = c.unit_id AND x.from_year = :from_year AND x.withdrawn_at IS NULL
        AND x.from_class = c.class_code AND x.to_grade = t.grade
    WHERE t.grade IS NOT NULL
), class_shown AS (
    SELECT unit_id, class_code, grade_level FROM waiting.school_class WHERE school_year = :to_year AND reason = 'year'
    UNION SELECT unit_id, class_code, grade_level FROM master.school_class WHERE school_year = :to_year
), heir AS (
    SELECT n.*, CASE
        WHEN n.to_class IS NULL THEN 'class_unreadable'
        WHEN count(*) OVER same > 1 AND NOT bool_and(n.is_excepted) OVER same THEN 'class_collision'
        WHEN NOT n.is_excepted AND s.unit_id IS NULL AND EXISTS (
            SELECT FROM class_shown k WHERE k.unit_id = n.unit_id AND k.grade_level = n.to_grade
              AND k.class_code !~ '{FOLLOWED}') THEN 'class_missing'
        END AS problem
    FROM named n
    LEFT JOIN class_shown s ON (s.unit_id, s.class_code, s.grade_level) = (n.unit_id, n.to_class, n.to_grade)
    WINDOW same AS (PARTITION BY n.unit_id, n.grade_level, n.to_grade, n.to_class)
)"""
