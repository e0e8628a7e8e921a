"""A site folder is checked as a whole before the first request; what is wrong in it is named by file or place."""

import datetime as dt
import re
from pathlib import Path

import pytest

from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline.sources.site import load


def change(folder: Path, name: str, old: str, new: str) -> None:
    content = (folder / name).read_text()
    assert content.count(old) >= 1
    (folder / name).write_text(content.replace(old, new, 1))


def test_a_good_site_is_read_whole(site_dir):
    site = load(site_dir)
    assert [connection.id for connection in site.connections] == ["sector", "vendor", "school"]
    assert [link.unit for link in site.connection("vendor").units] == ["79000701", "79000702"]
    assert site.connection("school").units[0].key == "org-1"
    assert site.connection("school").kind.system == "oneroster"
    assert site.year(2024).begin == dt.date(2024, 9, 5)
    assert site.year(2024).end == dt.date(2025, 5, 31)
    assert site.year(2024).label == "2024-2025"


def test_secrets_are_named_and_an_address_is_none(site_dir):
    site = load(site_dir)
    assert site.connection("vendor").secret_names == ("VENDOR_TOKEN",)
    assert set(site.connection("school").secret_names) == {"SCHOOL_ID", "SCHOOL_SECRET"}


def test_what_is_not_there_is_named_with_what_is(site_dir):
    site = load(site_dir)
    with pytest.raises(KeyError, match="no connection 'nobody'; there are sector, vendor, school"):
        site.connection("nobody")
    with pytest.raises(KeyError, match=r"calendar\.yaml has no school year 2030"):
        site.year(2030)


@pytest.mark.parametrize(
    ("day", "term"), [("2024-09-05", 1), ("2025-01-12", 1), ("2025-01-13", 2), ("2025-05-31", 2), ("2025-08-01", 2)]
)
def test_a_day_has_its_term(day, term, site_dir):
    assert load(site_dir).year(2024).term_on(dt.date.fromisoformat(day)) == term


@pytest.mark.parametrize(
    ("day", "years"),
    [
        ("2023-07-06", []),
        ("2023-07-07", [2023]),
        ("2024-07-06", [2023]),
        ("2024-07-07", [2024, 2023]),
        ("2024-10-31", [2024, 2023]),
        ("2024-11-01", [2024]),
        ("2025-10-31", [2025, 2024]),
        ("2025-11-01", [2025]),
        # The calendar ends here: the last year is corrected a year after its own autumn.
        ("2026-10-31", [2025]),
        ("2026-11-01", []),
    ],
)
def test_years_are_read_from_shortly_before_they_begin_until_the_next_autumns_corrections_end(day, years, site_dir):
    found = load(site_dir).readable_years(dt.date.fromisoformat(day))
    assert [year.school_year for year in found] == years


