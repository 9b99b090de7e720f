"""The stages of one network, side by side: what each computes from the same samples.

From left to right: the original model, the parsed graph, the optimized float graph, the quantized
integers, and the chip. Everything here is plain data that can be written and read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from utils.measurements.agreement import OutputAgreement

StageName = Literal["original", "parsed", "optimized", "quantized", "device"]
STAGES: tuple[StageName, ...] = get_args(StageName)
MatchedBy = Literal["name", "original name", "shape", "correlation", "order"]


@dataclass(frozen=True)
class CodeShares:
    """How far the codes of one output lie apart in two stages.

    Parameters
    ----------
    equal, within_one, within_two : shares of the codes that are equal, or differ by no more.
    largest : largest difference, in codes.
    whole : share of the later stage's values that are whole codes; below 1 where it was computed
        with other scales.
    """

    equal: float
    within_one: float
    within_two: float
    largest: float
    whole: float = 1.0


@dataclass(frozen=True, eq=False)
class Match:
    """One tensor in two stages.

    Parameters
    ----------
    layer : name in the archive of the layer that it leaves.
    other : its name in the stage that is not the archive's, as its file writes it; that of the
        layer where both are the archive's.
    by : how the two were found to be the same tensor.
    layout : how the other lies, where that is not (samples, height, width, channels); a clause.
    snr_db : of the later stage against the earlier one, pooled; inf where both are equal.
    largest : largest difference of two values.
    span : largest value of the earlier stage less its smallest.
    agreement : whether the later stage decides as the earlier one; of outputs alone.
    codes : how far the codes lie apart, where both stages hold codes; None elsewhere.
    """

    layer: str
    other: str
    by: MatchedBy = "name"
    layout: str = ""
    snr_db: float = math.nan
    largest: float = math.nan
    span: float = math.nan
    agreement: OutputAgreement | None = None
    codes: CodeShares | None = None


@dataclass(frozen=True)
class Reason:
    """Why two stages differ, as a trial showed.

    Parameters
    ----------
    word : its name, in kebab-case.
    evidence : what the trial gave, with numbers; a clause.
    before_db, after_db : SNR at the worst output, as it is and with the reason undone.
    layers : where it was found; () where everywhere.
    """

    word: str
    evidence: str
    before_db: float = math.nan
    after_db: float = math.nan
    layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """Two neighbouring stages that were compared.

    Parameters
    ----------
    earlier, later : their names.
    is_equal : whether the later one decides as the earlier one, and computes the same within what
        the two may differ by.
    source : file that the user gave for one of them; "" where both are the archive's.
    outputs : the outputs that were matched.
    inner : other tensors that were matched, in the order of the network.
    parts_at : first layer in the order of the network where the two part; "" where nowhere.
    reasons : what a trial found, the one that explains most first.
    not_matched : outputs of the archive for which the other stage has nothing.
    left_over : tensors of the user's file that match nothing.
    notes : sentences on what was assumed or found out, such as how the samples were prepared.
    """

    earlier: StageName
    later: StageName
    is_equal: bool
    source: str = ""
    outputs: tuple[Match, ...] = ()
    inner: tuple[Match, ...] = ()
    parts_at: str = ""
    reasons: tuple[Reason, ...] = ()
    not_matched: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_compared(self) -> bool:
        """Whether anything was held against the earlier stage.

        Lists of boxes are compared without outputs, and leave none unmatched.
        """
        has_boxes = self.later == "device" and not self.not_matched
        return bool(self.outputs) or self.is_equal or has_boxes


@dataclass(frozen=True)
class Stages:
    """All neighbouring stages that could be compared.

    Parameters
    ----------
    samples : how many were run.
    steps : in the order of the stages.
    missing : why a stage was not compared, by its name; absent where it was not asked for.
    """

    samples: int
    steps: tuple[Step, ...] = ()
    missing: tuple[tuple[StageName, str], ...] = ()

    def step_to(self, later: StageName) -> Step | None:
        """The step that leads to a stage; None where that was not compared."""
        return next((step for step in self.steps if step.later == later), None)


@dataclass(frozen=True)
class StageRequest:
    """Stages that the user gives, to be compared with those of the archive.

    Parameters
    ----------
    references : files of the original model; several where it was split into parts.
    normalization : how the samples are to be prepared for it: "try", "none", "as-script", or
        "mean=...,std=...".
    colour : order of its channels: "try", "rgb" (as the samples are) or "bgr" (reversed).
    device_outputs : files or folders of what the chip gave for the samples; several are dumps of
        the same samples.
    positions : places of the samples that are compared among all of the data, counted from 0; ()
        where it is not said.
    samples_in_data : how many samples the data hold; 0 where it is not said.
    """

    references: tuple[str, ...] = ()
    normalization: str = "try"
    colour: str = "try"
    device_outputs: tuple[str, ...] = ()
    positions: tuple[int, ...] = ()
    samples_in_data: int = 0

    @property
    def is_asked(self) -> bool:
        """Whether anything is to be compared."""
        return bool(self.references or self.device_outputs)
