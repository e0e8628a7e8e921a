"""Year-end marks that fit each child's story under the circular in force: the outcome comes first, the marks follow.

child, place, stage -> Report, a pure function of the child's root id

What does not belong here: deciding an outcome (zone.py), and a vendor's codes. Names of subjects are the sector's.
Source: domain.md section 4: TT 27/2020 (grades 1-4, and 5 from 2024), TT 30/2014 + 22/2016 (grade 5 in 2023-2024),
TT 22/2021 (grades 6-8, 10, 11; 9 and 12 from 2024), TT 58/2011 + 26/2020 (grades 9, 12 in 2023-2024).
"""

import random
from dataclasses import dataclass, field, replace

from edu_pipeline.sandbox import subjects
from edu_pipeline.sandbox.clock import results_from
from edu_pipeline.sandbox.story import Child, Place
from edu_pipeline.sandbox.subjects import COMPETENCES, QUALITIES

_CONDUCT = (("tot", "tot"), ("kha", "tot"), ("tot", "kha"), ("dat", "dat"))


@dataclass(frozen=True)
class Mark:
    """A subject's result. Marks are 0 to 10 with one decimal (primary: the year's test, whole); `level` is T, H or C in
    primary school, D or CD of a comment subject; `retest` replaces `year` after summer.
    """

    year: float | None = None
    level: str | None = None
    term1: float | None = None
    term2: float | None = None
    retest: float | None = None


@dataclass(frozen=True)
class Report:
    """A child's result at a stage. `study` and `conduct` in the words of the circular; `average` by TT 58 alone.

    `completes`: the programme of the grade is completed; `is_adjusted`: one single subject would have dragged the
    level down by two, so it was raised (TT 22 art. 9(2)).
    """

    circular: str
    outcome: str
    marks: dict[str, Mark]
    study: str
    conduct: str | None
    absences: int
    completes: bool
    competences: dict[str, str] = field(default_factory=dict)
    qualities: dict[str, str] = field(default_factory=dict)
    conduct_terms: tuple[str, str] | None = None
    average: float | None = None
    retests: tuple[str, ...] = ()
    trains: bool = False
    is_adjusted: bool = False


def circular(grade: int, year: int) -> str | None:
    """The circular by which a grade's year is judged; None for preschool."""
    if grade > 12:
        return None
    if grade <= 5:
        return "TT30" if (grade, year) == (5, 2023) else "TT27"
    return "TT58" if grade in (9, 12) and year == 2023 else "TT22"


def report(child: Child, place: Place, stage: str) -> Report | None:
    """The child's result of a year at stage CN, or HE for who was to be tested again; None if it has none.

    After summer of a primary pupil the outcome may be `promoted` although the programme is not completed: the
    principal may decide so in grades 1 to 4 (TT 27 art. 11).
    """
    decided, after_summer = child.decided(place.year)
    rule = circular(place.grade, place.year)
    outcome = decided if stage == "CN" else after_summer
    has_left = place.end is not None and place.end < results_from(place.year)
    if decided is None or outcome is None or rule is None or has_left or place.kind == "secondary":
        return None
    rng = random.Random(f"{child.root}/{place.year}")
    if rule in ("TT27", "TT30"):
        made = _primary(rng, rule, place, decided)
        return made if stage == "CN" else _primary_again(rng, made, place, outcome)
    shape = subjects.secondary(place)
    made = (_tt58 if rule == "TT58" else _tt22)(rng, shape, decided)
    return made if stage == "CN" else _again(rng, made, outcome)


