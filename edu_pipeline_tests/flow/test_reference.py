"""Code lists come into the database as the package has them, or as the site says; a bad file changes nothing.

lists/*.csv -> reference.*, ops.audit
"""

import datetime as dt

import pytest
from sqlalchemy import func, select, text

from edu_pipeline.contracts.memory import AUDIT
from edu_pipeline.contracts.reference import CODE_LIST, CODE_SUCCESSOR, CODE_VERSION, REFERENCE
from edu_pipeline.flow.configure import configure
from edu_pipeline.flow.reference import load_lists
from edu_pipeline.schema import lists
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.lines import ConfigurationError

AS_OF = dt.date(2024, 9, 5)
HEADER = ",".join(lists.COLUMNS)


@pytest.fixture
def emptied(database):
    """The database before any list was loaded."""
    with database.app.begin() as connection:
        names = ", ".join(table.fullname for table in (*REFERENCE.values(), CODE_LIST, CODE_VERSION, CODE_SUCCESSOR))
        connection.execute(text(f"TRUNCATE {names} CASCADE"))
    return database


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "lists"
    made.mkdir()
    return made


def load(database, folder):
    with database.app.begin() as connection:
        return load_lists(connection, folder, AS_OF)


def held(database, name):
    """(code, from, to, Vietnamese label) of a list as the database holds it."""
    version = CODE_VERSION.c
    query = select(version.code, version.valid_from, version.valid_to, version.label_vi).where(version.list == name)
    with database.app.connect() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(version.code, version.valid_from))]


def audit(database):
    with database.app.connect() as connection:
        return [row.detail for row in connection.execute(select(AUDIT).where(AUDIT.c.action == "load list"))]


def everything(database):
    tables = (*REFERENCE.values(), CODE_LIST, CODE_VERSION, CODE_SUCCESSOR)
    with database.app.connect() as connection:
        return {table.name: sorted(map(tuple, connection.execute(select(table))), key=str) for table in tables}


def test_the_first_load_brings_all_lists_and_the_second_touches_nothing(emptied, folder):
    assert load(emptied, folder) == tuple(REFERENCE)
    for name, table in REFERENCE.items():
        said = lists.versions(name)
        assert held(emptied, name) == [(v.code, v.valid_from, v.valid_to, v.label_vi) for v in said]
        with emptied.app.connect() as connection:
            assert set(connection.scalars(select(table.c.code))) == {v.code for v in said}
            links = connection.scalar(select(func.count()).where(CODE_SUCCESSOR.c.list == name))
        assert links == sum(len(v.successors) for v in said)
    assert [entry["list"] for entry in audit(emptied)] == list(REFERENCE)
    before = everything(emptied)
    assert load(emptied, folder) == ()
    assert everything(emptied) == before
    assert len(audit(emptied)) == len(REFERENCE)


def test_the_site_s_own_list_goes_before_the_packaged_one_and_leaves_with_its_file(database, folder):
    packaged = held(database, "religion")
    own = folder / "religion.csv"
    own.write_text(
        f"# version: the Department, 9/2024\n{HEADER}\nnone,2004-11-15,,No religion,Không theo tôn giáo,,\n"
        "buddhism,2004-11-15,2024-10-01,Buddhism,Phật giáo,,01:renamed\n01,2024-10-01,,Buddhism,Phật giáo,,\n"
    )
    assert load(database, folder) == ("religion",)
    found = {(code, begin): (end, label) for code, begin, end, label in held(database, "religion")}
    first = dt.date(2004, 11, 15)
    assert found["none", first] == (None, "Không theo tôn giáo")
    assert found["buddhism", first][0] == dt.date(2024, 10, 1)
    assert found["01", dt.date(2024, 10, 1)] == (None, "Phật giáo")
    # What the Department's list does not have ends, but is never deleted: somebody's record says it.
    assert found["catholicism", first] == (AS_OF, "Công giáo")
    with database.app.connect() as connection:
        codes = set(connection.scalars(select(REFERENCE["religion"].c.code)))
        assert connection.execute(select(CODE_SUCCESSOR).where(CODE_SUCCESSOR.c.list == "religion")).all() == [
            ("religion", "buddhism", dt.date(2024, 10, 1), "01", "renamed")
        ]
    assert codes == {code for code, *_ in packaged} | {"01"}
    (entry,) = audit(database)
    assert entry["version"] == "the Department, 9/2024"
    assert (entry["rows"]["new_codes"], entry["rows"]["ended"], entry["rows"]["written"]) == (1, 15, 3)
    assert load(database, folder) == ()

    own.unlink()
    assert load(database, folder) == ("religion",)
    assert [row for row in held(database, "religion") if row[0] != "01"] == packaged
    assert ("01", dt.date(2024, 10, 1), dt.date(2024, 10, 2), "Phật giáo") in held(database, "religion")


def test_a_version_that_is_dated_otherwise_gives_way(database, folder):
    own = folder / "language.csv"
    own.write_text(f"{HEADER}\nen,2018-01-01,,English,Tiếng Anh,,\n")
    load(database, folder)
    assert [row for row in held(database, "language") if row[0] == "en"] == [
        ("en", dt.date(2018, 1, 1), None, "Tiếng Anh")
    ]


BAD = {
    "twice": ("a,2020-01-01,,A,A,,\na,2020-01-01,,A,A,,\n", r"religion\.csv:3: code a .* stands there twice"),
    "successor": ("a,2020-01-01,2021-01-01,A,A,,z:same\n", r"religion\.csv:2: .* successor z is not in the list"),
    "backwards": ("a,2020-01-01,2019-01-01,A,A,,\n", r"religion\.csv:2: .* is not after valid_from"),
}


@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD)
def test_a_bad_site_list_is_refused_and_nothing_is_written(content, said, emptied, folder):
    (folder / "religion.csv").write_text(f"{HEADER}\n{content}")
    with pytest.raises(ConfigurationError, match=said):
        load(emptied, folder)
    assert set(map(len, everything(emptied).values())) == {0}
    assert audit(emptied) == []


def test_a_missing_column_and_a_file_of_no_list_are_refused(database, folder):
    (folder / "religion.csv").write_text("code,label_vi\na,A\n")
    with pytest.raises(ConfigurationError, match=r"religion\.csv:1: column valid_from, .* is missing"):
        load(database, folder)
    (folder / "religion.csv").rename(folder / "wards.csv")
    with pytest.raises(ConfigurationError, match=r"wards\.csv: no such list; there are ethnicity, .*ward"):
        load(database, folder)


def test_every_configuration_takes_up_the_site_s_lists(database, site_dir):
    (site_dir / "lists").mkdir()
    (site_dir / "lists" / "language.csv").write_text(f"{HEADER}\nvi,2020-01-01,,Vietnamese,Tiếng Việt,,\n")
    site = sites.load(site_dir)
    configure(site, AS_OF, site_dir)
    configure(site, AS_OF, site_dir)
    assert ("vi", dt.date(2020, 1, 1), None, "Tiếng Việt") in held(database, "language")
    assert [entry["list"] for entry in audit(database)] == ["language"]
