"""The laws of a rollover, counted in Python from what was drawn and from plain SELECTs of what stands.

Written, plan lines, rows -> AssertionError that names the law and the drawn thing that breaks it

What does not belong here: the package's own sums (rollover/check.py, reconcile.py): they are what is being tested.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlalchemy import Engine, text

from edu_pipeline.rollover.naming import PROBLEMS
from edu_pipeline.schema.ladder import ENTRANCE_GRADES, FINAL_GRADES, LEVELS
from edu_pipeline_tests.rollover.written import LEFT, YEAR, Person, Written, results, ruled

ROOMS = ("school_class", "enrollment", "student_year", "staff_assignment")
_ARRIVING = ("accepted", "intake", "returned")
_ON = ("promoted", "retained")
Content = dict[str, Counter[str]]
_LEVEL = {grade: level for level, grades in LEVELS.items() for grade in grades}


class Standing:
    """What stands: the plan of each unit that counts, its lines, and the rows of the new year."""

    def __init__(self, app: Engine, is_applied: bool = False) -> None:
        order = "status = 'applied' DESC, plan_id DESC" if is_applied else "plan_id DESC"
        with app.connect() as database:
            self.plans = {row.unit_id: row for row in database.execute(text(
                "SELECT DISTINCT ON (unit_id) * FROM rollover.plan WHERE status IN ('checked', 'refused', 'applied')"
                f" ORDER BY unit_id, {order}"))}  # fmt: skip
            lines = database.execute(text("SELECT * FROM rollover.plan_line WHERE plan_id = ANY(:p)"),
                                     {"p": [p.plan_id for p in self.plans.values()]}).all()  # fmt: skip
            self.rows = {name: database.execute(text(f"SELECT * FROM rollover.{name}")).all() for name in ROOMS}
            self.balance = {r.unit_id: r for r in database.execute(text("SELECT * FROM rollover.balance"))}
        self.lines = {kind: [line for line in lines if line.kind == kind]
                      for kind in ("closing", "opening", "class", "assignment", "expected")}  # fmt: skip

    @property
    def applied(self) -> set[str]:
        return {unit for unit, plan in self.plans.items() if plan.status == "applied"}

    def of(self, kind: str, unit: str) -> list[Any]:
        return [line for line in self.lines[kind] if line.unit_id == unit]


def content(app: Engine, but: Collection[str] = ()) -> Content:
    """Everything that a rollover leaves of the new year (`but`: of other units), without the numbers and times of its
    runs."""
    said = "CAST(to_jsonb(r) - CAST('{plan_id,run_id}' AS text[]) AS text)"
    queries = {name: f"SELECT {said} AS said FROM rollover.{name} r" for name in ROOMS}
    queries["unit_year"] = (
        "SELECT concat_ws('/', unit_id, school_year, state) AS said FROM ops.unit_year WHERE state <> 'future'"
    )
    queries["plan"] = "SELECT concat_ws('/', unit_id, hash, reconciled) AS said FROM rollover.plan" \
                      " WHERE status = 'applied'"  # fmt: skip
    with app.connect() as database:
        found = {name: database.execute(text(query)).scalars().all() for name, query in queries.items()}
    return {name: Counter(line for line in lines if not any(unit in line for unit in but))
            for name, lines in found.items()}  # fmt: skip


def waiting(app: Engine) -> Counter[str]:
    """What waits for the new year."""
    query = " UNION ALL ".join(f"SELECT CAST(to_jsonb(w) - 'since' AS text) FROM waiting.{name} w"
                               for name in ("enrollment", "school_class"))  # fmt: skip
    with app.connect() as database:
        return Counter(database.execute(text(query)).scalars())


def snapshot(written: Written, app: Engine) -> None:
    """The closing snapshot has everybody who was there, and nobody else."""
    query = text("SELECT unit_id, student_count + open_count AS persons FROM rollover.snapshot")
    with app.connect() as database:
        found = {row.unit_id: row.persons for row in database.execute(query)}
    assert found == {unit: written.active(unit) for unit in written.units}


def plan(written: Written, standing: Standing) -> None:
    """Everybody of the snapshot has one closing line, every post one line, every refusal a cause that was drawn."""
    _units(written, standing)
    for unit in written.units:
        _closings(written, standing, unit)
        posts = Counter((line.staff_id, line.role) for line in standing.of("assignment", unit)
                        if line.decision != "moved_in")  # fmt: skip
        assert posts == Counter((staff, role) for place, staff, role in written.posts if place == unit), unit
    for unit, found in standing.plans.items():
        if found.status == "refused":
            for fault in found.fault.split("; "):
                assert _is_caused(fault, unit, written, standing), (unit, found.fault)


def late(standing: Standing, former: Standing) -> None:
    """An amendment loses nobody: the same closings and posts as the plan before it."""
    for unit in standing.plans:
        for kind in ("closing", "assignment"):
            keys, before = ({line.line_key for line in one.of(kind, unit) if line.decision != "moved_in"}
                            for one in (standing, former))  # fmt: skip
            assert keys == before, (unit, keys ^ before)


def _units(written: Written, standing: Standing) -> None:
    made = {to for to, _ in written.steps.values() if to in written.made.values()}
    assert standing.plans.keys() == {*written.units, *made}


def _closings(written: Written, standing: Standing, unit: str) -> None:
    lines = standing.of("closing", unit)
    keys = Counter(line.line_key for line in lines)
    people = {f"closing/{key}": person for person in written.persons if person.unit == unit
              for key in _named(written, person)}  # fmt: skip
    assert keys == Counter(people.keys()), (unit, keys - Counter(people.keys()), Counter(people.keys()) - keys)
    for line in lines:
        person = people[line.line_key]
        allowed = _allowed(written, person, line)
        assert line.decision in allowed, (allowed, line, person)
        # Nobody is left behind without a word.
        assert line.decision != "pending" or line.flags or line.reason, (line, person)


def _named(written: Written, person: Person) -> list[str]:
    if person.is_active:
        return [person.root]
    if person.pupil.case in ("", "stranger"):
        return []
    source = person.school.vendor if person.pupil.case == "handed_over" else written.connection(person.unit)
    return [f"{source}/{key}" for key in person.keys]


def _allowed(written: Written, person: Person, line: Any) -> set[str]:
    if person.pupil.case == "twice" and line.from_class is None:
        return {"pending"}
    found = expected(written, person)
    allowed = {found}
    if found in _ON and set(line.flags) & PROBLEMS.keys():
        allowed = {"pending"}
    to, codes = written.steps.get(person.unit, (person.unit, None))
    if person.unit in written.steps and (found in _ON or (found == "pending" and to is None)):
        moved = {"pending"} if to is None or "pending" in allowed else {"moved_out"}
        allowed = moved if codes is None else allowed | moved
    return allowed


def expected(written: Written, person: Person) -> str:
    """How the year closes by what was drawn: a person's word, a leaving, then three witnesses."""
    pupil, grade, up = person.pupil, person.room.grade, person.following()
    if pupil.decided and person.is_active:
        return "completed" if pupil.decided == "promoted" and up is None else pupil.decided
    if (person.is_open and pupil.case not in ("mended", "twice")) or pupil.way in LEFT:
        return "pending" if person.is_open else LEFT[pupil.way]
    told = results(person)
    outcome = next((told[stage]["outcome"] for stage in ("HE", "CN") if told.get(stage, {}).get("outcome")), None)
    reported = {"retest": "pending", "retained": "retained", None: None}.get(outcome, "unfit")
    if (outcome == "promoted" and up) or (outcome == "completed" and not up):
        reported = outcome
    by_rule, may_differ = ruled(person, written.city.both_below)
    placed = _placed(written, person, grade, up)
    said = reported or placed
    against = bool(not may_differ and by_rule and said and said != by_rule
                   and not (by_rule == "pending" and said == "retained"))  # fmt: skip
    if reported in ("pending", "unfit"):
        return "pending"
    if placed == "unfit" or (against if reported is None or placed is None else placed != reported):
        return "pending"
    return (placed if reported is None and may_differ else None) or reported or by_rule or placed or "pending"


