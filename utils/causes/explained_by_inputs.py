"""What faults of the data explain: those given now, and those that calibration saw."""

from __future__ import annotations

from utils.causes.consequences import CORRECTED, NOISE
from utils.causes.explanations import Where, explains

# What values of another size do to ranges and sums.
_RANGES = (
    "values-beyond-range range-saturates accumulator-saturates unused-range forced-range-too-wide "
    "range-out-of-reach"
)
_COSTLY = "calibration-costs finetuning-costs"  # trials that show what comes of such values
_CALIBRATION = (
    f"{NOISE} {CORRECTED} {_RANGES} {_COSTLY} dead-channels score-never-fires coarse-channels "
    "abnormal-preactivation output-constant score-cannot-fire channel-without-codes "
    "nothing-decided calibration-constant-sample weights-shrunk weight-outliers dfc-no-shift"
)
# What the file given now does, however right the archive is.
_MEASURED = (
    f"{NOISE} {CORRECTED} {_RANGES} {_COSTLY} abnormal-preactivation output-constant "
    "channels-look-swapped calibration-constant-sample nothing-decided channel-without-codes"
)
# What else is said of data, or of an archive, whose values mean nothing.
_INPUT = "dataset-differs data-normalized-twice data-not-normalized normalization-missing"
# Of values that lie elsewhere: how large they are stays as it was.
_ORDER = "dataset-differs data-not-normalized"
_DATA = f"{_MEASURED} dead-channels score-never-fires"
# What is seen of the float network alone: nobody knows which part of a function it uses while it
# computes with wrong numbers, however right the ranges are.
_FLOAT = "activation-table"

EXPLAINED_BY_INPUTS = (
    explains(
        "calibrated-on-noise",
        f"{_CALIBRATION} {_INPUT} calibration-scrambled dfc-random-calibration",
        Where.ANYWHERE,
        "ranges that were taken from random numbers fit no data",
    ),
    explains(
        "dfc-random-calibration",
        f"{_CALIBRATION} {_INPUT} calibration-scrambled dfc-calibration-entries",
        Where.ANYWHERE,
        "ranges that were taken from random numbers fit no data",
    ),
    explains(
        "calibrated-on-constant",
        f"{_CALIBRATION} {_INPUT}",
        Where.ANYWHERE,
        "ranges that were taken from one value fit no data",
    ),
    explains(
        "calibration-scrambled",
        f"{_CALIBRATION} {_FLOAT} {_ORDER}",
        Where.ANYWHERE,
        "the network sees values that belong elsewhere",
    ),
    explains(
        "calibration-mixed-scales",
        f"{_CALIBRATION} {_INPUT} few-samples-decide calibration-narrow-range worst-samples",
        Where.ANYWHERE,
        "what is far larger than the rest alone sets the ranges",
    ),
    explains(
        "calibration-masks",
        f"{_CALIBRATION} calibration-constant-sample calibration-narrow-range worst-samples",
        Where.ANYWHERE,
        "masks are no pictures, and reach where no picture does",
    ),
    explains(
        "calibration-colour-space",
        "dataset-differs calibration-narrow-range channels-look-swapped",
        Where.ANYWHERE,
        "the network sees other colours than it was trained on",
    ),
    explains(
        "calibration-sentinel",
        f"{_CALIBRATION} {_INPUT} few-samples-decide",
        Where.BEHIND,
        "one value far off takes the range from all others",
    ),
    explains(
        "normalization-missing",
        f"{_CALIBRATION} {_FLOAT} data-not-normalized",
        Where.ANYWHERE,
        "the network computes with numbers it was not trained on",
    ),
    explains(
        "data-normalized-twice",
        f"{_CALIBRATION} {_FLOAT} normalization-in-unit-range data-not-normalized",
        Where.ANYWHERE,
        "what is normalized twice is almost constant",
    ),
    explains(
        "normalization-in-unit-range",
        f"{_CALIBRATION} {_FLOAT} data-not-normalized",
        Where.ANYWHERE,
        "a constant for numbers up to 1 leaves pixels up to 255 far too large",
    ),
    explains(
        "normalization-malformed",
        f"{_CALIBRATION} {_FLOAT} normalization-missing",
        Where.ANYWHERE,
        "the network computes with numbers it was not trained on",
    ),
    explains(
        "calibration-input-names",
        f"{_MEASURED} {_FLOAT}",
        Where.ANYWHERE,
        "each input sees what belongs to another",
    ),
    explains(
        "calibration-constant-sample",
        "output-constant",
        Where.ANYWHERE,
        "what never changes is answered alike",
    ),
    explains(
        "dataset-differs",
        f"{_DATA} data-not-normalized normalization-missing",
        Where.ANYWHERE,
        "the ranges of the archive belong to other data",
    ),
    explains(
        "calibration-noise",
        f"{_DATA} {_FLOAT} dataset-differs data-not-normalized",
        Where.ANYWHERE,
        "the ranges of the archive belong to data, and noise is none",
    ),
    explains(
        "calibration-constant-input",
        f"{_DATA} {_FLOAT} dataset-differs channel-without-codes nothing-decided "
        "calibration-duplicates data-not-normalized",
        Where.BEHIND,
        "an input that never changes shows nothing of what the network does",
    ),
    explains(
        "calibration-constant-channel",
        "abnormal-preactivation dead-channels coarse-channels",
        Where.BEHIND,
        "what the network makes of a channel that never changes is no sign of what it does",
    ),
    explains(
        "few-samples-decide",
        f"{NOISE} {CORRECTED} {_COSTLY} unused-range range-out-of-reach coarse-channels "
        "abnormal-preactivation",
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
        "data-not-normalized",
        "abnormal-preactivation batch-norm-not-seen dead-channels",
        Where.ANYWHERE,
        "the network computes with numbers it was not trained on",
    ),
    explains(
        "normalization-unusual",
        f"{_CALIBRATION} {_FLOAT} batch-norm-not-seen data-not-normalized",
        Where.ANYWHERE,
        "the network computes with numbers it was not trained on",
    ),
    explains(
        "calibration-costs",
        f"{NOISE} {CORRECTED} {_RANGES} dead-channels score-never-fires coarse-channels "
        "output-constant nothing-decided channel-without-codes",
        Where.ANYWHERE,
        "with ranges of these data it does little harm",
    ),
    explains(
        "calibration-dtype",
        f"{_DATA} dataset-differs data-normalized-twice data-not-normalized",
        Where.ANYWHERE,
        "the numbers lost what they meant when their type was changed",
    ),
    explains(
        "script-unassigned-normalization",
        "normalization-missing",
        Where.ANYWHERE,
        "the line that would normalize belongs to no input",
    ),
)
