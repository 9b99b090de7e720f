"""Which data an archive was probably quantized with, of those whose shapes fit.

Shapes alone are the same for half of all networks of a team. Names and folders are what a person
goes by, and the archive still holds which values calibration saw at its inputs.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

from diagnosis.fleet.offered_data import Reach
from utils.har.model import Model

# Of both ranges together. Some samples of the calibration reach nearly as far as all of them; what
# was divided by 255, or normalized, shares next to nothing with what was not.
SAME_VALUES = 0.5
# Beside a name that has all the words of the archive, which is 1.
SAME_RANGE, TOGETHER = 0.5, 0.25
WRITTEN_ALIKE = 0.5
NAMESAKE = 2.0  # files of one name in one folder belong together, whatever speaks for others


def rarity(paths: Iterable[str]) -> Mapping[str, float]:
    """How much each word tells that several paths have, from 0 to 1.

    Two names share a word of n names by chance n * n times as often as a word of one.
    """
    counts = Counter(word for path in paths for word in _words(path))
    return {word: count**-2.0 for word, count in counts.items() if count > 1}


def likeness(archive: str, data: str, is_same_range: bool, told: Mapping[str, float]) -> float:
    """How likely data belong to an archive, from 0 to 2.

    Parameters
    ----------
    archive, data : paths; names that are alike, or one folder, speak for it.
    is_same_range : whether the data reach as far as those of the calibration.
    told : how much each word tells; see `rarity`.
    """
    if _words(archive) == _words(data):
        return NAMESAKE
    together = os.path.dirname(archive) == os.path.dirname(data)
    named = max(_shared(archive, data, told), WRITTEN_ALIKE * _alike(archive, data))
    return named + TOGETHER * together + SAME_RANGE * is_same_range


def _shared(archive: str, data: str, told: Mapping[str, float]) -> float:
    """What the words that data share with an archive tell, of what all of its words tell."""
    own, shared = _words(archive), _words(archive) & _words(data)
    of_all, of_both = (sum(told.get(word, 0.0) for word in words) for words in (own, shared))
    return of_both / of_all if of_all else 0.0


def _alike(archive: str, data: str) -> float:
    """How alike two names are that share no word, as ``resnet18.har`` and ``resnet18calib.npy``."""
    stems = [os.path.splitext(os.path.basename(each))[0].lower() for each in (archive, data)]
    return SequenceMatcher(None, stems[0], stems[1]).ratio()


def _words(path: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", os.path.splitext(path)[0].lower()))


def is_of_calibrated_range(model: Model, reach: Reach) -> bool:
    """Whether some samples reach about as far at every input as the archive's calibration did.

    False where the archive does not say how far that was.

    Parameters
    ----------
    reach : as of `OfferedData.reach`.
    """
    calibrated = model.known(_calibrated)
    bounds = [calibrated.get(layer.name) for layer in model.float_network.input_layers]
    pairs = zip(reach, bounds, strict=False)
    return bool(reach) and all(known and _is_like(found, known) for found, known in pairs)


def _calibrated(model: Model) -> Mapping[str, tuple[float, float] | None]:
    return {layer.name: model.calibrated_range(layer.name) for layer in model.network.input_layers}


def _is_like(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two ranges that hold 0 share most of what they cover together."""
    together = max(one[1], other[1]) - min(one[0], other[0])
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return together > 0 and shared / together >= SAME_VALUES
