"""Everything that can stop the diagnosis, as one sentence for the person at the terminal.

DiagnosticError                 the command ends with exit code 2 and prints the sentence
├── ArchiveError                the HAR cannot be read or contradicts itself
│   └── NotQuantizedError       the HAR is whole, but was never quantized
├── DamagedMemberError          a part of the HAR turns out damaged while it is read
├── ScriptError                 a model script cannot be parsed
├── DatasetError                the calibration data cannot be used
├── MachineError                memory, disk or limits do not suffice; no file is to blame
├── UsageError                  the command line asks for what does not exist
├── SdkError                    Hailo's SDK does not offer what is needed, or failed
└── UnsupportedLayerError       the embedded engine has no definition for a layer

GpuMemoryError                  what was running runs again without the GPU; nobody else sees it
"""

UNREADABLE = "calibration-unreadable"  # the finding that data are that cannot even be opened


class DiagnosticError(Exception):
    """Base of all errors whose text is meant to be read by the user, without a traceback.

    `next_step` is one imperative sentence on what mends it, "" where the text says it; `commands`
    are what to type for that, in order.
    """

    def __init__(
        self, message: str = "", next_step: str = "", commands: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.next_step = next_step
        self.commands = commands

    @property
    def whole(self) -> str:
        """Text, next step and commands as one text, for those who show no parts."""
        typed = "".join(f" `{command}`" for command in self.commands)
        return f"{self}. {self.next_step}{typed}" if self.next_step else str(self)


class ArchiveError(DiagnosticError):
    """The archive is not a readable, self-consistent HAR."""


class NotQuantizedError(ArchiveError):
    """The archive is in a state before quantization."""


class DamagedMemberError(DiagnosticError):
    """A member of the archive turns out damaged, maybe long after the archive was opened.

    It is no `ArchiveError`: who meets one of these may go on without the layer that it is about.
    Damage ends the run, since nobody knows what else of the file is wrong.
    """


class ScriptError(DiagnosticError):
    """A model script does not follow the grammar.

    `problem` says what was expected without the place; `offset` is the place in the text, `line`
    and `column` the same counted from 1.
    """

    def __init__(
        self, message: str, problem: str = "", offset: int = 0, line: int = 1, column: int = 1
    ) -> None:
        super().__init__(message)
        self.problem = problem or message
        self.offset = offset
        self.line = line
        self.column = column


class DatasetError(DiagnosticError):
    """The calibration data do not exist, do not fit the model or are not finite.

    `finding_id` is the finding that this is; `headline`, `evidence`, `remedy` and `command` are
    what that finding says. `sheet` is a picture, a JPEG file, of what there is to choose among; b""
    for none. `inputs` are those concerned, by their scoped names; () where that is not known.
    """

    def __init__(
        self,
        headline: str,
        finding_id: str = UNREADABLE,
        evidence: str = "",
        remedy: str = "",
        command: str = "",
        sheet: bytes = b"",
        inputs: tuple[str, ...] = (),
    ) -> None:
        super().__init__(as_one_text(headline, evidence, remedy))
        self.finding_id = finding_id
        self.headline = headline
        self.evidence = evidence
        self.remedy = remedy
        self.command = command
        self.sheet = sheet
        self.inputs = inputs


def as_one_text(headline: str, evidence: str, remedy: str) -> str:
    """What is wrong, with the numbers in brackets, and what to do."""
    fact = f"{headline} ({evidence})" if evidence else headline
    return f"{fact}. {remedy}" if remedy else fact


class MachineError(DiagnosticError):
    """The machine lacks what is needed, or does not allow it: no file is to blame."""


class UsageError(DiagnosticError):
    """The command line names something that does not exist."""


class SdkError(DiagnosticError):
    """Hailo's SDK does not offer what is needed, or failed."""


class UnsupportedLayerError(DiagnosticError):
    """A layer or activation has no definition in the embedded engine; emulation stops there."""


class GpuMemoryError(Exception):
    """The memory of a GPU does not suffice.

    It is no `DiagnosticError`, after which a measurement would go on with what it has so far.
    """
