"""The layers that an NMS configuration names, beside those that the network has."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from utils.facts.nms_configs import BOX_SIDES, OBJECTNESS, PLAIN_BOX_META_ARCHS
from utils.har.network import Layer, Network
from utils.side_files.nms_config import NmsConfig, NmsDecoder

Size = tuple[int, int]

# A head ends here: in an output, or in what the compiler put in place of it.
END_TYPES = frozenset("output_layer nms postprocess bbox_decoder proposal_generator".split())
# What may stand between a head and its end beside layers that only pass values on.
BETWEEN_TYPES = frozenset({"activation", "concat", "softmax"})
MAX_NAMED = 3  # layers or decoders that the evidence of a finding names
MIN_LIKENESS = 0.6  # of two names, 0 to 1; below it a suggestion is a guess


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
    """

    config: NmsConfig
    network: Network
    meta_arch: str
    image: Size | None

    @cached_property
    def heads(self) -> tuple[Head, ...]:
        """Every layer that a decoder names, or ought to name."""
        return tuple(
            Head(decoder, key, name, self._layer(name))
            for decoder in self.config.decoders
            for key, name in decoder.layers.items()
        )

    def heads_of(self, decoder: NmsDecoder) -> dict[str, Head]:
        """The heads of one decoder by key."""
        return {head.key: head for head in self.heads if head.decoder is decoder}

    def _layer(self, name: str) -> Layer | None:
        found = self.network.resolve(name) if name else None
        return None if found is None else self.network[found]

    @cached_property
    def ends(self) -> tuple[Layer, ...]:
        """Layers that heads can be: what they compute leaves the network, or enters its NMS."""
        return tuple(layer for layer in self.network if self._computes(layer) and self._ends(layer))

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

    def expected_channels(self, decoder: NmsDecoder, key: str) -> int | None:
        """Channels that a layer must have for what the configuration says; None if unknown."""
        classes, anchors = self.config.integer("classes"), decoder.boxes_per_cell
        if anchors is None:
            return None
        if key == "objectness_layer":
            return OBJECTNESS * anchors
        if key == "reg_layer":
            return self._box_channels(decoder, anchors)
        if classes is None:
            return None
        if key == "cls_layer":
            return classes * anchors
        if key == "encoded_layer" and decoder.anchors:
            return anchors * (self.numbers_beside_classes + classes)
        bins = self.config.integer("regression_length")
        return None if key != "combined_layer" or bins is None else BOX_SIDES * bins + classes

    def _box_channels(self, decoder: NmsDecoder, anchors: int) -> int | None:
        bins = self.config.integer("regression_length")
        if decoder.anchors:
            return BOX_SIDES * anchors
        if bins is not None:
            return BOX_SIDES * bins
        is_plain = self.meta_arch in PLAIN_BOX_META_ARCHS or "objectness_layer" in decoder.values
        return BOX_SIDES if is_plain else None

    @property
    def numbers_beside_classes(self) -> int:
        """Numbers of one anchor box that are no classes: box, objectness, mask."""
        return BOX_SIDES + OBJECTNESS + self.config.mask_coefficients

    def is_plausible(self, head: Head) -> bool:
        """Whether the layer is there, ends the network, and has channels that fit or may fit."""
        expected = self.expected_channels(head.decoder, head.key)
        return self.is_end(head) and (expected is None or head.channels in (expected, None))

    def is_end(self, head: Head) -> bool:
        """Whether the layer is there, and what it computes leaves the network."""
        return head.layer is not None and (not self.ends or head.layer.name in self.end_names)

    def replacement(self, head: Head) -> Layer | None:
        """The one layer that has the size and the channels which the head needs."""
        expected = self.expected_channels(head.decoder, head.key)
        fitting = [end for end in self._free_ends(head) if end.output_shape[2] == expected]
        return fitting[0] if len(fitting) == 1 else None

    def suggestion(self, head: Head) -> Layer | None:
        """The layer that is most likely meant; None where nothing tells."""
        return self.replacement(head) or self._left_over(head) or self._alike(head)

    def _free_ends(self, head: Head) -> Iterator[Layer]:
        """Ends of the right size that no other head names with right."""
        taken = {h.layer.name for h in self.heads if h is not head and h.layer and self._fits(h)}
        size = self._size(head.decoder)
        for end in self.ends:
            if end.name not in taken and (size is None or end.output_shape[:2] == size):
                yield end

    def _fits(self, head: Head) -> bool:
        expected = self.expected_channels(head.decoder, head.key)
        return expected is not None and head.channels == expected and self.is_end(head)

    def _size(self, decoder: NmsDecoder) -> Size | None:
        """Height and width of the heads of a decoder, from its stride or one that is right."""
        image = self.image or self.config.image_dims
        if image is not None and decoder.stride and decoder.stride > 0:
            return math.ceil(image[0] / decoder.stride), math.ceil(image[1] / decoder.stride)
        shapes = [h.shape for h in self.heads_of(decoder).values() if h.shape and self._fits(h)]
        return shapes[0][:2] if shapes else None

    def _left_over(self, head: Head) -> Layer | None:
        """The only layer of the right size that no head of the decoder can do without."""
        if self._size(head.decoder) is None:
            return None
        others = [h for h in self.heads_of(head.decoder).values() if h is not head]
        wanted = {layer.name for layer in map(self.replacement, others) if layer is not None}
        left = [end for end in self._free_ends(head) if end.name not in wanted]
        return left[0] if len(left) == 1 else None

    def _alike(self, head: Head) -> Layer | None:
        if not head.written:
            return None
        for layer in self.ends:
            if head.written in layer.original_names:
                return layer
        by_name = {layer.base_name: layer for layer in self.ends}
        written = head.written.rpartition("/")[2]
        names = get_close_matches(written, by_name, n=2, cutoff=MIN_LIKENESS)
        return by_name[names[0]] if len(names) == 1 else None
