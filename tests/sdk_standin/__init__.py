"""A stand-in for Hailo's SDK, made for contract tests only; nothing of it comes from Hailo.

It offers what public programs call of `hailo_sdk_client` in three versions, and answers from the
archive through this project's own reader and engines. The machinery is here; the packages that
tests import under the SDK's names lie in v3_25, v3_33 and v5_3.
"""

IS_STAND_IN = True
