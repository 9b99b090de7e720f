"""Logs of the compiler, line by line as it writes them, for a network named net."""

from __future__ import annotations

from utils.dfc_log import DfcLog

START = "[info] Starting Model Optimization"
END = "[info] Model Optimization is done"
LESS_DATA = "because there's less data than the recommended amount (1024)"
NO_GPU = "and there's no available GPU"
UNUSED = "(the accuracy won't be optimized and compression won't be used)"
TO_ZERO = f"[warning] Reducing optimization level to 0 {UNUSED} {LESS_DATA}, {NO_GPU}"
TO_ONE = f"[warning] Reducing optimization level to 1 {LESS_DATA}"
ZERO = (
    "[warning] Running model optimization with zero level of optimization is not recommended for "
    "production use and might lead to suboptimal accuracy results"
)
SKIPPED = (
    "[info] Finetune encoding skipped",
    "[info] Bias Correction skipped",
    "[info] Adaround skipped",
    "[info] Quantization-Aware Fine-Tuning skipped",
    "[info] Layer Noise Analysis skipped",
)
NOT_NORMALIZED = (
    "[info] The calibration set seems to not be normalized, because the values range is "
    "[({0}, {1}), ({0}, {1}), ({0}, {1})]."
)
NORMALIZED_TWICE = (
    "[warning] The expected calibration set should be [0, 255] when using an in-net normalization "
    "layer, but the range received is [({0}, {1}), ({0}, {1}), ({0}, {1})]."
)


def entries(count: int, use: str = "calibration") -> str:
    return f"[info] Using dataset with {count} entries for {use}"


def snr(decibels: object, output: str = "net/output_layer1") -> str:
    return f"[info] \t{output} SNR:\t{decibels} dB"


def no_shift(delta: object, layer: str = "net/conv1") -> str:
    return (
        f"[info] No shifts available for layer {layer}/conv_op, using max shift instead. "
        f"delta={delta}"
    )


def bits_reduced(bits: object, layer: str = "net/conv1") -> str:
    return f"[warning] Reducing output bits of {layer} by {bits} bits (More than half)"


def range_forced(layer: str = "net/conv1", low: float = 2.8e-16, high: float = 0.88) -> str:
    return (
        f"[info] Output layer {layer} with sigmoid activation was detected. Forcing its output "
        f"range to be [0, 1] (original range was [{low}, {high}])."
    )


def log(*lines: str, path: str = "client.log") -> DfcLog:
    return DfcLog(path, lines)


def run(*lines: str, path: str = "client.log") -> DfcLog:
    """A log of one run that says this."""
    return log(START, *lines, END, path=path)
