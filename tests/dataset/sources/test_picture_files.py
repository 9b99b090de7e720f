"""Folders of pictures as calibration sets."""

from __future__ import annotations

import io
import os
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.dataset.refusals import as_finding
from tests.fixtures.picture_folders import input_layer, photos, save_pictures
from utils.dataset.calibration_set import CalibrationSet, open_dataset
from utils.dataset.contact_sheet import contact_sheet
from utils.dataset.read_as import ReadAs
from utils.dataset.sources import picture_files
from utils.dataset.sources.pictures import PictureReader
from utils.errors import DatasetError
from utils.har.network import Layer

NAME = "net/input_layer1"


def opened(path: Path | str, layer: Layer | None = None, **decided: Any) -> CalibrationSet:
    return open_dataset(str(path), [layer or input_layer()], 1000, read_as=ReadAs(**decided))


def pixels(calibration: CalibrationSet, batch_size: int = 4) -> NDArray[Any]:
    return np.concatenate([batch[NAME] for batch in calibration.batches(batch_size)])


@pytest.mark.parametrize("ending", ["png", "bmp", "webp", "PNG"])
def test_a_folder_is_the_array_of_its_pictures_by_name(tmp_path: Path, ending: str) -> None:
    folder = save_pictures(tmp_path / "calib", photos(9), ending)
    calibration = opened(folder)
    assert (calibration.samples, calibration.kind, calibration.notes) == (9, "pictures", ())
    assert calibration.inputs[NAME].dtype == "uint8"
    np.testing.assert_array_equal(pixels(calibration), photos(9))
    assert calibration.named(7) == f"7 (0007.{ending})"
    assert calibration.for_compiler == ""


def test_a_pattern_and_a_single_picture_serve_as_well(tmp_path: Path) -> None:
    folder = save_pictures(tmp_path, photos())
    (folder / "notes.txt").write_text("no picture")
    np.testing.assert_array_equal(pixels(opened(f"{folder}/*.png")), photos())
    np.testing.assert_array_equal(pixels(opened(f"{folder}/000[13].png")), photos()[[1, 3]])
    np.testing.assert_array_equal(pixels(opened(folder / "0002.png")), photos()[[2]])


def test_pictures_in_folders_of_classes_are_found_and_others_are_told(tmp_path: Path) -> None:
    save_pictures(tmp_path / "dog", photos()[3:])
    save_pictures(tmp_path / "cat", photos()[:3])
    (tmp_path / "labels.txt").write_text("cat\ndog\n")
    calibration = opened(tmp_path)
    np.testing.assert_array_equal(pixels(calibration), photos())
    assert calibration.names[3] == os.path.join("dog", "0000.png")
    assert calibration.notes == (f"{tmp_path}: ignored 1 other file, such as labels.txt",)


def test_hidden_files_links_in_a_circle_and_own_sheets_are_left_out(tmp_path: Path) -> None:
    folder = save_pictures(tmp_path / "calib", photos())
    (folder / "._0000.png").write_bytes(b"a companion")
    (folder / "again").symlink_to(folder)
    (folder / "gone.png").symlink_to(folder / "nowhere.png")
    sheet = contact_sheet(photos().astype(np.float32), swap=False)
    for name in ("standard.jpg", "resize_1.jpg"):
        (folder / name).write_bytes(sheet)
    assert opened(folder).samples == 6
    assert opened(f"{folder}/[0rs]*.*g").samples == 6


def test_the_chosen_samples_are_decoded_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calibration = opened(save_pictures(tmp_path, photos(12)))
    decoded: list[str] = []
    read = PictureReader.pixels

    def counted(reader: Any, file: Any, place: str) -> Any:
        decoded.append(Path(place).stem)
        return read(reader, file, place)

    monkeypatch.setattr(PictureReader, "pixels", counted)
    chosen = np.array([1, 5, 11])
    batches = [batch[NAME] for batch in calibration.batches(2, chosen)]
    assert [len(batch) for batch in batches] == [2, 1]
    np.testing.assert_array_equal(np.concatenate(batches), photos(12)[chosen])
    assert sorted(decoded) == ["0001", "0005", "0011"]


def test_memory_holds_a_few_pictures_not_the_set(tmp_path: Path) -> None:
    shape = (64, 64, 3)
    folder = save_pictures(tmp_path, np.zeros((300, *shape), np.uint8))
    calibration = opened(folder, input_layer(shape))
    tracemalloc.start()
    try:
        seen = sum(len(batch[NAME]) for batch in calibration.batches(4))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen == 300
    ahead = 4 * picture_files.threads()
    # The set has 3.7 MB; two batches and the pictures that are worked on remain.
    assert peak < (8 + ahead) * 64 * 64 * 3 * 2 + 400_000


