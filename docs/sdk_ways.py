"""The table of docs/sdk.md: how versions of Hailo's SDK differ, from the code that knows of it."""

from __future__ import annotations

from collections.abc import Sequence

from utils.backends.sdk import captures, differences
from utils.backends.sdk.differences import Way

FEATURES: tuple[tuple[str, Sequence[Way]], ...] = (
    ("module that has InferenceContext", differences.INFERENCE_CONTEXTS),
    ("argument of ClientRunner for the archive", differences.ARCHIVE_ARGUMENTS),
    ("graph", differences.GRAPHS),
    ("enumeration of activations", differences.ACTIVATION_TYPES),
    ("ending of the keys of parameters", differences.KEY_SUFFIXES),
    ("capture of inner layers", [way.way for way in captures.CAPTURES]),
    ("what enters an activation", [captures.Preactivations.way]),
    ("switch from native to quantized arithmetic", captures.SWITCHES),
)


def ways_table() -> str:
    """A Markdown table with one row for each way of each feature."""
    rows = [
        f"| {feature} | {_code(way.place)} | {way.serves} | {way.source} |"
        for feature, ways in FEATURES
        for way in ways
    ]
    header = "| what differs | where it is found | versions of the DFC | source |"
    return "\n".join([header, "|---|---|---|---|", *rows])


def _code(place: str) -> str:
    return f"`{place}`" if place else "none"
