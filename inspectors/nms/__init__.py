"""The JSON file of the non-maximum suppression against the network that it is meant for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inspectors.base_inspector import BaseInspector, Context, Need, NotChecked, Priority
from inspectors.nms.background import background_findings
from inspectors.nms.boxes import box_findings
from inspectors.nms.decoders import list_findings, scale_findings
from inspectors.nms.geometry import image_findings, stride_findings, strides_not_checked
from inspectors.nms.heads import MAX_NAMED, Detector, Size
from inspectors.nms.matching import matched
from inspectors.nms.names import name_findings
from inspectors.nms.numbers import anchor_findings, class_findings
from inspectors.nms.scripted import is_judged, scripted_findings
from inspectors.normalization.on_chip import values_are_converted
from utils.facts.script_values import folded
from utils.findings import Finding, Location, Severity
from utils.har.model import Model
from utils.model_script import ModelScript, Name, Statement
from utils.side_files.nms_config import NmsConfig, archived_nms_configs
from utils.wording import listed

# Commands behind which the image has another size than the data.
RESIZING_COMMANDS = ("resize", "resize_input", "transpose")

_PASS_IT = "pass it with --nms-config"
_SET_IN_SCRIPTS = ("nms_scores_th", "nms_iou_th", "classes")
SCRIPTED = "nms_postprocess in the model script"  # in place of a path


class NmsInspector(BaseInspector):
    """Does the NMS configuration fit the network: decoders, classes, boxes, strides, names?

    `nms_postprocess` reads a JSON file that says which layers compute boxes and scores. Mostly
    it is copied from another network, and what is left of that one gives wrong classes, wrong
    boxes with healthy scores, or the compiler's "Cannot infer bbox conv layers automatically" and
    "The layer named ... doesn't exist in the HN". This inspector looks for the layers of all
    decoders at once, each layer once, and says what of names, numbers and strides has to be
    changed so that they fit. It takes the file given with `--nms-config`, else one that the
    archive holds; it needs no data. The sizes of the anchor boxes and the order of the classes are
    not judged, since no graph tells them. Whether an engine can run the architecture is a matter
    of the script, `script-bad-value`.

    - `nms-decoders` (warning or error): the list "bbox_decoders" is missing, or is for another
      kind of head than the network or the script has, or the script's meta_arch is (error); or
      layers like those of the decoders are in none of them, as with a scale that was added
      (warning). Write the entries that are given.
    - `nms-classes` (warning or error): "classes" differs from what the layers of the scores have
      channels for, or the background is handled in another way than that kind of head needs.
      Write the number that is given.
    - `nms-regression` (warning or error): "regression_length", or the number of anchor boxes in
      "w" and "h", does not fit the channels of the layers of the boxes; or boxes of four plain
      numbers, as in YOLO26, are decoded as distributions, where all of them collapse to points,
      or the reverse (error). A warning where a "regression_length" is left over. Write what is
      given.
    - `nms-stride` (error): a "stride" is not the ratio of image and layer, or "image_dims" is not
      the size of the network's input. Write the value that is given.
    - `nms-names` (info, warning or error): a layer that is named does not exist, feeds no output,
      is named twice, or has the channels or the size of another one (error); names are left empty
      (info, a warning where the compiler may not find the layers itself); a key is misspelt
      (warning). Write the names that are given.
    - `nms-threshold` (info, warning or error): "nms_scores_th" is above 0.2 (info): the runtime
      can raise it, but never lower it, and 8 bit moves scores by 0.05 to 0.08; or a threshold or
      a number of boxes lets nothing pass (error), suppresses wrongly (warning), or is low (info).
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.NOTHING

    HIGHEST_SCORE_THRESHOLD = 0.2  # a score, 0 to 1; what nearly all files of Hailo's zoo have
    FEWEST_PROPOSALS = 20  # boxes per class; the lowest number in Hailo's zoo

    def should_skip(self, context: Context) -> NotChecked | str:
        """Without a configuration there is nothing to compare."""
        if context.known(_source).config is not None or context.known(_misfits):
            return ""
        path = _named_file(_statement(context.script))
        what = (
            f"the model script takes {path}, which the archive does not hold"
            if path
            else "the archive holds no NMS configuration, and its script names none"
        )
        reason = "; ".join([what, *map(str, context.known(_source).reasons)])
        # Where the script names a file, there is something to pass; else there may be nothing.
        return NotChecked(reason, _PASS_IT) if path else f"{reason} (--nms-config takes one)"

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Members that could not be read, and what the graph does not tell."""
        source = context.known(_source)
        yield from source.reasons
        if source.config is None:
            path = _named_file(_statement(context.script))
            yield NotChecked(f"{path}, which the archive does not hold", _PASS_IT)
            return
        detector = _detector(context, source.config)
        if not detector.config.decoders:
            if source.config.path == SCRIPTED:
                yield f"{SCRIPTED} lists no bbox_decoders, so no layer was compared"
            return
        if detector.image is None:
            yield (
                "image_dims was not compared, as the data are resized or converted before the "
                "network, or there is more than one input"
            )
        unknown = strides_not_checked(detector, matched(detector))
        if unknown:
            yield f"the stride of {listed(unknown)} was not compared: no layer's size shows it"
        if any(decoder.anchors for decoder in detector.config.decoders):
            yield NotChecked(
                "the sizes of the anchor boxes were not compared, as no graph holds them",
                'compare "w" and "h" with the anchor boxes of the training',
            )
        if any(
            head.key == "reg_layer" and detector.expected_channels(head.decoder, head.key) is None
            for head in detector.heads
        ):
            yield "the boxes were not compared, as there is no regression_length"

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what does not fit, the list of decoders first."""
        config = context.known(_source).config
        if config is None:
            yield from context.known(_misfits)
            return
        detector = _detector(context, config)
        match = matched(detector)
        if config.path == SCRIPTED:
            yield from scripted_findings(detector, _location(context, config, "classes"))
        unusable = list(list_findings(detector, match)) if config.path != SCRIPTED else []
        yield from unusable
        if not unusable:
            yield from name_findings(detector, match)
            yield from scale_findings(detector, match)
            yield from class_findings(detector, match)
            yield from background_findings(detector)
            yield from anchor_findings(detector, match)
            yield from box_findings(detector, match)
            yield from stride_findings(detector, match)
        yield from image_findings(detector)
        yield from self._score_threshold(context, config)
        yield from self._suppression(context, config)

    def _score_threshold(self, context: Context, config: NmsConfig) -> Iterator[Finding]:
        threshold = config.number("nms_scores_th")
        if threshold is None or 0 <= threshold <= self.HIGHEST_SCORE_THRESHOLD:
            return
        impossible = not 0 <= threshold < 1
        yield Finding(
            id="nms-threshold",
            severity=Severity.ERROR if impossible else Severity.INFO,
            headline="The score threshold of the NMS lies outside of all scores"
            if impossible
            else "The score threshold of the NMS is high, and the runtime cannot lower it",
            evidence=f'"nms_scores_th" of {config.path} is {threshold:g}'
            f"{', scores lie between 0 and 1' if impossible else ''}",
            why="The NMS then selects nothing useful."
            if impossible
            else "8 bit shifts scores by 0.05 to 0.08. Objects that the float network finds may be "
            "lost for good.",
            remedy=f"Write {_entry(config, 'nms_scores_th', self.HIGHEST_SCORE_THRESHOLD)} or "
            f"less in {config.path}, and filter the boxes on the host.",
            measured={"threshold": threshold},
            location=_location(context, config, "nms_scores_th"),
        )

    def _suppression(self, context: Context, config: NmsConfig) -> Iterator[Finding]:
        overlap = config.number("nms_iou_th")
        if overlap is not None and not 0 < overlap <= 1:
            yield Finding(
                id="nms-threshold",
                severity=Severity.WARNING,
                headline="The overlap threshold of the NMS lies outside of all overlaps",
                evidence=f'"nms_iou_th" of {config.path} is {overlap:g}, boxes that overlap have '
                "an IoU above 0, up to 1",
                why="The NMS then suppresses too many boxes, or none.",
                remedy=f"Write {_entry(config, 'nms_iou_th', 0.6)} in {config.path}, or the value "
                "of the training.",
                measured={"threshold": overlap},
                location=_location(context, config, "nms_iou_th"),
            )
        proposals = config.number("max_proposals_per_class")
        if proposals is not None and proposals < self.FEWEST_PROPOSALS:
            keeps_some = proposals >= 1
            yield Finding(
                id="nms-threshold",
                severity=Severity.INFO if keeps_some else Severity.ERROR,
                headline="The NMS keeps few boxes of each class"
                if keeps_some
                else "The NMS keeps no boxes",
                evidence=f'"max_proposals_per_class" of {config.path} is {proposals:g}',
                why="Of more objects of one class the others are dropped." if keeps_some else "",
                remedy=f'Write "max_proposals_per_class": 100 in {config.path}'
                f"{', if an image can hold more objects of one class' if keeps_some else ''}.",
                measured={"proposals": proposals},
                location=_location(context, config, "max_proposals_per_class"),
            )


