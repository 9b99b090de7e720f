"""How many examples a fuzzed test takes: half of what it says by day, and many more by night.

``pytest --hypothesis-profile nightly`` takes fifteen times as many.
"""

from __future__ import annotations

from hypothesis import settings

BY_DEFAULT = 100  # of hypothesis, where nobody says a number
BY_DAY = 50
BY_NIGHT = 15 * BY_DAY


def examples(count: int) -> int:
    """`count`, times what the profile in use takes for each example of the default one."""
    return max(1, count * settings().max_examples // BY_DEFAULT)
