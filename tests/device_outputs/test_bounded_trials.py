"""Trials of faults of the input, where all of them in full would take more than they may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.device_outputs.conftest import Chips
from tests.device_outputs.networks import Chip
from utils.backends.stages.device_step import device_step
from utils.backends.stages.runs import QuantizedRun
from utils.device_outputs.rerunning import MOST_TRIALS, Rerun
from utils.device_outputs.trials.changed_samples import InputFacts
from utils.emulator.measuring.work import total_work
from utils.measurements.output_kind import WhatIsJudged
from utils.stages import StageRequest, Step


class Counted:
    """A run that counts the frames of changed samples."""

    def __init__(self, run: QuantizedRun) -> None:
        self.network = run.network
        self.frames: list[int] = []
        self._run = run

    def run(self, samples: Mapping[str, NDArray[Any]], layers: Sequence[str]) -> Any:
        self.frames.append(len(next(iter(samples.values()))))
        return self._run.run(samples, layers)


def bounded(chip: Chip, run: Counted, dump: str) -> Step:
    """With as much work as every trial on one frame takes."""
    work = MOST_TRIALS * total_work(run.network)
    request = StageRequest(device_outputs=(dump,))
    return device_step(request, chip.model, run, chip.samples, WhatIsJudged(), None, work)


def written(path: str, outputs: Mapping[str, NDArray[Any]]) -> str:
    save: Any = np.savez
    save(path, **outputs)
    return path


@pytest.mark.parametrize(("inputs", "more"), [(1, 0), (4, 14)])
def test_as_many_faults_are_tried_as_is_said(inputs: int, more: int) -> None:
    ramp = np.linspace(0, 255, 64 * 64 * 3, dtype=np.float32).reshape(1, 64, 64, 3).round()
    samples = {f"input_layer{i}": np.roll(ramp, i, axis=1) for i in range(inputs)}
    facts = InputFacts(mean=np.zeros(3, np.float32), std=np.full(3, 255, np.float32))
    rerun = Rerun(samples, dict.fromkeys(samples, facts), lambda *_: ())
    assert len(list(rerun.changed(1))) == MOST_TRIALS + more


def test_noise_is_run_on_one_frame_of_every_fault(chips: Chips, tmp_path: Any) -> None:
    chip, random = chips("line"), np.random.default_rng(0)
    noisy = {
        name: (v + 3 * v.std() * random.standard_normal(v.shape)).astype(np.float32)
        for name, v in chip.values().items()
    }
    run = Counted(chip.run)
    step = bounded(chip, run, written(str(tmp_path / "noisy.npz"), noisy))
    assert not step.is_equal
    assert step.reasons == ()
    whole, *tried = run.frames
    assert whole == len(next(iter(chip.samples.values())))
    assert tried
    assert set(tried) == {1}


def test_a_fault_of_the_input_is_still_found(chips: Chips, tmp_path: Any) -> None:
    chip = chips("line")
    swapped = {name: v[..., ::-1] for name, v in chip.samples.items()}
    run = Counted(chip.run)
    step = bounded(chip, run, written(str(tmp_path / "bgr.npz"), chip.values(swapped)))
    assert [reason.word for reason in step.reasons] == ["input-channels"]
    assert max(run.frames[1:]) > 1
    assert sum(frames > 1 for frames in run.frames[1:]) == 1
