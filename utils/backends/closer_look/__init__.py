"""What is measured behind the data pass, on the samples that it kept, by the embedded engine."""

from utils.backends.closer_look.bias_correction import BiasCorrection
from utils.backends.closer_look.channel_order import ChannelSwap
from utils.backends.closer_look.finer_scales import FinerScales
from utils.backends.closer_look.layer_search import LayerSearch
from utils.backends.closer_look.look import CLEAN_DB, Look
from utils.backends.closer_look.plan import Plan
from utils.backends.closer_look.recalibration import Recalibration
from utils.backends.closer_look.step import Step
from utils.backends.closer_look.tables_on_host import TablesOnHost
from utils.backends.closer_look.trained_weights import TrainedWeights

__all__ = ["CLEAN_DB", "STEPS", "Look", "Step"]

# In this order: what comes before may make needless what comes behind, which costs more.
STEPS: tuple[type[Step], ...] = (
    LayerSearch,
    TablesOnHost,
    FinerScales,
    BiasCorrection,
    TrainedWeights,
    Recalibration,
    Plan,
    ChannelSwap,
)
