"""Deaths of the command line, and of the step that translates the original model."""

from __future__ import annotations

import re

from utils.facts.log_words import breakable
from utils.facts.run_failure import RunFailure

# Words by which a command line is known that was refused, as no exception is named then.
BARE_OPTIONS = (
    "unrecognized arguments",
    "the following arguments are required",
    "invalid choice",
)

PARSING_FAILURES: tuple[RunFailure, ...] = (
    RunFailure(
        "wrong-option",
        re.compile(
            r"\bhailo(?:mz)?(?: [\w-]{1,30}){0,3}: error: [^\n]{0,200}?"
            rf"(?:{'|'.join(BARE_OPTIONS)})"
        ),
        "The compiler does not take the command line that it was given",
        "Options differ between its versions, and between hailo and hailomz.",
        "Run the command with --help, and correct the option that the message names.",
        "public notes on hailo compiler and hailo optimize",
        words=BARE_OPTIONS,
    ),
    RunFailure(
        "node-names",
        breakable(r"MisspellNodeError|Unable to find (?:start|end) node names?"),
        "The parser found no node of the name that it was given",
        "It takes names of nodes. Those of tensors, which mostly end in _output_0, are others.",
        "Look the node up in the original model, as Netron shows it, and parse again with its "
        "name.",
        "three public notes on DFC 3.3x to 5.4",
        words=("node", "Node"),
    ),
    RunFailure(
        "parser-end",
        breakable(
            r"ParsingWithRecommendationException|Please try to parse the model again, using these"
            r"|Unsupported(?:Model|Operation|\w{1,40}Layer)Error"
        ),
        "The parser met operations that the chip does not have",
        "They mostly stand behind the heads, where the host takes over. The nodes that the parser "
        "proposes do not suit nms_postprocess, which takes convolutions.",
        "Parse the original with the last convolutions in front of these operations as "
        "--end-node-names.",
        "public notes on YOLOv8 and YOLO11 exported by ultralytics",
    ),
)
