"""What is measured behind the data pass, on the samples that it kept, by the embedded engine.

Hailo's SDK has no way to quantize a single layer, or to change a mode, short of optimizing anew
for an hour; so this is the embedded engine's work whoever ran the data pass. Each function takes
measurements and returns them with more in them, or as they are where nothing more is needed.
"""

from __future__ import annotations

import math
from dataclasses import replace

from utils.backends.networks import Networks
from utils.backends.planning import Planner
from utils.dataset.calibration_set import sample_count
from utils.emulator.measuring.channel_swap import measured_channel_order
from utils.emulator.measuring.sensitivity import Budget, measured_sensitivity
from utils.emulator.measuring.work import total_work
from utils.measurements import Measurements, Need
from utils.measurements.channel_order import holds_colour_images
from utils.measurements.noise import NoiseMeasurements, Sensitivity
from utils.terminal.logger import LOGGER
from utils.terminal.phases import timed
from utils.terminal.progress import is_watched, progress_bar

# Work of the data pass in passes of the float network: both networks, and what is made of them.
DATA_PASS = 5.0
# Share of it that the search for guilty layers may take; trials and plan have the rest.
SHARE = 0.5
# Below this an output is not clean: enough for classes, too little for a regression.
CLEAN_DB = 30.0
# What takes a few seconds anyway: small networks can afford more samples.
LEAST_WORK = 3e10


def with_sensitivity(networks: Networks, measured: Measurements) -> Measurements:
    """Add what single layers do to the outputs, where an output is not clean."""
    need, noise = networks.job.need, measured.noise
    if noise is None or not need & (Need.SENSITIVITY | Need.PRECISION_PLAN):
        return measured
    budget = _budget(networks, noise)
    if not budget.outputs:
        LOGGER.debug("single layers were not measured: every output is clean")
        return measured
    total = None if budget.work == math.inf else 100
    with (
        timed("measuring single layers"),
        progress_bar("Probing", "%", total, is_watched()) as bar,
    ):
        sensitivity = measured_sensitivity(
            networks.floats,
            networks.quantized,
            networks.kept,
            budget,
            lambda work: bar.update(100 * work / budget.work),
        )
    LOGGER.debug(
        "%d of %d layers that add noise were replayed on %d samples",
        len(sensitivity.exact),
        len(sensitivity.local),
        sensitivity.samples,
    )
    return replace(measured, noise=replace(noise, sensitivity=sensitivity))


def _budget(networks: Networks, noise: NoiseMeasurements) -> Budget:
    """Outputs that are not clean, and half of the work that the data pass took."""
    outputs = _outputs(networks)
    if networks.settings.exact_sensitivity:
        return Budget(outputs)
    target = max(networks.settings.target_db, CLEAN_DB)
    low = {
        name
        for name in outputs
        if name in noise.layers and not noise.layers[name].output.snr_db >= target
    }
    used = networks.job.calibration.used
    work = SHARE * DATA_PASS * total_work(networks.floats.network) * used
    return Budget(low, max(work, LEAST_WORK))


def _outputs(networks: Networks) -> set[str]:
    return {layer.name for layer in networks.model.network.output_layers}


def with_plan(
    engine_noise: NoiseMeasurements | None, networks: Networks, measured: Measurements
) -> Measurements:
    """Add the plan for 16 bit.

    Parameters
    ----------
    engine_noise : noise as the embedded engine sees it; it is measured where it is None. A plan
        compares before with after, so both have to be of the engine that has both.
    """
    noise = measured.noise
    if noise is None or Need.PRECISION_PLAN not in networks.job.need:
        return measured
    unreachable = set(networks.floats.not_measured) & _outputs(networks)
    if noise.sensitivity is None and not unreachable:
        return measured
    before = engine_noise or _noise_of_the_engine(networks) or noise
    with (
        timed("planning 16 bit"),
        progress_bar("Planning", "trials", None, is_watched()) as bar,
    ):
        plan = Planner(
            networks.model,
            before,
            noise.sensitivity or Sensitivity(0),
            networks.settings,
            networks.stored,
            networks.trial,
            networks.floats,
            networks.read_again,
            bar.update,
        ).plan()
    return replace(measured, plan=plan)


def _noise_of_the_engine(networks: Networks) -> NoiseMeasurements | None:
    total = networks.job.calibration.used
    with (
        timed("measuring the data with the embedded engine"),
        progress_bar("Comparing", "samples", total, is_watched()) as bar,
    ):
        return networks.data_pass(Need.NOISE).run(networks.read_again(), bar.update).noise


def with_channel_order(networks: Networks, measured: Measurements) -> Measurements:
    """Add how sure the network is with the channels of its images as they are, and reversed."""
    if Need.CHANNEL_SWAPPED not in networks.job.need:
        return measured
    images = [
        name
        for name, shape in networks.floats.input_shapes.items()
        if name in measured.layers and holds_colour_images(shape, measured.layers[name].output)
    ]
    if not images:
        return measured
    total = sum(sample_count(batch) for batch in networks.kept)
    with (
        timed("swapping channels"),
        progress_bar("Swapping", "samples", total, is_watched()) as bar,
    ):
        order = measured_channel_order(networks.floats, networks.kept, images, bar.update)
    return measured if order is None else replace(measured, channel_order=order)
