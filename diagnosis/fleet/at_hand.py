"""Archives that a worker has open, with the networks that it has traced."""

from __future__ import annotations

import gc
import os
import sys
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import inspectors
from diagnosis.data import job_of
from diagnosis.inputs import Inputs, read_inputs
from diagnosis.judging import needs_of
from inspectors.base_inspector import BaseInspector
from utils.backends.bench import LocalBench
from utils.backends.embedded import load_tensorflow
from utils.backends.opened_data import check_format, opened_data
from utils.backends.opened_job import OpenedJob
from utils.backends.tensorflow_runtime import choose_device
from utils.dataset.calibration_set import CalibrationSet
from utils.jobs.job import Job
from utils.options.options import Options
from utils.terminal.phases import Phases

if TYPE_CHECKING:
    from utils.backends.networks import Networks

# A worker has two archives before it (`rounds.AT_ONCE`). One more for tasks that it takes over from
# another worker would take a quarter more memory.
MOST_AT_HAND = 2


@dataclass
class AtHand:
    """An archive that was read.

    Parameters
    ----------
    chosen : the inspectors that will judge it.
    job : what is to be measured; None without data.
    """

    options: Options
    inputs: Inputs
    chosen: list[type[BaseInspector]]
    job: Job | None
    _used: int = 0
    _networks: Networks | None = field(default=None, repr=False)

    def bench(self) -> LocalBench:
        """Who would measure all of it; there are data."""
        assert self.job is not None
        return LocalBench(self.job, self.inputs.model, self.inputs.script)

    def check_format(self) -> None:
        """Refuse data that cannot be measured.

        Raises
        ------
        DiagnosticError : they do not fit, or not where they would have to.
        """
        check_format(self.inputs.model, self.data(self.bench().open_data().used))

    def data(self, used: int) -> CalibrationSet:
        """The calibration set, of which so many samples are used.

        Raises
        ------
        DatasetError : it cannot be read, or does not fit.
        """
        assert self.job is not None
        return opened_data(self.job, self.inputs.model, self.inputs.script, used)

    def networks(self, used: int) -> Networks:
        """The archive's networks, traced as far as this process has run them.

        Raises
        ------
        DiagnosticError : the data do not fit, or TensorFlow is missing.
        """
        assert self.job is not None
        if self._networks is None or self._used != used:
            choose_device(self.job.device)
            load_tensorflow(Phases())
            from utils.backends.networks import Networks

            job = OpenedJob(self.inputs.model, self.data(used), self.job.need, self.job.settings)
            self._used = used
            self._networks = Networks(job) if self._networks is None else self._networks.on(job)
        _ = self._networks.variants  # once, for all that is made of these networks
        return self._networks

    def rest(self) -> None:
        """Let go of what only judging has needed: its variants of the quantized network."""
        if self._networks is not None:
            self._networks.__dict__.pop("variants", None)


_AT_HAND: OrderedDict[tuple[object, ...], AtHand] = OrderedDict()


def at_hand(options: Options) -> AtHand:
    """The archive of these options; read unless this process has it open.

    Raises
    ------
    DiagnosticError : a file cannot be used, or an option names what does not exist.
    """
    key = (repr(options), *map(_version, (options.har, options.nms_config, *options.dfc_logs)))
    if key not in _AT_HAND:
        chosen = inspectors.select(inspectors.discover(options.inspector_folders)[0], options.order)
        inputs = read_inputs(options)
        job = job_of(options, inputs, needs_of(chosen))
        while len(_AT_HAND) >= MOST_AT_HAND:
            _AT_HAND.popitem(last=False)
            _forget_functions()
        _AT_HAND[key] = AtHand(options, inputs, chosen, job)
    _AT_HAND.move_to_end(key)
    return _AT_HAND[key]


def _forget_functions() -> None:
    """Free what TensorFlow keeps of functions that nobody has any more."""
    gc.collect()  # they refer to themselves
    context = sys.modules.get("tensorflow.python.eager.context")
    with suppress(AttributeError):  # no public function does this
        context.context().clear_kernel_cache()  # type: ignore[union-attr]


def _version(path: str | None) -> tuple[int, ...]:
    """Tells a file from one that was put in its place."""
    try:
        found = os.stat(path or "")
    except (OSError, ValueError):
        return ()
    return found.st_size, found.st_mtime_ns, found.st_ino
