"""Weights at 4 bit: how many, whether anybody asked for it, and where it hurts most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from utils.findings import Finding, Recommendation, Severity
from utils.har.model import WEIGHT_TYPES, Model
from utils.har.network import Network
from utils.har.quantization import PrecisionMode, parse_precision_mode, precision_commands
from utils.model_script import ModelScript, Statement, Value, addressed_layers
from utils.wording import listed, plural


class CompressionInspector(BaseInspector):
    """Which weights were compressed to 4 bit, did the script ask for it, and is it safe there?

    4-bit weights have 16 levels instead of 256. The compiler may choose layers for them by
    itself (`Assigning 4bit weights to layer ...` in its log), and they are the first suspect
    when recall drops after quantization. This inspector reads the precision mode of every conv,
    dw, deconv and dense layer, and the archive's own model script. It needs no data. It stays
    silent where no layer has 4-bit weights; implicit compression is not judged where the
    archive's script cannot be parsed.

    - `weights-compressed` (info): the share of all weights that is stored at 4 bit. Compare
      accuracy with and without compression if it matters to you.
    - `implicit-compression` (warning): layers have 4-bit weights although the script asks for
      none of it: no `compression_level`, `auto_4bit_weights_ratio` or `precision_mode=a8_w4`
      that would explain them; of several values the last one holds. Switch compression off
      explicitly, then measure again.
    - `fragile-layer-compressed` (warning): the first layer behind an input, the last one before
      an output, or a depthwise layer has 4-bit weights. These have few weights to gain from and
      nothing behind them, or no sum over channels, to even out the error. Give them 8 bit.
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.NOTHING

    COMPRESSED_BITS = 4  # bits of a weight; the compiler compresses to no other width

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
        compressed = self._compressed_layers(context.model)
        if not compressed:
            return
        yield self._weights_compressed(context.model, tuple(compressed))
        yield from self._implicit_compression(context, tuple(compressed))
        yield from self._fragile_layers(context.model.network, compressed)

    def _compressed_layers(self, model: Model) -> dict[str, PrecisionMode]:
        modes = {
            layer.name: model.precision_mode(layer.name)
            for layer in model.network
            if layer.type in WEIGHT_TYPES
        }
        return {
            name: mode
            for name, mode in modes.items()
            if mode is not None and mode.weight_bits == self.COMPRESSED_BITS
        }

    def _weights_compressed(self, model: Model, compressed: tuple[str, ...]) -> Finding:
        total = sum(model.weight_count(layer) for layer in model.network)
        count = sum(model.weight_count(model.network[name]) for name in compressed)
        share = count / total if total else 0.0
        return Finding(
            id="weights-compressed",
            severity=Severity.INFO,
            headline=f"Some weights are stored at {self.COMPRESSED_BITS} bit",
            evidence=f"{share:.1%} of the weights, {count:,} of {total:,}, in "
            f"{plural(len(compressed), 'layer')}: {_described(model.network, compressed)}",
            layers=compressed,
            measured={"share": share, "weights": float(count), "all_weights": float(total)},
        )

    def _implicit_compression(
        self, context: Context, compressed: tuple[str, ...]
    ) -> Iterator[Finding]:
        if context.script is None and context.model.script_text is not None:
            return
        network = context.model.network
        asked = layers_asked_to_compress(context.script, network, self.COMPRESSED_BITS)
        implicit = tuple(name for name in compressed if name not in asked)
        if implicit:
            yield Finding(
                id="implicit-compression",
                severity=Severity.WARNING,
                headline=f"The compiler chose {self.COMPRESSED_BITS}-bit weights, which no line of "
                "the script asks for",
                evidence=f"{plural(len(implicit), 'layer')}: {_described(network, implicit)}",
                why=f"{self.COMPRESSED_BITS} bit leave a weight 16 values instead of 256.",
                remedy="Switch compression off with these lines and quantize again.",
                layers=implicit,
                measured={"layers": float(len(implicit))},
                recommendation=Recommendation(
                    (
                        "model_optimization_flavor(compression_level=0)",
                        "model_optimization_config(compression_params, auto_4bit_weights_ratio=0)",
                    )
                ),
            )

    def _fragile_layers(
        self, network: Network, compressed: Mapping[str, PrecisionMode]
    ) -> Iterator[Finding]:
        roles = fragile_layers(network)
        fragile = tuple(name for name in compressed if name in roles)
        if fragile:
            said = [f"{network[name].described()} as {roles[name]}" for name in fragile]
            yield Finding(
                id="fragile-layer-compressed",
                severity=Severity.WARNING,
                headline=f"Layers that can least afford it have {self.COMPRESSED_BITS}-bit weights",
                evidence=listed(said, 3),
                why="They have few weights to gain from, and little behind them evens out the "
                "error.",
                remedy=f"Give {listed(fragile)} 8-bit weights with these lines and quantize again.",
                layers=fragile,
                measured={"layers": float(len(fragile))},
                recommendation=Recommendation(_eight_bit_commands(fragile, compressed)),
            )


def layers_asked_to_compress(
    script: ModelScript | None, network: Network, bits: int
) -> frozenset[str]:
    """Layers whose weights a script allows to be compressed to so many bits.

    A compression level or ratio above 0 allows all of them; 0 forbids it, and so explains no
    compressed layer. Where a script sets a value more than once, the last one holds.
    """
    if script is None:
        return frozenset()
    config = [
        statement
        for statement in script.commands("model_optimization_config")
        if "compression_params" in statement.positional
    ]
    level = _last_value(script.commands("model_optimization_flavor"), "compression_level")
    if level or _last_value(config, f"auto_{bits}bit_weights_ratio"):
        return frozenset(network.layers)
    asked: set[str] = set()
    for statement in script.commands("quantization_param"):
        mode = parse_precision_mode(str(statement.keywords.get("precision_mode")))
        if mode is not None:
            change = asked.update if mode.weight_bits == bits else asked.difference_update
            change(addressed_layers(statement, network))
    return frozenset(asked)


def _last_value(statements: Sequence[Statement], keyword: str) -> Value | None:
    given = [s.keywords[keyword] for s in statements if keyword in s.keywords]
    return given[-1] if given else None


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


def _eight_bit_commands(
    names: tuple[str, ...], modes: Mapping[str, PrecisionMode]
) -> tuple[str, ...]:
    """One statement for each kind of activation: only the weights change their width."""
    wanted = {}
    for name in names:
        mode = modes[name]
        output = f"_a{mode.output_bits}" if mode.output_bits != mode.input_bits else ""
        wanted[name] = f"a{mode.input_bits}_w8{output}"
    return precision_commands(wanted)


def _described(network: Network, names: tuple[str, ...]) -> str:
    return listed([network[name].described() for name in names], 3)
