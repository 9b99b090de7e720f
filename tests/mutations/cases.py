"""One case: a situation with one or more changes, all drawn from a seed and a number."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tests.mutations.drawing import NothingToChange, pick
from tests.mutations.judging import Fault, fault_of
from tests.mutations.running import command
from tests.mutations.situations import SITUATIONS, Setting, drawn

_NAME = re.compile(r"(\d+)-(\d+)(?:-(\d+(?:\.\d+)*))?")
# Most faults need one change; each further one hides others that would be met.
COUNTS = (1, 1, 1, 1, 2, 2, 3, 5)


class Played(NamedTuple):
    """What was changed in a case, in words, the arguments, and the fault that was found."""

    told: list[str]
    argv: Sequence[str]
    fault: Fault | None


@dataclass(frozen=True)
class Case:
    """A case by its seed, its number, and which of its changes are made.

    Parameters
    ----------
    kept : indices of the changes; None for all of them.
    """

    seed: int
    number: int
    kept: tuple[int, ...] | None = None

    @classmethod
    def named(cls, name: str) -> Case:
        """The case of a name.

        Raises
        ------
        ValueError : this is no name of a case.
        """
        match = _NAME.fullmatch(name)
        if match is None:
            raise ValueError(f"{name} is no case, such as 7-1234 or 7-1234-0.2")
        kept = match[3] and tuple(int(index) for index in match[3].split("."))
        return cls(int(match[1]), int(match[2]), kept or None)

    @property
    def name(self) -> str:
        """What plays it again."""
        kept = "" if self.kept is None else "-" + ".".join(map(str, self.kept))
        return f"{self.seed}-{self.number}{kept}"

    @property
    def situation(self) -> str:
        """Name of its situation."""
        return drawn(self._random(0))

    @property
    def changes(self) -> tuple[int, ...]:
        """Indices of the changes that are made."""
        return self.kept or tuple(range(pick(self._random(1), COUNTS)))

    def play(self) -> Played:
        """Change the files, run the command on them in a folder of its own, judge it."""
        setting = SITUATIONS[self.situation][1](self._random(2))
        data, told = setting.files[setting.changed], []
        for index in self.changes:
            data, said = self._changed(setting, data, index)
            told.append(f"{setting.changed}: {said}")
        files = {**setting.files, setting.changed: data}
        with _folder_of(files):
            return Played(told, setting.argv, fault_of(command(*setting.argv), files))

    def _changed(self, setting: Setting, data: bytes, index: int) -> tuple[bytes, str]:
        try:
            return setting.change(self._random(3 + index), data)
        except NothingToChange:
            return data, "nothing to change"

    def shrunk(self, kind: str) -> Case:
        """The case with as few changes as still make a fault of this kind."""
        case = replace(self, kept=self.changes)
        for index in self.changes:
            fewer = replace(case, kept=tuple(i for i in case.changes if i != index))
            if fewer.kept:
                fault = fewer.play().fault
                case = fewer if fault and fault.kind == kind else case
        return case

    def _random(self, stream: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.number, stream])


@contextmanager
def _folder_of(files: dict[str, bytes]) -> Iterator[None]:
    before, folder = os.getcwd(), tempfile.mkdtemp(prefix="mutations-")
    os.chdir(folder)
    try:
        for name, content in files.items():
            Path(name).write_bytes(content)
        yield
    finally:
        os.chdir(before)
        shutil.rmtree(folder)
