"""Heads' words are kept if a head gave them, and told by name if not; a system that has none is found out.

practice city -> nights in which the vendor tells words otherwise -> ops.confirmation, outcomes

What does not belong here: what a word lets pass (test_approve.py, quality/test_confirmed.py).
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.contracts.words import UNHEARD
from edu_pipeline.flow import paper, rollover
from edu_pipeline.flow.paper import ConfirmationRefused
from edu_pipeline.sandbox import deployed, partner
from edu_pipeline.sandbox.confirmations import APPENDICES, forgetful, head_of
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]
KEPT = """SELECT kind, appendix, plan_hash, head_staff_id, confirmed_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS at,
    document, connection_id, batch_id IS NOT NULL AS is_told, actor
    FROM ops.confirmation WHERE unit_id = :u AND school_year = 2023 ORDER BY 1, 2, 3"""
MAY = dt.date(2024, 5, 31)


@pytest.fixture
def world(stage: Stage) -> World:
    return stage("year_end")


def _partners(world: World) -> list[str]:
    return [unit.code for unit in world.city.units if unit.system == "saomai"]


def _word(world: World, unit: str, **said: Any) -> wire.Record:
    data = {"loai": "DN", "phuluc": 1, "mabam": None, "ngayxacnhan": "2024-05-30T10:00:00", "matruong": unit,
            "nguoixacnhan": head_of(world.city, unit, MAY), "namhoc": 2023, "hocky": 2}  # fmt: skip
    return {"idbanghi": "XN-1", "thoigiancapnhat": "2024-05-30T10:00:00", "data": data | said}


def _tell(patch: pytest.MonkeyPatch, unit: str, *words: wire.Record) -> None:
    def told(resource: str, of: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        return [*words] if (resource, of, year) == ("confirmations", unit, 2023) else records

    wire.tell(patch, told)


def _kept(world: World, unit: str) -> list[Any]:
    return world.rows(KEPT, u=unit)


def test_every_head_s_words_are_kept_on_the_first_night(world: World) -> None:
    rows = world.rows("SELECT DISTINCT unit_id, kind, appendix FROM ops.confirmation WHERE school_year = 2023")
    first_data = {(unit, "start_of_year", number) for unit in _partners(world) for number in APPENDICES}
    declared = {unit for unit in _partners(world) if deployed.declared(world.city.unit(unit), MAY, "saomai")}
    assert 0 < len(declared) < len(_partners(world))
    assert {tuple(row) for row in rows} == first_data | {(unit, "systems", 0) for unit in declared}
    unit = wire.schools(world)[0]
    first = _kept(world, unit)[0]
    assert (first.head_staff_id, first.at.month, first.document, first.connection_id, first.is_told, first.actor) == (
        head_of(world.city, unit, first.at.date()), 9, None, "saomai", True, "edu_app")  # fmt: skip
    # A second night that tells the same writes nothing.
    before = world.rows("SELECT * FROM ops.confirmation ORDER BY 2, 3, 4, 5")
    assert world.sync("saomai")["saomai"].said == "passed"
    assert world.rows("SELECT * FROM ops.confirmation ORDER BY 2, 3, 4, 5") == before


def test_in_september_all_confirm_but_two_who_forget_an_appendix(world: World) -> None:
    world.at("settled")
    world.sync("saomai")
    rows = world.rows("SELECT unit_id, appendix FROM ops.confirmation WHERE school_year = 2024 AND appendix > 0")
    found = {tuple(row) for row in rows}
    lacking = {unit: n for unit in _partners(world) for n in APPENDICES if (unit, n) not in found}
    assert lacking == forgetful(world.city)
    assert sorted(lacking.values()) == [2, 3]


def _teacher(world: World, unit: str) -> str:
    return next(m.root for m in world.city.staff_of[unit] if m.role == "GV" and m.defect is None)


# rule -> what is told otherwise
UNTAKEN: dict[str, Callable[[World, str], dict[str, Any]]] = {
    "confirmation.head.unknown": lambda world, unit: {"nguoixacnhan": _teacher(world, unit)},
    "confirmation.moment.future": lambda world, unit: {"ngayxacnhan": "2024-06-01T00:00:00"},
    "confirmation.moment.unreadable": lambda world, unit: {"ngayxacnhan": "30/5/2024"},
    "confirmation.kind.unknown": lambda world, unit: {"loai": "XX"},
    "confirmation.appendix.out_of_range": lambda world, unit: {"phuluc": 4},
    "confirmation.hash.no_plan": lambda world, unit: {"loai": "KH", "mabam": "0123456789ab"},
    "confirmation.unit.other": lambda world, unit: {"matruong": wire.schools(world)[1]},
    "confirmation.year.other": lambda world, unit: {"namhoc": 2022},
}


def test_what_is_no_head_s_word_is_told_by_its_rule_and_the_others_are_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = wire.schools(world)[0]
    wire.narrow(world, wire.schools(world)[:2])
    world.execute("DELETE FROM ops.confirmation WHERE unit_id = :u", u=unit)
    # Whatever lacks a value is none either.
    lacking = ({"nguoixacnhan": None}, {"phuluc": None}, {"ngayxacnhan": None}, {"loai": None}, {"namhoc": None})
    _tell(monkeypatch, unit, {**_word(world, unit), "idbanghi": None}, _word(world, unit, phuluc=2),
          *(_word(world, unit, **said(world, unit)) for said in UNTAKEN.values()),
          *(_word(world, unit, **said) for said in lacking))  # fmt: skip
    outcome = world.sync("saomai")["saomai"]
    assert outcome.failure is None
    counts = dict.fromkeys((*UNTAKEN, "confirmation.record.nameless"), 1) | dict.fromkeys(
        ("confirmation.head.unknown", "confirmation.appendix.out_of_range", "confirmation.moment.unreadable",
         "confirmation.kind.unknown", "confirmation.year.other"), 2)  # fmt: skip
    said = [f"{rule}: {count} words of heads not taken, unit {unit}: {UNHEARD[rule].en} / {UNHEARD[rule].vi}"
            for rule, count in sorted(counts.items())]  # fmt: skip
    assert [note for note in outcome.notes if note.startswith("confirmation")] == said
    assert "; ".join(said) in outcome.said
    assert set(counts) == set(UNHEARD)
    assert [(row.kind, row.appendix) for row in _kept(world, unit)] == [("start_of_year", 2)]


def test_a_deputy_counts_and_so_does_the_head_of_an_event_but_not_who_has_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = wire.schools(world)[0]
    wire.narrow(world, [unit])
    deputy = next(m.root for m in world.city.staff_of[unit] if m.role == "02")
    _tell(monkeypatch, unit, _word(world, unit, nguoixacnhan=deputy))
    assert world.sync("saomai")["saomai"].said == "passed"
    assert _kept(world, unit)[0].head_staff_id == deputy
    new = _teacher(world, unit)
    _tell(monkeypatch, unit, _word(world, unit, nguoixacnhan=new, ngayxacnhan="2024-05-30T12:00:00"))
    assert "head.unknown" in world.sync("saomai")["saomai"].said
    world.execute("""INSERT INTO ops.unit_event (unit_id, kind, decision, on_date, is_end, detail, recorded_at)
        VALUES (:u, 'new_head', '1/QD', '2024-05-30', false, CAST(:said AS jsonb), now())""",
        u=unit, said=f'{{"head": "{new}"}}')  # fmt: skip
    with monkeypatch.context() as quiet:
        # Events of the site would take it back.
        quiet.setattr("edu_pipeline.flow.sync.configure", lambda *said: None)
        assert world.sync("saomai")["saomai"].said == "passed"
    assert _kept(world, unit)[0].head_staff_id == new
    left = {"end_date": "2024-05-29", "u": unit, "s": deputy}
    for room in ("master", "validated"):
        world.execute(f"UPDATE {room}.staff_assignment SET end_date = :end_date WHERE unit_id = :u AND staff_id = :s",
                      **left)  # fmt: skip
    with monkeypatch.context() as still:
        still.setattr("edu_pipeline.flow.sync.admit", lambda *said: None)
        _tell(still, unit, _word(world, unit, nguoixacnhan=deputy, ngayxacnhan="2024-05-31T06:00:00"))
        assert "head.unknown" in world.sync("saomai")["saomai"].said
        # Who has left since was head then.
        _tell(still, unit, _word(world, unit, nguoixacnhan=deputy, phuluc=2, ngayxacnhan="2024-05-29T06:00:00"))
        assert world.sync("saomai")["saomai"].said == "passed"


def test_the_newest_word_stands_and_one_that_is_taken_back_goes_and_is_recorded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = wire.schools(world)[0]
    wire.narrow(world, [unit])
    _tell(monkeypatch, unit, _word(world, unit), _word(world, unit, ngayxacnhan="2024-05-28T10:00:00"))
    world.sync("saomai")
    assert _kept(world, unit)[0].at == dt.datetime(2024, 5, 30, 10)
    back = {**_word(world, unit), "sukien": "cancel"}
    _tell(monkeypatch, unit, back)
    for _ in range(2):
        assert world.sync("saomai")["saomai"].said == "passed"
    assert [row.appendix for row in _kept(world, unit) if row.kind == "start_of_year"] == [2, 3]
    actions = "SELECT count(*) FROM ops.audit WHERE action = 'confirmation.taken_back' AND detail ->> 'unit' = :u"
    assert world.value(actions, u=unit) == 1
    # A word that is given again later stands beside it.
    _tell(monkeypatch, unit, back, {**_word(world, unit, ngayxacnhan="2024-05-31T06:00:00"), "idbanghi": "XN-2"})
    world.sync("saomai")
    assert _kept(world, unit)[0].at == dt.datetime(2024, 5, 31, 6)


OFFERS = "SELECT is_offered, count(*) FROM ops.confirmation_offer GROUP BY 1 ORDER BY 1"


def test_a_system_without_the_resource_is_found_out_and_is_no_failure(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = len(_partners(world))
    assert [tuple(row) for row in world.rows(OFFERS)] == [(True, count)]
    with monkeypatch.context() as lacking:
        lacking.setattr(partner, "RESOURCES", [name for name in partner.RESOURCES if name != "confirmations"])
        outcome = world.sync("saomai")["saomai"]
    assert outcome.failure is None
    assert outcome.said.startswith("confirmation.resource.absent: the system has no `confirmations` (HTTP 404)")
    assert [tuple(row) for row in world.rows(OFFERS)] == [(False, count)]
    assert world.value("SELECT count(*) FROM ops.confirmation") > count
    assert world.sync("saomai")["saomai"].said == "passed"
    assert [tuple(row) for row in world.rows(OFFERS)] == [(True, count)]


def test_a_unit_for_which_it_is_lacking_is_named_and_one_that_breaks_is_a_fault(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.try_at_once(monkeypatch)
    unit, page = wire.schools(world)[3], partner.Service._page

    def answered(status: int) -> None:
        def of(self: partner.Service, request: Any) -> Any:
            if (request.path_params["resource"], request.query_params["unit"]) == ("confirmations", unit):
                raise partner.Refused(status, "not here")
            return page(self, request)

        monkeypatch.setattr(partner.Service, "_page", of)

    answered(404)
    outcome = world.sync("saomai")["saomai"]
    assert outcome.failure is None
    assert outcome.said.startswith(f"confirmation.resource.absent: of 1 units ({unit}) the system has no")
    assert world.value("SELECT is_offered FROM ops.confirmation_offer WHERE unit_id = :u", u=unit) is False
    # An outage says nothing of what it can tell.
    answered(500)
    assert f"confirmations, unit {unit}, 2023 term 2: HTTP 500" in str(world.sync("saomai")["saomai"].failure)
    assert world.value("SELECT is_offered FROM ops.confirmation_offer WHERE unit_id = :u", u=unit) is False


def test_nobody_s_word_is_kept_of_a_trial_or_from_landing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = wire.schools(world)[0]
    world.execute("DELETE FROM ops.confirmation")

    def change(said: dict[str, Any]) -> None:
        next(one for one in said["connections"] if one["id"] == "saomai")["stage"] = "trial"

    wire.edit_site(world, change)
    world.sync("saomai")
    assert _kept(world, unit) == []


def _shown(world: World, unit: str, plan: str) -> None:
    world.sandbox.shown.show(unit, 2023, plan, dt.date.fromisoformat((world.folder / "clock").read_text().strip()))


def test_a_plan_is_confirmed_by_its_hash_and_by_no_other(stage: Stage) -> None:
    world = stage("opening")
    unit, other = wire.schools(world)[:2]
    rollover.make_plan(2023, "plan", [unit])
    plan = world.value("SELECT hash FROM rollover.plan WHERE unit_id = :u", u=unit)
    _shown(world, unit, plan[:12])
    _shown(world, unit, "0" * 12)
    # Another unit's plan is none of its own.
    _shown(world, other, plan)
    outcome = world.sync("saomai")["saomai"]
    assert "confirmation.hash.no_plan: 2 words" in outcome.said
    rows = world.rows("SELECT unit_id, plan_hash FROM ops.confirmation WHERE kind = 'plan'")
    assert [tuple(row) for row in rows] == [(unit, plan)]


# --- on paper


def test_a_word_on_paper_is_kept_with_its_document_and_recorded(world: World) -> None:
    unit = wire.schools(world)[0]
    world.execute("DELETE FROM ops.confirmation WHERE unit_id = :u", u=unit)
    kept = paper.confirm(unit, 2023, "start_of_year", "12/BC", claimed="the clerk")
    assert [word.appendix for word in kept] == [1, 2, 3]
    rows = _kept(world, unit)
    assert {(row.document, row.head_staff_id, row.is_told, row.actor, row.connection_id) for row in rows} == {
        ("12/BC", head_of(world.city, unit, MAY), False, "edu_app", "saomai")}  # fmt: skip
    audited = world.rows(
        "SELECT detail, claimed FROM ops.audit WHERE action = 'confirmation.entered' ORDER BY audit_id"
    )
    assert [(row.detail["appendix"], row.detail["document"], row.claimed) for row in audited] == [
        (n, "12/BC", "the clerk") for n in APPENDICES]  # fmt: skip
    # What a paper says is not taken back by software.
    assert paper.confirm(unit, 2023, "systems", "13/BC", head=head_of(world.city, unit, MAY))[0].kind == "systems"


# what is entered otherwise -> why not
UNWRITTEN: tuple[tuple[dict[str, Any], str], ...] = (
    ({"document": " "}, "no document number"),
    ({"appendix": 4}, "by appendix: 1, 2 or 3"),
    ({"appendix": 0}, "by appendix: 1, 2 or 3"),
    ({"what": "systems", "appendix": 1}, "by appendix: 1, 2 or 3"),
    ({"what": "plan"}, "is confirmed by its hash"),
    ({"plan_hash": "0" * 12}, "is confirmed by its hash"),
    ({"what": "plan", "plan_hash": "0" * 12}, "confirmation.hash.no_plan"),
    ({"head": "0000000001"}, "confirmation.head.unknown"),
    ({"unit": "79000000"}, "the register knows 0 heads of it; say who gave the word: --by"),
)


def test_a_paper_that_says_nothing_is_refused_in_both_languages(world: World) -> None:
    unit = wire.schools(world)[0]
    asked: dict[str, Any] = {"unit": unit, "school_year": 2023, "what": "start_of_year", "document": "1/BC"}
    for said, why in UNWRITTEN:
        with pytest.raises(ConfirmationRefused, match=f"{why}.* / đơn vị"):
            paper.confirm(**asked | said)
    with pytest.raises(KeyError, match="no school year 2019"):
        paper.confirm(**asked | {"school_year": 2019})
    assert world.value("SELECT count(*) FROM ops.confirmation WHERE document IS NOT NULL") == 0
    assert world.value("SELECT count(*) FROM ops.audit WHERE action LIKE 'confirmation%'") == 0


def test_the_list_says_who_confirmed_what_and_first_who_has_not(stage: Stage) -> None:
    world = stage("declared")
    rows = paper.listed()
    assert rows == sorted(rows, key=lambda row: row["state"] != "missing")
    of_2024 = {(row["unit"], row["appendix"]) for row in rows if row["year"] == 2024 and row["what"] == "start_of_year"}
    assert not of_2024 & set(forgetful(world.city).items())
    unit = next(iter(forgetful(world.city)))
    world.execute("UPDATE ops.unit_year SET school_year = 2024 WHERE unit_id = :u", u=unit)
    mine = paper.listed(unit)
    missing = [(row["what"], row["appendix"], row["through"]) for row in mine if row["state"] == "missing"]
    assert missing == [("start_of_year", forgetful(world.city)[unit], "software")]
    by_software = {row["unit"] for row in rows if row["through"] == "software"}
    assert by_software == set(_partners(world))
    lotus = next(u.code for u in world.city.units if u.system == "lotus")
    assert {(row["state"], row["through"]) for row in paper.listed(lotus)} == {("missing", "paper alone")}
