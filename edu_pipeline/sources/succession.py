"""What continues where because of unit events: for each unit, its rows' shares and the unit that each goes to.

Event, Event, ... by date -> Step, Step, ... (disjoint: a row of a unit and a day fits one step at most)

What does not belong here: checking events (sequence.py), moving rows (validate/follow.py). A chain is told to its end:
where A became B and B became D, rows that still say A go to D.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from edu_pipeline.sources.event import Event, Part, Split

BEGINNING = dt.date(1, 1, 1)


@dataclass(frozen=True)
class Share:
    """Which rows of a unit: None means any grade or class; `except_` what other shares name."""

    grades: frozenset[int] | None = None
    classes: frozenset[str] | None = None
    except_grades: frozenset[int] = frozenset()
    except_classes: frozenset[str] = frozenset()

    @property
    def said(self) -> tuple[list | None, list | None, list, list]:
        """Grades, classes and what is left out, in order: the same share is always told the same way."""
        return (
            None if self.grades is None else sorted(self.grades),
            None if self.classes is None else sorted(self.classes),
            sorted(self.except_grades),
            sorted(self.except_classes),
        )

    @property
    def is_nothing(self) -> bool:
        return self.grades == frozenset() or self.classes == frozenset()

    def of(self, other: "Share") -> "Share":
        """The rows that are in both."""
        return Share(
            _both(self.grades, other.grades),
            _both(self.classes, other.classes),
            self.except_grades | other.except_grades,
            self.except_classes | other.except_classes,
        )


@dataclass(frozen=True)
class Step:
    """From a day until another, rows of `unit` that are in the share belong to `to`; None: nobody takes them.

    `answers` is the connection that answers for `to`; `suffix` is put after class codes, where `to` may have classes of
    the same code from elsewhere.
    """

    unit: str
    since: dt.date
    until: dt.date | None
    to: str | None
    share: Share
    kind: str
    decision: str
    answers: str | None
    suffix: str | None


@dataclass(frozen=True)
class Succession:
    """All steps of a site, and which connection answers for each unit by them."""

    steps: tuple[Step, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)

    def fingerprint(self, connection: str, links: Mapping[str, str], day: dt.date, of_any: bool = False) -> str:
        """What has happened by a day to units of a connection (`of_any`: to any); empty if nothing has.

        `links` is the connection's key by linked unit.
        """
        said = [step for step in self.steps if BEGINNING < step.since <= day
                and (of_any or connection in (step.answers, self.answers.get(step.unit)))]  # fmt: skip
        if not said:
            return ""
        touched = {step.unit for step in said} | {step.to for step in said if step.to}
        keys = sorted((unit, key) for unit, key in links.items() if unit in touched)
        told = [(s.unit, s.since, s.until, s.to, s.share.said, s.answers, s.suffix) for s in said]
        return hashlib.sha256(repr((told, keys)).encode()).hexdigest()[:12]


def trace(events: Iterable[Event], links: Mapping[str, str]) -> Succession:
    """Follow every unit through the events; `links` is the connection by linked unit."""
    found = list(events)
    answers, takers = _answers(found, links), _takers(found)
    live: dict[str, list[Step]] = {}
    steps: list[Step] = []
    for event in found:
        if not event.parts and not event.is_end:
            continue
        live.setdefault(event.unit, [_itself(event.unit)])
        # A unit that nobody answers for (an office) goes to one that is not linked either, and may have codes already.
        shared = {part.unit for part in event.parts if event.event != "recoded"
                  and (part.unit in links or len(takers[part.unit]) > 1 or event.unit not in answers)}  # fmt: skip
        for root, standing in live.items():
            going = [step for step in standing if step.to == event.unit]
            live[root] = [step for step in standing if step.to != event.unit]
            for step in going:
                if step.to != root and step.since < event.date:
                    steps.append(replace(step, until=event.date))
                live[root] += _onward(step, event, root, shared, answers)
    steps += [step for root, standing in live.items() for step in standing if step.to != root]
    steps += _past(found, links, answers)
    return Succession(tuple(sorted(steps, key=lambda s: (s.unit, s.since, s.to or "", repr(s.share.said)))), answers)


def _takers(found: list[Event]) -> dict[str, set[str]]:
    takers: dict[str, set[str]] = {}
    for event in found:
        for part in event.parts:
            takers.setdefault(part.unit, set()).add(event.unit)
    return takers


def _answers(found: list[Event], links: Mapping[str, str]) -> dict[str, str]:
    answers = dict(links)
    for event in found:
        for part in event.parts:
            if event.unit in answers:
                answers.setdefault(part.unit, answers[event.unit])
    # A site that says the new code already still has the old one's past: its connection answers for both.
    for event in reversed(found):
        for part in event.parts:
            if event.event == "recoded" and part.unit in answers:
                answers.setdefault(event.unit, answers[part.unit])
    return answers


def _itself(unit: str) -> Step:
    return Step(unit, BEGINNING, None, unit, Share(), "", "", None, None)


def _onward(step: Step, event: Event, root: str, shared: set[str], answers: Mapping[str, str]) -> list[Step]:
    """Where the rows of a step go from the event's day on."""
    found = []
    mark = f"@{root}"
    for to, share in _shares(event):
        onward = step.share.of(_as_called(share, step.suffix))
        if onward.is_nothing:
            continue
        suffix = step.suffix or (mark if to in shared and to != root else None)
        if to == event.unit:  # a split of which the unit keeps a share
            found.append(replace(step, since=event.date, share=onward))
        else:
            found.append(Step(root, event.date, None, to, onward, event.event, event.decision,
                              answers.get(to) if to else None, suffix))  # fmt: skip
    return found


