"""What the line of a script says of the NMS by itself, against the heads of the network."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.nms.heads import Detector
from inspectors.nms.kinds import HeadKind, kind_of_heads
from utils.facts.nms_configs import DISTRIBUTION_META_ARCHS
from utils.findings import Finding, Location, Severity
from utils.model_script.lint.problems import replaced_part
from utils.wording import listed

# Values of ``meta_arch`` that decode one kind of head; of others no shape tells enough.
_ALIKE = (
    frozenset({"yolov5", "yolov5_seg", "yolov7"}),
    frozenset({"yolov6"}),
    frozenset({"yolov8"}),
    frozenset({"yolox"}),
)


def is_judged(meta_arch: str) -> bool:
    """Whether shapes of heads tell what this ``meta_arch`` needs."""
    return any(meta_arch in group for group in _ALIKE)


def scripted_findings(detector: Detector, location: Location | None) -> Iterator[Finding]:
    """Yield where the architecture, or else the number of classes, is that of another network.

    Parameters
    ----------
    location : of the script's line.
    """
    kind = kind_of_heads(detector)
    if kind is None or not is_judged(detector.meta_arch) or _may_be_combined(detector, kind):
        return
    written = detector.config.integer("classes")
    if _is_another_kind(kind, detector.meta_arch):
        yield _of_another_kind(detector, kind, location)
    elif written is not None and written != kind.classes:
        yield _of_other_classes(detector, kind, written, location)


def _is_another_kind(kind: HeadKind, meta_arch: str) -> bool:
    return not any({kind.meta_arch, meta_arch} <= group for group in _ALIKE)


def _may_be_combined(detector: Detector, kind: HeadKind) -> bool:
    """Whether a file, as of NanoDet, may tell that one layer holds distributions and scores."""
    is_single = all(set(scale) == {"encoded_layer"} for scale in kind.scales.values())
    values = detector.statement.positional if detector.statement else ()
    names_file = any(isinstance(value, str) for value in values)
    return is_single and names_file and detector.meta_arch in DISTRIBUTION_META_ARCHS


def _of_another_kind(detector: Detector, kind: HeadKind, location: Location | None) -> Finding:
    layers = [layer for scale in kind.scales.values() for layer in scale.values()]
    first = next(iter(kind.scales.values())).values()
    shapes = [f"{each.described()} {'x'.join(map(str, each.output_shape))}" for each in first]
    return Finding(
        id="nms-decoders",
        severity=Severity.ERROR,
        headline="The model script asks for another kind of NMS than the heads need",
        evidence=f"meta_arch={detector.meta_arch}, a scale of the network ends in {listed(shapes)}",
        why=f"Layers of these shapes are the heads that {kind.meta_arch} decodes.",
        remedy=f"Write `{detector.script_line(kind.meta_arch)}` into the model script.",
        layers=tuple(layer.name for layer in layers),
        location=location,
    )


def _of_other_classes(
    detector: Detector, kind: HeadKind, written: int, location: Location | None
) -> Finding:
    layers = [
        scale.get("cls_layer") or next(iter(scale.values())) for scale in kind.scales.values()
    ]
    channels = listed([f"{layer.base_name} has {layer.output_shape[2]}" for layer in layers])
    return Finding(
        id="nms-classes",
        severity=Severity.ERROR,
        headline="The model script gives the NMS another number of classes than the network has",
        evidence=f"classes={written}, {channels} channels",
        why="Scores are read as those of other classes.",
        remedy=f"Write `{_corrected(detector, kind.classes)}` into the model script.",
        layers=tuple(layer.name for layer in layers),
        measured={"classes": float(written), "classes_of_network": float(kind.classes)},
        location=location,
    )


def _corrected(detector: Detector, classes: int) -> str:
    statement = detector.statement
    for argument in statement.args if statement else ():
        if statement and argument.name == "classes":
            return replaced_part(statement, argument.value_start, argument.end, str(classes))
    return f"classes={classes}"
