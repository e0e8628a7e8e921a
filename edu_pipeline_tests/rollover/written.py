"""Write a drawn city into the register: what the nights of a year would have left there, in one INSERT a table.

City -> Written (who is where, and what everybody says of whom) -> rows at the year's end; rows of the summer after it

What does not belong here: drawing (drawn.py), judging (laws.py). Everything is written as the pipeline's own role.
"""

import datetime as dt
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, text

from edu_pipeline.rollover.regulation.force import regulation_for
from edu_pipeline.rollover.regulation.table import UNTOLD, Row
from edu_pipeline.schema.ladder import FINAL_GRADES, NEXT_GRADE
from edu_pipeline_tests.rollover.drawn import ENTRANCE, City, Post, Pupil, Room, School, class_name

YEAR, DAY, EVENTS = 2023, dt.date(2024, 5, 31), dt.date(2024, 9, 1)
CLOSING, PLANNING = dt.date(2024, 6, 1), dt.date(2024, 9, 6)
_NOW, _OPENED, _LEFT, _EARLY = "2024-06-01T00:00:00Z", "2023-09-05", "2024-07-15", "2024-02-01"
_PERSONAL = ("full_name", "birth_date", "sex")
_STUDIES = {"academic_level": ("1", "4"), "academic_58": ("good", "poor"), "year_level": ("HT", "CHT")}
_CONDUCTS = {"conduct_level": "1", "conduct_58": "good"}
LEFT = {"accepted": "transferred_out", "away": "transferred_out", "transit": "transferred_out",
        "claimed": "transferred_out", "unproven": "transferred_out", "withdrawn": "withdrawn",
        "on_leave": "on_leave"}  # fmt: skip
OPEN = ("quarantined", "waiting", "held", "mended", "twice", "handed_over")

Facts = dict[str, Any]
Place = tuple[str, str, int]  # unit, class, grade


@dataclass
class Person:
    """One child of the closing year, and what is said of it."""

    unit: str
    school: School
    room: Room
    klass: str
    root: str
    pupil: Pupil
    shown: list[Place] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        return [f"s{self.root}", *([f"t{self.root}"] if self.pupil.case == "twice" else [])]

    @property
    def is_open(self) -> bool:
        return bool(self.pupil.case)

    @property
    def is_active(self) -> bool:
        """In the closing snapshot as a pupil of the register."""
        return not self.is_open and self.pupil.way not in ("returned", "late", "left")

    def following(self) -> int | None:
        return NEXT_GRADE.get(self.room.grade)


