"""Whether two runs are about one network: names alone do not tell, compilers count layers alike."""

from __future__ import annotations

from collections.abc import Mapping

from utils.baseline.run_facts import LayerFacts, RunFacts
from utils.har.model import WEIGHT_TYPES
from utils.wording import plural

# A new head or another end of the network leaves most layers as they were.
SAME_SHARE = 0.5


def other_network(before: RunFacts, now: RunFacts) -> str:
    """Sentence that says that the earlier run was on another network; "" if it was on this one."""
    earlier, later = _telling(before.layers), _telling(now.layers)
    same = [name for name in later if name in earlier and _is_same(earlier[name], later[name])]
    most = max(len(earlier), len(later))
    if most and len(same) >= SAME_SHARE * most:
        return ""
    return (
        f"the earlier run was on another network: {before.model.name}, here {now.model.name}; "
        f"of {plural(most, 'layer')} {len(same)} are the same by name, original name and number "
        "of weights"
    )


def _telling(layers: Mapping[str, LayerFacts]) -> Mapping[str, LayerFacts]:
    """Layers with weights; all of them where there are none."""
    return {n: layer for n, layer in layers.items() if layer.type in WEIGHT_TYPES} or layers


def _is_same(earlier: LayerFacts, later: LayerFacts) -> bool:
    if earlier.type != later.type:
        return False
    if earlier.weights and later.weights and earlier.weights[0] != later.weights[0]:
        return False
    names = set(earlier.original_names), set(later.original_names)
    return not all(names) or bool(names[0] & names[1])
