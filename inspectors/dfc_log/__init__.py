"""Logs of the compiler: which of their runs made an archive, and what these say."""
