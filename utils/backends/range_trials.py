"""What recommended ranges would do, measured before anybody spends an hour on them."""

from __future__ import annotations

from collections.abc import Mapping

from utils.backends.networks import Networks
from utils.har.quantization import Encoding
from utils.jobs.range_trial import MAX_TRIALS, RangeTrial
from utils.quantizer.integers import changed_layers
from utils.quantizer.requantizer import Requantizer
from utils.terminal.phases import timed
from utils.terminal.progress import is_watched, progress_bar


def tried_first(
    encodings: Mapping[str, Encoding | None], ranges: Mapping[str, tuple[float, float]]
) -> list[str]:
    """Layers whose range is tried: those that it narrows most, as far as they are coded."""
    ratios = {
        name: (high - low) / (encoding.high - encoding.low)
        for name, (low, high) in ranges.items()
        if (encoding := encodings.get(name)) is not None and encoding.high > encoding.low
    }
    return sorted(ratios, key=ratios.__getitem__)[:MAX_TRIALS]


def tried_ranges(
    networks: Networks, ranges: Mapping[str, tuple[float, float]]
) -> dict[str, RangeTrial]:
    """Output SNR before and after, by layer that was tried; one layer changes at a time.

    Raises
    ------
    DiagnosticError : the memory does not suffice, or TensorFlow fails.
    """
    stored = networks.stored
    encodings = {name: stored[name].output for name in ranges if name in stored}
    chosen = tried_first(encodings, ranges)
    if not chosen:
        return {}
    requantizer = Requantizer(networks.model)
    before = networks.trial.snr_db(networks.model.network, stored)
    found = {}
    with (
        timed("trying ranges"),
        progress_bar("Trying", "ranges", len(chosen), is_watched()) as bar,
    ):
        for name in chosen:
            changed = requantizer.apply(ranges={name: ranges[name]})
            layers = changed_layers(stored, changed.layers)
            found[name] = RangeTrial(before, networks.trial.snr_db(changed.network, layers))
            bar.update(1)
    return found
