"""Messages made shorter for the terminal; the log file and -v have them whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cached_property

from utils.har.model import Model
from utils.wording import short

MAX_NAME = 48  # columns of a layer's name; names in archives may be of any length


class ShortNames:
    """Turns `net/conv1 (/features/Conv)` into `conv1`, wherever a message says it."""

    def __init__(self, model: Model) -> None:
        """Know the layers of an archive."""
        layers = {**model.float_network.layers, **model.network.layers}
        bases = Counter(layer.base_name for layer in layers.values())
        self._names: Mapping[str, str] = {
            name: short(layer.base_name if bases[layer.base_name] == 1 else name, MAX_NAME)
            for name, layer in layers.items()
        }
        said = self._names | {
            layer.described(): self._names[name] for name, layer in layers.items()
        }
        self._said = {name: called for name, called in said.items() if name}

    def of(self, name: str) -> str:
        """Name of a layer without its scope, if no other layer has that name."""
        return self._names.get(name) or short(name, MAX_NAME)

    def within(self, text: str) -> str:
        """A text with every layer in it called by its short name."""
        return self._pattern.sub(lambda match: self._said[match[0]], text) if self._said else text

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self._said, key=len, reverse=True)
        # Not within a longer name, such as net/conv10 or net/conv1/conv_op.
        return re.compile(rf"(?<![\w/])(?:{'|'.join(map(re.escape, longest_first))})(?![\w/])")
