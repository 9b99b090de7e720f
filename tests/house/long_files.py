"""Which files of tests begin first: one of minutes that began last would keep one process busy.

By night the first of them takes ten minutes, and each of the others a half or more.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

LONGEST_FIRST = (
    "mutations/test_mutations.py",
    "diagnosis/fleet/test_processes.py",
    "command/test_machine.py",
    "command/test_signals.py",
    "backends/sdk/test_faults.py",
    "backends/sdk/test_end_to_end.py",
    "command/test_clean_archives.py",
    "command/test_noise_end_to_end.py",
    "diagnosis/fleet/test_results_do_not_depend_on_workers.py",
    "installed/test_wheel.py",
    "installed/test_zipapp.py",
    "docs/test_console_output.py",
    "backends/test_emulation.py",
    "backends/closer_look/test_planner.py",
    "quantizer/test_damaged_archives.py",
    "renderers/html/test_page_in_browser.py",
)


def longest_first(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Tests of the longest files, then the others; within both in their order."""
    place = {name: i for i, name in enumerate(LONGEST_FIRST)}

    def turn(item: pytest.Item) -> int:
        name = item.nodeid.partition("::")[0].removeprefix("tests/")
        return place.get(name, len(place))

    return sorted(items, key=turn)
