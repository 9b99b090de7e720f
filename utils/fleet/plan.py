"""A plan: which archives, with which data and options."""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from utils.errors import UsageError
from utils.findings.ignored import IgnoreRule
from utils.fleet.plan_faults import schema_faults
from utils.fleet.plan_ignored import IgnoredOf, ignored_in
from utils.fleet.plan_schema import FILE_OPTIONS, MOST_ARCHIVES, PLAN
from utils.fleet.plan_text import START, SUFFIXES, Place, PlanFault, PlanText, read_plan_text
from utils.fleet.storage import absolute, matching
from utils.options.fail_on import NEVER
from utils.wording import listed, plural, short

MOST_FAULTS = 10  # that are told
HARD_TO_NAME = str.maketrans(dict.fromkeys('\\/:*?"<>|', "_"))


@dataclass(frozen=True)
class Case:
    """One archive with its data.

    Parameters
    ----------
    name : what it is called, unlike all others; it can be the name of a folder.
    archive, data : absolute paths, or addresses; no data are "".
    arguments : further options, as the command takes them.
    ignored : findings that do not count.
    place : where the plan says so.
    """

    name: str
    archive: str
    data: str = ""
    arguments: tuple[str, ...] = ()
    ignored: tuple[IgnoreRule, ...] = ()
    place: Place = START


@dataclass(frozen=True)
class Plan:
    """What is to be done.

    Parameters
    ----------
    path : the plan's file; of one that the command line gave, the pattern.
    baseline : folder with earlier reports; "" where nothing is compared.
    fail_on : one of the choices of ``--fail-on``.
    repeated : sentences on archives that are listed again with the same data and options.
    """

    path: str
    cases: tuple[Case, ...]
    baseline: str = ""
    fail_on: str = NEVER
    repeated: tuple[str, ...] = ()


def is_plan(path: str) -> bool:
    """Whether a name is that of a plan, and no pattern of archives."""
    return path.lower().endswith(SUFFIXES)


def read_plan(path: str) -> Plan:
    """Read a plan and find its archives; none is opened.

    Raises
    ------
    UsageError : it cannot be read, or is faulty; every fault is told with its place.
    """
    try:
        text = read_plan_text(path)
    except PlanFault as fault:
        raise plan_error(path, [fault]) from fault
    if faults := schema_faults(text, PLAN):
        raise plan_error(path, faults)
    folder, content = os.path.dirname(os.path.abspath(path)), text.content
    try:
        found = list(_cases(text, folder, list(ignored_in(text))))
    except PlanFault as fault:
        raise plan_error(path, [fault]) from fault
    baseline = absolute(content["baseline"], folder) if "baseline" in content else ""
    cases, repeated = _once(found)
    told = tuple(f"{path}:{each}" for each in repeated)
    return Plan(path, _named(cases), baseline, content.get("fail-on", NEVER), told)


def plan_of(pattern: str, data: str) -> Plan:
    """The plan of a pattern of archives with one calibration set.

    Raises
    ------
    UsageError : nothing matches.
    """
    here, paths = os.getcwd(), matching(absolute(pattern, os.getcwd()))
    if not paths:
        raise UsageError(f"{short(pattern, 200)} matches no file; quote a pattern of archives")
    own = absolute(data, here) if data else ""
    return Plan(pattern, _named([("", Case("", path, own)) for path in paths]))


def plan_error(path: str, faults: Sequence[PlanFault]) -> UsageError:
    """All that is wrong with a plan as one error."""
    told = [f"{path}:{fault.place}: {fault}" for fault in faults[:MOST_FAULTS]]
    if len(faults) > MOST_FAULTS:
        told.append(f"{plural(len(faults) - MOST_FAULTS, 'more fault')}")
    return UsageError("; ".join(told))


