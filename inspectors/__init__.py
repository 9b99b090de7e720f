"""The inspectors: every module of this folder that defines a `BaseInspector` is one.

Those of other folders, which the user names, are found and run in the same way.
"""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from inspectors.base_inspector import BaseInspector, Context, Explanation, Need, Priority
from inspectors.own_folders import Module, modules_in
from utils.errors import UsageError
from utils.errors.faults import broken_package, machine_fault
from utils.findings import Finding, InspectorResult, NotChecked
from utils.terminal.logger import LOGGER
from utils.wording import most_alike

MISSPELT_ENDING = 0.9  # likeness of two names that differ by a letter or two of their ending


@dataclass(frozen=True)
class BrokenModule:
    """A module that could not be imported: its file, and what it raised."""

    path: str
    reason: str


def discover(
    folders: Sequence[str] = (),
) -> tuple[list[type[BaseInspector]], list[BrokenModule]]:
    """Find all inspectors, in the order in which they run: priority, then name.

    Parameters
    ----------
    folders : further folders to look into, besides that of the project.

    Raises
    ------
    UsageError : two inspectors have the same name, or a folder holds none.
    """
    found: dict[str, type[BaseInspector]] = {}
    broken: list[BrokenModule] = []
    for module in _modules(folders):
        try:
            classes = list(_inspectors_of(module.name))
        except KeyboardInterrupt:
            raise
        # Whatever a foreign module raises must not end the run.
        except BaseException as error:
            broken.append(BrokenModule(module.path, _described(error)))
            continue
        for cls in classes:
            if cls.name() in found:
                raise UsageError(
                    f"two inspectors are named {cls.name()}: {found[cls.name()].__module__} and "
                    f"{cls.__module__}; rename one of them"
                )
            found[cls.name()] = cls
    return sorted(found.values(), key=lambda cls: (cls.PRIORITY, cls.name())), broken


def _modules(folders: Sequence[str]) -> Iterator[Module]:
    for name in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        yield Module(f"{__name__}.{name}", f"{__name__}/{name}.py")
    for folder in {os.path.realpath(folder): folder for folder in folders}.values():
        yield from modules_in(folder)


def _inspectors_of(module_name: str) -> Iterator[type[BaseInspector]]:
    module = importlib.import_module(module_name)
    for cls in vars(module).values():
        # Until Python 3.10, aliases such as list[int] pass for classes elsewhere.
        if (
            issubclass(type(cls), type)
            and issubclass(cls, BaseInspector)
            and not inspect.isabstract(cls)
            and cls.__module__ == module.__name__
        ):
            if not isinstance(cls.PRIORITY, Priority) or not isinstance(cls.NEEDS, Need):
                raise TypeError(f"{cls.__name__} needs a Priority as PRIORITY and a Need as NEEDS")
            if not isinstance(cls.name(), str) or not isinstance(cls.summary(), str):
                raise TypeError(f"{cls.__name__} needs texts as its name and summary")
            if not _is_tuple_of_explanations(cls.EXPLANATIONS):
                raise TypeError(f"{cls.__name__} needs a tuple of explains(...) as EXPLANATIONS")
            yield cls


def _is_tuple_of_explanations(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(entry, Explanation) for entry in value)


def _described(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # its own __str__ may be what is wrong with it
        return type(error).__name__


def _checked(finding: object) -> Finding:
    if not isinstance(finding, Finding):
        raise TypeError(f"it yielded {finding!r}, which is no Finding")
    return finding


def select(
    available: Sequence[type[BaseInspector]], names: Sequence[str] | None
) -> list[type[BaseInspector]]:
    """Inspectors in the order asked for; all of them if nothing was asked.

    Raises
    ------
    UsageError : a name is unknown.
    """
    if not names:
        return list(available)
    by_name = {cls.name(): cls for cls in available}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        meant = [_meant(name, by_name) for name in unknown]
        if all(meant):
            remedy = f"did you mean {', '.join(meant)}?"
        else:
            remedy = f"available are {', '.join(by_name)}"
        raise UsageError(f"unknown inspector {', '.join(unknown)}; {remedy}")
    return [by_name[name] for name in dict.fromkeys(names)]


def _meant(name: str, available: Iterable[str]) -> str:
    """The inspector that is called most alike, with or without the ending; "" where none is."""
    by_short = {_short(each): each for each in available}
    if close := most_alike(_short(name), by_short):
        return by_short[close]
    # The ending may be misspelt, too; all names have it, so the rest has to be right.
    return most_alike(name, available, MISSPELT_ENDING)


def _short(name: str) -> str:
    return name.lower().removesuffix("inspector")


def _not_judged_yet(cls: type[BaseInspector], context: Context) -> NotChecked | None:
    """Why an inspector cannot judge an archive that is not quantized; None where it can."""
    if context.model.is_quantized or cls.JUDGES_UNQUANTIZED:
        return None
    return NotChecked(
        f"the archive is not quantized yet (state {context.model.state})",
        "quantize it, and pass the archive that comes out",
    )


def run(
    cls: type[BaseInspector], context: Context, on_start: Callable[[], None] = lambda: None
) -> InspectorResult:
    """Run one inspector; whatever it raises becomes part of its result.

    Parameters
    ----------
    on_start : called when it is known that the inspector does not skip, before it judges.
    """
    started = time.perf_counter()
    findings: list[Finding] = []
    crashed = ""
    skipped: NotChecked | None = None
    not_checked: tuple[NotChecked, ...] = ()
    try:
        inspector = cls()
        skipped = _not_judged_yet(cls, context) or NotChecked.of(inspector.should_skip(context))
        if skipped is None:
            on_start()
            findings.extend(map(_checked, inspector.inspect(context)))
            not_checked = tuple(filter(None, map(NotChecked.of, inspector.not_checked(context))))
    except KeyboardInterrupt:
        raise
    # A faulty inspector, or one that calls sys.exit, must not keep the others from running.
    except BaseException as error:
        skipped = None
        crashed = broken_package(error) or machine_fault(error) or _described(error)
        LOGGER.debug("%s crashed\n%s", cls.name(), traceback.format_exc())
    seconds = time.perf_counter() - started
    return InspectorResult(cls.name(), tuple(findings), skipped, crashed, not_checked, seconds)
