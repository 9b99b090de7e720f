"""Weights at 4 bit: how many, whether anybody asked for it, and where it hurts most."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping

from inspectors.agreement.judgement import are_decisions_kept, spared
from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.compression_lines import (
    SWITCHED_OFF,
    automatic_compression,
    layers_asked_to_compress,
    lines_against_compression,
)
from inspectors.noise.remedies import by_plan
from inspectors.script_lines import location
from inspectors.searched_plan import has_proven_plan, plan_of
from utils.findings import Finding, Recommendation, Severity
from utils.har.model import WEIGHT_TYPES
from utils.har.network import Network
from utils.har.quantization import PrecisionMode, precision_commands
from utils.quantizer.four_bit_weights import (
    FOUR_BITS,
    four_bit_layers,
    with_eight_bit_weights,
)
from utils.wording import listed, plural

MOST = 0.5  # of the noise of the worst output
SPARED = "On these data the outputs decide as in float all the same."


class CompressionInspector(BaseInspector):
    """Which weights were compressed to 4 bit, did the script ask for it, and is it safe there?

    4-bit weights have 16 levels instead of 256. The compiler may choose layers for them by
    itself (`Assigning 4bit weights to layer ...` in its log), and they are the first suspect
    when recall drops after quantization. This inspector reads the precision mode of every conv,
    dw, deconv and dense layer, and the archive's own model script. It needs no data. It stays
    silent where no layer has 4-bit weights; implicit compression is not judged where the
    archive's script cannot be parsed.

    - `weights-compressed` (info): the share of all weights that is stored at 4 bit, and the line
      that lets the compiler choose them, if one does. Compare accuracy with and without
      compression if it matters to you.
    - `implicit-compression` (warning): layers have 4-bit weights although the script asks for
      none of it: no `compression_level`, `auto_4bit_weights_ratio` or `precision_mode=a8_w4`
      that would explain them; of several values the last one holds. Switch compression off
      explicitly, then measure again. Where data show that these layers make half of the noise of
      the worst output or more, it is told alone and first, unless 8-bit weights for the fragile
      ones among them mend the outputs.
    - `fragile-layer-compressed` (info or warning): the first layer behind an input, the last one
      before an output, or a depthwise layer has 4-bit weights. These have few weights to gain from
      and nothing behind them, or no sum over channels, to even out the error. An info where the
      outputs behind are known to be classes, scores, pixels or peaks, and 16 samples or more show
      that they stay as in float. Give them 8-bit weights, or what the plan for more bits has for
      them where it is proven.
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.NOTHING

    COMPRESSED_BITS = FOUR_BITS

    def should_skip(self, context: Context) -> str:
        """Say so if there are no weights, or no precision modes."""
        weighted = [layer for layer in context.model.network if layer.type in WEIGHT_TYPES]
        if not weighted:
            return "no layer of the network has weights"
        if all(context.model.precision_mode(layer.name) is None for layer in weighted):
            return "the archive records no precision mode of any layer with weights"
        return ""

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield the share, then what nobody asked for, then the layers at risk."""
        compressed = four_bit_layers(context.model.network, context.model.precision_mode)
        if not compressed:
            return
        fragile = fragile_layers(context.model.network).keys() & compressed.keys()
        implicit = self._implicit(context, tuple(compressed))
        # Then switching compression off mends more than 8 bit for the fragile layers alone.
        is_fragile_alone = _makes_most(context, fragile) and not _needs_sixteen_bit(context)
        is_cause = _makes_most(context, implicit) and not is_fragile_alone
        yield self._weights_compressed(context, tuple(compressed))
        if implicit:
            yield self._implicit_compression(context, implicit, is_cause=is_cause)
        if not (is_cause and fragile.issubset(implicit)):
            yield from self._fragile_layers(context, compressed)

    def _weights_compressed(self, context: Context, compressed: tuple[str, ...]) -> Finding:
        model, automatic = context.model, automatic_compression(context.script)
        total = sum(model.weight_count(layer) for layer in model.network)
        count = sum(model.weight_count(model.network[name]) for name in compressed)
        share = count / total if total else 0.0
        counted = (
            f"{share:.1%} of the weights, {count:,} of {total:,}, in "
            f"{plural(len(compressed), 'layer')}: {_described(model.network, compressed)}"
        )
        return Finding(
            id="weights-compressed",
            severity=Severity.INFO,
            headline=f"Some weights are stored at {self.COMPRESSED_BITS} bit",
            evidence="; ".join([counted, *(each.described() for each in automatic)]),
            layers=compressed,
            measured={"share": share, "weights": float(count), "all_weights": float(total)},
            location=location(context, automatic[0].statement) if automatic else None,
        )

    def _implicit(self, context: Context, compressed: tuple[str, ...]) -> tuple[str, ...]:
        """Layers that the script does not ask to compress; () where it cannot be read."""
        if context.script is None and context.model.script_text is not None:
            return ()
        asked = layers_asked_to_compress(context.script, context.model.network)
        return tuple(name for name in compressed if name not in asked)

    def _implicit_compression(
        self, context: Context, implicit: tuple[str, ...], *, is_cause: bool
    ) -> Finding:
        share = _share_of_noise(context, implicit)
        layers = f"{plural(len(implicit), 'layer')}: {_described(context.model.network, implicit)}"
        made = f"; they make {share:.0%} of the noise of the worst output" if is_cause else ""
        return Finding(
            id="implicit-compression",
            severity=Severity.WARNING,
            headline=f"The compiler chose {self.COMPRESSED_BITS}-bit weights, which no line of "
            "the script asks for",
            evidence=f"{layers}{made}",
            why=f"{self.COMPRESSED_BITS} bit leave a weight 16 values instead of 256.",
            remedy="Switch compression off with these lines and quantize again.",
            layers=implicit,
            measured={"layers": float(len(implicit))} | ({"share": share} if is_cause else {}),
            recommendation=Recommendation(tuple(SWITCHED_OFF.values())),
            removes_cause=is_cause,
        )

    def _fragile_layers(
        self, context: Context, compressed: Mapping[str, PrecisionMode]
    ) -> Iterator[Finding]:
        network = context.model.network
        roles = fragile_layers(network)
        fragile = tuple(name for name in compressed if name in roles)
        if fragile:
            modes = {name: with_eight_bit_weights(compressed[name]) for name in fragile}
            plan_differs = _plan_differs(context, modes)
            said = [f"{network[name].described()} as {roles[name]}" for name in fragile]
            finding = Finding(
                id="fragile-layer-compressed",
                severity=Severity.WARNING,
                headline=f"Sensitive layers have {self.COMPRESSED_BITS}-bit weights",
                evidence=listed(said, 3),
                why="They have few weights, so that compression saves little, and little behind "
                "them evens out the error.",
                remedy=by_plan(context)
                if plan_differs
                else f"Give {listed(fragile)} 8-bit weights with these lines and quantize again.",
                layers=fragile,
                measured={"layers": float(len(fragile))},
                recommendation=None
                if plan_differs
                else Recommendation(
                    (*precision_commands(modes), *lines_against_compression(context, modes))
                ),
            )
            yield spared(finding, SPARED) if are_decisions_kept(context, fragile) else finding


def fragile_layers(network: Network) -> dict[str, str]:
    """Why a layer is fragile, by name: depthwise, first behind an input, last before an output.

    First is a layer with weights that has no other one before it; last is one that has no other
    one behind it, or whose values reach an output as they are.
    """
    weighted = {layer.name for layer in network if layer.type in WEIGHT_TYPES}
    behind: set[str] = set()
    for layer in network:
        if any(name in weighted or name in behind for name in layer.inputs):
            behind.add(layer.name)
    before: set[str] = set()
    for layer in reversed(tuple(network)):
        if any(name in weighted or name in before for name in layer.outputs):
            before.add(layer.name)
    first = weighted - behind
    last = {name for name in weighted if name not in before or name in network.feeds_output}
    roles = {layer.name: "a depthwise layer" for layer in network if layer.type == "dw"}
    roles |= dict.fromkeys(last, "the last layer before an output")
    return roles | dict.fromkeys(first, "the first layer behind an input")


def _share_of_noise(context: Context, layers: Collection[str]) -> float:
    """What layers make of the noise of the worst output, 0 to 1; NaN where nobody knows."""
    measured = context.measurements
    noise, sensitivity = (measured.noise, measured.sensitivity) if measured else (None, None)
    if noise is None or sensitivity is None:
        return math.nan
    outputs = [layer.name for layer in context.model.network.output_layers]
    known = {name: noise.layers[name].output.snr_db for name in outputs if name in noise.layers}
    shares = sensitivity.noise_shares(min(known, key=known.__getitem__)) if known else {}
    return sum(shares.get(name, 0.0) for name in layers) if shares else math.nan


def _makes_most(context: Context, layers: Collection[str]) -> bool:
    return _share_of_noise(context, layers) >= MOST


def _needs_sixteen_bit(context: Context) -> bool:
    """Whether a proven plan asks for more than 8-bit weights."""
    plan = plan_of(context)
    return plan is not None and has_proven_plan(context) and bool(plan.sixteen_bit)


def _plan_differs(context: Context, modes: Mapping[str, str]) -> bool:
    """Whether a plan that is proven gives these layers other modes."""
    plan = plan_of(context)
    if plan is None or not has_proven_plan(context):
        return False
    return any(plan.modes.get(name, mode) != mode for name, mode in modes.items())


def _described(network: Network, names: tuple[str, ...]) -> str:
    return listed([network[name].described() for name in names], 3)
