"""The JSON file that configures non-maximum suppression on the chip or on the host."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from utils.errors import UsageError
from utils.facts.nms_configs import CONFIG_KEYS, LAYER_KEYS
from utils.findings import Location
from utils.har.archive import Archive
from utils.side_files.input_files import read_bounded

MAX_CONFIG_BYTES = 16 << 20
MAX_DECODERS = 64  # detectors have 1 to 7 scales
# Keys of the files with which Hailo's applications name and filter what they draw.
_OF_APPLICATIONS = frozenset({"labels", "detection_threshold", "label_offset"})
_LARGEST_NUMBER = 2**53  # no larger integer is exact as a float


@dataclass(frozen=True, eq=False)
class NmsDecoder:
    """One entry of ``bbox_decoders``: the layers of one scale.

    Parameters
    ----------
    index : place in the list, counted from 0.
    values : the JSON object as it stands there.
    has_own_name : whether no other decoder bears its name.
    """

    index: int
    values: Mapping[str, Any]
    has_own_name: bool = True

    @property
    def described(self) -> str:
        """Its own name, else its place in the list, counted from 1."""
        name = self.values.get("name")
        is_name = isinstance(name, str) and name and self.has_own_name
        return str(name) if is_name else f"decoder {self.index + 1}"

    @property
    def layers(self) -> dict[str, str]:
        """Name of a layer by its key, in the order of `LAYER_KEYS`; "" where it is left empty."""
        return {
            key: value.strip() if isinstance(value := self.values[key], str) else ""
            for key in LAYER_KEYS
            if key in self.values
        }

    @property
    def stride(self) -> float | None:
        """Pixels of the input per cell; None if it does not say."""
        return _number(self.values.get("stride"))

    @property
    def anchors(self) -> tuple[int, int] | None:
        """How many widths and how many heights of anchor boxes it lists; None if it lists none."""
        sizes = (self.values.get("w"), self.values.get("h"))
        widths, heights = (len(size) if isinstance(size, list) else 0 for size in sizes)
        return (widths, heights) if widths or heights else None

    @property
    def boxes_per_cell(self) -> int | None:
        """Number of anchor boxes, 1 without anchors; None where widths and heights differ."""
        widths, heights = self.anchors or (1, 1)
        return widths if widths == heights else None


@dataclass(frozen=True)
class NmsConfig:
    """What the file says.

    Parameters
    ----------
    path : the file, or the member of the archive.
    values : the JSON object as it stands there.
    text : the file as it was read; "" where there is none.
    """

    path: str
    values: Mapping[str, Any]
    text: str = ""

    @cached_property
    def decoders(self) -> tuple[NmsDecoder, ...]:
        """Entries of ``bbox_decoders`` that are objects."""
        entries = self.values.get("bbox_decoders")
        entries = entries[:MAX_DECODERS] if isinstance(entries, list) else []
        objects = {index: entry for index, entry in enumerate(entries) if isinstance(entry, dict)}
        names = [str(entry.get("name")) for entry in objects.values()]
        return tuple(
            NmsDecoder(index, entry, names.count(str(entry.get("name"))) == 1)
            for index, entry in objects.items()
        )

    def number(self, key: str) -> float | None:
        """A number of the file; None if it is absent, or no number."""
        return _number(self.values.get(key))

    def integer(self, key: str) -> int | None:
        """The same for a whole number."""
        value = self.number(key)
        return int(value) if value is not None and value == int(value) else None

    def flag(self, key: str) -> bool | None:
        """True or false; None if it is absent, or neither."""
        value = self.values.get(key)
        return value if isinstance(value, bool) else None

    @property
    def image_dims(self) -> tuple[int, int] | None:
        """Height and width in pixels; None if it does not say."""
        sizes = self.values.get("image_dims")
        if not isinstance(sizes, list) or len(sizes) != 2:
            return None
        height, width = (_number(size) for size in sizes)
        if not height or not width or min(height, width) < 1:
            return None
        return int(height), int(width)

    @property
    def mask_coefficients(self) -> int:
        """Numbers for the mask of an object that come with its box; 0 without segmentation."""
        entries = self.values.get("proto")
        entries = entries if isinstance(entries, list) else []
        numbers = [_number(e.get("number")) for e in entries if isinstance(e, dict)]
        return int(numbers[0]) if numbers and numbers[0] else 0

    def location(self, key: str, decoder: NmsDecoder | None = None) -> Location | None:
        """Where a key stands; None where that cannot be told.

        Parameters
        ----------
        decoder : the entry it belongs to; None for a key of the file itself.
        """
        places = [match.start() for match in re.finditer(rf'"{re.escape(key)}"\s*:', self.text)]
        holders = [d for d in self.decoders if key in d.values] if decoder else []
        place = holders.index(decoder) if decoder in holders else 0
        if len(places) != max(len(holders), 1):
            return None
        before = self.text[: places[place]]
        line_start = before.rfind("\n") + 1
        return Location(self.path, before.count("\n") + 1, len(before) - line_start + 1)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # NaN fails the comparison, and so does what would not fit into a float.
    return float(value) if -_LARGEST_NUMBER <= value <= _LARGEST_NUMBER else None


def read_nms_config(path: str) -> NmsConfig:
    """Read a configuration.

    Raises
    ------
    UsageError : it cannot be read, or holds no JSON object.
    """
    return parsed_nms_config(path, read_bounded(path, MAX_CONFIG_BYTES, "NMS configuration"))


def parsed_nms_config(path: str, data: bytes) -> NmsConfig:
    """Take the bytes of a JSON file for a configuration.

    Raises
    ------
    UsageError : they are no JSON object.
    """
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} holds no valid JSON: {error}{_advice(data)}") from error
    if not isinstance(values, dict):
        raise UsageError(
            f"{path} holds no JSON object, so it is not an NMS configuration{_around(values)}"
        )
    if values.keys() & _OF_APPLICATIONS and not values.keys() & CONFIG_KEYS:
        raise UsageError(
            f"{path} holds labels and thresholds of an application, and no NMS configuration",
            "Pass the file that nms_postprocess names in the model script.",
        )
    return NmsConfig(path, values, data.decode("utf-8", errors="replace"))


def _around(values: Any) -> str:
    is_wrapped = isinstance(values, list) and len(values) == 1 and isinstance(values[0], dict)
    return "; take away the brackets [] around it" if is_wrapped else ""


def _advice(data: bytes) -> str:
    """What makes JSON of a text that is nearly JSON; "" where nobody knows."""
    text = data.decode("utf-8", errors="replace")
    if re.search(r"^\s*(//|#|/\*)", text, re.MULTILINE):
        return "; delete the comments, which JSON does not know"
    if re.search(r"'\w+'\s*:", text):
        return "; write it as JSON with json.dump(...), since this is a dictionary of Python"
    if re.search(r"^\s*(?:bbox_decoders|nms_\w+|classes)\s*:", text, re.MULTILINE):
        return "; write it as JSON, since this is YAML"
    if re.search(r",\s*[}\]]", text):
        return "; delete the comma before a closing bracket"
    return ""


def archived_nms_configs(archive: Archive) -> tuple[list[NmsConfig], list[str]]:
    """Configurations among the members of an archive.

    Returns
    -------
    Those that list decoders, in the order of the members, and sentences on members that could
    not be read.
    """
    found: list[NmsConfig] = []
    reasons = list(archive.unread)
    for name, data in archive.nms_configs.items():
        try:
            config = parsed_nms_config(name, data)
        except UsageError as error:
            reasons.append(str(error))
            continue
        if config.decoders:
            found.append(config)
    return found, reasons
