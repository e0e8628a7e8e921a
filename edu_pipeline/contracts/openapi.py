"""The partner contract as OpenAPI 3.1, for a vendor's own tools: what is asked, what is answered, which error is which.

systems/partner.yaml, ENTITIES -> document() -> kit/contract.json (a test holds the committed file to it, and
the practice vendor's answers to its schemas)

What does not belong here: what a vendor must do beside the wire (docs/partner-contract.md), reading a vendor (landing),
what a vendor is told (replies.py).
"""

import json
from typing import Any

from edu_pipeline.contracts import replies
from edu_pipeline.schema import Entity, Field, Kind, Need, entity
from edu_pipeline.schema.kinds import PARTIAL_DATE
from edu_pipeline.sources.resource import CONFIRMED, COUNTED, FieldMap, Resource
from edu_pipeline.sources.system import System, systems

VERSION = "0"
Schema = dict[str, Any]

_DATE: Schema = {"type": "string", "format": "date"}
_BY_CLEANER: dict[str, Schema] = {
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": _DATE,
    "partial_date": {"type": "string", "pattern": f"^{PARTIAL_DATE}$"},
}
# What is no field of an entity: forms and meanings of a head's word.
_WORDS: dict[str, Schema] = {
    "kind": {"description": "What is confirmed: a rollover plan, the year's first data, the declared systems."},
    "appendix": {"minimum": 1, "maximum": 3, "description": "Of the year's first data: which appendix."},
    "plan_hash": {"pattern": "^[0-9a-f]{12,64}$", "description": "Of a plan: its hash, or how it begins."},
    "confirmed_at": {"pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$",
                     "description": "When the word was given; local time without an offset."},
    "head_staff_id": {"pattern": "^[0-9]{10}$", "description": "Root id of the head who gave it."},
}  # fmt: skip
# Without which a record says nothing. A word on what has no appendix and no hash names none.
_NEEDED = {"headcount": set(COUNTED), "confirmation": set(CONFIRMED) - {"appendix", "plan_hash"}}
_ERRORS = {
    "400": "A parameter is missing or malformed.",
    "401": "The token is not known.",
    "403": "The token does not cover the unit.",
    "404": "There is no such unit, year or resource.",
    "409": "The snapshot is unknown, or of another reading.",
    "429": "Too many requests; `Retry-After` says for how many seconds to wait.",
    "503": "Maintenance; `Retry-After` says for how many seconds to wait.",
}


def document() -> Schema:
    """The whole contract; the same declarations give the same document."""
    kind = systems()["partner"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Partner contract for school-management systems",
            "version": VERSION,
            "summary": "What a vendor serves so that the sector database can read it.",
        },
        "security": [{"token": []}],
        "paths": {
            **{f"/{resource.path}": {"get": _operation(kind, name)} for name, resource in kind.resources.items()},
            f"/{kind.reply}": {"post": replies.operation(_ERRORS)},
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "parameters": _parameters(kind),
            "responses": {status: _error(said) for status, said in _ERRORS.items()},
            "schemas": {
                "error": {
                    "type": "object",
                    "required": ["error"],
                    "properties": {
                        "error": {
                            "type": "object",
                            "required": ["code", "message"],
                            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
                        }
                    },
                },
                **{name: _record(kind, resource) for name, resource in kind.resources.items()},
                "reply": replies.schema(tuple(kind.records())),
            },
        },
    }


