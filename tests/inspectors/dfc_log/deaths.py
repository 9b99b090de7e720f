"""With which words runs of the compiler die."""

from __future__ import annotations

EXHAUSTED = "acceleras.exceptions.AccelerasResourceError: GPU memory has been exhausted"
# What is logged last, a part of the headline, a part of the remedy.
DEATHS = [
    (f"{EXHAUSTED}. Please try to use Fine Tune with lower batch size", "memory", "batch_size=2"),
    (f"{EXHAUSTED}. Please try to use Adaround with lower batch size", "memory", "Lower the batch"),
    ("x.y.BackendValueError: Unsupported NaN values were found in params", "not finite", "NaN"),
    (
        "x.BadInputsShape: Data shape (3, 64, 64) for layer net/input_layer1 doesn't match "
        "network's input shape (64, 64, 3)",
        "the shape of the input",
        "transpose",
    ),
    (
        "x.BadInputsShape: Data shape (5, 1) for layer net/input_layer1 doesn't match network's "
        "input shape (64, 64, 3)",
        "the shape of the input",
        "Give the samples",
    ),
    ("x.y.BadInputsShape: other words", "the shape of the input", "Give the samples"),
    (
        "UnsupportedMetaArchError: The specified meta architecture yolov8 cannot be run on chip",
        "on the chip",
        "engine=cpu",
    ),
    (
        "UnsupportedMetaArchError: The specified meta architecture yolov6 cannot be run on cpu",
        "on the host",
        "engine=nn_core",
    ),
    ("x.y.NmsError: The layer net/conv1 doesn't have one output layer", "NMS", "--nms-config"),
    ("ValueError: The layer named  doesn't exist in the HN", "NMS", "--nms-config"),
    ("KeyError: 'bbox_decoders'", "lacks a key", "the missing key"),
    (
        "x.y.AccelerasValueError: Inference input shapes [[-1, 8, 8]] for layer net/conv1 does "
        "not match HN shapes [[-1, 1, 8, 8]]",
        "another shape",
        "the axes of the input layer",
    ),
    ("KeyError: 'net/input_layer1'", "no array for an input", "Name the arrays"),
    (
        "x.y.ScriptParserException: Post-process config file isn't found in /x/../nms.json",
        "not where the model script says",
        "a file that exists",
    ),
    (
        "x.y.ScriptParserException: Error in the last layers of the model, expected conv but "
        "found concat layer.",
        "goes on behind the layers",
        "--end-node-names",
    ),
    ("ValueError: 'yolov8' is not a valid NMSMetaArchitectures", "meta_arch", "newer compiler"),
    ("x.y.ScriptError: No argument named foo", "model script", "--lint-script"),
    ("x.y.ScriptError: Unsupported value [<PrecisionMode.a16_w16>]", "precision", "Take this"),
    ("x.y.ArgumentsException: hw_arch hailo99 is not supported", "chip", "hw_arch"),
    (
        "x.y.AccelerasUnsupportedError: net/conv1/matmul_op: Matmul without transpose input and "
        "with negative range is not supported",
        "matrix product",
        "0 to 255",
    ),
    ("ValueError: layer net/conv1 does not support shift delta. To", "ranges", "real data"),
    (
        "Quantization failed in layer net/conv1 due to unsupported required slope. Desired shift "
        "is 40.0, but op has only 8 data bits.",
        "scale",
        "real data",
    ),
    ("Desired shift is 8.0, but op has only 8 data bits", "scale", "real data"),
    (
        "x.y.BackendScriptParserException: Parsing failed at:\n>!<normalization([0],[255])",
        "could not read the model script",
        "--lint-script",
    ),
    (
        "x.y.AccelerasNumerizationError: Shift delta in net/avgpool1/avgpool_op is larger than 2, "
        "cannot quantize.",
        "average pool",
        "into two stages",
    ),
    ("TypeError: Could not locate class 'AddOp'. Make sure", "its own layers", "one process"),
    ("[error] BackendAllocatorException: Agent infeasible", "place the network", "longer"),
    (
        "[error] BackendAllocatorException: Compilation failed: No valid partition found",
        "place the network",
        "longer",
    ),
    (
        "[error] BackendAllocatorException: Compilation failed: Context switch is disabled, but "
        "model could not fit in single context.",
        "needs several contexts",
        "mode=disabled",
    ),
    (
        "[error] BackendAllocatorException: Auto defused failed layer net/d1 required too many SCs",
        "split into parts",
        "more parts",
    ),
    ("[error] BackendAllocatorException: buffers key x doesn't exist", "step that places", "word"),
    ("KeyError: 'USER'", "variable USER", "export USER"),
    (
        "[error] BackendAllocatorException: Compilation failed with unexpected crash",
        "crashed while it placed",
        "cut in two",
    ),
    (
        "[error] Failed to compile the model: Model requires quantized weights in order to run on "
        "HW, but none were given. Did you forget to quantize?",
        "not quantized",
        "that hailo optimize saved",
    ),
    ("x.y.LicenseError: the license has expired", "licence", "licence"),
    ("OSError: [Errno 28] No space left on device", "a disk was full", "TMPDIR"),
    (
        "tensorflow.python.framework.errors_impl.FailedPreconditionError: DNN library "
        "initialization failed. Look at the errors above for more details.",
        "GPU or its libraries",
        "CUDA_VISIBLE_DEVICES=-1",
    ),
    (
        "AttributeError: module 'numpy' has no attribute 'bool'.",
        "Python packages",
        "virtual environment",
    ),
    ("ModuleNotFoundError: No module named 'hailo_sdk_client'", "lacks a package", "Activate"),
    (
        "ImportError: /lib/libc.so.6: version `GLIBC_2.34' not found (required by /x/libhailo.so)",
        "operating system is older",
        "a system that its release asks for",
    ),
    ("FileNotFoundError: Couldn't find dataset in /x", "did not find a file", "that is there"),
    (
        "x.y.ParsingWithRecommendationException: Parsing failed.",
        "operations that the chip does not have",
        "--end-node-names",
    ),
    ("x.y.UnsupportedModelError: 1D form is not supported in layer x", "chip", "--end-node-names"),
    ("x.y.MisspellNodeError: Unable to find end node names ['x']", "no node", "as Netron shows"),
    ("hailo: error: unrecognized arguments: --use-cpu", "command line", "--help"),
    (
        "hailo optimize: error: argument --hw-arch: invalid choice: 'hailo9'",
        "command line",
        "--help",
    ),
    ("ModuleNotFoundError: No module named 'torch'", "package is missing", "Install"),
    ("PermissionError: [Errno 13] Permission denied: '/x'", "may not read or write", "rights"),
    ("tensorflow.UnimplementedError: CUDNN_STATUS_ARCH_MISMATCH", "GPU", "CUDA_VISIBLE_DEVICES"),
    ("Error: Process completed with exit code 137.", "memory of the computer", "fewer samples"),
    ("The command returned a non-zero code: 137", "memory of the computer", "fewer samples"),
    ("slurmstepd: error: Detected 1 oom_kill event", "memory of the computer", "fewer samples"),
    ("Session crashed after using all available RAM.", "memory of the computer", "fewer samples"),
    ("Compilation failed: No valid partition found", "place the network", "longer"),
    ("Illegal instruction (core dumped)", "processor lacks", "AVX"),
    (
        "2025-11-20 10:00:00.1: F tensorflow/core/platform/cpu_feature_guard.cc:38] The TensorFlow "
        "library was compiled to use AVX instructions, but these aren't available on your machine.",
        "processor lacks",
        "AVX",
    ),
    ("Segmentation fault (core dumped)", "The process of the compiler crashed", "without the GPU"),
    ("./run.sh: line 3: 4711 Aborted  hailo optimize", "The process", "without the GPU"),
    ("./run.sh: line 3: 4711 Killed  hailo optimize", "memory of the computer", "fewer samples"),
    ("Killed", "memory of the computer", "fewer samples"),
    ("Killed\n$ ", "memory of the computer", "fewer samples"),
    ("MemoryError: Unable to allocate 70 GiB", "memory of the computer", "fewer samples"),
    ("x.y.ThoroughlyNewError: who knows", "ended in an error", "word for word"),
    ("[error] something went wrong", "ended in an error", "word for word"),
]
