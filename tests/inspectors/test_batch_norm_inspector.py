from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from inspectors.base_inspector import Context, Priority
from inspectors.batch_norm_inspector import BatchNormInspector, has_batch_norm
from inspectors.few_samples.ranges import SetByFew
from tests.fixtures.agreements import agreed
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_network,
    build_noise,
    build_statistics,
    stored_statistics,
)
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding, NotChecked
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics
from utils.measurements import LayerMeasurement
from utils.measurements.noise import LayerNoise, TensorNoise

CHANNELS = 20
COUNT = 1000
Summary = tuple[str, str, tuple[str, ...]]


def preactivation(
    wide: int = 0, mean: float = 0.0, std: float = 9.0, channels: int = CHANNELS
) -> ChannelStatistics:
    """Channels of which the first `wide` have this mean and std, the others 0 and 1."""
    means, stds = np.zeros(channels), np.ones(channels)
    means[:wide], stds[:wide] = mean, std
    return build_statistics(-99.0, 99.0, means.tolist(), stds.tolist(), channels=channels)


NORMAL, WIDE = preactivation(), preactivation(wide=20)


def head(*behind: Layer, activation: str = "linear") -> list[Layer]:
    """A conv that `build` makes wide, and what follows it."""
    return [build_layer("conv9", activation=activation), *behind]


def head_inside(*behind: Layer, activation: str = "linear") -> list[Layer]:
    """The same, with layers behind it that no logits pass."""
    tail = [build_layer("deconv1"), build_layer("deconv2")]
    return [*head(*behind, activation=activation), *tail]


BILINEAR = build_layer("resize1", method="bilinear")
SCALED = [
    build_layer("const_input1"),
    build_layer("ew_mult1", inputs=["conv9", "const_input1"]),
]


def build(
    *preactivations: ChannelStatistics | None,
    types: Sequence[str] = ("conv",),
    stored: bool = False,
    extra: Sequence[Layer] = (),
    head: Sequence[Layer] | None = None,
    batch_norm: bool = False,
    activation: str = "relu",
) -> Context:
    """A row of layers with these pre-activations, of the given types in turn, and a head."""
    names = [f"layer{index}" for index in range(1, len(preactivations) + 1)]
    if head is None:
        head = [build_layer("fc1", "dense")]
    layers = [
        build_layer("input_layer1"),
        *(
            build_layer(
                name, types[index % len(types)], activation=activation, batch_norm=batch_norm
            )
            for index, name in enumerate(names)
        ),
        *extra,
        *head,
        build_layer("output_layer1"),
    ]
    known: dict[str, ChannelStatistics] = {
        name: value for name, value in zip(names, preactivations, strict=True) if value is not None
    }
    known |= {layer.base_name: WIDE for layer in head if layer.type in ("conv", "dense")}
    if stored:
        archived: dict[str, Any] = {}
        for name, value in known.items():
            archived |= stored_statistics(f"{name}/stats/preact", value)
        return build_context(build_model(layers, optimized=archived))
    measured: Mapping[str, LayerMeasurement] = {
        name: LayerMeasurement(value, preactivation=value) for name, value in known.items()
    }
    return build_context(build_model(layers), build_measurements(64, **measured))


def findings(context: Context) -> list[Finding]:
    return list(BatchNormInspector().inspect(context))


def summary(found: Sequence[Finding]) -> list[Summary]:
    return [(finding.id, finding.severity.label, finding.layers) for finding in found]


def abnormal(severity: str, *numbers: int) -> Summary:
    return "abnormal-preactivation", severity, tuple(f"net/layer{n}" for n in numbers)


NOT_SEEN: Summary = ("batch-norm-not-seen", "info", ())
HEAD: Summary = ("abnormal-preactivation", "warning", ("net/conv9",))

