"""The JSON Schema of a configuration, made from the options that it may set."""

from __future__ import annotations

import argparse
import json
from typing import Any

from utils.findings.ignored import FINDING_ID
from utils.options.configured import IGNORE, configurable, takes_list
from utils.options.options import build_parser

FILE = "configuration.schema.json"


def configuration_schema() -> str:
    """The schema as JSON text."""
    parser = build_parser(())
    options = {name: _option(parser, action) for name, action in configurable(parser).items()}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": FILE,
        "title": "hailo-first-aid.toml, or the table [tool.hailo-first-aid] of pyproject.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {**options, IGNORE: _ignore()},
    }
    return json.dumps(schema, indent=2) + "\n"


def _option(parser: argparse.ArgumentParser, action: argparse.Action) -> dict[str, Any]:
    said = parser._get_formatter()._expand_help(action)
    if action.nargs == 0:
        return {"description": said, "type": "boolean"}
    value: dict[str, Any] = {"type": ["string", "number"]}
    if action.choices is not None:
        value = {"enum": list(action.choices)}
    if action.nargs == argparse.OPTIONAL:
        value = {"anyOf": [{"type": "boolean"}, value]}
    if takes_list(action):
        return {"description": said, "type": "array", "items": value}
    return {"description": said, **value}


def _ignore() -> dict[str, Any]:
    return {
        "description": "Findings that do not count; they are listed in every report.",
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["id", "reason"],
            "properties": {
                "id": {"description": "Of the finding.", "type": "string", "pattern": FINDING_ID},
                "reason": {"description": "Why it is ignored.", "type": "string", "minLength": 1},
                "until": {
                    "description": "The last day on which it is ignored.",
                    "type": "string",
                    "format": "date",
                },
            },
        },
    }
