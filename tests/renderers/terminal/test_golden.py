"""The whole of what the terminal shows, at two widths."""

from __future__ import annotations

from tests.renderers.terminal.reports import report, whole_text
from utils.measurements import Measurements

AT_80 = """\
[info] Bias correction did not run [algorithm-not-run]
[warning] One layer makes most of the noise (91% of it) [noise-concentrated]
[error] The data are not normalized (input_layer1 reaches from 0 to 255)
        [data-not-normalized]
[warning] Channels of conv1 have too few codes (2 of 8 channels)
          [coarse-channels]
[warning] Two layers are mostly noise (SNR 3.0 dB at conv1 and 9.5 dB at conv2,
          measured over 64 samples) [low-snr]

Outputs over 64 samples, SNR in dB
  output         SNR  bias  fed by
  output_layer1  9.5   25%  conv2

Worst layers, SNR in dB
  layer         here  alone  share  bias  clipped  calibrated
  conv1          3.0   10.0    91%   50%      <1%      0 to 6
  conv2          9.5   20.0     9%    0%
  input_layer1  45.0   47.2    <1%    0%       0%
  (not shown, as the terminal is too narrow: measured, precision, original name)
  here: all layers quantized; local: the layer by itself; alone: at the worst
  output, only this layer quantized; share: the layer's part of the noise there
  bias: part of the error that is the same for all samples; clipped: values cut
  off at the ends of the codes

Model script lines that helped in emulation
  # low-snr
  quantization_param([net/conv1], precision_mode=a16_w16)

Model script lines recommended
  # algorithm-not-run
  model_optimization_flavor(optimization_level=2)

Not checked by 2 inspectors: pass it with --dfc-log
2 inspectors found nothing, 1 inspector had nothing to judge, 1 check could not
  be made in full and 1 assumption had to be made (-v shows which)

Causes
[error] The data are not normalized [data-not-normalized]
    Normalize input_layer1 on the chip and quantize again.
    hailo optimize net.har --calib-set-path images.npy
[warning] Channels of conv1 have too few codes [coarse-channels]
    explains 2 findings: noise-concentrated at conv1 and low-snr in 2 layers;
      the finding is certain: it is counted or read
    Let equalization balance the channels.

Other findings
[info] Bias correction did not run [algorithm-not-run]

2 causes, 2 consequences, 1 other finding and 1 info that needs no action (-v
  shows which)

Verdict: 1 error and 1 warning; the first: the data are not normalized; compared
  with float, which has the same fault, the output output_layer1 has an SNR of
  9.5 dB on all 64 samples.
Next: Normalize input_layer1 on the chip and quantize again.
    hailo optimize net.har --calib-set-path images.npy
"""
AT_160 = """\
[info] Bias correction did not run [algorithm-not-run]
[warning] One layer makes most of the noise (91% of it) [noise-concentrated]
[error] The data are not normalized (input_layer1 reaches from 0 to 255) [data-not-normalized]
[warning] Channels of conv1 have too few codes (2 of 8 channels) [coarse-channels]
[warning] Two layers are mostly noise (SNR 3.0 dB at conv1 and 9.5 dB at conv2, measured over 64 \
samples) [low-snr]

Outputs over 64 samples, SNR in dB
  output         SNR  bias  fed by
  output_layer1  9.5   25%  conv2

Worst layers, SNR in dB
  layer         here  alone  share  bias  clipped  calibrated  measured  precision  original name
  conv1          3.0   10.0    91%   50%      <1%      0 to 6  0 to 5.5  a8_w8_a8   \
/backbone/stem/Conv
  conv2          9.5   20.0     9%    0%                                 a8_w4_a8   \
/backbone/block/Conv
  input_layer1  45.0   47.2    <1%    0%       0%                        a8_w8_a8   images
  here: all layers quantized; local: the layer by itself; alone: at the worst output, only this \
layer quantized; share: the layer's part of the noise there
  bias: part of the error that is the same for all samples; clipped: values cut off at the ends of \
the codes

Model script lines that helped in emulation
  # low-snr
  quantization_param([net/conv1], precision_mode=a16_w16)

Model script lines recommended
  # algorithm-not-run
  model_optimization_flavor(optimization_level=2)

Not checked by 2 inspectors: pass it with --dfc-log
2 inspectors found nothing, 1 inspector had nothing to judge, 1 check could not be made in full \
and 1 assumption had to be made (-v shows which)

Causes
[error] The data are not normalized [data-not-normalized]
    Normalize input_layer1 on the chip and quantize again.
    hailo optimize net.har --calib-set-path images.npy
[warning] Channels of conv1 have too few codes [coarse-channels]
    explains 2 findings: noise-concentrated at conv1 and low-snr in 2 layers; the finding is \
certain: it is counted or read
    Let equalization balance the channels.

Other findings
[info] Bias correction did not run [algorithm-not-run]

2 causes, 2 consequences, 1 other finding and 1 info that needs no action (-v shows which)

Verdict: 1 error and 1 warning; the first: the data are not normalized; compared with float, which \
has the same fault, the output output_layer1 has an SNR of
  9.5 dB on all 64 samples.
Next: Normalize input_layer1 on the chip and quantize again.
    hailo optimize net.har --calib-set-path images.npy
"""


def test_at_80_columns() -> None:
    assert whole_text(report(), 80) == AT_80


def test_at_160_columns() -> None:
    assert whole_text(report(), 160) == AT_160


def test_a_pipe_gets_the_same_as_a_wide_terminal() -> None:
    assert whole_text(report(), None) == AT_160.replace("\n  9.5 dB", " 9.5 dB")


def test_but_for_tables_a_terminal_of_any_width_gets_the_words_of_a_pipe() -> None:
    without_noise = report(measurements=Measurements(8, {}))
    in_a_pipe = whole_text(without_noise, None)
    for width in (40, 80):
        shown = whole_text(without_noise, width)
        assert shown != in_a_pipe
        assert shown.split() == in_a_pipe.split()


def test_with_whole_names_reasons_and_what_asks_for_nothing() -> None:
    shown = whole_text(report(), 80, is_verbose=True)
    assert shown.startswith("""\
[info] The programs run with HailoRT 4.23 (Dataflow Compiler 3.33.0)
       [runtime-pair]
[info] Bias correction did not run [algorithm-not-run]
[warning] One layer makes most of the noise (91% of it) [noise-concentrated]
[error] The data are not normalized (net/input_layer1 (images) reaches from 0 to
        255); look for "the values range is [0, 255]" in logs
        [data-not-normalized]
""")
    assert "[info] Skipped DInspector: there is nothing to judge\n" in shown
    assert (
        """
Not checked by EInspector and FInspector (the times): pass it with --dfc-log
Not checked by BInspector: the other half
Assumed: halves round to even

Causes
[error] The data are not normalized [data-not-normalized]
    The network was trained on other numbers.
    Normalize net/input_layer1 (images) on the chip and quantize again.
    hailo optimize net.har --calib-set-path images.npy
[warning] Channels of net/conv1 have too few codes [coarse-channels]
    explains 2 findings: noise-concentrated at net/conv1 and low-snr in 2
      layers; the finding is certain: it is counted or read
    What is left is mostly rounding error.
    Let equalization balance the channels.

Other findings
[info] Bias correction did not run [algorithm-not-run]
[info] The programs run with HailoRT 4.23 [runtime-pair]

2 causes, 2 consequences, 1 other finding and 1 info that needs no action

"""
        in shown
    )
    assert "\nNext: Normalize net/input_layer1 (images) on the chip and quantize again.\n" in shown
