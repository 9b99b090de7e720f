"""Outcomes as lines and tables of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from benchmarks.judgement.scoring import Outcome, Verdict, weight_of

STEP_WIDTH = 70


def line_of(outcome: Outcome) -> str:
    """One situation on one line."""
    harm = outcome.harm
    cost = f"{harm.before:.2f} -> {harm.after:.2f}, {harm.snr_db:.0f} dB"
    return (
        f"{outcome.id:8} {outcome.verdict.value:15} {outcome.family:12} {outcome.kind:26} "
        f"{cost:24} {outcome.said.first}  {outcome.said.step[:STEP_WIDTH]}"
    )


def all_of(outcomes: Sequence[Outcome]) -> str:
    """Tables by kind, by family and by cost, and what to replay."""
    wrong = [o for o in outcomes if o.verdict.is_wrong or o.shortfalls]
    parts = [
        table(outcomes, "kind", lambda o: o.kind),
        table(outcomes, "family", lambda o: o.family),
        table(outcomes, "cost", _cost),
        "To replay:\n" + "".join(f"  {line_of(o)}{_failed(o)}\n" for o in wrong),
    ]
    return "\n" + "\n\n".join(parts)


def _cost(outcome: Outcome) -> str:
    return "no fault" if outcome.is_healthy else weight_of(outcome.harm).value


def _failed(outcome: Outcome) -> str:
    return f"  INCOMPLETE: {'; '.join(outcome.shortfalls)}" if outcome.shortfalls else ""


def table(outcomes: Sequence[Outcome], name: str, key: Callable[[Outcome], str]) -> str:
    """Counts of verdicts by a property, as Markdown; the last row sums them."""
    verdicts = list(Verdict)
    counts: dict[str, Counter[Verdict]] = {}
    for outcome in outcomes:
        counts.setdefault(key(outcome), Counter())[outcome.verdict] += 1
    rows = [(group, counts[group]) for group in sorted(counts)]
    rows.append(("all", sum(counts.values(), Counter())))
    head = f"| {name} | {' | '.join(v.value for v in verdicts)} |\n|---|{'---|' * len(verdicts)}"
    lines = (f"| {group} | {' | '.join(str(c[v] or '') for v in verdicts)} |" for group, c in rows)
    return "\n".join((head, *lines))
