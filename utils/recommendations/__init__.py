"""From findings to one complete model script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from utils.causes import Diagnosis
from utils.causes.offers import reason_against, undoes_a_line
from utils.findings import Finding
from utils.har.network import Network
from utils.jobs.range_trial import MAX_TRIALS
from utils.model_script import ModelScript
from utils.model_script.draft import with_notes
from utils.model_script.merge import Addition, merge_commands
from utils.model_script.rivals import Wish, conceded
from utils.terminal.prompts import Prompter
from utils.wording import printable

NO_TRIAL = (
    "no trial by emulation has confirmed it: that takes data, and of many ranges only the "
    f"{MAX_TRIALS} that narrow most are tried"
)
NOT_ACCEPTED = "what it gains is not proven, so it has to be accepted on a terminal"
NEEDS_CONSENT = "it asks for a change outside of the script, so it has to be accepted on a terminal"
MADE_BY_THIS_LINE = "This line made it so, and should go."
NOTHING_TO_RECOMMEND = "# Nothing to recommend: no finding asks for a change of the model script.\n"
NOTHING_TAKEN = "# No recommendation was taken:\n"


@dataclass(frozen=True)
class RecommendedScript:
    """A model script, and what was left out of it.

    Parameters
    ----------
    text : the archive's own lines with the accepted recommendations merged in.
    added : statements that were taken.
    left_out : (statement, reason) for those that were not.
    """

    text: str
    added: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


def recommended_script(
    findings: Sequence[Finding],
    script: ModelScript | None,
    network: Network,
    prompter: Prompter,
    diagnosis: Diagnosis | None = None,
) -> RecommendedScript:
    """Merge what the findings recommend into the archive's own script.

    Parameters
    ----------
    findings : questions are asked in their order. Where two want different values of one
        setting, the one with the stronger evidence is taken: what a trial has proven first, then
        what belongs to the worse finding, then the earlier one.
    script : the archive's own script, None if it has none.
    network : graph against which layer names are checked.
    prompter : asks where a recommendation has a question.
    diagnosis : lines are left out that wrong data or a wrong calibration recommend.
    """
    left_out: list[tuple[str, str]] = []
    taken: list[Finding] = []
    answers: dict[tuple[str, ...], str] = {}
    for finding in findings:
        reason = reason_against(finding, diagnosis) if diagnosis else ""
        reason = reason or _reason_against(finding, prompter, answers)
        if not reason:
            taken.append(finding)
        elif finding.recommendation:
            left_out += [(command, reason) for command in finding.recommendation.commands]
    additions = _additions(sorted(taken, key=strength, reverse=True), network, left_out)
    noted = with_notes(script, _notes(findings, taken)) if script else None
    merged = merge_commands(noted, additions, network)
    left_out += [(refusal.line, refusal.reason) for refusal in merged.refused]
    refused = {refusal.line for refusal in merged.refused}
    added = tuple(dict.fromkeys(a.line for a in additions if a.line not in refused))
    # Findings may ask for the same line; that it was left out need be said once.
    told = tuple(dict.fromkeys(left_out))
    return RecommendedScript(merged.text or _empty_script(told), added, told)


def strength(finding: Finding) -> tuple[bool, int]:
    """How strong the evidence behind a finding's lines is: the larger, the stronger."""
    proven = finding.recommendation is not None and finding.recommendation.proven
    return proven, int(finding.severity)


def _additions(
    findings: Iterable[Finding], network: Network, left_out: list[tuple[str, str]]
) -> list[Addition]:
    """Lines of the findings, strongest first, each without what stronger ones set otherwise."""
    stronger: list[Wish] = []
    additions: list[Addition] = []
    for finding in findings:
        own = finding.recommendation.commands if finding.recommendation else ()
        for command in own:
            concession = conceded(Wish(command, finding.id), stronger, network)
            if concession.reason:
                left_out.append((command, concession.reason))
            if concession.line:
                additions.append(Addition(concession.line, _comment(finding)))
        stronger += [Wish(command, finding.id) for command in own]
    return additions


def _notes(findings: Iterable[Finding], taken: Iterable[Finding]) -> dict[int, str]:
    """What to say above lines that made a fault and stay as they are, by line."""
    mended = {finding.location for finding in taken if finding.recommendation}
    return {
        finding.location.line: f"{_comment(finding)}. {MADE_BY_THIS_LINE}"
        for finding in findings
        if finding.location is not None
        and finding.location not in mended
        and undoes_a_line(finding)
    }


def _empty_script(left_out: Sequence[tuple[str, str]]) -> str:
    if not left_out:
        return NOTHING_TO_RECOMMEND
    return NOTHING_TAKEN + "".join(
        printable(f"# {command}  ({reason})") + "\n" for command, reason in left_out
    )


def _reason_against(
    finding: Finding, prompter: Prompter, answers: dict[tuple[str, ...], str]
) -> str:
    """Why the lines of a finding are not taken; "" if they are.

    Parameters
    ----------
    answers : of earlier findings, by their lines: nobody wants to be asked for a line twice.
    """
    recommendation = finding.recommendation
    if recommendation is None:
        return ""
    if recommendation.ranges:
        return NO_TRIAL
    if not recommendation.question:
        return "" if recommendation.default else NOT_ACCEPTED
    if recommendation.commands not in answers:
        lines = "".join(f"\n    {printable(line)}" for line in recommendation.commands)
        question = f"{finding.id}: {printable(recommendation.question)}{lines}\n "
        is_taken = prompter.confirm(question, recommendation.default)
        unanswered = NEEDS_CONSENT if recommendation.proven else NOT_ACCEPTED
        refusal = "it was declined" if prompter.interactive else unanswered
        answers[recommendation.commands] = "" if is_taken else refusal
    return answers[recommendation.commands]


def _comment(finding: Finding) -> str:
    return printable(f"{finding.id}: {finding.headline}")


def left_out_lines(script: RecommendedScript) -> Iterator[str]:
    """Sentences for the terminal about statements that did not go into the script."""
    for command, reason in script.left_out:
        yield f"Not in the script: {command} ({reason})"
