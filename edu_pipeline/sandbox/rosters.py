"""What the OneRoster 1.2 provider `lotus` holds on a day, by collection.

stories, date -> collections of OneRoster objects

What does not belong here: HTTP (oneroster.py). OneRoster carries no year-end outcome; schoolYear is the END year.
"""

import datetime as dt
import hashlib
from functools import lru_cache
from typing import Any

from edu_pipeline.sandbox import clock
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.story import Child, Member, Place

GRADES = {g: f"{g:02d}" for g in range(1, 13)} | {16: "PR", 17: "PK", 18: "KG"}
SEX = {"m": "male", "f": "female"}
# When the things of a year came: entered before the first, at the opening of those that follow.
_STAMPS = {2023: "2023-08-20T01:00:00.000Z", **{year: f"{clock.YEAR_BEGIN[year]}T01:00:00.000Z"
                                                for year in (2024, 2025)}}  # fmt: skip
_PLURAL = {"class": "classes"}

Thing = dict[str, Any]


def sourced(kind: str, *parts: object) -> str:
    """An opaque id, the same for the same thing."""
    return f"{kind}-{hashlib.sha1('/'.join(map(str, parts)).encode()).hexdigest()[:12]}"


class Lotus:
    """The provider's state, day by day."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.units = [unit for unit in city.units if unit.system == "lotus"]
        self.codes = {unit.code for unit in self.units}
        self.held = lru_cache(maxsize=4)(self._held)

    def _years(self, day: dt.date) -> list[int]:
        return [year for year in clock.YEAR_BEGIN if day >= clock.shown_from(year, is_prompt=True)]

    def _held(self, day: dt.date) -> dict[str, list[Thing]]:
        years = self._years(day)
        children = [c for u in self.units for c in self.city.of(u.code).children_of[u.code] if self._places(c, years)]
        staff = [m for u in self.units for m in self.city.of(u.code).staff_of[u.code]]
        students = [self._student(child, years) for child in children]
        teachers = [self._teacher(member) for member in staff]
        found = {
            "orgs": [self._org(u.code, u.name) for u in self.units],
            "academicSessions": [self._session(year) for year in years],
            "courses": [_thing(sourced("crs", u.code), 2023, title="Homeroom", courseCode="HR", org=_ref("org", u.org))
                        for u in self.units],
            "classes": [c for u in self.units for year in years for c in self._classes(u.code, u.org, year)],
            "students": students,
            "teachers": teachers,
            "users": students + teachers,
            "enrollments": [e for u in self.units for e in self._enrollments(u.code, u.org, years)],
            "demographics": [*(_demographics(c, self._places(c, years)[0].year) for c in children),
                             *(_demographics(m, 2023) for m in staff)],
        }  # fmt: skip
        return {name: sorted(rows, key=lambda row: row["sourcedId"]) for name, rows in found.items()}

    def _org(self, code: str, name: str) -> Thing:
        org = self.city.unit(code).org
        return _thing(org, 2023, name=name, type="school", identifier=code)

    def _session(self, year: int) -> Thing:
        begin, end = clock.YEAR_BEGIN[year].isoformat(), clock.YEAR_END[year].isoformat()
        return _thing(sourced("ses", year), year, title=f"{year}-{year + 1}", type="schoolYear",
                      schoolYear=str(year + 1), startDate=begin, endDate=end)  # fmt: skip

    def _places(self, child: Child, years: list[int]) -> list[Place]:
        """The child's places with this provider in the years that it shows."""
        return [p for p in child.places if p.year in years and p.unit in self.codes]

    def _student(self, child: Child, years: list[int]) -> Thing:
        places = self._places(child, years)
        last = places[-1]
        # Of all that is told of a student only the grade ever changes: a retained one stays as entered.
        changed = next(place.year for place in places if place.grade == last.grade)
        return _user(child, "student", self.city.unit(last.unit).org, [GRADES[last.grade]], changed)

    def _teacher(self, member: Member) -> Thing:
        return _user(member, "teacher", self.city.unit(member.unit).org, [], 2023)

    def _classes(self, code: str, org: str, year: int) -> list[Thing]:
        return [
            _thing(sourced("cls", code, year, klass), year, title=f"Class {klass}", classCode=klass,
                   classType="homeroom", grades=[GRADES[grade]], course=_ref("course", sourced("crs", code)),
                   school=_ref("org", org), terms=[_ref("academicSession", sourced("ses", year))], subjects=[],
                   periods=[])
            for klass, grade in self.city.of(code).classes_of(code, year).items()
        ]  # fmt: skip

    def _enrollments(self, code: str, org: str, years: list[int]) -> list[Thing]:
        found = []
        for child in self.city.of(code).children_of[code]:
            for place in child.places:
                if place.unit == code and place.year in years:
                    found.append(_enrollment(child.root, "student", code, org, place.year, place.klass, place.begin))
        for member in self.city.of(code).staff_of[code]:
            for year, klass in member.homeroom.items():
                if year in years and klass in self.city.of(code).classes_of(code, year):
                    begin = clock.YEAR_BEGIN[year]
                    found.append(_enrollment(member.root, "teacher", code, org, year, klass, begin))
        return found


def _thing(sourced_id: str, year: int, **values: Any) -> Thing:
    """An object that is as it is since the year."""
    return {"sourcedId": sourced_id, "status": "active", "dateLastModified": _STAMPS[year], **values}


def _ref(kind: str, sourced_id: str) -> Thing:
    collection = _PLURAL.get(kind, f"{kind}s")
    return {"href": f"/ims/oneroster/rostering/v1p2/{collection}/{sourced_id}", "sourcedId": sourced_id, "type": kind}


def _demographics(person: Child | Member, year: int) -> Thing:
    return _thing(sourced("usr", person.root), year, birthDate=person.birth.isoformat(), sex=SEX[person.sex])


def _user(person: Child | Member, role: str, org: str, grades: list[str], year: int) -> Thing:
    said = {"roleType": "primary", "role": role, "org": _ref("org", org)}
    return _thing(sourced("usr", person.root), year, userMasterIdentifier=person.root, username=f"u{person.root}",
                  enabledUser="true", givenName=person.given, familyName=person.family, roles=[said],
                  grades=grades)  # fmt: skip


def _enrollment(root: str, role: str, code: str, org: str, year: int, klass: str, begin: dt.date) -> Thing:
    return _thing(sourced("enr", code, year, root), year, role=role, primary="true", beginDate=begin.isoformat(),
                  user=_ref("user", sourced("usr", root)), school=_ref("org", org),
                  **{"class": _ref("class", sourced("cls", code, year, klass))})  # fmt: skip
