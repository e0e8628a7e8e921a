"""The regulations as a page to read: what is in force where, levels, rows.

REGULATIONS -> Markdown (`python -m edu_pipeline.rollover.regulation.page > docs/regulations.md`)

What does not belong here: a rule. The page in docs/ is this text; a test compares them.
"""

from collections.abc import Iterator

from edu_pipeline.rollover.regulation.force import REGULATIONS
from edu_pipeline.rollover.regulation.scale import Level, Scale
from edu_pipeline.rollover.regulation.table import Condition, Regulation, Row

_HEAD = """# Regulations

By which table a pupil's year is judged, and what each table says. This page is written by
`python -m edu_pipeline.rollover.regulation.page > docs/regulations.md`; a test compares it with the declarations.

To replace a rule, change the declared rows, levels or years of one module in `edu_pipeline/rollover/regulation/`. To
add a regulation, write a module like the others, name it in `force.py` and end the years of the one that it follows: a
grade with no regulation, or with two, is refused when the package is loaded. The tests ask of every table, old or new,
that each combination of facts fits one row, that no row is idle, and that better facts never decide worse. What the
texts leave undecided, and how it is read here, stands at the head of each module; a decision that rests on such a
reading is flagged.

An `_after` fact is what summer has said; `untold` as long as it has not. A fact that nobody told fits no row.
Who is `promoted` out of the last grade of a level has completed the level. *May differ*: the regulation itself lets
somebody decide otherwise. The bounds stand in `domain.md` section 4 with their confidence.
"""
_KEY = "one of mathematics, literature, foreign language (and the subject of a specialised class) of at least"


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(line for one in REGULATIONS for line in _regulation(one))]).rstrip() + "\n"


def _regulation(one: Regulation) -> Iterator[str]:
    yield f"## {one.name}\n\n{one.title_vi}.\n"
    yield from _table(("programme", "grades", "school years", "confidence"), [
        (said.programme, _grades(said.grades), f"{said.from_year}-{said.to_year or ''}", said.confidence)
        for said in one.in_force
    ])  # fmt: skip
    if one.scale:
        yield f"Levels by {one.scale.article}, the first that fits:\n"
        yield from _table(("level", "asks"), list(_levels(one.scale)))
    if one.terms:
        yield "Conduct of the year from the terms:\n"
        yield from _table(("semester I", "semester II", "year", "article"), [
            (_said(row.when["first"]), _said(row.when["second"]), row.decision, row.article) for row in one.terms
        ])  # fmt: skip
    names = [fact.name for fact in one.facts]
    yield from _table((*names, "decision", "article", "note"), [
        (*(_said(row.when[name]) if name in row.when else "" for name in names), *_decided(row)) for row in one.rows
    ])  # fmt: skip
    if one.individual_plan:
        yield f"A disabled pupil on an individual plan ({one.individual_plan}): the principal decides.\n"


def _decided(row: Row) -> tuple[str, str, str]:
    said = "; ".join(part for part in (row.note, row.flag and f"flagged: {row.flag}") if part)
    return f"{row.decision}{', may differ' if row.may_differ else ''}", row.article, said


def _levels(scale: Scale) -> Iterator[tuple[str, str]]:
    for level in scale.levels:
        yield level.name, "; ".join(_asks(level)) or "otherwise"
    for reach, fallen, raised in scale.adjust:
        yield raised, f"raised: one single subject drags {reach} down to {fallen}"


def _asks(level: Level) -> Iterator[str]:
    if level.floor:
        yield f"no mark below {level.floor}"
    if level.six:
        yield f"at least six of at least {level.six}"
    if level.average:
        yield f"average of at least {level.average}"
    if level.key:
        yield f"{_KEY} {level.key}"
    if level.not_passed is not None:
        yield f"comment subjects not passed: at most {level.not_passed}"
    if level.short:
        yield f"no subject, competence or quality {', '.join(level.short)}"


def _said(condition: Condition) -> str:
    return f"{condition[0]}-{condition[-1]}" if isinstance(condition, range) else ", ".join(condition)


def _grades(grades: tuple[int, ...]) -> str:
    is_run = len(grades) > 2 and list(grades) == list(range(grades[0], grades[-1] + 1))
    return f"{grades[0]}-{grades[-1]}" if is_run else ", ".join(map(str, grades))


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(row)} |"
    yield ""


if __name__ == "__main__":
    print(page(), end="")
