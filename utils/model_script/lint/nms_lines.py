"""The line ``nms_postprocess``: its architecture, and whether its engine can run that."""

from __future__ import annotations

from collections.abc import Iterator

from utils.facts.nms_configs import ENGINES_BY_META_ARCH
from utils.facts.script_mistakes import has_no_nms, meant_architecture
from utils.facts.script_values import folded
from utils.findings import Severity
from utils.model_script.lint.problems import BAD_VALUE, Problem, named, quoted, replaced_parts
from utils.model_script.statements import Argument, Statement
from utils.model_script.tokens import Name

COMMAND = "nms_postprocess"
AUTO = "auto"  # the compiler chooses


def nms_problems(statement: Statement) -> Iterator[Problem]:
    """An architecture by the name of a younger version, or an engine that does not run it."""
    architecture, engine = _arguments(statement)
    if architecture is None:
        return
    written = folded(architecture.value)
    if has_no_nms(written):
        yield BAD_VALUE.at(
            statement.start + architecture.value_start,
            f"No known compiler has an NMS for {named(written)}",
            severity=Severity.WARNING,
            why="Hailo's own scripts for such networks leave the decoding to the host.",
            advice="Delete the line, and decode the outputs on the host.",
        )
        return
    meant = meant_architecture(written) or written
    engines = ENGINES_BY_META_ARCH.get(meant, ())
    chosen = folded(engine.value) if engine is not None else AUTO
    other = engines[0] if engines and chosen not in (*engines, AUTO) else ""
    parts = [(architecture, meant)] if meant != written else []
    if other and engine is not None:
        parts.append((engine, other))
    if not parts:
        return
    suggestion = replaced_parts(
        statement, [(each.value_start, each.end, text) for each, text in parts]
    )
    if meant != written:
        yield BAD_VALUE.at(
            statement.start + architecture.value_start,
            f"No compiler knows {named(quoted(statement, architecture))} as meta_arch",
            suggestion,
            why=f"Its heads are decoded like those of {meant}.",
        )
        return
    offset = statement.start + parts[0][0].value_start
    if not (runs := _runs(chosen)):
        yield BAD_VALUE.at(offset, f"No compiler knows the engine {named(chosen)}", suggestion)
        return
    yield BAD_VALUE.at(
        offset,
        f"The NMS of {meant} does not run on {chosen}",
        suggestion,
        evidence=f"{chosen} runs {runs}",
        why=_ANSWER if chosen == "nn_core" else "",
    )


_ANSWER = 'The compiler ends with "UnsupportedMetaArchError ... cannot be run on chip".'


def _arguments(statement: Statement) -> tuple[Argument | None, Argument | None]:
    """Those that name the architecture, by keyword or behind the file, and the engine."""
    by_name = {argument.name: argument for argument in statement.args if argument.name}
    words = [
        argument
        for argument in statement.args
        if argument.name is None
        and isinstance(argument.value, Name)
        and not argument.value.endswith(".json")
    ]
    return by_name.get("meta_arch", next(iter(words), None)), by_name.get("engine")


def _runs(engine: str) -> str:
    return ", ".join(arch for arch, engines in ENGINES_BY_META_ARCH.items() if engine in engines)
