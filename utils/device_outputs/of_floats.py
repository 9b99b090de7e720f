"""Dumps that hold what the float network computes: they came from no chip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from utils.device_outputs.apart import SAME_DB, apart
from utils.device_outputs.comparing import Output
from utils.device_outputs.unexplained import PARTLY_WHOLE
from utils.stages.runs import Samples, StageRun

FEW = 8  # samples that tell


def db_from_floats(outputs: Sequence[Output], floats: StageRun, samples: Samples) -> float | None:
    """SNR of the worst output against the float network; None where the values may be a chip's.

    Those of a chip are whole codes, within the last digits of float32.
    """
    telling = [o for o in outputs if o.match.codes and not o.found.holds_codes]
    if not telling or any(o.match.codes.whole >= PARTLY_WHOLE for o in telling if o.match.codes):
        return None
    layers = [output.match.layer for output in telling]
    few = {name: values[:FEW] for name, values in samples.items()}
    found = floats.run(few, layers)
    if any(layer not in found for layer in layers):
        return None
    worst = min(
        apart(
            output.found.expected.with_values(np.asarray(found[output.match.layer])),
            output.found.values[:FEW],
        ).snr_db
        for output in telling
    )
    return worst if worst >= SAME_DB else None