QUIET = {
    "normal": build(NORMAL, NORMAL, NORMAL, NORMAL),
    "no-batch-norm-alone": build(NORMAL, NORMAL, NORMAL, NORMAL, batch_norm=False),
    "only-the-output-is-wide": build(NORMAL),
    "one-channel-of-twenty": build(*[preactivation(wide=1)] * 4),
    "mean-at-the-bound": build(*[preactivation(20, mean=5.0, std=1.0)] * 4),
    "std-at-the-bound": build(*[preactivation(20, mean=0.0, std=3.0 - 1e-9)] * 4),
    "a-relu-lets-nothing-through": build(*[build_statistics(-40.0, 0.0, -9.0, 4.0, 20)] * 4),
    **{
        f"a-{activation}-cuts-at-both-ends": build(
            *[build_statistics(-60.0, 90.0, 9.0, 30.0, 20)] * 4, activation=activation
        )
        for activation in ("relu6", "tanh", "hardsigmoid")
    },
    "maxpools-are-not-judged": build(*[WIDE] * 4, types=("maxpool",)),
    "nothing-known": build(None, None, None, None, head=[]),
    "all-nan": build(*[preactivation(20, mean=np.nan)] * 4),
    "logits-before-softmax": build(
        *[NORMAL] * 4, head=[build_layer("fc1", "dense"), build_layer("softmax1")]
    ),
    "head-before-sigmoid-and-concat": build(
        *[NORMAL] * 4,
        head=[
            build_layer("conv9", "conv"),
            build_layer("activation1", activation="sigmoid"),
            build_layer("concat1", inputs=["activation1", "conv9"]),
            build_layer("slice1"),
        ],
    ),
    "bilinear-resize": build(*[NORMAL] * 4, head=head(BILINEAR)),
    "bilinear-resize-and-argmax": build(*[NORMAL] * 4, head=head(BILINEAR, build_layer("argmax1"))),
    "average-of-a-relu-before-softmax": build(
        *[NORMAL] * 4,
        head=head(build_layer("avgpool1"), build_layer("softmax1"), activation="relu"),
    ),
    "global-average": build(*[NORMAL] * 4, head=head(build_layer("global_avg_pool1"))),
    "reduced-sum": build(*[NORMAL] * 4, head=head(build_layer("reduce_sum1"))),
    "distribution-before-softmax-inside": build(
        *[NORMAL] * 4, head=head_inside(build_layer("softmax1"))
    ),
    "scaled-by-normalization": build(*[NORMAL] * 4, head=head(build_layer("normalization1"))),
    "scaled-by-a-constant": build(*[NORMAL] * 4, head=head(*SCALED)),
    "sum-at-the-output": build(
        *[NORMAL] * 4, head=head(build_layer("ew_add1", inputs=["layer4", "conv9"]))
    ),
    "gate": build(
        *[NORMAL] * 4,
        head=head_inside(build_layer("ew_mult1", inputs=["layer4", "conv9"]), activation="sigmoid"),
    ),
    "gate-with-sigmoid-behind": build(
        *[NORMAL] * 4,
        head=head_inside(
            build_layer("activation1", activation="sigmoid"),
            build_layer("ew_mult1", inputs=["layer4", "activation1"]),
        ),
    ),
}


@quiet("abnormal-preactivation", "batch-norm-not-seen")
@pytest.mark.parametrize("context", QUIET.values(), ids=QUIET)
def test_quiet(context: Context) -> None:
    assert findings(context) == []