@dataclass(frozen=True)
class _Source:
    config: NmsConfig | None
    reasons: tuple[NotChecked, ...] = ()


def _source(context: Context) -> _Source:
    """The configuration to judge, with what was passed over."""
    if context.nms_config is not None:
        return _Source(context.nms_config)
    configs, unread = archived_nms_configs(context.model.archive)
    reasons = tuple(map(NotChecked, unread))
    if not configs:
        return _Source(_scripted(context.script), reasons)
    if len(configs) > 1:
        others = listed([config.path for config in configs[1:]], MAX_NAMED)
        reason = f"{others} beside {configs[0].path}: only the first one was compared"
        reasons = (*reasons, NotChecked(reason, "name the right one with --nms-config"))
    return _Source(configs[0], reasons)


def _misfits(context: Context) -> list[Finding]:
    """What of the script's line contradicts the network, whatever the file says that it names."""
    config = NmsConfig(SCRIPTED, _settings(_statement(context.script)))
    return [*scripted_findings(_detector(context, config), _location(context, config, "classes"))]


def _settings(statement: Statement | None) -> dict[str, Any]:
    found = statement.keywords.items() if statement else ()
    return {key: value for key, value in found if key in _SET_IN_SCRIPTS}


def _scripted(script: ModelScript | None) -> NmsConfig | None:
    """What a script says without a file; None if it names one or says nothing."""
    statement = _statement(script)
    if statement is None or _named_file(statement):
        return None
    is_telling = _settings(statement) or is_judged(_meta_arch(statement))
    return NmsConfig(SCRIPTED, _settings(statement)) if is_telling else None


