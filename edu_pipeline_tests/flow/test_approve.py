"""A plan is applied if exactly its hash is approved, of a ready unit, by another than the planner; all by name."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import make_url

from edu_pipeline.flow import approve as approvals
from edu_pipeline.flow import rollover
from edu_pipeline.flow.approve import ApprovalRefused
from edu_pipeline.settings import settings
from edu_pipeline.storage import embedded
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World, _sql, approve, forget

Stage = Callable[[str], World]
LINE = """DELETE FROM rollover.plan_line l USING rollover.plan p WHERE p.plan_id = l.plan_id AND p.unit_id = :u
    AND p.status = 'checked' AND l.line_key = (SELECT min(line_key) FROM rollover.plan_line k
        WHERE k.plan_id = p.plan_id AND k.kind = 'assignment')"""


def hash_of(world: World, unit: str) -> str:
    found: str = world.value("SELECT hash FROM rollover.plan WHERE unit_id = :u ORDER BY plan_id DESC LIMIT 1", u=unit)
    return found


def decide_anew(world: World, unit: str, position: int = 0) -> None:
    child = wire.quiet(world, unit, position)
    world.execute("UPDATE master.result SET outcome = 'retained' WHERE unit_id = :u AND student_id = :s",
                  u=unit, s=child.root)  # fmt: skip


def refused(world: World, said: str, **hashes: str) -> None:
    """Refused in these words; nothing is written, and nothing can be applied."""
    with pytest.raises(ApprovalRefused, match=said):
        approvals.approve(2023, {unit.removeprefix("u"): prefix for unit, prefix in hashes.items()})
    assert world.value("SELECT count(*) FROM rollover.approval") == 0


def test_only_the_plan_that_was_looked_at_can_be_approved(stage: Stage) -> None:
    world = stage("opening")
    unit, other = wire.schools(world)[:2]
    refused(world, f"unit {unit}: it has no plan of 2023; correct .*rollover plan 2023 --unit {unit}",
            **{f"u{unit}": "a" * 8})  # fmt: skip
    rollover.make_plan(2023, "plan", [unit, other])
    older = hash_of(world, unit)
    decide_anew(world, unit)
    assert rollover.make_plan(2023, "again", [unit, other]).unchanged == [other]
    now = hash_of(world, unit)
    refused(world, f"the plan is {now[:12]}, not {older[:12]}: it is another", **{f"u{unit}": older})
    refused(world, "too short: give at least 8", **{f"u{unit}": now[:7]})
    # One that is refused takes the others with it: all or none.
    refused(world, f"^unit {unit}: the plan is", **{f"u{unit}": older, f"u{other}": hash_of(world, other)})
    world.execute(LINE, u=unit)
    refused(world, "its lines are no longer those planned; plan again", **{f"u{unit}": now})
    world.execute("UPDATE rollover.plan SET status = 'refused', fault = 'some_rule' WHERE unit_id = :u", u=other)
    refused(world, r"its plan is refused \(some_rule\); mend that", **{f"u{other}": hash_of(world, other)})
    assert rollover.apply_plan(2023, "apply").done == []


def test_an_approval_is_of_one_hash_and_is_used_once(stage: Stage) -> None:
    world = stage("opening")
    unit, other = wire.schools(world)[:2]
    rollover.make_plan(2023, "plan", [unit, other])
    first = hash_of(world, unit)
    assert approvals.approve(2023, {unit: first[:8].upper()}, claimed="the head") == {unit: first}
    decide_anew(world, unit)
    rollover.make_plan(2023, "again", [unit])
    now = hash_of(world, unit)
    # Not named: left out, said, no failure. Named: a failure by name. An unknown name is one too.
    done = rollover.apply_plan(2023, "all")
    said = f"approved is hash {first[:12]}, the plan is {now[:12]}: approve again"
    assert (done.failure, done.done, done.left) == (None, [], {unit: said, other: "not approved"})
    named = rollover.apply_plan(2023, "named", [unit, "79999999"])
    assert str(named.failure).startswith(f"unit {unit}: {said}; unit 79999999: it has no checked plan")
    assert approvals.left(2023) == [{"unit": u, "why": why} for u, why in sorted(done.left.items())]

    approvals.approve(2023, {unit: now})
    approvals.withdraw(2023, unit, "looked at the wrong school")
    assert rollover.apply_plan(2023, "withdrawn").left[unit] == "not approved"
    with pytest.raises(ApprovalRefused, match="no approval for 2023 stands"):
        approvals.withdraw(2023, unit, "again")
    approvals.approve(2023, {unit: now})
    assert rollover.apply_plan(2023, "applied", [unit]).done == [unit]
    for attempt in (lambda: approvals.approve(2023, {unit: now}), lambda: approvals.withdraw(2023, unit, "late")):
        with pytest.raises(ApprovalRefused, match="applied already"):
            attempt()
    assert rollover.apply_plan(2023, "nothing left", [unit]).failure is None
    rollover.undo("applied", [unit])
    rollover.make_plan(2023, "after", [unit])
    assert hash_of(world, unit) == now
    assert rollover.apply_plan(2023, "after", [unit]).failed == {unit: "not approved"}
    kinds = world.rows("SELECT kind, actor, claimed, document FROM rollover.approval ORDER BY approval_id")
    assert [tuple(row) for row in kinds] == [
        ("unit", "edu_app", "the head", None),
        ("unit", "edu_app", None, None),
        ("withdrawn", "edu_app", None, "looked at the wrong school"),
        ("unit", "edu_app", None, None),
    ]
    audit = world.rows("SELECT action, detail->>'hash' AS hash FROM ops.audit WHERE action IN"
                       " ('rollover.approve', 'rollover.withdraw') ORDER BY audit_id")  # fmt: skip
    approve_, withdraw_ = "rollover.approve", "rollover.withdraw"
    assert [tuple(row) for row in audit] == [(approve_, first), (approve_, now), (withdraw_, now), (approve_, now)]


def test_a_district_is_approved_where_nothing_is_to_be_looked_at(stage: Stage) -> None:
    world = stage("opening")
    assert rollover.make_plan(2023, "plan").failure is None
    with pytest.raises(ApprovalRefused, match="there are plans under 79000000, 79760000, 79770000, 79783000"):
        approvals.approve_district(2023, "79999999", "512/SGDĐT")
    with pytest.raises(ApprovalRefused, match="no document number"):
        approvals.approve_district(2023, "79783000", " ")
    done, left = approvals.approve_district(2023, "79783000", "512/SGDĐT")
    pending = {row.unit_id for row in world.rows("SELECT DISTINCT unit_id FROM rollover.plan_line"
                                                 " WHERE decision = 'pending'")}  # fmt: skip
    of_district = {
        row.unit_id for row in world.rows("SELECT unit_id FROM master.unit WHERE parent_unit_id = '79783000'")
    }
    assert (set(done), set(left)) == (of_district - pending, of_district & pending)
    assert len(done) > 1 < len(left)
    assert all(why.startswith("has exceptions (") for why in left.values())
    assert {tuple(r) for r in world.rows("SELECT unit_id, kind, document FROM rollover.approval")} == {
        (unit, "district", "512/SGDĐT") for unit in done}  # fmt: skip
    # Said again, it finds nothing to do.
    assert approvals.approve_district(2023, "79783000", "512/SGDĐT") == ([], left)
    applied = rollover.apply_plan(2023, "apply")
    assert (applied.failure, applied.done) == (None, done)
    assert len(applied.left) == 31 - len(done)


def test_a_unit_that_is_not_ready_is_planned_and_approved_by_nobody(stage: Stage) -> None:
    world = stage("opening")
    unit = wire.schools(world)[0]
    world.at("2024-09-09")
    assert rollover.make_plan(2023, "plan", [unit]).done == [unit]
    refused(world, f"unit {unit}: not ready: it was last read as a whole on 2024-09-05, 4 days ago",
            **{f"u{unit}": hash_of(world, unit)})  # fmt: skip
    _, left = approvals.approve_district(2023, "79770000", "1/QĐ")
    assert "not ready" in left[unit] or "has exceptions" in left[unit]
    (world.folder / "site" / "rollover.yaml").write_text(
        f'four_eyes: false\nunits: {{"{unit}": {{decision: 9/QĐ, reason: flood, until: 2024-09-10, fresh_days: 7}}}}\n',
        encoding="utf-8",
    )
    assert approve(unit) == {unit: hash_of(world, unit)}


@contextmanager
def acting(made: embedded.Server, monkeypatch: pytest.MonkeyPatch, role: str) -> Iterator[None]:
    """Be a person with a database role of their own while the block runs."""
    before = settings().database_url
    assert before is not None
    url = make_url(before.get_secret_value()).set(username=role, password="secret")
    forget()
    monkeypatch.setenv("EDU_DATABASE_URL", url.render_as_string(hide_password=False))
    try:
        yield
    finally:
        forget()
        monkeypatch.setenv("EDU_DATABASE_URL", before.get_secret_value())


@pytest.fixture
def persons(server: embedded.Server) -> Iterator[tuple[str, str]]:
    """Two people who may do what the pipeline may."""
    names = [f"person_{uuid.uuid4().hex[:8]}" for _ in range(2)]
    _sql(server, *(f"CREATE ROLE {name} LOGIN PASSWORD 'secret' IN ROLE edu_app" for name in names))
    yield names[0], names[1]
    forget()
    _sql(server, *(f"DROP ROLE {name}" for name in names))


def test_who_planned_does_not_approve_whatever_name_is_typed(
    stage: Stage, server: embedded.Server, monkeypatch: pytest.MonkeyPatch, persons: tuple[str, str]
) -> None:
    world = stage("opening")
    policy = world.folder / "site" / "rollover.yaml"
    policy.write_text("four_eyes: true\n")
    unit, other = wire.schools(world)[:2]
    planner, approver = persons
    with acting(server, monkeypatch, planner):
        rollover.make_plan(2023, "plan", [unit, other])
        for claimed in (None, approver, "Somebody Else"):
            with pytest.raises(ApprovalRefused, match=f"{planner} has planned it; somebody else approves it"):
                approvals.approve(2023, {unit: hash_of(world, unit)}, claimed)
        # Without the rule the planner may; where it is taken up again, that approval counts for nothing.
        policy.write_text("four_eyes: false\n")
        approvals.approve(2023, {other: hash_of(world, other)})
        policy.write_text("four_eyes: true\n")
    with acting(server, monkeypatch, approver):
        approvals.approve(2023, {unit: hash_of(world, unit)}, claimed=planner)
    with acting(server, monkeypatch, planner):
        done = rollover.apply_plan(2023, "apply")
    assert (done.done, done.left) == ([unit], {other: "planned and approved by the same person"})
    rows = world.rows("SELECT p.planned_by, a.actor, a.claimed FROM rollover.approval a JOIN rollover.plan p"
                      " USING (plan_id) WHERE a.unit_id = :u", u=unit)  # fmt: skip
    assert [tuple(row) for row in rows] == [(planner, approver, planner)]
