"""How many examples a fuzzed test takes: as many as it says, or more in a profile that asks for it.

``pytest --hypothesis-profile nightly`` takes twenty times as many.
"""

from __future__ import annotations

from hypothesis import settings

BY_DEFAULT = 100


def examples(count: int) -> int:
    """`count`, times what the profile in use takes for each example of the default one."""
    return count * max(1, settings().max_examples // BY_DEFAULT)
