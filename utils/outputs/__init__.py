"""What leaves a network: what computes it, and what it stands for."""
