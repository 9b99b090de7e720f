"""How the samples reach the original: what is tried, what is said, and what is a fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.float_graph import FloatGraph
from inspectors.normalization.steps import NormalizationStep
from tests.backends.stages.original.steps import optimized_too, parsed_only, step_to, words
from tests.fixtures.original_models import (
    Archive,
    forked,
    pixels,
    row,
    unit_samples,
    written_onnx,
)
from utils.errors import UsageError
from utils.stages import Step

Make = Callable[..., FloatGraph]
both = pytest.mark.parametrize(
    "make", [row, pytest.param(forked, marks=pytest.mark.slow)], ids=lambda make: make.__name__
)

MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
ZEROS, WHITES = (0.0,) * 3, (255.0,) * 3
IMAGENET = "mean=123.675,116.28,103.53,std=58.395,57.12,57.375"


def scripted(
    tmp_path: Path,
    make: Make,
    mean: tuple[float, ...] = ZEROS,
    std: tuple[float, ...] = WHITES,
    *,
    has_parsed: bool = True,
    **request: Any,
) -> Step:
    """An archive whose script normalizes, and the original behind that."""
    net = make()
    har = optimized_too(tmp_path, Archive.of(net), Archive.of(make(mean=mean, std=std)))
    original = written_onnx(tmp_path / "model.onnx", net)
    layers = (f"{net.name}/normalization1",)
    steps = [NormalizationStep(mean, std, line=1, layers=layers)]
    return step_to(har, [original], pixels(), steps, has_parsed=has_parsed, **request)


def unscripted(tmp_path: Path, make: Make, archive: Archive | None = None, **request: Any) -> Step:
    net = make()
    original = written_onnx(tmp_path / "model.onnx", net)
    har = parsed_only(tmp_path, archive or Archive.of(net))
    samples = pixels() if request else unit_samples()
    return step_to(har, [original], samples, **request)


@both
@pytest.mark.parametrize("has_parsed", [True, False])
def test_what_the_script_does_is_done_for_the_original(
    tmp_path: Path, make: Make, has_parsed: bool
) -> None:
    step = scripted(tmp_path, make, MEAN, STD, has_parsed=has_parsed)
    assert step.is_equal
    assert step.later == ("parsed" if has_parsed else "optimized")
    assert "as the model script prepares them" in step.notes[0]
    assert "rests on the model script being right" in step.notes[1]


@both
def test_the_right_constants_given_are_no_fault(tmp_path: Path, make: Make) -> None:
    step = scripted(tmp_path, make, MEAN, STD, normalization=IMAGENET)
    assert (step.is_equal, step.reasons) == (True, ())


@both
@pytest.mark.parametrize("has_parsed", [True, False])
def test_a_division_by_255_that_the_original_is_not_given(
    tmp_path: Path, make: Make, has_parsed: bool
) -> None:
    step = scripted(tmp_path, make, has_parsed=has_parsed, normalization="none")
    assert not step.is_equal
    assert words(step) == ["scale-255"]
    assert step.reasons[0].after_db > 40 > step.reasons[0].before_db


@both
def test_a_division_by_255_that_the_archive_lacks(tmp_path: Path, make: Make) -> None:
    assert unscripted(tmp_path, make, normalization="none").is_equal
    step = unscripted(tmp_path, make, normalization="mean=0,std=255")
    assert not step.is_equal
    assert words(step) == ["scale-255"]


@both
def test_mean_and_deviation_that_the_archive_lacks(tmp_path: Path, make: Make) -> None:
    step = unscripted(tmp_path, make, normalization=IMAGENET)
    assert words(step) == ["normalization-missing"]


@both
@pytest.mark.parametrize("has_parsed", [True, False])
def test_a_normalization_of_what_is_normalized(
    tmp_path: Path, make: Make, has_parsed: bool
) -> None:
    step = scripted(tmp_path, make, MEAN, STD, has_parsed=has_parsed, normalization="none")
    assert words(step) == ["normalization-twice"]


@both
def test_a_normalization_with_other_constants(tmp_path: Path, make: Make) -> None:
    asked = "mean=110,110,110,std=60,70,80"
    step = scripted(tmp_path, make, MEAN, STD, normalization=asked)
    assert words(step) == ["other-normalization"]


@both
def test_colours_in_another_order(tmp_path: Path, make: Make) -> None:
    archive = Archive.of(make())
    arrays = archive.arrays[archive.scoped("conv1")]
    arrays["kernel"] = arrays["kernel"][:, :, ::-1]
    step = unscripted(tmp_path, make, archive)
    assert not step.is_equal
    assert words(step) == ["channels-swapped"]
    assert step.reasons[0].after_db > 40 > step.reasons[0].before_db
    step = unscripted(tmp_path, make, archive, normalization="none", colour="rgb")
    assert words(step) == ["channels-swapped"]
    assert unscripted(tmp_path, make, archive, normalization="none", colour="bgr").is_equal


@both
def test_an_original_that_takes_bgr_where_nothing_exchanges_them(
    tmp_path: Path, make: Make
) -> None:
    step = unscripted(tmp_path, make, normalization="none", colour="bgr")
    assert not step.is_equal
    assert words(step) == ["channels-swapped"]


@both
def test_constants_are_given_in_the_order_of_the_original(tmp_path: Path, make: Make) -> None:
    """The archive takes RGB and normalizes it so; the original takes BGR, and is the same else."""

    net = make()
    first = net.arrays[f"{net.name}/conv1"]
    har = optimized_too(tmp_path, Archive.of(net), Archive.of(make(mean=MEAN, std=STD)))
    net.arrays[f"{net.name}/conv1"] = {**first, "kernel": first["kernel"][:, :, ::-1]}
    original = written_onnx(tmp_path / "model.onnx", net)
    layers = (f"{net.name}/normalization1",)
    steps = [NormalizationStep(MEAN, STD, line=1, layers=layers)]
    asked = "mean=103.53,116.28,123.675,std=57.375,57.12,58.395"
    step = step_to(har, [original], pixels(), steps, normalization=asked, colour="bgr")
    assert (step.is_equal, step.reasons) == (True, ())
    step = step_to(har, [original], pixels(), (), normalization=asked, colour="rgb")
    assert words(step) == ["channels-swapped"]


@both
def test_height_and_width_exchanged(tmp_path: Path, make: Make) -> None:
    archive = Archive.of(make())
    for name, arrays in archive.arrays.items():
        kernel = arrays["kernel"]
        if kernel.ndim == 4:
            arrays["kernel"] = kernel.transpose(1, 0, 2, 3)
        else:
            source = archive.layers[archive.layers[name].inputs[0]].output_shape
            by_place = kernel.reshape(*source, -1).transpose(1, 0, 2, 3)
            arrays["kernel"] = by_place.reshape(kernel.shape)
    step = unscripted(tmp_path, make, archive)
    assert not step.is_equal
    assert words(step) == ["input-transposed"]


@both
def test_a_wrong_scale_and_other_weights_are_two_reasons(tmp_path: Path, make: Make) -> None:
    archive = Archive.of(make())
    name = archive.scoped("conv3")
    archive.arrays[name] = make(seed=8).arrays[name]
    step = unscripted(tmp_path, make, archive, normalization="mean=0,std=255")
    assert words(step) == ["scale-255", "other-weights"]
    assert step.reasons[1].layers == (name,)


@both
def test_what_the_network_divides_by_itself_is_found_out(tmp_path: Path, make: Make) -> None:
    """The optimized graph alone, whose script is not known to have normalized."""
    net = make()
    har = parsed_only(tmp_path, Archive.of(make(mean=ZEROS, std=WHITES)))
    step = step_to(har, [written_onnx(tmp_path / "model.onnx", net)], pixels())
    assert step.is_equal
    assert "divided by 255, with values of 0" in step.notes[0]


@pytest.mark.parametrize("text", ["mean=1,std=0", "std=a", "mean", "mean=nan", "scale=2", ""])
def test_a_normalization_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        unscripted(tmp_path, row, normalization=text)


def test_samples_of_bytes_are_taken(tmp_path: Path) -> None:
    net = row()
    har = parsed_only(tmp_path, Archive.of(net))
    original = written_onnx(tmp_path / "model.onnx", net)
    assert step_to(har, [original], pixels().astype(np.uint8)).is_equal
