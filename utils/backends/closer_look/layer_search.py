"""Which layers lose most: each quantized by itself, as far as the work goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from utils.backends import workload
from utils.backends.closer_look.step import Step
from utils.backends.networks import Networks
from utils.backends.parts import Part
from utils.emulator.measuring.sensitivity import Search
from utils.emulator.measuring.sweeps import Sweep, Swept, run_sweep
from utils.measurements import Need
from utils.measurements.left_out import SENSITIVITY


@dataclass(frozen=True)
class SweepPart(Part[Swept]):
    """Layers by themselves, on kept samples."""

    sweep: Sweep
    ANSWER: ClassVar[type] = Swept

    def run(self, networks: Networks) -> Swept:
        """See `Part`."""
        return run_sweep(networks.floats, networks.quantized, networks.kept, self.sweep)


class LayerSearch(Step):
    """What single layers do to the outputs that are not clean, or lose decisions."""

    WHAT = SENSITIVITY
    FAILED = "what single layers do was not measured"

    @property
    def is_needed(self) -> bool:
        """See `Step`."""
        wanted = self.networks.job.need & (Need.SENSITIVITY | Need.PRECISION_PLAN)
        return bool(wanted and self.look.searched_outputs)

    def run(self) -> None:
        """See `Step`."""
        networks, look, noise = self.networks, self.look, self.look.measured.noise
        assert noise is not None
        work = workload.search_work(networks)
        search = Search(networks.floats, networks.quantized, look.searched_outputs, work)
        with look.phases.phase(workload.SEARCH, search.most_work(networks.kept_count)):
            spent = 0.0
            for found in search.refined(networks.kept, self._swept, networks.job.parts.spreads):
                look.add(noise=replace(noise, sensitivity=found))
                look.phases.note(found.in_words())
                look.budget.spend(search.spent - spent)
                spent = search.spent

    def _swept(self, sweeps: Sequence[Sweep], work: float) -> Iterator[Swept]:
        return self.networks.answers([SweepPart(sweep) for sweep in sweeps], work)
