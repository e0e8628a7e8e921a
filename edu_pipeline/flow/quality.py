"""Every night: what stands in the register is judged and scored, for each unit, office and the city.

master, validated, quarantine, rollover -> quality.*_now -> gate `quality` -> quality.rule, tally, finding, score

What does not belong here: the rules and the arithmetic (quality/), what people ask of the figures (figures.py).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import insert, text

from edu_pipeline.contracts.quality import RULE_NOW
from edu_pipeline.contracts.supply import tells
from edu_pipeline.flow import batch as batches
from edu_pipeline.flow.admit import judge
from edu_pipeline.flow.lock import city
from edu_pipeline.flow.step import CITY
from edu_pipeline.gate.verdict import Verdict, open_gate
from edu_pipeline.quality import fields, gain, publish, score, tally
from edu_pipeline.quality.frames import FRAMES
from edu_pipeline.quality.gate import figures, parts
from edu_pipeline.quality.heads import Confirming
from edu_pipeline.quality.texts import texts
from edu_pipeline.schema import ENTITIES, PULLED, Due, Entity, Field, Need
from edu_pipeline.schema import Scope as Kind
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources import weights as weighing
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline.sources.site import Site
from edu_pipeline.sources.weights import IDENTIFIERS, Weights

# Where an identifier is a fact of the record itself, not a word for somebody who is missing from a list.
_REGISTERS = ("unit", "student", "staff", "guardian")

_FIELDS = {(e.name, f.name): f for e in ENTITIES for f in e.fields}


@dataclass(frozen=True)
class Scored:
    """What came of a scoring: how many rules were asked, records that break one, units, and the city's figure."""

    rules: int
    findings: int
    units: int
    city: float
    verdict: Verdict


def score_city(run_id: str, config: Settings | None = None) -> Scored:
    """Judge what stands and make the day's figures; a second time on one day replaces them.

    Where the gate is closed, what stood stands. ConfigurationError for a weight of a rule that there is not.
    """
    config = config or settings()
    site, weights, day = sites.load(config.site_dir), weighing.load(config.site_dir), config.today()
    known = list(_rules(site, weights, day))
    unknown = sorted(set(weights.rules) - {row["rule"] for row in known})
    if unknown:
        raise ConfigurationError(f"{weighing.FILE}: no rule {unknown[0]!r}; `edu-pipeline quality rules` lists them")
    with city() as database:
        batch_id = batches.start(database, CITY, run_id, day, "quality")
        # Nobody else is at it: this one holds the city's lock.
        batches.interrupt(database, CITY, batch_id)
        _score(database, site, known, day)
        verdict = judge(database, "quality", "score", batch_id, figures(), parts())
        if verdict.passed:
            open_gate(database, verdict, figures().subquery(), batch_id)
            for statement in publish.statements():
                database.execute(text(statement), {"as_of": day})
        batches.finish(database, batch_id, "scored" if verdict.passed else "failed", ", ".join(verdict.failed) or None)
        done = _counted(database, verdict)
        database.commit()
    return done


def _score(database: Database, site: Site, known: list[dict[str, Any]], day: dt.date) -> None:
    """Rules, counts, findings and figures as they are now, committed beside those that stand: nobody sees them yet."""
    database.exec_driver_sql(publish.EMPTY)
    database.execute(insert(RULE_NOW), known)
    for frame, rules in _frames(site):
        for statement in tally.statements(frame, rules, day):
            database.exec_driver_sql(statement)
    exempt = (gain.EXEMPT, gain.EXEMPT_STOPPED, gain.NOBODY_ASKED)
    for statement in (tally.TOLD, *exempt, *score.statements()):
        database.execute(text(statement), {"as_of": day})
    database.commit()


def _counted(database: Database, verdict: Verdict) -> Scored:
    query = text("""SELECT (SELECT count(DISTINCT rule) FROM quality.tally_now), (SELECT count(*) FROM quality.finding),
        count(*) FILTER (WHERE s.unit_id <> :city), coalesce(max(s.score) FILTER (WHERE s.unit_id = :city), 0)
        FROM quality.score_now s WHERE s.level = :all AND s.kind = 'whole'""")
    row = database.execute(query, {"city": score.CITY, "all": score.ALL}).one()
    return Scored(row[0], row[1], row[2], row[3], verdict)


