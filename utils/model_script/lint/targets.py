"""Lines against the chip: words of other chips, and 16 bit that what joins layers does not pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from utils.facts.chips import HAILO8_FAMILY, MULTIPLYING_TYPES
from utils.facts.script_mistakes import FOR_NEWER_CHIPS
from utils.facts.script_values import folded
from utils.findings import Severity
from utils.har.network import Layer, Network
from utils.har.quantization import parse_precision_mode
from utils.model_script import addressed_layers
from utils.model_script.lint.features import command_name
from utils.model_script.lint.problems import CONFLICT, UNKNOWN_ARGUMENT, Problem, named
from utils.model_script.statements import Statement
from utils.wording import listed, plural

MOST = 0.5  # of the layers that multiply: with fewer, 16 bit is meant for single layers
JOINING_TYPES = frozenset({"ew_add", "ew_mult", "concat"})
MAX_NAMED = 3


def target_problems(
    statements: Sequence[Statement], network: Network | None, chip: str
) -> Iterator[Problem]:
    """What speaks against lines on one chip.

    Parameters
    ----------
    statements : with their commands as the table names them.
    chip : as in an archive's metadata; "" where it is not known, and nothing is said.
    """
    if chip not in HAILO8_FAMILY:
        return
    for statement in statements:
        yield from _of_newer_chips(statement, chip)
    if network is not None:
        yield from _broken_chains(statements, network, chip)


def _of_newer_chips(statement: Statement, chip: str) -> Iterator[Problem]:
    words = [(statement.start + statement.command_start, command_name(statement))]
    for argument in statement.args:
        words.append((statement.start + argument.start, argument.name or ""))
        words.append((statement.start + argument.value_start, folded(argument.value)))
    for offset, word in words:
        if word in FOR_NEWER_CHIPS:
            yield UNKNOWN_ARGUMENT.at(
                offset,
                f"The word {named(word)} is known from scripts for other chips only",
                severity=Severity.INFO,
                why=f"It stands in scripts for Hailo-10H and Hailo-15, and not for {chip}.",
                advice="Delete it, if the compiler refuses it.",
            )


def _broken_chains(
    statements: Sequence[Statement], network: Network, chip: str
) -> Iterator[Problem]:
    """16 bit for most layers that multiply, but not for the sums and concats between them."""
    wide, last = _at_16_bit(statements, network)
    multiplying = [layer for layer in network if layer.type in MULTIPLYING_TYPES]
    chosen = [layer for layer in multiplying if layer.name in wide]
    joints = [layer for layer in network if _is_left_behind(layer, network, wide)]
    if last is None or not joints or len(chosen) <= MOST * len(multiplying):
        return
    has_matmul = any(layer.type == "matmul" for layer in network)
    everywhere = "" if has_matmul else ", or to all with quantization_param({*}, ...)"
    yield CONFLICT.at(
        last.start + last.command_start,
        "16 bit is asked for most layers, but not for those that join them",
        evidence=f"{len(chosen)} of {plural(len(multiplying), 'layer')} with weights, not "
        f"{listed([layer.name for layer in joints], MAX_NAMED)}",
        why="The compiler has to change the precision at each of them, and is reported to insert "
        f"layers for that which {chip} does not have.",
        advice=f"Give 16 bit only to layers in front of outputs{everywhere}.",
    )


def _at_16_bit(
    statements: Sequence[Statement], network: Network
) -> tuple[set[str], Statement | None]:
    """Layers that take 16 bit in the end, and the last line that asks for it."""
    wide: set[str] = set()
    last = None
    for statement in statements:
        if command_name(statement) != "quantization_param":
            continue
        mode = parse_precision_mode(folded(statement.keywords.get("precision_mode")))
        if mode is None:
            continue
        names = set(addressed_layers(statement, network))
        if mode.input_bits == 16:
            wide, last = wide | names, statement
        else:
            wide -= names
    return wide, last


def _is_left_behind(layer: Layer, network: Network, wide: set[str]) -> bool:
    is_between = layer.type in JOINING_TYPES and layer.name not in wide
    return is_between and any(
        producer.name in wide
        for source in network.predecessors(layer)
        for producer in network.producers(source)
    )
