"""The layers that an NMS configuration names, beside those that the network has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from utils.facts.nms_configs import (
    BOX_SIDES,
    ENGINES_BY_META_ARCH,
    LAYER_KEYS,
    OBJECTNESS,
    PLAIN_BOX_META_ARCHS,
)
from utils.har.network import Layer, Network
from utils.model_script import Statement
from utils.side_files.nms_config import NmsConfig, NmsDecoder
from utils.wording import short

Size = tuple[int, int]

# A head ends here: in an output, or in what the compiler put in place of it.
END_TYPES = frozenset("output_layer nms postprocess bbox_decoder proposal_generator".split())
# What may stand between a head and its end beside layers that only pass values on.
BETWEEN_TYPES = frozenset({"activation", "concat", "softmax"})
MAX_NAMED = 3  # layers or decoders that the evidence of a finding names
MAX_QUOTED = 40  # characters of a value of the configuration that is repeated
MAX_ENDS = 64  # detectors have up to some dozens; a hostile graph could have thousands


@dataclass(frozen=True)
class Numbers:
    """What the channels of heads depend on; None where the file does not say.

    Parameters
    ----------
    classes : number of classes.
    bins : bins of the distribution that is one side of a box.
    """

    classes: int | None
    bins: int | None


@dataclass(frozen=True, eq=False)
class Head:
    """A layer that a decoder names.

    Parameters
    ----------
    decoder, key : where it is named, e.g. ``reg_layer``.
    written : the name as it stands there.
    layer : the layer of that name; None if there is none.
    """

    decoder: NmsDecoder
    key: str
    written: str
    layer: Layer | None

    @property
    def shape(self) -> tuple[int, int, int] | None:
        """(height, width, channels) of what the layer computes; None if the graph is silent."""
        if self.layer is None or not (self.layer.output_shapes or self.layer.input_shapes):
            return None
        return self.layer.output_shape

    @property
    def channels(self) -> int | None:
        """Number of channels of the layer."""
        return None if self.shape is None else self.shape[2]


@dataclass(frozen=True, eq=False)
class Detector:
    """A configuration, and the network that it is meant for.

    Parameters
    ----------
    config : the configuration.
    network : the float network.
    meta_arch : of the script's ``nms_postprocess``; "" where it does not say.
    image : height and width of the network's input; None where they cannot be told.
    statement : that line of the script; None where there is none.
    """

    config: NmsConfig
    network: Network
    meta_arch: str
    image: Size | None
    statement: Statement | None = None

    @cached_property
    def heads(self) -> tuple[Head, ...]:
        """Every layer that a decoder names, or ought to name."""
        return tuple(
            Head(decoder, key, name, self._layer(name))
            for decoder in self.config.decoders
            for key, name in decoder.layers.items()
        )

    def heads_of(self, decoder: NmsDecoder) -> tuple[Head, ...]:
        """The heads of one decoder."""
        return tuple(head for head in self.heads if head.decoder is decoder)

    @property
    def seen_image(self) -> Size | None:
        """Height and width for which the boxes are meant: of the network, else of the file."""
        return self.image or self.config.image_dims

    def _layer(self, name: str) -> Layer | None:
        found = self.network.resolve(name) if name else None
        return None if found is None else self.network[found]

    @cached_property
    def ends(self) -> tuple[Layer, ...]:
        """Layers that heads can be: what they compute leaves the network, or enters its NMS."""
        found = [layer for layer in self.network if self._computes(layer) and self._ends(layer)]
        return tuple(found[:MAX_ENDS])

    @cached_property
    def end_names(self) -> frozenset[str]:
        """Names of these layers."""
        return frozenset(layer.name for layer in self.ends)

    @staticmethod
    def _computes(layer: Layer) -> bool:
        passes = layer.is_pass_through or layer.type in BETWEEN_TYPES | END_TYPES
        return bool(layer.inputs and layer.output_shapes) and not passes

    def _ends(self, layer: Layer) -> bool:
        seen, pending = {layer.name}, [layer]
        while pending:
            for successor in self.network.successors(pending.pop()):
                if successor.type in END_TYPES:
                    return True
                between = successor.is_pass_through or successor.type in BETWEEN_TYPES
                if between and successor.name not in seen:
                    seen.add(successor.name)
                    pending.append(successor)
        return False

    def meant(self, head: Head) -> Layer | None:
        """The end that a name stands for: of that name, behind that output, or of that node."""
        if head.layer is not None:
            sources = [head.layer, *self.network.producers(head.layer)]
            return next((layer for layer in sources if layer.name in self.end_names), None)
        base = head.written.rpartition("/")[2]
        for found in (
            [end for end in self.ends if head.written and head.written in end.original_names],
            [end for end in self.ends if base and end.base_name == base],
        ):
            if len(found) == 1:
                return found[0]
        return None

    @property
    def numbers(self) -> Numbers:
        """Those of the file."""
        return Numbers(self.config.integer("classes"), self.config.integer("regression_length"))

    def expected_channels(
        self, decoder: NmsDecoder, key: str, numbers: Numbers | None = None
    ) -> int | None:
        """Channels that a layer must have; None if unknown.

        Parameters
        ----------
        numbers : classes and bins; None takes those of the file.
        """
        numbers = numbers or self.numbers
        classes, anchors = numbers.classes, decoder.boxes_per_cell
        if anchors is None:
            return None
        if key == "objectness_layer":
            return OBJECTNESS * anchors
        if key == "reg_layer":
            return self._box_channels(decoder, anchors, numbers.bins)
        if key in ("reg_layer_h", "reg_layer_w"):
            return 1
        if classes is None:
            return None
        if key == "cls_layer":
            return classes * anchors
        if key == "encoded_layer" and decoder.anchors:
            return anchors * (self.numbers_beside_classes + classes)
        combined = key == "combined_layer" and numbers.bins is not None
        return BOX_SIDES * (numbers.bins or 0) + classes if combined else None

    def _box_channels(self, decoder: NmsDecoder, anchors: int, bins: int | None) -> int | None:
        if decoder.anchors:
            return BOX_SIDES * anchors
        if self.meta_arch in PLAIN_BOX_META_ARCHS or "objectness_layer" in decoder.values:
            return BOX_SIDES
        return None if bins is None else BOX_SIDES * bins

    @property
    def numbers_beside_classes(self) -> int:
        """Numbers of one anchor box that are no classes: box, objectness, mask."""
        return BOX_SIDES + OBJECTNESS + self.config.mask_coefficients

    def is_end(self, head: Head) -> bool:
        """Whether the layer is there, and what it computes leaves the network."""
        return head.layer is not None and (not self.ends or head.layer.name in self.end_names)

    def quoted(self, key: str) -> str:
        """A value as the configuration has it, of whatever type."""
        return short(repr(self.config.values[key]), MAX_QUOTED)

    def script_line(self, meta_arch: str) -> str:
        """The script's ``nms_postprocess`` for another kind of head, with an engine that has it."""
        engine = ENGINES_BY_META_ARCH[meta_arch][0]
        named = f'"{self.config.path.rpartition("/")[2]}"' if self.config.text else ""
        others = []
        for argument in self.statement.args if self.statement else ():
            text = self.statement.text[argument.start : argument.end] if self.statement else ""
            if argument.name is None and text[:1] in "\"'":
                named = text
            elif argument.name not in (None, "meta_arch", "engine"):
                others.append(text)
        parts = [named, f"meta_arch={meta_arch}", f"engine={engine}", *others]
        return f"nms_postprocess({', '.join(filter(None, parts))})"


def entry_of(layers: Mapping[str, Layer], stride: int | None) -> str:
    """A decoder of ``bbox_decoders`` as JSON.

    Parameters
    ----------
    layers : by key.
    stride : None leaves it out.
    """
    first = next(iter(layers.values())).base_name
    parts = [f'"name": "bbox_decoder_{first}"']
    parts += [f'"stride": {stride}'] if stride is not None else []
    parts += [f'"{key}": "{layers[key].base_name}"' for key in LAYER_KEYS if key in layers]
    return f"{{{', '.join(parts)}}}"
