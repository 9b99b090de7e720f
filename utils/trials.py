"""What a recommended change would do, measured before anybody spends an hour on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Less than this is within the spread between two halves of a calibration set.
MINIMUM_GAIN_DB = 0.1


@dataclass(frozen=True)
class RangeTrial:
    """Output SNR, in dB by output layer, with this layer's output as the only coded tensor.

    Parameters
    ----------
    before_db : coded as the archive does.
    after_db : coded with the recommended range.
    """

    before_db: Mapping[str, float]
    after_db: Mapping[str, float]

    @property
    def accepted(self) -> bool:
        """Whether some output gains and none loses."""
        gains = [self.after_db[name] - before for name, before in self.before_db.items()]
        return bool(gains) and min(gains) >= 0 and max(gains) >= MINIMUM_GAIN_DB

    def described(self) -> str:
        """The numbers in words."""
        if not self.before_db:
            return "no output of the network could be emulated"
        return ", ".join(
            f"SNR at {name} {before:.1f} dB before, {self.after_db[name]:.1f} dB after"
            for name, before in self.before_db.items()
        )
