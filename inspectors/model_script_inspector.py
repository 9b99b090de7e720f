"""The model script that the archive was optimized with, read as a compiler would not."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from utils.findings import Finding, Recommendation
from utils.model_script.lint import MAX_PROBLEMS, lint_problems
from utils.model_script.lint.findings import MAX_SCRIPT_CHARACTERS, parsed_network, script_finding
from utils.model_script.lint.problems import UNIT_NORMALIZATION, Problem
from utils.model_script.merge import Addition, merge_commands


class ModelScriptInspector(BaseInspector):
    """Does the model script say what it was meant to say?

    A model script has no editor that knows it: a misspelt word, a setting that a later line
    undoes or a layer of another model size are easily overlooked, and with some the compiler goes
    on without a word. This inspector compares every line with a table of the commands, features,
    arguments and values that Hailo's scripts and the public guides show, and with the layers of
    the parsed, the float and the quantized graph and those that the script itself adds. It needs
    no data. What is close to a known word counts as misspelt; another unknown word may be known
    to a newer compiler and is only mentioned. Arguments of commands that place the network on the
    chip, and the script that the compiler writes itself, are not judged. A setting for single
    layers behind one for a pattern is an exception, and no conflict. Text files are checked
    without an archive with ``--lint-script``.

    - `script-syntax` (warning or error): the line does not follow the grammar, is a comment of
      another language, or holds characters that only look like those of a script, such as a
      no-break space or a full-width comma; a warning for closing brackets too many, which the
      compiler tolerates. Write the line as proposed. The lines behind it are checked all the same.
    - `script-unknown-command` (info or error): there is no such command; an error if it is a
      misspelt one, a key of the model zoo's YAML files or a method of Python. Correct the word.
    - `script-unknown-argument` (info, warning or error): the command has no such feature or
      argument; an error if it is misspelt or belongs to another command, an info if only scripts
      for other chips have it. Write the line as proposed.
    - `script-bad-value` (info, warning or error): an argument does not take this value, one that
      must be there is missing, or the engine of `nms_postprocess` does not run its architecture;
      info for a word that a newer compiler may know. Write the line as proposed, or one of the
      values that are listed.
    - `script-unknown-layer` (info, warning or error): the network has no such layer, as with
      names copied from another model size; a warning for a pattern that matches nothing, info
      for what looks like a layer that the compiler makes itself. Use the names of this network.
    - `script-conflict` (warning): two lines set the same differently, adaround and finetune are
      both on, force_range_out and change_output_activation are used on one layer, there are
      several different flavor lines, or a new layer bears the name of another one. Keep one. On
      Hailo-8 also where most layers get 16 bit, but not the sums that join them.
    - `script-repeated` (info or warning): a line or setting stands there twice; a warning where
      the effect doubles, as with normalization. Delete one.
    - `script-unassigned-normalization` (warning): normalization(...) without a name in front of
      it, which "fails silently", or for which the compiler refuses the script. Give it one:
      normalization1 = normalization(...).
    - `script-unit-normalization` (warning): mean and deviation, or one of them, are those of values
      from 0 to 1, or the deviations are factors such as 1/255, by which the compiler would divide;
      and neither data nor stored statistics show what enters. Cameras deliver 0 to 255; write the
      line as proposed if your images have these.
    - `script-blanket-clipping` (warning): activations or weights of all layers, {*}, are cut at
      the same percentiles or values. Hailo's scripts never do this; name the layers with outliers.
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.NOTHING

    def should_skip(self, context: Context) -> str:
        """Say so without a script, or if what there is cannot be one."""
        text = context.model.script_text
        if text is None:
            return "the archive holds no model script"
        if len(text) > MAX_SCRIPT_CHARACTERS:
            return f"the model script is longer than {MAX_SCRIPT_CHARACTERS:,} characters"
        return ""

    def not_checked(self, context: Context) -> Iterator[str]:
        """Say so where there are too many problems to tell."""
        if len(context.known(_problems)) == MAX_PROBLEMS:
            yield f"problems of the model script beyond the first {MAX_PROBLEMS}"

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield the problems in the order of the lines."""
        path = str(context.model.archive.metadata.get("model_script") or "model script")
        for problem in context.known(_problems):
            recommendation = _recommendation(context, problem)
            yield script_finding(problem, path, "the model script", recommendation)


def _problems(context: Context) -> tuple[Problem, ...]:
    model = context.model
    parsed = parsed_network(model.archive)
    chip = context.target or model.hw_arch
    found = lint_problems(
        model.script_text or "", model.network, [model.float_network], parsed, chip
    )
    # What the graph has of a normalization is told with it.
    found = tuple(problem for problem in found if not problem.shows_in_graph)
    # Where the values are known, it is known as well whether they are pixels.
    if any(context.output_statistics(layer.name) for layer in model.network.input_layers):
        return tuple(problem for problem in found if problem.id != UNIT_NORMALIZATION.id)
    return found


def _recommendation(context: Context, problem: Problem) -> Recommendation | None:
    """The corrected line, where merging it puts it in the place of the wrong one.

    A misspelt word would stay beside the right one. Whether a chip takes a precision mode is for
    others to say.
    """
    is_setting = problem.id == "script-bad-value" or (
        problem.id == "script-conflict" and problem.suggestion.startswith("model_optimization_fl")
    )
    if not is_setting or not problem.suggestion or "precision_mode" in problem.suggestion:
        return None
    return Recommendation((problem.suggestion,)) if _is_replaced(context, problem) else None


def _is_replaced(context: Context, problem: Problem) -> bool:
    """Whether the wrong line is gone from a script into which the corrected one was merged."""
    if context.script is None:
        return True  # nothing is merged into a script that cannot be read
    before = [each for each in context.script.statements if each.start <= problem.offset]
    corrected = Addition(problem.suggestion, problem.headline)
    merged = merge_commands(context.script, [corrected], context.model.network)
    return not merged.refused and bool(before) and before[-1].text not in merged.text
