"""Name and version of the tool, as reports state them, and where its documentation is published."""

NAME = "hailo-first-aid"
VERSION = "0.1.0"
# Address of the documentation site, with a slash at its end; "" as long as it is not published.
DOCUMENTATION_URL = ""
