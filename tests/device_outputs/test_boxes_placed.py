"""Lists of boxes that are late, full, empty, clipped, or mapped to the frame of a camera."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.device_outputs.boxes import Boxes
from tests.device_outputs.detectors import Detector, as_padded, write_two_scales
from tests.device_outputs.networks import words
from utils.device_outputs.nms.judging import Judged, judged


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    har, images = write_two_scales(tmp_path_factory.mktemp("pair"))
    return Detector(Path(har), np.load(images))


def said(detector: Detector, lists: list[Boxes], configured: float | None = None) -> Judged:
    return judged(lists, detector.all, detector.image, configured)


def reasons(found: Judged) -> list[str]:
    return [reason.word for reason in found.reasons]


def sides(lists: list[Boxes], factor: list[float], offset: list[float]) -> list[Boxes]:
    return [np.column_stack([b[:, :4] * factor + offset, b[:, 4:]]) for b in lists]


@pytest.mark.parametrize("late", [1, -1])
def test_lists_that_are_late(detector: Detector, tmp_path: Path, late: int) -> None:
    assert not reasons(said(detector, detector.kept, detector.cut))
    moved = [detector.kept[(place - late) % 4] for place in range(4)]
    step = detector.said(as_padded(tmp_path, moved, detector.classes))
    assert words(step) == ["late"] and not step.is_equal
    assert f"1 frame {'late' if late > 0 else 'early'}: 100% of" in step.reasons[0].evidence


def test_boxes_mapped_to_the_frame_of_a_camera_are_read(detector: Detector) -> None:
    for factor, offset, told in (
        ([720.0, 1280.0] * 2, [0.0] * 4, "with y as 720 times"),
        ([1.0, 4 / 3] * 2, [0.0, -1 / 6] * 2, "x as 1.33 times the fraction of the input and"),
    ):
        found = said(detector, sides(detector.kept, factor, offset), detector.cut)
        assert found.is_equal and not found.reasons and told in found.note
    random = np.random.default_rng(1)
    other = [np.column_stack([random.random((len(b), 4)), b[:, 4:]]) for b in detector.kept]
    assert not said(detector, other, detector.cut).is_equal


def test_boxes_clipped_at_the_sides_of_the_picture_are_equal(detector: Detector) -> None:
    clipped = [np.column_stack([np.clip(b[:, :4], 0, 1), b[:, 4:]]) for b in detector.kept]
    assert any((a != b).any() for a, b in zip(clipped, detector.kept, strict=True))
    assert said(detector, clipped, detector.cut).is_equal


@pytest.mark.parametrize("names", ["y, x, height, width", "x, y, width, height"])
def test_corners_and_sizes_are_named(detector: Detector, names: str) -> None:
    order = [0, 1, 2, 3] if names.startswith("y") else [1, 0, 3, 2]
    of_corners = []
    for boxes in detector.kept:
        low, high = boxes[:, :2], boxes[:, 2:4]
        of_corners.append(np.column_stack([np.hstack([low, high - low])[:, order], boxes[:, 4:]]))
    found = said(detector, of_corners, detector.cut)
    assert reasons(found) == ["nms-columns"]
    assert f"{names} from a corner" in found.reasons[0].evidence


@pytest.mark.parametrize("of", ["class", "frame"])
def test_lists_that_are_full(detector: Detector, of: str) -> None:
    def cut(boxes: Boxes) -> Boxes:
        groups = [boxes] if of == "frame" else [boxes[boxes[:, 5] == k] for k in range(3)]
        return np.concatenate([g[np.argsort(-g[:, 4])][:4] for g in groups])

    found = said(detector, [cut(boxes) for boxes in detector.kept], detector.cut)
    assert reasons(found) == ["nms-most-boxes"] and not found.is_equal
    assert f"lists end at 4 boxes of a {of}" in found.reasons[0].evidence
    # Boxes that are missing at random, and those below a higher cut, fill no list.
    assert "nms-most-boxes" not in reasons(said(detector, [b[::2] for b in detector.kept]))
    fewer = [boxes[boxes[:, 4] > detector.higher] for boxes in detector.kept]
    assert reasons(said(detector, fewer, detector.cut)) == ["nms-threshold"]


def test_no_boxes_are_a_difference_where_the_heads_have_some(detector: Detector) -> None:
    nothing = [boxes[:0] for boxes in detector.kept]
    found = said(detector, nothing, detector.cut)
    assert reasons(found) == ["nms-empty"] and "in 4 of 4 frames" in found.note
    # Where no cut is known, or the heads have no such scores either, nothing is said.
    assert not said(detector, nothing).is_compared
    assert not said(detector, nothing, 0.9999).is_compared
