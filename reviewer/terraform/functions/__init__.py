"""Terraform's built-in functions, one module per family of its documentation."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.terraform.functions import (
    choosing,
    collections,
    conversion,
    dates,
    encoding,
    filesystem,
    formatting,
    hashes,
    impure,
    mappings,
    network,
    numeric,
    patterns,
    sequences,
    slices,
    text,
)
from reviewer.terraform.functions.function import Files, Function
from reviewer.terraform.value import EvaluationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value

_FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        **choosing.FUNCTIONS,
        **collections.FUNCTIONS,
        **conversion.FUNCTIONS,
        **dates.FUNCTIONS,
        **encoding.FUNCTIONS,
        **filesystem.FUNCTIONS,
        **formatting.FUNCTIONS,
        **hashes.FUNCTIONS,
        **impure.FUNCTIONS,
        **mappings.FUNCTIONS,
        **network.FUNCTIONS,
        **numeric.FUNCTIONS,
        **patterns.FUNCTIONS,
        **sequences.FUNCTIONS,
        **slices.FUNCTIONS,
        **text.FUNCTIONS,
    }
)

NAMES: frozenset[str] = frozenset(_FUNCTIONS)
"""The functions that :func:`call` knows. ``try`` and ``can`` see errors: the evaluator does them itself."""


def call(name: str, arguments: Sequence[Value], at: Range | None, files: Files) -> Value:
    """Return what a function gives; raises :class:`EvaluationError` where Terraform would.

    A container or scalar that the function makes has the origins ``at``, then those of the arguments. A
    result that is an argument or an element of one keeps its own origins, with ``at`` as a hop.
    """
    short = name.removeprefix("core::")
    function = _FUNCTIONS.get(short)
    if function is None:
        raise EvaluationError(f"there is no function named {name!r}")
    try:
        return function.call(arguments, at, files)
    except EvaluationError as error:
        raise EvaluationError(f"{short}(): {error}") from None


__all__ = ["NAMES", "Files", "call"]
