"""What the compiler's optimization levels run, and how scripts, archives and logs name it.

Levels 1 to 4 differ between public mirrors of the compiler's guide; only what all of them and the
logs agree on stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Algorithm:
    """An algorithm that improves the accuracy after quantization.

    Parameters
    ----------
    feature : its name in ``post_quantization_optimization(...)``.
    flag : what its flags in an archive begin with.
    log_names : how logs name it; it changed with the versions.
    words : what to call it in a sentence.
    """

    feature: str
    flag: str
    log_names: tuple[str, ...]
    words: str

    def line(self, policy: str) -> str:
        """The line of a model script that switches it, ``enabled`` or ``disabled``."""
        return f"post_quantization_optimization({self.feature}, policy={policy})"


# Features: scripts of Hailo's model zoo. Flags: archives of DFC 3.33. Names: public logs.
FINETUNE = Algorithm(
    "finetune",
    "quantization-aware_fine-tuning",
    ("Quantization-Aware Fine-Tuning", "Fine Tune"),
    "finetune",
)
BIAS_CORRECTION = Algorithm(
    "bias_correction", "bias_correction", ("Bias Correction",), "bias correction"
)
ADAROUND = Algorithm("adaround", "adaround", ("Adaround",), "AdaRound")
# With gradients, on samples.
TRAINING = (FINETUNE, ADAROUND)
ALGORITHMS = (BIAS_CORRECTION, ADAROUND, FINETUNE)
# The analysis leaves no flag; from level 1 on it runs by itself (community.hailo.ai thread 1931).
NOISE_ANALYSIS = "Layer Noise Analysis"
# What counts for the accuracy; that other steps are skipped is normal for most networks.
ACCURACY_STEPS = (*(name for each in ALGORITHMS for name in each.log_names), NOISE_ANALYSIS)
# The step whose entries decide the ranges, by version; others use the calibration set, too.
COLLECTORS = ("Statistics Collector", "Stats Collector")
# Further steps that logs of DFC 3.2x and 3.3x name as started, skipped or done.
OTHER_STEPS = (
    "MatmulDecomposeFix",
    "MatmulDecompose",
    "Mixed Precision",
    "LayerNorm Decomposition",
    "Layer Norm Decomposition",
    *COLLECTORS,
    "Fix zp_comp Encoding",
    "Matmul Equalization",
    "Finetune encoding",
)

# Feature that a level brings with it, by level; level 0 only equalizes (wiki of RidgeRun after the
# guide, and public logs of levels 0 to 2).
FEATURE_OF_LEVEL: Mapping[int, str] = MappingProxyType(
    {1: "bias_correction", 2: "finetune", 3: "adaround", 4: "adaround"}
)

# "Using default optimization level of 2" in logs of runs with a GPU and enough images.
DEFAULT_LEVEL = 2
# "less data than the recommended amount (1024)": with fewer images the default is 1.
RECOMMENDED_IMAGES = 1024
# Logs of 35 public runs say 64, or fewer where fewer were there, whatever was supplied.
DEFAULT_CALIBRATION_SIZE = 64

LEVEL_ZERO_WARNING = (
    "Running model optimization with zero level of optimization is not recommended for production "
    "use"
)

# Without a GPU: bias correction needs no training (community.hailo.ai thread 18264 and a public
# build of yolov8n in 35 to 45 minutes on a CPU).
WITHOUT_GPU = "model_optimization_flavor(optimization_level=1, compression_level=0)"

_LEAVING_OUT = {
    **{name: each.line("disabled") for each in ALGORITHMS for name in each.log_names},
    NOISE_ANALYSIS: "model_optimization_config(checker_cfg, policy=disabled)",
}


def leaving_out(step: str) -> str:
    """Line that leaves a step out, named as logs do; "" for one that optimization needs."""
    return _LEAVING_OUT.get(step, "")


def with_gpu(images: int) -> tuple[str, ...]:
    """Lines for a GPU and fewer images than recommended, as Ultralytics' exporter writes them.

    The learning rate is the one to which Hailo's own scripts lower it most often but one.

    Parameters
    ----------
    images : how many there are.
    """
    size = min(images, RECOMMENDED_IMAGES)
    return (
        "model_optimization_flavor(optimization_level=2, compression_level=0)",
        "post_quantization_optimization(finetune, policy=enabled, learning_rate=0.00001, "
        f"batch_size=4, dataset_size={size})",
    )


def calibration_line(images: int) -> str:
    """Line that lets calibration see more images, up to the recommended number."""
    size = min(images, RECOMMENDED_IMAGES)
    return f"model_optimization_config(calibration, batch_size=8, calibset_size={size})"
