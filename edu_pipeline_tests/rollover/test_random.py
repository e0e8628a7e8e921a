"""The law holds in any small city: whatever is drawn, nobody is lost, doubled or out of place, whoever dies meanwhile.

drawn.py (the value) -> written.py (the register) -> close, plan, approve, apply, amend, undo -> laws.py

Every kind of thing has to be there in a third of the examples, or the proof is none of it.
"""

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, seed, settings
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from edu_pipeline.contracts import star, year  # noqa: F401  (they declare their tables)
from edu_pipeline.contracts.tables import metadata
from edu_pipeline.flow import approve as approvals
from edu_pipeline.flow import dress, rollover
from edu_pipeline.flow import year as years
from edu_pipeline.flow.ready import not_ready
from edu_pipeline.settings import settings as configured
from edu_pipeline.sources import site as sites
from edu_pipeline_tests.conftest import Database
from edu_pipeline_tests.rollover import late, laws
from edu_pipeline_tests.rollover.drawn import (
    KINDS,
    City,
    Death,
    Post,
    Pupil,
    Room,
    School,
    Story,
    cities,
    kinds,
    stories,
)  # fmt: skip
from edu_pipeline_tests.rollover.laws import Standing
from edu_pipeline_tests.rollover.written import CLOSING, PLANNING, YEAR, Written, insert

FEW, SHARE = 30, 0.3
_KEPT = {"reference", "normalized", "warehouse", "landing", "master.school_year", "master.term", "ops.city"}


class Died(BaseException):
    """The process is gone: nothing catches it."""


class Register:
    """The register of the example at work: written anew each time, and stepped through the year."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.app, self.owner, self.folder, self.runs = database.app, database.owner, folder, 0
        names = [t.fullname for t in metadata.sorted_tables if not {t.schema, t.fullname} & _KEPT]
        self._empty = f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"
        with self.owner.begin() as owner:
            rows = [{"school_year": y, "name": f"{y}-{y + 1}", "begin_date": f"{y}-09-05", "end_date": f"{y + 1}-05-31"}
                    for y in (2022, 2023, 2024)]  # fmt: skip
            insert(owner, "master.school_year", rows)

    def write(self, city: City) -> Written:
        """A city on the day its year is closed, and then on the day on which it is planned."""
        with self.owner.begin() as owner:
            owner.execute(text(self._empty))
        rules: dict[str, Any] = {"four_eyes": False, "homeroom": city.homeroom, "both_below": city.both_below,
                                 "results_share": 0, "open_rows": 3, "open_share": 0.3 if city.is_strict else 1,
                                 "ranges": {"rows": 8 if city.is_strict else 9999}}  # fmt: skip
        (self.folder / "rollover.yaml").write_text(yaml.safe_dump(rules))
        written = Written(city)
        written.year_end(self.app)
        self.at(CLOSING)
        assert years.close_year(YEAR) == written.units
        laws.snapshot(written, self.app)
        self.at(PLANNING)
        written.autumn(self.app)
        return written

    def at(self, day: dt.date) -> None:
        """It is that day."""
        (self.folder / "clock").write_text(f"{day}\n")

    def run(self) -> str:
        """The next run's id."""
        self.runs += 1
        return f"run-{self.runs}"

    def approve(self, written: Written, standing: Standing | None = None) -> set[str]:
        """Approve whatever is planned and ready; the units that are not ready are refused as a whole."""
        site = sites.load(self.folder)
        with self.app.connect() as database:
            plans = {u: p for u, p in approvals.newest(database, YEAR).items() if p.status == "checked"}
            said = not_ready(database, site, YEAR, PLANNING, {u: p.plan_id for u, p in plans.items()})
        if said:
            with pytest.raises(approvals.ApprovalRefused):
                approvals.approve(YEAR, {u: p.hash for u, p in plans.items()})
        if standing:
            laws.unready(written, standing, said)
        ready = {unit: plan.hash for unit, plan in plans.items() if unit not in said}
        if ready:
            approvals.approve(YEAR, ready)
        return set(said)

    def rows(self) -> int:
        """How many rows of the new year stand."""
        return sum(sum(found.values()) for name, found in laws.content(self.app).items() if name in laws.ROOMS)

    @contextmanager
    def dying(self, death: Death) -> Iterator[None]:
        """At one statement the process dies, or the server refuses it."""
        left = [death.at]

        def strike(*_: Any) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise OperationalError("drawn", {}, Exception("drawn")) if death.is_error else Died

        name = "after_cursor_execute" if death.is_behind else "before_cursor_execute"
        event.listen(self.app, name, strike)
        try:
            yield
        finally:
            event.remove(self.app, name, strike)

    def disturbed(self, story: Story, step: str, work: Callable[[], object]) -> None:
        """Do a step; it dies as often as is drawn, and is done again until it comes to its end."""
        for death in story.deaths:
            if death.step == step:
                with suppress(Died, OperationalError), self.dying(death):
                    work()
        work()


