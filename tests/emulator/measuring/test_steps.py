"""Both networks layer by layer, against all layers at once."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

from tests.fixtures.noise_archives import images
from tests.har.archives import NAME
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring.steps import Lockstep, Step, all_at_once
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.model import load_model
from utils.quantizer.integers import coded_layers

BATCH = {f"{NAME}/input_layer1": images()[:3]}


@pytest.fixture(scope="module")
def networks(sound: tuple[str, str]) -> tuple[FloatEmulator, QuantizedEmulator]:
    model = load_model(sound[0])
    floats = FloatEmulator(model.float_network, model.float_parameters)
    return floats, QuantizedEmulator(floats, model.network, coded_layers(model))


def held(step: Step) -> dict[str, np.ndarray]:
    parts = {}
    if step.floats is not None:
        parts["floats"] = step.floats.output.numpy()
    if step.reference is not None:
        parts["reference"] = step.reference.output.numpy()
    if step.quantized is not None:
        parts["codes"] = step.quantized.output.codes.numpy()
    return parts


def test_every_layer_comes_with_what_it_has_at_once(
    networks: tuple[FloatEmulator, QuantizedEmulator],
) -> None:
    inputs = networks[0].tensors(BATCH)
    whole = {step.name: step for step in all_at_once(*networks, inputs)}
    found = {step.name: held(step) for step in Lockstep(*networks).steps(inputs)}
    assert found.keys() == whole.keys() == set(networks[1].network.layers)
    for name, arrays in found.items():
        expected = held(whole[name])
        assert arrays.keys() == expected.keys()
        for key, array in arrays.items():
            np.testing.assert_allclose(array, expected[key], rtol=1e-5, atol=1e-5)


def test_what_passes_a_tensor_on_names_who_made_it(
    networks: tuple[FloatEmulator, QuantizedEmulator],
) -> None:
    steps = {s.name: s for s in Lockstep(*networks).steps(networks[0].tensors(BATCH))}
    output = steps[f"{NAME}/output_layer1"]
    assert output.same_floats == output.same_codes != output.name
    assert steps[output.same_floats].same_floats == output.same_floats


def test_tensors_are_freed_when_nobody_needs_them(
    networks: tuple[FloatEmulator, QuantizedEmulator],
) -> None:
    alive: list[tuple[int, int]] = []
    seen: list[weakref.ref[object]] = []
    for number, step in enumerate(Lockstep(*networks).steps(networks[0].tensors(BATCH))):
        seen.append(weakref.ref(step.floats))
        del step
        alive.append((number, sum(each() is not None for each in seen)))
    assert alive[-1][0] > 12
    assert max(count for _, count in alive) <= 5  # a layer, its operands, and a shortcut


def test_without_the_quantized_network_only_floats_come(
    networks: tuple[FloatEmulator, QuantizedEmulator],
) -> None:
    steps = list(Lockstep(networks[0], None).steps(networks[0].tensors(BATCH)))
    assert [step.name for step in steps] == [layer.name for layer in networks[0].layers]
    assert all(step.quantized is None and step.reference is None for step in steps)
