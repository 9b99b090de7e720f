"""Corrected biases, against biases that are known to be right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.fixtures.noise_archives import Fault, images, write_archive
from tests.har.archives import NAME
from utils.backends.networks import both_read
from utils.dataset.calibration_set import Batch
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring.bias_correction import Corrected, Means, correctable, corrected
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.model import Model, load_model
from utils.quantizer.integers import CodedLayer

SHIFT = 180  # codes of the stored bias by which the fixture moves those of one layer
Networks = tuple[Model, FloatEmulator, dict[str, CodedLayer]]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Fault | None], Networks]:
    """The networks of an archive with a planted fault, or of the sound one."""

    @cache
    def read(fault: Fault | None) -> Networks:
        path, _ = write_archive(tmp_path_factory.mktemp("archive"), fault)
        model = load_model(path)
        floats, stored = both_read(model)
        return model, floats, stored

    return read


def batches(model: Model, *, size: int) -> list[Batch]:
    entering = model.float_network.input_layers[0].name
    return [{entering: images()[first : first + size]} for first in range(0, 32, size)]


def correct(networks: Networks, *, size: int = 16) -> Corrected:
    model, floats, stored = networks
    archived = QuantizedEmulator(floats, model.network, stored)
    return corrected(floats, archived, batches(model, size=size))


def shifts(networks: Networks, found: Corrected, name: str) -> Means:
    """What was added to the integer bias of a layer, in codes of the accumulator."""
    before, after = (
        layers[f"{NAME}/{name}"].integers for layers in (networks[2], found.coded_layers)
    )
    assert before is not None
    assert after is not None
    return after.bias - before.bias


def mean_errors(networks: Networks, layers: Corrected, name: str) -> Means:
    """What a layer computes on average, chip minus float, by channel, on the same samples."""
    model, floats, _ = networks
    chip = QuantizedEmulator(floats, model.network, layers.coded_layers)
    errors, layer = [], f"{NAME}/{name}"
    for batch in batches(model, size=32):
        inputs = floats.tensors(batch)
        own = chip.forward(inputs, kept=[layer])[layer].output.values.numpy()
        right = floats.forward(inputs, kept=[layer])[layer].output.numpy()
        errors.append((own - right).mean(axis=(0, 1, 2)))
    found: Means = np.mean(errors, axis=0)
    return found


def test_a_bias_that_was_moved_is_moved_back(
    opened: Callable[[Fault | None], Networks],
) -> None:
    sound, moved = opened(None), opened(Fault.CONSTANT_BIAS)
    right, found = (shifts(each, correct(each), "conv4") for each in (sound, moved))
    integers = sound[2][f"{NAME}/conv4"].integers
    assert integers is not None
    step = integers.bias_step
    assert step > 1
    assert found == pytest.approx(right - SHIFT * step, abs=step)
    assert np.abs(right).max() < SHIFT * step / 2
    assert not (found % step).any()


def test_every_layer_with_weights_is_corrected_and_nothing_else(
    opened: Callable[[Fault | None], Networks],
) -> None:
    networks = opened(None)
    model, _, stored = networks
    found = correct(networks)
    weighted = {layer.name for layer in model.network if layer.type in ("conv", "dense")}
    assert found.changed == weighted == set(correctable(model.network, stored))
    others = found.coded_layers.keys() - weighted
    assert all(found.coded_layers[name] is stored[name] for name in others)
    for name in weighted:
        before, after = stored[name].integers, found.coded_layers[name].integers
        assert before is not None
        assert after is not None
        assert after.kernel is before.kernel
        assert after.table is before.table


def test_the_mean_error_of_a_linear_output_is_gone(
    opened: Callable[[Fault | None], Networks],
) -> None:
    networks = opened(Fault.CONSTANT_BIAS)
    stored = Corrected(networks[2], frozenset())
    before, after = (mean_errors(networks, each, "fc2") for each in (stored, correct(networks)))
    encoding = networks[2][f"{NAME}/fc2"].output
    assert encoding is not None
    assert np.abs(after).max() < 0.6 * float(encoding.scales.max())  # rounding to codes is left
    assert np.abs(before).max() > 4 * np.abs(after).max()


def test_batches_make_no_difference(opened: Callable[[Fault | None], Networks]) -> None:
    networks = opened(Fault.CONSTANT_BIAS)
    one, other = (shifts(networks, correct(networks, size=size), "fc1") for size in (32, 8))
    assert one == pytest.approx(other, abs=1)


def test_a_layer_whose_accumulator_has_no_known_scale_stays_as_it_is(tmp_path: Path) -> None:
    path, _ = write_archive(tmp_path)
    model = load_model(path)
    floats, stored = both_read(model)
    name = f"{NAME}/conv2"
    integers = stored[name].integers
    assert integers is not None
    stored[name] = replace(stored[name], integers=replace(integers, accumulator_scale=None))
    found = correct((model, floats, stored))
    assert name not in found.changed
    assert found.coded_layers[name] is stored[name]
