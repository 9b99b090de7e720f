"""What lies in another order than in the original, and several layers that it lacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.float_graph import FloatGraph
from tests.backends.stages.original.steps import parsed_only, step_to, words
from tests.fixtures.original_models import SIDE, Archive, unit_samples, written_onnx
from utils.stages import Step

CHANNELS = 6
Kernel = NDArray[Any]


def joined() -> FloatGraph:
    """Three branches that are joined, then a convolution and two dense layers."""
    net = FloatGraph("joined", np.random.default_rng(3))
    last = net.add("input_layer1", "input_layer", (), (SIDE, SIDE, 3))
    last = net.add_conv("conv1", last, 3, CHANNELS, activation="linear")
    branches = tuple(net.add_conv(f"conv{n}", last, 3, CHANNELS) for n in (2, 3, 4))
    last = net.add("concat1", "concat", branches, (SIDE, SIDE, 3 * CHANNELS))
    last = net.add_conv("conv5", last, 3, 3 * CHANNELS)
    last = net.add_pool("maxpool1", "maxpool", last, 4, 4)
    last = net.add_dense("fc1", last, 8, activation="relu")
    net.add_output(net.add_dense("fc2", last, 8))
    return net


def found(folder: Path, change: Callable[[Archive], None], *, named: bool = True) -> Step:
    """What is said of an archive that was changed, against the original as it is."""
    archive = Archive.of(joined(), named=named)
    change(archive)
    original = written_onnx(folder / "model.onnx", joined())
    return step_to(parsed_only(folder, archive), [original], unit_samples())


def mended_at(step: Step) -> dict[str, tuple[str, ...]]:
    """Layers by reason; with all of them both are equal."""
    assert not step.is_equal
    assert step.reasons[-1].after_db > 40 > step.reasons[0].before_db
    return {r.word: tuple(n.rpartition("/")[2] for n in r.layers) for r in step.reasons}


def ordered(*order: int) -> Callable[[Archive], None]:
    def change(archive: Archive) -> None:
        name = archive.scoped("concat1")
        layer = archive.layers[name]
        archive.layers[name] = replace(layer, inputs=tuple(layer.inputs[at] for at in order))

    return change


def kernel_of(base: str, change: Callable[[Kernel], Kernel]) -> Callable[[Archive], None]:
    def changed(archive: Archive) -> None:
        arrays = archive.arrays[archive.scoped(base)]
        arrays["kernel"] = np.ascontiguousarray(change(arrays["kernel"]))

    return changed


def test_another_order_with_the_kernel_that_belongs_to_it_is_equal(tmp_path: Path) -> None:
    def both(archive: Archive) -> None:
        ordered(2, 0, 1)(archive)
        parts = np.split(np.arange(3 * CHANNELS), 3)
        places = np.concatenate([parts[at] for at in (2, 0, 1)])
        kernel_of("conv5", lambda kernel: kernel[:, :, places])(archive)

    step = found(tmp_path, both)
    assert step.is_equal and step.reasons == ()


@pytest.mark.parametrize(
    ("order", "said"), [((1, 0, 2), "in the order 2 1 3"), ((2, 0, 1), "in the order 2 3 1")]
)
def test_a_concat_in_another_order(tmp_path: Path, order: tuple[int, ...], said: str) -> None:
    step = found(tmp_path, ordered(*order))
    assert mended_at(step) == {"other-order": ("concat1",)}
    assert said in step.reasons[0].evidence


def test_other_weights_are_no_transposed_ones(tmp_path: Path) -> None:
    shuffled = np.random.default_rng(0).permutation(9)

    def change(kernel: Kernel) -> Kernel:
        return kernel.reshape(9, *kernel.shape[2:])[shuffled].reshape(kernel.shape)

    step = found(tmp_path, kernel_of("conv5", change))
    assert not step.is_equal
    assert "kernel-transposed" not in words(step)


def by_channel(kernel: Kernel) -> Kernel:
    side = SIDE // 4
    lying = kernel.reshape(side, side, 3 * CHANNELS, -1).transpose(2, 0, 1, 3)
    return np.asarray(lying.reshape(kernel.shape))


@pytest.mark.parametrize(
    ("base", "change", "said"),
    [
        ("conv2", lambda k: k.swapaxes(0, 1), "height and width exchanged"),
        ("conv2", lambda k: k[::-1, ::-1], "turned by 180 degrees"),
        ("conv5", lambda k: k.swapaxes(2, 3), "channels in and out exchanged"),
        ("fc2", lambda k: k.swapaxes(-1, -2), "channels in and out exchanged"),
        ("fc1", by_channel, "values that lie by channel"),
    ],
)
def test_a_transposed_kernel(
    tmp_path: Path, base: str, change: Callable[[Kernel], Kernel], said: str
) -> None:
    step = found(tmp_path, kernel_of(base, change))
    assert mended_at(step) == {"kernel-transposed": (base,)}
    assert said in step.reasons[0].evidence


@pytest.mark.slow
def test_a_transposed_kernel_of_an_archive_without_names(tmp_path: Path) -> None:
    step = found(tmp_path, kernel_of("conv5", lambda k: k.swapaxes(0, 1)), named=False)
    assert mended_at(step) == {"kernel-transposed": ("conv5",)}


NORMALIZED = ("normalization", {"activation": "linear"})
POOLED = (
    "maxpool",
    {
        "kernel_shape": [1, 3, 3, 1],
        "strides": [1, 1, 1, 1],
        "padding": "SAME_TENSORFLOW",
        "activation": "linear",
        "count_include_pad": True,
    },
)


def activated(name: str) -> tuple[str, dict[str, Any]]:
    return "activation", {"activation": name}


def behind_conv1(*added: tuple[str, dict[str, Any]]) -> Callable[[Archive], None]:
    """Layers that nobody named, one behind the other."""

    def change(archive: Archive) -> None:
        last = "conv1"
        for number, (type_, params) in enumerate(added, 6):
            archive.append(last, f"{type_}{number}", type_, **params)
            last = f"{type_}{number}"
            if type_ == "normalization":
                archive.arrays[archive.scoped(last)] = {
                    "kernel": np.full((1, 1, CHANNELS, 1), 0.5, np.float32),
                    "bias": np.full(CHANNELS, 0.1, np.float32),
                }

    return change


def test_layers_that_change_nothing_are_no_fault(tmp_path: Path) -> None:
    step = found(tmp_path, behind_conv1(activated("linear"), activated("linear")))
    assert step.is_equal and step.reasons == ()


def test_of_two_added_layers_one_that_changes_nothing_is_not_told(tmp_path: Path) -> None:
    step = found(tmp_path, behind_conv1(activated("linear"), activated("relu")))
    assert mended_at(step) == {"activation-added": ("activation7",)}


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ([POOLED], {"layer-added": ("maxpool6",)}),
        (
            [activated("relu"), activated("tanh")],
            {"activation-added": ("activation6", "activation7")},
        ),
        (
            [activated("relu"), NORMALIZED],
            {"activation-added": ("activation6",), "layer-added": ("normalization7",)},
        ),
        (
            [POOLED, activated("relu"), NORMALIZED],
            {"activation-added": ("activation7",), "layer-added": ("maxpool6", "normalization8")},
        ),
    ],
)
def test_layers_that_were_added_one_behind_the_other(
    tmp_path: Path,
    added: list[tuple[str, dict[str, Any]]],
    expected: dict[str, tuple[str, ...]],
) -> None:
    assert mended_at(found(tmp_path, behind_conv1(*added))) == expected


def classes_in_the_order(*order: int) -> Callable[[Archive], None]:
    """The last layer of a network that was trained with the classes in another order."""

    def change(archive: Archive) -> None:
        arrays = archive.arrays[archive.scoped("fc2")]
        arrays["kernel"] = np.ascontiguousarray(arrays["kernel"][:, order])
        arrays["bias"] = np.ascontiguousarray(arrays["bias"][list(order)])

    return change


@pytest.mark.parametrize("named", [True, False])
def test_classes_in_another_order_are_told(tmp_path: Path, *, named: bool) -> None:
    assert found(tmp_path, classes_in_the_order(*range(8)), named=named).is_equal
    step = found(tmp_path, classes_in_the_order(0, 1, 3, 2, 4, 5, 6, 7), named=named)
    assert mended_at(step) == {"channels-reordered": ("output_layer1",)}
    assert step.reasons[0].evidence == "channel 2 is channel 3 of the original"
