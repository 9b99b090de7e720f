"""Files beside the archive: logs of the compiler, configurations of NMS."""
