"""Stand-in of DFC 5.3.0 for contract tests, not by Hailo: a package."""

IS_STAND_IN = True
