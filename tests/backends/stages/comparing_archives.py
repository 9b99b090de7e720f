"""The stages of an archive, compared as a bench has them compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fixtures.stage_archives import pixels
from utils.backends.bench import LocalBench
from utils.backends.stages import side_by_side
from utils.errors import ScriptError
from utils.har.model import Model, load_model
from utils.jobs.job import Job
from utils.jobs.measured import Measured
from utils.jobs.settings import Settings
from utils.measurements import Need
from utils.measurements.output_kind import WhatIsJudged
from utils.model_script import ModelScript, parse_model_script
from utils.outputs.kinds import settled_kinds
from utils.stages import StageRequest, Stages

ASKED = StageRequest(references=("original.onnx",))


def measured_stages(
    path: str,
    request: StageRequest = ASKED,
    array: NDArray[np.float32] | None = None,
    need: Need = Need.NOTHING,
) -> Measured:
    """Measure an archive, on pixels by default, and compare its stages."""
    data = Path(path).with_suffix(".npy")
    np.save(data, pixels() if array is None else array)
    model = load_model(path, may_be_unquantized=True)
    script = script_of(model)
    judged = WhatIsJudged(settled_kinds(model, script, None, ()))
    settings = Settings(judged=judged)
    job = Job(path, str(data), None, need, settings, "embedded", stages=request)
    return LocalBench(job, model, script).measure()


def script_of(model: Model) -> ModelScript | None:
    try:
        return parse_model_script(model.script_text) if model.script_text else None
    except ScriptError:
        return None


def stages_of(path: str, request: StageRequest = ASKED) -> Stages:
    """The stages alone."""
    found = measured_stages(path, request).stages
    assert found is not None
    return found


def stand_in(monkeypatch: pytest.MonkeyPatch, step: str, function: Callable[..., Any]) -> None:
    """Put a function in the place of `reference_step` or `device_step`."""
    monkeypatch.setattr(side_by_side, step, function)
