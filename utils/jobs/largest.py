"""The most that is sent at once, known without numpy."""

from __future__ import annotations

# 3,000 layers of 2,048 channels with every statistic stay below a tenth of this.
MAX_BYTES = 4 << 30