def _cases(text: PlanText, folder: str, ignored: Sequence[IgnoredOf]) -> Iterator[tuple[str, Case]]:
    """The name that is asked for, or "", and the case without its name."""
    content, count = text.content, 0
    for index, entry in enumerate(content["archives"]):
        place = text.place(("archives", index, "archive"))
        paths = matching(absolute(entry["archive"], folder))
        if not paths:
            raise PlanFault(place, f"{short(entry['archive'], 200)} matches no file")
        if "name" in entry and len(paths) > 1:
            raise PlanFault(
                text.place(("archives", index, "name")),
                f"one name for {plural(len(paths), 'archive')}; leave it out, or name one archive",
            )
        count += len(paths)
        if count > MOST_ARCHIVES:
            raise PlanFault(place, f"these are more than {MOST_ARCHIVES:,} archives")
        data = entry.get("data", content.get("data", ""))
        for path in paths:
            options = {**_by_pattern(content, path), **entry.get("options", {})}
            own_data = absolute(data, folder) if data else ""
            rules = tuple(each.rule for each in ignored if _is_named(path, each.archives))
            case = Case("", path, own_data, _arguments(options, folder), rules, place)
            yield entry.get("name", ""), case


def _once(cases: Sequence[tuple[str, Case]]) -> tuple[list[tuple[str, Case]], list[str]]:
    """The cases without those that are the same as another one, and what to say of these.

    Who gives one archive two names wants two rows.
    """
    places: dict[tuple[str, Case], Place] = {}
    again: dict[tuple[Place, Place], list[str]] = {}
    kept = []
    # Who is asked for by a name comes first: without one, the same archive is no other.
    for index in sorted(range(len(cases)), key=lambda at: not cases[at][0]):
        asked, case = cases[index]
        same = replace(case, place=START)
        if (asked, same) in places:
            first, second = sorted((places[asked, same], case.place))
            again.setdefault((first, second), []).append(posixpath.basename(_slashed(case.archive)))
        else:
            kept.append(index)
            places.setdefault(("", same), case.place)
            places[asked, same] = case.place
    return [cases[at] for at in sorted(kept)], [_listed_again(*each) for each in again.items()]


def _listed_again(places: tuple[Place, Place], names: Sequence[str]) -> str:
    """What to say of archives that two lines of a plan list alike."""
    which = listed([short(name, 60) for name in names])
    verb, it = ("is", "it") if len(names) == 1 else ("are", "each")
    return (
        f"{places[1]}: {which} {verb} listed at {places[0]} already, with the same data and "
        f"options; {it} is diagnosed once"
    )


def _by_pattern(content: Mapping[str, Any], path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pattern, options in content.get("options", {}).items():
        if _is_named(path, pattern):
            found.update(options)
    return found


def _is_named(path: str, pattern: str) -> bool:
    """Whether the name of an archive's file matches a pattern."""
    return fnmatchcase(posixpath.basename(_slashed(path)), pattern)


def _arguments(options: Mapping[str, Any], folder: str) -> tuple[str, ...]:
    """Options as the command takes them; a value never stands where it could be another option."""
    found: list[str] = []
    for name, value in options.items():
        if value is False:
            continue
        if value is True:
            found.append(f"--{name}")
        elif name == "order":
            found += [f"--{name}", *value]
        elif isinstance(value, Mapping):
            found += [f"--{name}={key}={each}" for key, each in value.items()]
        else:
            values = value if isinstance(value, list) else [value]
            if name in FILE_OPTIONS:
                values = [absolute(each, folder) for each in values]
            found += [f"--{name}={each}" for each in values]
    return tuple(found)


def _named(cases: Sequence[tuple[str, Case]]) -> tuple[Case, ...]:
    """The cases with names: of the file, of its folder as well, numbered where that is not enough.

    Names depend on the plan alone, so that runs can be compared.
    """
    stems = [asked or _stem(case.archive, 1) for asked, case in cases]
    counts = Counter(stems)
    longer = [
        stem if asked or counts[stem] == 1 else _stem(case.archive, 2)
        for stem, (asked, case) in zip(stems, cases, strict=True)
    ]
    seen: set[str] = set()
    found = []
    for name, (_, case) in zip(longer, cases, strict=True):
        own, number = name, 1
        while own.lower() in seen:  # of folders on some systems, capital letters make no other name
            number += 1
            own = f"{name}-{number}"
        seen.add(own.lower())
        found.append(replace(case, name=own))
    return tuple(found)


def _slashed(path: str) -> str:
    return path.replace(os.sep, "/")


def _stem(path: str, parts: int) -> str:
    whole = posixpath.splitext(_slashed(path))[0]
    tail = "-".join([part for part in whole.split("/") if part][-parts:])
    return short(tail, 120).translate(HARD_TO_NAME).strip(". ") or "archive"
