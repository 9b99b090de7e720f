from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import inspectors
from inspectors.base_inspector import Context, Need, Priority
from inspectors.dataset_identity_inspector import DatasetIdentityInspector
from tests.fixtures.agreements import agreed
from tests.fixtures.builders import build_context, build_statistics
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.har.samples import DIRECTORY, sample_model
from tests.house.evidence import loud, quiet
from utils.dataset.calibration_set import CalibrationSet
from utils.dataset.sample_digester import SampleDigester
from utils.dataset.stored_inputs import stored_bounds
from utils.findings import Finding
from utils.har.model import Model

Array = NDArray[Any]
RANDOM = np.random.default_rng(8)
ROWS = RANDOM.standard_normal((400, 1, 1, 40))
HEAVY = RANDOM.standard_t(2, (400, 1, 1, 40))  # tables have outliers
PICTURES = natural_images(160, 40, 40)


def findings(context: Context) -> list[Finding]:
    result = inspectors.run(DatasetIdentityInspector, context)
    assert (str(result.skipped or ""), result.crashed) == ("", "")
    return list(result.findings)


def compared(given: Array, calibrated: Array, script: str | None = None) -> list[Finding]:
    model = input_model(given, script=script, stored={"input_layer1": statistics_of(calibrated)})
    return findings(sampled(given, model=model))


def severities(given: Array, calibrated: Array, script: str | None = None) -> list[str]:
    return [f.severity.label for f in compared(given, calibrated, script)]


def test_what_it_needs() -> None:
    assert DatasetIdentityInspector.PRIORITY is Priority.FIRST
    assert DatasetIdentityInspector.NEEDS == Need.SAMPLE_DIGESTS | Need.PREACTIVATION_STATISTICS


@quiet("dataset-differs")
@pytest.mark.parametrize(
    ("given", "calibrated"),
    [
        (ROWS[:64], ROWS[:64]),
        (ROWS[64:128], ROWS[:64]),
        (ROWS[64:], ROWS[:64]),
        (ROWS[64:70], ROWS[:64]),
        (HEAVY[64:], HEAVY[:64]),
        (PICTURES[64:], PICTURES[:64]),
        (PICTURES[64:] / 255, PICTURES[:64] / 255),
        (np.where(ROWS > 2.5, ROWS, 0)[64:], np.where(ROWS > 2.5, ROWS, 0)[:64]),
        (np.zeros((64, 1, 1, 4)), np.zeros((64, 1, 1, 4))),
        (np.full((64, 1, 1, 4), 0.1, np.float32), np.full((64, 1, 1, 4), 0.1)),
        (ROWS[:64] * 1.01, ROWS[:64]),  # within the margin
    ],
)
def test_data_of_the_same_kind(given: Array, calibrated: Array) -> None:
    assert severities(given, calibrated) == []


@loud("dataset-differs")
@pytest.mark.parametrize(
    ("given", "calibrated", "severity"),
    [
        (PICTURES, PICTURES / 255, "error"),
        (PICTURES / 127.5 - 1, PICTURES, "error"),
        (ROWS[:64] * 255, ROWS[:64], "error"),
        (ROWS[:64], RANDOM.random((64, 1, 1, 40)), "error"),
        (ROWS[:64], np.zeros((64, 1, 1, 40)), "error"),
        (PICTURES / 2 + 60, PICTURES, "warning"),  # only the means
        (ROWS[:64] * np.where(np.arange(40) < 2, 50, 1), ROWS[:64], "warning"),
    ],
)
def test_data_of_another_kind(given: Array, calibrated: Array, severity: str) -> None:
    assert severities(given, calibrated) == [severity]


def outside(count: int, channels: int, samples: int = 1000) -> Array:
    """Rows within 0..1, but for the first channel in so many samples."""
    rows = np.zeros((samples, 1, 1, channels))
    rows[-1] = 1.0
    rows[:count, 0, 0, 0] = 2.0
    return rows


def within(channels: int, mean: float) -> Any:
    """What calibration stores of rows between 0 and 1."""
    return build_statistics(0.0, 1.0, mean=mean, std=0.5, channels=channels)


