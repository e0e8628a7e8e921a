"""A random small city at the end of a school year, and what happens to it: a value that hypothesis draws.

strategies -> City (schools, rooms, pupils, posts), Story (deaths, late changes, what is undone) -> kinds of things

Nothing here is likely in life: every kind of mishap stands beside every other. What a value means is in written.py.
What does not belong here: a row of the register (written.py), a law (laws.py).
"""

from collections.abc import Iterator, Sequence
from random import Random
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


# What is drawn of a pupil and a post, and how often against the others.
OUTCOMES = {"passes": 6, "retained": 2, "retest": 1, "up_after": 1, "down_after": 1, "unfit": 1, "none": 2}
RESULTS = {"good": 6, "bad": 2, "absent": 1, "none": 3}
SHOWN = {"on": 6, "same": 2, "leaps": 1, "none": 3, "both": 1, "elsewhere": 1}
WAYS = {"stays": 14, "accepted": 2, "away": 1, "transit": 1, "claimed": 1, "unproven": 1, "withdrawn": 1,
        "on_leave": 1, "returned": 1, "late": 1, "left": 1, "gone": 1, "graduated": 1}  # fmt: skip
CASES = {"": 14, "quarantined": 1, "waiting": 1, "held": 1, "mended": 1, "twice": 1, "handed_over": 1, "stranger": 1}
DECIDED = {"": 12, "promoted": 1, "retained": 1, "withdrawn": 1, "pending": 1}
ENDS = {"": 5, "ended": 1, "retired": 1, "short": 1, "former": 1, "gone": 1, "again": 1}
NEWCOMERS = {"listed": 2, "unlisted": 1, "listed_only": 1, "outside": 1}


def _weighed(weights: dict[str, int]) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, weight in weights.items() for _ in range(weight)])


_PUPIL = st.one_of(
    st.just(Pupil()),
    st.builds(
        Pupil,
        outcome=_weighed(OUTCOMES),
        level=_weighed(RESULTS),
        shown=_weighed(SHOWN),
        way=_weighed(WAYS),
        case=_weighed(CASES),
        decided=_weighed(DECIDED),
        has_repeated=st.sampled_from([False, False, False, True]),
    ),
)

_POST = st.builds(
    Post,
    role=st.sampled_from(["teacher", "teacher", "teacher", "head", "employee"]),
    contract=st.sampled_from(["labor", "labor", "official_indefinite", None]),
    end=_weighed(ENDS),
    leads=st.booleans(),
    has_second=st.sampled_from([False, False, True]),
)


@st.composite
def _schools(draw: st.DrawFn, kind: str, style: str) -> School:
    grades = draw(st.sampled_from(GRADES[kind]))
    rooms = [
        Room(grade, number, tuple(draw(st.lists(_PUPIL, max_size=12))))
        for grade in grades
        for number in range(1, 1 + draw(st.sampled_from([1, 1, 1, 2, 2, 4])))
    ]
    return School(
        kind,
        style,
        tuple(rooms),
        tuple(draw(st.lists(_POST, max_size=6))),
        tuple(draw(st.lists(_weighed(NEWCOMERS), max_size=3))),
        draw(st.sampled_from(["vendor", "school"])),
        draw(st.booleans()),
        headcount=draw(st.sampled_from(["agrees", "agrees", "none", "read"])),
    )


# What befalls a whole unit, each at most once a city: the field of the school, and its value.
BEFALLS: dict[str, tuple[str, ...]] = {
    "event": ("merged", "split", "recoded", "closed"),
    "renamed": ("named", "one_too_many", "across"),
    "reading": ("stale", "partial"),
    "headcount": ("wrong",),
    "is_switched": ("yes",),
}


# Hypothesis draws neighbours of what it has drawn. A pinch of chance from one number brings the kinds in all the same:
# every one of them falls on somebody in half of the cities.
_SALT = st.integers(0, 2**32).map(Random)
_PINCHES = [
    (Pupil, field, value)
    for field, values in {"outcome": OUTCOMES, "level": RESULTS, "shown": SHOWN, "way": WAYS, "case": CASES,
                          "decided": DECIDED, "has_repeated": [True]}.items()
    for value in values
] + [
    (Post, field, value)
    for field, values in {"end": ENDS, "contract": [None], "has_second": [True]}.items()
    for value in values
]  # fmt: skip


@st.composite
def cities(draw: st.DrawFn) -> City:
    """A small city."""
    salt, count = draw(_SALT), draw(st.integers(3, 8))
    pairs = zip(_mixed(salt, sorted(GRADES), count), _mixed(salt, STYLES, count), strict=True)
    schools = [draw(_schools(kind, style)) for kind, style in pairs]
    for kind, field, value in _PINCHES:
        if value and salt.random() < 0.5:
            _pinch(salt, schools, kind, field, value)
    for number, newcomer in enumerate(salt.sample(sorted(NEWCOMERS), 2)):
        schools[number] = schools[number]._replace(newcomers=(*schools[number].newcomers, newcomer))
    schools[0] = schools[0]._replace(shows=salt.random() < 0.5)
    for name, values in BEFALLS.items():
        found = [value for value in _mixed(salt, values, len(values)) if salt.random() < 0.6]
        for at, value in zip(_mixed(salt, range(count), count), found, strict=False):
            schools[at] = schools[at]._replace(**{name: value})
    policy = [salt.choice(["carry", "clear"]), salt.choice(["strict", "lenient"])]
    return City(tuple(schools), salt.random() < 0.5, *policy)


