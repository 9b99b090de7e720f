"""What the JSON report says about tables of activations, and trials against them.

docs/report.schema.json and docs/noise.md define every key.
"""

from __future__ import annotations

from typing import Any

from utils.measurements import Measurements

Entry = dict[str, Any]


def table_entry(measurements: Measurements | None, layer: str) -> Entry:
    """The table of a layer against its function; empty where it has none."""
    table = measurements.tables.get(layer) if measurements else None
    if table is None:
        return {}
    return {
        "activation_table": {
            "lines": table.lines,
            "snr_db": table.snr_db,
            "noise_share": table.share,
            "values": table.values,
            "used_range": [table.low, table.high],
        }
    }


def trial_entry(measurements: Measurements, output: str) -> Entry:
    """An output with its activation on the host; empty where that was not tried."""
    trial = measurements.table_trials.get(output)
    if trial is None:
        return {}
    return {
        "activation_on_host": {
            "layer": trial.layer,
            "linear_range": [trial.low, trial.high],
            "samples": trial.samples,
            "before_db": trial.before_db,
            "after_db": trial.after_db,
        }
    }
