"""The embedded engine: runs an HN graph in TensorFlow, layer by layer, without Hailo's SDK."""
