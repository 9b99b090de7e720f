"""What is lost because training while quantizing led the weights astray."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import BaseInspector, Context, Need, NotChecked, Priority
from inspectors.held_out_trials import severity_of, why_not_tried
from utils.facts.optimization_levels import BIAS_CORRECTION, FINETUNE, TRAINING, Algorithm
from utils.findings import Finding, Recommendation, Severity
from utils.har.algorithms_run import algorithm_ran
from utils.har.model import Model
from utils.har.moved_weights import moved_layers
from utils.measurements.agreement.held_out import HeldOutTrial
from utils.model_script.optimization_requests import requested_algorithm
from utils.wording import listed, plural


class FinetuningInspector(BaseInspector):
    """Did training while quantizing make the network worse instead of better?

    From optimization level 2 on the compiler trains the network that it quantizes, with gradients,
    on the calibration set. On few samples, samples of another kind or at too high a learning rate
    that leads the weights away from what was trained, and nothing says so. An archive holds the
    optimizer's weights beside those of the float network. Where they differ by more than 1 % of
    their size and an output loses something, this tool quantizes the trained weights by the
    compiler's rules, with the ranges that the archive stores and with corrected biases, measured on
    half of the samples that it keeps. The other half judges both. It takes data, at least 16
    samples. Where finetuning leaves its weights was not seen in an archive of the compiler so far;
    where they are stored nowhere else than in the integers, this check is silent.

    - `finetuning-costs` (info, warning or error): with the trained weights half of what is lost or
      more comes back at every output. Its severity is that of the decisions that are lost, and at
      least a warning where an output of unknown kind below 15 dB gains 12 dB or more. Leave the
      training out with the lines, and quantize again.
    """

    PRIORITY = Priority.HIGH
    NEEDS = Need.NOISE | Need.SENSITIVITY | Need.UNTUNED_TRIAL

    @classmethod
    def look_ahead(cls, model: Model) -> None:
        """All weights have to be read."""
        model.known(moved_layers)

    def should_skip(self, context: Context) -> NotChecked | str:
        """Say so where the weights are the trained ones, or nothing was measured."""
        if not context.model.known(moved_layers):
            return "the archive holds no weights that differ from the trained ones"
        return why_not_tried(context, "the trained weights are")

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what the trial showed."""
        trial = context.measurements.untuned_trial if context.measurements else None
        if trial is not None and trial.loses and trial.takes_half_back:
            yield _costs(context, trial)


def _costs(context: Context, trial: HeldOutTrial) -> Finding:
    moved = context.model.known(moved_layers)
    farthest = max(moved, key=lambda name: moved[name])
    ran = [each for each in TRAINING if algorithm_ran(context.model, each)]
    facts = (
        *_which_ran(ran),
        f"the weights of {plural(len(moved), 'layer')} differ from the trained ones, most at "
        f"{context.model.network[farthest].described()}, by {moved[farthest] ** 0.5:.0%} of their "
        "size",
        f"with the trained weights, the same ranges and corrected biases: {trial.described()}",
        trial.on_which_samples(),
    )
    return Finding(
        id="finetuning-costs",
        severity=severity_of(context, trial, Severity.ERROR),
        headline="The optimization moved the weights, and the outputs lose by it",
        evidence="; ".join(facts),
        why="Training on few samples, on others than those of the training, or with large steps "
        "leads weights away from what they were trained for.",
        remedy="Leave the training out with these lines, and quantize again.",
        layers=tuple(moved),
        measured={**trial.measured, "layers": float(len(moved))},
        recommendation=Recommendation(_lines(context, ran), proven=True, gain=trial.gain),
        gain=trial.gain,
    )


def _which_ran(ran: list[Algorithm]) -> Iterator[str]:
    if ran:
        yield f"{listed([each.words for each in ran])} ran"


def _lines(context: Context, ran: list[Algorithm]) -> tuple[str, ...]:
    """Lines that leave out what trained, and have biases corrected instead."""
    is_asked = requested_algorithm(context.script, BIAS_CORRECTION.feature)
    own = () if is_asked else (BIAS_CORRECTION.line("enabled"),)
    return (*(each.line("disabled") for each in ran or [FINETUNE]), *own)