def _primary(rng: random.Random, rule: str, place: Place, decided: str) -> Report:
    scored, levelled = subjects.primary(place)
    passes = decided in ("promoted", "completed")
    study = rng.choices(("HTXS", "HTT", "HT"), cum_weights=(5, 8, 10))[0] if passes else "CHT"
    low, high = {"HTXS": (9, 10), "HTT": (7, 10), "HT": (5, 9), "CHT": (5, 7)}[study]
    best = study in ("HTXS", "HTT")
    marks = {name: Mark(float(rng.randint(low, high)), "T" if best else rng.choice("TH")) for name in scored}
    marks |= {name: Mark(level="T" if best else rng.choice("TH")) for name in levelled}
    traits = {name: "T" if best else rng.choice("TD") for name in (*COMPETENCES, *QUALITIES)}
    # A pupil who is told HTT and no better, or HT and no better, has at least one value that says so.
    if study == "HTT":
        marks["mathematics"] = Mark(float(rng.randint(7, 8)), "T")
    elif study == "HT":
        marks["mathematics"], traits["autonomy"] = Mark(float(rng.randint(5, 6)), "H"), "D"
    retests: tuple[str, ...] = ()
    if not passes:
        retests = ("vietnamese",) if rng.random() < 0.5 else ("mathematics", "vietnamese")
        marks |= {name: Mark(float(rng.randint(2, 4)), "C") for name in retests}
        traits["autonomy"] = "C"
    if rule == "TT30":
        study = "HT" if passes else "CHT"
    return Report(rule, decided, marks, study, None, rng.randrange(25), passes,
                  {name: traits[name] for name in COMPETENCES}, {name: traits[name] for name in QUALITIES},
                  retests=retests)  # fmt: skip


def _primary_again(rng: random.Random, was: Report, place: Place, outcome: str) -> Report:
    by_principal = outcome == "promoted" and place.grade < 5 and rng.random() < 0.2
    if outcome == "retained" or by_principal:
        marks = {name: replace(was.marks[name], retest=float(rng.randint(2, 4))) for name in was.retests}
        return replace(was, outcome=outcome, marks=was.marks | marks)
    marks = {name: replace(was.marks[name], level="H", retest=float(rng.randint(5, 7))) for name in was.retests}
    return replace(was, outcome=outcome, marks=was.marks | marks, study="HT", completes=True,
                   competences=was.competences | {"autonomy": "D"})  # fmt: skip


def _drawn(rng: random.Random, low: float, high: float) -> float:
    return rng.randint(round(low * 10), round(high * 10)) / 10


def _terms(rng: random.Random, year: float) -> Mark:
    """Terms of which the year is made: (HK1 + 2 HK2) / 3 with one decimal."""
    whole = round(year * 10)
    first = max(0, min(100, whole + rng.randint(-8, 8), 3 * whole))
    second = round((3 * whole - first) / 2)
    if second > 100:
        first, second = whole, whole
    return Mark(year, None, first / 10, second / 10)


def _tt22(rng: random.Random, shape: tuple[tuple[str, ...], tuple[str, ...]], decided: str) -> Report:
    scored, commented = shape
    names = rng.sample(scored, len(scored))
    comments = dict.fromkeys(commented, "D")
    conduct = rng.choices(_CONDUCT, cum_weights=(6, 8, 9, 10))[0]
    study = rng.choices(("tot", "kha", "dat"), cum_weights=(3, 7, 10))[0]
    absences, trains, adjusted, draw = rng.randrange(20), False, False, rng.random()
    retests: tuple[str, ...] = ()
    if decided == "retained":
        absences = rng.randint(46, 70)
    elif decided == "retest" and draw < 0.2:
        trains, conduct = True, ("dat", "chua_dat")
    elif decided == "retest":
        study = "chua_dat"
    if study == "tot":
        year = {name: _drawn(rng, 8.0, 9.7) if place < 6 else _drawn(rng, 6.5, 9.7) for place, name in enumerate(names)}
    elif study == "kha" and draw < 0.1:
        # Six and more of 8.0, and one that drags the level from tot to dat: raised to the one between.
        adjusted = True
        year = {name: _drawn(rng, 8.0, 9.5) for name in names} | {names[-1]: _drawn(rng, 3.6, 4.9)}
    elif study == "kha":
        year = {name: _drawn(rng, 6.5, 7.9) if place < 6 else _drawn(rng, 5.0, 7.9) for place, name in enumerate(names)}
    elif study == "dat":
        year = {name: _drawn(rng, 5.0, 6.4) if place < 6 else _drawn(rng, 3.5, 6.4) for place, name in enumerate(names)}
        comments[commented[-1]] = "CD" if draw < 0.1 else "D"
    else:
        # Enough of them below 5.0 that no single one is to blame.
        bad = len(names) - 5
        year = {name: _drawn(rng, 2.5, 4.4) if place < bad else _drawn(rng, 5.0, 6.4)
                for place, name in enumerate(names)}  # fmt: skip
        retests = tuple(name for name in scored if year[name] < 5.0)
    marks = {name: _terms(rng, year[name]) for name in scored}
    marks |= {name: Mark(level=level) for name, level in comments.items()}
    return Report("TT22", decided, marks, study, _conduct(*conduct), absences, decided in ("promoted", "completed"),
                  conduct_terms=conduct, retests=retests, trains=trains, is_adjusted=adjusted)  # fmt: skip


