"""Proves the laws of a grown-up zone: everybody is somewhere for a reason; what an office decided is what happened;
every rare fate is there.
"""

import datetime as dt
from collections import Counter
from itertools import pairwise

import pytest

from edu_pipeline.sandbox import plan, zone
from edu_pipeline.sandbox.city import City, as_city
from edu_pipeline.sandbox.story import Child, Place
from edu_pipeline.sandbox.units import class_name
from edu_pipeline_tests.sandbox.grown import last, told, word

# The last day on which a stay without an end can go on: the day before the next year begins.
YEAR_OVER = {2023: dt.date(2024, 9, 4), 2024: dt.date(2025, 9, 4), 2025: dt.date(2026, 9, 4)}
NEXT = {15: 16, 16: 17, 17: 18, 18: 1, **{grade: grade + 1 for grade in range(1, 12)}}


@pytest.fixture(params=["small", "town"])
def city(request: pytest.FixtureRequest) -> City:
    return told(request.param)


def _twice_claimed(city: City) -> set[str]:
    claims = Counter(transfer.student for transfer in city.transfers if transfer.accepted and transfer.to_unit)
    return {student for student, count in claims.items() if count > 1}


def _own(child: Child) -> list[Place]:
    return [place for place in child.places if place.kind == "primary"]


def test_the_same_plan_is_the_same_zone() -> None:
    first, again = as_city(zone.tell(plan.of_small())), as_city(zone.tell(plan.of_small()))
    assert first == again
    assert as_city(zone.tell(plan.of_small(), 1231)) != first


def test_the_population_is_known_without_telling(city: City) -> None:
    one = plan.of_small() if len(city.units) < 20 else plan.of_town()
    assert zone.population(one) == len(city.people) == len({person.root for person in city.people})


def test_root_ids_are_ten_digits_that_begin_where_the_child_was_first_registered(city: City) -> None:
    for child in city.children:
        assert len(child.root) == 10
        assert child.root.isdigit()
        assert child.root[:2] == (child.origin or "79")
    codes = [(unit, code) for child in city.children for unit, code in child.codes.items()]
    assert len(set(codes)) == len(codes)


def test_nobody_is_in_two_places_on_one_day_but_one_whom_two_units_claim(city: City) -> None:
    claimed = _twice_claimed(city)
    assert len(claimed) == 1
    for child in city.children:
        stays = sorted((place.begin, place.end or YEAR_OVER[place.year]) for place in _own(child))
        assert all(begin <= end for begin, end in stays), child
        assert all(before[1] < after[0] for before, after in pairwise(stays)) is (child.root not in claimed), child


def test_a_place_is_in_a_class_that_the_unit_has_while_it_is_open(city: City) -> None:
    for child in city.children:
        for place in child.places:
            unit = city.unit_on(place.unit, place.begin)
            assert unit.is_open(place.begin), place
            assert place.grade in unit.grades
            assert place.klass in {class_name(unit.style, place.grade, n + 1) for n in range(unit.classes)}


def test_a_grade_follows_from_the_year_before(city: City) -> None:
    for child in city.children:
        for year in (2023, 2024):
            was, then = last(child, year), [place for place in _own(child) if place.year == year + 1]
            if was is None or not then:
                continue
            said = word(child) if year == 2023 else child.decided(2024)[0]
            stays = was.how == "on_leave" or said == "retained"
            assert said or was.how == "on_leave", child
            assert {place.grade for place in then} == {was.grade if stays else NEXT[was.grade]}, child
            assert stays or (said == "completed") is (was.grade in (5, 9, 12, 18)), child


def test_whoever_goes_on_nowhere_has_a_reason(city: City) -> None:
    transit = {t.student for t in city.transfers if t.released and not t.accepted}
    absent = {admission.student for admission in city.admissions if not admission.came}
    reasons: Counter[str] = Counter()
    for child in city.children:
        was = last(child)
        if was is None or child.in_year(2024):
            continue
        reason = (
            "left" if was.how in ("away", "withdrawn", "on_leave")
            else "pending" if word(child) is None
            else "in transit" if child.root in transit
            else "unmapped" if child.root in city.unmapped
            else "no show" if child.is_no_show or child.root in absent
            else "school is over" if was.grade == 12 or (was.grade == 9 and word(child) == "completed")
            else None
        )  # fmt: skip
        assert reason, child
        reasons[reason] += 1
    assert set(reasons) == {"left", "pending", "in transit", "unmapped", "no show", "school is over"}
    assert (reasons["unmapped"], reasons["in transit"]) == (1, 1)