@quiet("dataset-differs")
@loud("dataset-differs")
@pytest.mark.parametrize(
    ("channels", "count", "severity"),
    [
        (100, 190, ""),  # in 190 of 1,000 samples: chance
        (100, 210, "warning"),
        (400, 390, ""),  # 0.098 %
        (400, 410, "warning"),
        (5, 490, "warning"),  # 9.8 %
        (4, 410, "error"),
    ],
)
def test_share_of_the_values_outside(channels: int, count: int, severity: str) -> None:
    rows = outside(count, channels)
    model = input_model(rows, stored={"input_layer1": within(channels, mean=0.0)})
    found = findings(sampled(rows, model=model))
    assert [f.severity.label for f in found] == ([severity] if severity else [])
    assert all(f.measured["outside_beyond_chance"] > 0 for f in found)


def farther(share: float, factor: float) -> Array:
    """Maps from 0 to 1, of which a share of the values reaches farther."""
    maps = np.random.default_rng(3).uniform(0, 1, (200, 8, 8, 4))
    maps[np.random.default_rng(4).random(maps.shape) < share] = factor
    return maps


@quiet("dataset-differs")
@loud("dataset-differs")
@pytest.mark.parametrize(
    ("share", "factor", "wrong", "severity"),
    [
        (0.01, 1.15, 0, "info"),  # brighter, and nothing is lost
        (0.01, 1.15, 50, "warning"),  # decisions are
        (0.01, 1.5, 0, "warning"),  # far from all others
        (0.03, 1.15, 0, "warning"),  # many
        (0.01, 1.15, None, "warning"),  # nobody measured it
    ],
)
def test_values_a_little_farther_matter_where_outputs_lose_by_them(
    share: float, factor: float, wrong: int | None, severity: str
) -> None:
    model = input_model(farther(0, 1), stored={"input_layer1": statistics_of(farther(0, 1))})
    measured: dict[str, Any] = {} if wrong is None else {"measurements": agreed(wrong)}
    (found,) = findings(sampled(farther(share, factor), model=model, **measured))
    assert found.severity.label == severity
    assert bool(found.remedy) is (severity != "info")


@pytest.mark.parametrize(("samples", "severity"), [(16, "warning"), (15, "")])
def test_means_take_some_samples(samples: int, severity: str) -> None:
    darker = PICTURES[:64] / 2 + 20
    assert severities(darker[:samples], PICTURES[:64]) == ([severity] if severity else [])


@quiet("dataset-differs")
@loud("dataset-differs")
@pytest.mark.parametrize(("different", "severity"), [(1, ""), (15, ""), (16, "warning")])
def test_copies_tell_no_more_of_a_mean_than_one_of_them(different: int, severity: str) -> None:
    darker = PICTURES[:64] / 2 + 20
    copied = np.concatenate([darker[:different]] * 5)
    assert severities(copied, PICTURES[:64]) == ([severity] if severity else [])


@pytest.mark.parametrize(("channels", "severity"), [(8, ""), (9, "warning")])
def test_a_fifth_of_the_channels_may_have_another_mean(channels: int, severity: str) -> None:
    shift = np.where(np.arange(40) < channels, 1.4, 0.0)
    found = compared(np.clip(ROWS[:64] + shift, ROWS[:64].min(0), ROWS[:64].max(0)), ROWS[:64])
    assert [f.severity.label for f in found] == ([severity] if severity else [])
    assert all("another mean" in f.evidence for f in found)


@pytest.mark.parametrize(("size", "severity"), [(64, ""), (1024, "warning"), (10**15, "warning")])
def test_more_calibrated_samples_leave_less_to_chance(size: int, severity: str) -> None:
    rows = outside(30, channels=6, samples=200)
    script = f"model_optimization_config(calibration, calibset_size={size})\n"
    model = input_model(rows, script=script, stored={"input_layer1": within(6, mean=0.0)})
    found = findings(sampled(rows, model=model))
    assert [f.severity.label for f in found] == ([severity] if severity else [])


def test_the_message_names_the_worst_channel() -> None:
    rows = ROWS[:64] * np.where(np.arange(40) == 7, 50, 1)
    (found,) = compared(rows, ROWS[:64])
    assert "% in channel 7, calibrated for " in found.evidence
    assert found.layers == ("net/input_layer1",)
    assert found.recommendation is None


@pytest.mark.parametrize(("factor", "is_scaled"), [(3, False), (5, True), (30, True)])
def test_data_of_another_scale_were_prepared_otherwise(factor: int, is_scaled: bool) -> None:
    """To quantize again on these would be wrong as often as not."""
    (found,) = compared(ROWS[:64] * factor, ROWS[:64])
    assert found.remedy.startswith(
        "Look up by which factor" if is_scaled else "Quantize again on the"
    )
    assert found.command.startswith("hailo optimize") == (not is_scaled)
    assert "unusual" in found.why


