"""The town, child by child, class by class, post by post; then its second rollover, and the law after every night.

`python -m edu_pipeline_tests.truth.town` takes a long time; `make soak` runs it.

the practice city of a size -> first rollover -> compared -> a year of nights -> second one -> figures

What does not belong here: what is compared (compare.py), the way through the years (years.py).
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edu_pipeline.sandbox.city import build
from edu_pipeline.storage import embedded
from edu_pipeline_tests import stages
from edu_pipeline_tests.conftest import fast_folder, migrated
from edu_pipeline_tests.truth.compare import compare
from edu_pipeline_tests.truth.years import Years


@contextmanager
def empty(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty register of its own, which settings and engines point to."""
    made = embedded.start(folder / "postgres")
    try:
        stages.copy(made, migrated(made), "edu_town")
        stages.point(patch, made, "edu_town", folder)
        yield
        stages.forget()
    finally:
        embedded.stop(folder / "postgres")


def run(size: str, folder: Path) -> bool:
    """Go the whole way and print it; True if nothing differs and every law holds."""
    city, begun = build(size), time.monotonic()
    with pytest.MonkeyPatch.context() as patch, empty(folder, patch), stages.unread(city, folder, patch) as turn:
        years = Years(turn)
        found = compare(years.first())
        said = ", ".join(f"{count:,} of kind {kind}" for kind, count in found.counts.items())
        print(f"{size}: {said} compared in {time.monotonic() - begun:.0f} s", flush=True)
        for difference in found.differences:
            print("differs:", *difference)
        years.between()
        years.second()
        print(f"{size}: two rollovers and the nights between them in {time.monotonic() - begun:.0f} s")
    return not found.differences


def main() -> None:
    """Try, and print; ends with 1 if anything differs."""
    folder = Path(tempfile.mkdtemp(prefix="edu-town-", dir=fast_folder()))
    folder.chmod(0o755)
    try:
        is_whole = run(sys.argv[1] if len(sys.argv) > 1 else "town", folder)
    finally:
        shutil.rmtree(folder)
    sys.exit(0 if is_whole else 1)


if __name__ == "__main__":
    main()
