"""What a plan may hold, as JSON Schema; it is what plans are checked against."""

from __future__ import annotations

from typing import Any

from utils.dataset.read_as import COLOURS, RAW_TYPES, RESIZES
from utils.findings.ignored import FINDING_ID
from utils.har.activation_parameters import ACTIVATION_PARAMETERS
from utils.measurements import device_names
from utils.measurements.output_kind import KNOWN_KINDS
from utils.options.fail_on import CHOICES
from utils.options.groups import KNOWN_CHIPS
from utils.options.values import HIGHEST_TARGET_DB

Schema = dict[str, Any]
MOST_ARCHIVES = 10_000
# A name of a folder, on any system, that is not hidden and leads nowhere else.
NAME = r"""^[^./\\:*?"<>|\x00-\x1f][^/\\:*?"<>|\x00-\x1f]*$"""
_TEXT: Schema = {"type": "string", "minLength": 1}
_COUNT: Schema = {"type": "integer", "minimum": 1}

# Options of the command that may differ from archive to archive, by their names without dashes.
OPTIONS: Schema = {
    "data-count": _COUNT,
    "batch-size": _COUNT,
    "hw-arch": {"enum": list(KNOWN_CHIPS)},
    "device": {"enum": list(device_names.CHOICES)},
    "target-snr": {"type": "number", "exclusiveMinimum": 0, "maximum": HIGHEST_TARGET_DB},
    "score-threshold": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "exact-sensitivity": {"type": "boolean"},
    "quick": {"type": "boolean"},
    "resize": {"enum": list(RESIZES)},
    "colour": {"enum": list(COLOURS)},
    "raw-shape": {"type": "string", "pattern": r"^\d+,\d+,\d+$"},
    "raw-type": {"enum": list(RAW_TYPES)},
    "output-kind": {"type": "object", "additionalProperties": {"enum": list(KNOWN_KINDS)}},
    "activation-parameter": {
        "type": "object",
        "properties": {name: {"type": "number"} for name in ACTIVATION_PARAMETERS},
        "additionalProperties": False,
    },
    "order": {"type": "array", "items": {"type": "string", "pattern": r"^\w+$"}, "minItems": 1},
    "nms-config": _TEXT,
    "dfc-log": {"type": "array", "items": _TEXT},
}
# Those that name files.
FILE_OPTIONS = ("nms-config", "dfc-log")
_OPTIONS: Schema = {"type": "object", "properties": OPTIONS, "additionalProperties": False}

PLAN: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Plan of a fleet",
    "type": "object",
    "properties": {
        "archives": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_ARCHIVES,
            "items": {
                "type": "object",
                "properties": {
                    "archive": {
                        **_TEXT,
                        "description": "path or pattern of a HAR, from the folder of the plan, or "
                        "an address such as s3://bucket/model.har",
                    },
                    "data": {**_TEXT, "description": "its calibration set"},
                    "name": {
                        **_TEXT,
                        "maxLength": 120,
                        "pattern": NAME,
                        "description": "what to call it; its reports lie in a folder of this name",
                    },
                    "options": _OPTIONS,
                },
                "required": ["archive"],
                "additionalProperties": False,
            },
        },
        "data": {**_TEXT, "description": "calibration set of archives that name none"},
        "options": {
            "type": "object",
            "description": "options by pattern of the archive's file name; later ones win, and "
            "those of an archive itself win over these",
            "additionalProperties": _OPTIONS,
        },
        "baseline": {
            **_TEXT,
            "description": "folder of results of an earlier fleet, or of reports NAME.json",
        },
        "fail-on": {"enum": list(CHOICES)},
        "ignore": {
            "type": "array",
            "description": "findings that do not count; they are listed in every report",
            "items": {
                "type": "object",
                "properties": {
                    "id": {**_TEXT, "pattern": FINDING_ID, "description": "of the finding"},
                    "reason": {**_TEXT, "pattern": r"\S", "description": "why it is ignored"},
                    "until": {
                        "type": "string",
                        "format": "date",
                        "description": "the last day on which it is ignored",
                    },
                    "archives": {
                        **_TEXT,
                        "description": "pattern of the archives' file names; by default all",
                    },
                },
                "required": ["id", "reason"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["archives"],
    "additionalProperties": False,
}
