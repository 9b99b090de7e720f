"""The finding about the layers at which noise is born."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inspectors.noise.headlines import named
from inspectors.noise.origins import Origin
from utils.findings import Finding, Severity
from utils.har.network import Network
from utils.wording import itemized


def noise_born_here(network: Network, born: Sequence[Origin]) -> Iterator[Finding]:
    """One finding for all layers at which the ratio falls deeply, the deepest fall first."""
    if born:
        drops = {origin.layer.name: origin.drop_db for origin in born}
        yield Finding(
            id="noise-born-here",
            severity=Severity.INFO,
            headline=f"Most precision is lost at {named(drops, 'a few layers')}",
            evidence=itemized([origin.described() for origin in born]),
            why="The other layers mostly pass on the noise that they receive.",
            layers=tuple(name for name in network.layers if name in drops),
            measured=drops,
        )
