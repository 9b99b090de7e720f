"""What is judged of the noise that was measured; the inspector sets the thresholds."""
