from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.emulator.measuring.decisions import detector, loud_samples, regression, segmentation
from tests.emulator.quantized_networks import Batch, Pair, pair_of
from tests.har.samples import sample_model, sample_path
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.kernels import compiled
from utils.emulator.measuring.data_pass import DataPass
from utils.emulator.measuring.engine_pass import engine_pass
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.measurements import Measurements, Need
from utils.measurements.agreement import AgreementMeasurements, OutputAgreement
from utils.measurements.agreement.channels import channel_snr_db
from utils.measurements.agreement.readings import Agreement, readings
from utils.measurements.output_kind import OutputKind, SettledKind, WhatIsJudged
from utils.outputs.kinds import settled_kinds
from utils.quantizer.integers import coded_layers

OUTPUT = "net/output_layer1"
Made = tuple[Pair, Batch]


def batches_of(batch: Mapping[str, Any], size: int) -> Iterator[dict[str, Any]]:
    for start in range(0, len(next(iter(batch.values()))), size):
        yield {name: values[start : start + size] for name, values in batch.items()}


def measured(
    made: Made, kind: OutputKind = "unknown", size: int = 16, judged: WhatIsJudged | None = None
) -> Measurements:
    pair, batch = made
    judged = judged or WhatIsJudged({OUTPUT: SettledKind(kind)})
    data_pass = engine_pass(pair.floats, Need.NOISE, {}, pair.quantized, judged)
    return data_pass.run(batches_of(batch, size))


def agreement_in(found: Measurements) -> AgreementMeasurements:
    assert found.agreement is not None
    return found.agreement


def read(found: Measurements, kind: OutputKind, output: str = OUTPUT) -> dict[str, Agreement]:
    return readings(agreement_in(found).outputs[output])[kind]


def pooled_db(found: Measurements) -> float:
    assert found.noise is not None
    return found.noise.layers[OUTPUT].output.snr_db


def channels_db(found: Measurements, layer: str) -> np.ndarray[Any, Any]:
    assert found.noise is not None
    ratios = channel_snr_db(found.layers[layer].output, found.noise.layers[layer].output)
    assert ratios is not None
    return ratios


def test_a_channel_without_codes_shows_although_the_pool_does_not(tmp_path: Path) -> None:
    found = measured(regression(tmp_path, is_raw=True), "regression")
    codes = agreement_in(found).outputs[OUTPUT].codes
    assert pooled_db(found) > 45
    assert codes.silenced.tolist() == [False, False, True]
    assert codes.used[2] == 1
    assert channels_db(found, OUTPUT).argmin() == 2
    assert channels_db(found, OUTPUT)[2] < 0
    measures = read(found, "regression")
    assert measures["beyond_0.3"].channel == 2
    assert measures["beyond_0.3"].low > 0.25
    assert (measures["correlation"].channel, measures["correlation"].value) == (2, 0.0)


def test_its_mended_twin_is_quiet(tmp_path: Path) -> None:
    found = measured(regression(tmp_path, is_raw=False), "regression")
    assert pooled_db(found) < 45  # less than the broken one, which counts the mean of the pressure
    assert not agreement_in(found).outputs[OUTPUT].codes.silenced.any()
    assert read(found, "regression")["beyond_0.1"].value < 0.1
    assert read(found, "regression")["correlation"].value > 0.99


def test_two_loud_samples_do_not_outvote_the_others(tmp_path: Path) -> None:
    found = measured(loud_samples(tmp_path, has_any=True), "classes")
    samples = agreement_in(found).outputs[OUTPUT].samples
    assert pooled_db(found) > 25
    assert samples.snr_db_at(0.5) < 5
    same = read(found, "classes")["same_top1"]
    assert same.high < 0.85
    assert same.of == 64
    quiet = measured(loud_samples(tmp_path, has_any=False), "classes")
    assert read(quiet, "classes")["same_top1"].value > 0.95
    assert agreement_in(quiet).outputs[OUTPUT].samples.snr_db_at(0.5) > 25


