"""Words for what distinguishes the archive from the original model."""
