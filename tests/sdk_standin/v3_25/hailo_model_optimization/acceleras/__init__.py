"""Stand-in of DFC 3.25.0 for contract tests, not by Hailo: a package."""

IS_STAND_IN = True