def _conduct(first: str, second: str) -> str:
    """The year's conduct from the two terms (TT 22 art. 8)."""
    if second == "tot":
        return "tot" if first in ("tot", "kha") else "kha"
    if second == "kha":
        return "dat" if first == "chua_dat" else "kha"
    if second == "dat":
        return "kha" if first == "tot" else "dat"
    return "chua_dat"


def _tt58(rng: random.Random, shape: tuple[tuple[str, ...], tuple[str, ...]], decided: str) -> Report:
    scored, commented = shape
    study = rng.choices(("gioi", "kha", "tb"), cum_weights=(3, 7, 10))[0]
    conduct, absences, trains, draw = rng.choice(("tot", "tot", "kha", "tb")), rng.randrange(20), False, rng.random()
    if decided == "retained":
        absences = rng.randint(46, 70)
    elif decided == "retest" and draw < 0.2:
        trains, conduct = True, "yeu"
    elif decided == "retest":
        study = "yeu"
    low, high = {"gioi": (8.0, 9.7), "kha": (6.5, 7.9), "tb": (5.2, 6.4), "yeu": (5.4, 6.4)}[study]
    year = {name: _drawn(rng, low, high) for name in scored}
    retests: tuple[str, ...] = ()
    if study == "yeu":
        # Two below 3.5: no single subject is the cause, and two retests mend it.
        retests = tuple(rng.sample(scored[3:], 2))
        year |= {name: _drawn(rng, 2.0, 3.4) for name in retests}
    marks = {name: _terms(rng, year[name]) for name in scored} | {name: Mark(level="D") for name in commented}
    return Report("TT58", decided, marks, study, conduct, absences, decided in ("promoted", "completed"),
                  average=_average(list(year.values())), retests=retests, trains=trains)  # fmt: skip


def _average(values: list[float]) -> float:
    """The mean with one decimal, half up, counted in tenths."""
    total = sum(round(value * 10) for value in values)
    return (2 * total + len(values)) // (2 * len(values)) / 10


def _again(rng: random.Random, was: Report, outcome: str) -> Report:
    """After summer: the retest's mark replaces the year's; or conduct is judged anew."""
    passes = outcome != "retained"
    if was.trains:
        mended = "dat" if was.circular == "TT22" else "tb"
        return replace(was, outcome=outcome, completes=passes, conduct=mended if passes else was.conduct)
    low, high = (5.0, 6.4) if passes else (2.0, 3.4)
    marks = was.marks | {name: replace(was.marks[name], retest=_drawn(rng, low, high)) for name in was.retests}
    if not passes:
        return replace(was, outcome=outcome, marks=marks)
    average = None
    if was.average is not None:
        average = _average([mark.year if mark.retest is None else mark.retest
                            for mark in marks.values() if mark.year is not None])  # fmt: skip
    study = "dat" if was.circular == "TT22" else "tb"
    return replace(was, outcome=outcome, marks=marks, study=study, completes=True, average=average)
