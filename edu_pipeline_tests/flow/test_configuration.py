"""A bad configuration stops a run before it starts: nothing is pulled, no batch is opened, and the error says why."""

import socket
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import make_url, text

from edu_pipeline.flow import sync
from edu_pipeline.flow.configure import OtherCity
from edu_pipeline.landing.client import Client
from edu_pipeline.settings import settings
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline.storage.engine import DatabaseUnavailable, engine
from edu_pipeline.storage.migrate import SchemaMismatch
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]


@pytest.fixture
def world(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> World:
    """A year's end at which no request may be sent."""
    made = stage("year_end")

    def refuse(*said: Any, **more: Any) -> Any:
        raise AssertionError("a request was sent")

    monkeypatch.setattr(Client, "get", refuse)
    return made


def _written(world: World) -> tuple[Any, wire.Mark]:
    batches = world.value("SELECT max(batch_id) FROM ops.batch")
    return batches, wire.mark(world, *wire.ROOMS, "ops.authority", "ops.city")


def _order(order: sync.Order | None = None) -> None:
    list(sync.sync("refused", order))


def _unknown_key(site: dict[str, Any]) -> None:
    site["connections"][1]["base_ulr"] = site["connections"][1].pop("base_url")


def _unknown_system(site: dict[str, Any]) -> None:
    site["connections"][1]["system"] = "smas2000"


def _unit_twice(site: dict[str, Any]) -> None:
    site["connections"][2]["units"].append(site["connections"][1]["units"][0])


def _plain_http(site: dict[str, Any]) -> None:
    site["connections"][1]["base_url"] = "http://vendor.example/partner/v0"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_unknown_key, "base_ulr"),
        (_unknown_system, "smas2000"),
        (_unit_twice, "both saomai and lotus claim it"),
        (_plain_http, "https"),
    ],
)
def test_a_wrong_entry_refuses_the_whole_site(world: World, spoil: Callable[[dict[str, Any]], None], said: str) -> None:
    before = _written(world)
    wire.edit_site(world, spoil)
    with pytest.raises(ConfigurationError, match=said):
        _order()
    assert _written(world) == before


@pytest.mark.parametrize("name", ["connections.yaml", "calendar.yaml"])
def test_a_file_that_is_no_yaml_or_missing_is_named(world: World, name: str) -> None:
    before, path = _written(world), world.folder / "site" / name
    path.write_text(path.read_text() + "\n  : [unclosed\n")
    with pytest.raises(ConfigurationError, match=name):
        _order()
    path.unlink()
    with pytest.raises(ConfigurationError, match=f"{name} is missing: point EDU_SITE_DIR"):
        _order()
    assert _written(world) == before


def test_a_missing_secret_is_named_with_where_to_write_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _written(world)
    monkeypatch.delenv("EDU_SECRET_LOTUS_CLIENT_SECRET")
    (world.folder / "site" / "secrets" / "LOTUS_CLIENT_SECRET").unlink()
    with pytest.raises(KeyError, match="LOTUS_CLIENT_SECRET is not set: export EDU_SECRET_LOTUS_CLIENT_SECRET") as said:
        _order()
    assert "lotus-practice-secret" not in str(said.value)
    assert _written(world) == before
    # Who does not need it is not stopped by it: it comes as far as its first request.
    (outcome,) = sync.sync("one", sync.Order(("registry",)))
    assert "AssertionError" in str(outcome.error)


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (sync.Order(connections=("smas",)), "no connection 'smas'; there are registry, saomai, lotus, portal"),
        (sync.Order(years=(2031,)), "no school year 2031"),
    ],
)
def test_an_order_of_what_is_not_configured_is_refused(world: World, order: sync.Order, said: str) -> None:
    before = _written(world)
    with pytest.raises(KeyError, match=said):
        _order(order)
    assert _written(world) == before


def test_a_clock_that_holds_no_date_is_named(world: World) -> None:
    before = _written(world)
    (world.folder / "clock").write_text("tomorrow")
    with pytest.raises(ValueError, match="clock holds no ISO date"):
        _order()
    assert _written(world) == before


def test_a_database_that_is_down_is_named_without_its_password(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = make_url(settings().database_url.get_secret_value())
    down = address.set(port=port, password="very-secret-word")
    monkeypatch.setenv("EDU_DATABASE_URL", down.render_as_string(hide_password=False))
    before, kept = _written(world), world.app
    settings.cache_clear()
    engine.cache_clear()
    with pytest.raises(DatabaseUnavailable, match=f"no PostgreSQL answers at 127.0.0.1:{port}/") as said:
        _order()
    told = "".join(traceback.format_exception(said.value))
    assert "EDU_DATABASE_URL" in str(said.value)
    assert "very-secret-word" not in told
    with kept.connect() as database:
        assert database.execute(text("SELECT max(batch_id) FROM ops.batch")).scalar() == before[0]
    kept.dispose()


def test_a_database_older_than_the_code_is_refused_with_the_command_that_mends_it(world: World) -> None:
    before = _written(world)
    with engine("edu_owner").begin() as database:
        database.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(SchemaMismatch, match=r"at revision 0000, the code at \w+: run `edu-pipeline migrate`"):
        _order()
    assert _written(world) == before


def test_another_citys_database_is_refused(world: World) -> None:
    before = _written(world)
    wire.edit_site(world, lambda site: site.update(city="elsewhere"))
    with pytest.raises(OtherCity, match="'practice', the site is 'elsewhere'"):
        _order()
    assert _written(world) == before
