"""The step from the original model to the archive's float network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from utils.backends.stages.original.closeness import closeness, is_same
from utils.backends.stages.original.entering import Archived, ScriptSteps, archived
from utils.backends.stages.original.feeding import Feed, feeds_of
from utils.backends.stages.original.feeding_trials import Feeding, best_feeding, prepared
from utils.backends.stages.original.looks import Comparison, Look
from utils.backends.stages.original.matching import Pair
from utils.backends.stages.original.preparations import SCRIPTED, preparations
from utils.backends.stages.original.trials import ends_elsewhere, mended_places, reasons_of
from utils.har.model import Model
from utils.har.network import Network
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.output_kind import WhatIsJudged
from utils.outputs.producers import class_number_outputs
from utils.outputs.thresholds import threshold_at
from utils.references import Reference
from utils.references.opening import open_references
from utils.stages import Match, Reason, StageRequest, Step
from utils.stages.comparing import compared
from utils.stages.runs import Samples, StageRun
from utils.wording import listed, printable, rounded


def reference_step(
    request: StageRequest,
    model: Model,
    parsed: StageRun,
    optimized: StageRun | None,
    samples: Samples,
    judged: WhatIsJudged,
    normalization: ScriptSteps,
) -> Step:
    """What the original model computes, against the archive before quantization.

    Parameters
    ----------
    request : the files of the original, and how samples are to be prepared for it.
    parsed, optimized : of the archive; both are one where it holds no parsed graph of its own.
    samples : by input layer, as the archive's first layer takes them.
    judged : how outputs are to be judged.
    normalization : what normalizes each input, by name of its layer.

    Raises
    ------
    DiagnosticError : a file cannot be read, run, or compared with this archive.
    """
    reference = open_references(request.references)
    whole = archived(model, parsed, optimized, samples, normalization)
    feeds = feeds_of(reference, whole.network)
    comparison = Comparison(reference, whole, feeds)
    few = replace(comparison, archived=whole.first(comparison.inner_count))
    feeding = best_feeding(few, preparations(request, has_script=whole.has_script))
    reasons = (
        *feeding.reasons,
        *_layer_reasons(few.archived, reference, feeding),
        *_reordered_outputs(reference, feeding.look),
    )
    outputs = _at_base(feeding, feeding.look.outputs)
    inner = _at_base(feeding, feeding.look.inner)
    look = comparison.outputs(whole.entering, prepared(whole, feeding.base), list(outputs.values()))
    matches = tuple(_output(whole.network, look, pair, judged) for pair in look.outputs.values())
    at_base = replace(feeding.at_base, outputs=outputs, inner=inner)
    is_equal = (
        not reasons
        and bool(matches)
        and all(_is_equal(match, look.outputs[match.layer], whole.network) for match in matches)
    )
    return Step(
        earlier="original",
        later=whole.stage,
        is_equal=is_equal,
        source=reference.path,
        outputs=matches,
        inner=tuple(
            _match(at_base, at_base.true_pairs[name])
            for name in inner
            if name in at_base.true_pairs and (not is_equal or at_base.true_pairs[name].is_same)
        ),
        parts_at="" if is_equal else at_base.parts_at,
        reasons=reasons,
        not_matched=tuple(
            layer.name
            for layer in whole.network.output_layers
            if layer.name in look.own and layer.name not in look.outputs
        ),
        left_over=_left_over(reference, look),
        notes=(
            *_on_samples(whole, feeding, request, is_equal=is_equal),
            *_on_tensors(reference, whole, feeds, feeding),
        ),
    )


def _layer_reasons(few: Archived, reference: Reference, feeding: Feeding) -> tuple[Reason, ...]:
    """What is otherwise inside of the network, with both fed alike."""
    look = feeding.look
    if look.is_equal or not look.outputs:
        return ()
    mended = mended_places(few, reference, look, feeding.entering)
    found = reasons_of(few, look, mended, feeding.entering)
    elsewhere = None if found else ends_elsewhere(reference, look)
    return found if elsewhere is None else (*found, elsewhere)


def _reordered_outputs(reference: Reference, look: Look) -> Iterator[Reason]:
    """Outputs of both whose channels are the same but for their order: labels no longer fit."""
    for name, pair in look.outputs.items():
        if pair.layout.channels and pair.tensor in reference.outputs:
            plain = replace(pair.layout, channels=())
            moved = next(n for n, at in enumerate(pair.layout.channels) if n != at)
            yield Reason(
                "channels-reordered",
                f"channel {moved} is channel {pair.layout.channels[moved]} of the original",
                closeness(plain.read(look.found[pair.tensor]), look.own[name]),
                pair.closeness_db,
                (name,),
            )


def _at_base(feeding: Feeding, pairs: Mapping[str, Pair]) -> dict[str, Pair]:
    """Pairs as they are without any reason undone."""
    base = feeding.at_base
    if base is feeding.look:
        return dict(pairs)
    return {
        name: replace(
            pair,
            closeness_db=closeness(pair.layout.read(base.found[pair.tensor]), base.own[name]),
        )
        for name, pair in pairs.items()
    }


def _match(look: Look, pair: Pair) -> Match:
    theirs, own = look.theirs(pair), look.own[pair.layer]
    tensor = printable(pair.tensor)
    return compared(pair.layer, tensor, pair.by, pair.layout.said, theirs, own, None, 0.0)


def _output(network: Network, look: Look, pair: Pair, judged: WhatIsJudged) -> Match:
    layer = network[pair.layer]
    return compared(
        pair.layer,
        printable(pair.tensor),
        pair.by,
        pair.layout.said,
        look.theirs(pair),
        look.own[pair.layer],
        judged.kind_of(pair.layer),
        threshold_at(network, layer, judged),
        is_numbered=pair.layer in class_number_outputs(network),
    )


def _is_equal(match: Match, pair: Pair, network: Network) -> bool:
    is_numbered = pair.layer in class_number_outputs(network)
    if not is_numbered and not is_same(pair.closeness_db):
        return False
    if match.agreement is None:
        return False
    outcome = Outcome.of(match.agreement, has_signal=not is_numbered)
    # Samples that give next to nothing, as behind a sigmoid, may differ in their last bits.
    return outcome.kind == "unknown" or outcome.severity is None


def _left_over(reference: Reference, look: Look) -> tuple[str, ...]:
    used = {pair.tensor for pair in look.outputs.values()}
    return tuple(printable(name) for name in reference.outputs if name not in used)


def _on_samples(
    whole: Archived, feeding: Feeding, request: StageRequest, *, is_equal: bool
) -> Iterator[str]:
    """How the samples were prepared for the original, and what that leaves open."""
    given = prepared(whole, feeding.base).values()
    low = rounded(min(float(array.min()) for array in given))
    high = rounded(max(float(array.max()) for array in given))
    yield f"The original was given the samples {feeding.base.said}, with values of {low} to {high}."
    if not is_equal or request.normalization != "try":
        return
    if feeding.base.said == SCRIPTED:
        yield (
            "That both agree rests on the model script being right: a normalization that is "
            "missing or doubled would be the same on both sides."
        )
    else:
        yield "If training prepared its samples otherwise, say how with --reference-normalization."


def _on_tensors(
    reference: Reference, whole: Archived, feeds: Sequence[Feed], feeding: Feeding
) -> Iterator[str]:
    """How tensors lie, and which there are in one of the two alone."""
    said = {feed.layout.said for feed in feeds} - {""}
    if said:
        yield f"The inputs of the original lie {listed(sorted(said))}."
    reordered = [name for name, pair in feeding.look.outputs.items() if pair.layout.channels]
    if reordered:
        yield f"The channels of {listed(reordered, 3)} come in another order than in the original."
    left = _left_over(reference, feeding.look)
    if left:
        names = printable(listed(left, 3))
        yield f"The archive does not compute {names}, which the original has as an output."
    missing = [
        layer.name for layer in whole.network.output_layers if layer.name not in feeding.look.own
    ]
    if missing:
        yield f"Not compared, as they cannot be emulated: {printable(listed(missing, 3))}."
