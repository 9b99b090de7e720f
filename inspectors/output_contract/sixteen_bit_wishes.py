"""16 bit that was asked for, and where it got lost."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inspectors.base_inspector import Context
from inspectors.output_contract.script_wishes import AskedMode, asked_modes
from inspectors.script_lines import location
from utils.findings import Finding, Recommendation, Severity
from utils.har.model import Model
from utils.har.network import Layer, Network
from utils.har.quantization import HIGHEST_CODE, precision_commands
from utils.outputs.probabilities import holds_probabilities
from utils.outputs.producers import SELECTING_TYPES
from utils.quantizer.precision_plan import code_sources, hands_codes_on
from utils.quantizer.sixteen_bit import obstacle, sixteen_bit_mode
from utils.wording import listed, these

# Of the layers that hand codes on, those that are known to need 16-bit producers.
JOINTS = frozenset(
    "concat shortcut feature_splitter spatial_splitter width_splitter row_splitter "
    "shape_splitter".split()
)
DATA = frozenset({"input_layer", "const_input"})  # the compiler itself widens what enters
MAX_NAMED = 3  # layers of one kind in one finding; a report has them all
FALLBACK_PERCENTILES = "[0.01, 99.99]"  # community thread 19705


@dataclass(frozen=True)
class Demoted:
    """An output that has 8 bit although something says 16.

    Parameters
    ----------
    output : the output layer.
    asked : what the script asks for; None if it asks for nothing.
    zero_point : of its codes, where it lies beyond the last 8-bit code; None otherwise.
    """

    output: Layer
    asked: AskedMode | None
    zero_point: float | None

    def described(self) -> str:
        """What contradicts what."""
        reasons = []
        if self.asked is not None:
            line = self.asked.statement.line
            reasons.append(f"line {line} of the model script asks for {self.asked.mode.text}")
        if self.zero_point is not None:
            reasons.append(
                f"the zero point is {self.zero_point:,.0f} where 8-bit codes end at "
                f"{HIGHEST_CODE[8]}"
            )
        return f"{self.output.described()}: {' and '.join(reasons)}"


@dataclass(frozen=True)
class Chain:
    """What stands in front of a layer at 16 bit.

    Parameters
    ----------
    joints : names of the layers that join, split or repeat what arrives, in graph order.
    narrow : names of the layers behind them that write 8 bit.
    """

    joints: tuple[str, ...]
    narrow: tuple[str, ...]


def not_applied(context: Context) -> Iterator[Finding]:
    """One finding for all outputs that are at 8 bit against the script or their own codes."""
    demoted = _demoted_outputs(context)
    if not demoted:
        return
    asked = [each.asked for each in demoted if each.asked is not None]
    fallback = _eight_bit_fallback(context, [e.output for e in demoted if e.asked])
    yield Finding(
        id="sixteen-bit-not-applied",
        severity=Severity.ERROR,
        headline="The archive has 8 bit at outputs for which the model script asks 16 bit"
        if asked
        else "The archive has 8 bit at outputs whose codes are those of 16 bit",
        evidence=listed([each.described() for each in demoted], MAX_NAMED),
        why="The host then decodes with the scale and the zero point of 16 bit, and gets wrong "
        "values. DFC 3.33 is reported to do this silently.",
        remedy=_other_release(fallback),
        layers=tuple(each.output.name for each in demoted),
        measured={
            f"zero point of {each.output.name}": each.zero_point
            for each in demoted
            if each.zero_point is not None
        },
        recommendation=fallback,
        location=location(context, asked[0].statement) if asked else None,
    )


def _other_release(fallback: Recommendation | None) -> str:
    remedy = "Quantize again with another release of the compiler"
    if fallback is None:
        return f"{remedy}."
    return f"{remedy}, or settle for 8 bit with {these(len(fallback.commands), 'line')}."


def _demoted_outputs(context: Context) -> list[Demoted]:
    model, asked = context.model, asked_modes(context)
    found = []
    for output in model.network.output_layers:
        recorded = model.precision_mode(output.name)
        if recorded is None or recorded.output_bits != 8:
            continue
        wish, zero_point = _wish_for_16_bit(context, output, asked), _zero_point(model, output)
        if wish is not None or zero_point is not None:
            found.append(Demoted(output, wish, zero_point))
    return found


def sources_told(context: Context) -> frozenset[str]:
    """Names of the layers that `not_applied` speaks of, as they feed one of its outputs."""
    network = context.model.network
    return frozenset(
        source.name
        for each in _demoted_outputs(context)
        for source in code_sources(network, each.output)
    )


def _wish_for_16_bit(
    context: Context, output: Layer, asked: Mapping[str, AskedMode]
) -> AskedMode | None:
    """What the script asks of an output, or of all that feeds it; None if that is not 16 bit."""
    sources = code_sources(context.model.network, output)
    names = [output.name] if output.name in asked else [layer.name for layer in sources]
    wishes = [asked[name] for name in names if name in asked]
    if not wishes or len(wishes) < len(names):
        return None
    if any(source.type in SELECTING_TYPES for source in sources):
        return None
    return wishes[0] if all(wish.mode.output_bits == 16 for wish in wishes) else None


def _zero_point(model: Model, output: Layer) -> float | None:
    encoding = model.encoding(output.name)
    points = np.zeros(0) if encoding is None else encoding.zero_points
    highest = max((float(point) for point in points if math.isfinite(point)), default=0.0)
    return highest if highest > HIGHEST_CODE[8] else None


def _eight_bit_fallback(context: Context, outputs: Sequence[Layer]) -> Recommendation | None:
    if not outputs:
        return None
    names = [output.name for output in outputs]
    network = context.model.network
    unbounded = dict.fromkeys(
        source.name
        for output in outputs
        for source in code_sources(network, output)
        if not _is_bounded(network, source) and source.type not in DATA
    )
    commands = list(precision_commands(dict.fromkeys(names, "a8_w8")))
    if unbounded:
        commands.append(
            f"pre_quantization_optimization(activation_clipping, layers=[{', '.join(unbounded)}], "
            f"mode=percentile, clipping_values={FALLBACK_PERCENTILES})"
        )
    question = (
        f"Settle for 8 bit at {listed(names)} and clip outliers, as long as the compiler does not "
        "do what was asked?"
    )
    return Recommendation(tuple(commands), question, default=False)


def _is_bounded(network: Network, layer: Layer) -> bool:
    """Whether a layer has no outliers to be clipped."""
    return layer.activation == "tanh" or holds_probabilities(network, layer)


def broken_chains(context: Context) -> Iterator[Finding]:
    """One finding for each joint that hands 8-bit codes to layers at 16 bit."""
    network, asked = context.model.network, asked_modes(context)
    readers: dict[Chain, list[Layer]] = {}
    for reader in network:
        mode = context.model.precision_mode(reader.name)
        wishes = [mode, asked[reader.name].mode if reader.name in asked else None]
        is_reader = not hands_codes_on(reader) or reader.type == "output_layer"
        if is_reader and any(wish is not None and wish.input_bits == 16 for wish in wishes):
            chain = _chain_before(context.model, reader)
            if chain.narrow:
                readers.setdefault(chain, []).append(reader)
    for chain, behind in readers.items():
        yield _broken_chain(context, chain, behind, asked)


def _chain_before(model: Model, reader: Layer) -> Chain:
    network = model.network
    pending = [(name, False) for name in reader.inputs]
    seen = set(pending)
    joints, narrow = set(), set()
    while pending:
        name, is_joined = pending.pop()
        layer, mode = network[name], model.precision_mode(name)
        if mode is not None and mode.output_bits == 16 > mode.input_bits:
            continue  # the width changes right here
        if hands_codes_on(layer) and layer.inputs:
            behind = is_joined or layer.type in JOINTS
            joints |= {name} if layer.type in JOINTS else set()
            new = {(source, behind) for source in layer.inputs} - seen
            seen |= new
            pending += new
        elif is_joined and mode is not None and mode.output_bits == 8 and layer.type not in DATA:
            narrow.add(name)
    names = network.layers
    return Chain(tuple(x for x in names if x in joints), tuple(x for x in names if x in narrow))


def _broken_chain(
    context: Context, chain: Chain, readers: Sequence[Layer], asked: Mapping[str, AskedMode]
) -> Finding:
    model, target = context.model, context.target or context.model.hw_arch
    narrow = [model.network[name] for name in chain.narrow]
    concerned = {*chain.joints, *chain.narrow, *(reader.name for reader in readers)}
    refused = [x.name for x in narrow if x.name in asked and asked[x.name].mode.output_bits == 16]
    stuck = [x for x in narrow if x.name not in refused and not sixteen_bit_mode(x, target, None)]
    modes = {
        layer.name: f"a{mode.input_bits}_w{mode.weight_bits}_a16"
        for layer in narrow
        if layer not in stuck and layer.name not in refused
        if (mode := model.precision_mode(layer.name)) is not None
    }
    why = ["A concat, splitter or shortcut only passes on the codes that it receives."]
    why += [f"{layer.name} gets no 16 bit: {obstacle(layer, target)}." for layer in stuck]
    if refused:
        why.append(
            f"The model script asks for 16 bit at {listed(refused)}, and the archive has 8 bit "
            "there."
        )
    commands = precision_commands(modes) if modes else ()
    if commands:
        remedy = (
            f"Give {listed(list(modes), MAX_NAMED)} a 16-bit output with "
            f"{these(len(commands), 'line')}, and quantize again."
        )
    else:
        remedy = _without_lines(readers, is_refused=bool(refused))
    return Finding(
        id="sixteen-bit-chain-broken",
        severity=Severity.WARNING,
        headline="Layers cannot use 16 bit, since the layers that feed them write 8 bit",
        evidence=f"{listed([x.described() for x in readers], MAX_NAMED)} behind "
        f"{listed(chain.joints, MAX_NAMED)}, fed by "
        f"{listed([x.described() for x in narrow], MAX_NAMED)}",
        why=" ".join(why),
        remedy=remedy,
        layers=tuple(name for name in model.network.layers if name in concerned),
        measured={"producers_at_8_bit": len(narrow)},
        recommendation=Recommendation(commands) if commands else None,
    )


def _without_lines(readers: Sequence[Layer], *, is_refused: bool) -> str:
    if is_refused:
        return "Quantize again with another release of the compiler."
    return f"Go back to 8 bit at {listed([x.name for x in readers], MAX_NAMED)}."
