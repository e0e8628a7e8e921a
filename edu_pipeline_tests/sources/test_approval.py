"""An approval stands for as long as it and its yearly assessment do; only a decision cuts off; mistakes have lines."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from edu_pipeline.sources.approval import Approval, State
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline.sources.site import load

AXIS: dict[str, Any] = {"decision": "1/QĐ", "authority": "Department", "date": "2024-01-01"}
SECURITY: dict[str, Any] = {"level": 3, "decision": "2/QĐ", "authority": "City", "date": "2024-02-01",
                            "valid_until": "2026-01-31", "scope": "all", "assessed_on": "2025-06-01"}  # fmt: skip
EXEMPTION: dict[str, Any] = {"from": "2025-06-01", "until": "2025-08-31", "approver": "Lê Văn A", "reason": "audit"}


def state(day: str, security: dict[str, Any] | None = SECURITY, **said: Any) -> State:
    found = Approval.model_validate({"axis": AXIS, "security": security, **said})
    return found.standing(dt.date.fromisoformat(day)).state


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-01-31", State.NEVER),
        ("2024-02-01", State.IN_FORCE),
        ("2025-12-02", State.LAPSING),
        ("2026-01-31", State.LAPSING),
        ("2026-02-01", State.LAPSED),
        ("2030-01-01", State.LAPSED),
    ],
)
def test_an_approval_is_in_force_from_its_date_to_its_end_and_lapses_without_cutting_off(day, expected):
    assert state(day) is expected


def test_an_assessment_is_good_for_a_year_and_one_that_is_not_made_yet_for_nothing():
    old = SECURITY | {"assessed_on": "2024-03-01"}
    assert state("2025-03-01", old) is State.LAPSING
    assert state("2025-03-02", old) is State.LAPSED
    planned = SECURITY | {"assessed_on": "2025-12-01"}
    assert state("2025-03-02", planned) is State.LAPSED


def test_a_renewal_takes_over_on_its_date_and_its_entry_cuts_nobody_off_before():
    renewal = SECURITY | {"date": "2026-03-01", "valid_until": "2028-02-29", "assessed_on": "2026-02-20"}
    days = ("2025-07-01", "2026-02-28", "2026-03-01", "2027-02-21")
    expected = [State.IN_FORCE, State.LAPSED, State.IN_FORCE, State.LAPSED]
    assert [state(day, renewal=renewal) for day in days] == expected


def test_a_level_below_three_and_a_missing_approval_are_none():
    assert state("2025-07-01", SECURITY | {"level": 2}) is State.NEVER
    assert state("2025-07-01", None) is State.NEVER
    assert state("2025-07-01", axis=None) is State.NEVER
    assert Approval().standing(dt.date(2025, 7, 1)).state is State.NEVER


@pytest.mark.parametrize(("left", "notice"), [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (0, 7)])
def test_notices_come_at_sixty_thirty_and_seven_days(left, notice):
    found = Approval.model_validate({"axis": AXIS, "security": SECURITY})
    stands = found.standing(dt.date(2026, 1, 31) - dt.timedelta(days=left))
    assert (stands.days_left, stands.notice) == (left, notice)


def test_an_exemption_bridges_from_its_first_to_its_last_day():
    said = {"security": None, "exemptions": [EXEMPTION]}
    days = ("2025-05-31", "2025-06-01", "2025-08-31", "2025-09-01")
    assert [state(day, **said) for day in days] == [State.NEVER, State.EXEMPT, State.EXEMPT, State.NEVER]
    lapsed = SECURITY | {"valid_until": "2025-05-31", "assessed_on": "2025-01-01"}
    assert [state(day, lapsed, exemptions=[EXEMPTION]) for day in days] == [
        State.LAPSING, State.EXEMPT, State.EXEMPT, State.LAPSED,
    ]  # fmt: skip


def test_a_decision_cuts_off_from_its_day_on_whatever_is_in_force():
    cut = {"date": "2025-07-01", "decision": "9/QĐ", "approver": "Nguyễn Văn B"}
    assert state("2025-06-30", cut_off=cut, exemptions=[EXEMPTION]) is State.IN_FORCE
    assert state("2025-07-01", cut_off=cut, exemptions=[EXEMPTION]) is State.CUT_OFF


def site(folder: Path, text: str) -> Path:
    (folder / "approvals.yaml").write_text(text)
    return folder


MISTAKES = {
    "exemption too long": (
        "  vendor:\n    exemptions:\n      - {from: 2025-01-01, until: 2025-06-30, approver: A, reason: b}\n",
        r"approvals.yaml:4: approvals.vendor.exemptions.0.until: 181 days are too long; at most 180",
    ),
    "exemption backwards": (
        "  vendor:\n    exemptions:\n      - {from: 2025-01-02, until: 2025-01-01, approver: A, reason: b}\n",
        r"approvals.yaml:4: .*it ends before it begins",
    ),
    "exemption without a name": (
        "  vendor:\n    exemptions:\n      - {from: 2025-01-01, until: 2025-01-02, reason: b}\n",
        r"approvals.yaml:4: approvals.vendor.exemptions.0.approver: is missing",
    ),
    "cut off by nobody": (
        "  vendor:\n    cut_off: {date: 2025-01-01, decision: 1/QĐ}\n",
        r"approvals.yaml:3: approvals.vendor.cut_off.approver: is missing",
    ),
    "a typo": (
        "  vendor:\n    exemptions:\n      - {form: 2025-01-01, until: 2025-01-02, approver: A, reason: b}\n",
        r"did you mean from\?",
    ),
    "an end before its date": (
        "  vendor:\n    security: {level: 3, decision: a, authority: b, date: 2025-01-02, valid_until: 2025-01-01,\n"
        "               scope: c, assessed_on: 2025-01-02}\n",
        r"approvals.yaml:3: approvals.vendor.security.valid_until: it ends before its date",
    ),
}


@pytest.mark.parametrize(("text", "said"), list(MISTAKES.values()), ids=list(MISTAKES))
def test_a_mistake_is_refused_by_file_line_and_remedy(text, said, site_dir):
    with pytest.raises(ConfigurationError, match=said):
        load(site(site_dir, f"approvals:\n{text}"))


def test_a_site_without_the_file_has_nothing_approved_and_decisions_of_former_connections_may_stay(site_dir):
    (site_dir / "approvals.yaml").unlink()
    found = load(site_dir)
    assert {found.approval(one).standing(dt.date(2025, 1, 1)).state for one in found.connections} == {State.NEVER}
    assert "gone" in load(site(site_dir, "approvals: {gone: {}}\n")).approvals
