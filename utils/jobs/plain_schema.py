"""JSON Schema of plain dataclasses, from their type hints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any, Literal, get_args, get_origin

from utils.jobs.plain import (
    ARRAY,
    NOT_FINITE,
    array_type,
    element_types,
    flag_names,
    hints_of,
    is_flag,
    without_none,
)

Schema = dict[str, Any]
_SCALARS = {str: "string", bool: "boolean", int: "integer"}


def schema_of(kind: type) -> Schema:
    """JSON Schema (2020-12) of the documents that `plain.packed` makes of a dataclass."""
    definitions: Schema = {}
    root = _schema(kind, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind.__name__,
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _schema(kind: Any, definitions: Schema) -> Schema:
    kind, may_be_none = without_none(kind)
    found = _not_none(kind, definitions)
    return {"anyOf": [found, {"type": "null"}]} if may_be_none else found


def _not_none(kind: Any, definitions: Schema) -> Schema:
    if (dtype := array_type(kind)) is not None:
        return {
            "type": "object",
            "description": f"name of an array of {dtype} beside the document",
            "properties": {ARRAY: {"type": "string"}},
            "required": [ARRAY],
            "additionalProperties": False,
        }
    if is_dataclass(kind) and isinstance(kind, type):
        return _reference(kind, definitions)
    if kind is float:
        return {"anyOf": [{"type": "number"}, {"enum": [*NOT_FINITE]}]}
    if kind is bytes:
        return {"type": "string", "contentEncoding": "base64"}
    if is_flag(kind):
        return {"type": "array", "items": {"enum": flag_names(kind)}, "uniqueItems": True}
    return _collection(kind, definitions)


def _collection(kind: Any, definitions: Schema) -> Schema:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is frozenset:
        return {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    if origin is tuple and arguments[-1] is Ellipsis:
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if origin is tuple:
        each = [_schema(of, definitions) for of in element_types(kind, len(arguments))]
        return {"type": "array", "prefixItems": each, "items": False, "minItems": len(each)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}
    if origin is Literal:
        return {"enum": [*arguments]}
    return {"type": _SCALARS[kind]}


def _reference(kind: type, definitions: Schema) -> Schema:
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}  # a place for what refers to itself
        named = hints_of(kind).items()
        definitions[name] = {
            "type": "object",
            "properties": {field: _schema(of, definitions) for field, of in named},
            "required": [field for field, _ in named],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{name}"}
