"""How much work the phases of a measurement are, and how much each may take.

What is measured behind the data pass takes as much work as the data pass, at most. Small networks
may take more: a few seconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from utils.backends.networks import QUANTIZED_NEEDS, Networks
from utils.emulator.measuring.budget import Budget, affordable_count
from utils.emulator.measuring.work import (
    AS_DOUBLES,
    AS_INTEGERS,
    judging_work,
    quantized_work,
    total_work,
)
from utils.har.image_like import is_image_shaped
from utils.measurements import Need
from utils.measurements.agreement.held_out import FEWEST_SAMPLES
from utils.wording import plural

# Phases, as the terminal and the log name them.
COMPARING = "measuring with the embedded engine"
SEARCH = "which layers lose most"
TABLES = "trying activations on the host"
SCALES = "trying finer codes for channels"
BIASES = "trying bias correction"
UNTUNED = "trying the weights as they were trained"
CALIBRATING = "trying a calibration on these data"
PLAN = "trying 16-bit plans"
SWAP = "swapping the channels of the images"

# Work of the data pass in passes of the float network: both networks, and what is made of them.
DATA_PASS = 3.0
FLOAT_DATA_PASS = 1.5
# Two passes of the float network.
SWAPPING = 2.0
# Shares of what may be spent behind the data pass: of the search for guilty layers, and of trials
# of ranges, which come last. The plan has the rest.
SHARE = 0.35
RANGES = 0.15
# Of what is left when trials of activations begin, which run the networks once; of finer codes; of
# corrected biases, trained weights and other ranges, each of what the others left.
TRIAL_SHARE = 0.25
# Multiply-accumulates that take a few seconds anyway: of the search, and of all.
LEAST_WORK = 3e10
LEAST_BUDGET = 2e11
# Trials that a plan mostly takes.
USUAL_TRIALS = 12


def data_pass_work(networks: Networks) -> float:
    """Work of the data pass."""
    passes = DATA_PASS if networks.job.need & QUANTIZED_NEEDS else FLOAT_DATA_PASS
    return passes * total_work(networks.floats.network) * networks.job.calibration.used


def budget_of(networks: Networks) -> Budget:
    """What may be spent behind the data pass."""
    on_spent = networks.job.phases.advance
    if networks.settings.exact_sensitivity:
        return Budget(math.inf, on_spent)
    return Budget(max(data_pass_work(networks), LEAST_BUDGET), on_spent)


def search_work(networks: Networks) -> float:
    """What the search for guilty layers may spend."""
    if networks.settings.exact_sensitivity:
        return math.inf
    return max(SHARE * data_pass_work(networks), LEAST_WORK)


def plan_work(networks: Networks, budget: Budget) -> float:
    """What a plan may spend of what is left."""
    if budget.work == math.inf:
        return math.inf
    has_ranges = Need.HISTOGRAMS in networks.job.need
    return max(budget.left - (RANGES * budget.work if has_ranges else 0.0), 0.0)


def expected_plan_work(networks: Networks) -> float:
    """What a plan mostly takes where nothing bounds it."""
    work = total_work(networks.floats.network)
    trials = USUAL_TRIALS * AS_DOUBLES * networks.kept_count
    return work * (trials + (1 + AS_INTEGERS) * networks.job.calibration.used)


def affordable_halves(networks: Networks, work: float, passes: float) -> tuple[int, float]:
    """How many kept samples so much work is enough for, where others measure than judge.

    Parameters
    ----------
    passes : of the quantized network for each sample, beside one of the float network.

    Returns
    -------
    Their number, and what they take.
    """
    network = networks.model.network
    run = quantized_work(network, networks.stored, network.layers)
    each = total_work(networks.floats.network) + passes * run + judging_work(network)
    samples = affordable_count(work, each, FEWEST_SAMPLES, networks.kept_count)
    return samples, samples * each


def measuring(networks: Networks) -> str:
    """The data pass in words."""
    shapes = networks.floats.input_shapes.values()
    noun = "image" if shapes and all(map(is_image_shaped, shapes)) else "sample"
    return f"measuring {plural(networks.job.calibration.used, noun)}"


def expected_work(networks: Networks) -> Mapping[str, float]:
    """Phases that may come, with the work that each of them is at most."""
    need = networks.job.need
    expected = {measuring(networks): data_pass_work(networks)}
    if networks.settings.quick:
        return expected
    if need & (Need.SENSITIVITY | Need.PRECISION_PLAN):
        bound = expected_plan_work(networks)
        expected[SEARCH] = min(search_work(networks), bound)
        if Need.PRECISION_PLAN in need:
            budget = budget_of(networks).work * (1 - RANGES) - expected[SEARCH]
            expected[PLAN] = min(budget, bound)
    if Need.CHANNEL_SWAPPED in need:
        expected[SWAP] = SWAPPING * total_work(networks.floats.network) * networks.kept_count
    return expected
