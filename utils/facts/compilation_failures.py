"""Deaths of the step that places a quantized network on the chip."""

from __future__ import annotations

from utils.facts.log_words import breakable
from utils.facts.run_failure import RunFailure

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
        "chip-full",
        breakable(r"Agent infeasible|BackendAllocatorException"),
        "The compiler found no way to place the network on the chip",
        "This stopped the compilation. What quantization did to the archive stands.",
        "Try this line, by which the compiler searches longer, or move the layers that the "
        "messages name to the host.",
        "public threads on and scripts of Hailo's model zoo",
        ("performance_param(compiler_optimization_level=max)",),
        is_of_compilation=True,
    ),
)
