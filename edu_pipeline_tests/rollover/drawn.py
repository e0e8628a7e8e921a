"""A random small city at the end of a school year, and what happens to it: a value that hypothesis draws.

strategies -> City (schools, rooms, pupils, posts), Story (deaths, late changes, what is undone) -> kinds of things in it

Nothing here is likely in life: every kind of mishap stands beside every other. What a value means is in written.py.
What does not belong here: a row of the register (written.py), a law (laws.py).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from hypothesis import strategies as st

from edu_pipeline.rollover.naming import AGES, GROUPS

# kind of unit -> the grades that it may be drawn with
GRADES: dict[str, tuple[tuple[int, ...], ...]] = {
    "preschool": ((16, 17), (17, 18), (18,)),
    "primary": ((1, 2), (3, 4), (4, 5), (5,)),
    "lower_secondary": ((6, 7), (8, 9), (9,)),
    "upper_secondary": ((10, 11), (11, 12), (12,)),
    "multi_level": ((5, 6), (9, 10), (4, 5, 6)),
    "continuing_education": ((6, 7), (10, 11)),
    "foreign_invested": ((1, 2), (9, 10)),
}
ENTRANCE = {"preschool": 16, "primary": 1, "lower_secondary": 6, "upper_secondary": 10}

_LETTERS = "ABCDEFGH"
STYLES = ("plain", "slash", "zero", "word", "letter", "unreadable")


def class_name(style: str, grade: int, number: int) -> str:
    """What a school calls the class of that number in a grade."""
    letter = _LETTERS[number - 1]
    if style == "unreadable":
        return f"Hoa {letter}{_LETTERS[grade % 8]}{_LETTERS[grade // 8]}"
    if grade > 12:
        return f"{AGES[grade]} tuổi {letter}" if style in ("zero", "letter") else f"{GROUPS[grade]} {number}"
    return {"plain": f"{grade}A{number}", "slash": f"{grade}/{number}", "zero": f"{grade:02}A{number}",
            "word": f"Lớp {grade}{letter}", "letter": f"L{grade}{letter}"}[style]  # fmt: skip


def _short(value: Any, plain: Any) -> str:
    """What differs from the plain one: a drawn city has hundreds of them."""
    said = (f"{n}={v!r}" for n, v in value._asdict().items() if v != getattr(plain, n))
    return f"{type(value).__name__}({', '.join(said)})"


class Pupil(NamedTuple):
    """One child: what the school reports, what the results say, where it is shown, how it left, whether it is open."""

    outcome: str = "passes"
    level: str = "good"
    shown: str = "on"
    way: str = "stays"
    case: str = ""
    decided: str = ""
    has_repeated: bool = False

    def __repr__(self) -> str:
        return _short(self, Pupil())


class Post(NamedTuple):
    """One member of staff: the post's role, contract and end, the room that it leads, a second post elsewhere."""

    role: str = "teacher"
    contract: str | None = "labor"
    end: str = ""
    leads: bool = False
    has_second: bool = False

    def __repr__(self) -> str:
        return _short(self, Post())


class Room(NamedTuple):
    """A class and who sits in it."""

    grade: int
    number: int
    pupils: tuple[Pupil, ...]


class School(NamedTuple):
    """A unit, its year and what befalls it by 1 September."""

    kind: str
    style: str
    rooms: tuple[Room, ...]
    posts: tuple[Post, ...]
    newcomers: tuple[str, ...]
    vendor: str
    shows: bool
    headcount: str = "agrees"
    is_switched: str = ""
    reading: str = "fresh"
    event: str = ""
    renamed: str = ""


class City(NamedTuple):
    """All schools, and how strict the city is."""

    schools: tuple[School, ...]
    is_strict: bool
    homeroom: str
    both_below: str


class Death(NamedTuple):
    """A step dies at a statement: as a process does, or as a server's error that one unit meets."""

    step: str
    at: int
    is_behind: bool
    is_error: bool


class Story(NamedTuple):
    """What is done with the city; positions count its snapshot's pupils, posts and units, round and round."""

    deaths: tuple[Death, ...]
    late: tuple[tuple[str, int], ...]
    undone: tuple[bool, ...]
    is_rehearsed: bool


def _weighed(**weights: int) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, weight in weights.items() for _ in range(weight)])


_PUPIL = st.one_of(
    st.just(Pupil()),
    st.builds(
        Pupil,
        outcome=_weighed(passes=6, retained=2, retest=1, up_after=1, down_after=1, unfit=1, none=2),
        level=_weighed(good=6, bad=2, absent=1, none=3),
        shown=_weighed(on=6, same=2, leaps=1, none=3, both=1, elsewhere=1),
        way=_weighed(stays=14, accepted=2, away=1, transit=1, claimed=1, unproven=1, withdrawn=1, on_leave=1,
                     returned=1, late=1, left=1, gone=1, graduated=1),
        case=_weighed(**{"": 20}, quarantined=1, waiting=1, held=1, mended=1, twice=1, handed_over=1, stranger=1),
        decided=_weighed(**{"": 12}, promoted=1, retained=1, withdrawn=1, pending=1),
        has_repeated=st.sampled_from([False, False, False, True]),
    ),
)  # fmt: skip

