"""Run a suite over relations in PostgreSQL and return what failed.

[(SELECT, expectations)] -> Great Expectations, on a connection of its own -> names of failed expectations

What does not belong here: raw values. Results are BOOLEAN_ONLY, because anything above carries children's data.
"""

import gc
import logging
import os
import threading
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import CompoundSelect, Select, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL
from sqlalchemy.sql.selectable import TextualSelect

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

_LOCK = threading.Lock()

Relation = Select | TextualSelect | CompoundSelect
Part = tuple[Relation, Sequence["Expectation"]]


class GateBroken(RuntimeError):
    """A suite could not be run at all: the gate stays closed. Names the expectations, never a value."""


@cache
def _relation(address: str) -> Any:
    """One asset for every relation, its query replaced each time: the context writes all of itself for a new one."""
    # Importing Great Expectations costs seconds; only what judges pays for it.
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.datasource.fluent import GxDatasourceWarning

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    # Change sets have just been filled and have no statistics: the planner must not bet on nested loops over them.
    options = {"options": "-c timezone=UTC -c jit=off -c enable_nestloop=off"}
    sources: Any = context.data_sources
    with warnings.catch_warnings():
        # It recommends its own kind of source for PostgreSQL: for queries the plain one says the same.
        warnings.simplefilter("ignore", GxDatasourceWarning)
        source = sources.add_sql(
            "gate",
            connection_string=address,
            kwargs={"hide_parameters": True, "pool_pre_ping": True, "connect_args": options},
        )
    asset = source.add_query_asset(name="relation", query="SELECT 1")

    @event.listens_for(asset.datasource.get_execution_engine().engine, "before_cursor_execute", retval=True)
    def columns_only(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> tuple[str, Any]:
        # To learn the names of a relation's columns it runs all of it, and the driver keeps every row: of a city,
        # that is a gigabyte a gate.
        return (f"SELECT * FROM ({statement}) asked LIMIT 0" if statement == asset.query else statement), parameters

    _freeze()
    return asset


@cache
def _freeze() -> None:
    # A million objects that stay as long as the process: the collector need not look at them again and again. Once:
    # what a later address adds is little, and what was garbage by then would stay too.
    gc.collect()
    gc.freeze()


def failures(address: URL, name: str, parts: Sequence[Part]) -> tuple[str, ...]:
    """Names of the expectations that a suite's relations fail; empty if all pass. GateBroken if one cannot be run."""
    with _LOCK:
        return tuple(found for query, expectations in parts for found in _run(address, name, query, expectations))


def _run(address: URL, name: str, query: Relation, expectations: Sequence["Expectation"]) -> list[str]:
    if not expectations:
        return []
    try:
        results = _results(address, name, query, expectations)
    except Exception as error:
        # What PostgreSQL or Great Expectations says may quote a row, or the password: only the kind of error is told.
        raise GateBroken(f"{name}: the suite could not be run ({type(error).__name__})") from None
    if broken := [_label(one.expectation_config) for one in results if _is_broken(one.exception_info or {})]:
        raise GateBroken(f"{name}: {', '.join(broken)} could not be run")
    return [_label(one.expectation_config) for one in results if not one.success]


def _results(address: URL, name: str, query: Relation, expectations: Sequence["Expectation"]) -> Sequence[Any]:
    asset = _relation(address.render_as_string(hide_password=False))
    import great_expectations as gx

    asset.query = str(query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
    batch = asset.get_batch(asset.build_batch_request())
    suite = gx.ExpectationSuite(name=name, expectations=list(expectations))
    return list(batch.validate(suite, result_format="BOOLEAN_ONLY").results)


def _is_broken(told: Mapping[str, Any]) -> bool:
    # Said once of an expectation, or of each metric that it needs: {metric: {"raised_exception": ...}}.
    said = (told, *(one for one in told.values() if isinstance(one, Mapping)))
    return any(one.get("raised_exception") for one in said)


def _label(config: Any) -> str:
    said = config.meta.get("name") if config.meta else None
    column = config.kwargs.get("column") or "+".join(config.kwargs.get("column_list", []))
    return str(said or f"{config.type.removeprefix('expect_')}({column})")
