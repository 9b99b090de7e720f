"""Global average pools over maps so large that their sums overflow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inspectors.agreement.judgement import bounded
from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.squeeze_excite.pools import GlobalPool, Pair, division_factors, global_pools
from utils.findings import Finding, Recommendation, Severity
from utils.model_script import addressed_layers
from utils.wording import listed, plural

REDUCTION = "global_avgpool_reduction"


class SqueezeExciteInspector(BaseInspector):
    """Does a global average pool sum up more values than its accumulator can take?

    The mean over a whole map is a sum first, and the shift that brings a sum of hundreds of codes
    back into 8 bits can be out of reach: the compiler says "avgpool shift delta", "Reducing output
    bits of ... (More than half)" or "No shifts available", and the layers behind read next to
    nothing. Squeeze-and-excite blocks of EfficientNet and MobileNetV3, which pool maps of 14x14 to
    112x112 and multiply the result into everything, were found dead this way although they
    compiled. Looked for are pools over the full height and width (avgpool, global_avg_pool,
    reduce_mean) that a dense layer or a 1x1 conv reads. The limits are a rule of thumb from few
    reports. A pool that the script splits already is not judged; no data are needed.

    - `wide-average-pool` (info or warning): a mean over 196 values (14x14) or more is a warning:
      split the pool into two stages. From 49 on (7x7, at the end of nearly every classifier), and
      where the outputs decide as in float, it is an info, and nothing needs to be done.
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.NOTHING

    AREA_WARNING = 196  # values in a mean: 14x14, where splitting is reported to have helped
    AREA_INFO = 49  # values in a mean: 7x7, as in classifiers that lose nothing
    STAGE = 7  # height and width that a stage may have

    def should_skip(self, context: Context) -> str:
        """Say so if there is no such pool."""
        if not global_pools(context.model.network):
            return "no dense layer or 1x1 conv reads a global average pool"
        return ""

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield squeeze-and-excite blocks first, then other pools, then what is no concern."""
        split = _split_already(context)
        pools = [p for p in global_pools(context.model.network) if p.layer.name not in split]
        wide = [pool for pool in pools if pool.area >= self.AREA_WARNING]
        for gated in (True, False):
            chosen = [pool for pool in wide if bool(pool.gated) == gated]
            if chosen:
                yield self._warning(context, chosen, gated)
        small = [pool for pool in pools if self.AREA_INFO <= pool.area < self.AREA_WARNING]
        if small:
            yield Finding(
                id="wide-average-pool",
                severity=Severity.INFO,
                headline="Global average pools take the mean over a small map, as is usual",
                evidence=_described(small),
                layers=_names(small),
                measured=_areas(small),
            )

    def _warning(self, context: Context, pools: Sequence[GlobalPool], gated: bool) -> Finding:
        network = context.model.network
        factors = {pool: self._factors(pool) for pool in pools}
        concerned = {*_names(pools), *(each.name for pool in pools for each in pool.gated)}
        severity = bounded(context, Severity.WARNING, _names(pools))
        is_harmless = severity is Severity.INFO  # the outputs behind decide as in float
        return Finding(
            id="wide-average-pool",
            severity=severity,
            headline="A mean over a large map may leave too few bits"
            + (" in squeeze-and-excite blocks" if gated else ""),
            evidence=_described(pools),
            why="Sums of so many codes can outgrow the shifts that bring them back to 8 bits."
            + _why_not_split(factors),
            remedy="" if is_harmless else _remedy(factors),
            layers=tuple(name for name in network.layers if name in concerned),
            measured=_areas(pools),
            recommendation=None if is_harmless else _reduction(factors, gated),
        )

    def _factors(self, pool: GlobalPool) -> Pair | None:
        return division_factors(pool.size, self.STAGE, self.AREA_WARNING)


def _split_already(context: Context) -> frozenset[str]:
    """Pools that the archive's own script names for splitting."""
    script, network = context.script, context.model.network
    return frozenset(
        name
        for statement in (script.commands("pre_quantization_optimization") if script else ())
        if REDUCTION in statement.positional
        for name in addressed_layers(statement, network)
    )


def _described(pools: Sequence[GlobalPool]) -> str:
    gated = [pool for pool in pools if pool.gated]
    kind = "squeeze-and-excite block" if len(gated) == len(pools) else "global average pool"
    widest_first = sorted(pools, key=lambda pool: -pool.area)
    said = [f"{_by(pool.size)} at {pool.layer.described()}" for pool in widest_first]
    return f"{plural(len(pools), kind)}: {listed(said, 3)}"


def _by(size: Pair) -> str:
    return f"{size[0]}x{size[1]}"


def _names(pools: Sequence[GlobalPool]) -> tuple[str, ...]:
    return tuple(pool.layer.name for pool in pools)


def _areas(pools: Sequence[GlobalPool]) -> dict[str, float]:
    return {f"area of {pool.layer.name}": float(pool.area) for pool in pools}


def _stuck(factors: dict[GlobalPool, Pair | None]) -> list[str]:
    return [pool.layer.name for pool, found in factors.items() if found is None]


def _why_not_split(factors: dict[GlobalPool, Pair | None]) -> str:
    stuck = _stuck(factors)
    if not stuck:
        return ""
    return f" The sides of the map at {listed(stuck)} have no divisors that make two small stages."


def _remedy(factors: dict[GlobalPool, Pair | None]) -> str:
    stuck = _stuck(factors)
    if not stuck:
        return "Split each pool into two stages with these lines and quantize again."
    size = f"choose an input size that gives the map at {listed(stuck)} sides such as 14 or 28"
    if len(stuck) == len(factors):
        return f"{size[0].upper()}{size[1:]}."
    return f"Split the other pools into two stages with these lines, and {size}."


def _reduction(factors: dict[GlobalPool, Pair | None], gated: bool) -> Recommendation | None:
    """One line for each pair of factors; asked for where no block depends on the pool."""
    by_factors: dict[Pair, list[str]] = {}
    for pool, found in factors.items():
        if found is not None:
            by_factors.setdefault(found, []).append(pool.layer.name)
    if not by_factors:
        return None
    lines = tuple(
        f"pre_quantization_optimization({REDUCTION}, layers=[{', '.join(names)}], "
        f"division_factors=[{height}, {width}])"
        for (height, width), names in by_factors.items()
    )
    if gated:
        return Recommendation(lines)
    names = listed([name for found in by_factors.values() for name in found])
    return Recommendation(lines, f"Split {names} into two stages?", default=False)
