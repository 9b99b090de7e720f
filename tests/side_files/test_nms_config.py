"""Reading an NMS configuration: what it says, where it stands, and what is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.builders import build_model
from utils.errors import UsageError
from utils.side_files import nms_config
from utils.side_files.nms_config import (
    NmsConfig,
    archived_nms_configs,
    parsed_nms_config,
    read_nms_config,
)

TEXT = """{
  "classes": 3, "image_dims": [480, 640],
  "bbox_decoders": [
    {"name": "small", "stride": 8, "w": [1, 2], "h": [1, 2]},
    {"reg_layer": " conv1 ", "cls_layer": null},
    {"stride": 16, "w": []}, 7
  ]
}
"""


def parsed(text: str = TEXT) -> NmsConfig:
    return parsed_nms_config("n.json", text.encode())


def test_what_a_file_says(tmp_path: Path) -> None:
    path = tmp_path / "n.json"
    path.write_text(TEXT)
    config = read_nms_config(str(path))
    assert config.path == str(path)
    assert (config.integer("classes"), config.image_dims) == (3, (480, 640))
    small, named, empty = config.decoders
    assert [d.described for d in config.decoders] == ["small", "decoder 2", "decoder 3"]
    assert [d.stride for d in config.decoders] == [8, None, 16]
    assert (small.anchors, small.boxes_per_cell) == ((2, 2), 2)
    assert (empty.anchors, empty.boxes_per_cell) == (None, 1)
    assert named.layers == {"reg_layer": "conv1", "cls_layer": ""}


def test_where_it_stands() -> None:
    config = parsed()
    assert str(config.location("classes")) == "n.json:2:3"
    assert str(config.location("image_dims")) == "n.json:2:17"
    small, named, empty = config.decoders
    assert str(config.location("stride", small)) == "n.json:4:23"
    assert str(config.location("stride", empty)) == "n.json:6:6"
    assert str(config.location("cls_layer", named)) == "n.json:5:30"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"bbox_decoders": []}', "classes"),
        ('{"classes": 3, "classes": 4}', "classes"),  # which of them holds is not for us to say
        ("", "classes"),
    ],
)
def test_a_place_that_cannot_be_told(text: str, key: str) -> None:
    assert NmsConfig("n.json", {}, text).location(key) is None


@pytest.mark.parametrize(
    "value", [True, "3", None, [], float("nan"), float("inf"), 2**60, -(2**60)]
)
def test_what_is_no_number(value: Any) -> None:
    config = NmsConfig("n.json", {"classes": value})
    assert config.number("classes") is None
    assert config.integer("classes") is None


@pytest.mark.parametrize(("value", "integer"), [(3, 3), (3.0, 3), (3.5, None), (-1, -1)])
def test_whole_numbers(value: float, integer: int | None) -> None:
    assert NmsConfig("n.json", {"classes": value}).integer("classes") == integer


@pytest.mark.parametrize(
    ("proto", "masks"),
    [([{"number": 32}], 32), ([], 0), ([{}], 0), ([7], 0), ({"number": 32}, 0), (None, 0)],
)
def test_mask_coefficients(proto: Any, masks: int) -> None:
    assert NmsConfig("n.json", {"proto": proto}).mask_coefficients == masks


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "[]", "7", '{"a": ' + "9" * 5000 + "}"])
def test_what_is_no_configuration(text: str, tmp_path: Path) -> None:
    path = tmp_path / "n.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"n\.json"):
        read_nms_config(str(path))


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_nms_config(str(tmp_path))
    monkeypatch.setattr(nms_config, "MAX_CONFIG_BYTES", 10)
    path = tmp_path / "n.json"
    path.write_text(TEXT)
    with pytest.raises(UsageError, match="so it is no NMS configuration"):
        read_nms_config(str(path))


def test_an_archive_without_members_has_no_configuration() -> None:
    assert archived_nms_configs(build_model().archive) == ([], [])


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ('{\n // thresholds\n "classes": 1}', "; delete the comments, which JSON does not know"),
        ("{'classes': 1, 'a': False}", "; write it as JSON with json.dump(...)"),
        ('{"classes": [1, 2,],}', "; delete the comma before a closing bracket"),
        ("classes: 2\nbbox_decoders:\n- name: a\n", "; write it as JSON, since this is YAML"),
        ('{"classes"', ""),
    ],
)
def test_what_is_nearly_json_is_told_what_it_lacks(text: str, advice: str) -> None:
    with pytest.raises(UsageError, match=r"n\.json holds no valid JSON: ") as caught:
        parsed(text)
    assert advice in str(caught.value)
    assert bool(advice) is ("; " in str(caught.value))


def test_what_is_no_configuration_at_all_says_what_it_is() -> None:
    with pytest.raises(UsageError, match="take away the brackets"):
        parsed(f"[{TEXT}]")
    labels = '{"detection_threshold": 0.7, "label_offset": 1, "labels": ["cat"]}'
    with pytest.raises(UsageError, match="labels and thresholds of an application") as caught:
        parsed(labels)
    assert "nms_postprocess" in caught.value.next_step
    assert parsed(f'{{"labels": ["cat"], {TEXT[1:]}').integer("classes") == 3


def test_decoders_that_share_a_name_are_counted() -> None:
    config = parsed('{"bbox_decoders": [{"name": "d"}, {"name": "e"}, {"name": "d"}]}')
    assert [d.described for d in config.decoders] == ["decoder 1", "e", "decoder 3"]
