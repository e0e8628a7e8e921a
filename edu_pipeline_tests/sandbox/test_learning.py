"""Proves that a unit's learning-management system holds whom and what the stories say, the same each time it is asked,
and that each slip is what it is called, stands in both practice units until it is mended, and befalls nobody else.
"""

import datetime as dt
import unicodedata
from collections import Counter

import pytest

from edu_pipeline.sandbox import learning, slips
from edu_pipeline.sandbox.city import City, build
from edu_pipeline.sandbox.learning import Account
from edu_pipeline.sandbox.story import Child, Member
from edu_pipeline_tests.sandbox.lms_served import BEFORE, MENDED, TANGLED, UNITS

LATE = "79783515"  # tells a new year a fortnight late
NEW = "79765491"  # opens on 5 August 2024


def _story(city: City, unit: str) -> dict[str, Child]:
    return {child.root: child for child in city.children_of[unit]}


def _names(city: City, unit: str) -> dict[str, tuple[str, str]]:
    people: list[Child | Member] = [*city.children_of[unit], *city.staff_of[unit]]
    return {person.root: (person.family, person.given) for person in people}


def _classes(city: City, unit: str, year: int, day: dt.date) -> dict[str, set[str]]:
    """Class -> root ids of those who are in it on the day."""
    found: dict[str, set[str]] = {}
    for child in city.children_of[unit]:
        for place in child.places:
            if (place.unit, place.year) == (unit, year) and place.is_active(day):
                found.setdefault(place.klass, set()).add(child.root)
    return found


def _here(city: City, unit: str, year: int, day: dt.date) -> set[str]:
    return {root for roots in _classes(city, unit, year, day).values() for root in roots}


def _folded(account: Account) -> str:
    """The letters of a name, whatever their order, case and diacritics."""
    text = unicodedata.normalize("NFD", f"{account.family} {account.given}".lower()).replace("đ", "d")
    return "".join(sorted(letter for letter in text if letter.isalpha() and letter.isascii()))


def _by_id(city: City, unit: str, day: dt.date) -> dict[int, Account]:
    return {account.id: account for account in learning.accounts(city, unit, day)}


def _odd(city: City, unit: str, kind: str, day: dt.date = TANGLED) -> list[Account]:
    accounts = _by_id(city, unit, day)
    return [accounts[ident] for ident in learning.oddities(city, unit, day)[kind]]


# Of them there is no account.
NOBODY_S = {slips.WITHOUT_ACCOUNT, slips.STAFF_WITHOUT}


@pytest.mark.parametrize("unit", UNITS)
def test_the_same_is_held_whenever_it_is_asked_for(whole: City, unit: str) -> None:
    assert learning.held(build(), unit, TANGLED) == learning.held(whole, unit, TANGLED)


@pytest.mark.parametrize("unit", UNITS)
def test_everybody_has_one_account_but_for_the_slips(whole: City, unit: str) -> None:
    odd = learning.oddities(whole, unit, TANGLED)
    accounts = [a for a in learning.accounts(whole, unit, TANGLED) if a.id not in odd[slips.SECOND] | odd[slips.NOBODY]]
    expected = {child.root for child in whole.children_of[unit]
                if any(p.unit == unit and p.year < 2025 and p.begin <= TANGLED for p in child.places)}  # fmt: skip
    expected |= {member.root for member in whole.staff_of[unit] if member.begin <= TANGLED}
    assert Counter(account.truth for account in accounts) == Counter(
        expected
        - learning.without_account(whole, unit, TANGLED)
        - slips.befall(whole, unit).befallen[slips.STAFF_WITHOUT]
    )


@pytest.mark.parametrize("unit", UNITS)
def test_who_is_not_odd_has_the_own_root_id_and_the_own_name(whole: City, unit: str) -> None:
    odd, names = learning.oddities(whole, unit, TANGLED), _names(whole, unit)
    strange = set().union(*(odd[kind] for kind in slips.KINDS if kind in odd and kind not in
                            (slips.NEVER, slips.NAMESAKES, slips.LEFT_ACTIVE, slips.LEFT_SUSPENDED)))  # fmt: skip
    plain = [account for account in learning.accounts(whole, unit, TANGLED) if account.id not in strange]
    assert len(plain) > 100
    for account in plain:
        assert account.root == account.truth
        assert (account.family, account.given) == names[account.root or ""]