def render() -> str:
    """The document as it is committed."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _parameters(kind: System) -> Schema:
    said, paging = kind.params, kind.paging
    assert kind.since is not None
    found = [
        (said.unit, True, {"type": "string", "pattern": "^[0-9]{8}$"}, "Sector code of one unit."),
        (said.school_year.param, True, {"type": "integer"},
         "Start year: 2023 is 2023-2024. The previous year stays readable until 31 October."),
        (said.term, True, {"type": "integer", "enum": [1, 2]}, "Which term's state; one that is over as it ended."),
        (paging.position_param, True, {"type": "integer", "minimum": 1}, "Number of the page."),
        (paging.size_param, True, {"type": "integer", "minimum": 1}, f"Records a page; over {paging.size} is that."),
        (paging.snapshot, False, {"type": "string"}, "From page 2 on: the token that page 1 returned."),
        (kind.since.param, False, {"type": "string", "format": "date-time"},
         "Only records changed at that moment or later, cancelled ones among them; local time without an offset."),
    ]  # fmt: skip
    return {str(name): {"name": name, "in": "query", "required": required, "schema": schema, "description": about}
            for name, required, schema, about in found}  # fmt: skip


def _operation(kind: System, name: str) -> Schema:
    paging = kind.paging
    page = {
        "type": "object",
        "required": [paging.total, kind.resources[name].records, paging.snapshot, "page", "size"],
        "properties": {
            paging.snapshot: {"type": "string", "description": "All pages of one reading show one state."},
            "page": {"type": "integer"},
            "size": {"type": "integer"},
            paging.total: {"type": "integer", "description": "Records of the whole reading."},
            kind.resources[name].records: {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
        },
    }
    return {
        "operationId": name,
        "parameters": [{"$ref": f"#/components/parameters/{said}"} for said in _parameters(kind)],
        "responses": {
            "200": {"description": "One page.", "content": {"application/json": {"schema": page}}},
            **{status: {"$ref": f"#/components/responses/{status}"} for status in _ERRORS},
        },
    }


def _error(said: str) -> Schema:
    return {"description": said, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}}}


def _record(kind: System, resource: Resource) -> Schema:
    """A record with its envelope. Fields beside the declared ones are allowed: a product may tell more."""
    envelope = kind.envelope
    found: Schema = {"type": "object", "properties": {}, "required": []}
    _put(found, envelope.key, {"type": "string", "description": "Record id; never used for another record."}, True)
    if resource.use == "confirmation":
        _put(found, envelope.event, {"type": "string", "description": "CANCEL takes the word back."}, False)
    if resource.use == "records":
        events = [*envelope.events, *(word.lower() for word in envelope.events)]
        _put(found, envelope.event, {"type": "string", "enum": events}, True)
        _put(found, envelope.version, {"type": "integer", "description": "Grows with every change."}, True)
        _put(found, envelope.changed_at, {"type": "string", "description": "Local time without an offset."}, True)
        _put(found, envelope.replaced_by, {"type": ["string", "null"]}, False)
    declared = entity(resource.entity) if resource.entity else None
    known = {f.name: f for f in declared.fields} if declared else {}
    needed = _needed(declared) if declared else _NEEDED[resource.use]
    words = _WORDS if resource.use == "confirmation" else {}
    own = (resource.ref_key,) if isinstance(resource.ref_key, str) else resource.ref_key or ()
    for name, mapped in sorted(resource.fields.items(), key=lambda item: len(item[1].paths)):
        for path in mapped.paths:
            said = _schema(kind, mapped, known.get(name), name in needed) | words.get(name, {})
            _put(found, path, said, name in needed)
    for path in (*own, *(resource.claim.paths if resource.claim else ())):
        _put(found, path, {"type": "string"}, True)
    return found


def _needed(declared: Entity) -> set[str]:
    """Fields and words for parents without which a record is stopped.

    Not what a parent says, a first day that is derived where it is missing, or a root id that has yet to be issued.
    """
    parents = [r for r in declared.references if r.key and r.required]
    said = {name for r in parents for name in (*r.fields, *r.fills)} | {str(declared.identity)}
    derived = {"begin_date"} if "is_begin_derived" in declared.field_names else set[str]()
    keys = {field.name for field in declared.fields if field.need is Need.KEY}
    return {str(r.key) for r in parents} | keys - said - derived


def _schema(kind: System, mapped: FieldMap, field: Field | None, is_needed: bool) -> Schema:
    made: Schema = dict(_BY_CLEANER.get(mapped.clean, {"type": "string"}))
    if mapped.codes:
        codes = [*dict.fromkeys(code for one in kind.versions(mapped.codes) for code in one.codes)]
        # A code is a word; one that is a number may be told as a number.
        made["enum"] = (
            [*codes, *(int(code) for code in codes if str(int(code)) == code)] if _are_numbers(codes) else codes
        )
        made["type"] = ["string", "integer"] if _are_numbers(codes) else "string"
    if field and made["type"] == "string" and not mapped.codes and field.kind is Kind.TEXT:
        made |= {"pattern": f"^(?:{field.pattern})$"} if field.pattern else {}
        made |= {"maxLength": field.max_length} if field.max_length else {}
    if field and made["type"] in ("integer", "number"):
        made |= {"minimum": field.minimum} if field.minimum is not None else {}
        made |= {"maximum": field.maximum} if field.maximum is not None else {}
    if field:
        made["description"] = f"{field.label_vi}. {field.description}"
    if not is_needed:
        made["type"] = [*([made["type"]] if isinstance(made["type"], str) else made["type"]), "null"]
        made |= {"enum": [*made["enum"], None]} if "enum" in made else {}
    return made


def _are_numbers(codes: list[str]) -> bool:
    return all(code.isdigit() for code in codes)


def _put(schema: Schema, path: str | None, said: Schema, is_required: bool) -> None:
    """Say a value at a path such as data.mahocsinh, once; it is needed if anything that is made of it is."""
    if path is None:
        return
    *around, last = path.split(".")
    for step in around:
        if step not in schema["required"]:
            schema["required"].append(step)
        schema = schema["properties"].setdefault(step, {"type": "object", "properties": {}, "required": []})
    standing = schema["properties"].setdefault(last, said)
    if is_required and isinstance(standing["type"], list):
        kinds = [kind for kind in standing["type"] if kind != "null"]
        standing["type"] = kinds[0] if len(kinds) == 1 else kinds
        if "enum" in standing:
            standing["enum"] = [word for word in standing["enum"] if word is not None]
    if is_required and last not in schema["required"]:
        schema["required"].append(last)