def _mixed(salt: Random, values: Sequence[Any], count: int) -> list[Any]:
    """So many of the values in any order, each once before any twice."""
    return salt.sample([*values] * (1 + count // len(values)), count) if count > len(values) else salt.sample(
        [*values], count)  # fmt: skip


def _pinch(salt: Random, schools: list[School], kind: type, field: str, value: Any) -> None:
    """Let a value fall on some pupil or post, if there is any."""
    at = salt.randrange(len(schools))
    school = schools[at]
    if kind is Post:
        posts = list(school.posts or [Post()])
        number = salt.randrange(len(posts))
        posts[number] = posts[number]._replace(**{field: value})
        schools[at] = school._replace(posts=tuple(posts))
        return
    rooms = list(school.rooms)
    number = salt.randrange(len(rooms))
    pupils = [*rooms[number].pupils, Pupil()]
    seat = salt.randrange(len(pupils))
    pupils[seat] = pupils[seat]._replace(**{field: value})
    rooms[number] = rooms[number]._replace(pupils=tuple(pupils[:12]))
    schools[at] = school._replace(rooms=tuple(rooms))


LATE = ("result", "override", "place", "post", "renaming", "transfer", "summer", "admitted")

_STEPS = ("apply", "apply", "apply", "plan", "undo", "amend")


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """What happens to a city."""
    salt = draw(_SALT)
    deaths = [Death(draw(st.sampled_from(_STEPS)), draw(st.integers(1, 140)), draw(st.booleans()), is_error)
              for is_error in (False, True) if salt.random() < 0.6]  # fmt: skip
    late = zip(_mixed(salt, LATE, 8), draw(st.lists(st.integers(0, 99), min_size=2, max_size=6)), strict=False)
    undone = draw(st.lists(st.booleans(), max_size=7))
    return Story(tuple(deaths), tuple(late) if salt.random() < 0.5 else (), (True, *undone), salt.random() < 0.75)


# All that a proof has to have met.
KINDS: frozenset[str] = frozenset({
    *(f"unit {kind}" for kind in GRADES), *(f"class names {style}" for style in STYLES),
    *(f"outcome {name}" for name in OUTCOMES), *(f"results {name}" for name in RESULTS),
    *(f"shown {name}" for name in SHOWN), *(f"way {name}" for name in WAYS),
    *(f"open {name}" for name in CASES if name), *(f"override {name}" for name in DECIDED if name),
    *(f"post {name or 'goes on'}" for name in ENDS), *(f"newcomer {name}" for name in NEWCOMERS),
    *(f"{field} {value}" for field, values in BEFALLS.items() for value in values),
    "headcount agrees", "headcount none", "headcount read", "reading fresh", "year shown", "year not shown",
    "empty class", "post without contract", "second post", "repeated before", "strict city", "homeroom carry",
    "homeroom clear", "death by error", "death of the process", "some units undone", "late change", "rehearsal",
})  # fmt: skip


def kinds(city: City, story: Story) -> set[str]:
    """Every kind of thing that is in a value, by name."""
    found = set(_kinds(city, story))
    assert found <= KINDS, found - KINDS
    return found


def _kinds(city: City, story: Story) -> Iterator[str]:
    for school in city.schools:
        yield f"unit {school.kind}"
        yield f"class names {school.style}"
        yield "year shown" if school.shows else "year not shown"
        yield from (f"{field} {getattr(school, field)}" for field in BEFALLS if getattr(school, field))
        yield from (f"newcomer {newcomer}" for newcomer in school.newcomers)
        yield from ("empty class" for room in school.rooms if not room.pupils)
        for post in school.posts:
            yield f"post {post.end or 'goes on'}"
            yield from ["post without contract"] if post.contract is None else []
            yield from ["second post"] if post.has_second else []
        for pupil in (pupil for room in school.rooms for pupil in room.pupils):
            yield from (f"outcome {pupil.outcome}", f"results {pupil.level}", f"shown {pupil.shown}")
            yield f"open {pupil.case}" if pupil.case else f"way {pupil.way}"
            yield from [f"override {pupil.decided}"] if pupil.decided else []
            yield from ["repeated before"] if pupil.has_repeated else []
    yield from ["strict city"] if city.is_strict else []
    yield f"homeroom {city.homeroom}"
    yield from ("death by error" if death.is_error else "death of the process" for death in story.deaths)
    if story.late:
        yield "late change"
    elif any(story.undone):
        yield "some units undone"
    yield from ["rehearsal"] if story.is_rehearsed else []