def test_pupils_follow_the_events_of_their_unit(city: City) -> None:
    happened = {event.event: event for event in city.events}
    for kind in ("merged", "recoded"):
        event = happened[kind]
        stays = [c for c in city.children_of[event.unit] if c.entry in ("promoted", "retained") and not c.is_no_show
                 and (was := last(c)) and was.unit == event.unit]  # fmt: skip
        assert {place.unit for child in stays for place in child.in_year(2024)} == set(event.to)
    split = happened["split"]
    both = {place.unit for child in city.children_of[split.unit] for place in child.in_year(2024)}
    assert {split.unit, *split.to} <= both
    closed = city.children_of[happened["closed"].unit]
    (forgotten,) = [child for child in closed if child.root in city.unmapped]
    assert forgotten.in_year(2024) == []
    assert word(forgotten) in ("promoted", "retained")
    regraded = happened["relevelled"]
    assert {p.grade for c in city.children_of[regraded.unit] for p in c.places if p.unit == regraded.unit} == {
        *range(1, 8)}  # fmt: skip
    new = happened["opened"].unit
    opened = [child for child in city.children_of[new] if any(place.unit == new for place in child.in_year(2024))]
    assert opened
    assert all(child.entry in ("intake", "accepted") for child in opened)


def test_a_transfer_is_what_happened(city: City) -> None:
    children = {child.root: child for child in city.children}
    claimed = _twice_claimed(city)
    for transfer in city.transfers:
        child = children[transfer.student]
        days = [transfer.requested, *filter(None, (transfer.released, transfer.accepted))]
        assert days == sorted(days)
        assert (transfer.from_unit is None) == (transfer.from_province != "79")
        assert (transfer.to_unit is None) == (transfer.to_province != "79")
        entered = [place for place in child.in_year(2024) if place.unit == transfer.to_unit]
        assert bool(entered) is bool(transfer.accepted and transfer.to_unit), transfer
        if entered:
            assert (entered[0].grade, child.entry) == (transfer.grade, "accepted")
            assert entered[0].begin == max(transfer.accepted or entered[0].begin, dt.date(2024, 9, 5))
        if transfer.from_unit and transfer.released:
            was = last(child)
            assert was is not None
            assert (was.unit, was.end) == (transfer.from_unit, transfer.released)
    told_of = {transfer.student for transfer in city.transfers}
    moved = {c.root for c in city.children if (was := last(c)) and was.how == "city" and was.end > dt.date(2024, 6, 1)}
    away = {c.root for c in city.children if (was := last(c)) and was.how == "away" and was.end > dt.date(2024, 6, 1)}
    assert moved | away | {c.root for c in city.children if c.origin} <= told_of
    day = dt.date(2024, 9, 20)
    assert {transfer.state(day) for transfer in city.transfers} == {"requested", "released", "accepted"}
    assert claimed


def test_whoever_enters_a_level_was_on_a_list(city: City) -> None:
    listed: dict[tuple[str, int], list[str]] = {}
    for admission in city.admissions:
        listed.setdefault((admission.student, admission.year), []).append(admission.unit)
    for child in city.children:
        if child.entry != "intake":
            continue
        for place in child.in_year(2024):
            if place.grade in (1, 6, 10) and city.unit(place.unit).system != "lotus" and place.kind == "primary":
                assert place.unit in listed[child.root, 2024], child
    doubled = {key for key, units in listed.items() if len(set(units)) > 1}
    assert doubled
    came = Counter((admission.student, admission.year) for admission in city.admissions if admission.came)
    assert set(came.values()) == {1}
    assert {key for key in listed if not came[key]}, "somebody never came"
    assert len({admission.number for admission in city.admissions}) == len(city.admissions)


