"""What loss is normal for a network of this kind, before anything is called too much."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from inspectors.architecture.kinds import (
    attention_matmuls,
    is_convolutional,
    is_transformer,
    windowed_convolutions,
)
from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from utils.facts.chips import HAILO8_FAMILY, HAILO10_FAMILY
from utils.facts.expected_losses import (
    BOX_DISTRIBUTION_DETECTOR,
    DEPTHWISE_CNN,
    NAMED_FAMILIES,
    PLAIN_CNN,
    SCALES_DETECTOR,
    SOURCE_HAILO8,
    SOURCE_HAILO10,
    VISION_TRANSFORMER,
    Family,
    Loss,
)
from utils.findings import Finding, Severity
from utils.har.model import Model
from utils.har.network import Network
from utils.outputs.heads import has_several_scales, heads, twins_of_boxes
from utils.wording import printable


@dataclass(frozen=True)
class Recognized:
    """A family, and what it was told by."""

    family: Family
    evidence: str


class FamilyInspector(BaseInspector):
    """How much accuracy do networks of this family normally lose on this chip?

    Before a loss is hunted it helps to know what Hailo's own networks lose. ResNets lose half a
    percent, YOLO generations 1 to 5, and of all published networks a third loses more than 3 %.
    The family is told by the name of the network, as long as the graph does not contradict it,
    else by the graph: transformers, detectors with several scales, depthwise and plain CNN
    classifiers. A graph does not tell logits from a regression; regressions and embeddings lose
    more than classifiers do. Squeeze and excitation is in no published group. Nothing is said
    where the family or the chip is not in the tables, and nothing is judged: measuring your own
    loss takes labels, which an archive does not hold.

    - `expected-loss` (info): the loss that was published for this family on this line of chips,
      relative to the metric in float. Compare your own with it. Search for a cause if yours is
      clearly larger, beginning with the errors and warnings of the other inspectors.
    """

    PRIORITY = Priority.LOW
    NEEDS = Need.NOTHING

    def should_skip(self, context: Context) -> str:
        """Say so if the family is unknown, or nothing was published for it."""
        found = recognized_family(context.model)
        if found is None:
            return (
                "neither the name of the network nor its graph tells a family for which accuracy "
                "on the chip was published"
            )
        if published_loss(found.family, _target(context)) is None:
            chip = printable(_target(context)) or "an unknown chip"
            return f"no loss of {found.family.name} was published for {chip}"
        return ""

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what is normal."""
        found, target = recognized_family(context.model), _target(context)
        loss = published_loss(found.family, target) if found else None
        if found is None or loss is None:
            return
        source = SOURCE_HAILO8 if target in HAILO8_FAMILY else SOURCE_HAILO10
        yield Finding(
            id="expected-loss",
            severity=Severity.INFO,
            headline="Networks of this family lose some accuracy on the chip as a rule",
            evidence=f"{in_words(loss, found.family.metric)}; taken for "
            f"{found.family.name} {found.evidence}; {source}",
            why="Only a clearly larger loss is worth a search.",
            measured=_numbers(loss),
        )


def _target(context: Context) -> str:
    return context.target or context.model.hw_arch


def published_loss(family: Family, target: str) -> Loss | None:
    """What was published for the line of chips that a target belongs to; None if nothing was."""
    if target in HAILO8_FAMILY:
        return family.hailo8
    return family.hailo10 if target in HAILO10_FAMILY else None


def recognized_family(model: Model) -> Recognized | None:
    """The family of a network, by its name or else by its graph; None where neither tells."""
    network = model.network
    if not is_convolutional(network) and not attention_matmuls(network):
        return None
    for name in dict.fromkeys((model.name, network.name)):
        for family in NAMED_FAMILIES:
            if family.is_named_in(name) and _agrees(network, family):
                return Recognized(family, f"by its name, {printable(name)}")
    family_by_graph = next((family for family, test in _BY_GRAPH if test(network)), None)
    return Recognized(family_by_graph, "by its graph") if family_by_graph else None


def _agrees(network: Network, family: Family) -> bool:
    return family.has_attention in (None, bool(attention_matmuls(network)))


def _is_box_distribution_detector(network: Network) -> bool:
    return bool(twins_of_boxes(network))


def _is_scales_detector(network: Network) -> bool:
    return has_several_scales(network) and not attention_matmuls(network)


def _is_depthwise_classifier(network: Network) -> bool:
    return _is_classifier(network) and _depthwise_share(network) >= 1 / 2


def _is_plain_classifier(network: Network) -> bool:
    return _is_classifier(network) and _depthwise_share(network) == 0


def _is_classifier(network: Network) -> bool:
    """Whether convolutions end in a vector, without attention of any kind on the way."""
    types = {layer.type for layer in network}
    vectors = all(layer.output_shape[:2] == (1, 1) for layer in heads(network))
    return vectors and is_convolutional(network) and not types & {"matmul", "ew_mult"}


def _depthwise_share(network: Network) -> float:
    windowed = windowed_convolutions(network)
    return sum(layer.type == "dw" for layer in windowed) / max(len(windowed), 1)


# The first that fits is taken.
_BY_GRAPH: tuple[tuple[Family, Callable[[Network], bool]], ...] = (
    (BOX_DISTRIBUTION_DETECTOR, _is_box_distribution_detector),
    (SCALES_DETECTOR, _is_scales_detector),
    (VISION_TRANSFORMER, is_transformer),
    (DEPTHWISE_CNN, _is_depthwise_classifier),
    (PLAIN_CNN, _is_plain_classifier),
)


def in_words(loss: Loss, metric: str) -> str:
    """The numbers of a loss, for a sentence."""
    if loss.highest is not None:
        return f"{loss.median:g} to {loss.highest:g} % of their {metric}"
    models = f" of {loss.models} networks" if loss.models else ""
    worst = f", {loss.worst:g} % at the worst, {loss.worst_model}" if loss.worst is not None else ""
    return f"{loss.median:g} % of their {metric} in the median{models}{worst}"


def _numbers(loss: Loss) -> dict[str, float]:
    known = {"percent": loss.median, "highest_percent": loss.highest, "worst_percent": loss.worst}
    return {name: value for name, value in known.items() if value is not None}
