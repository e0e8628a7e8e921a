"""Unit events: opened, merged, split, closed, recoded, re-levelled, new parent, new head; dated, by a decision.

EDU_SITE_DIR/events.yaml -> checked as a whole -> Event, Event, ... by date

What does not belong here: what an event says (event.py), what continues where because of them (succession.py).
"""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edu_pipeline.sources.event import KINDS, Event
from edu_pipeline.sources.lines import Document, Strict, checked, read
from edu_pipeline.sources.sequence import verify

FILE = "events.yaml"


class _File(Strict):
    events: tuple[dict[Any, Any], ...] = ()


def load(folder: Path, links: Mapping[str, str]) -> tuple[Event, ...]:
    """The site's events by date; none if the file is not there. `links`: the connection that answers for each unit.

    ConfigurationError names file, line and remedy.
    """
    if not (folder / FILE).is_file():
        return ()
    document = read(folder / FILE)
    found = [
        (position, _event(document, position, said)) for position, said in enumerate(checked(document, _File).events)
    ]
    found.sort(key=lambda item: (item[1].date, item[0]))
    verify(document, found, links)
    return tuple(event for _, event in found)


def _event(document: Document, position: int, said: dict[Any, Any]) -> Event:
    kind = said.get("event")
    if True in said:
        raise document.wrong("`on` is YAML's word for true; write `date:`", "events", position)
    if kind not in KINDS:
        near = difflib.get_close_matches(str(kind), KINDS, 1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise document.wrong(f"there is no event {kind!r}; {meant}write one of {', '.join(KINDS)}",
                             "events", position, "event")  # fmt: skip
    around = ("events", str(position))
    lines = {place[2:]: line for place, line in document.lines.items() if place[:2] == around}
    return checked(Document(document.name, said, {(): 1} | lines), KINDS[str(kind)])