def _owed(site: Site) -> Iterator[tuple[Entity, tuple[Field, ...]]]:
    for declared in PULLED:
        if owed := fields.expected(declared, site.catalogue.is_collected):
            yield declared, owed


def _told(site: Site, declared: Entity) -> dict[str, frozenset[str]]:
    """Field -> connections whose kind of system tells it."""
    return {
        field.name: frozenset(
            c.id for c in site.connections
            if any(r.entity == declared.name and tells(declared, field, r) for r in c.kind.records().values()))
        for field in declared.fields
    }  # fmt: skip


def _frames(site: Site) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for name, rules in tally.RULES.items():
        yield FRAMES[name], rules
    for declared, owed in _owed(site):
        anew = {field.name for field in owed if site.catalogue.is_start_of_year(declared, field)}
        confirming = _confirming(site, declared, owed)
        rules = fields.rules(declared, owed, _told(site, declared), confirming.appendices)
        yield fields.frame(declared, owed, anew, confirming), rules


def _confirming(site: Site, declared: Entity, owed: tuple[Field, ...]) -> Confirming:
    """Which start-of-year fields heads confirm with which appendix; what stands in none they cannot."""
    said = {f.name: site.catalogue.appendix(declared, f) for f in owed if site.catalogue.is_start_of_year(declared, f)}
    days = [(year.school_year, year.opening, year.start_of_year_fields) for year in site.calendar.years]
    return Confirming({name: number for name, number in said.items() if number}, days)


def _rules(site: Site, weights: Weights, day: dt.date) -> Iterator[dict[str, Any]]:
    """The rules as they count on a day: declared ones, those of expected fields, those of records."""
    for rules in tally.RULES.values():
        for rule in rules:
            said = texts()[rule.id]
            yield _rule(rule.id, said.criterion, said.party, said.weight, said.until, weights)
    for declared, owed in _owed(site):
        for field in owed:
            until = _due(site, declared, field, day)
            yield _rule(f"{declared.name}.{field.name}.{fields.MISSING}", "complete", "unit", 1, until, weights)
            yield _rule(f"{declared.name}.{field.name}.{fields.UNTOLD}", "complete", "vendor", 1, until, weights)
        for name in _confirming(site, declared, owed).appendices:
            until = _due(site, declared, declared.field(name), day)
            yield _rule(f"{declared.name}.{name}.{fields.UNCONFIRMED}", "complete", "unit", 1, until, weights)
    for declared in PULLED:
        if declared.scope is not Kind.CITY:
            for check, criterion in ((fields.STOPPED, "correct"), (fields.BARE, "clean")):
                yield _rule(f"{declared.name}.{fields.RECORD}.{check}", criterion, "unit", 1, None, weights)


def _rule(
    rule: str, criterion: str, party: str, weight: float, until: dt.date | None, weights: Weights
) -> dict[str, Any]:
    entity, field, _ = rule.split(".")
    own = weights.rules.get(rule)
    declared = _FIELDS.get((entity, field))
    return {"rule": rule, "entity": entity, "field": field, "criterion": criterion, "party": party,
            "weight": weight if own is None or own.weight is None else own.weight,
            "criterion_weight": weights.criterion(criterion), "field_weight": weights.field(declared),
            "entity_weight": weights.entity(entity),
            "is_identifier": entity in _REGISTERS and field in IDENTIFIERS and criterion != "live",
            "observed_until": (own.until if own and own.until else until)}  # fmt: skip


def _due(site: Site, declared: Entity, field: Field, day: dt.date) -> dt.date | None:
    """To which day the absence of a field costs nothing: until it is due, in the year that the day is in."""
    assert field.need is Need.EXPECTED
    year = site.calendar.year_on(day)
    if site.catalogue.is_start_of_year(declared, field):
        return year.start_of_year_fields
    if field.due is Due.MID_YEAR:
        return year.terms[0].end
    if field.due is Due.YEAR_END and declared.name != "result":
        return year.results_close
    return None
