"""Findings that come together, whatever their cause."""

# What quantization noise looks like, wherever it comes from.
NOISE = (
    "decisions-change output-snr-low low-snr low-snr-outlier noise-born-here noise-concentrated "
    "noise-diffuse error-is-bias worst-samples dfc-output-snr mixed-precision-plan"
)
# What an output has lost on the chip, of what it is in float.
LOST = frozenset({"decisions-change", "output-snr-low"})
# What a trial of corrected biases shows of noise, wherever that comes from.
CORRECTED = "bias-correction-missing bias-correction-helps"
