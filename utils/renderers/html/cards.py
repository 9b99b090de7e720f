"""Findings as cards: causes with what they explain, what stands alone, what asks for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from utils import tool
from utils.findings import Severity
from utils.findings.documentation import Documentation
from utils.findings.pages import reference
from utils.renderers.html.findings import FindingView, Viewer
from utils.renderers.html.grouping import Group
from utils.renderers.html.layers import NumberedLayers
from utils.tool import TYPED

MAX_FINDINGS = 60  # of one card; the others are counted


@dataclass(frozen=True)
class Reference:
    """Where a finding is explained: an address where there is one, else what to type."""

    address: str
    command: str


@dataclass(frozen=True)
class Card:
    """All findings of one group.

    Parameters
    ----------
    reference : None for inspectors that the documentation does not know.
    """

    group: Group
    findings: tuple[FindingView, ...]
    more_findings: int
    reference: Reference | None
    consequences: tuple[Card, ...] = ()

    @property
    def count(self) -> int:
        """Number of findings, without those that they explain."""
        return len(self.findings) + self.more_findings


@dataclass(frozen=True)
class Cards:
    """All cards of the page.

    Parameters
    ----------
    causes : those that explain what has to be mended.
    alone : all others that nothing explains, and that ask for something.
    quiet : those that ask for nothing.
    """

    causes: tuple[Card, ...] = ()
    alone: tuple[Card, ...] = ()
    quiet: tuple[Card, ...] = ()

    @property
    def quiet_count(self) -> int:
        """Number of findings that ask for nothing."""
        return sum(card.count + card.group.explained for card in self.quiet)


def cards(layers: NumberedLayers, found: Sequence[Group], documentation: Documentation) -> Cards:
    """The groups as cards, in their order."""
    maker = _Maker(Viewer.of(layers), documentation)
    return Cards(
        causes=maker.cards(group for group in found if group.explains_trouble),
        alone=maker.cards(g for g in found if not g.explains_trouble and not g.is_quiet),
        quiet=maker.cards(group for group in found if group.is_quiet),
    )


@dataclass(frozen=True)
class _Maker:
    viewer: Viewer
    documentation: Documentation

    def cards(self, found: Iterable[Group], *, with_graph: bool = True) -> tuple[Card, ...]:
        return tuple(self._card(group, with_graph) for group in found)

    def _card(self, group: Group, with_graph: bool) -> Card:
        # One picture of the network a card is enough, and none of what has no severity.
        draws = with_graph and group.severity > Severity.INFO
        return Card(
            group,
            tuple(
                self.viewer.view(finding, with_graph=draws and number == 0)
                for number, finding in enumerate(group.findings[:MAX_FINDINGS])
            ),
            max(len(group.findings) - MAX_FINDINGS, 0),
            self._reference(group),
            self.cards(group.consequences, with_graph=False),
        )

    def _reference(self, group: Group) -> Reference | None:
        pages = {doc.name: doc.page for doc in self.documentation.inspectors}
        if group.id not in self.documentation.findings:
            return None
        page = pages.get(group.inspector, "")
        is_published = tool.DOCUMENTATION_URL and page
        address = reference(page, group.id) if is_published else ""
        return Reference(address, f"{TYPED} --explain {group.id}")
