"""NMS configurations among the members of an archive: read if they are there, never in the way."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from tests.har.archives import NAME, rewrite, write_small
from tests.har.samples import QUANTIZED, sample_path
from utils.har import archive
from utils.har.archive import open_archive

CONFIG = json.dumps({"classes": 3, "bbox_decoders": [{"stride": 8}]}).encode()


@pytest.fixture
def small(tmp_path: Path) -> str:
    return write_small(tmp_path / "small.har")


def with_member(path: str, name: str, data: bytes = CONFIG) -> str:
    with tarfile.open(path, "a:") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    return path


def test_most_archives_hold_none(small: str) -> None:
    found = open_archive(small)
    assert (found.nms_configs, found.unread) == ({}, ())


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_hold_none(name: str) -> None:
    assert open_archive(sample_path(name)).nms_configs == {}


@pytest.mark.parametrize("name", [f"{NAME}.nms.json", "yolov8s_nms_config.json", "NMS.JSON"])
def test_a_member_is_found_by_its_name(small: str, name: str) -> None:
    assert open_archive(with_member(small, name)).nms_configs == {name: CONFIG}


@pytest.mark.parametrize("name", [f"{NAME}.json", "nms.txt", "post.json"])
def test_other_members_are_left_alone(small: str, name: str) -> None:
    assert open_archive(with_member(small, name)).nms_configs == {}


def test_a_member_is_found_through_metadata(small: str) -> None:
    path = rewrite(small, metadata={"nms_config_path": "post.json", "nms_engine": ["cpu"]})
    assert open_archive(with_member(path, "post.json")).nms_configs == {"post.json": CONFIG}


def test_members_of_another_kind_are_none_although_the_network_is_called_so(small: str) -> None:
    path = rewrite(small, metadata={"original_model_meta": "x_nms.original_model_meta.json"})
    found = open_archive(with_member(path, "x_nms.original_model_meta.json", b"{}"))
    assert found.nms_configs == {}
    assert found.json["original_model_meta"] == {}


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe\0", CONFIG[:-5]])
def test_a_damaged_member_does_not_spoil_the_archive(small: str, data: bytes) -> None:
    assert open_archive(with_member(small, "nms.json", data)).nms_configs == {"nms.json": data}


def test_size_and_number_are_bounded(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_NMS_CONFIG_BYTES", len(CONFIG))
    with_member(small, "large_nms.json", CONFIG + b" ")
    for index in range(archive.MAX_NMS_CONFIGS + 2):
        with_member(small, f"nms{index}.json")
    found = open_archive(small)
    assert list(found.nms_configs) == [f"nms{i}.json" for i in range(archive.MAX_NMS_CONFIGS)]
    large, many = found.unread
    assert "large_nms.json" in large
    assert many == "more than 8 members may be NMS configurations; the others were not read"
