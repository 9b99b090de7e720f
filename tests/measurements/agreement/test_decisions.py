from __future__ import annotations

import numpy as np
import pytest

from tests.measurements.agreement.outputs import STEP, ZERO, agreeing, batch_of, coded, values
from utils.measurements.agreement.decisions import BestClasses, best_classes, fired
from utils.measurements.agreement.readings import readings


def test_classes_are_those_of_a_loop() -> None:
    floats = values(40, 1, 12)
    codes = coded(floats, 0.9)
    found = readings(agreeing(batch_of(floats, codes, range(40), 0.9)))["classes"]
    chip = codes[:, 0].astype(int)
    same = [row.argmax() == other.argmax() for row, other in zip(floats[:, 0], chip, strict=True)]
    # numpy sorts what is equal as it stands, if it is asked to: the first channel wins.
    five = [np.argsort(-other, kind="stable")[:5] for other in chip]
    top5 = [row.argmax() in best for row, best in zip(floats[:, 0], five, strict=True)]
    assert found["same_top1"].value == pytest.approx(np.mean(same))
    assert found["same_top5"].value == pytest.approx(np.mean(top5))
    assert 0 < found["same_top1"].value < found["same_top5"].value
    assert found["same_top1"].of == 40


def test_of_several_places_the_background_of_both_says_nothing() -> None:
    """The blank of a line of text, 0, stands between its letters."""
    floats = np.array([[0, 5, 0, 0, 6, 0, 0], [0, 0, 0, 0, 0, 0, 0], [1, 1, 2, 2, 3, 3, 0]])
    chip = np.array([[0, 5, 0, 0, 0, 0, 7], [0, 0, 0, 0, 0, 0, 0], [1, 1, 2, 2, 3, 4, 0]])
    found = BestClasses(floats, chip, chip == 7).at_places()
    assert found.same.tolist() == [1, 0, 6]
    assert found.of.tolist() == [3, 0, 7]
    assert found.undecided.tolist() == [1, 0, 0]


def test_places_are_counted_where_an_output_has_several() -> None:
    floats, unlike = values(40, 6, 12), values(40, 6, 12, seed=2)
    for pixels, name in ((1, "same_top1"), (6, "same_place")):
        codes = coded(floats[:, :pixels] + unlike[:, :pixels], 0.9)
        output = agreeing(batch_of(floats[:, :pixels], codes, range(40), 0.9), "classes")
        found = readings(output)["classes"]
        assert found.keys() - {"same_top5"} == {name}
        assert 0 < found[name].value < 1


def test_flips_within_a_code_are_counted_apart() -> None:
    floats = np.array([[[1.0, 1.04, 0.0]], [[1.0, 1.06, 0.0]], [[1.0, 2.0, 0.0]]], np.float32)
    chip = np.array([[[1.1, 1.0, 0.0]], [[1.1, 1.0, 0.0]], [[0.0, 2.0, 0.0]]], np.float32)
    found = best_classes(floats, chip, np.full(3, STEP, np.float32)).decisions()
    assert found.same.tolist() == [0, 0, 1]
    assert found.undecided.tolist() == [1, 0, 0]


@pytest.mark.parametrize("shape", [(50, 1, 1), (50, 1, 7), (20, 30, 4)])
def test_scores_are_those_of_a_loop(shape: tuple[int, int, int]) -> None:
    floats = values(*shape)
    codes = coded(floats + 0.1, 0.4)
    batch = batch_of(floats, codes, range(shape[0]), 0.4)
    found = readings(agreeing(batch, "scores", 0.3))["scores"]
    pairs = [(x > 0.3, y > 0.3) for x, y in zip(floats.ravel(), batch.chip.ravel(), strict=True)]
    both = sum(x and y for x, y in pairs)
    in_float, on_chip = sum(x for x, _ in pairs), sum(y for _, y in pairs)
    assert found["same_decision"].value == pytest.approx(np.mean([x == y for x, y in pairs]))
    assert found["still_fire"].value == pytest.approx(both / in_float)
    assert found["fired_rightly"].value == pytest.approx(both / on_chip)
    assert [found[name].of for name in found] == [len(pairs), in_float, on_chip]
    flips = [
        abs(x - np.float32(0.3)) < np.float32(0.4)
        for x, y in zip(floats.ravel(), batch.chip.ravel(), strict=True)
        if (x > 0.3) != (y > 0.3)
    ]
    assert found["same_decision"].undecided == sum(flips)


def test_where_nothing_fires_there_is_no_share() -> None:
    low = np.full((8, 1, 1), -3, np.float32)
    found = fired(low, low, 0.0, np.ones(1, np.float32))
    assert np.isnan(found["still_fire"].share)
    assert found["same_decision"].share == 1.0


def test_cells_fire_by_their_best_channel_or_by_objectness() -> None:
    floats = np.full((1, 3, 12), -1, np.float32)
    floats[0, 0, 5] = 1  # a class fires
    floats[0, 1, 4] = 1  # an objectness does
    floats[0, 2, 10] = 1
    chip = floats.copy()
    chip[0, 1] = -1
    codes = np.clip(chip / STEP + ZERO, 0, 255).astype(np.uint8)
    best = readings(agreeing(batch_of(floats, codes, [0]), "detection"))["detection"]
    assert (best["cells_still_fire"].value, best["cells_still_fire"].of) == (2 / 3, 3)
    batch = batch_of(floats, codes, [0])
    anchors = readings(agreeing(batch, "detection", score_channels=(4, 10)))["detection"]
    assert (anchors["cells_still_fire"].value, anchors["cells_still_fire"].of) == (0.5, 2)
    assert anchors["cells_fired_rightly"].value == 1.0


def test_boxes_without_scores_are_not_counted_as_cells() -> None:
    floats = values(4, 6, 64)
    batch = batch_of(floats, coded(floats), range(4))
    found = readings(agreeing(batch, "detection", holds_scores=False, scores_at="other"))
    assert found == {}
