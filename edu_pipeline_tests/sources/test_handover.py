"""Handovers end and begin links on their day; one that cannot be is refused by file, line and remedy."""

import datetime as dt
from pathlib import Path

import pytest

from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline.sources.link import MANAGED
from edu_pipeline.sources.site import Site, load

UNIT, DAY = "79000701", dt.date(2024, 9, 5)
BEFORE = DAY - dt.timedelta(days=1)
WHY = ", reason: a new vendor, by: Lê Thị B"


def one(source: str = "vendor", to: str = "school", date: str = "2024-09-05", more: str = WHY, unit: str = UNIT) -> str:
    return f'  - {{unit: "{unit}", from: {source}, to: {to}, date: {date}{more}}}'


def handed(folder: Path, *lines: str) -> Site:
    (folder / "handovers.yaml").write_text("\n".join(["handovers:", *lines]) + "\n")
    return load(folder)


def answers(site: Site, day: dt.date) -> dict[str, set[str]]:
    """Entities by the connection that answers for the unit on a day."""
    found: dict[str, set[str]] = {}
    for name, link in site.links:
        if link.unit == UNIT and link.is_on(day):
            assert found.setdefault(name, set()).isdisjoint(link.names)
            found[name] |= link.names
    return found


def test_from_its_day_on_the_new_connection_answers(site_dir):
    site = handed(site_dir, one(more=", key: org-7" + WHY))
    assert answers(site, BEFORE) == {"vendor": set(MANAGED)}
    assert answers(site, DAY) == {"school": set(MANAGED)}
    assert site.connection("school").keys == {"org-1": "79000901", "org-7": UNIT}
    assert answers(handed(site_dir), DAY) == {"vendor": set(MANAGED)}, "taken out, it never was"


def test_some_entities_go_and_the_others_stay(site_dir):
    site = handed(site_dir, one(more=", entities: [enrollment, school_class]" + WHY))
    assert answers(site, BEFORE) == {"vendor": set(MANAGED)}
    gone = {"enrollment", "school_class"}
    assert answers(site, DAY) == {"school": gone, "vendor": set(MANAGED) - gone}


def test_it_goes_back_on_a_later_day_whatever_the_order_of_the_file_with_the_former_key(site_dir):
    there, back = one(more=", key: org-7" + WHY), one("school", "vendor", "2024-11-01")
    again = one(date="2025-01-01")
    for lines in ([there, back, again], [again, back, there]):
        site = handed(site_dir, *lines)
        days = [DAY, dt.date(2024, 10, 31), dt.date(2024, 11, 1), dt.date(2025, 1, 1)]
        assert [list(answers(site, day)) for day in days] == [["school"], ["school"], ["vendor"], ["school"]]
        assert {link.key for link in site.connection("school").units if link.unit == UNIT} == {"org-7"}


def test_a_link_that_ends_anyway_ends_for_the_new_connection_too(site_dir):
    path = site_dir / "connections.yaml"
    path.write_text(path.read_text().replace(f'{{unit: "{UNIT}"}}', f'{{unit: "{UNIT}", to: 2024-12-31}}'))
    site = handed(site_dir, one())
    assert list(answers(site, dt.date(2024, 12, 31))) == ["school"]
    assert answers(site, dt.date(2025, 1, 1)) == {}


MISTAKES: dict[str, tuple[list[str], int, str]] = {
    "unknown": ([one(to="nobody")], 2, "no connection 'nobody'; there are sector, vendor, school"),
    "itself": ([one(to="vendor")], 2, "hands over to itself"),
    "not its unit": ([one(unit="79000901", source="vendor", to="school")], 2,
                     "vendor does not answer for unit 79000901 on 2024-09-05, but school"),
    "nobody's unit": ([one(unit="79000999")], 2, "vendor does not answer for unit 79000999 on 2024-09-05, but nobody"),
    "gone already": ([one(), one(date="2024-10-01")], 3, "vendor does not answer for unit 79000701 on 2024-10-01, but"),
    "one day": ([one(), one("school", "vendor")], 3, "is handed over on 2024-09-05 in line 2 too"),
    "entity": ([one(more=", entities: [result]" + WHY)], 2, "school tells no result; it tells"),
    "no entity": ([one(more=", entities: [results]" + WHY)], 2, "no unit's connection answers for 'results'"),
    "no reason": ([one(more=", by: Lê Thị B")], 2, "neither `decision` nor `reason`"),
    "no name": ([one(more=", reason: because")], 2, "by: is missing; add it"),
    "on": ([one().replace("date:", "on:")], 2, "`on` is YAML's word for true; write `date:`"),
    "two classes": ([one(more=", classes: {A: 6A1, B: 6A1}" + WHY)], 2, "A and B would both be class 6A1"),
    "typo": ([one(more=", keys: org-7" + WHY)], 2, "did you mean key?"),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "line", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_by_file_line_and_remedy(lines, line, said, site_dir):
    with pytest.raises(ConfigurationError) as refused:
        handed(site_dir, *lines)
    assert f"handovers.yaml:{line}: " in str(refused.value)
    assert said in str(refused.value)


def test_a_site_without_handovers_has_none(site_dir):
    site = load(site_dir)
    assert site.handovers == ()
    assert [told.to for told in handed(site_dir, one()).handovers] == ["school"]
