"""16 bit that was asked for at layers inside of the network, and what the archive has there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inspectors.base_inspector import Context
from inspectors.output_contract.script_wishes import AskedMode, asked_modes
from inspectors.output_contract.sixteen_bit_wishes import DATA, MAX_NAMED, sources_told
from inspectors.script_lines import location
from utils.findings import Finding, Severity
from utils.har.model import WEIGHT_TYPES
from utils.har.network import Layer
from utils.har.quantization import PrecisionMode, parse_precision_mode
from utils.model_script.settings import settings_of
from utils.quantizer.precision_plan import hands_codes_on
from utils.quantizer.sixteen_bit import obstacle, sixteen_bit_mode
from utils.wording import listed

# What enters and leaves is coded as the host wants it; outputs are judged by themselves.
NOT_INSIDE = DATA | {"output_layer"}


@dataclass(frozen=True)
class Lacking:
    """A layer with fewer bits than a line of the script asks for.

    Parameters
    ----------
    layer : the layer.
    asked : what is asked, and where.
    recorded : what the archive has.
    reason : why the compiler may have left it so, as a clause; "" where nothing is known.
    is_named : whether the line names the layer, and not a pattern that it happens to fit.
    """

    layer: Layer
    asked: AskedMode
    recorded: PrecisionMode
    reason: str
    is_named: bool

    @property
    def is_unexpected(self) -> bool:
        """Whether somebody who wrote the line has reason to count on it."""
        return self.is_named and not self.reason

    def described(self) -> str:
        """What is asked for and what is there."""
        line, because = self.asked.statement.line, f" ({self.reason})" if self.reason else ""
        return (
            f"{self.layer.described()}: line {line} of the model script asks for "
            f"{self.asked.mode.text}, the archive has {self.recorded.text}{because}"
        )


def left_out(context: Context) -> Iterator[Finding]:
    """One finding for all layers inside of the network that have not the 16 bit asked for."""
    lacking = sorted(_lacking_layers(context), key=lambda each: not each.is_unexpected)
    if not lacking:
        return
    is_unexpected = lacking[0].is_unexpected
    names = {each.layer.name for each in lacking}
    yield Finding(
        id="sixteen-bit-left-out",
        severity=Severity.WARNING if is_unexpected else Severity.INFO,
        headline="Layers do not have the 16 bit that the model script asks for",
        evidence=listed([each.described() for each in lacking], MAX_NAMED),
        why="They run with the bits of the archive, whatever the script says.",
        remedy="Pass the compiler's log with --dfc-log to see why, or quantize again with another "
        "release of the compiler."
        if is_unexpected
        else "",
        layers=tuple(name for name in context.model.network.layers if name in names),
        measured={"layers": float(len(lacking))},
        location=location(context, lacking[0].asked.statement),
    )


def _lacking_layers(context: Context) -> Iterator[Lacking]:
    model, told = context.model, sources_told(context)
    target = context.target or model.hw_arch
    for name, asked in asked_modes(context).items():
        layer, recorded = model.network[name], model.precision_mode(name)
        if recorded is None or name in told or layer.type in NOT_INSIDE or hands_codes_on(layer):
            continue
        if _lacks(layer, asked.mode, recorded):
            is_named = not settings_of(asked.statement, model.network).uses_patterns
            reason = _reason(layer, asked.mode, target)
            yield Lacking(layer, asked, recorded, reason, is_named)


def _lacks(layer: Layer, asked: PrecisionMode, has: PrecisionMode) -> bool:
    """Whether bits are missing; those of an output only where the line is about the output."""
    if asked.input_bits == 16:
        lacks_weights = layer.type in WEIGHT_TYPES and asked.weight_bits == 16 > has.weight_bits
        return has.input_bits < 16 or lacks_weights
    return asked.output_bits == 16 > has.output_bits


def _reason(layer: Layer, asked: PrecisionMode, target: str) -> str:
    """What is known to stand in the way of a mode; "" if nothing is."""
    widest = parse_precision_mode(sixteen_bit_mode(layer, target, None))
    if widest is None:
        return obstacle(layer, target)
    if _lacks(layer, asked, widest):
        return f"{layer.type} layers take no more than {widest.text} on {target or 'this chip'}"
    return ""