def test_pixels_that_change_class_are_counted_behind_an_argmax(tmp_path: Path) -> None:
    bad = measured(segmentation(tmp_path, eats_the_range=True), "segmentation")
    good = measured(segmentation(tmp_path, eats_the_range=False), "segmentation")
    same, kept = (read(found, "segmentation")["same_class"] for found in (bad, good))
    assert same.high < 0.85
    assert kept.value > 0.97
    assert read(bad, "segmentation")["mean_iou"].high < read(good, "segmentation")["mean_iou"].low
    # One code is wider than what the classes differ by: all that changed was undecided.
    assert same.undecided == same.of - round(same.value * same.of)
    found = agreement_in(bad)
    assert found.judged_layer(OUTPUT) == "net/conv1"
    assert found.judged_codes(OUTPUT).used[7] > 0
    assert np.nanmax(channels_db(bad, "net/conv1")[:7]) < 10


def test_classes_in_front_of_an_argmax_agree_with_those_behind_it(tmp_path: Path) -> None:
    pair, batch = segmentation(tmp_path, eats_the_range=False)
    logits = pair.floats.run(batch, ["net/conv1"])["net/conv1"]
    codes = pair.codes(batch)["net/conv1"]
    same = (logits.argmax(axis=3) == codes.argmax(axis=3)).mean()
    found = read(measured((pair, batch), "segmentation"), "segmentation")
    assert found["same_class"].value == pytest.approx(same)


def test_boxes_are_compared_where_their_scores_fire(tmp_path: Path) -> None:
    made = detector(tmp_path)
    judged = WhatIsJudged(settled_kinds(made[0].model))
    found = agreement_in(measured(made, size=5, judged=judged)).outputs
    boxes, scores = found[OUTPUT], found["net/output_layer2"]
    assert boxes.settled.scores_at == "net/output_layer2"
    cells = readings(scores)["detection"]
    assert 0 < cells["cells_still_fire"].of < 12 * 64
    overlap = readings(boxes)["detection"]["box_iou"]
    assert overlap.of == cells["cells_still_fire"].of
    assert 0.8 < overlap.value < 1
    values = made[0].float_values(made[1])
    firing = (values["net/conv2"].max(axis=3) > 0).sum()
    assert overlap.of == firing
    error = readings(boxes)["detection"]["box_error_pixels"]
    assert (error.of, boxes.settled.cell) == (firing, (1.0, 1.0))
    assert 0 < error.low <= error.value <= error.high < 1
    coarser = found["net/output_layer3"]
    assert coarser.settled.cell == (2.0, 2.0)
    assert scores.threshold == 0.0
    higher = WhatIsJudged(judged.kinds, 0.9)
    fewer = agreement_in(measured(made, judged=higher)).outputs["net/output_layer2"]
    assert readings(fewer)["detection"]["cells_still_fire"].of < firing


@pytest.mark.parametrize("kind", ["chain", "joins", "windows"])
def test_the_size_of_the_batches_does_not_matter(tmp_path: Path, kind: str) -> None:
    pair, batch = pair_of(kind, tmp_path, samples=11)
    whole, parts = (agreement_in(measured((pair, batch), size=size)) for size in (11, 3))
    assert whole.outputs.keys() == parts.outputs.keys()
    for name, output in whole.outputs.items():
        assert_same(output, parts.outputs[name])


@pytest.mark.parametrize("kind", ["chain", "joins"])
def test_all_layers_at_once_give_the_same_as_one_by_one(tmp_path: Path, kind: str) -> None:
    pair, batch = pair_of(kind, tmp_path, samples=7)
    one_by_one = agreement_in(measured((pair, batch), size=4))
    at_once = DataPass(pair.floats, Need.NOISE, {}, pair.quantized).run(batches_of(batch, 4))
    for name, output in one_by_one.outputs.items():
        assert_same(output, agreement_in(at_once).outputs[name])


def test_without_compiled_loops_all_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = measured(pair_of("joins", tmp_path, samples=7))
    monkeypatch.setattr(compiled, "numba", None)
    slow = measured(pair_of("joins", tmp_path, samples=7))
    for name, output in agreement_in(fast).outputs.items():
        assert_same(output, agreement_in(slow).outputs[name])
        np.testing.assert_allclose(channels_db(fast, name), channels_db(slow, name), rtol=1e-4)


