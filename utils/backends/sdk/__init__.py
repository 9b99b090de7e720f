"""Hailo's SDK as a backend: ClientRunner loads the archive and emulates, we measure.

None of this was ever run against a real SDK, which is not to be had in public; it is written to
what public callers do. docs/sdk.md says what rests on which evidence.
"""
