"""Whether the channels of images are in the right order: the network with them reversed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from utils.backends import workload
from utils.backends.closer_look.step import Step
from utils.backends.networks import Networks
from utils.backends.parts import Part
from utils.emulator.measuring.channel_swap import measured_channel_order
from utils.emulator.measuring.work import total_work
from utils.measurements import Need
from utils.measurements.channel_order import ChannelOrder, holds_colour_images
from utils.measurements.left_out import CHANNEL_ORDER


@dataclass(frozen=True)
class OrderPart(Part[ChannelOrder]):
    """Images with their channels as they are, and reversed, on all kept samples.

    Parameters
    ----------
    inputs : names of the inputs that hold colour images.
    """

    inputs: tuple[str, ...]
    ANSWER: ClassVar[type] = ChannelOrder

    def run(self, networks: Networks) -> ChannelOrder:
        """See `Part`."""
        each = workload.SWAPPING * total_work(networks.floats.network)
        advance = networks.job.phases.advance
        return measured_channel_order(
            networks.floats,
            networks.kept_halves(),
            self.inputs,
            lambda count: advance(each * count),
        )


class ChannelSwap(Step):
    """How sure the network is with its images as they are, and with channels reversed."""

    WHAT = CHANNEL_ORDER
    FAILED = "the order of the channels was not measured"

    @property
    def is_needed(self) -> bool:
        """See `Step`."""
        return Need.CHANNEL_SWAPPED in self.networks.job.need and bool(self._images())

    def _images(self) -> list[str]:
        layers = self.look.measured.layers
        return [
            name
            for name, shape in self.networks.floats.input_shapes.items()
            if name in layers and holds_colour_images(shape, layers[name].output)
        ]

    def run(self) -> None:
        """See `Step`."""
        networks = self.networks
        work = workload.SWAPPING * total_work(networks.floats.network) * networks.kept_count
        with self.look.phases.phase(workload.SWAP, work):
            (order,) = networks.answers([OrderPart(tuple(self._images()))], work)
        self.look.add(channel_order=order)
