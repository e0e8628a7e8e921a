"""What a vendor is told of its records, as a part of the partner contract.

STATUSES, WAITS -> operation and schema of the resource `replies` (openapi.py)

What does not belong here: making a reply (report/replies.py), sending it (flow/reply.py).
"""

from collections.abc import Iterable
from typing import Any

from edu_pipeline.contracts.words import STATUSES, WAITS

Schema = dict[str, Any]


def operation(errors: Iterable[str]) -> Schema:
    """The operation that takes replies; `errors`: statuses that the contract knows."""
    body = {
        "type": "object",
        "required": ["replies"],
        "properties": {"replies": {"type": "array", "items": {"$ref": "#/components/schemas/reply"}}},
    }
    return {
        "operationId": "replies",
        "description": "What came of records that were told: sent once a change, and perhaps twice.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "204": {"description": "Taken; 200, 201 and 202 say the same."},
            **{status: {"$ref": f"#/components/responses/{status}"} for status in errors},
        },
    }


def schema(resources: tuple[str, ...]) -> Schema:
    """One reply: of which record and version, what came of it and why, in both languages."""
    text, words = {"type": "string"}, {"vi": {"type": "string"}, "en": {"type": "string"}}
    reason = {
        "type": "object",
        "required": ["rule", *words],
        "properties": {"rule": text, "field": {**text, "description": "The vendor's own name of it."}, **words},
    }
    waits = {
        "type": "object",
        "required": ["what", *words],
        "properties": {"what": {**text, "enum": list(WAITS)}, **words},
    }
    return {
        "type": "object",
        "required": ["resource", "unit", "id", "version", "status", "reasons"],
        "properties": {
            "resource": {**text, "enum": list(resources)},
            "unit": text,
            "id": {**text, "description": "The record id, as it was told."},
            "version": {"type": ["integer", "null"]},
            "status": {**text, "enum": list(STATUSES)},
            "reasons": {"type": "array", "items": reason, "description": "Why; of an accepted one: what it lacks."},
            "waits_for": waits,
            "root_id": {**text, "description": "The person's root id, as the register holds it."},
            "alias": {**text, "description": "The root id that was told, and stands for the other one."},
        },
    }
