"""What explains what, pair by pair; nothing is folded that is not listed here.

An inspector of your own adds its pairs as `EXPLANATIONS` of its class.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Where(Enum):
    """Where consequences have to lie so that a cause explains them."""

    ANYWHERE = "anywhere in the network"
    HERE = "at a layer of the cause"
    BEHIND = "at a layer of the cause, or behind it"


@dataclass(frozen=True)
class Explanation:
    """One cause and what it explains.

    Parameters
    ----------
    cause : id of a finding.
    explains : ids of findings.
    where : in relation to the layers of the cause.
    reason : why, for those who read the table.
    """

    cause: str
    explains: frozenset[str]
    where: Where
    reason: str


def explains(cause: str, consequences: str, where: Where, reason: str) -> Explanation:
    """An entry of the table.

    Parameters
    ----------
    consequences : ids, separated by spaces.
    """
    return Explanation(cause, frozenset(consequences.split()), where, reason)


# What quantization noise looks like, wherever it comes from.
_NOISE = (
    "decisions-change output-snr-low low-snr low-snr-outlier noise-born-here noise-concentrated "
    "noise-diffuse error-is-bias worst-samples dfc-output-snr mixed-precision-plan"
)
# What values of another size do to ranges and sums.
_RANGES = "values-beyond-range range-saturates accumulator-saturates unused-range"
_CALIBRATION = (
    f"{_NOISE} {_RANGES} dead-channels score-never-fires coarse-channels abnormal-preactivation "
    "output-constant score-cannot-fire channel-without-codes nothing-decided "
    "calibration-constant-sample weights-shrunk weight-outliers dfc-no-shift"
)
# What the file given now does, however right the archive is.
_MEASURED = (
    f"{_NOISE} {_RANGES} abnormal-preactivation output-constant channels-look-swapped "
    "calibration-constant-sample"
)
_DATA = f"{_MEASURED} dead-channels score-never-fires"

EXPLANATIONS = (
    explains(
        "calibrated-on-noise",
        f"{_CALIBRATION} dataset-differs optimization-level-zero",
        Where.ANYWHERE,
        "ranges that were taken from random numbers fit no data",
    ),
    explains(
        "normalization-missing",
        f"{_CALIBRATION} data-not-normalized",
        Where.ANYWHERE,
        "the network computes with numbers it was not trained on",
    ),
    explains(
        "data-normalized-twice",
        f"{_CALIBRATION} normalization-in-unit-range",
        Where.ANYWHERE,
        "what is normalized twice is almost constant",
    ),
    explains(
        "normalization-in-unit-range",
        _CALIBRATION,
        Where.ANYWHERE,
        "a constant for numbers up to 1 leaves pixels up to 255 far too large",
    ),
    explains(
        "normalization-malformed",
        f"{_CALIBRATION} normalization-missing",
        Where.ANYWHERE,
        "the network computes with numbers it was not trained on",
    ),
    explains(
        "calibration-input-names",
        _MEASURED,
        Where.ANYWHERE,
        "each input sees what belongs to another",
    ),
    explains(
        "weights-not-finite",
        f"{_NOISE} dead-channels coarse-channels",
        Where.BEHIND,
        "nothing can be computed from what is no number",
    ),
    explains(
        "dataset-differs",
        f"{_DATA} data-not-normalized normalization-missing",
        Where.ANYWHERE,
        "the ranges of the archive belong to other data",
    ),
    explains(
        "calibration-noise",
        f"{_DATA} dataset-differs",
        Where.ANYWHERE,
        "the ranges of the archive belong to data, and noise is none",
    ),
    explains(
        "few-samples-decide",
        f"{_NOISE} unused-range coarse-channels",
        Where.BEHIND,
        "what few samples reach spreads the codes, and all others are coarse",
    ),
    explains(
        "channels-look-swapped",
        "output-snr-low worst-samples score-never-fires",
        Where.ANYWHERE,
        "the network sees colours that it was not trained on",
    ),
    explains(
        "join-range-imbalance",
        f"{_NOISE} coarse-channels concatenated-output channel-without-codes",
        Where.BEHIND,
        "the narrower tensor is left with few codes",
    ),
    explains(
        "concatenated-output",
        _NOISE,
        Where.BEHIND,
        "the narrower tensor is left with few codes",
    ),
    explains(
        "coarse-channels",
        f"{_NOISE} weight-outliers",
        Where.BEHIND,
        "a channel that is left with few codes is mostly rounding error",
    ),
    explains(
        "weight-outliers",
        "noise-born-here noise-concentrated low-snr low-snr-outlier",
        Where.HERE,
        "few large weights leave the others few codes",
    ),
    explains(
        "fragile-layer-compressed",
        "low-snr low-snr-outlier noise-born-here noise-concentrated output-snr-low error-is-bias "
        "implicit-compression",
        Where.BEHIND,
        "4 bit are too few for the weights of such a layer",
    ),
    explains(
        "implicit-compression",
        "low-snr low-snr-outlier noise-born-here noise-concentrated error-is-bias "
        "weights-compressed",
        Where.HERE,
        "4 bit leave a weight 15 values",
    ),
    explains(
        "optimization-level-zero",
        "error-is-bias algorithm-not-run",
        Where.ANYWHERE,
        "no bias correction was run",
    ),
    explains(
        "level-lowered",
        "error-is-bias algorithm-not-run calibration-too-few dfc-level-reduced",
        Where.ANYWHERE,
        "what the asked level does was not run",
    ),
    explains(
        "algorithm-not-run",
        "error-is-bias",
        Where.ANYWHERE,
        "no bias correction was run",
    ),
    explains(
        "accumulator-saturates",
        _NOISE,
        Where.BEHIND,
        "a sum that leaves the accumulator is cut off",
    ),
    explains(
        "range-saturates",
        f"{_NOISE} values-beyond-range",
        Where.BEHIND,
        "what lies beyond the codes is cut off",
    ),
    explains(
        "linear-output-forced",
        f"{_NOISE} range-saturates values-beyond-range sigmoid-missing",
        Where.BEHIND,
        "codes for 0 to 1 hold no numbers beyond",
    ),
    explains(
        "sixteen-bit-not-applied",
        "low-snr low-snr-outlier noise-born-here noise-concentrated sixteen-bit-chain-broken",
        Where.HERE,
        "the layer runs at 8 bit all the same",
    ),
    explains(
        "abnormal-preactivation",
        "batch-norm-not-seen silu-activation",
        Where.HERE,
        "the same layer told twice",
    ),
    explains(
        "error-is-bias",
        "worst-samples noise-born-here low-snr low-snr-outlier output-snr-low mixed-precision-plan",
        Where.HERE,
        "most of the error there is the same for all samples",
    ),
    explains(
        "channel-without-codes",
        f"{_NOISE} coarse-channels",
        Where.BEHIND,
        "what a channel lost is missing in all that is decided with it",
    ),
    explains(
        "decisions-change",
        "output-snr-low worst-samples noise-concentrated noise-diffuse noise-born-here low-snr "
        "low-snr-outlier dfc-output-snr mixed-precision-plan",
        Where.ANYWHERE,
        "they say where the lost decisions come from",
    ),
    explains(
        "output-snr-low",
        "worst-samples noise-concentrated noise-diffuse noise-born-here low-snr low-snr-outlier "
        "dfc-output-snr mixed-precision-plan",
        Where.ANYWHERE,
        "they say where the noise of the outputs comes from",
    ),
    explains(
        "data-not-normalized",
        "abnormal-preactivation batch-norm-not-seen",
        Where.ANYWHERE,
        "the network computes with numbers it was not trained on",
    ),
    explains(
        "calibration-dtype",
        f"{_DATA} dataset-differs",
        Where.ANYWHERE,
        "the numbers lost what they meant when their type was changed",
    ),
    explains(
        "dfc-level-reduced",
        "error-is-bias algorithm-not-run",
        Where.ANYWHERE,
        "what the asked level does was not run",
    ),
    explains(
        "dfc-bits-reduced",
        "noise-born-here low-snr low-snr-outlier noise-concentrated weights-compressed",
        Where.HERE,
        "the compiler gave the layer fewer bits than were asked for",
    ),
    explains(
        "script-unassigned-normalization",
        "normalization-missing",
        Where.ANYWHERE,
        "the line that would normalize belongs to no input",
    ),
    explains(
        "script-blanket-clipping",
        "values-beyond-range range-saturates",
        Where.ANYWHERE,
        "the script cuts off what lies beyond percentiles",
    ),
    explains("dfc-no-shift", "weights-shrunk", Where.HERE, "no shift fits these sums"),
)
