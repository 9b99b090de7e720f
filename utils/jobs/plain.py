"""Frozen dataclasses as JSON and arrays, and back, by their type hints alone.

Only what the type hints promise is read: no names of classes, no pickles. Numbers that JSON has no
word for are written as ``"inf"``, ``"-inf"`` and ``"nan"``, bytes as Base64; arrays stand beside
the document, which holds their names.
"""

from __future__ import annotations

import base64
import binascii
import math
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Flag
from functools import cache, reduce
from operator import or_
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
T = TypeVar("T")
ARRAY = "array"  # key of an object in the document that stands for an array
NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
_UNIONS = (Union, types.UnionType)


class PlainError(ValueError):
    """A document is not what the type hints promise; the text names the place."""


def packed(value: object) -> tuple[Any, Arrays]:
    """A dataclass as a JSON document, and the arrays that it names."""
    arrays: Arrays = {}
    return _packed(value, type(value), arrays), arrays


def unpacked(kind: type[T], document: object, arrays: Mapping[str, NDArray[Any]]) -> T:
    """A dataclass from its document.

    Raises
    ------
    PlainError : the document is not of this kind.
    """
    return cast(T, _unpacked(kind, document, arrays, "document"))


@cache
def hints_of(kind: type) -> dict[str, Any]:
    """Type by name of the field of a dataclass."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def without_none(kind: Any) -> tuple[Any, bool]:
    """What a type is beside None, and whether it may be None."""
    if get_origin(kind) not in _UNIONS:
        return kind, False
    others = [each for each in get_args(kind) if each is not type(None)]
    if len(others) != 1:
        raise TypeError(f"{kind} is no plain type: a value would not say which of them it is")
    return others[0], True


def array_type(kind: Any) -> np.dtype[Any] | None:
    """What an array holds; None for what is no array."""
    if get_origin(kind) is not np.ndarray:
        return None
    held: np.dtype[Any] = np.dtype(get_args(get_args(kind)[1])[0])
    return held


def element_types(kind: Any, count: int) -> list[Any]:
    """Types of the elements of a tuple type, for a tuple of `count` elements."""
    kinds = list(get_args(kind))
    return kinds[:1] * count if kinds[-1:] == [Ellipsis] else kinds


def is_flag(kind: Any) -> bool:
    """Whether a type is a set of named bits."""
    return isinstance(kind, type) and issubclass(kind, Flag)


def flag_names(kind: type[Flag]) -> list[str]:
    """Names of the single bits of such a type."""
    return [name for name, flag in kind.__members__.items() if flag.value]


def _packed(value: Any, kind: Any, arrays: Arrays) -> Any:
    kind, _ = without_none(kind)
    if value is None:
        return None
    if (dtype := array_type(kind)) is not None:
        name = f"{ARRAY}_{len(arrays)}"
        arrays[name] = np.asarray(value, dtype)
        return {ARRAY: name}
    if is_dataclass(kind):
        named = hints_of(cast(type, kind)).items()
        return {name: _packed(getattr(value, name), of, arrays) for name, of in named}
    if kind is float:
        return float(value) if math.isfinite(value) else str(float(value))
    if kind is bytes:
        return base64.b64encode(value).decode("ascii")
    if is_flag(kind):
        return [name for name in flag_names(kind) if kind[name] in value]
    return _packed_collection(value, kind, arrays)


def _packed_collection(value: Any, kind: Any, arrays: Arrays) -> Any:
    origin = get_origin(kind)
    if origin is frozenset:
        return sorted(value)
    if origin is tuple:
        each = zip(value, element_types(kind, len(value)), strict=True)
        return [_packed(element, of, arrays) for element, of in each]
    if origin is Mapping:
        (_, of) = get_args(kind)
        return {str(key): _packed(element, of, arrays) for key, element in value.items()}
    return value


def _unpacked(kind: Any, found: Any, arrays: Mapping[str, NDArray[Any]], place: str) -> Any:
    kind, may_be_none = without_none(kind)
    if found is None and may_be_none:
        return None
    if (dtype := array_type(kind)) is not None:
        return _array(found, dtype, arrays, place)
    if is_dataclass(kind):
        hints = hints_of(cast(type, kind))
        is_whole = isinstance(found, dict) and found.keys() == hints.keys()
        _demand(is_whole, place, f"has not the keys {', '.join(hints)}")
        named = {k: _unpacked(of, found[k], arrays, f"{place}.{k}") for k, of in hints.items()}
        return cast(type, kind)(**named)
    if kind is float:
        return _number(found, place)
    if kind is bytes:
        return _bytes(found, place)
    if is_flag(kind):
        known = flag_names(kind)
        _demand(_are_strings(found) and set(found) <= set(known), place, f"is no list of {known}")
        return reduce(or_, (kind[name] for name in found), kind(0))
    return _unpacked_collection(kind, found, arrays, place)


def _unpacked_collection(
    kind: Any, found: Any, arrays: Mapping[str, NDArray[Any]], place: str
) -> Any:
    origin = get_origin(kind)
    if origin is frozenset:
        _demand(_are_strings(found), place, "is no list of texts")
        return frozenset(found)
    if origin is tuple:
        _demand(isinstance(found, list), place, "is no list")
        kinds = element_types(kind, len(found))
        _demand(len(kinds) == len(found), place, f"has not {len(kinds)} elements")
        each = enumerate(zip(kinds, found, strict=True))
        return tuple(_unpacked(of, element, arrays, f"{place}[{i}]") for i, (of, element) in each)
    if origin is Mapping:
        _demand(isinstance(found, dict), place, "is no object")
        key, of = get_args(kind)
        return {
            _key(key, k, place): _unpacked(of, v, arrays, f"{place}.{k}") for k, v in found.items()
        }
    if origin is Literal:
        _demand(found in get_args(kind), place, f"is none of {get_args(kind)}")
        return found
    is_kind = isinstance(found, kind) and isinstance(found, bool) == (kind is bool)
    _demand(is_kind, place, f"is no {kind.__name__}")
    return found


def _array(
    found: Any, dtype: np.dtype[Any], arrays: Mapping[str, NDArray[Any]], place: str
) -> NDArray[Any]:
    name = found.get(ARRAY) if isinstance(found, dict) else None
    _demand(isinstance(name, str) and name in arrays, place, "names no array")
    array = arrays[cast(str, name)]
    _demand(array.dtype == dtype, place, f"holds {array.dtype}, not {dtype}")
    return array


def _number(found: Any, place: str) -> float:
    if isinstance(found, str) and found in NOT_FINITE:
        return NOT_FINITE[found]
    _demand(isinstance(found, (int, float)) and not isinstance(found, bool), place, "is no number")
    return float(found)


def _bytes(found: Any, place: str) -> bytes:
    _demand(isinstance(found, str), place, "is no text")
    try:
        return base64.b64decode(found, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PlainError(f"{place} is no Base64") from error


def _key(kind: Any, text: str, place: str) -> Any:
    if kind is str:
        return text
    _demand(text.lstrip("-").isdecimal(), place, f"has the key {text!r}, which is no whole number")
    return int(text)


def _are_strings(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(element, str) for element in found)


def _demand(holds: bool, place: str, complaint: str) -> None:
    if not holds:
        raise PlainError(f"{place} {complaint}")
