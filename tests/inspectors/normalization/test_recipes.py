from __future__ import annotations

from itertools import product

import pytest

from inspectors.normalization.recipes import (
    contradicting_order,
    expected_maximum,
    in_grey_levels,
    is_in_unit_range,
    matching_recipe,
    recipe_of_family,
    statement,
)
from utils.facts.normalization_recipes import IMAGENET, RECIPES, UNIT_RANGE, Recipe
from utils.model_script import normalizations, parse_model_script

RGB_MEAN, RGB_STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
BGR_MEAN, BGR_STD = RGB_MEAN[::-1], RGB_STD[::-1]
UNIT_MEAN, UNIT_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_every_recipe_is_known_within_one_percent_in_both_orders(recipe: Recipe) -> None:
    mean, std = recipe.constants(3)
    for factor, order in product((1.0, 0.9901, 1.0099), (1, -1)):
        found = matching_recipe(
            [value * factor for value in mean[::order]], [value * factor for value in std[::order]]
        )
        assert found is not None, (factor, order)
        if factor == 1.0:
            assert found.constants(3) in ((mean, std), (mean[::-1], std[::-1])), order


@pytest.mark.parametrize(
    ("mean", "std"),
    [
        ((10.0,), (5.0,)),
        ((0.0, 0.0, 0.0), (257.6, 257.6, 257.6)),
        ((0.02, 0.0, 0.0), (255.0, 255.0, 255.0)),
        (RGB_MEAN, (59.0, 57.12, 57.375)),  # 1.04 % off
        (BGR_MEAN, RGB_STD),
        (UNIT_MEAN, UNIT_STD),
        (RGB_MEAN[:2], RGB_STD[:2]),
        ((123.675, 116.28, 103.53, 0.0), (58.395, 57.12, 57.375, 1.0)),
    ],
)
def test_other_constants_are_not_known(mean: tuple[float, ...], std: tuple[float, ...]) -> None:
    assert matching_recipe(mean, std) is None


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_recipes_with_one_number_hold_for_any_number_of_channels(channels: int) -> None:
    mean, std = UNIT_RANGE.constants(channels)
    assert (mean, std) == ((0.0,) * channels, (255.0,) * channels)
    assert matching_recipe(mean, std) is UNIT_RANGE
    assert IMAGENET.fits(channels) is (channels == 3)


@pytest.mark.parametrize(
    ("mean", "std", "contradict"),
    [
        (RGB_MEAN, RGB_STD, False),
        (BGR_MEAN, BGR_STD, False),
        (UNIT_MEAN, UNIT_STD, False),
        ((127.5,) * 3, (127.5,) * 3, False),
        ((123.68, 116.78, 103.94), (1.0, 1.0, 1.0), False),
        ((104.04, 113.985, 119.85), (73.695, 69.87, 70.89), False),
        (BGR_MEAN, (57.5, 57.1, 57.9), False),  # within 1 % of either order
        ((10.0, 20.0, 30.0), (3.0, 2.0, 1.0), False),
        (BGR_MEAN, RGB_STD, True),
        (RGB_MEAN, BGR_STD, True),
        ((103.94, 116.78, 123.68), (58.4, 57.12, 57.38), True),
        (UNIT_MEAN[::-1], UNIT_STD, True),
        ((104.09, 116.75, 122.77), (68.5, 66.63, 70.32), True),  # CLIP
    ],
)
def test_orders_that_contradict_each_other(
    mean: tuple[float, ...], std: tuple[float, ...], contradict: bool
) -> None:
    assert (contradicting_order(mean, std) is not None) is contradict


@pytest.mark.parametrize(
    ("mean", "std", "expected"),
    [
        ((0.0,), (1.0,), None),  # identity
        ((-0.1, 0.2), (0.9, 1.3), None),  # batch normalization of the inputs
        ((3.0, 8.0), (2.0, 4.0), None),
        ((0.0,), (32768.0,), None),  # sound
        ((31.9,), (31.9,), None),
        ((0.3,), (0.4,), None),
        ((32.0,), (5.0,), 255.0),
        ((0.0,), (255.0,), 255.0),
        (RGB_MEAN, RGB_STD, 255.0),
        ((104.0, 117.0, 123.0), (1.0, 1.0, 1.0), 255.0),
        (UNIT_MEAN, UNIT_STD, 1.0),
        ((0.5,), (0.5,), 1.0),
    ],
)
def test_upper_end_that_constants_are_made_for(
    mean: tuple[float, ...], std: tuple[float, ...], expected: float | None
) -> None:
    assert expected_maximum(mean, std) == expected


@pytest.mark.parametrize(
    ("mean", "std", "corrected"),
    [
        ((0.0,), (1.0,), None),
        ((0.0,), (255.0,), None),
        ((123.0,), (1.0,), None),
        (UNIT_MEAN, UNIT_STD, (RGB_MEAN, RGB_STD)),
        ((0.5,), (0.5,), ((127.5,), (127.5,))),
        (UNIT_MEAN, RGB_STD, (RGB_MEAN, RGB_STD)),
        (RGB_MEAN, UNIT_STD, (RGB_MEAN, RGB_STD)),
        ((0.0,), (1 / 255,), ((0.0,), (255.0,))),  # a factor, written as a divisor
        ((127.5,), (0.00784314,), ((127.5,), (127.5,))),
        ((0.0,), (0.0039,), ((0.0,), (255.0,))),  # within 1 % of a recipe
        ((0.0,), (0.0038,), ((0.0,), (263.158,))),
    ],
)
def test_units_of_one_are_recognized_and_corrected(
    mean: tuple[float, ...],
    std: tuple[float, ...],
    corrected: tuple[tuple[float, ...], tuple[float, ...]] | None,
) -> None:
    assert is_in_unit_range(mean, std) is (corrected is not None)
    if corrected is not None:
        found = in_grey_levels(mean, std)
        assert found[0] == pytest.approx(corrected[0])
        assert found[1] == pytest.approx(corrected[1], rel=1e-5)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("jet_classifier", None),
        ("resnet_v1_50", None),
        ("yolov8n", "division by 255"),
        ("yolo11s", "division by 255"),
        ("yolox_s_leaky", None),
        ('mine nms_postprocess("x.json", meta_arch=yolov5)', "division by 255"),
        ("TinyCLIP_vit", "CLIP"),
        ("efficientnet_lite0", "127 and 128"),
        ("efficientnet_s", None),
        ("scrfd_10g", "127.5 and 128"),
    ],
)
def test_family(words: str, name: str | None) -> None:
    found = recipe_of_family(words)
    assert (found and found.name) == name


@pytest.mark.parametrize("input_layer", ["", "net/input_layer2"])
def test_statement_is_read_back_by_the_parser(input_layer: str) -> None:
    text = statement("normalization2", RGB_MEAN, RGB_STD, input_layer)
    (line,) = normalizations(parse_model_script(text))
    assert (line.targets, line.mean, line.std) == (("normalization2",), RGB_MEAN, RGB_STD)
    assert line.input_layer == (input_layer or None)


def test_statement_writes_numbers_plainly() -> None:
    assert (
        statement("a", (0.0, 0.485 * 255), (255.0, 0.229 * 255))
        == "a = normalization([0.0, 123.675], [255.0, 58.395])"
    )
