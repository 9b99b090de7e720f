"""Why the archive computes other values than the original, with what to do about each reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Advice:
    """What is said of one reason.

    Parameters
    ----------
    headline : what is wrong.
    why : what it does to the network.
    remedy : one imperative sentence.
    inside : why and remedy where no output is near; () where they are the same.
    """

    headline: str
    why: str
    remedy: str
    inside: tuple[str, str] | tuple[()] = ()

    def for_inside(self) -> Advice:
        """What is said where the layer is not at an output."""
        if not self.inside:
            return self
        why, remedy = self.inside
        return replace(self, why=why, remedy=remedy)


_INPUT = (
    "All layers compute from values that the network was not trained on, in float already, so "
    "that no quantization can be right."
)
_LAYER = "All layers behind it compute from other values, in float already."
# No line of a model script changes an activation that is not at an output.
_PARSE_AGAIN = (
    _LAYER,
    "Parse the file that was given with `--reference` again, and quantize that archive.",
)

ADVICE: Mapping[str, Advice] = {
    "scale-255": Advice(
        "The archive computes with samples 255 times larger or smaller than the original",
        _INPUT,
        "Divide by 255 exactly once, in the data or in the model script, if the original takes "
        "values of 0 to 1, and nowhere if it takes 0 to 255.",
    ),
    "normalization-missing": Advice(
        "The archive lacks the normalization that the original is given",
        _INPUT,
        "Add the mean and the standard deviation that the original was trained with to the model "
        "script, as `normalization1 = normalization([mean, ...], [std, ...])`.",
    ),
    "normalization-twice": Advice(
        "The archive normalizes samples that are normalized already",
        _INPUT,
        "Drop the `normalization` of the model script, or give the archive samples that are not "
        "normalized yet.",
    ),
    "other-normalization": Advice(
        "The archive normalizes with other constants than the original",
        _INPUT,
        "Write the mean and the standard deviation that the original was trained with into the "
        "line `normalization` of the model script.",
    ),
    "channels-swapped": Advice(
        "The archive takes the colours in another order than the original",
        "A class that is recognised by its colour is lost, and all scores are lower.",
        "Reverse the channels of the data with `x[..., ::-1]`, or add "
        "`input_conversion(input_layer1, bgr_to_rgb)` to the model script.",
    ),
    "input-transposed": Advice(
        "The archive takes height and width exchanged",
        "The network sees pictures lying on their side, mirrored.",
        "Export the model again with an input of (batch, channels, height, width), and parse "
        "that export.",
    ),
    "wrong-end-node": Advice(
        "The archive ends at another node than its outputs are named after",
        "What leaves the archive is not what the application decodes.",
        "Parse the model again with the end nodes that the application decodes.",
    ),
    "other-weights": Advice(
        "The archive holds other weights than the original",
        "It is another network, such as another training run or an earlier checkpoint.",
        "Parse the very file that the application was tested with, and quantize that archive.",
    ),
    "kernel-transposed": Advice(
        "The archive holds a kernel of the original with its weights in another order",
        _LAYER,
        _PARSE_AGAIN[1],
    ),
    "other-order": Advice(
        "The archive joins or subtracts tensors in another order than the original",
        _LAYER,
        _PARSE_AGAIN[1],
    ),
    "channels-reordered": Advice(
        "The archive gives the channels of an output in another order than the original",
        "Classes, sides of boxes or keypoints are taken for one another.",
        "Parse the very file that the labels belong to, or read the channels in the order of the "
        "archive.",
    ),
    "layer-added": Advice(
        "The archive computes a layer that the original lacks",
        _LAYER,
        _PARSE_AGAIN[1],
    ),
    "batch-norm-not-folded": Advice(
        "The archive lacks a batch normalization of the original",
        _LAYER,
        "Export the model in evaluation mode, with its batch normalization folded into the "
        "convolutions, and parse that export.",
    ),
    "other-resize": Advice(
        "The archive resizes in another way than the original",
        _LAYER,
        "Export the model with the kind of resize that the archive computes, and measure its "
        "accuracy so before it is parsed again.",
    ),
    "other-padding": Advice(
        "The archive pads in another way than the original",
        "Values at the edges are wrong, and more of them with every layer behind it.",
        "Export the model with the padding that the archive computes, and measure its accuracy "
        "so before it is parsed again.",
    ),
    "activation-missing": Advice(
        "The archive lacks an activation of the original",
        _LAYER,
        "Compute the activation on the host if it is at an output, or add "
        "`change_output_activation` to the model script, and else parse the model again.",
        _PARSE_AGAIN,
    ),
    "activation-twice": Advice(
        "The archive computes an activation twice",
        "Outputs are pressed together, so that thresholds no longer mean what they meant.",
        "Drop the `change_output_activation` of the model script, or parse an export without the "
        "activation at its end.",
        _PARSE_AGAIN,
    ),
    "activation-added": Advice(
        "The archive computes an activation that the original lacks",
        "An application that computes it as well does so twice.",
        "Drop the `change_output_activation` of the model script or leave the activation out of "
        "the application if it is at an output, and else parse the original again.",
        _PARSE_AGAIN,
    ),
    "other-activation": Advice(
        "The archive computes another activation than the original",
        _LAYER,
        "Export the model with an activation that the compiler takes as it is, and parse that "
        "export.",
    ),
}

UNKNOWN = Advice(
    "The archive's float network computes other values than the original",
    "The difference is there before any quantization, so no setting of the quantization removes "
    "it. None of the known reasons explains it.",
    "Pass the file that the archive was parsed from with `--reference`, say with "
    "`--reference-normalization` how its samples are prepared, and parse that file again if both "
    "differ all the same.",
)


def advice_at(layer: str) -> Advice:
    """What is said where a layer differs for no known reason, and those in front of it are equal.

    Parameters
    ----------
    layer : as it is shown.
    """
    return replace(
        UNKNOWN,
        why="Layers in front of it compute the same, so the samples are prepared alike, and no "
        "setting of the quantization removes the difference.",
        remedy=f"Compare {layer} in both graphs, export the model with an operation that the "
        "parser takes there, and parse that export.",
    )


def advice_on(word: str) -> Advice:
    """What is said of a reason; of none, and of one that is not known, the general thing."""
    return ADVICE.get(word, UNKNOWN)
