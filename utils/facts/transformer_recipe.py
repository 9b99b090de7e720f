"""What Hailo's own model scripts do for transformers beyond the compiler's defaults.

Source: model scripts of Hailo's model zoo v2.18 and v5.2. They hold about 70 networks with
attention: 36 like vision transformers, 28 CLIP and SigLIP encoders, 3 DETR, and a few for speech
and text. Scripts for YOLO have none of this, although later generations hold an attention block:
of 74 such networks one corrects its matmuls.
"""

from __future__ import annotations

from dataclasses import dataclass

NETWORKS_WITH_ATTENTION = 70  # about


@dataclass(frozen=True)
class RecipeItem:
    """One line of the recipe.

    Parameters
    ----------
    name : what it is, for a sentence.
    layer_type : type of the layers that it is about.
    models : networks of the zoo whose scripts have it.
    feature : of pre_quantization_optimization; "" where the layers are given 16 bit.
    arguments : what follows the feature, and its layers.
    pattern : by which Hailo's scripts name the layers; "" where they name none.
    is_core : whether more than half of the networks with attention have it.
    models_against : networks whose scripts switch the same feature off.
    """

    name: str
    layer_type: str
    models: int
    feature: str = ""
    arguments: str = ""
    pattern: str = ""
    is_core: bool = False
    models_against: int = 0


RECIPE = (
    RecipeItem(
        "ew_add_fusing disabled, which keeps residual sums apart from convolutions",
        "ew_add",
        39,
        feature="ew_add_fusing",
        arguments="policy=disabled",
        is_core=True,
    ),
    RecipeItem("16 bit at residual sums", "ew_add", 48, pattern="ew_add*", is_core=True),
    RecipeItem(
        "matmul_correction",
        "matmul",
        36,
        feature="matmul_correction",
        arguments="correction_type=zp_comp_block",
        pattern="matmul*",
        is_core=True,
    ),
    RecipeItem(
        "matmul_equalization",
        "matmul",
        15,
        feature="matmul_equalization",
        arguments="policy=enabled, matmul_bias=enabled",
        pattern="matmul*",
        models_against=8,
    ),
    RecipeItem(
        "layer_norm_decomposition",
        "layer_normalization",
        17,
        feature="layer_norm_decomposition",
        arguments="equalization=disabled, bit_decomposition_mode=uniform_precision",
    ),
    RecipeItem(
        "16 bit at scale and offset of layer normalizations",
        "normalization",
        17,
        pattern="norm*",
    ),
)
