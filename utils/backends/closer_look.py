"""What is measured behind the data pass, on the samples that it kept, by the embedded engine.

Hailo's SDK has no way to quantize a single layer, or to change a mode, short of optimizing anew
for an hour; so this is the embedded engine's work whoever ran the data pass. Each function takes
measurements and returns them with more in them, or as they are where nothing more is needed.
"""

from __future__ import annotations

from dataclasses import replace

from utils.backends.networks import Networks
from utils.backends.planning import Planner
from utils.emulator.measuring.channel_swap import measured_channel_order
from utils.emulator.measuring.sensitivity import (
    EXACT_LAYERS,
    measured_sensitivity,
    noise_sources,
)
from utils.measurements import Measurements, Need
from utils.measurements.channel_order import holds_colour_images
from utils.measurements.noise import NoiseMeasurements
from utils.terminal.phases import timed
from utils.terminal.progress import is_watched, progress_bar


def with_sensitivity(networks: Networks, measured: Measurements) -> Measurements:
    """Add what single layers do to the outputs."""
    need = networks.job.need
    noise = measured.noise
    if noise is None or not need & (Need.SENSITIVITY | Need.PRECISION_PLAN):
        return measured
    exact = networks.settings.exact_sensitivity
    sources = len(noise_sources(networks.floats, networks.quantized))
    total = sources if exact else min(sources, EXACT_LAYERS)
    with (
        timed("measuring single layers"),
        progress_bar("Probing", "layers", total, is_watched()) as bar,
    ):
        sensitivity = measured_sensitivity(
            networks.floats, networks.quantized, networks.kept, exact, bar.update
        )
    return replace(measured, noise=replace(noise, sensitivity=sensitivity))


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
    if noise is None or noise.sensitivity is None or Need.PRECISION_PLAN not in networks.job.need:
        return measured
    before = engine_noise or _noise_of_the_engine(networks) or noise
    with (
        timed("planning 16 bit"),
        progress_bar("Planning", "trials", None, is_watched()) as bar,
    ):
        plan = Planner(
            networks.model,
            before,
            noise.sensitivity,
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
        return networks.noise_pass().run(networks.read_again(), bar.update).noise


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
    total = sum(len(next(iter(batch.values()))) for batch in networks.kept)
    with (
        timed("swapping channels"),
        progress_bar("Swapping", "samples", total, is_watched()) as bar,
    ):
        order = measured_channel_order(networks.floats, networks.kept, images, bar.update)
    return measured if order is None else replace(measured, channel_order=order)
