"""Which tests show that a finding is silent where it should be, and speaks where it should.

Mark every such test; docs/evidence.md is made from the marks, and a test asks for both kinds for
every finding.

    @quiet("low-snr")
    def test_...

    @loud("low-snr", "low-snr-outlier")
    def test_...
"""

from __future__ import annotations

import pytest


def quiet(*ids: str) -> pytest.MarkDecorator:
    """The test shows that these findings are not made without reason."""
    return pytest.mark.quiet(*ids)


def loud(*ids: str) -> pytest.MarkDecorator:
    """The test shows that these findings are made for the fault that they are named after."""
    return pytest.mark.loud(*ids)
