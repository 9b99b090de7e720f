"""How samples were prepared: the hypothesis that makes them those of the calibration."""
