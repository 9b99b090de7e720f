"""What faults of scripts, layers and outputs explain."""

from __future__ import annotations

from utils.causes.consequences import CORRECTED, NOISE
from utils.causes.explanations import Where, explains

EXPLAINED_BY_NETWORKS = (
    explains(
        "modification-differs",
        "dead-channels",
        Where.HERE,
        "a channel that leaves the optimized network as 0 is dead",
    ),
    explains(
        "weights-not-finite",
        f"{NOISE} {CORRECTED} dead-channels coarse-channels",
        Where.BEHIND,
        "nothing can be computed from what is no number",
    ),
    explains(
        "weights-all-zero",
        "output-constant nothing-decided channel-without-codes dead-channels "
        "abnormal-preactivation batch-norm-not-seen",
        Where.BEHIND,
        "what should come through a layer is missing behind it",
    ),
    explains(
        "weight-alone",
        f"{NOISE} {CORRECTED} coarse-channels weight-outliers unequal-channels weights-shrunk "
        "abnormal-preactivation accumulator-saturates channel-without-codes",
        Where.BEHIND,
        "one weight takes the codes of all others, and its channel those of the others",
    ),
    explains(
        "integers-differ",
        f"{NOISE} {CORRECTED} calibration-costs dead-channels coarse-channels output-constant "
        "nothing-decided channel-without-codes accumulator-saturates range-saturates "
        "weights-shrunk calibration-not-to-blame",
        Where.BEHIND,
        "other weights compute other values",
    ),
    explains(
        "finetuning-costs",
        f"{NOISE} {CORRECTED} calibration-costs calibration-not-to-blame dead-channels "
        "coarse-channels output-constant nothing-decided channel-without-codes "
        "accumulator-saturates range-saturates values-beyond-range unused-range weights-shrunk "
        "weight-outliers abnormal-preactivation",
        Where.ANYWHERE,
        "with the trained weights it does little harm",
    ),
    explains(
        "join-range-imbalance",
        f"{NOISE} bias-correction-helps coarse-channels concatenated-output channel-without-codes "
        "output-constant",
        Where.BEHIND,
        "the narrower tensor is left with few codes",
    ),
    explains(
        "concatenated-output",
        f"{NOISE} bias-correction-helps channel-without-codes output-constant",
        Where.BEHIND,
        "the narrower tensor is left with few codes",
    ),
    explains(
        "activation-table",
        f"{NOISE} bias-correction-helps",
        Where.BEHIND,
        "what lines miss of a function is missing behind it, at any number of bits",
    ),
    explains(
        "idle-weights",
        f"{NOISE} {CORRECTED} coarse-channels weight-outliers weights-shrunk output-constant "
        "channel-without-codes",
        Where.BEHIND,
        "the weights that do something are left with few codes",
    ),
    explains(
        "coarse-channels",
        f"{NOISE} bias-correction-helps weight-outliers",
        Where.BEHIND,
        "a channel that is left with few codes is mostly rounding error",
    ),
    explains(
        "coarse-channels",
        "abnormal-preactivation",
        Where.HERE,
        "channels far apart are wide beside coarse ones",
    ),
    explains(
        "weight-outliers",
        "noise-born-here noise-concentrated low-snr low-snr-outlier",
        Where.HERE,
        "few large weights leave the others few codes",
    ),
    explains(
        "fragile-layer-compressed",
        f"{NOISE} bias-correction-helps implicit-compression",
        Where.BEHIND,
        "4 bit are too few for the weights of such a layer",
    ),
    explains(
        "implicit-compression",
        f"{NOISE} bias-correction-helps weights-compressed",
        Where.BEHIND,
        "4 bit leave a weight 16 values",
    ),
    explains(
        "fragile-layer-compressed",
        "coarse-channels",
        Where.HERE,
        "4 bit leave a weight 16 values",
    ),
    explains(
        "implicit-compression",
        "coarse-channels",
        Where.HERE,
        "4 bit leave a weight 16 values",
    ),
    explains(
        "bias-correction-missing",
        f"{NOISE} optimization-level-zero level-lowered algorithm-not-run dfc-level-reduced "
        "coarse-channels weight-outliers abnormal-preactivation",
        Where.ANYWHERE,
        "with corrected biases it does no harm",
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
        "bias-correction-helps",
        "error-is-bias optimization-level-zero level-lowered algorithm-not-run dfc-level-reduced",
        Where.ANYWHERE,
        "a trial shows what the missing step gains",
    ),
    explains(
        "accumulator-saturates",
        f"{NOISE} {CORRECTED}",
        Where.BEHIND,
        "a sum that leaves the accumulator is cut off",
    ),
    explains(
        "range-saturates",
        # From the joins on, where a line of the script cuts off.
        f"{NOISE} {CORRECTED} values-beyond-range join-range-imbalance concatenated-output "
        "weights-shrunk channel-without-codes output-constant",
        Where.BEHIND,
        "what lies beyond the codes is cut off",
    ),
    explains(
        "linear-output-forced",
        f"{NOISE} {CORRECTED} range-saturates values-beyond-range sigmoid-missing",
        Where.BEHIND,
        "codes for 0 to 1 hold no numbers beyond",
    ),
    explains(
        "forced-range-too-wide",
        f"{NOISE} {CORRECTED} channel-without-codes coarse-channels output-constant "
        "join-range-imbalance concatenated-output",
        Where.BEHIND,
        "codes for what never comes are missing to all that does",
    ),
    explains(
        "range-out-of-reach",
        f"{NOISE} {CORRECTED} channel-without-codes output-constant weights-shrunk",
        Where.BEHIND,
        "codes for what never comes are missing to all that does",
    ),
    explains(
        "sixteen-bit-not-applied",
        "low-snr low-snr-outlier noise-born-here noise-concentrated sixteen-bit-chain-broken",
        Where.HERE,
        "the layer runs at 8 bit all the same",
    ),
    explains(
        "sixteen-bit-chain-broken",
        "sixteen-bit-left-out",
        Where.HERE,
        "what hands codes on has no 16 bit for it",
    ),
    explains(
        "precision-not-on-target",
        "sixteen-bit-left-out",
        Where.HERE,
        "the chip does not take what was asked for",
    ),
    explains(
        "sixteen-bit-left-out",
        "low-snr low-snr-outlier noise-born-here noise-concentrated",
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
        f"{NOISE} bias-correction-helps coarse-channels data-not-normalized output-constant "
        "weights-shrunk",
        Where.BEHIND,
        "what a channel lost is missing in all that is decided with it",
    ),
    explains(
        "decisions-change",
        "output-snr-low worst-samples noise-concentrated noise-diffuse noise-born-here low-snr "
        "low-snr-outlier error-is-bias dfc-output-snr mixed-precision-plan",
        Where.ANYWHERE,
        "they say where the lost decisions come from",
    ),
    explains(
        "output-constant",
        "decisions-change output-snr-low worst-samples",
        Where.HERE,
        "what is the same for all samples decides nothing",
    ),
    explains(
        "output-snr-low",
        "worst-samples noise-concentrated noise-diffuse noise-born-here low-snr low-snr-outlier "
        "dfc-output-snr mixed-precision-plan",
        Where.ANYWHERE,
        "they say where the noise of the outputs comes from",
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
        "script-blanket-clipping",
        "values-beyond-range range-saturates",
        Where.ANYWHERE,
        "the script cuts off what lies beyond percentiles",
    ),
    explains(
        "dfc-analysis-missing",
        "noise-not-analysed",
        Where.ANYWHERE,
        "the analysis ran out of memory",
    ),
    explains("dfc-no-shift", "weights-shrunk", Where.HERE, "no shift fits these sums"),
    explains(
        "unequal-channels",
        f"{NOISE} coarse-channels weight-outliers range-saturates accumulator-saturates "
        "channel-without-codes output-constant",
        Where.BEHIND,
        "the other channels are left with few codes",
    ),
    explains(
        "unequal-channels",
        "abnormal-preactivation unused-range values-beyond-range weights-shrunk",
        Where.HERE,
        "it is the few wide channels that show there",
    ),
)
