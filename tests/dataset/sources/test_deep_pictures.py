"""Pictures of more than 8 bits: refused, with a line that is pasted into a shell here."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.dataset.refusals import refusal
from tests.fixtures.picture_folders import input_layer, photos, save_pictures
from utils.dataset.calibration_set import open_dataset
from utils.dataset.read_as import ReadAs
from utils.har.network import Shape

DEEP = photos()[..., 0].astype(np.uint16) * 257 + 3
GREY: Shape = (24, 32, 1)


def pasted(command: str, folder: Path) -> None:
    words = shlex.split(command)
    assert words[0] == "python3"
    subprocess.run([sys.executable, *words[1:]], cwd=folder, check=True)


def test_pictures_of_eight_bits_are_taken(tmp_path: Path) -> None:
    folder = save_pictures(tmp_path, photos()[..., 0])
    assert open_dataset(str(folder), [input_layer(GREY)], 64).samples == 6


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("named", "made", "count"),
    [
        ("it's [new]", "it's [new]_fixed.npy", 6),
        ("it's [new]/", "it's [new]_fixed.npy", 6),
        ("it's */*.png", "pictures_fixed.npy", 6),
        ("it's [new]/0002.png", "it's [new]/0002.png_fixed.npy", 1),
    ],
)
def test_the_line_writes_their_values(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    channels: int,
    named: str,
    made: str,
    count: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    save_pictures(tmp_path / "it's [new]" / "below", list(DEEP[:1]))
    (tmp_path / "it's [new]" / "below" / "0000.png").rename(tmp_path / "it's [new]" / "0000.png")
    for index, picture in enumerate(DEEP):
        Image.fromarray(picture).save(tmp_path / "it's [new]" / f"{index:04d}.png")
    error = refusal(named, input_layer((24, 32, channels)))
    assert error.finding_id == "calibration-dtype"
    assert f"{count} of {count} picture" in error.evidence
    pasted(error.command, tmp_path)
    expected = DEEP if count > 1 else DEEP[2:3]
    (batch,) = open_dataset(made, [input_layer((24, 32, channels))], 64).batches(64)
    (found,) = batch.values()
    np.testing.assert_array_equal(found, np.repeat(expected[..., None], channels, axis=-1))


@pytest.mark.parametrize("way", ["stretch", "crop"])
def test_the_line_resizes_as_it_was_asked_to(tmp_path: Path, way: str) -> None:
    folder = save_pictures(tmp_path / "calib", list(DEEP))
    error = refusal(folder, input_layer((12, 12, 1)), read_as=ReadAs(resize=way))
    pasted(error.command, tmp_path)
    found = np.load(tmp_path / "calib_fixed.npy")
    assert found.shape == (6, 12, 12, 1)
    assert found.dtype == np.float32
    plain = save_pictures(tmp_path / "plain", photos()[..., 0])
    opened = open_dataset(str(plain), [input_layer((12, 12, 1))], 64, read_as=ReadAs(resize=way))
    (batch,) = opened.batches(64)
    (expected,) = batch.values()
    np.testing.assert_allclose((found - 3) / 257, expected, atol=1.0)  # rounded twice


def test_no_line_where_nobody_knows_what_to_do(tmp_path: Path) -> None:
    folder = save_pictures(tmp_path / "calib", list(DEEP))
    error = refusal(folder, input_layer((12, 12, 1)), read_as=ReadAs(resize="letterbox"))
    assert not error.command
    assert "8 bits a channel, or" in error.remedy
    Image.fromarray(photos()[0, ..., 0]).save(folder / "0003.png")  # two scales in one set
    error = refusal(folder, input_layer(GREY))
    assert "5 of 6 pictures" in error.evidence
    assert not error.command
    Image.fromarray(DEEP[3]).save(folder / "0003.png")
    (folder / "0004.png").rename(folder / "0004.PNG")  # more than one pattern says
    assert not refusal(folder, input_layer(GREY)).command
