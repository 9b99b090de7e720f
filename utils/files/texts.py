"""Tests of files that are texts: by their words."""

from __future__ import annotations

import json
import re
from typing import Any

from utils.files.glimpse import Glimpse
from utils.files.pictures import names_picture
from utils.files.table import table_of

ENDS_ALIKE = 0.9  # share of the lines of a list that name pictures
LOG_LINES = 200  # looked at
FEWEST_MARKED = 3  # lines of a log
# Share of them: half and more in logs with tables and tracebacks, at most 0.3 in pages about logs.
MARKED = 0.4
_LOG_MARK = re.compile(
    r"\[(info|warning|error)\]| (INFO|WARNING|ERROR) |Model Optimization|\d\d:\d\d:\d\d"
)
_COMMAND = re.compile(
    r"(?:[\w/.,{} \-]+=\s*)?(?:\w+\.)?(?:normalization|model_optimization_(?:flavor|config)|"
    r"(?:pre|post)_quantization_optimization|quantization_param|nms_postprocess|"
    r"change_output_activation|input_conversion|performance_param|allocator_param|"
    r"context_switch_param|resources_param|logits_layer|compilation_param)\s*\("
)
# Lists of texts, numbers, lists or objects, and not marks such as [info] or [2024-01-31 ...].
_LIST = re.compile(r"\[\s*(?:[\[{\"\]]|-?\d[\d.eE+-]*\s*,)")
_DOCSTRING = re.compile(r"(?:\s*#[^\n]*\n)*\s*r?(\"\"\"|''').*?\1", re.DOTALL)
_PYTHON = re.compile(
    r"from [\w.]+ import |import [\w.]+(?: as \w+)?\s*(?:[,;#]|$)|def \w+\(|class \w+\s*[(:]"
)


def is_page(file: Glimpse) -> bool:
    """Whether it is a web page."""
    return file.text.lstrip()[:14].lower().startswith(("<!doctype html", "<html"))


def _json(file: Glimpse) -> dict[str, Any]:
    """What a JSON object holds; keys alone where it is longer than what is looked at."""
    if not file.text.lstrip().startswith("{"):
        return {}
    try:
        values = json.loads(file.text)
    except (ValueError, RecursionError):
        return dict.fromkeys(re.findall(r'"(\w+)"\s*:', file.text))
    return values if isinstance(values, dict) else {}


def is_report(file: Glimpse) -> bool:
    """Whether it is a report of this tool."""
    return {"schema_version", "tool"} <= _json(file).keys()


def is_nms(file: Glimpse) -> bool:
    """Whether it is a configuration of NMS."""
    keys = _json(file).keys()
    return "bbox_decoders" in keys or {"nms_scores_th", "nms_iou_th"} <= keys


def is_json(file: Glimpse) -> bool:
    """Whether it is an object or a list of JSON."""
    return bool(_LIST.match(file.text.lstrip())) or bool(_json(file))


def is_script(file: Glimpse) -> bool:
    """Whether it is a model script."""
    statements = [line for line in file.lines if not line.startswith(("#", "//"))]
    return bool(statements) and bool(_COMMAND.match(statements[0]))


def is_zoo_yaml(file: Glimpse) -> bool:
    """Whether it describes a network of a model zoo."""
    keys = {line.split(":")[0] for line in file.lines if re.match(r"\w+:", line)}
    return len(keys & {"network", "paths", "parser", "postprocessing", "preprocessing"}) > 1


def is_picture_list(file: Glimpse) -> bool:
    """Whether nearly every line names a picture."""
    named = [names_picture(line) for line in file.lines]
    return bool(named) and sum(named) >= ENDS_ALIKE * len(named)


def is_table(file: Glimpse) -> bool:
    """Whether it is a table of numbers."""
    return table_of(file).is_of_numbers


def is_python(file: Glimpse) -> bool:
    """Whether it begins like a Python program."""
    docstring = _DOCSTRING.match(file.text)
    lines = file.text[docstring.end() if docstring else 0 :].splitlines()
    statements = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return any(map(_PYTHON.match, statements[:3]))


def is_log(file: Glimpse) -> bool:
    """Whether many lines have the marks of a log; a page may show a few of one."""
    lines = file.lines[:LOG_LINES]
    marked = sum(map(bool, map(_LOG_MARK.search, lines)))
    return marked >= FEWEST_MARKED and marked >= MARKED * len(lines)


def is_text(file: Glimpse) -> bool:
    """Whether it is a text at all."""
    return bool(file.text.strip()) and all(c.isprintable() or c.isspace() for c in file.text)