def _placed(written: Written, person: Person, grade: int, up: int | None) -> str | None:
    to = written.steps.get(person.unit, (None, None))[0]
    places = {unit: there for unit, _, there in person.shown}
    there = places.get(person.unit) or places.get(to or "")
    if there is None:
        return None
    if there == up:
        return "promoted"
    if there == grade:
        return "retained"
    onward = grade in FINAL_GRADES and there in ENTRANCE_GRADES and _LEVEL[there] != _LEVEL[grade]
    return "completed" if onward else "unfit"


def _is_caused(fault: str, unit: str, written: Written, standing: Standing) -> bool:
    rule = fault.split(":", maxsplit=1)[0]
    if rule == "active_pupils_equal_headcount":
        return written.city.schools[written.units.index(unit)].headcount == "wrong"
    if rule == "one_grade_a_class":
        seats = {(line.to_class, line.to_grade) for line in standing.of("opening", unit) if line.decision != "pending"}
        classes = Counter(code for code, _ in seats)
        return max(classes.values()) > 1
    if rule == "share_in_range":
        return written.city.is_strict
    if rule == "moves_with_refused":
        return standing.plans[fault.rsplit(maxsplit=1)[-1]].status == "refused"
    return False


def applied(written: Written, standing: Standing) -> None:
    """Who stands where: once, in one unit, in a class of the grade, one grade up at most, and nobody who is pending."""
    rows, units = standing.rows["enrollment"], standing.applied
    by_root = {person.root: person for person in written.persons}
    assert all(row.unit_id in units for name in ROOMS for row in standing.rows[name])
    twice = {root: n for root, n in Counter(row.student_id for row in rows).items() if n > 1}
    assert twice == {}
    grades = {(row.unit_id, row.class_code): row.grade_level for row in standing.rows["school_class"]}
    assert len(grades) == len(standing.rows["school_class"])
    for row in rows:
        assert grades[row.unit_id, row.class_code] == row.grade_level, row
        if (person := by_root.get(row.student_id)) and (person.is_active or person.is_open):
            assert _rank(row.grade_level) - _rank(person.room.grade) <= 1, (row, person)
    stands = {row.student_id: row for row in rows}
    for line in standing.lines["closing"]:
        if line.unit_id not in units:
            continue
        row = stands.get(line.student_id)
        if line.decision in _ON:
            seat = (line.unit_id, line.to_class, line.to_grade)
            assert row is not None, line
            assert (row.unit_id, row.class_code, row.grade_level) == seat, (line, row)
        elif line.decision == "moved_out":
            assert row is not None, line
            assert (row.unit_id, row.decision) == (line.other_unit_id, "moved_in"), (line, row)
        elif line.decision in ("pending", "withdrawn") and line.from_class:
            assert row is None or row.unit_id != line.unit_id, (line, row)
            assert line.decision != "pending" or row is None, (line, row, by_root.get(line.student_id))
    _sums(standing)
    _posts(standing)