def _entry(config: NmsConfig, key: str, value: float) -> str:
    """A setting as it is written where the configuration stands."""
    return f"{key}={value:g}" if config.path == SCRIPTED else f'"{key}": {value:g}'


def _statement(script: ModelScript | None) -> Statement | None:
    statements = script.commands("nms_postprocess") if script else ()
    return statements[-1] if statements else None


def _named_file(statement: Statement | None) -> str:
    """The configuration that a script names; "" if it names none."""
    texts = _texts(statement)
    return next((text for text in texts if text.endswith(".json") or not _is_word(text)), "")


def _meta_arch(statement: Statement | None) -> str:
    """The kind of head that a script names, as a keyword or behind the file; "" if none."""
    written = statement.keywords.get("meta_arch") if statement else None
    words = [text for text in _texts(statement) if _is_word(text) and not text.endswith(".json")]
    return folded(written) if isinstance(written, str) else folded(next(iter(words), ""))


def _texts(statement: Statement | None) -> list[str]:
    return [v for v in statement.positional if isinstance(v, str)] if statement else []


def _is_word(text: str) -> bool:
    return isinstance(text, Name)


def _detector(context: Context, config: NmsConfig) -> Detector:
    statement = _statement(context.script)
    image = _image(context.model, context.script)
    return Detector(config, context.model.float_network, _meta_arch(statement), image, statement)


def _image(model: Model, script: ModelScript | None) -> Size | None:
    """Height and width of what the network itself takes; None where they cannot be told."""
    inputs = model.float_network.input_layers
    resized = script and any(script.commands(command) for command in RESIZING_COMMANDS)
    if len(inputs) != 1 or resized or values_are_converted(script):
        return None
    (layer,) = inputs
    behind = model.float_network.successors(layer)
    if not layer.output_shapes or any(s.type in ("resize", "format_conversion") for s in behind):
        return None
    return layer.output_shapes[0][:2]


def _location(context: Context, config: NmsConfig, key: str) -> Location | None:
    statement = _statement(context.script)
    path = context.model.archive.metadata.get("model_script")
    if config.text or statement is None or not isinstance(path, str):
        return config.location(key)
    return Location(path, statement.line, 1)