def test_what_is_done_to_pictures_is_told(tmp_path: Path) -> None:
    folder = save_pictures(tmp_path, [photos()[0], photos()[1][..., 0]])
    transparent = np.concatenate([photos()[2], photos()[3][..., :1]], axis=-1)
    Image.fromarray(transparent).save(folder / "a.png")
    Image.fromarray(photos()[4]).quantize(8).save(folder / "p.png")
    (note,) = opened(folder).notes
    assert note == (
        f"{folder}, of 4 pictures: 1 grey, given three equal channels; 1 transparent, which is "
        "left out; 1 with a palette, which is looked up"
    )
    (note,) = opened(folder, input_layer((24, 32, 1))).notes
    assert "3 coloured, turned grey for an input of one channel" in note
    notes = opened(folder, input_layer((12, 16, 3)), resize="crop", colour="bgr").notes
    assert "4 of another size, resized by crop" in notes[0]
    assert "blue, green, red" in notes[1]


def test_what_is_said_of_some_pictures_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_files, "LOOKED_AT", 2)
    folder = save_pictures(tmp_path, photos()[..., 0])
    (note,) = opened(folder).notes
    assert note.endswith("of the first 2 pictures: 2 grey, given three equal channels")


def test_sizes_that_do_not_fit_are_counted_before_anything_is_read(tmp_path: Path) -> None:
    folder = save_pictures(tmp_path, [photos()[0], photos()[1][:20], photos()[2][:, :9]])
    with pytest.raises(DatasetError) as caught:
        opened(folder)
    as_finding(caught.value)
    assert caught.value.finding_id == "calibration-shape"
    place = folder / "0001.png"
    assert f"2 of 3 pictures, such as {place} with 32 x 20 pixels" in caught.value.evidence
    calibration = opened(folder, resize="stretch")
    assert pixels(calibration).shape == (3, 24, 32, 3)


def test_a_damaged_picture_is_named_while_it_is_read(tmp_path: Path) -> None:
    folder = save_pictures(tmp_path, photos(), "jpg")
    broken = folder / "0004.jpg"
    broken.write_bytes(broken.read_bytes()[:-60])
    calibration = opened(folder)
    with pytest.raises(DatasetError) as caught:
        pixels(calibration)
    as_finding(caught.value)
    assert caught.value.finding_id == "calibration-unreadable"
    assert str(broken) in caught.value.evidence
    np.testing.assert_array_equal(
        next(calibration.batches(2, np.array([0, 3])))[NAME].shape, (2, 24, 32, 3)
    )


def test_hostile_names_are_spelled_out(tmp_path: Path) -> None:
    stream = io.BytesIO()
    Image.fromarray(photos()[0]).save(stream, "PNG")
    for name in (b"\x1b[31mred\n.png", b"\xff\xfe.png", b"a" * 240 + b".png"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(stream.getvalue())
    calibration = opened(tmp_path)
    assert all(name.isprintable() and len(name) <= 60 for name in calibration.names)
    pixels(calibration)


@pytest.mark.parametrize("shape", [(1, 1, 80), (24, 32, 12)])
def test_inputs_that_take_no_pictures_say_so(tmp_path: Path, shape: Any) -> None:
    folder = save_pictures(tmp_path, photos())
    with pytest.raises(DatasetError, match="does not take pictures") as caught:
        opened(folder, input_layer(shape))
    as_finding(caught.value)
    assert caught.value.finding_id == "calibration-shape"


def test_a_folder_for_each_of_several_inputs(tmp_path: Path) -> None:
    layers = [input_layer(), input_layer(name="net/input_layer2")]
    save_pictures(tmp_path / "input_layer1", photos(seed=1))
    save_pictures(tmp_path / "net" / "input_layer2", photos(seed=2))
    with pytest.raises(DatasetError, match="does not tell which samples"):
        open_dataset(str(tmp_path), layers, 64)
    (tmp_path / "net" / "input_layer2").rename(tmp_path / "input_layer2")
    calibration = open_dataset(str(tmp_path), layers, 64)
    batch = next(calibration.batches(6))
    np.testing.assert_array_equal(batch[NAME], photos(seed=1))
    np.testing.assert_array_equal(batch["net/input_layer2"], photos(seed=2))
    with pytest.raises(DatasetError, match="samples of one input") as caught:
        open_dataset(str(tmp_path / "input_layer1" / "*.png"), layers, 64)
    as_finding(caught.value)
    assert caught.value.finding_id == "calibration-input-names"
