"""A fleet as JSON; its schema is docs/schemas/fleet.schema.json."""

from __future__ import annotations

import json

from utils.fleet.rows import Fleet, as_document


def render(fleet: Fleet) -> str:
    """The fleet as JSON text; numbers that JSON has no word for are texts such as ``"inf"``."""
    return json.dumps(as_document(fleet), indent=2, allow_nan=False) + "\n"