class Written:
    """A city as rows."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.rows: dict[str, list[Facts]] = defaultdict(list)
        self.summer: dict[str, list[Facts]] = defaultdict(list)
        self.units = [f"79760{position:03}" for position in range(len(city.schools))]
        self.made = {unit: f"79761{position:03}" for position, unit in enumerate(self.units)}
        self.persons: list[Person] = []
        self.posts: set[tuple[str, str, str]] = set()
        self.steps: dict[str, tuple[str | None, tuple[str, ...] | None]] = {}
        self._steps()
        for unit, school in zip(self.units, city.schools, strict=True):
            self._unit(unit, school)
        for person in self.persons:
            self._show(person)
        for unit, school in zip(self.units, city.schools, strict=True):
            self._year(unit, school)
        self._new_year()

    # Where the unit events send whom.

    def _steps(self) -> None:
        alone = [unit for unit, school in zip(self.units, self.city.schools, strict=True) if not school.event]
        for unit, school in zip(self.units, self.city.schools, strict=True):
            if school.event == "merged" and alone:
                self.steps[unit] = (alone[0], None)
            elif school.event == "recoded":
                self.steps[unit] = (self.made[unit], None)
            elif school.event == "split":
                last = {room.grade: room.number for room in school.rooms if room.number > 1}
                last = last or {school.rooms[0].grade: 1}
                codes = {class_name(school.style, g, n) for grade, n in last.items()
                         for g in (grade, NEXT_GRADE.get(grade, grade))}  # fmt: skip
                self.steps[unit] = (self.made[unit], tuple(sorted(codes)))
            elif school.event:
                self.steps[unit] = (None, None)

    def ends(self, unit: str) -> bool:
        return unit in self.steps and self.steps[unit][1] is None

    def connection(self, unit: str) -> str:
        """Who answers for a unit at the end of the year and after."""
        former = next((u for u, made in self.made.items() if made == unit), unit)
        school = self.city.schools[self.units.index(former)]
        return _other(school.vendor) if school.is_switched else school.vendor

    def _taker(self, unit: str, code: str) -> tuple[str, str] | None:
        """The unit that shows a class of a unit in the new year, and what it calls the class."""
        to, codes = self.steps.get(unit, (unit, None))
        if codes is not None and code not in codes:
            return unit, code
        suffix = f"@{unit}" if to in self.units and to != unit else ""
        return (to, code + suffix) if to else None

    # The year.

    def _unit(self, unit: str, school: School) -> None:
        at = self.units.index(unit)
        grades = ",".join(str(g) for g in sorted({r.grade for r in school.rooms}))
        self._add("master.unit", unit_id=unit, name=unit, unit_kind=school.kind, parent_unit_id="79760999",
                  grade_levels=grades)  # fmt: skip
        told = {"entity": "*", "unit_key": unit, "unit_id": unit}
        self._add("ops.authority", **told, valid_from="2023-09-01", connection_id=school.vendor,
                  valid_to="2024-05-01" if school.is_switched else None)  # fmt: skip
        if school.is_switched:
            self._add("ops.authority", **told, valid_from="2024-05-01", connection_id=_other(school.vendor),
                      valid_to=None)  # fmt: skip
        self._add("ops.unit_year", unit_id=unit, school_year=YEAR, state="open", changed_at=_NOW, reason="drawn")
        for position, post in enumerate(school.posts):
            self._post(unit, post, f"3{at:03}{position:06}")
        leads = [f"3{at:03}{n:06}" for n, post in enumerate(school.posts) if post.leads]
        for number, room in enumerate(school.rooms):
            klass = class_name(school.style, room.grade, room.number)
            self._add("master.school_class", unit_id=unit, school_year=YEAR, class_code=klass, name=f"Lop {klass}",
                      grade_level=room.grade, homeroom_staff_id=leads[number] if number < len(leads) else None,
                      shift="morning" if number % 2 else None, **self._from(unit, klass))  # fmt: skip
            for seat, drawn in enumerate(room.pupils):
                pupil = drawn._replace(way="stays", decided="") if drawn.case else drawn
                if pupil.case == "handed_over" and not school.is_switched:
                    pupil = pupil._replace(case="held")
                if pupil.case == "stranger" and not school.is_switched:
                    continue
                self.persons.append(Person(unit, school, room, klass, f"2{at:03}{number:03}{seat:03}", pupil))

    def _post(self, unit: str, post: Post, root: str) -> None:
        self._add("master.staff", staff_id=root, full_name="Drawn", birth_date="1980-01-01", sex="female",
                  recorded_from=_NOW)  # fmt: skip
        other = self.units[(self.units.index(unit) + 1) % len(self.units)]
        for place, role in [(unit, post.role), *([(other, "teacher")] if post.has_second else [])]:
            end = {"short": "2024-08-15", "former": _EARLY, "ended": _LEFT, "retired": _LEFT}.get(post.end)
            status = {"ended": "ended", "retired": "retired", "former": "ended"}.get(post.end, "working")
            is_there = post.end not in ("ended", "retired", "former")
            begins = [_OPENED, *(["2024-01-15"] if post.end == "again" else [])]
            for begin in begins:
                self._add("master.staff_assignment", unit_id=place, school_year=YEAR, staff_id=root, role=role,
                          begin_date=begin, end_date=end, status=status, contract=post.contract,
                          is_primary=place == unit, **self._from(place, f"{root}/{role}/{begin}"))  # fmt: skip
            if is_there:
                self.posts.add((place, root, role))

    # The new year, as the schools show it.

    def _show(self, person: Person) -> None:
        pupil, at = person.pupil, self.units.index(person.unit)
        others = [self.units[(at + n) % len(self.units)] for n in (1, 2)]
        up = person.following()
        if pupil.case in ("stranger", "handed_over"):
            return
        if pupil.way in ("accepted", "unproven", "left") and pupil.shown in ("on", "both", "elsewhere"):
            self._shown(person, others[0], up or person.room.grade, 1)
        elif pupil.way == "claimed":
            for other in others:
                self._shown(person, other, up or person.room.grade, 1)
        elif pupil.way in ("stays", "gone", "graduated", "returned", "late") and pupil.shown != "none":
            if pupil.shown == "on" and up is None:
                self._onward(person)
            elif person.school.shows and pupil.shown in ("on", "same", "leaps", "both"):
                grade = {"same": person.room.grade, "leaps": NEXT_GRADE.get(up or 0)}.get(pupil.shown) or up
                self._shown(person, person.unit, grade or person.room.grade, person.room.number)
            if pupil.shown in ("both", "elsewhere"):
                self._shown(person, others[0], up or person.room.grade, 1)

    def _onward(self, person: Person) -> None:
        """Whoever ends a level is taken in by the first unit that has the next one, its own before others."""
        grade = {18: 1, 5: 6, 9: 10}.get(person.room.grade)
        schools = sorted(zip(self.units, self.city.schools, strict=True), key=lambda one: one[0] != person.unit)
        takers = [unit for unit, school in schools if any(r.grade == grade for r in school.rooms)]
        if grade and takers:
            self._shown(person, takers[0], grade, 1)
            self._listed(person.root, takers[0], grade)

    def _shown(self, person: Person, unit: str, grade: int, number: int) -> None:
        school = self.city.schools[self.units.index(unit)]
        taker = self._taker(unit, class_name(school.style, grade, number))
        if taker is None or taker[0] in [place[0] for place in person.shown]:
            return
        to, code = taker
        person.shown.append((to, code, grade))
        self._waits(to, person.root, f"s{person.root}", code, grade)

    def _waits(self, unit: str, root: str, key: str, code: str, grade: int) -> None:
        source = self.connection(unit)
        self._knows(source, key, root)
        self._wait("enrollment", source, f"{unit}/{root}", unit, student_key=key, class_code=code, grade_level=grade,
                   begin_date="2024-09-05", status="active", kind="primary")  # fmt: skip

    def _wait(self, entity: str, source: str, key: str, unit: str, **said: Any) -> None:
        self._later(f"waiting.{entity}", connection_id=source, source_key=key, batch_id=1, event="NEW", faults=[],
                    claim_unit_id=unit, scope_year=YEAR + 1, unit_id=unit, school_year=YEAR + 1, reason="year",
                    since=_NOW, **said)  # fmt: skip

    def _listed(self, root: str, unit: str, grade: int) -> None:
        self._later("master.admission", admission_id=f"a{root}/{unit}", student_id=root, unit_id=unit,
                    school_year=YEAR + 1, grade_level=grade, listed_date="2024-07-01", connection_id="sector",
                    source_key=f"a{root}/{unit}", recorded_from=_NOW)  # fmt: skip

    def _new_year(self) -> None:
        for at, (unit, school) in enumerate(zip(self.units, self.city.schools, strict=True)):
            grade = min((g for g in ENTRANCE.values() if any(r.grade == g for r in school.rooms)), default=None)
            for number, newcomer in enumerate(school.newcomers if grade else ()):
                root = f"4{at:03}{number:06}"
                self._child(root)
                if taker := self._taker(unit, class_name(school.style, grade or 0, 1)):
                    if newcomer != "listed_only":
                        self._waits(taker[0], root, f"s{root}", taker[1], grade or 0)
                    if newcomer in ("listed", "listed_only"):
                        self._listed(root, unit, grade or 0)
                    if newcomer == "outside":
                        self._transfer(root, None, unit, grade or 0, "accepted")
        shown = {(row["unit_id"], row["class_code"], row["grade_level"]) for row in self.summer["waiting.enrollment"]}
        codes: set[tuple[str, str]] = set()
        for unit, code, grade in sorted(shown):
            school = self.city.schools[self.units.index(unit)] if unit in self.units else None
            if (school and not school.shows) or (unit, code) in codes:
                continue
            codes.add((unit, code))
            self._wait("school_class", self.connection(unit), f"{unit}/{code}", unit, class_code=code, name=code,
                       grade_level=grade)  # fmt: skip

    def _transfer(self, root: str, of: str | None, to: str | None, grade: int, status: str) -> None:
        is_accepted = status == "accepted"
        self._later("master.transfer", transfer_id=f"t{root}/{to}", student_id=root, school_year=YEAR + 1,
                    grade_level=grade, status=status, from_unit_id=of, to_unit_id=to, requested_date="2024-06-20",
                    released_date="2024-07-01" if of else None, accepted_date="2024-07-20" if is_accepted else None,
                    to_province_code=None if to else "01", connection_id="sector", source_key=f"t{root}/{to}",
                    recorded_from=_NOW)  # fmt: skip

    # What the schools report of the year.

    def _year(self, unit: str, school: School) -> None:
        mine = [person for person in self.persons if person.unit == unit]
        for person in mine:
            self._person(person)
        active = self.active(unit)
        is_read = school.headcount == "read" or (
            school.headcount == "none" and any(p.pupil.case == "handed_over" for p in mine)
        )
        if school.headcount in ("agrees", "wrong"):
            self._add("ops.headcount", connection_id=self.connection(unit), unit_id=unit, school_year=YEAR, term=2,
                      counted_on=str(DAY), student_count=active + (school.headcount == "wrong"), basis="declared",
                      batch_id=1)  # fmt: skip
        for person in mine:
            if person.pupil.case == "handed_over" or (is_read and (person.is_active or person.pupil.case in OPEN)):
                to = self.connection(unit)
                for key in person.keys:
                    is_over = person.pupil.case == "handed_over"
                    self._add("ops.person_state", unit_id=unit, entity="student", source_key=key, state="held",
                              connection_id=school.vendor if is_over else to, owner="drawn", recorded_from=_NOW,
                              reason=f"handed over to {to}" if is_over else None)  # fmt: skip

    def active(self, unit: str) -> int:
        """How many were there on the last day, open ones by each name that they are told by."""
        return sum(len(p.keys) for p in self.persons
                   if p.unit == unit and (p.is_active or p.pupil.case in OPEN))  # fmt: skip

    def _person(self, person: Person) -> None:
        pupil, unit, root = person.pupil, person.unit, person.root
        self._child(root)
        source = person.school.vendor if pupil.case in ("handed_over", "stranger") else self.connection(unit)
        place = {"class_code": person.klass, "grade_level": person.room.grade, "kind": "primary", "unit_id": unit,
                 "school_year": YEAR}  # fmt: skip
        for key in person.keys:
            if person.is_open or pupil.shown == "on":
                self._knows(source, key, root)
            if person.is_open:
                self._open(person, source, key, place)
        if pupil.case in ("mended", "twice"):
            self._later("master.enrollment", student_id=root, begin_date=_OPENED, end_date=None, status="active",
                        detailed_status=None, is_begin_derived=False, **place, **self._from(unit, root))  # fmt: skip
        if not person.is_open:
            status = LEFT.get(pupil.way, {"returned": "on_leave", "left": "transferred_out",
                                          "graduated": "withdrawn"}.get(pupil.way, "active"))  # fmt: skip
            end = _EARLY if pupil.way in ("returned", "left") else str(DAY) if pupil.way == "graduated" else _LEFT
            self._add("master.enrollment", student_id=root, end_date=None if status == "active" else end, **place,
                      begin_date="2024-06-10" if pupil.way == "late" else _OPENED, status=status,
                      detailed_status="graduated" if pupil.way == "graduated" else None, is_begin_derived=False,
                      **self._from(unit, root))  # fmt: skip
            if pupil.decided and person.is_active:
                decided = pupil.decided
                if decided == "promoted" and person.following() is None:
                    decided = "completed"
                self._later("rollover.override", unit_id=unit, from_year=YEAR, student_id=root, decision=decided,
                            reason="drawn")  # fmt: skip
        self._moves(person)
        if pupil.has_repeated:
            self._add("master.student_year", unit_id=unit, school_year=YEAR, student_id=root, was_retained=True,
                      recorded_from=_NOW)  # fmt: skip
        for stage, said in results(person).items():
            self._add("master.result", unit_id=unit, school_year=YEAR, student_id=root, stage=stage, **said,
                      **self._from(unit, f"{root}/{stage}"))  # fmt: skip

    def _moves(self, person: Person) -> None:
        """What the offices decided of a pupil who leaves."""
        pupil, unit, root = person.pupil, person.unit, person.root
        at = self.units.index(unit)
        others = [self.units[(at + n) % len(self.units)] for n in (1, 2)]
        if pupil.way in ("accepted", "left"):
            self._transfer(root, unit, others[0], person.room.grade, "accepted")
        if pupil.way == "claimed":
            for other in others:
                self._transfer(root, unit, other, person.room.grade, "accepted")
        if pupil.way in ("away", "transit"):
            self._transfer(root, unit, others[0] if pupil.way == "transit" else None, person.room.grade, "released")

    def _open(self, person: Person, source: str, key: str, place: Facts) -> None:
        told = {"connection_id": source, "source_key": f"{person.unit}/{key}", "batch_id": 1, "event": "NEW",
                "faults": [], "claim_unit_id": person.unit, "scope_year": YEAR, "student_key": key,
                "begin_date": _OPENED, "status": "active"}  # fmt: skip
        match person.pupil.case:
            case "quarantined" | "mended" | "twice":
                self._add("quarantine.enrollment", **told, **place, failed_rules=["drawn"], since=_NOW)
            case "waiting":
                self._add("waiting.enrollment", **told, **place, reason="class", since=_NOW)
            case _:
                self._add("validated.enrollment", **told, **place, is_present=True)

    def _child(self, root: str) -> None:
        self._add("master.student", student_id=root, full_name="Drawn", birth_date="2012-01-01", sex="male",
                  recorded_from=_NOW)  # fmt: skip

    def _knows(self, source: str, key: str, root: str) -> None:
        row = {"connection_id": source, "source_key": key, "batch_id": 1, "ref_key": key, "event": "NEW", "faults": [],
               "student_id": root, "is_present": True}  # fmt: skip
        if row not in self.rows["validated.student"]:
            self._add("validated.student", **row)

    def _from(self, unit: str, key: str) -> Facts:
        return {"connection_id": self.connection(unit), "source_key": f"{unit}/{key}", "recorded_from": _NOW}

    def _add(self, table: str, **row: Any) -> None:
        self.rows[table].append(row)

    def _later(self, table: str, **row: Any) -> None:
        self.summer[table].append(row)

    # Into the register.

    def year_end(self, app: Engine) -> None:
        """What stands on the day on which the year is closed."""
        roots = [
            {"identity_id": row[f"{kind}_id"], "person_kind": kind, **{n: row[n] for n in _PERSONAL}}
            for kind in ("student", "staff")
            for row in self.rows[f"master.{kind}"]
        ]
        self._read(app, CLOSING, {"master.identity": roots, **self.rows})

    def autumn(self, app: Engine) -> None:
        """What stands when the rollover is planned: the units have changed, and the schools show the new year."""
        rows = {name: list(found) for name, found in self.summer.items()}
        for unit, (to, codes) in self.steps.items():
            school = self.city.schools[self.units.index(unit)]
            suffix = f"@{unit}" if to in self.units else None
            rows.setdefault("ops.unit_event", []).append(
                {"unit_id": unit, "kind": school.event, "decision": f"{unit}/QD", "on_date": str(EVENTS),
                 "is_end": codes is None, "detail": {}, "recorded_at": _NOW})  # fmt: skip
            rows.setdefault("ops.unit_successor", []).append(
                {"from_unit": unit, "valid_from": str(EVENTS), "to_unit": to, "class_codes": codes,
                 "except_grades": [], "except_class_codes": [], "kind": school.event, "decision": f"{unit}/QD",
                 "class_suffix": suffix, "connection_id": self.connection(unit)})  # fmt: skip
            if to == self.made[unit]:
                rows.setdefault("master.unit", []).append(
                    {"unit_id": to, "name": to, "unit_kind": school.kind, "parent_unit_id": "79760999",
                     "recorded_from": _NOW})  # fmt: skip
                rows.setdefault("ops.authority", []).append(
                    {"unit_id": to, "entity": "*", "unit_key": to, "valid_from": str(EVENTS),
                     "connection_id": self.connection(to)})  # fmt: skip
        with app.begin() as database:
            ended = [unit for unit in self.steps if self.ends(unit)]
            database.execute(text("UPDATE ops.authority SET valid_to = :d WHERE unit_id = ANY(:u)"
                                  " AND valid_to IS NULL"), {"d": EVENTS, "u": ended})  # fmt: skip
            mended = [f"{p.unit}/{k}" for p in self.persons if p.pupil.case in ("mended", "twice") for k in p.keys]
            database.execute(text("DELETE FROM quarantine.enrollment WHERE source_key = ANY(:k)"), {"k": mended})
            gone = [p.root for p in self.persons if p.pupil.way == "gone"]
            database.execute(text("DELETE FROM master.enrollment WHERE student_id = ANY(:k)"), {"k": gone})
            posts = [f"3{at:03}{n:06}" for at, school in enumerate(self.city.schools)
                     for n, post in enumerate(school.posts) if post.end == "gone"]  # fmt: skip
            database.execute(text("DELETE FROM master.staff_assignment WHERE staff_id = ANY(:k)"), {"k": posts})
        rows["rollover.renaming"] = [row for at in range(len(self.units)) for row in self._renamings(at)]
        self._read(app, PLANNING, rows)

    def _renamings(self, at: int) -> list[Facts]:
        school, unit = self.city.schools[at], self.units[at]
        rooms = [room for room in school.rooms if room.grade in NEXT_GRADE and room.pupils]
        sat = {p.klass for p in self.persons if p.unit == unit and p.is_active}
        rooms = [room for room in rooms if class_name(school.style, room.grade, room.number) in sat]
        if not rooms or not school.renamed:
            return []
        first, then = rooms[0], NEXT_GRADE[rooms[0].grade]
        to = {"named": f"{then} moi", "one_too_many": class_name(school.style, then, 2),
              "across": class_name(school.style, NEXT_GRADE.get(then, then), 1)}[school.renamed]  # fmt: skip
        return [{"unit_id": unit, "from_year": YEAR, "to_grade": then, "to_class": to, "reason": "drawn",
                 "from_class": class_name(school.style, first.grade, first.number)}]  # fmt: skip

    def _read(self, app: Engine, day: dt.date, rows: dict[str, list[Facts]]) -> None:
        """Every unit is told as a whole on the day, but for those whose reading is not."""
        with app.begin() as database:
            for table, found in rows.items():
                insert(database, table, found)
            batch = "INSERT INTO ops.batch (connection_id, run_id, as_of, mapping, status, started_at) VALUES" \
                    " (:c, 'drawn', :d, '', 'merged', now()) RETURNING batch_id"  # fmt: skip
            scopes = []
            for name in ("vendor", "school"):
                number = database.execute(text(batch), {"c": name, "d": day}).scalar_one()
                everywhere = [*self.units, *(to for to, _ in self.steps.values() if to in self.made.values())]
                for unit in everywhere:
                    reading = self.reading(unit)
                    if reading == "stale" and day == PLANNING:
                        continue
                    scopes.append({"batch_id": number, "connection_id": name, "resource": "enrollments",
                                   "entity": "enrollment", "unit_id": unit, "school_year": YEAR,
                                   "received_count": 1, "distinct_count": 1, "page_count": 1,
                                   "is_complete": not (reading == "partial" and day == PLANNING)})  # fmt: skip
            insert(database, "ops.scope", scopes)

    def reading(self, unit: str) -> str:
        """How a unit's last reading was; a new code's is fresh."""
        return self.city.schools[self.units.index(unit)].reading if unit in self.units else "fresh"


def insert(database: Any, table: str, rows: list[Facts]) -> None:
    """All rows of a table at once."""
    if not rows:
        return
    if table.startswith("master."):
        rows = [{"recorded_from": _NOW, **row} for row in rows]
    names = ", ".join(sorted({name for row in rows for name in row}))
    database.execute(
        text(f"INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{table},"
             " CAST(:rows AS jsonb))"), {"rows": json.dumps(rows)})  # fmt: skip


def _other(vendor: str) -> str:
    return "school" if vendor == "vendor" else "vendor"


def results(person: Person) -> dict[str, Facts]:
    """What the school reports of a pupil's year, by stage; empty for a preschool and where nothing is told."""
    pupil, regulation = person.pupil, regulation_for(person.room.grade, YEAR, person.school.kind)
    passes, unfit = ("promoted", "completed") if person.following() else ("completed", "promoted")
    outcome = {"passes": passes, "unfit": unfit, "retained": "retained", "none": None}.get(pupil.outcome, "retest")
    said: Facts = {"outcome": outcome}
    if regulation.study and pupil.level != "none":
        said[regulation.study] = _STUDIES[regulation.study][pupil.level == "bad"]
        if regulation.conduct:
            said[regulation.conduct] = _CONDUCTS[regulation.conduct]
            said["absence_count"] = 60 if pupil.level == "absent" else 3
    found = {"CN": said} if len(said) > 1 or outcome else {}
    if pupil.outcome in ("up_after", "down_after"):
        is_up = pupil.outcome == "up_after"
        found["HE"] = {"outcome": passes if is_up else "retained"}
        if regulation.study:
            found["HE"][regulation.study] = _STUDIES[regulation.study][not is_up]
    return found


def ruled(person: Person, both_below: str) -> tuple[str | None, bool]:
    """What the regulation makes of the results, by its table, not its SQL; and whether the principal may differ."""
    regulation, told = regulation_for(person.room.grade, YEAR, person.school.kind), results(person)
    year, summer = told.get("CN", {}), told.get("HE", {})
    row: Row | None = regulation.decide({
        "study": year.get(regulation.study or ""), "conduct": year.get(regulation.conduct or ""),
        "study_after": summer.get(regulation.study or "") or UNTOLD, "conduct_after": UNTOLD,
        "absences": year.get("absence_count"), "outcome": year.get("outcome"),
        "outcome_after": summer.get("outcome") or UNTOLD, "both_below": both_below,
        "sits_exam": "yes" if person.room.grade == 12 else "no",
        "ends_level": "yes" if person.room.grade in FINAL_GRADES else "no",
    })  # fmt: skip
    if row is None:
        return None, False
    is_final = person.room.grade in FINAL_GRADES
    return "completed" if row.decision == "promoted" and is_final else row.decision, row.may_differ