@quiet("dataset-differs")
@loud("dataset-differs")
@pytest.mark.parametrize(
    ("channels", "factor", "severity"),
    [
        (6, 5.0, "warning"),
        (6, 3.5, ""),
        (5, 5.0, ""),  # of few channels, all may be calmer by chance
        (6, (2.0, 5.0, 5.0, 5.0, 5.0, 5.0), ""),  # one of them is not
    ],
)
def test_channels_that_all_spread_by_as_much_less_were_scaled(
    channels: int, factor: float | tuple[float, ...], severity: str
) -> None:
    """Features scaled to 0..1 for a network that was calibrated on standardized ones."""
    calibrated = RANDOM.normal(0.0, 1.0, (64, 1, 1, channels))
    given = RANDOM.normal(0.0, 1.0, (64, 1, 1, channels)).clip(-2, 2) / np.array(factor)
    assert severities(given, calibrated) == ([severity] if severity else [])


def test_skips_with_a_reason() -> None:
    skip = DatasetIdentityInspector().should_skip
    stored = input_model(ROWS, stored={"input_layer1": statistics_of(ROWS)})
    assert "no statistics of its inputs" in str(skip(sampled(ROWS)))
    assert "-d" in str(skip(build_context(stored)))
    assert "could not be measured" in str(skip(build_context(stored, data_failed=True)))
    assert skip(sampled(ROWS, model=stored)) == ""


def test_says_which_inputs_it_could_not_compare() -> None:
    model = input_model(ROWS, ROWS, stored={"input_layer1": statistics_of(ROWS)})
    lines = list(DatasetIdentityInspector().not_checked(sampled(ROWS, ROWS, model=model)))
    assert lines == [
        "whether the data of net/input_layer2 are of another kind, as the archive holds no "
        "statistics that fit them"
    ]


@pytest.mark.parametrize(
    "stored",
    [
        build_statistics(np.nan, channels=40),
        build_statistics(1.0, 0.0, channels=40),
        build_statistics(channels=39),
        build_statistics(0.0, np.inf, channels=40),
    ],
)
def test_odd_statistics_are_not_compared_with(stored: Any) -> None:
    context = sampled(ROWS, model=input_model(ROWS, stored={"input_layer1": stored}))
    assert "no statistics" in str(DatasetIdentityInspector().should_skip(context))


def flows() -> Array:
    path = DIRECTORY.parent / "calib" / "ids_flows_99x1x1x80.npy"
    if not path.is_file():
        pytest.skip(f"no sample data {path}")
    return np.asarray(np.load(path, allow_pickle=False))


def real_context(model: Model, array: Array) -> Context:
    """A context for an archive whose input has a name of its own."""
    name = model.network.input_layers[0].name
    context = sampled(array)
    assert context.calibration is not None
    info = next(iter(context.calibration.inputs.values()))
    calibration = CalibrationSet("x.npy", len(array), len(array), {name: info})
    digester = SampleDigester(calibration, stored_bounds(model))
    digester.add({name: array})
    return build_context(model, calibration=calibration, samples=digester.digests())


@quiet("dataset-differs")
@loud("dataset-differs")
@pytest.mark.parametrize(
    ("name", "share"),
    [("ids_mlp_logits_realcalib_q8", None), ("ids_mlp_logits_randomcalib_q8", 0.813)],
)
def test_flows_tell_the_archive_that_was_calibrated_on_others(
    name: str, share: float | None
) -> None:
    found = findings(real_context(sample_model(name), flows()))
    if share is None:
        assert found == []
    else:
        assert [f.severity.label for f in found] == ["error"]
        assert found[0].measured["outside"] == pytest.approx(share, abs=0.001)


@quiet("dataset-differs")
def test_sparse_maps_of_the_kind_of_an_archive() -> None:
    path = DIRECTORY.parent / "calib" / "jets_sparse_64x32x32x3.npy"
    if not path.is_file():
        pytest.skip(f"no sample data {path}")
    maps = np.asarray(np.load(path, allow_pickle=False))
    assert findings(real_context(sample_model("jet_cnn_q8"), maps)) == []


@quiet("dataset-differs")
def test_flows_of_one_kind_rarely_seem_to_be_of_another() -> None:
    """64 of 99 real flows are stored, the other 35 are compared with them."""
    rows, random = flows(), np.random.default_rng(0)
    alarms = 0
    for _ in range(100):
        order = random.permutation(99)
        alarms += bool(severities(rows[order[64:]], rows[order[:64]]))
    assert alarms <= 2