@pytest.mark.parametrize("unit", UNITS)
def test_ids_are_somebodys_for_good(whole: City, unit: str) -> None:
    seen: dict[int, str | None] = {}
    for day in (BEFORE, dt.date(2024, 9, 5), TANGLED, MENDED, dt.date(2025, 9, 5)):
        for ident, truth in learning.truth(whole, unit, day).items():
            assert seen.setdefault(ident, truth) == truth
    assert len(seen) > 140


def test_no_two_things_of_the_city_have_one_id(whole: City) -> None:
    units = [unit.code for unit in whole.units if unit.grades]
    held = [learning.held(whole, unit, TANGLED) for unit in units]
    ids = [account.id for each in held for account in each.accounts]
    ids += [course.id for each in held for course in each.courses]
    assert len(set(ids)) == len(ids) > 5_000


@pytest.mark.parametrize("unit", UNITS)
def test_every_slip_occurs(whole: City, unit: str) -> None:
    odd = learning.oddities(whole, unit, TANGLED)
    assert {kind: len(ids) for kind, ids in odd.items() if not ids} == {}
    assert set(odd) | NOBODY_S == set(slips.KINDS)
    assert slips.befall(whole, unit).befallen[slips.STAFF_WITHOUT]
    assert learning.without_account(whole, unit, TANGLED)


@pytest.mark.parametrize("unit", UNITS)
def test_slips_end_when_they_are_mended(whole: City, unit: str) -> None:
    eve = learning.oddities(whole, unit, MENDED - dt.timedelta(days=1))
    then = learning.oddities(whole, unit, MENDED)
    assert learning.MENDED == MENDED
    assert {kind for kind, ids in then.items() if ids} == set(slips.LASTING)
    assert {kind for kind, ids in eve.items() if ids} == set(slips.KINDS) - NOBODY_S
    assert learning.without_account(whole, unit, MENDED - dt.timedelta(days=1))
    assert not learning.without_account(whole, unit, MENDED)
    assert eve[slips.LEFT_ACTIVE] <= then[slips.LEFT_SUSPENDED]
    accounts = learning.accounts(whole, unit, MENDED)
    assert all(account.root == account.truth is not None for account in accounts)


@pytest.mark.parametrize("unit", UNITS)
def test_a_pupil_without_an_account_is_in_a_class(whole: City, unit: str) -> None:
    assert learning.without_account(whole, unit, TANGLED) <= _here(whole, unit, 2024, TANGLED)


@pytest.mark.parametrize("unit", UNITS)
def test_a_wrong_root_id_is_that_of_another_pupil_of_the_unit(whole: City, unit: str) -> None:
    names, wrong = _names(whole, unit), _odd(whole, unit, slips.WRONG_ROOT)
    for account in wrong:
        assert account.root in _story(whole, unit)
        assert account.root != account.truth
        assert names[account.root or ""] != (account.family, account.given) == names[account.truth or ""]
    # One is the id of a pupil who has an account with it, one that of the pupil who has none.
    owners = {account.truth for account in learning.accounts(whole, unit, TANGLED)}
    assert sorted(account.root in owners for account in wrong) == [False, True]


@pytest.mark.parametrize("unit", UNITS)
def test_an_account_without_root_id_is_its_owners(whole: City, unit: str) -> None:
    names = _names(whole, unit)
    for account in _odd(whole, unit, slips.WITHOUT_ROOT):
        assert account.root is None
        assert (account.family, account.given) == names[account.truth or ""]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("kind", slips.NAMES)
