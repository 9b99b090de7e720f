"""Name and version of the tool, as reports state them."""

NAME = "hailo-first-aid"
VERSION = "0.1.0"
