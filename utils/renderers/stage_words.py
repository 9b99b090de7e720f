"""Where accuracy is lost, in words that the terminal, the page, Markdown and the verdict share."""

from __future__ import annotations

import math

from utils.baseline import NOTICEABLE_DB, BaselineComparison
from utils.measurements.agreement.readings import agreement
from utils.measurements.agreement.wording import DECIDING
from utils.renderers.decided import kept
from utils.report.stage_chain import GIVEN, QUANTIZED, StageChain, StageInChain, StageOutput
from utils.stages import STAGES, StageName
from utils.wording import listed, plural, short, tenths, without_scope

CALLED: dict[StageName, str] = {
    "original": "original",
    "parsed": "parsed",
    "optimized": "optimized",
    "quantized": "quantized",
    "device": "chip",
}
LOST_HERE, DIFFERS_HERE = "lost here", "differs here"
SAME, NOT_COMPARED = "the same", "not compared"
FIRST = "-"  # nothing stands before it
LEGEND = (
    "each stage against the one to its left: share of decisions that are kept, where they are "
    "counted, and SNR in dB"
)
EXACT_DB = 100.0  # beyond it two libraries differ in the last digits of float32
MAX_NAME = 60  # characters of a layer's name


def stage_verdict(chain: StageChain) -> str:
    """Where accuracy is lost, as a clause; "" where too little was compared to say so."""
    lost = chain.lost
    if lost is None:
        return _nothing_lost(chain)
    between, others = _between(lost), _lost_as_well(chain, lost)
    if lost.name == QUANTIZED:
        what = "accuracy is lost" if lost.is_severe else "some accuracy is lost"
        return f"{what} by the quantization, {between}{others}"
    at = f", at {difference_in_words(lost)}" if lost.first_difference else ""
    is_before = STAGES.index(lost.name) < STAGES.index(QUANTIZED)
    where = f"{at}{', before any quantization' if is_before else ''}"
    if decides_alike(lost):
        pair = f"{_model(lost.name)} gives other values than {_model(lost.before)}"
        return f"{pair}{where}, which change no decision on these samples"
    return f"accuracy is lost {between}{where}{others}"


def _lost_as_well(chain: StageChain, most: StageInChain) -> str:
    """Other stages that lose: mending the one that loses most would leave them."""
    others = [s for s in chain.stages if s.before and not s.is_equal and s is not most]
    said = [
        f"{'also' if s.is_severe else 'some'} "
        f"{'by the quantization' if s.name == QUANTIZED else _between(s)}"
        for s in others
    ]
    return f", and {listed(said)}" if said else ""


def decides_alike(stage: StageInChain) -> bool:
    """Whether all decisions of all outputs were counted, and none is another one than before."""
    return bool(stage.outputs) and all(kept_share(found) == 1 for found in stage.outputs.values())


def _between(stage: StageInChain) -> str:
    return f"between {_model(stage.before)} and {_model(stage.name)}"


def _nothing_lost(chain: StageChain) -> str:
    said = _nothing_lost_where_compared(chain)
    open_ = {name for stage in chain.stages for name in stage.not_compared}
    if not said or not open_:
        return said
    verb, every = "was" if len(open_) == 1 else "were", open_.union(chain.outputs)
    return f"{said}, but {len(open_)} of {plural(len(every), 'output')} {verb} not compared"


def _nothing_lost_where_compared(chain: StageChain) -> str:
    held = [stage for stage in chain.stages if stage.before]
    if not held or any(name in GIVEN for name, _ in chain.missing):
        return ""
    is_on_chip = held[-1].name == "device"
    in_float = [stage for stage in held if stage.name not in (QUANTIZED, "device")]
    if all(stage.is_decided for stage in held):
        first, last = _model(chain.stages[0].name), _model(held[-1].name)
        nothing = f"nothing{'' if all(map(_loses_none, held)) else ' that matters'} is lost"
        if is_on_chip:
            return f"{nothing} from {first} to the outputs of the chip"
        where = "before quantization" if held[-1] in in_float else "before the chip"
        return f"{nothing} {where}, from {first} to {last}"
    said = ["the chip gives what was quantized"] if is_on_chip else []
    if in_float:
        first, last = _model(chain.stages[0].name), _model(in_float[-1].name)
        said.append(f"nothing is lost before quantization, from {first} to {last}")
    return ", and ".join(said)


def _loses_none(stage: StageInChain) -> bool:
    """Whether every decision that was counted is kept; a few may be lost within the limits."""
    return all(kept_share(found) in (None, 1) for found in stage.outputs.values())


def _model(name: StageName | None) -> str:
    if name == "device":
        return "the chip"
    return f"the {CALLED[name]} model" if name else ""


def difference_in_words(stage: StageInChain) -> str:
    """The first layer that differs, as the original model calls it where that is known."""
    return short(stage.original_name or without_scope(stage.first_difference), MAX_NAME)


def mark(chain: StageChain, stage: StageInChain) -> str:
    """What marks the stage that loses most; "" for all others."""
    if stage is not chain.lost:
        return ""
    return DIFFERS_HERE if decides_alike(stage) else LOST_HERE


def heading(chain: StageChain, stage: StageInChain) -> str:
    """Name of a stage; of the one that loses most with a mark."""
    called, marked = CALLED[stage.name], mark(chain, stage)
    return f"{called} ({marked})" if marked else called


def cell(stage: StageInChain, output: str, comparison: BaselineComparison | None = None) -> str:
    """One output of a stage against the stage before it.

    Parameters
    ----------
    comparison : an earlier run; what was noticeably better or worse then is said.
    """
    if not stage.before:
        return FIRST
    if output not in stage.outputs:
        return NOT_COMPARED
    found = stage.outputs[output]
    if found.snr_db == math.inf:
        return SAME
    said = [_share(found), _decibels(found)]
    return ", ".join(filter(None, said)) + _earlier(stage.name, output, found, comparison)


def kept_share(output: StageOutput) -> float | None:
    """The smallest share of decisions that are kept, by those measures that count them."""
    measures = agreement(output.agreement) if output.agreement else {}
    shares = [
        kept(name, found)
        for name, found in measures.items()
        if name in DECIDING and name != "psnr_db" and not math.isnan(found.value)
    ]
    return min(shares, default=None)


def _share(output: StageOutput) -> str:
    share = kept_share(output)
    return "" if share is None else f"{share:.0%}"


def _decibels(output: StageOutput) -> str:
    if math.isnan(output.snr_db):
        return ""
    if EXACT_DB < output.snr_db < math.inf:
        return f"over {EXACT_DB:g} dB"
    return f"{tenths(output.snr_db)} dB" if math.isfinite(output.snr_db) else "no signal"


def _earlier(
    stage: StageName, output: str, found: StageOutput, comparison: BaselineComparison | None
) -> str:
    changes = comparison.stages.get(stage, ()) if comparison else ()
    for change in changes:
        gain = change.gain_db
        if change.name == output and gain is not None and abs(gain) >= NOTICEABLE_DB:
            word = "better" if gain > 0 else "worse"
            return f" ({word}, before {tenths(found.snr_db - gain)})"
    return ""