def test_a_name_is_written_otherwise_and_is_the_same_name(whole: City, unit: str, kind: str) -> None:
    (account,) = _odd(whole, unit, kind)
    family, given = _names(whole, unit)[account.truth or ""]
    plain = Account(unit, 0, None, family, given, None, "active", None, False)
    assert (account.family, account.given) != (family, given)
    assert _folded(account) == _folded(plain)
    whole_name = f"{account.family} {account.given}"
    assert {
        slips.NAME_BARE: whole_name.isascii(),
        slips.NAME_CAPITALS: whole_name.isupper(),
        slips.NAME_NFD: unicodedata.normalize("NFC", whole_name) == f"{family} {given}",
        slips.NAME_ONE_FIELD: account.family == "" and account.given.split()[0] == given.split()[-1],
    }[kind]
    assert account.root == account.truth


@pytest.mark.parametrize("unit", UNITS)
def test_accounts_of_nobody_have_no_root_id(whole: City, unit: str) -> None:
    found = _odd(whole, unit, slips.NOBODY)
    assert {account.root for account in found} == {None}
    assert {account.family for account in found} == {"Admin", "Phụ huynh"}


@pytest.mark.parametrize("unit", UNITS)
def test_a_second_account_is_like_the_first(whole: City, unit: str) -> None:
    accounts = learning.accounts(whole, unit, TANGLED)
    for second in _odd(whole, unit, slips.SECOND):
        (first,) = (a for a in accounts if a.truth == second.truth and a.id != second.id)
        assert (first.root, first.family, first.given) == (second.root, second.family, second.given)
        parts = {a.id: {p.course for p in learning.memberships(whole, unit, TANGLED) if p.account == a.id}
                 for a in (first, second)}  # fmt: skip
        assert len(parts[second.id]) == 1
        assert parts[second.id] < parts[first.id]


@pytest.mark.parametrize("unit", UNITS)
def test_who_has_left_is_suspended_but_for_one(whole: City, unit: str) -> None:
    here, pupils = _here(whole, unit, 2024, TANGLED), _story(whole, unit)
    gone = {a.id: a for a in learning.accounts(whole, unit, TANGLED) if a.truth in pupils and a.truth not in here}
    odd = learning.oddities(whole, unit, TANGLED)
    assert odd[slips.LEFT_ACTIVE] == {ident for ident, account in gone.items() if account.status == "active"}
    assert odd[slips.LEFT_SUSPENDED] == {ident for ident, account in gone.items() if account.status == "suspended"}
    assert len(odd[slips.LEFT_ACTIVE]) == 1


@pytest.mark.parametrize("unit", UNITS)
def test_classes_have_their_courses_and_their_group(whole: City, unit: str) -> None:
    courses = learning.courses(whole, unit, TANGLED)
    classes = set(whole.classes_of(unit, 2024))
    assert Counter(c.klass for c in courses if c.kind == "course" and c.klass) == Counter(dict.fromkeys(classes, 2))
    assert Counter(c.klass for c in courses if c.kind == "group") == Counter(classes)
    assert [c.title for c in courses if not c.klass] == ["Góc chuyên môn"]
    assert all(course.klass in course.title for course in courses)
    assert {(c.begin, c.end, c.year) for c in courses} == {(dt.date(2024, 9, 5), dt.date(2025, 5, 31), 2024)}
    assert len({course.code for course in courses}) == len(courses)


@pytest.mark.parametrize("unit", UNITS)
def test_pupils_are_in_the_courses_and_the_group_of_their_class(whole: City, unit: str) -> None:
    held, classes = learning.held(whole, unit, TANGLED), _classes(whole, unit, 2024, TANGLED)
    accounts, odd = {a.id: a for a in held.accounts}, learning.oddities(whole, unit, TANGLED)
    without = learning.without_account(whole, unit, TANGLED)
    for course in held.courses:
        if not course.klass:
            continue
        parts = [p for p in held.memberships if p.course == course.id and p.role == "student" and p.status == "active"]
        inside = {accounts[part.account].truth for part in parts}
        strangers = {accounts[part.account].truth for part in parts if part.account in odd[slips.WRONG_GROUP]}
        teaching = slips.befall(whole, unit).befallen[slips.PUPIL_TEACHES] if course.kind == "course" else set()
        expected = classes[course.klass] - without - teaching
        if course.kind == "course":
            assert inside == expected
        else:
            astray = {accounts[ident].truth for ident in odd[slips.WRONG_GROUP]}
            assert inside - strangers == expected - astray
            assert (strangers == astray) == bool(strangers)
            assert not strangers & classes[course.klass]


