"""The devices on which TensorFlow may run, by name."""

AUTO = "auto"
CPU = "cpu"
GPU = "gpu"
CHOICES = (AUTO, CPU, GPU)
