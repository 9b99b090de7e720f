"""Transformers that were quantized as if they were convolutional networks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from inspectors.agreement.judgement import bounded_where_known
from inspectors.architecture.kinds import attention_matmuls, is_transformer
from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.noise.outputs import WantedRatios, judged_outputs
from utils.facts.transformer_recipe import NETWORKS_WITH_ATTENTION, RECIPE, RecipeItem
from utils.findings import Finding, Recommendation, Severity
from utils.har.network import Layer, Network
from utils.har.quantization import precision_commands
from utils.measurements.own_noise import hardly_count
from utils.model_script import addressed_layers
from utils.quantizer.sixteen_bit import sixteen_bit_mode
from utils.wording import itemized, listed, plural, tenths

# Layers at which the noise of an attention is born, where the archive stores an analysis.
ATTENTION_TYPES = frozenset("matmul softmax ew_add layer_normalization normalization".split())


@dataclass(frozen=True)
class MissingItem:
    """A part of the recipe that a script lacks, and the lines that would add it."""

    item: RecipeItem
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """What is known of the noise.

    Parameters
    ----------
    words : for the finding.
    is_known : whether anything was measured or stored at all.
    low : SNR in dB of what is too noisy, by name of layer.
    """

    words: str
    is_known: bool = True
    low: Mapping[str, float] = field(default_factory=dict)


class TransformerInspector(BaseInspector):
    """Does a transformer get what Hailo's own model scripts do for such networks?

    The compiler's defaults were made for convolutional networks. In attention the sums along the
    residual path, the products of activations with activations and the layer normalizations lose
    most at 8 bit, and for these Hailo's model zoo holds the same few lines in script after script.
    A graph counts as a transformer with two or more matmuls and a softmax or layer normalization;
    detectors such as YOLO11, with single attention blocks between convolutions and no layer
    normalization, do not, and Hailo gives them none of these lines. A part counts as missing only
    if the script says nothing about it, layers have no 16 bit yet, and the chip would accept it.
    That the lines help this network is not proven: they go into the script only if they are
    accepted on a terminal.

    - `transformer-recipe-incomplete` (info or warning): the script lacks a part that more than
      half of Hailo's scripts for networks with attention have; a warning if an output is known to
      be noisy (measured below 20 dB, or a layer of the attention at 10 dB or less in the analysis
      stored in the archive), and is not known to decide as in float. Add the lines and compare the
      SNR before and after. Where outputs were measured and are clean, or the attention makes less
      than a tenth of their noise, nothing needs to be done.
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.NOISE | Need.SENSITIVITY

    WANTED = WantedRatios(  # the limits from which on NoiseInspector warns
        error_db=10.0,
        warning_db=20.0,  # noise has a hundredth of the signal's power
        info_db=20.0,
        quantity_db=30.0,  # for a regression or an embedding
        probability_error=1 / 255,  # one 8-bit code of a probability does no harm
    )
    STORED_LOW_DB = 10.0  # Hailo's own mark for its most sensitive layers

    def should_skip(self, context: Context) -> str:
        """Say so if it is no transformer, or the script cannot be read."""
        if not is_transformer(context.model.network):
            return "the graph is no transformer: that takes two matmuls and a softmax or layer norm"
        if context.script is None and context.model.script_text is not None:
            return "the archive's model script cannot be read, so what it lacks is not known"
        return ""

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield one finding if a part that most scripts have is missing."""
        missing = missing_items(context)
        if any(part.item.is_core for part in missing):
            yield self._incomplete(context, missing, self._evidence(context))

    def _incomplete(
        self, context: Context, missing: Sequence[MissingItem], evidence: Evidence
    ) -> Finding:
        matmuls = attention_matmuls(context.model.network)
        commands = tuple(command for part in missing for command in part.commands)
        question = (
            f"Add the {plural(len(commands), 'line')} that Hailo's own scripts have for "
            "transformers? What they gain here was not tried."
        )
        is_clean = evidence.is_known and not evidence.low
        layers = tuple(layer.name for layer in matmuls)
        noisy = bounded_where_known(context, Severity.WARNING, layers)
        return Finding(
            id="transformer-recipe-incomplete",
            severity=noisy if evidence.low else Severity.INFO,
            headline="The script lacks lines that Hailo's own scripts have for transformers",
            evidence=f"of about {NETWORKS_WITH_ATTENTION} scripts "
            f"{itemized([_described(part.item) for part in missing])}; {evidence.words}",
            why="The compiler's defaults were made for convolutional networks.",
            remedy=""
            if is_clean
            else "Add these lines, quantize again and compare the SNR of the outputs.",
            layers=layers,
            measured={"matmuls": len(matmuls), "missing": len(missing), **evidence.low},
            recommendation=None if is_clean else Recommendation(commands, question, default=False),
        )

    def _evidence(self, context: Context) -> Evidence:
        return (
            self._measured_evidence(context)
            or self._stored_evidence(context)
            or Evidence(
                "whether it costs accuracy here is not known",
                is_known=False,
            )
        )

    def _measured_evidence(self, context: Context) -> Evidence | None:
        noise = context.measurements.noise if context.measurements else None
        outputs = judged_outputs(context.model.network, noise) if noise else []
        found = {x.layer.name: x.snr_db for x in outputs if not math.isinf(x.snr_db)}
        if not found:
            return None
        severities = {x.layer.name: self.WANTED.severity(x) or Severity.INFO for x in outputs}
        low = {name: db for name, db in found.items() if severities[name] > Severity.INFO}
        if low and hardly_count(context.measurements, _attention(context.model.network)):
            return Evidence("the attention makes less than a tenth of the noise at the outputs")
        if low:
            return Evidence(f"noisy: {_with_ratios(low)}", low=low)
        return Evidence(f"the outputs are clean: {_with_ratios(found)}")

    def _stored_evidence(self, context: Context) -> Evidence | None:
        ratios = {
            layer.name: context.model.stored_snr(layer.name)
            for layer in context.model.network
            if layer.type in ATTENTION_TYPES
        }
        found = {n: db for n, db in ratios.items() if db is not None and math.isfinite(db)}
        low = {name: db for name, db in found.items() if db <= self.STORED_LOW_DB}
        if low:
            return Evidence(
                f"noisy by the analysis stored in the archive: {_with_ratios(low)}",
                low=low,
            )
        if found:
            words = (
                "the noise analysis stored in the archive finds no noisy layer in the attention, "
                f"the lowest has {tenths(min(found.values()))} dB"
            )
            return Evidence(words)
        return None


def _attention(network: Network) -> list[str]:
    """Layers that the recipe is about: of the types of an attention, and sums in convolutions.

    A normalization is one where it holds the scale and offset of a layer normalization: those of
    the convolutions in front of an attention are none of its business.
    """
    return [layer.name for layer in network if _is_of_attention(network, layer)]


def _is_of_attention(network: Network, layer: Layer) -> bool:
    if layer.type == "normalization":
        before = {source.type for source in network.predecessors(layer)}
        return before == {"layer_normalization"}
    return layer.type in ATTENTION_TYPES or bool(layer.params.get("elementwise_add"))


def _described(item: RecipeItem) -> str:
    against = f" ({item.models_against} have the opposite)" if item.models_against else ""
    return f"{item.models} have {item.name}{against}"


def _with_ratios(ratios: Mapping[str, float]) -> str:
    worst_first = sorted(ratios, key=ratios.__getitem__)
    return listed([f"{name} {tenths(ratios[name])} dB" for name in worst_first])


def missing_items(context: Context) -> list[MissingItem]:
    """Parts of the recipe that fit the graph and the chip, and of which the script says nothing."""
    network = context.model.network
    missing = []
    for item in RECIPE:
        layers = concerned_layers(network, item)
        if item.feature:
            commands = _feature_commands(context, item, layers)
        else:
            commands = _precision_commands(context, item, layers)
        if commands:
            missing.append(MissingItem(item, commands))
    return missing


def concerned_layers(network: Network, item: RecipeItem) -> tuple[Layer, ...]:
    """Layers of a graph that a part of the recipe is about.

    Of the scales and offsets those behind a layer normalization: one behind an input is the
    normalization of the data.
    """
    found = tuple(layer for layer in network if layer.type == item.layer_type)
    if item.layer_type != "normalization":
        return found
    return tuple(
        layer
        for layer in found
        if any(source.type == "layer_normalization" for source in network.predecessors(layer))
    )


def _feature_commands(
    context: Context, item: RecipeItem, layers: Sequence[Layer]
) -> tuple[str, ...]:
    """The line that sets a feature; none where the script decides about it, whichever way."""
    statements = context.script.commands("pre_quantization_optimization") if context.script else ()
    if not layers or any(item.feature in statement.positional for statement in statements):
        return ()
    argument = _layer_argument(context.model.network, item.pattern, layers)
    names = f"layers={argument}, " if item.pattern else ""
    return (f"pre_quantization_optimization({item.feature}, {names}{item.arguments})",)


def _precision_commands(
    context: Context, item: RecipeItem, layers: Sequence[Layer]
) -> tuple[str, ...]:
    """Lines that give layers 16 bit; none where the script or the archive decided about any."""
    model, target = context.model, context.target or context.model.hw_arch
    modes = {
        layer.name: sixteen_bit_mode(layer, target, model.precision_mode(layer.name))
        for layer in layers
    }
    decided = {name for name, mode in modes.items() if not mode} | _given_a_mode(context)
    if not modes or decided & modes.keys():
        return ()
    if len(set(modes.values())) > 1:
        return precision_commands(modes)
    argument = _layer_argument(model.network, item.pattern, layers)
    return (f"quantization_param({argument}, precision_mode={next(iter(modes.values()))})",)


def _given_a_mode(context: Context) -> set[str]:
    statements = context.script.commands("quantization_param") if context.script else ()
    return {
        name
        for statement in statements
        if "precision_mode" in statement.keywords
        for name in addressed_layers(statement, context.model.network)
    }


def _layer_argument(network: Network, pattern: str, layers: Sequence[Layer]) -> str:
    """The pattern by which Hailo names the layers if it fits exactly these, else their names."""
    fitting = [layer.name for layer in network if fnmatchcase(layer.base_name, pattern)]
    names = [layer.name for layer in layers]
    return f"{{{pattern}}}" if fitting == names else f"[{', '.join(names)}]"