def _shares(event: Event) -> list[tuple[str | None, Share]]:
    """Who takes which share: classes go before grades, and what nobody names before nobody takes it."""
    classes = frozenset(one for part in event.parts for one in part.classes)
    grades = frozenset(one for part in event.parts for one in part.grades)
    found = [(part.unit, _share(part, classes)) for part in event.parts if part.grades or part.classes]
    rest = next((part.unit for part in event.parts if not part.grades and not part.classes), None)
    if rest is None and isinstance(event, Split) and not event.is_end:
        # The unit goes on and keeps what it does not give away, whatever it names of itself.
        found = [(to, share) for to, share in found if to != event.unit]
        own = next(part for part in event.parts if part.unit == event.unit)
        rest, classes, grades = event.unit, classes - set(own.classes), grades - set(own.grades)
    return [*found, (rest, Share(except_grades=grades, except_classes=classes))]


def _share(part: Part, classes: frozenset[str]) -> Share:
    if part.classes:
        return Share(classes=frozenset(part.classes))
    return Share(grades=frozenset(part.grades), except_classes=classes)


def _as_called(share: Share, suffix: str | None) -> Share:
    """A share by class codes in the words of the unit that the rows come from."""
    if suffix is None:
        return share
    return replace(
        share,
        classes=None if share.classes is None else _without(share.classes, suffix),
        except_classes=_without(share.except_classes, suffix),
    )


def _without(codes: frozenset[str], suffix: str) -> frozenset[str]:
    return frozenset(code.removesuffix(suffix) for code in codes if code.endswith(suffix))


def _past(found: list[Event], links: Mapping[str, str], answers: Mapping[str, str]) -> list[Step]:
    """Rows of years before a code was changed stay with the old code, even if the site already says the new one."""
    steps = []
    former = {part.unit: event for event in found if event.event == "recoded" for part in event.parts}
    for unit in links:
        one = former.get(unit)
        until = one.date if one else None
        while one is not None and one.unit not in links:
            before = former.get(one.unit)
            since = before.date if before else BEGINNING
            steps.append(Step(unit, since, until, one.unit, Share(), one.event, one.decision, answers.get(one.unit),
                              None))  # fmt: skip
            until, one = since, before
    return steps


def _both(left: frozenset | None, right: frozenset | None) -> frozenset | None:
    if left is None or right is None:
        return right if left is None else left
    return left & right