def test_rare_fates_befall_somebody(city: City) -> None:
    children = {child.root: child for child in city.children}
    twins = [child for child in city.children if child.sibling]
    assert twins
    for child in twins:
        other = children[child.sibling or ""]
        assert (other.sibling, other.family, other.birth) == (child.root, child.family, child.birth)
        assert other.given != child.given
        assert (other.places[0].unit, other.places[0].klass) == (child.places[0].unit, child.places[0].klass)
    same = [child for child in city.children if child.namesake]
    assert len(same) == 4
    for child in same:
        other = children[child.namesake or ""]
        assert (other.family, other.given, other.birth) == (child.family, child.given, child.birth)
    assert {children[c.namesake or ""].places[0].unit == c.places[0].unit for c in same} == {True, False}
    foreign = [child for child in city.children if child.nation != "VN"]
    assert len(foreign) >= 3
    assert all(child.ethnic == 55 for child in foreign)
    assert sum(child.temp is not None for child in city.children) == 2
    evening = [child for child in city.children if any(place.kind == "secondary" for place in child.places)]
    assert len(evening) == 2
    for child in evening:
        kinds = {place.kind: city.unit(place.unit).kind for place in child.in_year(2023)}
        assert kinds == {"primary": "THPT", "secondary": "GDTX"}


def test_a_guest_of_the_evening_is_no_head_of_the_unit(city: City) -> None:
    centre = next(unit.code for unit in city.units if unit.kind == "GDTX")
    day = dt.date(2024, 5, 31)
    there = [p for c in city.children_of[centre] for p in c.in_year(2023) if p.unit == centre and p.is_active(day)]
    assert city.headcount(centre, 2023, day) == sum(p.kind == "primary" for p in there) < len(there)


def test_posts_follow_the_events(city: City) -> None:
    posts: dict[str, list] = {}
    for member in city.staff:
        posts.setdefault(member.root, []).append(member)
        assert city.unit(member.unit).is_open(max(member.begin, dt.date(2023, 9, 5)))
        closed = city.unit(member.unit).closed
        assert closed is None or (member.leaves is not None and member.leaves <= closed)
    shared = [held for held in posts.values() if {post.is_main for post in held} == {True, False}]
    assert len(shared) == 2
    for held in posts.values():
        main = sorted((post.begin, post.leaves or dt.date.max) for post in held if post.is_main)
        assert all(before[1] < after[0] for before, after in pairwise(main))
    for event in city.events:
        if event.event == "new_head":
            (new,) = posts[event.head or ""]
            assert (new.unit, new.role, new.begin) == (event.unit, "01", event.on)
    day = dt.date(2024, 9, 5)
    heads = Counter(m.unit for m in city.staff if m.role == "01" and m.begin <= day and (m.leaves or day) >= day)
    told_of = {u.code for u in city.units if u.system not in ("registry", "lotus") and u.is_open(day)}
    assert set(heads.values()) == {1}
    assert told_of - set(heads) == {event.to[0] for event in city.events if event.event == "split"}


def test_a_class_is_led_by_one_teacher_who_is_there(city: City) -> None:
    led = [(member.unit, year, klass) for member in city.staff for year, klass in member.homeroom.items()]
    assert len(set(led)) == len(led)
    assert {year for _, year, _ in led} == {2023, 2024, 2025}
    for member in city.staff:
        for year, klass in member.homeroom.items():
            assert klass in city.classes_of(member.unit, year)
            assert member.begin <= dt.date(year, 9, 5) <= (member.leaves or dt.date.max)


def test_names_are_as_frequent_as_they_are() -> None:
    children = [child for child in told("town").children if child.nation == "VN"]
    families = Counter(child.family for child in children)
    # Published shares of bearers in percent; a tolerance of a tenth of the share and half a percent.
    for family, share in {"Nguyễn": 38.4, "Trần": 12.1, "Lê": 9.5, "Phạm": 7.0, "Phan": 4.5, "Đặng": 2.1}.items():
        assert abs(100 * families[family] / len(children) - share) < share / 10 + 0.5, family
    assert {"Thạch", "Niê"} & (set(families) | {word for c in children for word in c.given.split()})
    assert len({(child.family, child.given) for child in children}) > 5_000
