"""What gives the channels of a layer finer weights, as long as nothing was tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inspectors.base_inspector import Context
from inspectors.compression_lines import lines_against_compression
from inspectors.finer_codes import (
    EQUALIZATION,
    OUTPUT_SCALES,
    FinerCodes,
    lacks_equalization,
    sixteen_bit_remedy,
    tried_finer_codes,
)
from inspectors.noise.remedies import by_plan, by_training
from utils.findings import Recommendation
from utils.har.quantization import precision_commands
from utils.measurements.own_noise import are_masked
from utils.model_script import holds_lines
from utils.quantizer.four_bit_weights import four_bit_layers, with_eight_bit_weights
from utils.quantizer.sixteen_bit import closed_modes, sixteen_bit_mode
from utils.wording import listed


def finer_weights(context: Context, layers: Sequence[str]) -> FinerCodes:
    """What to do about coarse weights, by trials where there were any."""
    tried = tried_finer_codes(context, layers)
    if tried is not None:
        remedy = tried.remedy or by_plan(context) or by_training(context.model)
        is_in_vain = tried.is_in_vain and not are_masked(context.measurements, layers)
        return replace(tried, remedy="" if is_in_vain else remedy, is_in_vain=is_in_vain)
    if lacks_equalization(context.script):
        return _asked(
            "Switch equalization back on with this line and quantize again.",
            (EQUALIZATION,),
            "Switch equalization back on? Measure before and after: some networks lose by it.",
        )
    has_scales = holds_lines(context.script, [OUTPUT_SCALES])
    if set(layers) <= set(context.model.network.feeds_output) and not has_scales:
        return _asked(
            "Give each channel of the outputs a scale of its own with this line and quantize "
            "again.",
            (OUTPUT_SCALES,),
            "Give each channel of the outputs a scale of its own? Measure before and after.",
        )
    return _widened(context, layers)


def eight_bits(context: Context, layers: Sequence[str]) -> FinerCodes:
    """What to do about coarse weights of 4 bit: 8 come before anything else."""
    compressed = four_bit_layers(context.model.network, context.model.precision_mode)
    modes = {name: with_eight_bit_weights(compressed[name]) for name in layers}
    return FinerCodes(
        f"Give {listed(layers)} 8-bit weights with these lines and quantize again.",
        "",
        Recommendation((*precision_commands(modes), *lines_against_compression(context, modes))),
    )


def _widened(context: Context, layers: Sequence[str]) -> FinerCodes:
    model, target = context.model, context.target or context.model.hw_arch
    wide = [
        name
        for name in layers
        if sixteen_bit_mode(model.network[name], target, model.precision_mode(name))
    ]
    if not wide:
        return FinerCodes(by_training(model), "")
    modes = closed_modes(model.network, wide, target, model.precision_mode)
    names = [name for name in model.network.layers if name in modes]
    question = f"Give these {len(names)} layers 16 bit? It costs frames per second."
    return _asked(sixteen_bit_remedy(names), precision_commands(modes), question)


def _asked(remedy: str, commands: tuple[str, ...], question: str) -> FinerCodes:
    return FinerCodes(remedy, "", Recommendation(commands, question, default=False))
