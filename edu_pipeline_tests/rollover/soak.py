"""Kill -9 at every statement boundary of applying and undoing a unit: does the next run come to the same?

the practice city before its rollover, one unit planned and approved -> apply, undo -> their boundaries -> deaths there

`python -m edu_pipeline_tests.rollover.soak` tries them all, and 200 deaths at any moment; `make soak` runs it.

What does not belong here: how a process dies (flow/killed.py), comparing two registers (flow/content.py).
"""

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from edu_pipeline.flow import rollover
from edu_pipeline.storage import embedded
from edu_pipeline_tests import stages
from edu_pipeline_tests.conftest import fast_folder, migrated
from edu_pipeline_tests.flow import content, killed, wire
from edu_pipeline_tests.flow.night import Standing
from edu_pipeline_tests.flow.soak import Soak, tried, trying, whole
from edu_pipeline_tests.stages import World, approve, forget, point, practice_city, serving

DEATHS = 200


def applied() -> None:
    """Apply what is approved."""
    done = rollover.apply_plan(2023, "apply-run")
    if done.failure:
        raise RuntimeError(done.failure)


def undone() -> None:
    """Take it back."""
    done = rollover.undo("apply-run")
    if done.failure:
        raise RuntimeError(done.failure)


def plan(world: World) -> None:
    """Plan and approve the smallest school."""
    unit = min(wire.schools(world), key=lambda code: len(world.city.children_of[code]))
    assert rollover.make_plan(2023, "plan-run", [unit]).failure is None
    approve(unit)


@contextmanager
def both(stands: Standing) -> Iterator[tuple[Soak, Soak]]:
    """Applying what stands planned, and taking back what an undisturbed run of it has applied."""
    with trying(stands, applied) as applying:
        name = applying.undisturbed.rsplit("/", 1)[1].split("?")[0]
        with trying(Standing(stands.server, stands.world, name), undone) as undoing:
            yield applying, undoing


def battered(soaked: Soak, deaths: int) -> list[str]:
    """Kill the group of a run so often, at moments spread over it, then let one end; what is otherwise then."""
    log, work = soaked.stands.world.folder / "log", soaked.work
    with soaked.stands.again() as url:
        died, runs, reach = 0, 0, 0.9
        while died < deaths:
            runs += 1
            run = killed.start(url, log, work=work)
            time.sleep(soaked.seconds * reach * (died + 0.5) / deaths)
            assert run.pid
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)
            run.join()
            if run.exitcode == -signal.SIGKILL:
                died += 1
            else:
                reach *= 0.8
            if runs > 3 * deaths:
                return [f"{runs} runs, and only {died} could be killed"]
        whole(url, log, work)
        return content.differences(soaked.undisturbed, url)


def _each(work: Callable[[Soak], int], pair: tuple[Soak, Soak]) -> int:
    return sum(work(soaked) for soaked in pair)


def main() -> None:
    """Try, and print; ends with 1 if any failed."""
    folder = Path(tempfile.mkdtemp(prefix="edu-soak-", dir=fast_folder()))
    folder.chmod(0o755)
    made = embedded.start(folder / "postgres")
    try:
        with pytest.MonkeyPatch.context() as patch, serving(practice_city(), folder) as world:
            name = "edu_rollover"
            stages.copy(made, migrated(made), name)
            point(patch, made, name, folder)
            stages._build("opening", world)
            plan(world)
            forget()
            with both(Standing(made, world, name)) as pair:
                failed = _each(lambda soaked: tried(soaked, soaked.by_weight).total(), pair)
                for soaked in pair:
                    found = battered(soaked, DEATHS // 2)
                    failed += bool(found)
                    print(*found, sep="\n")
            forget()
    finally:
        embedded.stop(folder / "postgres")
        shutil.rmtree(folder)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