class Example:
    """One city on its way through the year, and what was seen of it."""

    def __init__(self, register: Register, city: City, story: Story) -> None:
        self.register, self.story, self.app = register, story, register.app
        self.written = register.write(city)
        self.waits, self.seen = laws.waiting(self.app), kinds(city, story)
        self.runs: list[str] = []

    def lived(self) -> set[str]:
        """All that is drawn happens; the kinds of things that were there."""
        if self.story.is_rehearsed:
            self.rehearsed()
        self.planned()
        self.applied()
        state = laws.content(self.app)
        assert self._apply("again").done == []
        assert laws.content(self.app) == state
        if self.story.late:
            self.amended(state)
        elif any(self.story.undone):
            self.undone_in_part(state)
        self.undone()
        if not self.story.late and any(death.step == "apply" for death in self.story.deaths):
            # Nobody dies this time: it comes to the same.
            self.again()
            assert laws.content(self.app) == state
        return self.seen

    def rehearsed(self) -> None:
        """The dress rehearsal says the same hashes, and leaves nothing."""
        found = dress.rehearse(YEAR)
        assert (found.left_behind, self.register.rows()) == (0, 0)
        rollover.make_plan(YEAR, self.register.run())
        said = {unit: plan.hash[:12] for unit, plan in Standing(self.app).plans.items()}
        assert {row["unit"]: row["hash"] for row in found.units} == said

    def planned(self) -> None:
        """Everybody has a line."""
        self.register.disturbed(self.story, "plan", lambda: rollover.make_plan(YEAR, self.register.run()))
        standing = Standing(self.app)
        laws.plan(self.written, standing)
        self.unready = self.register.approve(self.written, standing)
        self.seen |= set(laws.outcomes(standing))

    def applied(self) -> None:
        """Everybody stands, in units that are ready."""
        self.register.disturbed(self.story, "apply", lambda: self._apply("apply"))
        standing = Standing(self.app, is_applied=True)
        laws.applied(self.written, standing)
        assert not standing.applied & self.unready

    def amended(self, state: laws.Content) -> None:
        """Late changes are planned, approved and applied; taken back, it is as before."""
        before = Standing(self.app)
        changed = late.happen(self.app, self.written, self.story.late)
        rollover.make_plan(YEAR, self.register.run())
        laws.late(Standing(self.app), before)
        self.register.approve(self.written)
        first = len(self.runs)
        self.register.disturbed(self.story, "amend", lambda: self._apply("late"))
        laws.applied(self.written, Standing(self.app, is_applied=True))
        if laws.content(self.app) != state:
            self.seen.add("late change applied")
        self.seen |= {f"late {name}" for name in changed}
        self._undo(self.runs[first:])
        assert laws.content(self.app) == state
        del self.runs[first:]

    def undone_in_part(self, state: laws.Content) -> None:
        """Units that are taken back leave the others as they are, and are again what they were."""
        applied = sorted(Standing(self.app, is_applied=True).applied)
        bits = itertools.cycle(self.story.undone)
        units = [unit for unit, is_undone in zip(applied, bits, strict=False) if is_undone]
        self._undo(self.runs, units)
        assert laws.content(self.app, but=units) == {
            name: Counter(line for line in lines.elements() if not any(unit in line for unit in units))
            for name, lines in state.items()
        }
        self.again()
        assert laws.content(self.app) == state

    def again(self) -> None:
        """Plan, approve and apply what is not applied."""
        rollover.make_plan(YEAR, self.register.run())
        self.register.approve(self.written)
        self._apply("once more")

    def undone(self) -> None:
        """Taken back as a whole, nothing is left, and what has waited waits."""
        self.register.disturbed(self.story, "undo", lambda: self._undo(self.runs))
        assert self.register.rows() == 0
        assert laws.waiting(self.app) == self.waits

    def _apply(self, name: str) -> rollover.Rollover:
        self.runs.append(f"{name}-{self.register.run()}")
        return rollover.apply_plan(YEAR, self.runs[-1])

    def _undo(self, runs: Sequence[str], units: Sequence[str] | None = None) -> None:
        for run in reversed(runs):
            assert rollover.undo(run, units).failure is None


