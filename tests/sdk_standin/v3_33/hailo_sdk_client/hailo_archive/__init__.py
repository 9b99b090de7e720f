"""Stand-in of DFC 3.33.1 for contract tests, not by Hailo: a package."""

IS_STAND_IN = True
