"""Stand-in for contract tests: what get_keras_model gives, in 3.x and in 5.x."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import tensorflow as tf

from tests.sdk_standin import faults
from tests.sdk_standin.flavours import Flavour
from tests.sdk_standin.inner_model import InnerModel, IsOpen, in_order, run_over, unpacked
from tests.sdk_standin.networks import Networks, Runnable

IS_STAND_IN = True
T = TypeVar("T", bound=Callable[..., Any])
# AutoGraph would convert the engine as well when a caller traces a model.
_untouched: Callable[[T], T] = tf.autograph.experimental.do_not_convert


class InterlayerModel(InnerModel):
    """3.x: compile() chooses the layers, `interlayer_tensors` holds what the last call gave."""

    def __init__(self, network: Runnable, flavour: Flavour, is_open: IsOpen) -> None:
        super().__init__(network, flavour, is_open)
        self._saved: list[str] = []
        if not faults.is_on("no_interlayer_tensors"):
            self.interlayer_tensors: dict[str, Any] = {}

    def compile(self, **settings: Any) -> None:
        saved = settings.pop("save_interlayer", ())
        if settings or (saved and faults.is_on("no_save_interlayer")):
            name = next(iter(settings), "save_interlayer")
            raise TypeError(f"compile() got an unexpected keyword argument '{name}'")
        self._saved = self.known(saved)

    @_untouched
    def __call__(self, data: Any) -> Any:
        outputs, computed = self.compute(data)
        if not faults.is_on("no_interlayer_tensors"):
            self.interlayer_tensors = unpacked(self.captured(computed, self._saved))
        return outputs


class Model3:
    """3.x: the model of a context, with the inner one as `_model`."""

    def __init__(self, networks: Networks, kind: str, flavour: Flavour, is_open: IsOpen) -> None:
        network: Runnable = networks.floats if kind == "float" else networks.quantized
        self._inner = InterlayerModel(network, flavour, is_open)
        if not faults.is_on("no_inner_model"):
            self._model = self._inner

    @_untouched
    def __call__(self, data: Any) -> Any:
        return self._inner(data)

    def run(self, dataset: Any, batch_size: int = 8, data_count: int | None = None) -> Any:
        return run_over(self, dataset, batch_size, data_count)


class InternalLayersModel(InnerModel):
    """5.x: a call gives internal layers beside the outputs once they were chosen."""

    def __init__(self, network: Runnable, flavour: Flavour, is_open: IsOpen) -> None:
        super().__init__(network, flavour, is_open)
        self._chosen: list[str] = []
        if faults.is_on("corrected_spelling"):
            self.set_output_internal_layers = self._choose
        elif not faults.is_on("no_internal_layers"):
            self.set_output_interal_layers = self._choose

    def _choose(self, names: Sequence[str]) -> None:
        unknown = [name for name in names if name not in self.known(names)]
        if unknown:
            raise ValueError(f"the model has no layers {unknown}")
        self._chosen = list(names)

    @_untouched
    def __call__(self, data: Any) -> Any:
        outputs, computed = self.compute(data)
        if not self._chosen:
            return outputs
        return outputs, in_order(self.captured(computed, self._chosen))


class Model5:
    """5.x: the model of a context; the inner one is made by build(), as `model`."""

    def __init__(self, networks: Networks, kind: str, flavour: Flavour, is_open: IsOpen) -> None:
        self._networks = networks
        self._flavour = flavour
        self._is_open = is_open
        self._is_quantized = kind == "quantized"
        self._is_native = self._is_quantized and faults.is_on("starts_native")
        self._inner: InternalLayersModel | None = None

    def set_quantized(self) -> None:
        self._is_quantized = True

    def set_native(self, native: bool = True) -> None:
        self._is_native = native

    def set_bit_exact(self, bit_exact: bool = True) -> None:
        """Accepted; the engine knows one way to be quantized."""

    def build(self, inputs: Mapping[str, Any]) -> None:
        """Make the inner model; `inputs` are samples by scoped input layer."""
        network: Runnable = self._networks.floats
        if self._is_quantized and not self._is_native:
            network = self._networks.quantized
        names = {layer.name for layer in network.network.input_layers}
        if set(inputs) != names:
            raise ValueError(f"inputs are {sorted(names)}, not {sorted(inputs)}")
        self._inner = InternalLayersModel(network, self._flavour, self._is_open)
        if not faults.is_on("no_inner_model"):
            self.model = self._inner

    @_untouched
    def __call__(self, inputs: Mapping[str, Any], training: bool | None = None) -> Any:
        if self._inner is None:
            self.build(inputs)
        assert self._inner is not None
        return self._inner(inputs)

    def run(self, dataset: Any, batch_size: int = 8, data_count: int | None = None) -> Any:
        return run_over(self, dataset, batch_size, data_count)
