"""Kill -9 at every statement boundary of a night: does the next one come to what an undisturbed one comes to?

a night's boundaries -> for each: a copy of the register, a death there, one whole night -> what differs

`make soak` tries them all, those around commits first, and takes hours; `--part N OF` tries every OF-th, from the N-th.

What does not belong here: judging less than all (test_killed.py), the night itself (night.py).
"""

import argparse
import gc
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edu_pipeline.storage import embedded
from edu_pipeline_tests.conftest import fast_folder, migrated
from edu_pipeline_tests.flow import content, killed
from edu_pipeline_tests.flow.killed import COMMIT, Boundary
from edu_pipeline_tests.flow.night import Standing, standing


class NightFailed(AssertionError):
    """A night that nobody killed did not come to its end."""


@dataclass
class Soak:
    """A register, the URL of what an undisturbed night makes of it, how long that takes, and its boundaries."""

    stands: Standing
    undisturbed: str
    seconds: float
    boundaries: list[Boundary]
    work: Callable[[], None] | None = None

    @property
    def by_weight(self) -> list[Boundary]:
        """All boundaries: first those behind a COMMIT, then those before one, then the others."""
        after = [place for place, at in enumerate(self.boundaries) if at.done == COMMIT]
        before = [place - 1 for place in after if place]
        order = dict.fromkeys((*after, *before, *range(len(self.boundaries))))
        return [self.boundaries[place] for place in order]

    def disturbed(self, at: Boundary) -> list[str]:
        """What a night that follows a death at the boundary makes otherwise than an undisturbed one."""
        log = self.stands.world.folder / "log"
        with self.stands.again() as url:
            log.write_text("[]")
            died = killed.start(url, log, at, self.work)
            died.join()
            if died.exitcode != -signal.SIGKILL:
                return [f"was never reached; the night ended with {died.exitcode}"]
            try:
                whole(url, log, self.work)
            except NightFailed as error:
                return [str(error)]
            return content.differences(self.undisturbed, url)


def whole(url: str, log: Path, work: Callable[[], None] | None = None) -> list[Boundary]:
    """A night that nobody disturbs, and its boundaries stream by stream. NightFailed if it does not end well."""
    night = killed.start(url, log, work=work)
    night.join()
    if night.exitcode:
        raise NightFailed(f"an undisturbed night ended with {night.exitcode}")
    return sorted(killed.passed(log))


@contextmanager
def soak(made: embedded.Server, template: str, folder: Path) -> Iterator[Soak]:
    """Build a register, and let an undisturbed night pass over a copy of it."""
    with standing(made, template, folder) as stands, trying(stands) as soaked:
        yield soaked


@contextmanager
def trying(stands: Standing, work: Callable[[], None] | None = None) -> Iterator[Soak]:
    """Let an undisturbed night, or other work, pass over a copy of a register."""
    with stands.again() as url:
        # A thousand children: what stays as it is need not be looked at, and copied, by the collector of each.
        gc.freeze()
        began = time.monotonic()
        boundaries = whole(url, stands.world.folder / "log", work)
        yield Soak(stands, url, time.monotonic() - began, boundaries, work)


def tried(soaked: Soak, chosen: Sequence[Boundary]) -> Counter[str]:
    began, failed = time.monotonic(), Counter[str]()
    for number, at in enumerate(chosen, 1):
        found = soaked.disturbed(at)
        if found:
            failed[at.stream] += 1
            print(f"\n{at.stream} {at.number}, after {at.done}:", *found, sep="\n  ", flush=True)
        spent = time.monotonic() - began
        print(f"\r{number} of {len(chosen)} boundaries, {failed.total()} failures, {spent:.0f} s", end="", flush=True)
    print()
    return failed


def main() -> None:
    """Try, and print; ends with 1 if any boundary failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", type=int, nargs=2, default=(1, 1), metavar=("N", "OF"))
    part, of = parser.parse_args().part
    folder = Path(tempfile.mkdtemp(prefix="edu-soak-", dir=fast_folder()))
    folder.chmod(0o755)
    made = embedded.start(folder / "postgres")
    try:
        with soak(made, migrated(made), folder) as soaked:
            print(f"{len(soaked.boundaries)} boundaries of {len({b.stream for b in soaked.boundaries})} streams")
            failed = tried(soaked, soaked.by_weight[part - 1 :: of])
    finally:
        embedded.stop(folder / "postgres")
        shutil.rmtree(folder)
    print("failures:", ", ".join(f"{count} in {stream}" for stream, count in failed.items()) or "none")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