HTTPS = "https://vendor.example.vn"
CONNECTIONS = {
    "typo": ("base_url:", "base_ulr:", "base_ulr"),
    "unknown system": (
        "system: partner",
        "system: partnr",
        "connection vendor: no system 'partnr'; there are canvas, hoaphuong, moodle, oneroster",
    ),
    "unit twice in one connection": ('"79000702"', '"79000701"', "unit 79000701: both vendor and vendor claim it"),
    "unit in two connections": ('"79000901"', '"79000702"', "unit 79000702: both vendor and school claim it"),
    "unit that is no code": ('"79000702"', '"7900070"', "units.1.unit"),
    "full-width unit": ('"79000702"', '"７９０００７０２"', "units.1.unit"),
    "unquoted unit": ('"79000702"', "79000702", "units.1.unit"),
    "one id twice": ("id: vendor", "id: sector", "two connections have one id"),
    "id with a blank": ("id: vendor", 'id: "our vendor"', "connections.1.id"),
    "plain http": (HTTPS, "http://vendor.example.vn", "connection vendor: http is refused"),
    "plain http to another host with loopback in front": (HTTPS, "http://127.0.0.1@vendor.vn", "http is refused"),
    "plain http to a host that begins like loopback": (HTTPS, "http://localhost.vendor.vn", "http is refused"),
    "plain http to the net": (HTTPS, "http://0.0.0.0", "http is refused"),
    "file": (HTTPS, "file:///etc/passwd", "connection vendor: file is refused"),
    "no scheme": (HTTPS, "vendor.example.vn", "connection vendor: no scheme is refused"),
    "token over plain http": ('token_url: "https:', 'token_url: "http:', "connection school: http is refused"),
    "secret of another kind": ("{token: VENDOR_TOKEN}", "{password: VENDOR}", "vendor: auth needs exactly token"),
    "secret missing": ("client_id: SCHOOL_ID, ", "", "school: auth needs exactly client_id, client_secret, token_url"),
    "no owner": ("contact: help@vendor.example.vn", "", "connections.1.owner.contact"),
    "no city": ("city: test", "", "city"),
    "not yaml": ("connections:", "connections: [", "connections.yaml"),
}
CALENDAR = {
    "typo": ("opening:", "openning:", "openning"),
    "term backwards": ("end: 2024-01-14", "end: 2023-01-14", "calendar 2023: dates run backwards"),
    "terms overlap": ("begin: 2024-01-15", "begin: 2024-01-10", "calendar 2023: dates run backwards"),
    "terms swapped": ("{term: 1,", "{term: 2,", "calendar 2023: write term 1 first, then term 2"),
    "corrections end early": ("corrections_end: 2024-10-31", "corrections_end: 2024-09-20", "dates run backwards"),
    "a third term": ("{term: 1, begin: 2023-09-05", "{term: 3, begin: 2023-09-05", "years.0.terms.0.term"),
    "no date": ("results_close: 2024-05-31", "results_close: soon", "years.0.results_close"),
    "date missing": ("retests_end: 2024-08-20", "", "years.0.retests_end"),
    "not yaml": ("years:", "years: {", "calendar.yaml"),
}


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [pytest.param("connections.yaml", *mistake, id=f"connections, {title}") for title, mistake in CONNECTIONS.items()]
    + [pytest.param("calendar.yaml", *mistake, id=f"calendar, {title}") for title, mistake in CALENDAR.items()],
)
def test_a_mistake_is_refused_by_folder_and_place(name, old, new, place, site_dir):
    change(site_dir, name, old, new)
    with pytest.raises(ConfigurationError, match=f"(?s){re.escape(str(site_dir))}.*{re.escape(place)}"):
        load(site_dir)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1", "https://any.vn"])
def test_loopback_may_be_plain(address, site_dir):
    change(site_dir, "connections.yaml", HTTPS, address)
    assert load(site_dir).connection("vendor").base_url == address


@pytest.mark.parametrize("name", ["connections.yaml", "calendar.yaml"])
def test_a_missing_file_is_named_with_the_setting(name, site_dir):
    (site_dir / name).unlink()
    with pytest.raises(ConfigurationError, match=rf"{re.escape(name)} is missing: point EDU_SITE_DIR"):
        load(site_dir)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="nowhere"):
        load(tmp_path / "nowhere")


def test_an_empty_file_is_refused(site_dir):
    (site_dir / "calendar.yaml").write_text("")
    with pytest.raises(ConfigurationError, match="years"):
        load(site_dir)


@pytest.mark.parametrize("content", ["- a\n", "5\n", "a word\n"])
def test_a_file_of_another_shape_is_refused_by_name(content, site_dir):
    (site_dir / "calendar.yaml").write_text(content)
    with pytest.raises(ConfigurationError, match=r"calendar\.yaml"):
        load(site_dir)


def test_a_calendar_cannot_replace_the_connections(site_dir):
    with (site_dir / "calendar.yaml").open("a") as calendar:
        calendar.write("connections: []\n")
    with pytest.raises(ConfigurationError, match="connections"):
        load(site_dir)


def test_connections_cannot_say_the_calendar(site_dir):
    with (site_dir / "connections.yaml").open("a") as connections:
        connections.write("years: []\n")
    with pytest.raises(
        ConfigurationError,
        match=r"connections\.yaml:11: years: does not belong there; it holds city, hosts, connections",
    ):
        load(site_dir)


def test_a_file_in_another_encoding_is_refused_by_name(site_dir):
    (site_dir / "connections.yaml").write_bytes("city: Th\u1ee7 \u0110\u1ee9c\n".encode("utf-16"))
    with pytest.raises(ConfigurationError, match=r"connections\.yaml"):
        load(site_dir)


def test_a_secret_that_was_written_in_the_wrong_place_is_not_echoed(site_dir):
    change(site_dir, "connections.yaml", "{token: VENDOR_TOKEN}", "very-secret")
    with pytest.raises(ConfigurationError, match=r"connections\.1\.auth") as raised:
        load(site_dir)
    assert "very-secret" not in str(raised.value)


def test_no_secret_is_in_a_refusal(site_dir, monkeypatch):
    monkeypatch.setenv("EDU_SECRET_VENDOR_TOKEN", "very-secret")
    change(site_dir, "connections.yaml", "system: partner", "system: partnr")
    with pytest.raises(ConfigurationError) as raised:
        load(site_dir)
    assert "very-secret" not in str(raised.value)


