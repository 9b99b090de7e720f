"""Outputs whose last activation leaves the chip: a linear output, and the function on the host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from utils.backends import workload
from utils.backends.closer_look.linear_outputs import tried_outputs
from utils.backends.closer_look.look import CLEAN_DB
from utils.backends.closer_look.step import Step
from utils.backends.networks import Networks
from utils.backends.parts import Part
from utils.emulator.measuring.budget import affordable_count
from utils.emulator.measuring.work import judging_work, quantized_work, total_work
from utils.har.network import Network
from utils.measurements import Measurements, Need
from utils.measurements.agreement.channels import channel_snr_db
from utils.measurements.left_out import TABLE_TRIALS
from utils.measurements.table_noise import MAIN_SHARE, TableTrial
from utils.quantizer.changed_graph import is_precision_change

# Agreement on so many tells whether a gain is one.
MOST_SAMPLES = 64
FEWEST_SAMPLES = 4


def _noisy_layers_to_try(
    network: Network, measured: Measurements, clean_db: float
) -> dict[str, str]:
    """Those of `layers_to_try` whose output has a channel below `clean_db` about its mean.

    What is constant carries no decision.
    """
    found = layers_to_try(network, measured)
    return {name: output for name, output in found.items() if _is_noisy(measured, output, clean_db)}


def _is_noisy(measured: Measurements, output: str, clean_db: float) -> bool:
    noise, layers = measured.noise, measured.layers
    if noise is None or output not in noise.layers or output not in layers:
        return False
    ratios = channel_snr_db(layers[output].output, noise.layers[output].output)
    return ratios is None or bool((ratios < clean_db).any())


def layers_to_try(network: Network, measured: Measurements) -> dict[str, str]:
    """Output layer by layer whose table holds most of the noise, and that feeds nothing else."""
    found = {}
    for name, table in measured.tables.items():
        output = _only_output(network, name)
        if output and table.share >= MAIN_SHARE:
            found[name] = output
    return found


def _only_output(network: Network, name: str) -> str:
    """The output that takes what a layer computes, as it is; "" if anything else takes it."""
    layer = network[name]
    while len(layer.outputs) == 1:
        layer = network[layer.outputs[0]]
        if layer.type == "output_layer":
            return layer.name
        if not is_precision_change(layer):
            return ""
    return ""


def _affordable(networks: Networks, work: float) -> tuple[int, float]:
    """How many of the kept samples so much work is enough for, and what they take."""
    each, most = _work_for_each(networks), min(networks.kept_count, MOST_SAMPLES)
    samples = affordable_count(work, each, min(FEWEST_SAMPLES, most), most)
    return samples, samples * each


def _work_for_each(networks: Networks) -> float:
    """What the trials take for each sample: both networks, and what comes of them twice."""
    network = networks.model.network
    run = quantized_work(network, networks.stored, network.layers)
    return total_work(networks.floats.network) + run + 2 * judging_work(network)


@dataclass(frozen=True)
class TablesTried:
    """Trials of activations on the host, by output layer."""

    trials: Mapping[str, TableTrial]


@dataclass(frozen=True)
class TablesPart(Part[TablesTried]):
    """Activations on the host, on kept samples.

    Parameters
    ----------
    layers : output layer by layer whose activation is to leave the chip.
    samples : how many of them, evenly spread.
    """

    layers: Mapping[str, str]
    samples: int
    ANSWER: ClassVar[type] = TablesTried

    def run(self, networks: Networks) -> TablesTried:
        """See `Part`."""
        batches = networks.some_kept(self.samples)
        return TablesTried(tried_outputs(networks, self.layers, batches))


class TablesOnHost(Step):
    """What outputs are like with their activation on the host."""

    WHAT = TABLE_TRIALS
    FAILED = "no activation was tried on the host"

    @property
    def is_needed(self) -> bool:
        """See `Step`."""
        return bool(self._to_try)

    @cached_property
    def _to_try(self) -> Mapping[str, str]:
        if Need.TABLE_TRIALS not in self.networks.job.need:
            return {}
        network = self.networks.model.network
        return _noisy_layers_to_try(network, self.look.measured, CLEAN_DB)

    def run(self) -> None:
        """See `Step`."""
        share = workload.TRIAL_SHARE * self.look.budget.left
        samples, work = _affordable(self.networks, share)
        found = self.answered(TablesPart(self._to_try, samples), workload.TABLES, work)
        self.look.add(table_trials=found.trials)
