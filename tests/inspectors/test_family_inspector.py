from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

import pytest

import inspectors
from inspectors.family_inspector import FamilyInspector, recognized_family
from tests.fixtures.builders import build_context, build_layer, build_model, chain
from tests.har.samples import DIRECTORY, sample_model, sample_path
from tests.house.evidence import loud, quiet
from tests.inspectors.output_contract.judged import Head, detector_layers
from utils.facts.chips import CHIPS
from utils.facts.expected_losses import (
    BOX_DISTRIBUTION_DETECTOR,
    DEPTHWISE_CNN,
    NAMED_FAMILIES,
    PLAIN_CNN,
    SCALES_DETECTOR,
    VISION_TRANSFORMER,
    Family,
    Loss,
)
from utils.findings import InspectorResult
from utils.har.archive import open_archive
from utils.har.model import Model
from utils.har.network import Layer, Network, network_from_hn

EXPECTED = "expected-loss"
KERNEL = [3, 3, 3, 8]


def cnn(*types: str, head: str = "dense", shape: tuple[int, int, int] = (1, 1, 10)) -> list[Layer]:
    """A row of layers with windows of 3x3, and a head."""
    layers = [
        build_layer(f"{kind}{number}", kind, shape=(8, 8, 8), kernel_shape=KERNEL)
        for number, kind in enumerate(types, start=1)
    ]
    last = build_layer("head", head, shape=shape)
    return chain(build_layer("input_layer1"), *layers, last, build_layer("output_layer1"))


ATTENTION = cnn("conv", "conv", "matmul", "softmax", "matmul")
PLAIN = cnn("conv", "conv")
BLOCK = ("matmul1", "softmax1", "matmul2")


def run(layers: Sequence[Layer], name: str = "model", target: str = "hailo8") -> InspectorResult:
    result = inspectors.run(
        FamilyInspector, build_context(build_model(layers, model_name=name), target=target)
    )
    assert result.crashed == ""
    return result


def family_of(layers: Sequence[Layer], name: str = "model") -> Family | None:
    found = recognized_family(build_model(layers, model_name=name))
    return found.family if found else None


@pytest.mark.parametrize(
    ("name", "layers", "family"),
    [
        ("yolov8n", PLAIN, "YOLOv8"),
        ("best_YOLOv8s-seg", PLAIN, "YOLOv8"),
        ("yolo11m", ATTENTION, "YOLO11"),
        ("yolov11n", ATTENTION, "YOLO11"),
        ("yolo26n", ATTENTION, "YOLO26"),
        ("yolov5m_vehicles", PLAIN, "YOLOv5"),
        ("tiny_yolov4", PLAIN, "YOLOv4"),
        ("yolox_s_leaky", PLAIN, "YOLOX with leaky ReLU"),
        ("yolov6n", PLAIN, "YOLOv6"),
        ("yolov7", PLAIN, "YOLOv7"),
        ("detr_resnet_v1_18_bn", ATTENTION, "DETR"),
        ("rf-detr", ATTENTION, "DETR"),
        ("clip_resnet_50_image_encoder", ATTENTION, "CLIP and SigLIP encoders"),
        ("tinyclip_vit_8m", ATTENTION, "CLIP and SigLIP encoders"),
        ("siglip2_b_16", ATTENTION, "CLIP and SigLIP encoders"),
        ("depth_anything_vits", ATTENTION, "depth and stereo estimators"),
        ("stereonet", PLAIN, "depth and stereo estimators"),
        ("vit_base", ATTENTION, VISION_TRANSFORMER.name),
        ("fastvit_sa12", ATTENTION, VISION_TRANSFORMER.name),
        ("levit384", ATTENTION, VISION_TRANSFORMER.name),
        ("swin_tiny", ATTENTION, VISION_TRANSFORMER.name),
        ("deit_small", ATTENTION, VISION_TRANSFORMER.name),
        ("mobilenet_v2_1.0", PLAIN, DEPTHWISE_CNN.name),
        ("ssd_mobilenet_v1", PLAIN, DEPTHWISE_CNN.name),
        ("efficientnet_lite0", PLAIN, DEPTHWISE_CNN.name),
        ("resnet_v1_50", cnn("conv", "conv", "dw"), PLAIN_CNN.name),
    ],
)
def test_families_by_name(name: str, layers: list[Layer], family: str) -> None:
    found = family_of(layers, name)
    assert found is not None
    assert found.name == family


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("activity", PLAIN_CNN),
        ("vit_base", PLAIN_CNN),
        ("detrended", PLAIN_CNN),
        ("paperclips", PLAIN_CNN),
        ("yolov80", PLAIN_CNN),
        ("yolov3", PLAIN_CNN),
    ],
)
def test_names_that_are_not_in_the_tables_or_that_the_graph_contradicts(
    name: str, family: Family
) -> None:
    assert family_of(PLAIN, name) is family


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("mobilenet_v3", cnn("conv", "dw", "ew_mult")),
        ("efficientnet_b0", cnn("dw", "dw", "ew_mult")),
        ("yolov8n", cnn()),
    ],
)
def test_names_that_tell_nothing(name: str, layers: list[Layer]) -> None:
    assert family_of(layers, name) is None


