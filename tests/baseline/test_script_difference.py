from __future__ import annotations

import pytest

from utils.baseline.script_difference import script_difference

LEVEL = "model_optimization_flavor(optimization_level=1)"
MODE = "quantization_param([conv1], precision_mode=a16_w16)"


@pytest.mark.parametrize(
    ("before", "now", "added", "removed"),
    [
        ("", "", (), ()),
        (LEVEL, f"\n# why\n{LEVEL}  # because\n", (), ()),
        (f"{LEVEL}\n{MODE}\n", f"{MODE}\n{LEVEL}\n", (), ()),
        (LEVEL, f"{LEVEL}\n{MODE}", (MODE,), ()),
        (f"{LEVEL}\n{MODE}", MODE, (), (LEVEL,)),
        (f"{MODE}\n{MODE}", MODE, (), (MODE,)),
        (MODE, MODE.replace("16", "8"), (MODE.replace("16", "8"),), (MODE,)),
        (MODE, MODE.replace("[conv1], ", "[conv1],\n    "), (), ()),
        (f"broken(\n{LEVEL}", LEVEL, (), ("broken(",)),
        ("\x00\ud800", LEVEL, (LEVEL,), ("\x00\ud800",)),
    ],
)
def test_statements_are_compared_and_not_their_looks(
    before: str, now: str, added: tuple[str, ...], removed: tuple[str, ...]
) -> None:
    assert script_difference(before, now) == (added, removed)
