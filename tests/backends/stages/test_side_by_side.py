"""What is handed to the steps that concern files of the user, and what becomes of their answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.backends.stages.comparing_archives import ASKED, measured_stages, stages_of, stand_in
from tests.fixtures.clean_networks import without_layer, without_normalization
from tests.fixtures.stage_archives import (
    CONVERSION,
    MEAN,
    NETWORKS,
    STD,
    changed_weight,
    converted,
    named,
    pixels,
    with_layer,
    without_member,
    write_stages,
)
from utils.backends.stages import chosen_samples
from utils.backends.stages.chosen_samples import FEWEST, MOST_BYTES, samples_for
from utils.backends.stages.side_by_side import NO_PARSED_GRAPH
from utils.backends.workload import LEAST_BUDGET
from utils.errors import DiagnosticError
from utils.jobs.bundle import bundled, unbundled
from utils.jobs.measured import Measured
from utils.stages import Match, StageRequest, Step
from utils.stages.runs import Samples, StageRun

both = pytest.mark.parametrize("kind", NETWORKS)
DEVICE = StageRequest(device_outputs=("outputs.npz",))
CONVOLUTIONS = ["conv1", "conv2"]


class Handed:
    """Remembers what a step was given."""

    def __init__(self, answer: Step) -> None:
        self.given: tuple[Any, ...] = ()
        self._answer = answer

    def __call__(self, *given: Any) -> Step:
        self.given = given
        return self._answer


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> Handed:
    handed = Handed(Step("original", "parsed", is_equal=True, source="original.onnx"))
    stand_in(monkeypatch, "reference_step", handed)
    return handed


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Handed:
    handed = Handed(Step("quantized", "device", is_equal=True, source="outputs.npz"))
    stand_in(monkeypatch, "device_step", handed)
    return handed


def by_hand(samples: Samples) -> np.ndarray[Any, Any]:
    (values,) = samples.values()
    mean, std = np.asarray(MEAN, np.float32), np.asarray(STD, np.float32)
    return np.asarray((values - mean) / std)


@both
def test_the_parsed_graph_takes_what_the_optimized_one_normalizes(
    kind: str, reference: Handed, tmp_path: Path
) -> None:
    found = stages_of(write_stages(tmp_path, NETWORKS[kind]()))
    assert [step.later for step in found.steps] == ["parsed", "optimized"]
    _, _, parsed, optimized, samples, _, normalization = reference.given
    name = f"{kind}/input_layer1"
    np.testing.assert_array_equal(samples[name], pixels())
    (step,) = normalization[name]
    assert (step.mean, step.std) == (MEAN, STD)
    assert f"{kind}/normalization1" not in parsed.network
    layers = [f"{kind}/{each}" for each in (*CONVOLUTIONS, "output_layer1")]
    before = parsed.run({name: by_hand(samples)}, layers)
    after = optimized.run(samples, layers)
    for layer in layers:
        np.testing.assert_allclose(before[layer], after[layer], rtol=1e-4, atol=1e-4)


@both
def test_a_parsed_archive_has_one_network_and_no_normalization(
    kind: str, reference: Handed, tmp_path: Path
) -> None:
    found = stages_of(write_stages(tmp_path, NETWORKS[kind](), state="hailo_model"))
    assert [step.later for step in found.steps] == ["parsed"]
    assert found.missing == ()
    _, _, parsed, optimized, samples, _, normalization = reference.given
    assert (optimized, normalization) == (None, {})
    assert f"{kind}/normalization1" not in parsed.network
    assert parsed.run(samples, [f"{kind}/conv1"])[f"{kind}/conv1"].shape == (12, 12, 12, 8)


@pytest.mark.parametrize("change", [0.0, 1e-6], ids=["same weights", "compiled by itself"])
def test_conversions_of_the_input_are_done_before_the_parsed_graph(
    change: float, reference: Handed, tmp_path: Path
) -> None:
    net, parsed_net = converted(), converted()
    changed_weight(net, "fc1", lambda w: w * np.float32(1 + change))
    graph = without_layer(without_normalization(named(parsed_net)), CONVERSION)
    found = stages_of(write_stages(tmp_path, net, parsed=parsed_net, parsed_network=graph))
    step = found.step_to("optimized")
    assert step is not None
    assert step.is_equal
    assert bool(step.notes) is (change == 0)
    _, _, parsed, optimized, samples, _, normalization = reference.given
    (name,) = samples
    np.testing.assert_array_equal(samples[name], pixels())
    inserted = "converted/normalization1"
    entering = {name: optimized.run(samples, [inserted])[inserted]}
    after = optimized.run(samples, ["converted/fc1"])["converted/fc1"]
    before = parsed.run(entering, ["converted/fc1"])["converted/fc1"]
    np.testing.assert_allclose(before, after, rtol=1e-3, atol=1e-3)
    assert [each.line for each in normalization[name]] == [1]


def test_the_optimized_graph_stands_in_where_the_archive_holds_no_parsed_one(
    reference: Handed, tmp_path: Path
) -> None:
    path = write_stages(tmp_path, NETWORKS["plain"]())
    without_member(path, "native_hn")
    found = stages_of(path)
    assert found.missing == (("parsed", NO_PARSED_GRAPH),)
    _, _, parsed, optimized, _, _, normalization = reference.given
    assert parsed is optimized
    (step,) = normalization["plain/input_layer1"]
    assert step.line == 1


@both
def test_the_chip_is_compared_with_the_integers(kind: str, device: Handed, tmp_path: Path) -> None:
    path = write_stages(tmp_path, NETWORKS[kind](), state="quantized_model")
    measured = measured_stages(path, DEVICE)
    assert measured.stages is not None
    assert [step.later for step in measured.stages.steps] == ["optimized", "device"]
    request, _, quantized, samples, _, floats, work = device.given
    assert request.positions == tuple(range(12))
    assert request.samples_in_data == 12
    assert work == LEAST_BUDGET
    name = f"{kind}/output_layer1"
    values = quantized.run(samples, [name])[name]
    assert len(values) == 12
    assert len(np.unique(values)) <= 256
    assert len(np.unique(floats.run(samples, [name])[name])) > len(np.unique(values))


def test_outputs_of_the_chip_are_none_of_an_archive_without_integers(
    reference: Handed, device: Handed, tmp_path: Path
) -> None:
    request = StageRequest(ASKED.references, device_outputs=DEVICE.device_outputs)
    measured = measured_stages(write_stages(tmp_path, NETWORKS["plain"]()), request)
    assert measured.stages is not None
    assert dict(measured.stages.missing)["device"] == measured.failures[0]
    assert "in the state fp_optimized_model" in measured.failures[0]
    assert not device.given
    assert reference.given


def test_one_that_fails_loses_none_of_the_others(
    device: Handed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*given: object) -> Step:
        raise DiagnosticError("original.onnx has other inputs; pass the right one")

    stand_in(monkeypatch, "reference_step", refuse)
    request = StageRequest(ASKED.references, device_outputs=DEVICE.device_outputs)
    path = write_stages(tmp_path, NETWORKS["plain"](), state="quantized_model")
    measured = measured_stages(path, request)
    assert measured.failures == ("original.onnx has other inputs; pass the right one",)
    assert measured.stages is not None
    assert [step.later for step in measured.stages.steps] == ["optimized", "device"]
    assert measured.measurements is not None
    assert device.given


def test_samples_that_are_not_finite_are_told_before_anything_is_run(
    reference: Handed, tmp_path: Path
) -> None:
    path = write_stages(tmp_path, NETWORKS["plain"]())
    array = pixels()
    assert measured_stages(path, array=array).refusal is None
    array[1, 0, 0, 0] = np.nan
    reference.given = ()
    found = measured_stages(path, array=array)
    assert found.refusal is not None
    assert found.refusal.finding_id == "calibration-not-finite"
    assert not reference.given


def test_as_many_samples_are_taken_as_there_is_room_for(
    reference: Handed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    network = named(NETWORKS["plain"]())
    values = 5 * 5 + 2 * 12 * 12 * 3
    assert samples_for(network) == MOST_BYTES // (4 * values)
    monkeypatch.setattr(chosen_samples, "MOST_BYTES", 9 * 4 * values)
    assert samples_for(network) == 9
    assert stages_of(write_stages(tmp_path, NETWORKS["plain"]())).samples == 9
    assert reference.given[0].positions == (0, 1, 3, 4, 6, 7, 8, 10, 11)
    monkeypatch.setattr(chosen_samples, "MOST_BYTES", 4)
    assert samples_for(network) == FEWEST


def test_what_came_of_the_stages_is_written_and_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inner = (Match("plain/conv1", "conv", "correlation", "transposed", 30.0, 0.5, 2.0),)
    step = Step("original", "parsed", is_equal=False, inner=inner, parts_at="plain/conv1")
    stand_in(monkeypatch, "reference_step", lambda *given: step)
    measured = measured_stages(write_stages(tmp_path, NETWORKS["plain"]()))
    again = unbundled(Measured, bundled(measured)).stages
    assert again is not None
    assert [(s.earlier, s.later, s.parts_at) for s in again.steps] == [
        ("original", "parsed", "plain/conv1"),
        ("parsed", "optimized", ""),
    ]
    assert again.steps[0].inner[0].layout == "transposed"


def test_layers_that_cannot_be_run_are_absent(reference: Handed, tmp_path: Path) -> None:
    net = NETWORKS["forked"]()
    graph = named(net)
    params = {**graph["forked/conv3"].params, "activation": "wavelet"}
    stages_of(write_stages(tmp_path, net, network=with_layer(graph, "conv3", params=params)))
    optimized: StageRun = reference.given[3]
    layers = ["forked/conv2", "forked/conv3", "forked/output_layer1"]
    assert set(optimized.run(reference.given[4], layers)) == {"forked/conv2"}


def test_a_file_of_which_nothing_matches_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    alone = Step("original", "parsed", False, "other.onnx", not_matched=("plain/output_layer1",))
    stand_in(monkeypatch, "reference_step", Handed(alone))
    measured = measured_stages(write_stages(tmp_path, NETWORKS["plain"]()), ASKED)
    said = "nothing in other.onnx matches an output of the network"
    assert measured.stages is not None
    assert ("original", said) in measured.stages.missing
    assert said in measured.failures
