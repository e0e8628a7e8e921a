"""A night dies by SIGKILL, anywhere and again and again: the next one ends as if nothing had been.

The boundaries are tried at a spread here, and all of them by `make soak`.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edu_pipeline.storage import embedded
from edu_pipeline_tests.flow import content, killed
from edu_pipeline_tests.flow.killed import COMMIT, Boundary
from edu_pipeline_tests.flow.soak import Soak, soak, whole

ROOT = Path(__file__).parents[2]
WORKED = {"landing.record", "validated.student", "validated.enrollment", "quarantine.student", "waiting.student",
          "waiting.enrollment", "master.student", "master.enrollment", "history.enrollment", "history.result",
          "rollover.plan", "warehouse.dim_student", "warehouse.fct_enrollment", "ops.person_state", "ops.hold",
          "ops.approval_use"}  # fmt: skip
KILLS, REAL = 20, 5


def _spread(soaked: Soak) -> list[Boundary]:
    """The first and the last boundary, some of those behind a COMMIT and before one, and the middle of each stream."""
    all_of_them = soaked.boundaries
    commits = [place for place, at in enumerate(all_of_them) if at.done == COMMIT]
    of_stream: dict[str, list[int]] = {}
    for place, at in enumerate(all_of_them):
        of_stream.setdefault(at.stream, []).append(place)
    middles = [places[len(places) // 2] for places in of_stream.values()]
    chosen = {0, len(all_of_them) - 1, *commits[::16], *(place - 1 for place in commits[8::64]), *middles}
    return [all_of_them[place] for place in sorted(chosen)]


@pytest.mark.slow
def test_wherever_a_night_dies_the_next_one_comes_to_the_same(
    server: embedded.Server, template: str, tmp_path: Path
) -> None:
    with soak(server, template, tmp_path) as soaked:
        before, after = content.content(soaked.stands.url(soaked.stands.name)), content.content(soaked.undisturbed)
        assert WORKED - {name for name in before if before[name] != after[name]} == set()
        assert len(soaked.boundaries) > 1000
        chosen = _spread(soaked)
        assert {at.stream for at in chosen} == {at.stream for at in soaked.boundaries}
        assert {at: found for at in chosen if (found := soaked.disturbed(at))} == {}


def _pull(url: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "edu_pipeline", "pull"]
    environment = {**os.environ, "EDU_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    environment.pop("DAGSTER_HOME", None)
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, stdout=subprocess.DEVNULL)


def _dies(pid: int, after: float) -> None:
    time.sleep(after)
    os.killpg(pid, signal.SIGKILL)


@pytest.mark.slow
def test_twenty_nights_whose_process_groups_are_killed_leave_no_trace(
    server: embedded.Server, template: str, tmp_path: Path
) -> None:
    with soak(server, template, tmp_path) as soaked, soaked.stands.again() as pulled, soaked.stands.again() as url:
        began = time.monotonic()
        assert _pull(pulled).wait() == 0
        seconds = time.monotonic() - began
        assert content.differences(soaked.undisturbed, pulled) == []
        died, nights, reach = 0, 0, 0.8
        while died < KILLS:
            nights, share = nights + 1, reach * (died + 0.5) / KILLS
            if nights % REAL == 0:
                # The command's first half is loading what it needs.
                process = _pull(url)
                _dies(process.pid, seconds * (1 + share) / 2)
                is_dead = process.wait() == -signal.SIGKILL
            else:
                night = killed.start(url, tmp_path / "log")
                _dies(night.pid or 0, soaked.seconds * share)
                night.join()
                is_dead = night.exitcode == -signal.SIGKILL
            died += is_dead
            # What killed nights have done is not there to be done again: one that was quicker than its death says so.
            reach *= 1 if is_dead else 0.8
            assert nights < 2 * KILLS
        whole(url, tmp_path / "log")
        assert content.differences(soaked.undisturbed, url) == []
        assert embedded.status(server.folder) == server
