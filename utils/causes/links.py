"""Where each finding stands in the chain from the file to the decision.

The links order the search and the telling. They explain nothing by themselves: what explains what
is listed pair by pair in `utils.causes.pairs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from utils.causes import Proof


class Link(IntEnum):
    """A link of the chain, the earliest first."""

    JUDGEABLE = 0  # can it be judged at all?
    CALIBRATION = 1  # what the archive stores of its calibration
    DATA = 2  # the file given now
    FLOAT = 3  # the network is another one before any quantization
    REQUEST = 4  # what the script asked for, and what the compiler did
    PLACE = 5  # a place that codes cannot hold
    LAYER = 6  # seen at layers
    OUTPUT = 7  # seen at outputs
    DEVICE = 8  # what the chip gives is not what was quantized
    FACT = 9  # no fault


_IDS = {
    Link.JUDGEABLE: """
        calibration-unreadable calibration-file-kind calibration-shape calibration-not-finite
        calibration-input-names calibration-counts calibration-dtype weights-not-finite
        dfc-run-failed
        """,
    Link.CALIBRATION: """
        calibrated-on-noise calibrated-on-constant normalization-missing data-normalized-twice
        normalization-in-unit-range normalization-malformed dfc-calibration-entries
        dfc-not-normalized dfc-range-forced dfc-random-calibration
        """,
    Link.DATA: """
        dataset-differs calibration-noise calibration-scrambled calibration-mixed-scales
        calibration-masks calibration-constant-sample calibration-constant-input
        calibration-constant-channel
        channels-look-swapped calibration-too-few calibration-duplicates calibration-capped
        calibration-narrow-range calibration-sentinel data-not-normalized few-samples-decide
        calibration-costs calibration-colour-space
        """,
    Link.FLOAT: """
        reference-differs reference-not-matched modification-differs activation-repeated
        output-channel-empty weights-all-zero weight-alone
        """,
    Link.REQUEST: """
        script-syntax script-unknown-command script-unknown-argument script-bad-value
        script-unknown-layer script-conflict script-repeated script-unassigned-normalization
        script-blanket-clipping nms-classes nms-regression nms-stride nms-names nms-threshold
        nms-decoders script-unit-normalization
        normalization-unusual level-lowered optimization-level-zero
        algorithm-not-run dfc-level-reduced dfc-bits-reduced implicit-compression
        fragile-layer-compressed weights-compressed sixteen-bit-not-applied
        sixteen-bit-chain-broken sixteen-bit-left-out precision-not-on-target target-differs
        linear-output-forced forced-range-too-wide transformer-recipe-incomplete dfc-log-differs
        dfc-training-cut dfc-training-diverged bias-correction-missing bias-correction-helps
        integers-differ finetuning-costs
        """,
    Link.PLACE: """
        join-range-imbalance concatenated-output channel-without-codes score-cannot-fire
        unequal-channels unused-range range-out-of-reach idle-weights coarse-channels
        weight-outliers weights-shrunk wide-average-pool dfc-no-shift activation-table
        silu-activation swish-block
        """,
    Link.LAYER: """
        abnormal-preactivation batch-norm-not-seen dead-channels accumulator-saturates
        range-saturates values-beyond-range noise-born-here noise-concentrated noise-diffuse
        low-snr low-snr-outlier error-is-bias
        """,
    Link.OUTPUT: """
        decisions-change nothing-decided output-snr-low output-constant dfc-output-snr
        worst-samples score-never-fires sigmoid-missing
        """,
    Link.DEVICE: "device-differs device-not-matched",
    Link.FACT: """
        mixed-precision-plan noise-not-analysed stored-analysis-compared expected-loss
        images-saved runtime-pair dfc-analysis-missing reference-equal device-equal
        calibration-not-to-blame
        """,
}

LINKS: Mapping[str, Link] = {name: link for link, ids in _IDS.items() for name in ids.split()}

_FITTED = """
    calibrated-on-noise normalization-missing data-normalized-twice normalization-in-unit-range
    data-not-normalized dataset-differs calibration-noise calibration-scrambled
    calibration-mixed-scales channels-look-swapped script-unit-normalization
    """
_COUNTED = """
    calibration-unreadable calibration-file-kind calibration-shape calibration-not-finite
    calibration-input-names calibration-counts weights-not-finite calibration-constant-sample
    weights-all-zero weight-alone integers-differ
    calibration-masks calibration-constant-input calibrated-on-constant join-range-imbalance
    concatenated-output
    idle-weights coarse-channels unequal-channels normalization-malformed linear-output-forced
    sixteen-bit-not-applied sixteen-bit-left-out precision-not-on-target target-differs
    implicit-compression level-lowered optimization-level-zero algorithm-not-run script-syntax
    script-unknown-command calibration-sentinel script-unknown-argument script-bad-value
    script-unknown-layer script-conflict nms-classes nms-regression nms-stride nms-names
    channel-without-codes score-cannot-fire output-channel-empty decisions-change nothing-decided
    accumulator-saturates
    range-saturates output-snr-low output-constant activation-table few-samples-decide
    dfc-random-calibration dfc-level-reduced dfc-bits-reduced dfc-no-shift modification-differs
    reference-differs device-differs forced-range-too-wide range-out-of-reach
    """
PROOFS: Mapping[str, Proof] = {
    **dict.fromkeys(_FITTED.split(), Proof.FIT),
    **dict.fromkeys(_COUNTED.split(), Proof.ARITHMETIC),
    "nms-decoders": Proof.ARITHMETIC,
}
# As errors these are faults of the samples given, with which float computes as well.
FAULTS_OF_SAMPLES = frozenset(
    {"calibration-dtype", "calibration-mixed-scales", "calibration-noise", "data-not-normalized"}
)
# Names and shapes refuse an array; of arrays that are taken, only their values say whose they are.
FITTED_UNLESS_REFUSED = frozenset({"calibration-input-names"})


EXPLAINS = "explains"
COMES_WITH = "comes with"


def relation(finding_id: str) -> str:
    """What a finding does with those that are folded under it, as a verb.

    What is only seen at layers or outputs explains nothing of what is seen elsewhere.
    """
    return COMES_WITH if link_of(finding_id) >= Link.LAYER else EXPLAINS


def link_of(finding_id: str) -> Link:
    """Where a finding stands; what the table does not know, of an own inspector, is a place."""
    return LINKS.get(finding_id, Link.PLACE)
