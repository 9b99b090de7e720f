from __future__ import annotations

import numpy as np
import pytest

from tests.measurements.agreement.outputs import coded, joined, values
from utils.measurements.agreement.boxes import decoded_distances, overlaps, side_errors
from utils.measurements.agreement.grouped import BoxErrors, BoxOverlaps, ClassCounts
from utils.measurements.agreement.readings import readings


def test_mean_iou_is_that_of_the_confusion_matrix() -> None:
    floats = values(10, 50, 5)
    floats[:, :, 4] -= 9  # a class that never wins does not count
    codes = coded(floats, 0.9)
    found = readings(joined(floats, codes, [range(10)], "segmentation"))["segmentation"]
    first, second = floats.argmax(axis=2).ravel(), codes.argmax(axis=2).ravel()
    confusion = np.zeros((5, 5))
    np.add.at(confusion, (first, second), 1)
    union = confusion.sum(axis=0) + confusion.sum(axis=1) - np.diag(confusion)
    ious = np.diag(confusion)[union > 0] / union[union > 0]
    assert len(ious) == 4
    assert found["mean_iou"].value == pytest.approx(ious.mean())
    assert found["mean_iou"].low < found["mean_iou"].value < found["mean_iou"].high
    assert found["same_class"].value == pytest.approx((first == second).mean())
    assert found["same_class"].of == 500


def test_counts_of_fewer_classes_are_joined_with_those_of_more() -> None:
    few = ClassCounts(*(np.ones((64, 2), np.int64) for _ in range(3)))
    more = ClassCounts(*(np.ones((64, 5), np.int64) for _ in range(3)))
    for found in (few.merged(more), more.merged(few)):
        assert found.floats[0].tolist() == [2, 2, 1, 1, 1]


def test_distances_are_expected_values() -> None:
    logits = np.full((1, 64), -50, np.float32)
    logits[0, [0, 16 + 3, 32 + 15]] = 50
    logits[0, [48 + 4, 48 + 6]] = 50
    np.testing.assert_allclose(decoded_distances(logits), [[0, 3, 15, 5]], atol=1e-5)


def test_overlaps_are_those_of_rectangles() -> None:
    boxes = np.array([[1, 1, 1, 1], [0, 0, 2, 2], [0, 0, 0, 0], [3, 2, 1, 0.5]], np.float32)
    others = np.array([[1, 1, 1, 1], [1, 1, 1, 1], [0, 0, 0, 0], [1.5, 2, 1, 0.5]], np.float32)
    np.testing.assert_allclose(overlaps(boxes, others), [1, 1 / 7, 1, 2.5 / 4], rtol=1e-6)


def test_the_median_overlap_and_its_interval() -> None:
    random = np.random.default_rng(1)
    found_overlaps = random.beta(20, 2, 500).astype(np.float32)
    positions = np.arange(500) % 90
    whole = BoxOverlaps.of(positions, found_overlaps)
    parts = [BoxOverlaps.of(positions[i::3], found_overlaps[i::3]) for i in range(3)]
    joined_parts = parts[2].merged(parts[0]).merged(parts[1])
    np.testing.assert_array_equal(whole.counts, joined_parts.counts)
    assert whole.boxes == 500
    assert whole.median == pytest.approx(np.median(found_overlaps), abs=0.002)
    low, high = whole.interval
    assert low <= whole.median <= high


def test_errors_of_sides_are_in_pixels() -> None:
    boxes = np.array([[1, 1, 1, 1], [0, 0, 2, 2]], np.float32)
    others = np.array([[1, 1, 1, 1], [0.5, 1, 2, 4]], np.float32)
    # Half a cell of 8 to the left, one of 16 up, none to the right, two of 16 down.
    np.testing.assert_allclose(side_errors(boxes, others, (16, 8)), [0, (4 + 16 + 0 + 32) / 4])


def test_the_median_error_and_its_interval() -> None:
    errors = np.random.default_rng(2).lognormal(1, 0.5, 500).astype(np.float32)
    positions = np.arange(500) % 90
    whole = BoxErrors.of(positions, errors)
    parts = [BoxErrors.of(positions[i::3], errors[i::3]) for i in range(3)]
    np.testing.assert_array_equal(whole.counts, parts[1].merged(parts[2]).merged(parts[0]).counts)
    assert whole.boxes == 500
    assert whole.median == pytest.approx(np.median(errors), rel=0.03)
    low, high = whole.interval
    assert low <= whole.median <= high
    far = BoxErrors.of(np.arange(3), np.array([0, 1e9, 1e9], np.float32))
    assert far.boxes == 3
    assert far.median > 4000


def test_without_boxes_there_is_no_median() -> None:
    nothing = BoxOverlaps.of(np.zeros(0, np.int64), np.zeros(0, np.float32))
    assert nothing.boxes == 0
    assert np.isnan([nothing.median, *nothing.interval]).all()
    none = BoxErrors.of(np.zeros(0, np.int64), np.zeros(0, np.float32))
    assert np.isnan([none.median, *none.interval]).all()
