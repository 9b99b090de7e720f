"""The graph as it was parsed, before the model script and the compiler modified it."""

from __future__ import annotations

from dataclasses import dataclass

from utils.errors import ArchiveError
from utils.har.model import PARSED_STATE, Model
from utils.har.network import Network, network_from_hn
from utils.har.parameters import Parameters


@dataclass(frozen=True, eq=False)
class ParsedGraph:
    """A graph and its float32 weights."""

    network: Network
    parameters: Parameters


def parsed_graph(model: Model) -> ParsedGraph | None:
    """The parsed graph of an archive; None where it holds none.

    Raises
    ------
    ArchiveError : the graph contradicts itself.
    DamagedMemberError : the member is damaged.
    """
    if model.state == PARSED_STATE:
        return ParsedGraph(model.float_network, model.float_parameters)
    if "native_hn" not in model.archive.json:
        return None
    try:
        network = network_from_hn(model.archive.json["native_hn"], "the parsed graph (.native.hn)")
    except ArchiveError as error:
        raise ArchiveError(f"{model.archive.path}: {error}") from error
    return ParsedGraph(network, Parameters(model.archive.arrays.get("params"), network))
