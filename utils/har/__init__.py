"""Hailo Archives: the container, the graph, the parameters, the model script."""
