"""Unit events are refused by file, line and remedy where they cannot all be true, else followed to their end."""

import datetime as dt
import re
from pathlib import Path

import pytest

from edu_pipeline.sources import site as sites
from edu_pipeline.sources.event import Event
from edu_pipeline.sources.events import load
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline.sources.succession import BEGINNING, Share, Step, Succession, trace

A, B, C, D = "79000001", "79000002", "79000003", "79000004"
LINKS = {A: "vendor", C: "vendor"}


def one(kind: str, unit: str = A, date: str = "2024-08-01", decision: str | None = "1/QĐ", **more: object) -> str:
    """An event as a line of the file."""
    said = {"event": kind, "unit": f'"{unit}"', "date": date, **more}
    if decision is not None:
        said["decision"] = f'"{decision}"'
    return "  - {" + ", ".join(f"{key}: {value}" for key, value in said.items()) + "}"


def to(unit: str) -> str:
    return f'"{unit}"'


def parts(*said: str) -> str:
    return "[" + ", ".join(said) + "]"


def part(unit: str, **share: list) -> str:
    return "{" + ", ".join([f'unit: "{unit}"', *(f"{key}: {value}" for key, value in share.items())]) + "}"


def read(folder: Path, *lines: str, links: dict[str, str] = LINKS) -> tuple[Event, ...]:
    (folder / "events.yaml").write_text("events:\n" + "\n".join(lines) + "\n")
    return load(folder, links)


def followed(folder: Path, *lines: str, links: dict[str, str] = LINKS) -> Succession:
    return trace(read(folder, *lines, links=links), links)


GRADES = parts(part(B, grades=[1, 2]), part(C, grades=[3, 4, 5]))
MERGED = one("merged", to=to(C))