def assert_same(one: OutputAgreement, other: OutputAgreement) -> None:
    first, second = readings(one), readings(other)
    assert first.keys() == second.keys()
    for kind, measures in first.items():
        for name, measure in measures.items():
            twin = second[kind][name]
            assert (twin.of, twin.channel) == (measure.of, measure.channel)
            expected = pytest.approx(
                [measure.value, measure.low, measure.high], rel=1e-3, abs=1e-4, nan_ok=True
            )
            assert [twin.value, twin.low, twin.high] == expected, (kind, name)
    np.testing.assert_array_equal(one.codes.used, other.codes.used)
    np.testing.assert_allclose(one.samples.snr_db, other.samples.snr_db, atol=1e-3)


def test_samples_are_named_by_their_place_in_the_file(tmp_path: Path) -> None:
    pair, batch = loud_samples(tmp_path, has_any=True)
    indices = np.arange(64) * 3
    data_pass = engine_pass(pair.floats, Need.NOISE, {}, pair.quantized, indices=indices)
    found = data_pass.run(batches_of(batch, 10)).noise
    assert found is not None
    worst = found.worst_samples[OUTPUT]
    assert len(worst) == 64
    assert {sample.index for sample in worst[-2:]} == {27, 111}  # the loud ones, 9 and 37


def test_the_energies_of_the_channels_are_those_of_all(tmp_path: Path) -> None:
    pair, batch = pair_of("chain", tmp_path)
    found = measured((pair, batch), size=4)
    assert found.noise is not None
    values = pair.float_values(batch)
    chip = pair.quantized.forward(pair.floats.tensors(batch))
    for name, noise in found.noise.layers.items():
        assert noise.output.by_channel is not None
        assert noise.output.by_channel.sum() == pytest.approx(noise.output.noise)
        if name in values:
            error = chip[name].output.values.numpy() - values[name]
            exact = np.square(error, dtype=np.float64).sum(axis=(0, 1, 2))
            np.testing.assert_allclose(noise.output.by_channel, exact, rtol=1e-4, atol=1e-9)


def real(name: str, data: str) -> Made:
    model = sample_model(name)
    floats = FloatEmulator(model.float_network, model.float_parameters)
    quantized = QuantizedEmulator(floats, model.network, coded_layers(model))
    path = Path(sample_path(name)).parent.parent / "calib" / f"{data}.npy"
    if not path.is_file():
        pytest.skip(f"no data {path}")
    (entering,) = floats.input_shapes
    return Pair("", model, floats, quantized), {entering: np.load(path)}


JETS = partial(real, data="jets_sparse_64x32x32x3")
FLOWS = partial(real, data="ids_flows_99x1x1x80")


@pytest.mark.parametrize(
    ("name", "pooled", "rightly"),
    [("jet_cnn_q8", 12.5, 0.89), ("jet_cnn_q16", 38.1, 1.0), ("jet_cnn_wide_q8", 7.0, 0.81)],
)
def test_real_scores(name: str, pooled: float, rightly: float) -> None:
    made = JETS(name)
    (output,) = (layer.name for layer in made[0].model.network.output_layers)
    judged = WhatIsJudged({output: SettledKind("scores")})
    found = measured(made, judged=judged)
    assert found.noise is not None
    assert found.noise.layers[output].output.snr_db == pytest.approx(pooled, abs=0.1)
    measures = readings(agreement_in(found).outputs[output])["scores"]
    assert measures["fired_rightly"].value == pytest.approx(rightly, abs=0.01)


@pytest.mark.parametrize(
    ("name", "highest", "median_db"),
    [("ids_mlp_logits_realcalib_q8", -4.83, 17.7), ("ids_mlp_logits_randomcalib_q8", -4.84, 4.8)],
)
def test_real_logits_of_which_none_fires(name: str, highest: float, median_db: float) -> None:
    made = FLOWS(name)
    (output,) = (layer.name for layer in made[0].model.network.output_layers)
    found = agreement_in(measured(made)).outputs[output]
    measures = readings(found)["scores"]
    assert (measures["same_decision"].value, measures["still_fire"].of) == (1.0, 0)
    assert found.samples.snr_db_at(0.5) == pytest.approx(median_db, abs=0.1)
    encoding = made[0].quantized.output_encoding(made[0].model.network[output])
    assert encoding is not None
    code = found.codes.chip.high[0] - encoding.zero_points[0]
    assert code * encoding.scales[0] == pytest.approx(highest, abs=0.01)