@pytest.fixture
def register(database: Database, site_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """An empty register of this test, and a site that says what is drawn."""
    monkeypatch.setenv("EDU_AS_OF_FILE", str(site_dir / "clock"))
    configured.cache_clear()
    return Register(database, site_dir)


def _proven(register: Register, examples: int) -> None:
    """Live through so many cities; say how often each kind of thing was there."""
    met: Counter[str] = Counter()

    @seed(5)
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(cities(), stories())
    def holds(city: City, story: Story) -> None:
        met.update(Example(register, city, story).lived())
        met.update(["examples"])

    holds()
    share = {name: met[name] / met["examples"] for name in sorted({*met, *KINDS} - {"examples"})}
    print(f"\n{met['examples']} random cities; share of them in which there was:")
    print("\n".join(f"{100 * found:4.0f} %  {name}{'' if name in KINDS else '  (came of it)'}"
                     for name, found in share.items()))  # fmt: skip
    assert {name: found for name, found in share.items() if name in KINDS and found < SHARE} == {}


@pytest.mark.slow
def test_the_law_holds_in_any_small_city(register: Register) -> None:
    _proven(register, FEW)


@pytest.mark.longer
def test_the_law_holds_in_five_times_as_many(register: Register) -> None:
    _proven(register, 5 * FEW)


def _city(*schools: School) -> City:
    return City(schools, is_strict=False, homeroom="clear", both_below="strict")


def _school(*pupils: Pupil, grade: int = 6, posts: tuple[Post, ...] = (), **said: Any) -> School:
    rooms = (Room(grade, 1, pupils),)
    return School("lower_secondary", "plain", rooms, posts, (), vendor="vendor", shows=True, **said)


_CALM = Story(deaths=(), late=(), undone=(False,), is_rehearsed=False)

# What random cities have found, each as small as it gets.
FOUND: dict[str, City] = {
    "a unit where nobody is has a plan that can be approved": _city(_school(), _school(Pupil())),
    "who was admitted after the closing is judged by the regulation too":
        _city(_school(Pupil(outcome="none", level="bad", case="mended"))),
    "whom one unit has not decided on another does not take in":
        _city(_school(Pupil(outcome="retained", shown="both")), _school(Pupil(), grade=7)),
    "a post that moves ties two units": _city(
        _school(posts=(Post(),), event="merged", reading="stale"), _school(Pupil(), reading="stale")),
    "who is decided to have left is not taken in again by the own unit": _city(
        _school(Pupil(shown="same", decided="withdrawn"))),
}  # fmt: skip


@pytest.mark.parametrize("found", FOUND)
def test_what_was_found_stays_mended(register: Register, found: str) -> None:
    Example(register, FOUND[found], _CALM).lived()
