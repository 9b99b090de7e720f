"""What is said of outputs that are the same for all samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from inspectors.base_inspector import Context
from inspectors.noise.constants import ConstantOutput, do_data_vary
from inspectors.noise.dead_ends import dead_ends, described
from inspectors.noise.remedies import remedy_for_output
from inspectors.noise.zero_weights import cut_off_by
from utils.findings import Finding, Severity
from utils.har.network import Layer
from utils.wording import itemized, listed


def constant_findings(
    context: Context, constant: Sequence[ConstantOutput], causes: Sequence[Finding]
) -> Iterator[Finding]:
    """One finding for outputs without weights, one for others in float, one for the chip alone.

    Parameters
    ----------
    causes : findings about causes, in the order in which they are to be considered.
    """
    found = [each for each in constant if each.is_so_in_float]
    cut_off = {
        each.output.layer.name: layers
        for each in found
        if (layers := cut_off_by(context.model, each.output.layer))
    }
    if cut_off:
        yield _without_weights([x for x in found if x.output.layer.name in cut_off], cut_off)
    in_float = [each for each in found if each.output.layer.name not in cut_off]
    if in_float:
        ends = dead_ends(context, _names(in_float)) if do_data_vary(context) else ()
        yield _in_float(context, in_float, ends, are_different=do_data_vary(context))
    on_chip = [each for each in constant if not each.is_so_in_float]
    if on_chip:
        worst = on_chip[0].output
        yield Finding(
            id="output-constant",
            severity=Severity.ERROR,
            headline="On the chip an output is the same for all samples, in float it is not",
            evidence=itemized([each.described() for each in on_chip]),
            why="All that the samples say is lost on the way to this output.",
            remedy=remedy_for_output(context, worst.layer.name, worst.snr_db, causes),
            layers=_names(on_chip),
            measured=_ratios(on_chip),
        )


def _without_weights(
    constant: Sequence[ConstantOutput], cut_off: Mapping[str, Sequence[Layer]]
) -> Finding:
    empty = {layer.name: layer for layers in cut_off.values() for layer in layers}
    weights = f"all weights of {listed([layer.described() for layer in empty.values()], 3)} are 0"
    return Finding(
        id="output-constant",
        severity=Severity.ERROR,
        headline="An output is the same for all samples, since all weights of a layer are 0",
        evidence=itemized([*(each.described() for each in constant), weights]),
        why="Nothing of a sample passes such a layer, in float or on the chip.",
        remedy=f"Export the model again with the trained weights of {listed([*empty], 3)}, which "
        "were lost or never loaded.",
        layers=(*empty, *_names(constant)),
        measured=_ratios(constant),
    )


def _in_float(
    context: Context,
    constant: Sequence[ConstantOutput],
    ends: Sequence[Layer],
    *,
    are_different: bool,
) -> Finding:
    trained = (
        f", then compare the weights and biases of {listed([end.name for end in ends], 3)} and of "
        "the layers in front with those of the trained model"
    )
    return Finding(
        id="output-constant",
        severity=Severity.ERROR if are_different else Severity.WARNING,
        headline="In float an output is the same for all samples, although the data differ"
        if are_different
        else "In float an output is the same for all samples, since the data hardly differ",
        evidence=itemized(
            [*(each.described() for each in constant), *filter(None, [described(context, ends)])]
        ),
        why="The float network ignores what it sees, so nothing shows what the chip loses."
        if are_different
        else "Such data show neither what the network decides nor what the chip loses.",
        remedy=f"Check that the samples are prepared as in training{trained if ends else ''}."
        if are_different
        else "Pass samples for which the float network gives different results.",
        layers=(*(end.name for end in ends), *_names(constant)),
        measured=_ratios(constant),
    )


def _names(constant: Sequence[ConstantOutput]) -> tuple[str, ...]:
    return tuple(each.output.layer.name for each in constant)


def _ratios(constant: Sequence[ConstantOutput]) -> dict[str, float]:
    return {each.output.layer.name: each.output.snr_db for each in constant}