@pytest.mark.parametrize(
    ("layers", "family"),
    [
        (PLAIN, PLAIN_CNN),
        (cnn("conv", "conv", head="softmax"), PLAIN_CNN),
        (cnn("conv", "dw", "dw"), DEPTHWISE_CNN),
        (cnn("conv", "dw"), DEPTHWISE_CNN),
        (cnn("conv", "conv", "dw"), None),
        (cnn("conv", "conv", "ew_mult"), None),
        (cnn("conv"), None),
        (cnn("conv", "conv", shape=(8, 8, 1)), None),
        (ATTENTION, VISION_TRANSFORMER),
        (detector_layers(Head(64), Head(3)), BOX_DISTRIBUTION_DETECTOR),
        (detector_layers(Head(64), Head(3), trunk=BLOCK), BOX_DISTRIBUTION_DETECTOR),
        (detector_layers(Head(255)), SCALES_DETECTOR),
        (detector_layers(Head(255), trunk=BLOCK), None),
    ],
    ids=[
        "plain",
        "softmax",
        "depthwise",
        "half depthwise",
        "a third depthwise",
        "squeeze and excitation",
        "one window",
        "map",
        "transformer",
        "boxes of 64 channels",
        "the same with attention",
        "anchors",
        "anchors with attention",
    ],
)
def test_families_by_graph(layers: list[Layer], family: Family | None) -> None:
    assert family_of(layers) is family


@loud("expected-loss")
@pytest.mark.parametrize(
    ("name", "target", "percent", "words"),
    [
        ("yolov8n", "hailo8", 1.35, "v2.18, for Hailo-8"),
        (
            "yolov8n",
            "hailo8l",
            1.35,
            "in the median of 11 networks, 5.9 % at the worst, yolov8s_pose",
        ),
        ("yolov8n", "hailo10h", 1.5, "v5.2, for Hailo-10H"),
        ("yolov8n", "hailo15l", 1.5, "taken for YOLOv8 by its name, yolov8n;"),
        ("stereonet", "hailo8", 7.0, "7 to 31 % of their error metric"),
        ("plain", "hailo8", 0.6, " by its graph;"),
    ],
)
def test_the_published_loss_is_told(name: str, target: str, percent: float, words: str) -> None:
    (found,) = run(PLAIN, name, target).findings
    assert (found.id, found.severity.label, found.layers) == (EXPECTED, "info", ())
    assert found.measured["percent"] == percent
    assert words in found.evidence
    assert found.asks_for_nothing


@quiet("expected-loss")
@pytest.mark.parametrize(
    ("layers", "name", "target", "reason"),
    [
        (cnn("conv"), "model", "hailo8", "neither the name"),
        (PLAIN, "yolo26n", "hailo10h", "no loss of YOLO26 was published for hailo10h"),
        (PLAIN, "resnet", "hailo99", "was published for hailo99"),
        (PLAIN, "resnet", "\n", "was published for \\n"),
    ],
)
def test_silent_where_nothing_is_known(
    layers: list[Layer], name: str, target: str, reason: str
) -> None:
    result = run(layers, name, target)
    assert result.findings == ()
    assert reason in str(result.skipped or "")


def test_without_a_target_the_archives_own_chip_counts() -> None:
    model = build_model(PLAIN, hw_arch="hailo15h")
    result = inspectors.run(FamilyInspector, build_context(model, target=""))
    assert result.findings[0].measured["percent"] == 0.65
    odd = build_model(PLAIN, hw_arch=None)
    assert "an unknown chip" in str(inspectors.run(FamilyInspector, build_context(odd)).skipped)


def test_a_name_with_a_line_break_stays_in_its_line() -> None:
    (found,) = run(PLAIN, "yolov8\nmodel").findings
    assert "yolov8\\nmodel" in found.evidence


@quiet("expected-loss")
@pytest.mark.parametrize(
    "archive", ["ids_mlp_logits_realcalib_q8", "ids_mlp_logits_randomcalib_q8"]
)
def test_real_networks_of_no_family(archive: str) -> None:
    assert str(run_model(sample_model(archive)).skipped).startswith("neither the name")


@loud("expected-loss")
@pytest.mark.parametrize("archive", ["jet_cnn_q8", "jet_cnn_q16", "jet_cnn_wide_q8"])
def test_real_networks_of_a_family(archive: str) -> None:
    (found,) = run_model(sample_model(archive)).findings
    assert found.measured == {"percent": 0.6, "worst_percent": 2.9}


@pytest.mark.parametrize(
    ("file", "family"), [("resnet_v1_18", PLAIN_CNN.name), ("yolov4", "YOLOv4")]
)
def test_real_graphs(file: str, family: str) -> None:
    path = DIRECTORY.parent / "hn" / f"{file}.hn"
    if not path.is_file():
        pytest.skip(f"no sample graph {path}")
    network = network_from_hn(json.loads(path.read_text("utf-8")), file)
    found = recognized_family(with_graph(network))
    assert found is not None
    assert found.family.name == family


def test_the_graph_of_the_real_encoder_tells_no_family() -> None:
    hn = open_archive(sample_path("whisper_encoder_parsed")).json["hn"]
    assert recognized_family(with_graph(network_from_hn(hn, "whisper"))) is None


def with_graph(network: Network) -> Model:
    return dataclasses.replace(build_model(), network=network, float_network=network)


def run_model(model: Model) -> InspectorResult:
    return inspectors.run(FamilyInspector, build_context(model))


def test_every_loss_is_a_percentage_and_each_chip_has_one() -> None:
    families = (*NAMED_FAMILIES, BOX_DISTRIBUTION_DETECTOR, SCALES_DETECTOR)
    losses = [loss for each in families for loss in (each.hailo8, each.hailo10) if loss is not None]
    assert all(0 < value < 35 for loss in losses for value in percentages(loss))
    assert all(run(PLAIN, "resnet", chip).findings for chip in CHIPS)


def percentages(loss: Loss) -> list[float]:
    return [value for value in (loss.median, loss.highest, loss.worst) if value is not None]
