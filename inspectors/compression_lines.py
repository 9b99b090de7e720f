"""Lines of a model script that allow 4-bit weights, and lines that take them back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from inspectors.base_inspector import Context
from utils.har.network import Network
from utils.har.quantization import parse_precision_mode, precision_commands
from utils.model_script import ModelScript, Statement, Value, addressed_layers
from utils.quantizer.four_bit_weights import FOUR_BITS, four_bit_layers

LEVEL = "compression_level"
RATIO = f"auto_{FOUR_BITS}bit_weights_ratio"
# What forbids what each setting allows.
SWITCHED_OFF = {
    LEVEL: f"model_optimization_flavor({LEVEL}=0)",
    RATIO: f"model_optimization_config(compression_params, {RATIO}=0)",
}


@dataclass(frozen=True)
class Automatic:
    """A setting of a script that lets the compiler choose layers for 4-bit weights.

    Parameters
    ----------
    statement : the one that holds.
    keyword, value : the setting.
    """

    statement: Statement
    keyword: str
    value: Value

    def described(self) -> str:
        """Which line asks for what."""
        where = f"line {self.statement.line} of the model script"
        return f"{where} lets the compiler choose layers with {self.keyword}={self.value}"


def automatic_compression(script: ModelScript | None) -> tuple[Automatic, ...]:
    """Settings above 0 of the compression level and of the ratio; the last of each holds."""
    if script is None:
        return ()
    config = [
        statement
        for statement in script.commands("model_optimization_config")
        if "compression_params" in statement.positional
    ]
    by_keyword = {LEVEL: script.commands("model_optimization_flavor"), RATIO: config}
    last = {
        keyword: given[-1]
        for keyword, statements in by_keyword.items()
        if (given := [each for each in statements if keyword in each.keywords])
    }
    return tuple(
        Automatic(statement, keyword, statement.keywords[keyword])
        for keyword, statement in last.items()
        if statement.keywords[keyword]
    )


def layers_named_for_4_bit(script: ModelScript | None, network: Network) -> frozenset[str]:
    """Layers that lines of a script give 4-bit weights by name; the last line for each holds."""
    asked: set[str] = set()
    for statement in script.commands("quantization_param") if script else ():
        mode = parse_precision_mode(str(statement.keywords.get("precision_mode")))
        if mode is not None:
            is_asked = mode.weight_bits == FOUR_BITS
            change = asked.update if is_asked else asked.difference_update
            change(addressed_layers(statement, network))
    return frozenset(asked)


def layers_asked_to_compress(script: ModelScript | None, network: Network) -> frozenset[str]:
    """Layers whose weights a script allows to be compressed to 4 bit.

    A compression level or ratio above 0 allows all of them; 0 forbids it, and so explains no
    compressed layer.
    """
    if automatic_compression(script):
        return frozenset(network.layers)
    return layers_named_for_4_bit(script, network)


def lines_against_compression(context: Context, changed: Collection[str]) -> tuple[str, ...]:
    """What has to be switched off so that layers keep the bits that other lines give them.

    The compiler would choose other layers in their stead. Those that it has chosen beside them
    keep their 4 bit, now by name.

    Parameters
    ----------
    changed : the layers that other lines give more bits.

    Returns
    -------
    Nothing where the script lets the compiler choose none, or where it did not choose these.
    """
    automatic, model = automatic_compression(context.script), context.model
    compressed = four_bit_layers(model.network, model.precision_mode)
    named = layers_named_for_4_bit(context.script, model.network)
    chosen = {name: mode.text for name, mode in compressed.items() if name not in named}
    if not automatic or chosen.keys().isdisjoint(changed):
        return ()
    kept = {name: mode for name, mode in chosen.items() if name not in changed}
    return (*(SWITCHED_OFF[each.keyword] for each in automatic), *precision_commands(kept))
