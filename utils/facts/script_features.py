"""Features of the three optimization commands: the first word in them, and what follows it.

Sources: the scripts of Hailo's model zoo v1.0 to v5.2, the digest of the Dataflow Compiler's guide
at developer.ridgerun.com (Hailo_Model_Scripts), and scripts for DFC 5.3 that people published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from utils.facts.script_values import (
    ACTIVATION_CLIPPING_MODES,
    ANALYZE_MODES,
    BIT_DECOMPOSITIONS,
    CORRECTION_TYPES,
    COUNT,
    FREE,
    HEIGHT_AND_WIDTH,
    LAYERS,
    LOSSES,
    NOT_NEGATIVE,
    PRECISION_MODES,
    RANGE,
    SHARE,
    SWITCH,
    WEIGHTS_CLIPPING_MODES,
    Kind,
    Number,
    Numbers,
    WordList,
    Words,
)


@dataclass(frozen=True)
class Feature:
    """One feature of a command, or the arguments of a command that has no features.

    Parameters
    ----------
    arguments : keyword arguments, by name.
    complete : whether scripts show what it takes; of others, no argument is called unknown.
    """

    arguments: Mapping[str, Kind] = field(default_factory=dict)
    complete: bool = True


Features = Mapping[str, Feature]

# What finetune takes, train_encoding takes as well.
_TRAINING: Mapping[str, Kind] = {
    "policy": SWITCH,
    "dataset_size": COUNT,
    "epochs": COUNT,
    "batch_size": COUNT,
    "learning_rate": NOT_NEGATIVE,
    "loss_layer_names": LAYERS,
    "loss_types": WordList(LOSSES),
    "loss_factors": Numbers(),
    "def_loss_type": LOSSES,
    "warmup_epochs": NOT_NEGATIVE,
    "train_scales": FREE,
    "native_layers": LAYERS,
    "native_activations": SWITCH,
    "stop_gradient_at_loss": SWITCH,
    "force_pruning": SWITCH,
    "val_images": COUNT,
    "val_batch_size": COUNT,
    "meta_arch": FREE,
    "shuffle": SWITCH,
    "use_saitama": SWITCH,
    "device": FREE,
}
_UNSEEN = Feature({"policy": SWITCH, "layers": LAYERS}, complete=False)

CONFIG_FEATURES: Features = MappingProxyType(
    {
        "calibration": Feature(
            {
                "batch_size": COUNT,
                "calibset_size": COUNT,
                "use_acceleras": SWITCH,
                "use_saitama": SWITCH,
                "device": FREE,
            }
        ),
        "compression_params": Feature(
            {"auto_4bit_weights_ratio": SHARE, "auto_16bit_weights_ratio": SHARE}
        ),
        "negative_exponent": Feature({"layers": LAYERS, "rank": NOT_NEGATIVE}),
        "globals": Feature(
            {
                "multiproc_policy": SWITCH,
                "output_encoding_vector": SWITCH,
                "output_16bit": SWITCH,
            }
        ),
        "checker_cfg": Feature(
            {
                "policy": SWITCH,
                "analyze_mode": ANALYZE_MODES,
                "dataset_size": COUNT,
                "batch_size": COUNT,
                "batch_norm_checker": SWITCH,
            }
        ),
    }
)

PRE_QUANTIZATION_FEATURES: Features = MappingProxyType(
    {
        "activation_clipping": Feature(
            {
                "layers": LAYERS,
                "mode": ACTIVATION_CLIPPING_MODES,
                "clipping_values": RANGE,
                "recollect_stats": SWITCH,
            }
        ),
        "weights_clipping": Feature(
            {"layers": LAYERS, "mode": WEIGHTS_CLIPPING_MODES, "clipping_values": RANGE}
        ),
        "equalization": Feature(
            {
                "policy": SWITCH,
                "layers": LAYERS,
                "mode": Words(("kernel_equalization",)),
                "equalization_target": Words(("activation",)),
            }
        ),
        "ew_add_fusing": Feature(
            {"policy": SWITCH, "layers": LAYERS, "infusible_ew_add_type": FREE}
        ),
        "matmul_correction": Feature(
            {"layers": LAYERS, "policy": SWITCH, "correction_type": CORRECTION_TYPES}
        ),
        "matmul_equalization": Feature({"layers": LAYERS, "policy": SWITCH, "matmul_bias": SWITCH}),
        "matmul_decomposition": Feature(
            {"layers": LAYERS, "policy": SWITCH, "precision_mode": PRECISION_MODES}, complete=False
        ),
        "layer_norm_decomposition": Feature(
            {
                "policy": SWITCH,
                "layers": LAYERS,
                "bit_decomposition_mode": BIT_DECOMPOSITIONS,
                "equalization": SWITCH,
                "eq_consumer": SWITCH,
                "token_equalization": SWITCH,
                "square_reduce_sum_groups": FREE,
            }
        ),
        "layer_decomposition": Feature(
            {"layers": LAYERS, "policy": SWITCH, "remove_low_low": SWITCH}
        ),
        "global_avgpool_reduction": Feature(
            {"layers": LAYERS, "policy": SWITCH, "division_factors": HEIGHT_AND_WIDTH}
        ),
        "se_optimization": Feature(
            {
                "layers": LAYERS,
                "policy": SWITCH,
                "method": Words(("tse",)),
                "mode": Words(("sequential",)),
                "count": COUNT,
                "tile_height": COUNT,
            }
        ),
        "dead_layers_removal": Feature({"policy": SWITCH}),
        "dead_channels_removal": _UNSEEN,
        "decompose_conv_factor": _UNSEEN,
        "resolution_reduction": Feature(
            {"shape": HEIGHT_AND_WIDTH, "interpolation": FREE, "policy": SWITCH}, complete=False
        ),
        "llm_modifications": Feature({"conv_splits": COUNT}, complete=False),
        "quarot": _UNSEEN,
        "smart_softmax_stats": _UNSEEN,
        "conv_a16_w4": _UNSEEN,
    }
)

POST_QUANTIZATION_FEATURES: Features = MappingProxyType(
    {
        "finetune": Feature(_TRAINING),
        "train_encoding": Feature(_TRAINING, complete=False),
        "bias_correction": Feature(
            {
                "policy": SWITCH,
                "layers": LAYERS,
                "cache_compression": SWITCH,
                "batch_size": COUNT,
                "use_saitama": SWITCH,
                "device": FREE,
            }
        ),
        "adaround": Feature(
            {
                "policy": SWITCH,
                "layers": LAYERS,
                "epochs": COUNT,
                "dataset_size": COUNT,
                "batch_size": COUNT,
                "learning_rate": NOT_NEGATIVE,
                "warmup": SHARE,
                "weight": NOT_NEGATIVE,
                "train_bias": SWITCH,
                "bias_correction_count": COUNT,
                "mode": Words(("train_4bit", "train_all")),
                "b_range": Numbers(2),
                "decay_start": NOT_NEGATIVE,
                "shuffle": SWITCH,
            }
        ),
        "mix_precision_search": Feature(
            {
                "policy": SWITCH,
                "dataset_size": COUNT,
                "batch_size": COUNT,
                "snr_cap": Number(),
                "comprecision_metric": Words(("bops",)),
                "optimizer": Words(("linear", "pareto")),
            },
            complete=False,
        ),
    }
)