LOUD: dict[str, tuple[Context, list[Summary]]] = {
    "one-of-four": (
        build(NORMAL, WIDE, NORMAL, NORMAL),
        [abnormal("warning", 2), NOT_SEEN],
    ),
    "stored": (
        build(NORMAL, WIDE, NORMAL, NORMAL, stored=True),
        [abnormal("warning", 2), NOT_SEEN],
    ),
    "half": (build(NORMAL, WIDE, NORMAL, WIDE), [abnormal("warning", 2, 4), NOT_SEEN]),
    "more-than-half": (build(WIDE, WIDE, NORMAL, WIDE), [abnormal("error", 1, 2, 4), NOT_SEEN]),
    "three-layers": (build(WIDE, WIDE, WIDE), [abnormal("info", 1, 2, 3), NOT_SEEN]),
    "unknown-layers-do-not-count": (
        build(WIDE, None, WIDE, None, WIDE),
        [abnormal("info", 1, 3, 5), NOT_SEEN],
    ),
    "with-layer-normalization": (
        build(*[WIDE] * 4, extra=[build_layer("layer_normalization1")]),
        [abnormal("info", 1, 2, 3, 4), NOT_SEEN],
    ),
    "batch-norm-seen": (build(*[WIDE] * 4, batch_norm=True), [abnormal("error", 1, 2, 3, 4)]),
    "conv-dw-and-dense": (
        build(*[WIDE] * 4, types=("conv", "dw", "dense", "deconv")),
        [abnormal("info", 1, 2, 3), NOT_SEEN],
    ),
    "two-channels-of-twenty": (
        build(NORMAL, preactivation(wide=2), NORMAL, NORMAL),
        [abnormal("warning", 2), NOT_SEEN],
    ),
    "mean-above-the-bound": (
        build(NORMAL, NORMAL, NORMAL, preactivation(20, mean=5.01, std=1.0)),
        [abnormal("warning", 4), NOT_SEEN],
    ),
    "mean-far-below-zero": (
        build(NORMAL, NORMAL, NORMAL, preactivation(20, mean=-5.01, std=1.0)),
        [abnormal("warning", 4), NOT_SEEN],
    ),
    "a-relu-lets-little-through": (
        build(NORMAL, build_statistics(-40.0, 0.1, -9.0, 4.0, 20), NORMAL, NORMAL),
        [abnormal("warning", 2), NOT_SEEN],
    ),
    "negative-but-no-relu": (
        build(*[build_statistics(-40.0, 0.0, -9.0, 4.0, 20)] * 4, activation="silu"),
        [abnormal("error", 1, 2, 3, 4), NOT_SEEN],
    ),
    "resized-inside-the-network": (
        build(*[NORMAL] * 4, head=head_inside(BILINEAR)),
        [HEAD, NOT_SEEN],
    ),
    "sum-through-a-relu": (
        build(
            *[NORMAL] * 4,
            head=head(build_layer("ew_add1", inputs=["layer4", "conv9"], activation="relu")),
        ),
        [HEAD, NOT_SEEN],
    ),
    "product-of-two-tensors": (
        build(*[NORMAL] * 4, head=head(build_layer("ew_mult1", inputs=["layer4", "conv9"]))),
        [HEAD, NOT_SEEN],
    ),
    "std-above-the-bound": (
        build(NORMAL, NORMAL, NORMAL, preactivation(20, std=3.01)),
        [abnormal("warning", 4), NOT_SEEN],
    ),
    # 2 of 10 channels are NaN, 1 of the other 8 is wide
    "nan-channels-do-not-count": (
        build(
            NORMAL,
            NORMAL,
            NORMAL,
            build_statistics(-9, 9, [np.nan, np.nan, 7, *[0] * 7], 1.0, channels=10),
        ),
        [abnormal("warning", 4), NOT_SEEN],
    ),
}


@loud("abnormal-preactivation", "batch-norm-not-seen")
@pytest.mark.parametrize(("context", "expected"), LOUD.values(), ids=LOUD)
def test_loud(context: Context, expected: list[Summary]) -> None:
    assert summary(findings(context)) == expected


@pytest.mark.parametrize("stored", [False, True])
def test_measured_numbers_and_source(stored: bool) -> None:
    context = build(
        preactivation(wide=3, mean=-6.5, std=1.5),
        preactivation(wide=4, mean=1.0, std=4.5),
        *[NORMAL] * 6,
        stored=stored,
    )
    found = findings(context)[0]
    assert found.measured == pytest.approx(
        {
            "abnormal_layers": 2.0,
            "judged_layers": 8.0,
            "worst_share": 0.2,
            "worst_mean": 1.0,
            "worst_std": 4.5,
        },
        rel=1e-5,
    )
    source = "stored in the archive by its calibration" if stored else "measured over 64 samples"
    assert found.evidence.count(source) == 1
    assert found.evidence.startswith("2 of 8 judged layers: ")
    assert found.remedy.startswith("Check that the inputs are scaled as they were in training")


@pytest.mark.parametrize(
    ("entering", "normalized", "is_suspected"),
    [
        (build_statistics(0, 255, 120.0, 60.0), None, True),
        (build_statistics(0, 255, 120.0, 60.0), build_statistics(-2, 2, 0.1, 1.0), False),
        (build_statistics(0, 1, 0.5, 0.2), None, False),
        (None, None, True),
    ],
)
def test_inputs_are_suspected_only_where_they_are_wide(
    entering: ChannelStatistics | None, normalized: ChannelStatistics | None, is_suspected: bool
) -> None:
    names = ["input_layer1", *(["normalization1"] if normalized else [])]
    layers = [build_layer(name) for name in names]
    layers += [build_layer(f"conv{i}", activation="relu") for i in range(1, 5)]
    layers += [build_layer("conv9"), build_layer("output_layer1")]
    measured = {f"conv{i}": LayerMeasurement(WIDE, preactivation=WIDE) for i in range(1, 5)}
    for name, statistics in (("input_layer1", entering), ("normalization1", normalized)):
        if statistics is not None:
            measured[name] = LayerMeasurement(statistics)
    found = findings(build_context(build_model(layers), build_measurements(64, **measured)))[0]
    assert ("Inputs of another scale" in found.why) is is_suspected
    assert found.remedy.startswith("Check that the inputs" if is_suspected else "Bound these")
    assert_well_worded(found)


