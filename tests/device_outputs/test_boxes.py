"""Lists of boxes of the chip against the heads of a detector, in each form that they have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.device_outputs.boxes import by_score, packed, padded
from tests.device_outputs.detectors import NAME, Detector, Lists, as_padded, write_two_scales
from tests.device_outputs.networks import chip, saved, words
from tests.fixtures.clean_archives import clean_archive
from utils.device_outputs.nms.judging import judged


@pytest.fixture(scope="module", params=["clean_detector", "pair"])
def detector(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Detector:
    if request.param == "clean_detector":
        har, images = clean_archive(tmp_path_factory, "detector")
    else:
        har, images = write_two_scales(tmp_path_factory.mktemp("pair"))
    return Detector(Path(har), np.load(images))


def as_rows(folder: Path, lists: Lists, classes: int) -> Path:
    np.save(folder / "nms.npy", padded(lists, classes).transpose(0, 1, 3, 2))
    return folder / "nms.npy"


def as_lists(folder: Path, lists: Lists, classes: int) -> Path:
    arrays = {
        f"frame{frame}_class{k}": boxes[boxes[:, 5] == k][:, :5].astype(np.float32)
        for frame, boxes in enumerate(lists)
        for k in range(classes)
    }
    return saved(folder / "lists.npz", arrays)


def as_lists_of_frames(folder: Path, lists: Lists, classes: int) -> Path:
    for frame, boxes in enumerate(lists):
        arrays = [boxes[boxes[:, 5] == k][:, :5].astype(np.float32) for k in range(classes)]
        np.savez(folder / f"image{frame}.npz", *arrays)
    return folder


def as_packed(folder: Path, lists: Lists, classes: int) -> Path:
    np.save(folder / "packed.npy", packed(lists, classes))
    return folder / "packed.npy"


def as_packed_bytes(folder: Path, lists: Lists, classes: int) -> Path:
    packed(lists, classes).tofile(folder / "nms.bin")
    return folder / "nms.bin"


def as_structures(folder: Path, lists: Lists, classes: int) -> Path:
    del classes
    by_score(lists).tofile(folder / "nms.bin")
    return folder / "nms.bin"


def as_aligned_structures(folder: Path, lists: Lists, classes: int) -> Path:
    del classes
    by_score(lists, 24).tofile(folder / "nms.bin")
    return folder / "nms.bin"


FORMS = (
    as_padded,
    as_rows,
    as_lists,
    as_lists_of_frames,
    as_packed,
    as_packed_bytes,
    as_structures,
    as_aligned_structures,
)


@pytest.mark.parametrize("write", FORMS)
def test_every_form_of_a_list_is_read(
    detector: Detector, tmp_path: Path, write: Callable[[Path, Lists, int], Path]
) -> None:
    step = detector.said(write(tmp_path, detector.kept, detector.classes))
    count = sum(len(boxes) for boxes in detector.kept)
    assert step.is_equal and not step.not_matched
    assert step.notes[0].startswith(f"100% of {count} boxes of the chip are among those")


def test_columns_and_labels_are_named(detector: Detector, tmp_path: Path) -> None:
    exchanged = [boxes[:, [1, 0, 3, 2, 4, 5]] for boxes in detector.kept]
    assert words(detector.said(as_padded(tmp_path, exchanged, detector.classes))) == ["nms-columns"]
    higher = [np.column_stack([b[:, :5], b[:, 5] + 1]) for b in detector.kept]
    saved(tmp_path / "b.npz", {NAME: padded(higher, detector.classes + 1)})
    assert words(detector.said(tmp_path / "b.npz")) == ["nms-labels"]
    both = [boxes[:, [1, 0, 3, 2, 4, 5]] for boxes in higher]
    saved(tmp_path / "c.npz", {NAME: padded(both, detector.classes + 1)})
    assert words(detector.said(tmp_path / "c.npz")) == ["nms-columns", "nms-labels"]


@pytest.mark.parametrize("names", ["y, x, height, width", "x, y, width, height"])
def test_centres_and_sizes_are_named(detector: Detector, tmp_path: Path, names: str) -> None:
    order = [0, 1, 2, 3] if names.startswith("y") else [1, 0, 3, 2]
    centred = []
    for boxes in detector.kept:
        low, high = boxes[:, :2], boxes[:, 2:4]
        sides = np.column_stack([(low + high) / 2, high - low])[:, order]
        centred.append(np.column_stack([sides, boxes[:, 4:]]))
    step = detector.said(as_padded(tmp_path, centred, detector.classes))
    assert words(step) == ["nms-columns"] and names in step.reasons[0].evidence


def test_a_cut_is_a_fault_only_against_a_cut_that_is_known(detector: Detector) -> None:
    def said(lists: Lists, configured: float | None) -> tuple[bool, list[str]]:
        found = judged(lists, detector.all, detector.image, configured)
        return found.is_equal, [reason.word for reason in found.reasons]

    assert detector.higher > detector.cut + 0.06
    fewer = [boxes[boxes[:, 4] > detector.higher] for boxes in detector.kept]
    assert said(detector.kept, detector.cut) == (True, [])
    assert said(fewer, detector.cut) == (False, ["nms-threshold"])
    assert said(detector.kept, detector.higher) == (False, ["nms-threshold"])
    assert said(fewer, None) == (True, ["nms-threshold"])


def test_boxes_in_pixels_are_read_as_well(detector: Detector, tmp_path: Path) -> None:
    sizes = [*detector.image, *detector.image]
    pixels = [np.column_stack([boxes[:, :4] * sizes, boxes[:, 4:]]) for boxes in detector.kept]
    assert detector.said(as_padded(tmp_path, pixels, detector.classes)).is_equal


def test_boxes_of_other_images_are_not_explained(detector: Detector, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    other = random.random((4, detector.classes, 5, 20)).astype(np.float32)
    saved(tmp_path / "o.npz", {NAME: other})
    step = detector.said(tmp_path / "o.npz")
    assert not step.is_equal and not step.reasons
    holes = [boxes[::2] for boxes in detector.kept]
    step = detector.said(as_padded(tmp_path, holes, detector.classes))
    assert not step.is_equal and not step.reasons
    assert "boxes above it are missing" in step.notes[0]


def test_heads_that_are_not_decoded_are_said(tmp_path: Path) -> None:
    made = chip("fork", tmp_path)
    saved(tmp_path / "n.npz", {"fork/yolov5_nms_postprocess": np.zeros((12, 3, 5, 4), "f4")})
    step = made.step(tmp_path / "n.npz")
    assert not step.is_equal and not step.reasons
    assert step.notes[0].startswith("The lists of boxes were not compared, since only heads are")


def test_heads_of_a_detector_are_compared_as_any_output(detector: Detector, tmp_path: Path) -> None:
    saved(tmp_path / "heads.npz", detector.chip.values())
    step = detector.said(tmp_path / "heads.npz")
    assert step.is_equal and len(step.outputs) == len(detector.chip.outputs)
