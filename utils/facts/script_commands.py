"""Every command of a model script that is known, with its arguments.

Sources: all scripts in the history of Hailo's model zoo (v1.0 to v5.2; 1,306 files, about 94,000
statements), the digest of the Dataflow Compiler's guide at developer.ridgerun.com
(Hailo_Model_Scripts), and published scripts for DFC 5.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from utils.facts.script_features import (
    CONFIG_FEATURES,
    POST_QUANTIZATION_FEATURES,
    PRE_QUANTIZATION_FEATURES,
    Feature,
    Features,
)
from utils.facts.script_values import (
    ACTIVATION_CLIPPING_MODES,
    ACTIVATIONS,
    BIAS_MODES,
    CONVERSIONS,
    COUNT,
    ENGINES,
    FREE,
    HEIGHT_AND_WIDTH,
    LAYERS,
    LOGITS,
    NMS_ARCHITECTURES,
    NOT_NEGATIVE,
    PRECISION_MODES,
    RANGE,
    RESIZE_METHODS,
    SHARE,
    SWITCH,
    Kind,
    Number,
    Numbers,
    Path,
)


@dataclass(frozen=True)
class Slot:
    """A place for an argument without keyword.

    Parameters
    ----------
    name : what stands there, for messages.
    kind : what it may be.
    optional : whether it may be left out, the next ones moving up.
    """

    name: str
    kind: Kind
    optional: bool = False


@dataclass(frozen=True)
class Command:
    """A command that changes the network or how it is quantized.

    Parameters
    ----------
    slots : arguments without keyword, in order; for a command with features, none but the feature.
    keywords : keyword arguments of a command without features.
    features : by name; None for a command without.
    inserts : types of the layers that it adds to the graph; () if it adds none with a name.
    names_per_layer : how many names it returns at most for one layer that it is applied to; None
        if it is not known.
    needs_target : whether its result has to be given a name.
    """

    slots: tuple[Slot, ...] = ()
    keywords: Feature = field(default_factory=Feature)
    features: Features | None = None
    inserts: tuple[str, ...] = ()
    names_per_layer: int | None = None
    needs_target: bool = False


_LAYER = Slot("a layer", LAYERS, optional=True)
_CONVERTED = ("format_conversion", "normalization", "conv", "slice", "shortcut")

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        # A bare normalization(...) "fails silently" (SLARC's notes on DFC 3.x), or the whole script
        # is refused for it (a public build log of DFC 3.33).
        "normalization": Command(
            slots=(Slot("the means", Numbers()), Slot("the deviations", Numbers()), _LAYER),
            inserts=("normalization",),
            names_per_layer=1,
            needs_target=True,
        ),
        "input_conversion": Command(
            slots=(_LAYER, Slot("a conversion", CONVERSIONS)),
            keywords=Feature({"emulator_support": SWITCH}),
            inserts=_CONVERTED,
            names_per_layer=2,
        ),
        "yuv_to_rgb": Command(slots=(_LAYER,), inserts=_CONVERTED),
        "transpose": Command(slots=(_LAYER,), inserts=("format_conversion", "transpose")),
        "resize": Command(
            slots=(_LAYER,),
            keywords=Feature(
                {
                    "resize_shapes": HEIGHT_AND_WIDTH,
                    "resize_method": RESIZE_METHODS,
                    "engine": FREE,
                },
                complete=False,
            ),
            inserts=("resize",),
            names_per_layer=1,
        ),
        "resize_input": Command(
            slots=(Slot("height and width", HEIGHT_AND_WIDTH), _LAYER),
            keywords=Feature(complete=False),
            inserts=("resize",),
        ),
        "change_output_activation": Command(slots=(_LAYER, Slot("an activation", ACTIVATIONS))),
        "logits_layer": Command(
            slots=(
                Slot("a layer", LAYERS),
                Slot("softmax or argmax", LOGITS),
                Slot("an axis", Number(whole=True), optional=True),
                Slot("an engine", ENGINES, optional=True),
            ),
            keywords=Feature({"axis": Number(whole=True), "engine": ENGINES}),
            inserts=("softmax", "argmax", "reduce_max"),
        ),
        "nms_postprocess": Command(
            slots=(
                Slot("a configuration file", Path(), optional=True),
                Slot("an architecture", NMS_ARCHITECTURES, optional=True),
            ),
            keywords=Feature(
                {
                    "meta_arch": NMS_ARCHITECTURES,
                    "engine": ENGINES,
                    "bbox_decoding_only": SWITCH,
                    "classes": COUNT,
                    "nms_scores_th": SHARE,
                    "nms_iou_th": SHARE,
                }
            ),
        ),
        "set_seed": Command(
            slots=(Slot("a seed", Number(whole=True), optional=True),),
            keywords=Feature({"seed": Number(whole=True)}),
        ),
        "quantization_param": Command(
            slots=(Slot("layers", LAYERS),),
            keywords=Feature(
                {
                    "precision_mode": PRECISION_MODES,
                    "bias_mode": BIAS_MODES,
                    "use_16bit_bias": SWITCH,
                    "max_elementwise_feed_repeat": COUNT,
                    "activation_clipping_mode": ACTIVATION_CLIPPING_MODES,
                    "activation_clipping_values": RANGE,
                    "weight_group_size": COUNT,
                    "force_range_in": RANGE,
                    "force_range_index": Number(low=0, whole=True),
                    "force_range_out": RANGE,
                    "activation_fit": SWITCH,
                    "null_channels_cutoff_factor": NOT_NEGATIVE,
                    "quantization_groups": COUNT,
                }
            ),
        ),
        "model_optimization_flavor": Command(
            keywords=Feature(
                {
                    # -100 switches everything off.
                    "optimization_level": Number(0, 4, whole=True, others=(-100,)),
                    "compression_level": Number(0, 5, whole=True),
                    "batch_size": COUNT,
                }
            )
        ),
        "model_optimization_config": Command(features=CONFIG_FEATURES),
        "pre_quantization_optimization": Command(features=PRE_QUANTIZATION_FEATURES),
        "post_quantization_optimization": Command(features=POST_QUANTIZATION_FEATURES),
    }
)

# Commands that place the network on the chip. Dozens of arguments exist that no list shows; they
# are never judged. output_layer belongs here for the same reason.
ALLOCATION_COMMANDS = frozenset(
    "compilation_param buffers defuse place concat shortcut context format_conversion "
    "allocator_param performance_param remove_node portal merge context_switch_param "
    "shape_splitter resources_param defuse_block output_mux bucket buffer_calc_param "
    "feature_splitter ddr platform_param network_group transpose_concat mux_demux l4_portal join "
    "hef_param optimize_buffers output_layer spatial_reshape_flow_params convert_to_dense "
    "use_prequantized_weights print_buffers set_kv_cache_global_params "
    "set_input_mask_to_softmax".split()
)

# What people write for a feature that does not exist, and what does the same. DFC 5.3 answers:
# "'layer_noise_analysis' is not a valid PostQuantizationFeature".
MISTAKEN_FEATURES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("post_quantization_optimization", "layer_noise_analysis"): (
            "model_optimization_config(checker_cfg, policy=enabled)"
        ),
    }
)
