"""Commands on what the data is, who tells it and what was found in it: catalogue, systems, findings.

declarations, site, findings -> shown

What does not belong here: the rows of anybody.
"""

from typing import Any

import click

from edu_pipeline.cli.show import as_json, show
from edu_pipeline.contracts.severity import texts
from edu_pipeline.flow import ask
from edu_pipeline.report import catalogue as report


@click.command()
@click.argument("name", required=False)
@click.argument("code", required=False)
@click.option("--find", "words", help="Search names and labels, in either language.")
@as_json
def catalogue(name: str | None, code: str | None, words: str | None, as_json: bool) -> None:
    """What is declared: NAME is an entity, entity.field or code list; CODE one of its codes; none lists entities."""
    found = report.find(words) if words else report.answer(name, code, ask.catalogue())
    show(found, as_json, words or " ".join(filter(None, [name, code])) or "the catalogue")


@click.command()
@click.argument("name", required=False)
@as_json
def systems(name: str | None, as_json: bool) -> None:
    """Kinds of system that can be connected, the site's own among them; of NAME: what it tells and what it cannot."""
    show(ask.systems(name), as_json, name or "kinds of system")


@click.command()
@click.option("--unit", help="Of one unit.")
@click.option("--check", help="Of one check, such as eaten_zero.")
@click.option("--records", is_flag=True, help="Record by record, to find them in the school's own system.")
@click.option("--vi", is_flag=True, help="Remedies in Vietnamese.")
@as_json
def findings(unit: str | None, check: str | None, records: bool, vi: bool, as_json: bool) -> None:
    """What was left out of admitted rows, or contradicts: never a reason to stop a child, always one to mend."""

    def remedied(row: dict[str, Any]) -> dict[str, Any]:
        return row | {"remedy": texts().get(row["check"], {}).get("vi" if vi else "en")}

    show([remedied(row) for row in ask.findings(unit, check, records)], as_json, "findings")
