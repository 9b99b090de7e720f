"""What explains what, pair by pair; nothing is folded that is not listed here.

An inspector of your own adds its pairs as `EXPLANATIONS` of its class.
"""

from __future__ import annotations

from utils.causes.explained_by_inputs import EXPLAINED_BY_INPUTS
from utils.causes.explained_by_networks import EXPLAINED_BY_NETWORKS

EXPLANATIONS = EXPLAINED_BY_INPUTS + EXPLAINED_BY_NETWORKS
