"""Four classes of SNR with a colour and a name each, for tables and pictures of the graph."""

from __future__ import annotations

import math

from utils.renderers.html.noise_charts import ERROR_DB, WARNING_DB

GOOD_DB = 30.0  # good enough for every output
UNKNOWN = "snr-unknown"
# Class, and what the legend says of it.
LEGEND = (
    ("snr-bad", f"below {ERROR_DB:g} dB"),
    ("snr-low", f"{ERROR_DB:g} to {WARNING_DB:g} dB"),
    ("snr-fair", f"{WARNING_DB:g} to {GOOD_DB:g} dB"),
    ("snr-good", f"{GOOD_DB:g} dB or more"),
    (UNKNOWN, "not measured"),
)


def snr_class(snr_db: float | None) -> str:
    """Class of the style sheet for an SNR."""
    if snr_db is None or math.isnan(snr_db):
        return UNKNOWN
    for limit, (name, _) in zip((ERROR_DB, WARNING_DB, GOOD_DB), LEGEND, strict=False):
        if snr_db < limit:
            return name
    return "snr-good"
