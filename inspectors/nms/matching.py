"""Which layer each decoder means: all heads at once, since each layer can be meant only once.

The numbers of the file, its names and its strides may each be wrong. What contradicts the network
least is taken: first as many layers as possible have the channels that they need, then the numbers
of the file stay, then its names and strides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import chain, product

from inspectors.nms.assignment import cheapest
from inspectors.nms.heads import Detector, Head, Numbers, Size
from inspectors.nms.strides import has_stride, stride_of
from utils.facts.nms_configs import BOX_SIDES, BRANCHES, CLASS_KEYS
from utils.har.network import Layer
from utils.side_files.nms_config import NmsDecoder

# Costs of a contradiction, each worth more than all of those below it together.
MISFIT = 10_000.0  # a head without a layer that has its channels
OTHER_NUMBER = 500.0  # the number of classes or of bins is not that of the file
OTHER_STRIDE = 2.5  # names are left over more often than strides,
OTHER_NAME = 2.0  # but two names that agree are worth more than one stride
NAMED_BRANCH = 2.2  # the layer's node is called like a branch for other numbers
UNLIKE = 0.3  # the name has nothing in common with that of the layer
OUT_OF_ORDER = 0.002  # decoders stand in the order of scales, mostly
UNDECIDED = 0.05  # two choices whose costs differ by less are equally good
MIN_LIKENESS = 0.6  # of two names, 0 to 1
MAX_CANDIDATES = 6  # numbers of classes, and of bins, that are tried
MAX_SCALES = 16  # for which they are; detectors have up to 7


@dataclass(frozen=True)
class Match:
    """What each head of a configuration means.

    Parameters
    ----------
    numbers : classes and bins that fit the network.
    layers : the layer by head; None where the network has none with such channels.
    open : heads for which another layer is as likely.
    misfits : how many heads have no layer with their channels.
    """

    numbers: Numbers
    layers: Mapping[Head, Layer | None]
    open: frozenset[Head]
    misfits: int

    def size(self, decoder: NmsDecoder) -> Size | None:
        """Height and width of a decoder's layers; None where it has none."""
        found = [la for h, la in self.layers.items() if h.decoder is decoder and la is not None]
        return found[0].output_shape[:2] if found else None


def matched(detector: Detector) -> Match:
    """The cheapest match over all numbers of classes and bins that some layer speaks for."""
    likings = _Likings(detector)
    best = _Attempt(detector, detector.numbers, likings)
    scales = len(detector.config.decoders) * len({end.output_shape[:2] for end in detector.ends})
    if best.misfits and scales <= MAX_SCALES**2:
        tried = (_Attempt(detector, numbers, likings) for numbers in _candidates(detector))
        best = min(chain([best], tried), key=lambda attempt: attempt.cost)
    return Match(best.numbers, best.layers, frozenset(best.undecided()), best.misfits)


