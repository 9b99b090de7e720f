"""What is judged of a configuration of non-maximum suppression; the inspector puts it together."""