# what is wrong -> (lines of the file, line that is named, what is said)
MISTAKES = {
    "unknown kind": ([one("merge", to=to(C))], 2, "there is no event 'merge'; did you mean merged? write one of"),
    "unknown key": ([one("merged", into=to(C))], 2, "into: does not belong there"),
    "no decision": ([one("closed", decision=None)], 2, "decision: is missing; add it"),
    "empty decision": ([one("closed", decision="")], 2, "decision"),
    "on for date": ([one("closed").replace("date:", "on:")], 2, "write `date:`"),
    "no such day": ([one("closed", date="2024-02-31")], 2, "day"),
    "no unit code": ([one("closed", unit="7900")], 2, "unit"),
    "closed twice": ([MERGED, one("closed", date="2025-08-01", decision="2/QĐ")], 3,
                     f"unit {A} is closed twice: it was merged on 2024-08-01 in line 2; take one out"),
    "after its end": ([MERGED, one("relevelled", date="2025-08-01", grades=[1])], 3, f"unit {A} has ended"),
    "successor has ended": ([one("closed", C, "2024-07-01"), MERGED], 3, f"unit {C} has ended: it was closed"),
    "successor opens later": ([one("opened", C, "2024-09-01"), MERGED], 3, f"unit {C} opens later, on 2024-09-01"),
    "before it opens": ([one("opened", A, "2025-01-01"), one("new_head", head='"0000000001"')], 3,
                        f"unit {A} opens on 2025-01-01 only, line 2"),
    "opened twice": ([one("opened", B), one("opened", B, "2024-09-01", "2/QĐ")], 3, "opens a second time"),
    "circle": ([MERGED, one("merged", C, "2025-08-01", to=to(A))], 2, "a circle"),
    "itself": ([one("merged", to=to(A))], 2, "a circle"),
    "same decision twice": ([one("new_parent", parent=to(B)), one("new_parent", parent=to(C))], 3,
                            "decision 1/QĐ says it already in line 2"),
    "own parent": ([one("new_parent", parent=to(A))], 2, "a unit cannot manage itself"),
    "grade twice": ([one("split", to=parts(part(B, grades=[1, 2]), part(C, grades=[2, 3])))], 2,
                    f"grades 2 goes to {B} and to {C}"),
    "class twice": ([one("split", to=parts(part(B, classes=["1A"]), part(C, classes=["1A"])))], 2, "classes 1A goes"),
    "unit twice": ([one("split", to=parts(part(B, grades=[1]), part(B, grades=[2])))], 2, "takes two shares"),
    "two rests": ([one("split", to=parts(part(B), part(C)))], 2, "both take the rest"),
    "grades and classes": ([one("split", to=parts(part(B, grades=[1], classes=["2A"]), part(C)))], 2, "not both"),
    "no such grade": ([one("split", to=parts(part(B, grades=[19]), part(C)))], 2, "there is no grade 19"),
    "one share": ([one("split", to=parts(part(B)))], 2, "to"),
    "no such level": ([one("relevelled", grades=[0])], 2, "there is no grade 0"),
    "one code for two": ([one("recoded", to=to(D)), one("recoded", C, to=to(D))], 3, "is the new code of two units"),
    "two answer": ([one("merged", to=to(D)), one("merged", B, to=to(D))], 3,
                   f"unit {D} would be answered for by vendor and by other; add it to one of them in connections.yaml"),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "line", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_by_file_line_and_remedy(lines: list[str], line: int, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=rf"events\.yaml:{line}: (?s:.*){re.escape(said)}"):
        read(tmp_path, *lines, links={**LINKS, B: "other"})


def test_a_site_is_loaded_with_its_events_or_without(site_dir: Path) -> None:
    assert sites.load(site_dir).events == ()
    (site_dir / "events.yaml").write_text("events:\n" + one("closed", "79000701") + "\n")
    site = sites.load(site_dir)
    assert [(event.event, event.unit, event.date) for event in site.events] == [
        ("closed", "79000701", dt.date(2024, 8, 1))
    ]
    assert [(step.unit, step.to) for step in site.succession(dt.date(2025, 1, 1)).steps] == [("79000701", None)]
    (site_dir / "events.yaml").write_text("events:\n" + one("shut", "79000701") + "\n")
    with pytest.raises(ConfigurationError, match=r"events\.yaml:2"):
        sites.load(site_dir)


def test_every_kind_is_read_and_sorted_by_date(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        one("new_head", C, "2025-01-01", head='"0000000001"'),
        one("new_parent", C, "2024-10-01", parent=to(D)),
        one("relevelled", C, "2024-09-01", grades=[1, 2]),
        one("opened", B, "2024-07-01"),
        one("split", to=GRADES),
    )
    assert [event.event for event in found] == ["opened", "split", "relevelled", "new_parent", "new_head"]
    assert [event.detail for event in found[2:]] == [{"grades": [1, 2]}, {"parent": D}, {"head": "0000000001"}]


def step(said: Step) -> tuple:
    return said.unit, str(said.since), str(said.until), said.to, said.share, said.answers, said.suffix


def test_a_chain_is_told_to_its_end_and_shares_are_apart(tmp_path: Path) -> None:
    found = followed(tmp_path, one("split", to=GRADES),
                     one("split", B, "2025-08-01", to=parts(part(D, classes=["1A"]), part(C))))  # fmt: skip
    low, high = frozenset({1, 2}), frozenset({3, 4, 5})
    classes, other = Share(low, frozenset({"1A"})), Share(low, except_classes=frozenset({"1A"}))
    assert [step(s) for s in found.steps if s.unit == A] == [
        (A, "2024-08-01", "None", None, Share(except_grades=low | high), None, None),
        (A, "2024-08-01", "2025-08-01", B, Share(low), "vendor", None),
        # C is linked, and has classes of its own: those that come to it are told apart.
        (A, "2024-08-01", "None", C, Share(high), "vendor", f"@{A}"),
        (A, "2025-08-01", "None", C, other, "vendor", f"@{A}"),
        (A, "2025-08-01", "None", D, classes, "vendor", None),
    ]
    assert [(s.unit, s.to) for s in found.steps if s.unit == B] == [(B, C), (B, D)]
    assert found.answers == {A: "vendor", B: "vendor", C: "vendor", D: "vendor"}


def test_a_unit_that_keeps_a_share_goes_on(tmp_path: Path) -> None:
    (event,) = read(tmp_path, one("split", to=parts(part(A), part(B, grades=[1, 2]))))
    assert not event.is_end
    found = followed(tmp_path, one("split", to=parts(part(A), part(B, grades=[1, 2]))),
                     one("closed", A, "2025-08-01", "2/QĐ"))  # fmt: skip
    assert [step(s)[1:5] for s in found.steps] == [
        ("2024-08-01", "None", B, Share(frozenset({1, 2}))),
        ("2025-08-01", "None", None, Share(except_grades=frozenset({1, 2}))),
    ]


def test_a_code_that_the_site_changed_already_keeps_the_old_ones_past(tmp_path: Path) -> None:
    links = {B: "vendor"}
    found = followed(tmp_path, one("recoded", to=to(B)), links=links)
    assert [step(s)[:4] for s in found.steps] == [
        (A, "2024-08-01", "None", B),
        (B, str(BEGINNING), "2024-08-01", A),
    ]
    assert found.answers == {A: "vendor", B: "vendor"}


def test_units_that_nobody_answers_for_may_have_the_same_codes(tmp_path: Path) -> None:
    # Offices need no link: whether the other one has a system of that code, the site does not know.
    found = followed(tmp_path, one("merged", to=to(B)), one("recoded", C, to=to(D)), links={})
    assert [step(s)[:1] + step(s)[3:] for s in found.steps] == [
        (A, B, Share(), None, f"@{A}"),
        (C, D, Share(), None, None),
    ]
    assert found.fingerprint("registry", {}, dt.date(2024, 8, 1)) == ""
    assert found.fingerprint("registry", {}, dt.date(2024, 7, 31), of_any=True) == ""
    assert found.fingerprint("registry", {}, dt.date(2024, 8, 1), of_any=True) != ""


def test_only_what_has_happened_to_its_units_changes_a_connections_understanding(tmp_path: Path) -> None:
    lines = [one("recoded", to=to(B)), one("new_parent", C, "2024-07-01", parent=to(D))]
    found, keys = followed(tmp_path, *lines), {A: A, C: C}
    assert found.fingerprint("vendor", keys, dt.date(2024, 7, 31)) == ""
    before = found.fingerprint("vendor", keys, dt.date(2024, 8, 1))
    assert before
    assert found.fingerprint("other", {}, dt.date(2024, 8, 1)) == ""
    later = followed(tmp_path, *lines, one("closed", C, "2025-08-01"))
    assert later.fingerprint("vendor", keys, dt.date(2024, 8, 1)) == before
    assert later.fingerprint("vendor", keys, dt.date(2025, 8, 1)) != before
    other = followed(tmp_path, one("recoded", to=to(D)))
    assert other.fingerprint("vendor", keys, dt.date(2024, 8, 1)) != before
