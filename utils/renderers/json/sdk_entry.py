"""The JSON report's entry on Hailo's SDK."""

from __future__ import annotations

from typing import Any

from utils.har.network import Network
from utils.jobs.sdk_part import SdkPart
from utils.measurements.backend_comparison import BackendComparison, LayerAgreement


def sdk_entry(sdk: SdkPart | None, network: Network) -> dict[str, Any]:
    """``{"sdk": ...}``, or nothing where the SDK was not asked.

    Parameters
    ----------
    network : the float graph, which says what enters a layer.
    """
    if sdk is None:
        return {}
    entry: dict[str, Any] = {
        "version": sdk.version or None,
        "failure": sdk.failure or None,
        "doubts": list(sdk.doubts),
        "way": sdk.way or None,
    }
    if sdk.comparison is not None:
        entry["comparison"] = _comparison(sdk.comparison, network)
    return {"sdk": entry}


def _comparison(comparison: BackendComparison, network: Network) -> dict[str, Any]:
    return {
        "samples": comparison.samples,
        "float_parts_at": list(comparison.parting(network, "float")),
        "codes_part_at": list(comparison.parting(network, "codes")),
        "layers": {name: _agreement(found) for name, found in comparison.layers.items()},
    }


def _agreement(found: LayerAgreement) -> dict[str, Any]:
    values = {
        "float_difference": found.float_difference,
        "codes_differing": found.codes_differing,
        "sdk_snr_db": found.sdk_snr_db,
        "embedded_snr_db": found.embedded_snr_db,
    }
    return {name: value for name, value in values.items() if value is not None}
