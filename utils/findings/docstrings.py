"""Docstrings as documentation, also where the interpreter leaves them out (``-OO``)."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap

_LEFT_OUT = 2  # level of optimization from which on there are none


def own_docstring(cls: type) -> str:
    """The docstring of a class, cleaned; not that of its parent. "" if it has none."""
    if cls.__doc__ or sys.flags.optimize < _LEFT_OUT:
        return inspect.cleandoc(cls.__doc__ or "")
    try:
        (found,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    except (OSError, TypeError, SyntaxError, ValueError):  # made up while the tool runs
        return ""
    return (ast.get_docstring(found) or "") if isinstance(found, ast.ClassDef) else ""


def docstring(cls: type) -> str:
    """The docstring of a class, else that of the nearest parent that has one."""
    return next(filter(None, map(own_docstring, cls.__mro__[:-1])), "")
