"""A window is open when it says so, over midnight too; one without end, reason or sense is refused by its line."""

import datetime as dt

import pytest

from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline.sources.site import load
from edu_pipeline.sources.window import Window, silent


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def window(**said: object) -> Window:
    return Window.model_validate({"reason": "a reason", **said})


@pytest.mark.parametrize(
    ("moment", "is_silent"),
    [
        ("2024-09-02T21:59", False),
        ("2024-09-02T22:00", True),
        ("2024-09-03T01:59", True),
        ("2024-09-03T02:00", False),
        ("2024-09-04T22:30", False),
        # The night that began on the last day is a night of the window; the one before its first day is not.
        ("2024-09-04T01:00", True),
        ("2024-09-02T01:00", False),
    ],
)
def test_a_blackout_over_midnight(moment: str, is_silent: bool) -> None:
    night = window(kind="blackout", hours="22:00-02:00", **{"from": "2024-09-02", "to": "2024-09-03"})
    assert night.is_silent_at(at(moment)) is is_silent


def test_a_pause_lasts_from_its_first_day_to_its_last_and_concerns_its_units() -> None:
    pause = window(kind="pause", units=["79000701"], **{"from": "2024-09-02", "to": "2024-09-03"})
    found = {day: silent([pause], "79000701", at(f"2024-09-0{day}T12:00")) is pause for day in (1, 2, 3, 4)}
    assert found == {1: False, 2: True, 3: True, 4: False}
    assert silent([pause], "79000702", at("2024-09-02T12:00")) is None
    assert silent([pause], "", at("2024-09-02T12:00")) is None
    only = window(kind="additions_only", **{"from": "2024-09-02", "to": "2024-09-03"})
    assert only.only_adds_on(dt.date(2024, 9, 3))
    assert not only.only_adds_on(dt.date(2024, 9, 4))
    assert not only.is_silent_at(at("2024-09-03T12:00"))


DAYS = "from: 2024-09-02, to: 2024-09-03"
MISTAKES = {
    "no end": ("{kind: pause, from: 2024-09-02, reason: moving}", "pause without `to`"),
    "no begin": ("{kind: additions_only, to: 2024-09-02, reason: moving}", "additions_only without `from`"),
    "backwards": ("{kind: pause, from: 2024-09-04, to: 2024-09-03, reason: moving}", "runs backwards"),
    "no reason": (f"{{kind: pause, {DAYS}}}", "reason: is missing"),
    "a blank reason": (f"{{kind: pause, {DAYS}, reason: '    '}}", "no reason"),
    "no hours": ("{kind: blackout, reason: moving}", "a blackout has hours"),
    "hours that are none": ("{kind: blackout, hours: 22-2, reason: moving}", "hours"),
    "no time at all": ('{kind: blackout, hours: "02:00-02:00", reason: moving}', "begin when they end"),
    "hours of a pause": (f'{{kind: pause, {DAYS}, hours: "22:00-02:00", reason: moving}}', "has days, no hours"),
    "another's unit": (f'{{kind: pause, units: ["79000901"], {DAYS}, reason: moving}}', "does not answer for unit"),
    "a typo": (f"{{kind: pause, {DAYS}, until: 2024-09-05, reason: moving}}", "it holds kind, units, from, to"),
}


@pytest.mark.parametrize("title", MISTAKES)
def test_a_mistake_is_refused_by_line(title: str, site_dir) -> None:  # type: ignore[no-untyped-def]
    said, told = MISTAKES[title]
    path = site_dir / "connections.yaml"
    content = path.read_text()
    place = 'units: [{unit: "79000701"}, {unit: "79000702"}]}'
    path.write_text(content.replace(place, place[:-1] + f",\n     windows: [{said}]}}"))
    with pytest.raises(ConfigurationError, match=f"(?s)connections.yaml:8: .*{told}"):
        load(site_dir)


def test_a_unit_of_a_connection_that_is_read_whole_cannot_be_paused_alone(site_dir) -> None:  # type: ignore[no-untyped-def]
    path = site_dir / "connections.yaml"
    place = 'units: [{unit: "79000901", key: org-1}],'
    for kind, is_refused in (("pause", True), ("additions_only", False)):
        said = f'{place} windows: [{{kind: {kind}, units: ["79000901"], {DAYS}, reason: moving}}],'
        path.write_text(path.read_text().replace(place, said))
        if is_refused:
            with pytest.raises(ConfigurationError, match="is read as a whole, no unit alone"):
                load(site_dir)
        else:
            load(site_dir)
        path.write_text(path.read_text().replace(said, place))
