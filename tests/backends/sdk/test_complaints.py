"""Sentences made of what the SDK raises."""

from __future__ import annotations

import pytest

from utils.backends.sdk.complaints import MAX_LENGTH, in_words


@pytest.mark.parametrize(
    "error",
    [
        ValueError("tiny_yolov4_license_plates/conv1 has no kernel"),
        RuntimeError("cannot open /nets/license-plates.har or the license plate set"),
        RuntimeError("shape mismatch at hailo_layer"),
        MemoryError(),
        OSError("cannot read /home/me/license/net.har"),
        OSError("[Errno 2] file is missing: 'C:\\my license\\net.har'"),
        FileNotFoundError("net.har not found in '/my license/net.har'"),
        RuntimeError("the license was read, the weights were not"),
        TypeError("__init__() got an unexpected keyword argument 'hw_arch', unknown here"),
        TypeError("__init__() missing 1 required positional argument: 'hw_arch'"),
        TypeError("load() missing 1 required keyword-only argument: 'license'"),
        TypeError("'hw_arch' is an invalid keyword argument for ClientRunner()"),
        ValueError("cannot read /nets/hailo8/unsupported/hw_arch.har"),
        ValueError("argmax is not supported on hailo8"),
        ValueError("hw_arch hailo8 has no layer named conv1"),
    ],
)
def test_what_is_not_known_is_only_quoted(error: Exception) -> None:
    assert in_words(error).startswith("it said: ")


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (RuntimeError("no license file was found"), "licence files"),
        (OSError("Licence expired"), "licence files"),
        (OSError("could not find a license in /opt/license"), "licence files"),
        (OSError("No valid license"), "licence files"),
        (OSError("/opt/license.lic: the license is invalid"), "licence files"),
        (PermissionError("licensing server not reached"), "licence files"),
        (RuntimeError("failed to allocate: CUDA_ERROR_OUT_OF_MEMORY"), "--batch-size 1"),
        (RuntimeError("OOM when allocating tensor"), "HAILO_SET_MEMORY_GROWTH=false"),
        (type("ResourceExhaustedError", (Exception,), {})("node conv1"), "CUDA_VISIBLE_DEVICES"),
        (ValueError("hw_arch hailo15h is not supported"), "DFC 5.x for hailo10h and hailo15"),
        (ValueError("unknown hw_arch hailo99"), "a chip that this SDK does not serve"),
        (ValueError("hw_arch from HAR is a but client runner was given b"), "does not serve"),
        (ValueError("Hardware arch mismatch"), "a chip that this SDK does not serve"),
        (ValueError("hailo8 is not supported"), "a chip that this SDK does not serve"),
    ],
)
def test_what_is_known_says_what_to_do(error: Exception, remedy: str) -> None:
    text = in_words(error)
    assert remedy in text
    assert str(error) in text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("\n\n  the first line\nTraceback:\n  more"), "RuntimeError: the first line"),
        (KeyError(), "KeyError"),
        (SystemExit(3), "SystemExit: 3"),
        (SystemExit(), "SystemExit"),
        (RuntimeError("red \x1b[31m text\x07"), "RuntimeError: red \\x1b[31m text\\x07"),
        (RuntimeError("x" * 999), f"RuntimeError: {'x' * (MAX_LENGTH - 14)}..."),
    ],
)
def test_the_sdk_is_quoted_in_one_line(error: BaseException, said: str) -> None:
    assert in_words(error) == f"it said: {said}"