def agreeing(
    high: float,
    wrong: int,
    *preactivations: ChannelStatistics,
    type: str = "dense",
    batch_norm: bool = False,
    activation: str = "relu",
    shares: Mapping[str, float] | None = None,
    own_db: float | None = None,
) -> Context:
    """Layers with inputs up to `high`, of which so many samples come out otherwise.

    Parameters
    ----------
    shares : SNR of the output in dB with single layers quantized, by name.
    own_db : SNR of every channel of layer2.
    """
    context = build(
        *preactivations, types=("conv", type), batch_norm=batch_norm, activation=activation
    )
    assert context.measurements
    entering = build_statistics(0.0, high, 0.5 * high, 0.2 * high)
    layers = {**context.measurements.layers, "net/input_layer1": LayerMeasurement(entering)}
    measured = replace(
        context.measurements, layers=layers, samples=200, agreement=agreed(wrong).agreement
    )
    if shares is not None:
        measured = replace(measured, noise=build_noise({}, sensitivity=shares))
    if own_db is not None:
        error = COUNT * WIDE.std**2 * 10 ** (-own_db / 10)
        tensor = TensorNoise(1.0, float(error.sum()), np.zeros(CHANNELS), COUNT, error)
        measured = replace(measured, noise=build_noise({"layer2": LayerNoise(tensor)}))
    return replace(context, measurements=measured)


LOUD_ELSEWHERE = {"layer1": 10.0, "layer2": 30.0}  # layer2 makes 1 % of the noise


@quiet("abnormal-preactivation")
@pytest.mark.parametrize(
    "context",
    [
        agreeing(1.0, 0, NORMAL, WIDE, NORMAL, NORMAL),
        agreeing(1.0, 0, NORMAL, WIDE, NORMAL, NORMAL, type="conv"),
        agreeing(1.0, 0, NORMAL, WIDE, NORMAL, NORMAL, batch_norm=True),
        agreeing(1.0, 50, NORMAL, WIDE, NORMAL, NORMAL, shares=LOUD_ELSEWHERE),
        agreeing(1.0, 50, NORMAL, WIDE, NORMAL, NORMAL, own_db=20.5),
    ],
    ids=["dense", "no-batch-norm", "dense-beside-batch-norm", "others-make-the-noise", "clear"],
)
def test_a_wide_layer_that_nothing_binds_costs_nothing_where_nothing_is_lost_by_it(
    context: Context,
) -> None:
    found = findings(context)[0]
    assert summary([found]) == [abnormal("info", 2)]
    assert found.asks_for_nothing
    assert_well_worded(found)


@loud("abnormal-preactivation")
@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (agreeing(1.0, 50, NORMAL, WIDE, NORMAL, NORMAL), abnormal("warning", 2)),
        # The float network may be fed wrongly, or be wrong, and the chip like it.
        (
            agreeing(255.0, 0, NORMAL, WIDE, NORMAL, NORMAL, batch_norm=True),
            abnormal("warning", 2),
        ),
        (
            agreeing(1.0, 0, NORMAL, WIDE, NORMAL, NORMAL, type="conv", batch_norm=True),
            abnormal("warning", 2),
        ),
        (agreeing(1.0, 0, WIDE, WIDE, NORMAL, NORMAL, type="conv"), abnormal("warning", 1, 2)),
        (agreeing(1.0, 0, *[WIDE] * 4), abnormal("error", 1, 2, 3, 4)),
        (
            agreeing(
                1.0, 50, NORMAL, WIDE, NORMAL, NORMAL, shares={"layer1": 30.0, "layer2": 10.0}
            ),
            abnormal("warning", 2),
        ),
        (agreeing(1.0, 50, NORMAL, WIDE, NORMAL, NORMAL, own_db=19.5), abnormal("warning", 2)),
    ],
)
def test_what_the_chip_shares_with_float_excuses_no_float(
    context: Context, expected: Summary
) -> None:
    assert summary(findings(context)[:1]) == [expected]


