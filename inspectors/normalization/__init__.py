"""What `NormInspector` judges with: recipes, steps on the chip, limits, remedies."""
