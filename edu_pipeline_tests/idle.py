"""What does a night cost that brings nothing? A hundred connections, all unchanged; and thousands in the lists.

practice city, each school's entities shared out among four connections -> first night -> a second one, timed

`python -m edu_pipeline_tests.idle [CONNECTIONS]` prints seconds; it judges nothing. What does not belong here: a night
with work in it (bench.py).
"""

import argparse
import json
import shutil
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml

from edu_pipeline.flow import ask, year
from edu_pipeline.sandbox.city import build
from edu_pipeline.sources.link import OWNED
from edu_pipeline.storage import embedded
from edu_pipeline_tests.conftest import fast_folder, migrated
from edu_pipeline_tests.stages import World, copy, forget, point, serving

_OWN = (("deployed_system",), ("staff", "staff_assignment"), ("result",))
_SHARES = (*_OWN, tuple(name for name in OWNED if not any(name in share for share in _OWN)))


def share_out(folder: Path, count: int) -> int:
    """Let so many connections answer for what the partner's one did, a school's share each; returns their number."""
    path = folder / "site" / "connections.yaml"
    said: dict[str, Any] = yaml.safe_load(path.read_text())
    (one,) = (c for c in said["connections"] if c["id"] == "saomai")
    shared = [
        {**one, "id": f"school_{link['unit']}_{number}", "units": [{**link, "entities": list(share)}]}
        for link in one["units"]
        for number, share in enumerate(_SHARES)
    ][:count]
    said["connections"] = [c for c in said["connections"] if c["id"] != "saomai"] + shared
    path.write_text(yaml.safe_dump(said, allow_unicode=True))
    path = folder / "site" / "approvals.yaml"
    approved = yaml.safe_load(path.read_text())
    approved["approvals"] |= {c["id"]: approved["approvals"]["saomai"] for c in shared}
    path.write_text(yaml.safe_dump(approved, allow_unicode=True))
    return len(shared)


def _timed(world: World) -> float:
    began = time.monotonic()
    done = world.night()
    assert not done.closed
    return round(time.monotonic() - began, 1)


def measure(made: embedded.Server, folder: Path, count: int) -> dict[str, Any]:
    """Seconds of a first night, of two idle ones, and of the lists that a person opens."""
    name = f"edu_{uuid.uuid4().hex[:12]}"
    with pytest.MonkeyPatch.context() as patch, serving(build("small").without("hoaphuong"), folder) as world:
        copy(made, migrated(made), name)
        point(patch, made, name, folder)
        try:
            shared = share_out(folder, count)
            year.open_year(2023)
            found = {"connections": shared + 2, "first night": _timed(world), "idle": [_timed(world), _timed(world)]}
            began = time.monotonic()
            assert len(ask.connections()) == shared + 2
            found["connections list"] = round(time.monotonic() - began, 2)
            began = time.monotonic()
            ask.standing()
            return found | {"standing": round(time.monotonic() - began, 2)}
        finally:
            forget()
            embedded.drop_database(made, name)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("connections", type=int, nargs="?", default=100)
    folder = Path(tempfile.mkdtemp(prefix="edu-idle-", dir=fast_folder()))
    folder.chmod(0o755)
    made = embedded.start(folder / "postgres")
    try:
        print(json.dumps(measure(made, folder, parser.parse_args().connections), indent=2))
    finally:
        embedded.stop(folder / "postgres")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
