"""What `OutputContractInspector` judges: scores, forced ranges, bits that were asked for."""
