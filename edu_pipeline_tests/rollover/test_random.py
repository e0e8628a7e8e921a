"""The law holds in any small city: whatever is drawn, nobody is lost, doubled or out of place, whoever dies meanwhile.

drawn.py (the value) -> written.py (the register) -> close, plan, approve, apply, amend, undo -> laws.py

Every kind of thing has to be there in a third of the examples, or the proof is none of it.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from edu_pipeline.contracts import star, year  # noqa: F401  (they declare their tables)
from edu_pipeline.contracts.tables import metadata
from edu_pipeline.flow import approve as approvals
from edu_pipeline.flow import decide, dress, rollover
from edu_pipeline.flow import year as years
from edu_pipeline.flow.ready import not_ready
from edu_pipeline.settings import settings as configured
from edu_pipeline.sources import site as sites
from edu_pipeline_tests.conftest import Database
from edu_pipeline_tests.rollover import laws
from edu_pipeline_tests.rollover.drawn import City, Death, Story, cities, kinds, stories
from edu_pipeline_tests.rollover.laws import Standing
from edu_pipeline_tests.rollover.written import CLOSING, PLANNING, YEAR, Written, insert

SHARE = 0.3
_KEPT = ("reference", "normalized", "warehouse", "landing")


class Died(BaseException):
    """The process is gone: nothing catches it."""


class Register:
    """The register of the example at work: written anew each time, and stepped through the year."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.app, self.owner, self.folder, self.runs = database.app, database.owner, folder, 0
        names = [t.fullname for t in metadata.sorted_tables
                 if t.schema not in _KEPT and t.fullname not in ("master.school_year", "master.term", "ops.city")]  # fmt: skip
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

    def approve(self, written: Written) -> set[str]:
        """Approve whatever is planned and ready; the units that are not ready are refused as a whole."""
        site = sites.load(self.folder)
        with self.app.connect() as database:
            plans = {u: p for u, p in approvals.newest(database, YEAR).items() if p.status == "checked"}
            said = not_ready(database, site, YEAR, PLANNING, {u: p.plan_id for u, p in plans.items()})
        if said:
            with pytest.raises(approvals.ApprovalRefused):
                approvals.approve(YEAR, {u: p.hash for u, p in plans.items()})
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

    def disturbed(self, story: Story, step: str, work: Callable[[], rollover.Rollover]) -> rollover.Rollover:
        """Do a step; it dies as often as is drawn, and is done again until it comes to its end."""
        for death in story.deaths:
            if death.step == step:
                with suppress(Died, OperationalError), self.dying(death):
                    work()
        return work()


def _example(register: Register, city: City, story: Story, seen: Counter[str]) -> None:
    written, app = register.write(city), register.app
    found, waits = kinds(city, story), laws.waiting(app)
    if story.is_rehearsed:
        rehearsed = dress.rehearse(YEAR)
        assert rehearsed.left_behind == 0
        assert register.rows() == 0
    register.disturbed(story, "plan", lambda: rollover.make_plan(YEAR, register.run()))
    standing = Standing(app)
    laws.plan(written, standing)
    found |= set(laws.outcomes(standing))
    if story.is_rehearsed:
        assert {row["unit"]: row["hash"] for row in rehearsed.units} \
            == {unit: plan.hash[:12] for unit, plan in standing.plans.items()}  # fmt: skip
    unready = register.approve(written)
    runs: list[str] = []

    def apply() -> rollover.Rollover:
        runs.append(register.run())
        return rollover.apply_plan(YEAR, runs[-1])

    register.disturbed(story, "apply", apply)
    standing = Standing(app)
    laws.applied(written, standing)
    assert not standing.applied & unready
    found |= set(laws.outcomes(standing))
    state = laws.content(app)
    # Twice is once.
    again = apply()
    assert again.done == []
    assert laws.content(app) == state
    # Taken back, as a whole.
    for run in reversed(runs):
        register.disturbed(story, "undo", lambda run=run: rollover.undo(run))  # type: ignore[misc]
    assert register.rows() == 0
    assert laws.waiting(app) == waits
    seen.update(found)


@pytest.fixture
def register(database: Database, site_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """An empty register of this test, and a site that says what is drawn."""
    monkeypatch.setenv("EDU_AS_OF_FILE", str(site_dir / "clock"))
    configured.cache_clear()
    return Register(database, site_dir)


def _proven(register: Register, examples: int) -> None:
    seen: Counter[str] = Counter()
    count = [0]

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(cities, stories)
    def holds(city: City, story: Story) -> None:
        count[0] += 1
        _example(register, city, story, seen)

    holds()
    for name, n in seen.most_common():
        print(f"{100 * n / count[0]:5.0f} %  {name}")


def test_the_law_holds_in_any_small_city(register: Register) -> None:
    _proven(register, int(__import__('os').environ.get('N','8')))
