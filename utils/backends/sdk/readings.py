"""What the SDK's tensors of inner quantized layers mean: real numbers, or codes.

No public document says it, and it may differ between versions. Both readings are held against
the float network; the nearer one counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import tensorflow as tf

from utils.emulator.quantized.coded import Coded, unrounded
from utils.har.quantization import Encoding

# Real numbers on the grid of the codes are off it by float32's rounding only: 16-bit codes have
# 5 decimal digits, and float32 has 7.
ON_GRID = 0.02


@dataclass
class CodeReadings:
    """How every layer was read, settled at its first tensor that tells.

    Parameters
    ----------
    are_codes : by name of the layer.
    """

    are_codes: dict[str, bool] = field(default_factory=dict)

    def coded(
        self,
        name: str,
        tensor: tf.Tensor,
        encoding: Encoding | None,
        highest_code: int,
        reference: tf.Tensor | None,
    ) -> Coded:
        """A tensor of the SDK with its codes.

        Parameters
        ----------
        name : of the layer.
        encoding : stored for its output; None for layers without.
        highest_code : of that encoding.
        reference : what the float network computes there; None if it has no such layer.
        """
        if encoding is None:
            return Coded(tensor, None)
        if name not in self.are_codes:
            reading = _are_codes(tensor, encoding, highest_code, reference)
            if reading is not None:
                self.are_codes[name] = reading
        are_codes = self.are_codes.get(name, False)
        return Coded(tensor if are_codes else _on_grid(tensor, encoding), encoding)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """How the tensors were read, once for all layers."""
        if not self.are_codes:
            return ()
        codes = sum(self.are_codes.values())
        return (
            "the SDK's tensors of quantized layers are taken for codes at "
            f"{codes} of {len(self.are_codes)} layers and for real numbers at the others, "
            "whichever is nearer to the float network",
        )


def _are_codes(
    tensor: tf.Tensor, encoding: Encoding, highest_code: int, reference: tf.Tensor | None
) -> bool | None:
    """None where both readings are as near, as they are while a layer gives nothing but zeros."""
    is_whole = bool(tf.reduce_all(tensor == tf.round(tensor)))
    is_inside = bool(tf.reduce_all((tensor >= 0) & (tensor <= highest_code)))
    if reference is None or reference.shape != tensor.shape or not (is_whole and is_inside):
        return False
    as_codes = tf.reduce_mean(tf.square(Coded(tensor, encoding).values - reference))
    as_numbers = tf.reduce_mean(tf.square(tensor - reference))
    return None if bool(as_codes == as_numbers) else bool(as_codes < as_numbers)


def _on_grid(values: tf.Tensor, encoding: Encoding) -> tf.Tensor:
    codes = unrounded(values, encoding)
    nearest = tf.round(codes)
    return tf.where(tf.abs(codes - nearest) < ON_GRID, nearest, codes)