@pytest.mark.parametrize("unit", UNITS)
def test_courses_have_teachers_of_the_unit(whole: City, unit: str) -> None:
    held, staff = learning.held(whole, unit, TANGLED), {member.root for member in whole.staff_of[unit]}
    accounts = {account.id: account for account in held.accounts}
    taught = Counter(p.course for p in held.memberships if p.role == "teacher" and p.status == "active")
    astray = slips.befall(whole, unit).befallen[slips.PUPIL_TEACHES]
    assert {accounts[part.account].truth for part in held.memberships if part.role == "teacher"} - staff == astray
    untaught = {course.id for course in held.courses if course.kind == "course"} - set(taught)
    mended = {
        p.course for p in learning.memberships(whole, unit, MENDED) if p.role == "teacher" and p.status == "active"
    }
    # Theirs is the teacher who has no account.
    assert untaught < mended
    assert len(untaught) <= len(mended) / 4
    assert {part.status for part in held.memberships} == {"active", "suspended", "ended"}


@pytest.mark.parametrize("unit", UNITS)
def test_a_suspended_account_has_active_memberships_as_a_slip_alone(whole: City, unit: str) -> None:
    held = learning.held(whole, unit, TANGLED)
    shut = {account.id for account in held.accounts if account.status == "suspended"}
    found = {part.account for part in held.memberships if part.account in shut and part.status == "active"}
    assert found == learning.oddities(whole, unit, TANGLED)[slips.SUSPENDED_MEMBER] != set()


@pytest.mark.parametrize("unit", UNITS)
def test_namesakes_are_two_people_with_their_own_root_ids(whole: City, unit: str) -> None:
    found = [(a, _names(whole, unit)[a.truth or ""]) for a in _odd(whole, unit, slips.NAMESAKES)]
    assert all(account.root == account.truth for account, _ in found)
    shared = Counter(name for _, name in {(account.truth, name) for account, name in found})
    assert min(shared.values()) >= 2


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("day", [BEFORE, TANGLED, MENDED])
def test_nobody_was_seen_after_the_day(whole: City, unit: str, day: dt.date) -> None:
    held = learning.held(whole, unit, day)
    seen = [account.last_access for account in held.accounts if account.last_access]
    assert max(seen) <= day
    assert len(set(seen)) > 5
    last = {account.id: account.last_access for account in held.accounts}
    for part in held.memberships:
        assert part.last_access is None or part.last_access <= (last[part.account] or dt.date.min)


def test_who_left_during_the_year_has_an_ended_membership(whole: City) -> None:
    unit = "79765403"
    leavers = {child.root for child in whole.children_of[unit] for place in child.places
               if place.unit == unit and place.year == 2023 and place.end and place.end < BEFORE}  # fmt: skip
    held = learning.held(whole, unit, BEFORE)
    accounts = {account.id: account for account in held.accounts}
    found = {accounts[p.account].truth for p in held.memberships if p.role == "student" and p.status == "ended"}
    assert found == leavers != set()


def test_a_late_unit_shows_the_new_year_late(whole: City) -> None:
    days = [dt.date(2024, 9, 5), dt.date(2024, 9, 19), dt.date(2024, 9, 20)]
    assert [{course.year for course in learning.courses(whole, LATE, day)} for day in days] == [{2023}, {2023}, {2024}]


def test_a_unit_holds_nothing_before_it_opens(whole: City) -> None:
    held = learning.held(whole, NEW, dt.date(2024, 8, 4))
    assert (held.accounts, held.courses, held.memberships) == ([], [], [])
    assert learning.accounts(whole, NEW, dt.date(2024, 8, 5))


def test_an_unknown_unit_is_refused(whole: City) -> None:
    with pytest.raises(KeyError):
        learning.held(whole, "79999999", TANGLED)
