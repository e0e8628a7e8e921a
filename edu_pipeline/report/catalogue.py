"""The catalogue as answers: every entity, field, code list and code, in both languages.

declarations, packaged lists, a site's Catalogue -> rows

What does not belong here: the committed page (contracts/catalogue.py), and the values of any row.
"""

from collections.abc import Iterator
from typing import Any

from edu_pipeline.contracts.catalogue import form
from edu_pipeline.contracts.supply import suppliers
from edu_pipeline.schema import ENTITIES, CodeSet, Entity, Field, entity, lists
from edu_pipeline.schema.codes import CODE_SETS
from edu_pipeline.sources.catalogue import Catalogue

Row = dict[str, Any]


def entities() -> list[Row]:
    """Every entity, in the order in which parents come first."""
    return [
        {"entity": e.name, "vi": e.label_vi, "fields": len(e.fields), "key": ", ".join(e.key), "description":
         e.description} for e in ENTITIES
    ]  # fmt: skip


def fields(declared: Entity, said: Catalogue) -> list[Row]:
    """Every field of an entity, as the site has it."""
    return [
        {"field": f.name, "vi": f.label_vi, "type": form(f), "need": f"{f.need}, {f.due}" if f.due else str(f.need),
         "codes": f.codes.name if f.codes else None,
         "collected": "yes" if said.is_collected(f) else f"no ({f.purpose})",
         "appendix": said.appendix(declared, f), "start of year": "x" if said.is_start_of_year(declared, f) else None,
         "told by": ", ".join(suppliers(declared, f)) or "nobody"} for f in declared.fields
    ]  # fmt: skip


def field(declared: Entity, one: Field, said: Catalogue) -> list[Row]:
    """Everything that is declared of a field."""
    (row,) = (row for row in fields(declared, said) if row["field"] == one.name)
    facts = {**row, "description": one.description, "sensitivity": one.sensitivity, "purpose": one.purpose,
             "carry": one.carry, "standard": one.standard}  # fmt: skip
    return [{"fact": name, "is": str(value)} for name, value in facts.items() if value is not None]


def codes(one: CodeSet) -> list[Row]:
    """Every code of a list with its labels."""
    return [{"code": code, "en": labels[0], "vi": labels[1]} for code, labels in one.codes.items()]


def code(one: CodeSet, value: str) -> list[Row]:
    """A code: its labels, and for a list that the law changes when it held and what it became. Empty: no such code."""
    if not one.is_open:
        return [row for row in codes(one) if row["code"] == value]
    return [
        {"code": v.code, "en": v.label_en or v.label_vi, "vi": v.label_vi, "of": v.parent, "from": v.valid_from,
         "until": v.valid_to, "became": ", ".join(f"{code} ({relation})" for code, relation in v.successors) or None}
        for v in lists.versions(one.name) if v.code == value
    ]  # fmt: skip


def answer(name: str | None, value: str | None, said: Catalogue) -> list[Row]:
    """What the catalogue says of an entity, `entity.field`, code list or code. KeyError names what there is."""
    known = {one.name: one for one in CODE_SETS}
    if name is None:
        return entities()
    if "." in name:
        owner, _, own = name.partition(".")
        declared = entity(owner)
        return field(declared, declared.field(own), said)
    if name in known:
        found = codes(known[name]) if value is None else code(known[name], value)
        if not found:
            raise KeyError(f"{name} has no code {value!r}")
        return found
    if name in {e.name for e in ENTITIES}:
        return fields(entity(name), said)
    raise KeyError(f"nothing is called {name!r}; entities: {', '.join(e.name for e in ENTITIES)}; code lists: "
                   f"{', '.join(known)}; or search with --find")  # fmt: skip


def find(words: str) -> list[Row]:
    """Entities, fields, lists and codes whose name or label holds the words, in either language."""
    wanted = words.casefold()
    return [row for row in _everything() if any(wanted in str(value).casefold() for value in row.values())]


def _everything() -> Iterator[Row]:
    for e in ENTITIES:
        yield {"what": "entity", "name": e.name, "en": e.description, "vi": e.label_vi}
        for f in e.fields:
            yield {"what": "field", "name": f"{e.name}.{f.name}", "en": f.description, "vi": f.label_vi}
    for one in CODE_SETS:
        yield {"what": "code list", "name": one.name, "en": one.source, "vi": one.label_vi}
        for code, (english, vietnamese) in one.codes.items():
            yield {"what": "code", "name": f"{one.name} {code}", "en": english, "vi": vietnamese}