PORTAL = """
  - {{id: {name}, system: portal, base_url: "https://portal.example.vn", auth: {{token: T}},
     owner: {{name: Department, contact: office@example.edu.vn}}{more}}}
"""


def test_who_tells_what_is_the_city_s_own_answers_for_no_unit_and_is_due_every_day(site_dir):
    path = site_dir / "connections.yaml"
    path.write_text(path.read_text() + PORTAL.format(name="portal", more=""))
    portal = load(site_dir).connection("portal")
    assert portal.units == ()
    assert portal.is_due(dt.date(2024, 9, 5))
    assert not portal.kind.is_registry
    assert not load(site_dir).connection("vendor").model_copy(update={"units": ()}).is_due(dt.date(2024, 9, 5))


@pytest.mark.parametrize(
    ("added", "said"),
    [
        (
            [PORTAL.format(name="one", more=""), PORTAL.format(name="two", more="")],
            "connections.yaml:15: connections.4.system: both one and two tell admission, which is the city's own",
        ),
        (
            [PORTAL.format(name="one", more=', units: [{unit: "79000701"}]')],
            "connections.3.units: connection one: portal answers for no unit, but for the city; take the units out",
        ),
    ],
)
def test_two_who_tell_what_is_the_city_s_own_or_units_of_one_are_refused(added, said, site_dir):
    path = site_dir / "connections.yaml"
    path.write_text(path.read_text() + "".join(added))
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        load(site_dir)


def test_one_that_is_not_live_yet_may_stand_beside_the_one_that_counts(site_dir):
    path = site_dir / "connections.yaml"
    added = [PORTAL.format(name="one", more=""), PORTAL.format(name="two", more=", stage: trial")]
    path.write_text(path.read_text() + "".join(added))
    assert [one.id for one in load(site_dir).connections][-2:] == ["one", "two"]


OWN = """\
system: personnel
label: Personnel of the schools
auth: basic
scope: whole
timezone: Asia/Ho_Chi_Minh
envelope: {key: id}
paging: {kind: link}
resources:
  staff: {path: staff, entity: staff, records: items, fields: {full_name: {path: name, clean: person_name}}}
"""


def _declare(folder: Path, said: str = OWN, name: str = "personnel.yaml") -> None:
    (folder / "systems").mkdir(exist_ok=True)
    (folder / "systems" / name).write_text(said)
    change(folder, "connections.yaml", "connections:\n", """connections:
  - id: personnel
    system: personnel
    base_url: https://personnel.example/api
    auth: {username: PERSONNEL_NAME, password: PERSONNEL_PASSWORD}
    owner: {name: Personnel, contact: it@personnel.example}
""")  # fmt: skip


def test_a_site_declares_kinds_of_system_of_its_own(site_dir):
    _declare(site_dir)
    site = load(site_dir)
    assert site.connection("personnel").kind is site.systems["personnel"]
    assert site.connection("personnel").kind.paging.kind == "link"
    assert site.connection("vendor").kind.system == "partner"
    assert site.connection("personnel").model_copy(update={"units": ()}).kind.label == "Personnel of the schools"


def test_a_kind_of_system_that_nobody_declares_is_refused_with_those_there_are(site_dir):
    _declare(site_dir)
    (site_dir / "systems" / "personnel.yaml").unlink()
    with pytest.raises(
        ConfigurationError,
        match="no system 'personnel'; there are canvas, hoaphuong, moodle, oneroster, oneroster11, partner",
    ):
        load(site_dir)


@pytest.mark.parametrize(
    ("said", "name", "refused"),
    [
        (
            OWN.replace("system: personnel", "system: partner"),
            "personnel.yaml",
            r"personnel\.yaml:1: system: there is a",
        ),
        (OWN, "twice.yaml", r"twice\.yaml:1: system: there is a system 'personnel' already"),
        (OWN.replace("kind: link", "kind: links"), "personnel.yaml", r"personnel\.yaml:7: paging\.kind: "),
        (
            OWN.replace("{full_name:", "{fullname:"),
            "personnel.yaml",
            r"personnel\.yaml:9: .*declares no field fullname",
        ),
    ],
)
def test_a_mistake_in_a_sites_own_system_is_told_by_its_line(site_dir, said, name, refused):
    _declare(site_dir)
    (site_dir / "systems" / name).write_text(said)
    with pytest.raises(ConfigurationError, match=refused):
        load(site_dir)
