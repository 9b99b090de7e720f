"""How often the outputs decide as in float, before and now."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from utils.baseline import DecisionChange
from utils.baseline.run_facts import RunFacts
from utils.measurements.agreement.wording import COMPARED


def decision_changes(
    before: RunFacts, now: RunFacts, others: Collection[str] = ()
) -> Iterator[DecisionChange]:
    """Every measure that both runs have of the same output.

    Parameters
    ----------
    others : outputs that are another tensor in each of the runs.
    """
    for name, measures in now.agreement.items():
        earlier = before.agreement.get(name, {})
        for measure in COMPARED if name not in others else ():
            if measure in measures and measure in earlier:
                yield DecisionChange(name, measure, earlier[measure], measures[measure])
