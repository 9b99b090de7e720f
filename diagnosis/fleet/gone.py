"""Archives that an earlier fleet had, and that the plan has no more, or under another name."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from diagnosis.fleet.judging import earlier_report
from diagnosis.fleet.results import TABLE
from diagnosis.fleet.tasks import FETCHED
from utils.baseline.earlier_report import read_earlier_report
from utils.errors import DiagnosticError
from utils.fleet.plan import Case
from utils.fleet.storage import on_disk
from utils.har.float_weights import float_weights
from utils.har.model import Model, load_model
from utils.wording import printable

Key = Hashable  # what is the same of the same archive; None or empty where it is not known
BYTES, WEIGHTS = "the same bytes", "the same float weights"


@dataclass(frozen=True)
class Renamed:
    """An archive that has another name in an earlier fleet.

    Parameters
    ----------
    name, before : what it is called in the plan, and in the baseline.
    shown_by : by what it is known.
    """

    name: str
    before: str
    shown_by: str


@dataclass(frozen=True)
class Gone:
    """What became of the archives of an earlier fleet.

    Parameters
    ----------
    names : those that are not in the plan, in the order of the earlier table.
    """

    names: tuple[str, ...] = ()
    renamed: tuple[Renamed, ...] = ()


def gone_archives(baseline: str, cases: Sequence[Case], results: str) -> Gone:
    """Names in the table of an earlier fleet that are not in the plan.

    A folder of results also holds archives of plans before that one, so only its table counts; of
    one that cannot be read, or is not there, nothing is told.

    An archive was renamed where it alone has the bytes of one that is gone, or else its float
    weights, as after quantizing again.

    Parameters
    ----------
    results : folder of results, into which archives are fetched that lie elsewhere.
    """
    digests = _table(baseline)
    known = {case.name for case in cases}
    gone = [name for name in digests if name not in known]
    new = [case for case in cases if gone and not earlier_report(baseline, case.name)]
    fetched = os.path.join(results, FETCHED)
    found = _pairs(BYTES, gone, digests, _keys(new, fetched, _digest))
    gone = [name for name in gone if name not in {each.before for each in found}]
    new = [case for case in new if gone and case.name not in {each.name for each in found}]
    if new:
        before = {name: _weights_before(baseline, name) for name in digests}
        found += _pairs(WEIGHTS, gone, before, _keys(new, fetched, _weights))
        gone = [name for name in gone if name not in {each.before for each in found}]
    return Gone(tuple(map(printable, gone)), tuple(found))


def _table(baseline: str) -> dict[str, str]:
    """Digests of the archives by name, in the order of the table."""
    try:
        with open(os.path.join(baseline, TABLE), encoding="utf-8") as stream:
            rows = json.load(stream)["rows"]
        return {str(row["name"]): str(row.get("sha256", "")) for row in rows}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _pairs(
    shown_by: str, gone: Sequence[str], before: Mapping[str, Key], now: Mapping[str, Key]
) -> list[Renamed]:
    """What is gone with what is new, where no other archive of either fleet has the same key."""
    earlier, later = _alone(before), _alone(now)
    alike = ((later[key], name) for key, name in earlier.items() if key in later and name in gone)
    return [Renamed(name, old, shown_by) for name, old in alike]


def _alone(keys: Mapping[str, Key]) -> dict[Key, str]:
    often = Counter(keys.values())
    return {key: name for name, key in keys.items() if key and often[key] == 1}


def _keys(cases: Sequence[Case], fetched: str, key: Callable[[Model], Key]) -> dict[str, Key]:
    """What tells archives apart, by name."""
    return {case.name: _key(case, fetched, key) for case in cases}


def _key(case: Case, fetched: str, key: Callable[[Model], Key]) -> Key:
    try:
        return key(load_model(on_disk(case.archive, fetched)))
    except DiagnosticError:  # it is told where the archive is diagnosed
        return None


def _digest(model: Model) -> Key:
    return model.archive.sha256


def _weights(model: Model) -> Key:
    layers = {**model.float_network.layers, **model.network.layers}.values()
    found = (float_weights(model, layer) for layer in layers)
    return frozenset((each.count, each.digest) for each in found if each)


def _weights_before(baseline: str, name: str) -> Key:
    try:
        report = read_earlier_report(earlier_report(baseline, name) or "")
    except DiagnosticError:
        return None
    return frozenset(layer.weights for layer in report.layers.values() if layer.weights)
