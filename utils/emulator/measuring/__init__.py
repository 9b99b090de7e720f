"""What is measured while networks run: statistics, noise, sensitivity, trials."""
