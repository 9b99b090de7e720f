"""Changes of JSON documents, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.mutations.drawing import NothingToChange, Random, happens, pick, shortened

# What a field of any type may hold instead.
FOREIGN: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 255, 2**31, 2**63, 10**30, -(10**30), 0.5, -0.5, 1e-320,
    1e308, float("nan"), float("inf"), -float("inf"), "", "x", "0", "nan", "None", "net/conv1",
    "\x1b[31m", "\ud800", "é" * 300, "x" * 5000, "a8_w4", "a16_w16", "linear", "softmax", "../x",
    [], {}, [[]], [None], [0], [-1], ["x"], {"": ""}, {"x": None}, [1, 2, 3, 4], [-1, 0, 0, 0],
    [[-1, 1, 1, 1]], [[-1, 10**9, 10**9, 10**9]], ["net/conv1", "net/conv2"], [[[[]]]],
)  # fmt: skip
DEPTH = 3000  # of lists within lists
Holder = dict[str, Any] | list[Any]


def changed_document(random: Random, data: bytes) -> tuple[bytes, str]:
    """Change a field of a JSON document."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NothingToChange from error
    if happens(random, 0.005):
        return b"[" * DEPTH + b"]" * DEPTH, f"{DEPTH} lists within lists"
    holder, key, path = pick(random, list(_fields(document)))
    told = _changed(random, document, holder, key)
    return json.dumps(document).encode(), f"{path} {told}"


def _fields(document: Any) -> Iterator[tuple[Holder, Any, str]]:
    """Every value that lies in another one: where it lies, its key, its path."""
    pending = [(document, "")]
    while pending:
        holder, path = pending.pop()
        if not isinstance(holder, (dict, list)):
            continue
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
            inner = f"{path}/{key}"
            yield holder, key, inner
            pending.append((holder[key], inner))


def _changed(random: Random, document: Any, holder: Any, key: Any) -> str:
    match int(random.integers(8)):
        case 0:
            del holder[key]
            return "left out"
        case 1:
            source, inner, path = pick(random, list(_fields(document)))
            holder[key] = json.loads(json.dumps(source[inner]))
            return f"is {path}"
        case 2 if isinstance(holder, dict):
            named = pick(random, ["", "x", f"{key}1", str(key).upper(), "net/conv1"])
            holder[named] = holder.pop(key)
            return f"renamed to {named!r}"
        case 2 | 3 if isinstance(holder, list):
            times = pick(random, [1, 2, 100])
            holder.extend([holder[key]] * times)
            return f"repeated {times} times"
        case 4 if isinstance(holder[key], (int, float)):
            holder[key] = _other_number(random, holder[key])
        case 5 if isinstance(holder[key], str):
            holder[key] = _other_text(random, holder[key])
        case _:
            holder[key] = pick(random, FOREIGN)
    return f"set to {shortened(holder[key])}"


def _other_number(random: Random, value: float) -> float:
    others = [value + 1, value - 1, -value, value * 2, value * 1000, value / 3, float(value)]
    return pick(random, others)


def _other_text(random: Random, value: str) -> str:
    place = int(random.integers(len(value) + 1))
    return pick(
        random,
        [
            value[:place],
            value[place:],
            f"{value[:place]}\x00{value[place:]}",
            value * 2,
            f" {value}",
        ],
    )
