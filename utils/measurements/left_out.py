"""What was left out although it was asked for, and why: that is not the same as not needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from utils.terminal.interruptions import interruption

SENSITIVITY, PLAN, CHANNEL_ORDER, SAMPLES = "sensitivity", "plan", "channel_order", "samples"
TABLE_TRIALS, SCALE_TRIALS, BIAS_TRIAL = "table_trials", "scale_trials", "bias_trial"
RECALIBRATION, UNTUNED_TRIAL = "recalibration", "untuned_trial"
WHAT = {
    SENSITIVITY: "which layers lose most",
    PLAN: "which layers need 16 bit",
    TABLE_TRIALS: "what the last activation gains on the host",
    SCALE_TRIALS: "what finer codes for single channels gain",
    BIAS_TRIAL: "what bias correction gains",
    UNTUNED_TRIAL: "what the weights as they were trained gain",
    RECALIBRATION: "what a calibration on these data gains",
    CHANNEL_ORDER: "whether the channels are in the right order",
    SAMPLES: "what the samples are like that were not measured",
}

# From as many samples on it is concluded what to change in a network. The next sample of the kind
# leaves the range that they span in 2 of 9 cases. It nearly always leaves that of a single one, and
# what a trial gains on that one shows nothing about others.
FEWEST_SAMPLES = 8
TOO_FEW = f"it takes at least {FEWEST_SAMPLES} samples"

QUICK = "--quick"
INTERRUPTED = "interrupted"
FAILED = "it failed"
_REMEDIES = {
    QUICK: "run again without --quick",
    INTERRUPTED: "run again to the end",
    TOO_FEW: f"pass at least {FEWEST_SAMPLES} samples",
}


def sentence_on(left_out: Mapping[str, str], what: str) -> str:
    """What to say of a thing; "" where it was not left out."""
    return f"{WHAT[what]} was not searched: {left_out[what]}" if what in left_out else ""


def remedy_of(reason: str) -> str:
    """What to do about something that was left out; the reason itself where nothing is known."""
    return _REMEDIES.get(reason, reason)


def by_reason(left_out: Mapping[str, str]) -> Iterator[str]:
    """A sentence on all that was left out for the same reason."""
    for reason in dict.fromkeys(left_out.values()):
        names = [WHAT[what] for what, why in left_out.items() if why == reason]
        yield f"Not searched: {', '.join(names)}: {reason}"


def cut_off(left_out: Mapping[str, str]) -> str:
    """What an interruption cut off, as a sentence."""
    names = [WHAT[what] for what, reason in left_out.items() if reason == INTERRUPTED]
    said = f"; cut off: {', '.join(names)}" if names else ""
    return f"interrupted by {interruption()}, what was measured before is kept{said}"
