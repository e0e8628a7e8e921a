"""Whether unit events can all be true: no unit ends twice, or acts when it is not there, or goes in a circle.

events by date, the site's links -> ConfigurationError by file, line and remedy

What does not belong here: what one event has to say (event.py), what follows from them (succession.py).
"""

from collections.abc import Mapping

from edu_pipeline.sources.event import Event, NewParent, Recoded, Split
from edu_pipeline.sources.lines import ConfigurationError, Document


def verify(document: Document, found: list[tuple[int, Event]], links: Mapping[str, str]) -> None:
    """Refuse what cannot all be true. `found`: (position in the file, event) by date; `links`: connection by unit."""
    ends: dict[str, tuple[int, Event]] = {}
    opens: dict[str, tuple[int, Event]] = {}
    seen: dict[tuple[str, str, str], int] = {}
    for position, event in found:
        same = (event.unit, event.event, event.decision)
        if same in seen:
            raise _wrong(document, position, f"decision {event.decision} says it already in line "
                         f"{_line(document, seen[same])}; take one out", "decision")  # fmt: skip
        seen[same] = position
        if event.event == "opened":
            if event.unit in opens:
                first = _line(document, opens[event.unit][0])
                raise _wrong(document, position, f"unit {event.unit} opens a second time, first in line {first}; "
                             "take one out", "event")  # fmt: skip
            opens[event.unit] = (position, event)
        if event.is_end and event.unit in ends:
            former = ends[event.unit]
            raise _wrong(document, position, f"unit {event.unit} is closed twice: it was {former[1].event} on "
                         f"{former[1].date} in line {_line(document, former[0])}; take one out", "event")  # fmt: skip
        if event.is_end:
            ends[event.unit] = (position, event)
    for position, event in found:
        _dated(document, position, event, ends, opens)
        for to in _successors(event):
            _goes_on(document, position, event, to, ends, opens)
    _one_origin(document, found)
    _one_answer(document, found, links)


def _dated(
    document: Document,
    position: int,
    event: Event,
    ends: Mapping[str, tuple[int, Event]],
    opens: Mapping[str, tuple[int, Event]],
) -> None:
    end, opening = ends.get(event.unit), opens.get(event.unit)
    if end and event.date > end[1].date:
        raise _wrong(document, position, f"unit {event.unit} has ended: it was {end[1].event} on {end[1].date} in line "
                     f"{_line(document, end[0])}; correct the date, or name the unit that goes on", "date")  # fmt: skip
    if opening and event.date < opening[1].date:
        raise _wrong(document, position, f"unit {event.unit} opens on {opening[1].date} only, line "
                     f"{_line(document, opening[0])}; correct one of the dates", "date")  # fmt: skip
    if isinstance(event, NewParent) and event.parent == event.unit:
        raise _wrong(document, position, "a unit cannot manage itself; name the unit that does", "parent")


def _successors(event: Event) -> list[str]:
    # A split of which the unit itself keeps a share does not lead back to it: it goes on.
    is_kept = isinstance(event, Split)
    return [part.unit for part in event.parts if not (is_kept and part.unit == event.unit)]


def _goes_on(
    document: Document,
    position: int,
    event: Event,
    to: str,
    ends: Mapping[str, tuple[int, Event]],
    opens: Mapping[str, tuple[int, Event]],
) -> None:
    """The unit that takes over has to be there on the day."""
    if to == event.unit or _leads_back(event.unit, to, ends):
        raise _wrong(document, position, f"what goes from {event.unit} to {to} comes back to {event.unit}: a circle; "
                     "correct the codes", "to")  # fmt: skip
    if to in ends and ends[to][1].date <= event.date:
        end = ends[to]
        raise _wrong(document, position, f"unit {to} has ended: it was {end[1].event} on {end[1].date} in line "
                     f"{_line(document, end[0])}; name the unit that goes on", "to")  # fmt: skip
    if to in opens and opens[to][1].date > event.date:
        raise _wrong(document, position, f"unit {to} opens later, on {opens[to][1].date}; correct one "
                     "of the dates", "to")  # fmt: skip


def _leads_back(unit: str, to: str, ends: Mapping[str, tuple[int, Event]]) -> bool:
    open_, seen = [to], set()
    while open_:
        one = open_.pop()
        if one == unit:
            return True
        if one not in seen and one in ends:
            seen.add(one)
            open_ += _successors(ends[one][1])
    return False


def _one_origin(document: Document, found: list[tuple[int, Event]]) -> None:
    """A code that another one was changed to has had no life of its own before."""
    recoded: dict[str, int] = {}
    for position, event in found:
        if isinstance(event, Recoded) and event.event == "recoded":
            if event.to in recoded:
                first = _line(document, recoded[event.to])
                raise _wrong(document, position, f"unit {event.to} is the new code of two units, also in line {first}; "
                             "where two become one, write merged", "to")  # fmt: skip
            recoded[event.to] = position


def _one_answer(document: Document, found: list[tuple[int, Event]], links: Mapping[str, str]) -> None:
    """One connection answers for a unit: who answered for the former one, unless the site names another."""
    answers = dict(links)
    for position, event in found:
        former = answers.get(event.unit)
        for to in _successors(event):
            if former and answers.setdefault(to, former) != former and to not in links:
                raise _wrong(document, position, f"unit {to} would be answered for by {answers[to]} and by {former}; "
                             "add it to one of them in connections.yaml", "to")  # fmt: skip


def _line(document: Document, position: int) -> int:
    return document.line(("events", position))


def _wrong(document: Document, position: int, said: str, key: str) -> ConfigurationError:
    return document.wrong(said, "events", position, key)
