"""Deaths that the computer brings about: memory, disk, processor, licence, and who sits at it."""

from __future__ import annotations

import re

from utils.facts.log_words import ERROR
from utils.facts.run_failure import RunFailure

INTERRUPTED = "interrupted"
HOST_MEMORY = "host-memory"
# Words that tell of such a death although no exception is named in front of them.
BARE_OF_MACHINES = (
    "Killed",
    "SIGKILL",
    "code 137",
    "code: 137",
    "oom_kill",
    "OOM Killed",
    "Out of memory: Killed",
    "all available RAM",
    "Illegal instruction",
    "aren't available on your machine",
    "Segmentation fault",
    "Bus error",
    "Aborted",
)
# In front of it, where a script ran the program, stand the script, the line and the process.
_SCRIPT = r"[^\n:]{1,200}: line \d{1,7}: {1,8}\d{1,9} {1,8}"


def _signal(words: str) -> str:
    """What a shell writes of a program that a signal ended, as a pattern."""
    return rf"(?m:^)(?:{_SCRIPT}(?:{words})\b|(?:{words})(?=\s*(?:\(core dumped|$|\n)))"


MACHINE_FAILURES: tuple[RunFailure, ...] = (
    RunFailure(
        "licence",
        re.compile(rf"{ERROR}\b[Ll]icen[cs]e"),
        "The compiler found no licence that it accepts",
        "It does nothing without one.",
        "Install the compiler anew with the licence that belongs to it.",
        "what installed compilers say",
    ),
    RunFailure(
        HOST_MEMORY,
        re.compile(
            rf"{_signal('Killed')}|MemoryError|\b(?:exit|exited with|non-zero) code:? 137\b"
            r"|\bSIGKILL\b|\boom_kill\b|OOM Killed|Out of memory: Killed|using all available RAM"
        ),
        "The logged run stopped because the memory of the computer was full",
        "Calibration and finetuning keep their samples in it, in float: 1,024 images can take 70 "
        "GB.",
        "Optimize again on fewer samples, or on a computer with more memory.",
        "a public report on 1,024 images",
        words=("Kill", "KILL", "MemoryError", "137", "oom_kill", "RAM"),
    ),
    RunFailure(
        "disk-full",
        re.compile(r"No space left on device"),
        "The logged run stopped because a disk was full",
        "The compiler keeps what it measures on disk: 1,024 images can take 70 GB.",
        "Free some space on it, or let TMPDIR name a folder with more, and optimize again.",
        "a public report on 1,024 images",
        is_of_any_program=True,
    ),
    RunFailure(
        "file-missing",
        re.compile(r"FileNotFoundError"),
        "The compiler did not find a file",
        "In a container only mounted folders are there.",
        "Name a file or folder that is there, and run the compiler again.",
        "public notes on Hailo's software suite in Docker",
        is_of_any_program=True,
    ),
    RunFailure(
        "gpu-libraries",
        re.compile(
            r"DNN library (?:is not found|initialization failed)|cuDNN failed to initialize"
            r"|Could not (?:create|load)[^\n]{0,40}cudnn|CUDA_ERROR_(?!OUT_OF_MEMORY)\w{1,40}"
            r"|libdevice not found|no kernel image is available|CUDNN_STATUS_(?!ALLOC)\w{1,40}"
        ),
        "The GPU or its libraries failed the compiler",
        "Every release of the compiler is built for certain versions of CUDA and cuDNN, and these "
        "for certain GPUs.",
        "Install the versions that the release asks for, or run without the GPU: "
        "CUDA_VISIBLE_DEVICES=-1.",
        "messages of TensorFlow; public notes on GPUs that are too new for it",
        words=("DNN", "cudnn", "CUDA", "libdevice", "kernel image"),
    ),
    RunFailure(
        "python-packages",
        re.compile(
            r"numpy\.dtype size changed|module 'numpy' has no attribute"
            r"|Descriptors cannot (?:not )?be created"
        ),
        "The Python packages beside the compiler do not fit it",
        "The compiler is tied to one version of Python, of numpy and of others.",
        "Install the compiler into a virtual environment of its own, with the versions that it "
        "asks for.",
        "what the packages say; public notes on installing DFC 3.3x",
        is_of_any_program=True,
        words=("numpy", "Descriptors"),
    ),
    RunFailure(
        "package-missing",
        re.compile("No module named 'hailo_"),
        "The Python that ran lacks a package of Hailo's",
        "The compiler is mostly installed into a virtual environment, and this was another Python.",
        "Activate the virtual environment into which the compiler was installed, and run it again.",
        "what Python says",
        is_of_any_program=True,
    ),
    RunFailure(
        "other-package-missing",
        re.compile(r"No module named '"),
        "A Python package is missing beside the compiler",
        "Not every release asks for all packages that it uses.",
        "Install the package that the message names into the environment of the compiler.",
        "public notes on hailomz 2.18, which lacked torch",
        is_of_any_program=True,
    ),
    RunFailure(
        "no-rights",
        re.compile(r"PermissionError"),
        "The compiler may not read or write a file",
        "Folders that a container mounts often belong to another user, as does the compiler's own.",
        "Give the user that runs the compiler the rights to the path that the message names, and "
        "run it again.",
        "a public build log of DFC 3.32 in Docker",
        is_of_any_program=True,
    ),
    RunFailure(
        "old-system",
        re.compile(r"GLIBC(?:XX)?_[\d.]{1,9}' not"),
        "The operating system is older than the compiler's libraries",
        "They were built for a newer C library, which no Python package brings.",
        "Run the compiler on a system that its release asks for, or in Hailo's container.",
        "what the loader of Linux says",
        is_of_any_program=True,
    ),
    RunFailure(
        "old-processor",
        re.compile(
            rf"{_signal('Illegal instruction')}"
            r"|compiled to use [^\n]{1,80} instructions, but these aren't available"
        ),
        "The processor lacks instructions that the compiler uses",
        "TensorFlow, with which the compiler computes, needs AVX. Virtual machines often hide it.",
        "Run the compiler on a processor with AVX, or let the virtual machine hand it on.",
        "TensorFlow's instructions for its installation",
        words=("Illegal", "available"),
    ),
    RunFailure(
        "process-crashed",
        re.compile(_signal("Segmentation fault|Bus error|Aborted")),
        "The process of the compiler crashed",
        "The shell says so, and the compiler had no time to say more.",
        "Run it again, and with CUDA_VISIBLE_DEVICES=-1, without the GPU, if it crashes anew.",
        "what shells say of a process that a signal ended",
        is_of_any_program=True,
        words=("Segmentation", "Bus error", "Aborted"),
    ),
    RunFailure(
        INTERRUPTED,
        re.compile("KeyboardInterrupt"),
        "The logged run was interrupted from the keyboard",
        "",
        "Let the run finish, or pass the log of the run that made this archive.",
        "logs of DFC 3.3x in public repositories",
    ),
)
