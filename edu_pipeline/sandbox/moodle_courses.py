"""How a Moodle site tells its courses and the categories that they lie in.

View (moodle_view.py) -> courses with the front page, categories

A category a year, and in it one a grade; one that is hidden, which the limited role does not see. What only a manager
of a course or of a category may know (idnumber, visible, ...) is told to the full role alone.

What does not belong here: who may ask for which course (moodle_site.py). Source: Moodle's course/externallib.php
(get_courses, get_categories).
"""

import datetime as dt

from edu_pipeline.sandbox.lms import Course
from edu_pipeline.sandbox.moodle_call import MoodleError
from edu_pipeline.sandbox.moodle_view import Record, View, moment

ARCHIVE = 2
_OPENED = dt.date(2023, 8, 1)
_MANAGED = ("idnumber", "visible", "theme")


def front_page(view: View) -> Record:
    """The site itself, which is course 1."""
    told = {"fullname": view.unit.name, "shortname": view.unit.code, "category": 0, "idnumber": "", "format": "site"}
    return _course(view, 1, told, 0, 0, 1)


def course_info(view: View, course: Course) -> Record:
    """A course, within the category of its grade."""
    told = {"fullname": course.title, "shortname": course.code, "category": _category(course), "format": "topics",
            "idnumber": f"{course.unit}-{course.code}"}  # fmt: skip
    order = 10000 * (1 + sorted(view.taught).index(course.id))
    return _course(view, course.id, told, moment(course.begin), moment(course.end), order)


def _course(view: View, ident: int, told: Record, begin: int, end: int, order: int) -> Record:
    is_site, made = told["format"] == "site", moment(_OPENED)
    more = {
        "categorysortorder": order, "idnumber": told["idnumber"], "showgrades": 1, "newsitems": 3 if is_site else 5,
        "numsections": 0 if is_site else 4, "maxbytes": 0, "showreports": 0, "visible": 1, "groupmode": 0,
        "groupmodeforce": 0, "defaultgroupingid": 0, "timecreated": made, "timemodified": made,
        "enablecompletion": 0 if is_site else 1, "completionnotify": 0, "lang": "", "forcetheme": "",
        "courseformatoptions": [] if is_site else [{"name": "hiddensections", "value": "1"},
                                                   {"name": "coursedisplay", "value": "0"}],
    }  # fmt: skip
    return {"id": ident, "shortname": told["shortname"], "categoryid": told["category"], "fullname": told["fullname"],
            "displayname": told["fullname"], "summary": "", "summaryformat": 1, "format": told["format"],
            "startdate": begin, "enddate": end, "showactivitydates": not is_site,
            "showcompletionconditions": not is_site, **(more if view.caller.is_full else {})}  # fmt: skip


def _category(course: Course) -> int:
    """Of a course of no class, the category of its year."""
    return 100 * (course.year - 2000) + (course.grade or 0)


def _all(view: View) -> list[Record]:
    """Every category, whether the caller may see it or not."""
    within = [_category(course) for course in view.taught.values()]
    found = [(ARCHIVE, "Lưu trữ", 0, False)]
    for ident in sorted({100 * (ident // 100) for ident in within}):
        year = 2000 + ident // 100
        found.append((ident, f"Năm học {year}-{year + 1}", 0, True))
        found += [(grade, f"Khối {grade % 100}", ident, True) for grade in sorted(set(within)) if grade % 100]
    return [
        {"id": ident, "name": name, "idnumber": "", "description": "", "descriptionformat": 1, "parent": parent,
         "sortorder": 10000 * place, "coursecount": within.count(ident), "visible": int(is_visible),
         "visibleold": int(is_visible), "timemodified": moment(_OPENED), "depth": 2 if parent else 1,
         "path": f"/{parent}/{ident}" if parent else f"/{ident}", "theme": ""}
        for place, (ident, name, parent, is_visible) in enumerate(found, start=1)
    ]  # fmt: skip


def categories(view: View, given: Record) -> list[Record]:
    """core_course_get_categories: those that fit every criterion, with what lies below them unless it is not wanted."""
    every, wanted = _all(view), dict[str, str]()
    for criterion in given["criteria"]:
        key = criterion["key"].strip()
        if key not in ("id", "ids", "name", "parent", *_MANAGED) or (key in _MANAGED and not view.caller.is_full):
            raise MoodleError("criteriaerror", "Missing permissions to search on a criteria.")
        wanted.setdefault(key, criterion["value"])
    found = [row for row in every if all(_fits(row, key, value) for key, value in wanted.items())]
    if wanted and given["addsubcategories"]:
        above = {row["id"] for row in found}
        found = [row for row in every if row["id"] in above or row["parent"] in above]
    # Moodle compares the numbers as text.
    found.sort(key=lambda row: str(row["sortorder"]))
    if view.caller.is_full:
        return found
    hidden = {"idnumber", "visible", "visibleold", "timemodified", "theme"}
    return [{k: v for k, v in row.items() if k not in hidden} for row in found if row["visible"]]


def _fits(row: Record, key: str, value: str) -> bool:
    return str(row["id"]) in value.split(",") if key == "ids" else str(row[key]) == value