def _sums(standing: Standing) -> None:
    released, accepted = 0, 0
    left = {line.student_id for unit in standing.applied for line in standing.of("closing", unit)
            if line.decision == "transferred_out"}  # fmt: skip
    for unit in standing.applied:
        closings, rows = standing.of("closing", unit), [r for r in standing.rows["enrollment"] if r.unit_id == unit]
        ways = Counter(_whereto(standing, line) for line in closings if line.decision == "transferred_out")
        balance = standing.balance[unit]
        assert balance.is_balanced, (unit, balance.fault)
        assert standing.plans[unit].reconciled, unit
        assert (balance.released_inside, balance.released_away, balance.released_transit) \
            == (ways["inside"], ways["away"], ways["transit"])  # fmt: skip
        arrived = [row for row in rows if row.decision in _ARRIVING]
        inside = sum(row.student_id in left for row in arrived)
        assert (balance.accepted_inside, balance.accepted_outside) == (inside, len(arrived) - inside)
        released, accepted = released + ways["inside"], accepted + inside
        openings = [line for line in standing.of("opening", unit) if line.decision != "pending"]
        meant, stands = (Counter((one.student_id, one.decision) for one in many) for many in (openings, rows))
        assert meant == stands, unit
    assert released == accepted


def _whereto(standing: Standing, line: Any) -> str:
    if any(r.student_id == line.student_id and r.decision in _ARRIVING for r in standing.rows["enrollment"]):
        return "inside"
    return "away" if line.other_unit_id is None and "release_unproven" not in line.flags else "transit"


def _posts(standing: Standing) -> None:
    rows = {(r.unit_id, r.staff_id, r.role) for r in standing.rows["staff_assignment"]}
    meant = {(line.unit_id, line.staff_id, line.role) for line in standing.lines["assignment"]
             if line.unit_id in standing.applied and line.decision in ("carried", "moved_in")}  # fmt: skip
    assert rows == meant
    for unit in standing.applied:
        for line in standing.of("assignment", unit):
            if line.decision == "moved_out":
                assert (line.other_unit_id, line.staff_id, line.role) in rows
    held = {(unit, staff) for unit, staff, _ in rows}
    for row in standing.rows["school_class"]:
        if row.homeroom_staff_id and row.is_proposed:
            assert (row.unit_id, row.homeroom_staff_id) in held, row


def _rank(grade: int) -> int:
    return grade - 18 if grade > 12 else grade


def outcomes(standing: Standing) -> Iterator[str]:
    """What came of it, by name."""
    for kind, lines in standing.lines.items():
        yield from (f"{kind}: {line.decision}" for line in lines)
        yield from (f"flag {flag}" for line in lines for flag in line.flags)
    yield from (f"plan {plan.status}" for plan in standing.plans.values())


def unready(written: Written, standing: Standing, said: dict[str, list[str]]) -> None:
    """A unit is not ready for a drawn cause alone."""
    for unit, reasons in said.items():
        assert set(_causes(reasons)) <= {"read"} | ({"open"} if written.city.is_strict else set()), (unit, reasons)
    checked = [unit for unit, plan in standing.plans.items() if plan.status == "checked"]
    # Whoever came with an event is told under the code that went up in the unit: the later reading counts.
    told = {unit: {unit, *(of for of, (to, _) in written.steps.items() if to == unit)} for unit in checked}
    stale = {unit for unit in checked if not written.ends(unit)
             and all(written.reading(code) != "fresh" for code in told[unit])}  # fmt: skip
    assert {unit for unit, reasons in said.items() if "read" in _causes(reasons)} == stale


def _causes(reasons: Iterable[str]) -> list[str]:
    return ["read" if "read as a whole" in reason else "open" if "are open" in reason else reason
            for reason in reasons]  # fmt: skip


__all__ = ["YEAR", "Standing", "applied", "content", "late", "outcomes", "plan", "snapshot", "unready", "waiting"]
