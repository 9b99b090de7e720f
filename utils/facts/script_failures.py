"""Deaths of which the model script is the reason."""

from __future__ import annotations

from utils.facts.log_words import breakable
from utils.facts.run_failure import RunFailure

# More special ones come first: they are all exceptions of the parser of scripts.
SCRIPT_FAILURES: tuple[RunFailure, ...] = (
    RunFailure(
        "meta-arch-unknown",
        breakable(r"'\w{1,40}' is not a valid NMSMetaArchitectures"),
        "The compiler does not know the meta_arch of the model script",
        "Older compilers lack the detectors that came after them.",
        "Use a newer compiler, or the meta_arch of an older detector with the same heads.",
        "public threads on DFC 3.2x",
    ),
    RunFailure(
        "nms-file-missing",
        breakable(r"[Pp]ost-process config file isn.t found"),
        "The NMS configuration is not where the model script says",
        "A relative path counts from the folder of the model script. Wheels of Hailo's model zoo "
        "were published without these files; its repository has them.",
        "Write the path of a file that exists into the nms_postprocess line, and optimize again.",
        "public notes on hailomz 2.18",
    ),
    RunFailure(
        "script-grammar",
        breakable(r"Parsing failed at:(?:\s{0,9}>!<[^\n]{1,200})?|BackendScriptParserException"),
        "The compiler could not read the model script",
        "It reads a whole script or nothing, and quotes the line at which it gave up. A "
        "normalization(...) without a name in front of it is such a line.",
        "Check the model script with --lint-script, and correct the line that the message quotes.",
        "a public build log of DFC 3.33",
        words=("Pars",),
    ),
    RunFailure(
        "script-argument",
        breakable(r"No argument named|AllocatorScriptParserException"),
        "The compiler rejected a line of the model script",
        "A script with such a line is not used at all.",
        "Check the model script with --lint-script, and correct the line that the message quotes.",
        "public notes on scripts under DFC 3.3x",
    ),
    RunFailure(
        "precision-mode",
        breakable(r"Unsupported value \[?<PrecisionMode\.\w{1,20}"),
        "The compiler rejected a precision mode of the model script",
        "Chips and kinds of layers take some of the precision modes only.",
        "Take this precision mode away from the layers that the message names, and optimize again.",
        "notes on DFC 3.3x in public repositories",
    ),
)
