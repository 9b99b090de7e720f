"""The chip: whether archive, precision modes, compiler and runtime fit it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inspectors.base_inspector import BaseInspector, Context, Need, NotChecked, Priority
from inspectors.dfc_log.own_runs import own_runs
from utils.facts.chips import CHIPS, COMPILER_LINES, Rejection, rejection, widest_mode
from utils.facts.log_lines import LogFact
from utils.facts.runtime_versions import compiler_line, runtime_for
from utils.findings import Finding, Location, Recommendation, Severity
from utils.har.model import Model
from utils.har.quantization import PrecisionMode, parse_precision_mode, precision_commands
from utils.model_script import Statement, addressed_layers
from utils.side_files.log_events import LogEvent
from utils.wording import listed, plural, printable, these

MAX_MODES = 1  # in a headline
MAX_NAMED = 3  # layers of one finding; a report has them all


class TargetInspector(BaseInspector):
    """Is the archive made for your chip, with precision modes that it accepts?

    A network that is compiled for another chip does not load, or runs badly, and the compiler
    takes hailo8 where nobody names one. This inspector compares the chip of the archive with the
    one given with ``-a``, and with what logs given with ``--dfc-log`` say of it; without ``-a``
    it judges for the archive's own chip. Precision modes are read from the quantized graph and from
    the model script. Whether the network fits into the chip is not judged: that takes the compiler.

    - `target-differs` (info or error): ``-a`` names another chip than the archive records; make
      the archive anew for it. An info where a log says that the chip was a default that nobody
      chose ("hw_arch parameter not given"), or that the compiler was started for another one
      ("hw_arch from HAR is ..."). Name the chip in every step.
    - `precision-not-on-target` (info or error): layers have, or the script asks for, a precision
      mode that the chip does not take at layers of their type ("Unsupported value
      [<PrecisionMode.a16_w16>]"); an info where it is only reported to fail or where Hailo's own
      scripts avoid it. Set the recommended mode.
    - `runtime-pair` (info): which HailoRT runs what this compiler builds ("HEF version does not
      match"). Install it on the device.
    """

    PRIORITY = Priority.HIGH
    NEEDS = Need.NOTHING

    def should_skip(self, context: Context) -> NotChecked | str:
        """Without chip and version there is nothing to compare."""
        if context.target or context.model.hw_arch or context.model.sdk_version:
            return ""
        return NotChecked(
            "the archive records neither a chip nor a compiler version", "name the chip with -a"
        )

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Say what is not known."""
        version = context.model.sdk_version
        if not context.model.hw_arch:
            yield "for which chip the archive was made, as it records none"
        if context.target not in CHIPS:
            chip = f"{context.target!r} is unknown" if context.target else "none is named"
            yield NotChecked(
                f"which precision modes the chip accepts, as {chip}",
                f"name {listed(sorted(CHIPS), len(CHIPS)).replace(' and ', ' or ')} with -a",
            )
        if runtime_for(version) is None:
            version = f"compiler {version}" if version else "the compiler, whose version is missing"
            yield f"which HailoRT fits {version}"

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield differences of the chip, then modes that it rejects, then the runtime."""
        if context.model.hw_arch and context.target not in ("", context.model.hw_arch):
            yield _target_differs(context)
        else:
            yield from _chosen_by_nobody(context)
        yield from _rejected_modes(context)
        yield from _runtime_pair(context.model)


def _target_differs(context: Context) -> Finding:
    made_for, target = context.model.hw_arch, context.target
    version, line = context.model.sdk_version, COMPILER_LINES.get(target, "")
    evidence = f"made for {made_for}, -a names {target}"
    remedy = f"Name {target} as hw_arch when you parse, optimize and compile the model again."
    if line and version and compiler_line(version) != line:
        evidence += f", the compiler was {version}"
        remedy = f"Parse, optimize and compile the model again with a {line} compiler, which "
        remedy += f"Hailo keeps for {target}."
    return Finding(
        id="target-differs",
        severity=Severity.ERROR,
        headline="The archive was made for another chip than the one that you name",
        evidence=evidence,
        why="The program in the archive does not load on your chip, or runs badly."
        if context.model.state == "compiled_model"
        else "A program that is compiled from it does not load on your chip, or runs badly.",
        remedy=remedy,
    )


def _chosen_by_nobody(context: Context) -> Iterator[Finding]:
    """What logs say of the chip, as far as the archive does not contradict it."""
    own, chip = own_runs(context), context.model.hw_arch
    for event in own.about(LogFact.CHIP_BY_DEFAULT):
        if chip in ("", event.subject):
            yield _from_log(
                event,
                "The compiler took its default chip, because nobody named one",
                event.subject,
                f"Name your chip as hw_arch in every step, if it is not {event.subject}.",
            )
    for event in own.about(LogFact.CHIP_CHANGED):
        if chip in ("", event.subject) and event.reason != chip:
            yield _from_log(
                event,
                "The compiler was started for another chip than that of the archive",
                f"{event.reason}, the archive is for {event.subject}",
                f"Pass -a {event.reason} to judge for that chip, or name the same in every step.",
            )


def _from_log(event: LogEvent, headline: str, evidence: str, remedy: str) -> Finding:
    return Finding(
        id="target-differs",
        severity=Severity.INFO,
        headline=headline,
        evidence=evidence,
        remedy=remedy,
        quotation=event.text,
        location=event.location,
    )


@dataclass(frozen=True)
class _Use:
    """A precision mode at a layer, and the statement that asks for it if there is one."""

    mode: PrecisionMode
    statement: Statement | None


def _rejected_modes(context: Context) -> Iterator[Finding]:
    """One finding for each reason."""
    network, chip = context.model.network, context.target
    found: dict[Rejection, dict[str, _Use]] = {}
    for name, use in _uses(context).items():
        bits = (use.mode.input_bits, use.mode.weight_bits)
        reason = rejection(network[name].type, chip, *bits)
        if reason is not None:
            found.setdefault(reason, {})[name] = use
    for reason, uses in sorted(found.items(), key=lambda item: not item[0].certain):
        yield _not_on_target(context, reason, uses)


def _uses(context: Context) -> dict[str, _Use]:
    """Modes by layer, in graph order: as the script asks for them, else as the graph has them."""
    network = context.model.network
    asked: dict[str, _Use] = {}
    for statement in context.script.commands("quantization_param") if context.script else ():
        mode = parse_precision_mode(str(statement.keywords.get("precision_mode")))
        if mode is not None:
            layers = addressed_layers(statement, network)
            asked |= dict.fromkeys(layers, _Use(mode, statement))
    modes = {name: context.model.precision_mode(name) for name in network.layers}
    recorded = {name: _Use(mode, None) for name, mode in modes.items() if mode is not None}
    uses = recorded | asked
    return {name: uses[name] for name in network.layers if name in uses}


def _not_on_target(context: Context, reason: Rejection, uses: Mapping[str, _Use]) -> Finding:
    network, chip = context.model.network, context.target
    modes = listed(list(dict.fromkeys(use.mode.text for use in uses.values())), MAX_MODES)
    wanted = {name: widest_mode(network[name].type, chip) or "a8_w8" for name in uses}
    statements = [use.statement for use in uses.values() if use.statement is not None]
    verb = "does not take" if reason.certain else "may not take"
    commands = precision_commands(wanted)
    better = f"{listed(list(dict.fromkeys(wanted.values())))} with {these(len(commands), 'line')}"
    return Finding(
        id="precision-not-on-target",
        severity=Severity.ERROR if reason.certain else Severity.INFO,
        headline=f"The chip {chip} {verb} {modes} at layers of this type",
        evidence=f"{plural(len(uses), 'layer')}: "
        f"{listed([network[name].described() for name in uses], MAX_NAMED)}",
        why=f"{reason.reason[0].upper()}{reason.reason[1:]}.",
        remedy=f"Give these layers {better}, and quantize again."
        if reason.certain
        else f"Give these layers {better}, if the compiler refuses what they have.",
        quotation=reason.quotation,
        layers=tuple(uses),
        measured={"layers": len(uses)},
        recommendation=Recommendation(
            commands,
            "" if reason.certain else f"Take precision modes that {chip} is known to accept?",
            default=reason.certain,
        ),
        location=_place(context.model, statements[0]) if statements else None,
    )


def _place(model: Model, statement: Statement) -> Location:
    text = model.script_text or ""
    column = statement.start - (text.rfind("\n", 0, statement.start) + 1) + 1
    member = model.archive.metadata.get("model_script")
    name = member if isinstance(member, str) and member else "model script"
    return Location(printable(name), statement.line, column)


def _runtime_pair(model: Model) -> Iterator[Finding]:
    pair = runtime_for(model.sdk_version)
    if pair is not None:
        yield Finding(
            id="runtime-pair",
            severity=Severity.INFO,
            headline=f"HEF files of this compiler run with HailoRT {pair.runtime}",
            evidence=f"Dataflow Compiler {model.sdk_version}",
            why="Another version of HailoRT refuses them.",
            quotation="HEF version does not match",
        )