@quiet("abnormal-preactivation")
@loud("abnormal-preactivation")
@pytest.mark.parametrize(("told", "is_quiet"), [("net/layer2", True), ("net/layer3", False)])
def test_what_few_samples_alone_widen_is_told_of_these_samples(
    told: str, is_quiet: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = build(NORMAL, WIDE, NORMAL, NORMAL)
    few = SetByFew(context.model.network[told], (3,), (0.0, 99.0), (0.0, 9.0), 24, 256)
    monkeypatch.setattr("inspectors.batch_norm_inspector.ranges_of_few", lambda *_: [few])
    assert (findings(context) == []) is is_quiet


def test_nobody_trains_anew_for_what_was_not_measured() -> None:
    narrow = stored_statistics("input_layer1/stats/output_0", build_statistics())
    wide = stored_statistics("conv1/stats/preact", WIDE)
    layers = [build_layer("input_layer1"), build_layer("conv1", shape=(4, 4, CHANNELS))]
    behind = [build_layer("deconv1"), build_layer("deconv2"), build_layer("output_layer1")]
    model = build_model([*layers, *behind], optimized={**narrow, **wide})
    (found, _) = findings(build_context(model))
    assert found.remedy.startswith("Run with the calibration set (-d)")
    (failed, _) = findings(build_context(model, data_failed=True))
    assert failed.remedy.startswith("Bound these values")
    assert_well_worded(found)


def test_a_single_layer_has_what_several_have() -> None:
    (found, _) = findings(build(NORMAL, WIDE, NORMAL, NORMAL))
    assert found.evidence.startswith("1 of 4 judged layers: net/layer2; the worst is net/layer2")


def test_batch_norm_is_seen_as_a_flag_or_as_a_layer() -> None:
    plain = build_network([build_layer("conv1", batch_norm=False), build_layer("fc1", "dense")])
    flagged = build_network([build_layer("conv1"), build_layer("conv2", batch_norm=True)])
    layer = build_network([build_layer("batch_norm1")])
    assert not has_batch_norm(plain)
    assert has_batch_norm(plain, flagged)
    assert has_batch_norm(layer)


def test_skipped_without_statistics() -> None:
    assert "with -d" in str(BatchNormInspector().should_skip(build_context()))
    assert "with -d" not in str(BatchNormInspector().should_skip(build(head=None)))
    assert str(BatchNormInspector().should_skip(QUIET["normal"])) == ""
    assert BatchNormInspector.PRIORITY is Priority.HIGH


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives(name: str) -> None:
    """The two hidden layers of the perceptron are too few to decide; the CNNs are normalized."""
    model = sample_model(name)
    context = build_context(model)
    assert str(BatchNormInspector().should_skip(context)) == ""
    wide = [name for name in model.network.layers if "ids_mlp" in name and "conv2" in name]
    expected = [("abnormal-preactivation", "info", tuple(wide)), NOT_SEEN] if wide else []
    assert summary(findings(context)) == expected


@pytest.mark.parametrize(
    ("stored", "hidden"), [(True, []), (False, ["net/conv1"])], ids=["stored", "not stored"]
)
def test_what_the_sdk_hides_is_told_unless_the_archive_stores_it(
    stored: bool, hidden: list[str]
) -> None:
    layers = [build_layer("conv1", activation="relu"), build_layer("conv2", activation="relu")]
    behind = [build_layer("deconv1"), build_layer("deconv2"), build_layer("output_layer1")]
    statistics = stored_statistics("conv1/stats/preact", NORMAL) if stored else None
    model = build_model([*layers, *behind], optimized=statistics)
    measured = LayerMeasurement(NORMAL, NORMAL)
    measurements = replace(
        build_measurements(conv2=measured, conv1=LayerMeasurement(NORMAL)),
        preactivation_not_measured={"net/conv1": "the SDK's Conv has no intermidiate_results"},
    )
    context = build_context(model, measurements)
    assert str(BatchNormInspector().should_skip(context)) == ""
    said = " ".join(map(str, BatchNormInspector().not_checked(context)))
    assert all(name in said for name in hidden)
    assert bool(said) == bool(hidden)


def test_where_the_sdk_hides_everything_the_remedy_is_the_other_backend() -> None:
    layers = [build_layer("conv1", activation="relu"), build_layer("deconv1")]
    model = build_model([*layers, build_layer("deconv2"), build_layer("output_layer1")])
    measurements = replace(
        build_measurements(conv1=LayerMeasurement(NORMAL)),
        preactivation_not_measured={"net/conv1": "hidden"},
    )
    skipped = BatchNormInspector().should_skip(build_context(model, measurements))
    assert isinstance(skipped, NotChecked)
    assert skipped.remedy == "measure it with --backend embedded"
