"""What the SDK's part in a run was, and who ran the networks, in words."""

from __future__ import annotations

from dataclasses import dataclass

from utils.jobs.backend_names import BOTH, SDK
from utils.measurements.backend_comparison import BackendComparison


@dataclass(frozen=True)
class SdkPart:
    """What came of asking Hailo's SDK to run the networks.

    Parameters
    ----------
    version : of the SDK, such as ``3.33.0``; "" if it does not say.
    failure : why the embedded engine ran in its place; "" if the SDK ran.
    doubts : sentences on what the SDK says that does not fit the archive, or is not known.
    comparison : the embedded engine against the SDK; None unless both ran.
    way : how inner layers were captured; "" if they were not.
    """

    version: str = ""
    failure: str = ""
    doubts: tuple[str, ...] = ()
    comparison: BackendComparison | None = None
    way: str = ""


def described(backend: str, sdk: SdkPart | None) -> str:
    """Who ran the networks, in words for one line of the log."""
    version = f" {sdk.version}" if sdk is not None and sdk.version else ""
    if backend == SDK:
        return f"Hailo's SDK{version}"
    if backend == BOTH:
        return f"Hailo's SDK{version}, with the embedded engine beside it"
    return "the embedded engine"
