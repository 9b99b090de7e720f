"""Deaths of the step that places a quantized network on the chip."""

from __future__ import annotations

import re

from utils.facts.log_words import NAME, breakable
from utils.facts.run_failure import SEARCH, RunFailure

# Words that tell of such a death although no exception is named in front of them.
BARE_OF_COMPILATION = (
    "Agent infeasible",
    "No successful assignment",
    "No valid partition found",
    "find a valid partition",
    "Did you forget to quantize",
)

COMPILATION_FAILURES: tuple[RunFailure, ...] = (
    RunFailure(
        "not-quantized",
        breakable(r"requires quantized weights|Did you forget to quantize"),
        "The compiler was to compile a network that is not quantized",
        "It compiles what hailo optimize saved, and not what hailo parser saved.",
        "Pass the archive that hailo optimize saved to hailo compiler.",
        "two public reports on hailo compiler of DFC 3.3x",
        is_of_compilation=True,
    ),
    RunFailure(
        "compiler-crashed",
        breakable(r"Compilation failed with unexpected crash"),
        "The compiler crashed while it placed the network on the chip",
        "What quantization did to the archive stands. In the public reports, longer searches "
        "crashed alike, and so did other releases of version 3.",
        "Compile the network cut in two, and the half that crashes again, until its layers are "
        "found.",
        "two public reports on DFC 3.33 and 3.34, in which an assertion failed",
        is_of_compilation=True,
    ),
    RunFailure(
        "single-context",
        breakable(r"Context switch is disabled"),
        "The network needs several contexts, and only one is allowed",
        "Each context is a part of the network that fits the chip at once. The model script keeps "
        "the compiler to one.",
        "Compile again with this line in place of mode=disabled, and expect fewer frames per "
        "second.",
        "a public thread on YOLOv4 for hailo8, and scripts of Hailo's model zoo",
        ("context_switch_param(mode=enabled)",),
        is_of_compilation=True,
    ),
    RunFailure(
        "too-few-parts",
        breakable(rf"Auto defused failed layer (?P<subject>{NAME}) required too many SCs"),
        "A layer was split into parts of which each is too large for the chip",
        "In the one public report 2 parts were too few, and 8 went through.",
        "Split the layer into more parts with a defuse line, and compile again.",
        "public notes on a language model under DFC 5.3",
        is_of_compilation=True,
        words=("defused",),
    ),
    RunFailure(
        "user-unset",
        re.compile(r"KeyError: ['\"]USER['\"]"),
        "The compiler needs the environment variable USER, which is not set",
        "It names a folder after it. Containers often have none.",
        "Run export USER=root, or pass -e USER=root to docker, and compile again.",
        "public notes on DFC 3.34 in Docker, and a public thread on Hailo's model zoo",
        is_of_compilation=True,
    ),
    RunFailure(
        "chip-full",
        breakable(
            r"Agent infeasible|No successful assignment|No valid partition|find a valid partition"
            r"|too many re?sources|enough resources"
        ),
        "The compiler found no way to place the network on the chip",
        "This stopped the compilation. What quantization did to the archive stands.",
        "Try this line, by which the compiler searches longer, or move the layers that the "
        "messages name to the host.",
        "public threads on and scripts of Hailo's model zoo",
        ("performance_param(compiler_optimization_level=max)",),
        "Move the layers that the messages name to the host: parse with nodes in front of them as "
        "--end-node-names.",
        is_of_compilation=True,
    ),
    RunFailure(
        "placing-failed",
        breakable(r"BackendAllocatorException"),
        "The step that places the network on the chip failed",
        "This stopped the compilation. What quantization did to the archive stands.",
        SEARCH,
        "public build logs of DFC 3.3x and 5.4",
        is_of_compilation=True,
    ),
)
