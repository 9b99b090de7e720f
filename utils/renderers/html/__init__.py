"""The report as one HTML page: what a person looks at. It needs no network and no other file."""

from utils.renderers.html.page import render

__all__ = ["render"]
