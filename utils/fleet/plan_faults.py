"""What in a plan is not as its schema wants it, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from utils.fleet.plan_text import PlanFault, PlanText
from utils.wording import listed, short

MAX_TEXT = 60
_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a table of keys and values",
    "array": "a list",
}


def schema_faults(text: PlanText, schema: dict[str, Any]) -> list[PlanFault]:
    """All faults, in the order of the text."""
    from jsonschema import Draft202012Validator

    errors = Draft202012Validator(schema).iter_errors(text.content)
    faults = [fault for error in errors for fault in _faults(text, error)]
    return sorted(faults, key=lambda fault: (fault.place.line, fault.place.column))


def _faults(text: PlanText, error: Any) -> Iterator[PlanFault]:
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", ()))
        for key in error.instance:
            if key not in known:
                said = f"{short(key, MAX_TEXT)} is not a key here; known are {listed(known, 30)}"
                yield PlanFault(text.place((*path, key)), said)
        return
    yield PlanFault(text.place(path), f"{_named(path)} {_complaint(error)}")


def _named(path: tuple[str | int, ...]) -> str:
    names = [each for each in path if isinstance(each, str)]
    if not names:
        return "the plan"
    is_element = isinstance(path[-1], int)
    return f"an element of {short(names[-1], MAX_TEXT)}" if is_element else short(names[-1], 60)


def _complaint(error: Any) -> str:
    wanted, kind = error.validator_value, error.validator
    if kind == "required":
        missing = [name for name in wanted if name not in error.instance]
        return f"has no {listed(missing)}"
    if kind == "type" and error.instance is None:
        return f"is empty; it has to be {_TYPES[wanted]}"
    if kind == "type":
        return f"has to be {_TYPES[wanted]}, not {short(repr(error.instance), MAX_TEXT)}"
    if kind == "enum":
        known = listed([str(each) for each in wanted], 30)
        return f"cannot be {short(repr(error.instance), MAX_TEXT)}; known are {known}"
    bounds = {
        "minimum": "at least",
        "maximum": "at most",
        "exclusiveMinimum": "above",
        "exclusiveMaximum": "below",
    }
    if kind in bounds:
        return f"has to be {bounds[kind]} {wanted:g}, not {error.instance:g}"
    if kind in ("minItems", "minLength"):
        return "is empty"
    if kind in ("maxItems", "maxLength"):
        return f"is longer than {wanted:,}"
    return f"cannot be {short(repr(error.instance), MAX_TEXT)}"