def _candidates(detector: Detector) -> Iterator[Numbers]:
    """Other numbers, those first that fit the most layers."""
    own = detector.numbers
    classes: dict[int | None, int] = {own.classes: 0}
    bins: dict[int | None, int] = {own.bins: 0}
    shapes = {(head.key, head.decoder.boxes_per_cell or 1) for head in detector.heads}
    for (key, anchors), end in product(sorted(shapes), detector.ends):
        channels, rest = divmod(end.output_shape[2], anchors)
        if rest:
            continue
        if key == "cls_layer":
            classes[channels] = classes.get(channels, 0) + 1
        elif key == "encoded_layer" and channels > detector.numbers_beside_classes:
            count = channels - detector.numbers_beside_classes
            classes[count] = classes.get(count, 0) + 1
        elif key == "reg_layer" and own.bins is not None and channels % BOX_SIDES == 0:
            bins[channels // BOX_SIDES] = bins.get(channels // BOX_SIDES, 0) + 1
        elif key == "combined_layer" and own.bins and channels > BOX_SIDES * own.bins:
            count = channels - BOX_SIDES * own.bins
            classes[count] = classes.get(count, 0) + 1
    for pair in product(*(_likeliest(counts) for counts in (classes, bins))):
        numbers = Numbers(*pair)
        if numbers != own:
            yield numbers


def _likeliest(counts: Mapping[int | None, int]) -> list[int | None]:
    own, *others = counts
    return [own, *sorted(others, key=lambda number: -counts[number])[:MAX_CANDIDATES]]


class _Likings:
    """Costs of names, which no number changes."""

    def __init__(self, detector: Detector) -> None:
        self.targets = {head: detector.meant(head) for head in detector.heads}
        self._costs: dict[tuple[Head, str], float] = {}

    def cost(self, head: Head, end: Layer) -> float:
        """What speaks against a layer by its name and that of its node."""
        key = (head, end.name)
        if key not in self._costs:
            target = self.targets[head]
            named = _unlikeness(head, end) if target is None else OTHER_NAME * (end is not target)
            branch = NAMED_BRANCH * is_of_another_branch(head.key, end)
            self._costs[key] = named + branch
        return self._costs[key]


class _Attempt:
    """The cheapest match for given numbers."""

    def __init__(self, detector: Detector, numbers: Numbers, likings: _Likings) -> None:
        self.numbers = numbers
        self._detector = detector
        self._likings = likings
        self._expected = {
            head: detector.expected_channels(head.decoder, head.key, numbers)
            for head in detector.heads
        }
        self._groups: dict[Size, list[Layer]] = {}
        for end in detector.ends:
            self._groups.setdefault(end.output_shape[:2], []).append(end)
        self._sizes = sorted(self._groups, reverse=True)
        self._decoders = [d for d in detector.config.decoders if d.layers]
        self._columns, costs = self._places()
        chosen = cheapest(costs)
        self._place_costs = costs
        self._chosen = chosen
        self._placed = {
            decoder: self._columns[column]
            for decoder, column in zip(self._decoders, chosen, strict=True)
        }

    @cached_property
    def cost(self) -> float:
        """Of all contradictions together."""
        own = self._detector.numbers
        changed = (self.numbers.classes != own.classes) + (self.numbers.bins != own.bins)
        placed = sum(row[c] for row, c in zip(self._place_costs, self._chosen, strict=True))
        return placed + OTHER_NUMBER * changed

    @cached_property
    def misfits(self) -> int:
        """Heads without a layer that has their channels."""
        return sum(1 for head, layer in self.layers.items() if not self._fits(head, layer))

    @cached_property
    def layers(self) -> dict[Head, Layer | None]:
        """Layer by head; one without the right channels only where it is the one that is named."""
        found: dict[Head, Layer | None] = dict.fromkeys(self._detector.heads)
        for size in self._sizes:
            heads = [h for h in self._detector.heads if self._placed.get(h.decoder) == size]
            ends = self._groups[size]
            rows = [self._row(head, ends, len(heads)) for head in heads]
            for head, column in zip(heads, cheapest(rows), strict=True):
                end = ends[column] if column < len(ends) else None
                if self._fits(head, end) or (
                    end is not None and end is self._likings.targets[head]
                ):
                    found[head] = end
        return found

    def undecided(self) -> Iterator[Head]:
        """Heads for which another layer costs the same."""
        for head, layer in self.layers.items():
            if layer is not None and (self._has_equal(head, layer) or self._is_movable(head)):
                yield head

    def _has_equal(self, head: Head, layer: Layer) -> bool:
        """Whether a free layer of the same size, or an exchange with another head, is as good."""
        size = layer.output_shape[:2]
        owners = {la.name: h for h, la in self.layers.items() if la is not None}
        own = self._cost(head, layer)
        for end in self._groups[size]:
            owner = owners.get(end.name)
            if end is layer or (owner is not None and owner.decoder is not head.decoder):
                continue
            change = self._cost(head, end) - own
            if owner is not None:
                change += self._cost(owner, layer) - self._cost(owner, end)
            if change < UNDECIDED:
                return True
        return False

    def _is_movable(self, head: Head) -> bool:
        """Whether the decoder may as well be for another scale."""
        row = self._decoders.index(head.decoder)
        costs, chosen = self._place_costs, self._chosen
        owners = {column: index for index, column in enumerate(chosen)}
        for column, size in enumerate(self._columns):
            if size is None or size == self._columns[chosen[row]]:
                continue
            change = costs[row][column] - costs[row][chosen[row]]
            other = owners.get(column)
            if other is not None:
                change += costs[other][chosen[row]] - costs[other][column]
            if change < UNDECIDED:
                return True
        return False

    def _places(self) -> tuple[list[Size | None], list[list[float]]]:
        """Places for decoders: sizes, as often as they have room, then none; with their costs."""
        fewest = min((len(decoder.layers) for decoder in self._decoders), default=1)
        columns: list[Size | None] = []
        for size in self._sizes:
            room = max(len(self._groups[size]) // fewest, 1)
            columns += [size] * min(room, len(self._decoders))
        costs = []
        for index, decoder in enumerate(self._decoders):
            by_size = {size: self._place_cost(index, decoder, size) for size in self._sizes}
            nowhere = 2 * MISFIT * len(decoder.layers)
            costs.append([by_size[s] for s in columns if s] + [nowhere] * len(self._decoders))
        return [*columns, *[None] * len(self._decoders)], costs

    def _place_cost(self, index: int, decoder: NmsDecoder, size: Size) -> float:
        heads = list(self._detector.heads_of(decoder))
        ends = self._groups[size]
        rows = [self._row(head, ends, len(heads)) for head in heads]
        cost = sum(row[column] for row, column in zip(rows, cheapest(rows), strict=True))
        image = self._detector.seen_image
        if decoder.stride is not None and image is not None and stride_of(image, size) is not None:
            cost += OTHER_STRIDE * (not has_stride(image, size, decoder.stride))
        return cost + OUT_OF_ORDER * abs(index - self._sizes.index(size))

    def _row(self, head: Head, ends: Sequence[Layer], spare: int) -> list[float]:
        """Costs of a head at each of some layers, and of none at all."""
        return [*(self._cost(head, end) for end in ends), *[1.5 * MISFIT] * spare]

    def _cost(self, head: Head, end: Layer) -> float:
        return (0.0 if self._fits(head, end) else MISFIT) + self._likings.cost(head, end)

    def _fits(self, head: Head, layer: Layer | None) -> bool:
        """Whether a layer has the channels of a head, or may have them."""
        if layer is None:
            return False
        expected = self._expected[head]
        if expected is None and head.key == "reg_layer":
            return layer.output_shape[2] % BOX_SIDES == 0
        lacks_classes = self.numbers.classes is None and head.key in CLASS_KEYS
        return not lacks_classes and expected in (None, layer.output_shape[2])


def is_of_another_branch(key: str, end: Layer) -> bool:
    """Whether the exporter names a layer like a branch that computes something else."""
    others = [name for other, name in BRANCHES.items() if other != key]
    pattern = re.compile(rf"(?:^|[/._])(?:{'|'.join(others)})(?:$|[/._])")
    return key in BRANCHES and any(map(pattern.search, end.original_names))


def _unlikeness(head: Head, end: Layer) -> float:
    """0 for the same name, `UNLIKE` for a name of its own; other numbers make another name."""
    written, base = head.written.rpartition("/")[2], end.base_name
    if not written or re.findall(r"\d+", written) != re.findall(r"\d+", base):
        return UNLIKE
    likeness = SequenceMatcher(None, written, base).ratio()
    return UNLIKE * (1 - likeness) if likeness >= MIN_LIKENESS else UNLIKE
