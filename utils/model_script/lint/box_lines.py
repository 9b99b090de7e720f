"""Activations for the boxes of a detector, which are distributions and stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from utils.facts.nms_configs import DISTRIBUTION_META_ARCHS
from utils.facts.script_values import folded
from utils.har.network import Layer, Network
from utils.model_script import addressed_layers, layer_argument
from utils.model_script.lint.features import command_name
from utils.model_script.lint.nms_lines import COMMAND as NMS
from utils.model_script.lint.problems import BAD_VALUE, Problem, named
from utils.model_script.lint.score_lines import ACTIVATION
from utils.model_script.statements import Statement
from utils.wording import listed

MAX_NAMED = 3
UNCHANGED = "linear"
BOX_CHANNELS = 64  # four sides of a box, each a distribution over 16 distances
# Ultralytics names the branches of its heads: cv2 boxes, cv3 scores.
_BOX_BRANCH = re.compile(r"(?:^|[/._])cv2(?:$|[/._])")
_SCORE_BRANCH = re.compile(r"(?:^|[/._])cv3(?:$|[/._])")


def box_problems(statements: Sequence[Statement], network: Network | None) -> Iterator[Problem]:
    """Lines that put an activation behind the box heads of YOLOv8 and what follows it.

    Layers with as many channels may be scores of 64 classes: names or ``meta_arch`` have to tell.

    Parameters
    ----------
    statements : with their commands as the table names them.
    network : as it was parsed; None where it is not known, and nothing is said.
    """
    lines = [each for each in statements if command_name(each) == ACTIVATION and each.positional]
    if network is None or not lines:
        return
    ends = [each for each in network if each.name in network.feeds_output and each.output_shapes]
    boxes = _boxes(ends, are_decoded=_are_decoded(statements))
    for statement in lines if boxes else ():
        word = folded(statement.positional[-1])
        names = set(addressed_layers(statement, network))
        is_for_all = layer_argument(statement) is None
        hit = [layer for layer in boxes if is_for_all or layer.name in names]
        if hit and word != UNCHANGED:
            yield _problem(statement, word, hit, _scores(ends, hit))


def _are_decoded(statements: Sequence[Statement]) -> bool:
    """Whether an NMS of the script reads boxes as distributions."""
    return any(
        folded(each.keywords.get("meta_arch")) in DISTRIBUTION_META_ARCHS
        for each in statements
        if command_name(each) == NMS
    )


def _boxes(ends: Sequence[Layer], *, are_decoded: bool) -> list[Layer]:
    """The heads that compute boxes, one of each size; [] where nothing tells that they do."""
    found = [layer for layer in ends if layer.output_shape[2] == BOX_CHANNELS]
    sizes = {layer.output_shape[:2] for layer in found}
    is_plain = all(layer.activation == UNCHANGED for layer in found)
    are_scales = 1 < len(found) == len(sizes) and is_plain
    are_named = all(_is_called(layer, _BOX_BRANCH) for layer in found)
    return found if are_scales and (are_decoded or are_named) else []


def _scores(ends: Sequence[Layer], boxes: Sequence[Layer]) -> list[Layer]:
    """The heads of scores of the same sizes; [] where several could be meant."""
    found = []
    for box in boxes:
        size = box.output_shape[:2]
        beside = [end for end in ends if end.output_shape[:2] == size and end.name != box.name]
        named = [end for end in beside if _is_called(end, _SCORE_BRANCH)]
        if len(named or beside) != 1:
            return []
        found += named or beside
    return found


def _is_called(layer: Layer, branch: re.Pattern[str]) -> bool:
    return any(map(branch.search, layer.original_names))


def _problem(
    statement: Statement, word: str, hit: Sequence[Layer], scores: Sequence[Layer]
) -> Problem:
    found = listed([layer.base_name for layer in hit], MAX_NAMED)
    return BAD_VALUE.at(
        statement.start + statement.command_start,
        f"The line gives the boxes of a detector a {named(word)}",
        "\n".join(f"{ACTIVATION}({layer.base_name}, {word})" for layer in scores),
        evidence=f"{found} with {hit[0].output_shape[2]} channels, a distribution for each side",
        why="All boxes then come out with nearly the same size.",
        advice="" if scores else "Name the layers of the scores in the line.",
    )
