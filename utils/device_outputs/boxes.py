"""Lists of boxes in a dump, compared with what the emulated heads decode to."""

from __future__ import annotations

from collections.abc import Sequence

from utils.device_outputs.dumped import Dumped
from utils.device_outputs.expected import Expected
from utils.device_outputs.matching import NO_FRAMES, Frames
from utils.device_outputs.nms.decoding import NotDecodedError, class_count, decoded
from utils.device_outputs.nms.judging import Judged, judged, not_compared
from utils.device_outputs.nms.lists import BOX, BY_SCORE, box_lists
from utils.errors import ScriptError
from utils.har.model import Model
from utils.model_script import parse_model_script
from utils.side_files.nms_config import archived_nms_configs

SCORE_KEY = "nms_scores_th"


def boxes_compared(
    arrays: Sequence[Dumped], outputs: Sequence[Expected], model: Model, frames: Frames = NO_FRAMES
) -> Judged | None:
    """What comes of comparing lists of boxes; None where a dump holds none.

    Parameters
    ----------
    frames : see `utils.device_outputs.matching.matched`.
    """
    if not arrays or not all(_may_hold_boxes(dumped) for dumped in arrays):
        return None
    inputs = model.network.input_layers
    try:
        classes = class_count(outputs)
        lists = box_lists(arrays, outputs[0].samples, classes)
        for count, chosen in frames.items() if lists is None else ():
            found = box_lists(arrays, count, classes)
            lists = [found[place] for place in chosen] if found else lists
        if lists is None:
            return None
        if len(inputs) != 1:
            raise NotDecodedError("the network has several inputs")
        height, width, _ = inputs[0].output_shape
        boxes = decoded(outputs, (height, width))
    except NotDecodedError as error:
        if not any("nms" in dumped.name.lower() for dumped in arrays):
            return None
        return not_compared(str(error))
    return judged(lists, boxes, (height, width), configured_score(model))


def _may_hold_boxes(dumped: Dumped) -> bool:
    """Whether the name, the bytes, or an axis of the numbers of a box allow it."""
    if dumped.is_raw or "nms" in dumped.name.lower():
        return True
    is_flat = dumped.array.ndim <= 2 and dumped.array.dtype.kind == "f"
    return is_flat or bool({BOX, BY_SCORE} & set(dumped.array.shape))


def configured_score(model: Model) -> float | None:
    """Score from which the archive's NMS keeps boxes; None where it does not say."""
    for config in archived_nms_configs(model.archive)[0]:
        score = config.number(SCORE_KEY)
        if score is not None:
            return score
    try:
        script = parse_model_script(model.script_text or "")
    except ScriptError:
        return None
    for statement in script.commands("nms_postprocess"):
        value = statement.keywords.get(SCORE_KEY)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
    return None