_POST = st.builds(
    Post,
    role=_weighed(teacher=4, head=1, employee=1),
    contract=st.sampled_from(["labor", "labor", "official_indefinite", None]),
    end=_weighed(**{"": 5}, ended=1, retired=1, short=1, former=1, gone=1, again=1),
    leads=st.booleans(),
    has_second=st.sampled_from([False, False, True]),
)


@st.composite
def _schools(draw: st.DrawFn) -> School:
    kind = draw(st.sampled_from(sorted(GRADES)))
    grades = draw(st.sampled_from(GRADES[kind]))
    rooms = [
        Room(grade, number, tuple(draw(st.lists(_PUPIL, max_size=12))))
        for grade in grades
        for number in range(1, 1 + draw(st.sampled_from([1, 1, 1, 2, 2, 4])))
    ]
    return School(
        kind,
        draw(st.sampled_from(STYLES)),
        tuple(rooms),
        tuple(draw(st.lists(_POST, max_size=6))),
        tuple(draw(st.lists(_weighed(listed=2, unlisted=1, listed_only=1, outside=1), max_size=3))),
        draw(st.sampled_from(["vendor", "school"])),
        draw(st.sampled_from([True, True, False])),
        headcount=draw(_weighed(agrees=3, none=1, read=1)),
    )


# What befalls a whole unit, each at most once a city: the field of the school, and its value.
BEFALLS: dict[str, tuple[str, ...]] = {
    "event": ("merged", "split", "recoded", "closed"),
    "renamed": ("named", "one_too_many", "across"),
    "reading": ("stale", "partial"),
    "headcount": ("wrong",),
    "is_switched": ("switched",),
}


@st.composite
def cities(draw: st.DrawFn) -> City:
    """A small city."""
    schools = draw(st.lists(_schools(), min_size=3, max_size=8))
    for name, values in BEFALLS.items():
        start = draw(st.integers(0, len(schools) - 1))
        found = draw(st.lists(st.sampled_from(values), min_size=len(values) // 3, unique=True))
        for position, value in enumerate(found[: len(schools) - 1], start):
            at = position % len(schools)
            schools[at] = schools[at]._replace(**{name: value})
    return City(tuple(schools), draw(st.booleans()), draw(st.sampled_from(["carry", "clear"])),
                draw(st.sampled_from(["strict", "lenient"])))  # fmt: skip


LATE = ("result", "override", "place", "post", "renaming", "transfer", "summer", "admitted")

stories = st.builds(
    Story,
    deaths=st.lists(
        st.builds(Death, st.sampled_from(["apply", "apply", "apply", "plan", "undo", "amend"]), st.integers(1, 140),
                  st.booleans(), st.booleans()),
        max_size=3,
    ).map(tuple),
    late=st.lists(st.tuples(st.sampled_from(LATE), st.integers(0, 99)), max_size=4).map(tuple),
    undone=st.lists(st.booleans(), min_size=1, max_size=8).map(tuple),
    is_rehearsed=st.booleans(),
)  # fmt: skip


def kinds(city: City, story: Story) -> set[str]:
    """Every kind of thing that is in a value, by name."""
    return set(_kinds(city, story))


def _kinds(city: City, story: Story) -> Iterator[str]:
    for school in city.schools:
        yield f"unit {school.kind}"
        yield f"class names {school.style}"
        yield f"headcount {school.headcount}"
        yield f"reading {school.reading}"
        yield "year shown" if school.shows else "year not shown"
        if school.event:
            yield f"event {school.event}"
        if school.is_switched:
            yield "vendor switched"
        if school.renamed:
            yield f"renaming {school.renamed}"
        yield from (f"newcomer {newcomer}" for newcomer in school.newcomers)
        yield "empty class" if any(not room.pupils for room in school.rooms) else "full classes"
        for post in school.posts:
            yield f"post {post.end or 'goes on'}"
            if post.contract is None:
                yield "post without contract"
            if post.has_second:
                yield "second post"
        for pupil in (pupil for room in school.rooms for pupil in room.pupils):
            yield f"outcome {pupil.outcome}"
            yield f"level {pupil.level}"
            yield f"shown {pupil.shown}"
            yield f"way {pupil.way}"
            if pupil.case:
                yield f"open {pupil.case}"
            if pupil.decided:
                yield f"override {pupil.decided}"
            if pupil.has_repeated:
                yield "repeated before"
    if city.is_strict:
        yield "strict ranges"
    yield f"homeroom {city.homeroom}"
    yield from (f"death {'by error' if death.is_error else 'of the process'}" for death in story.deaths)
    if any(story.undone) and not all(story.undone):
        yield "some units undone"
    if story.late:
        yield "late change"
    if story.is_rehearsed:
        yield "rehearsal"
