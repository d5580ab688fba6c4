"""Questions about strings that are known only in part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.terraform.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.terraform.value import Value


UNNAMED = "${?}"
"""An unknown part of which not even the reference is known."""


def shape(value: Value) -> str:
    """Return a string with each unknown part as its reference: equal shapes are equal strings.

    Such a part looks like ``${var.name}``, without a reference ``${?}``.
    """
    data = value.data
    if not isinstance(data, Unknown):
        return str(data)
    if data.parts:
        return "".join(map(shape, data.parts))
    return f"${{{data.reference}}}" if data.reference else UNNAMED


_MODULE = re.compile(r"module\.[\w-]+(?:\[[^\]]*\])?\.(?=(?:data\.)?[\w-]+\.[\w-]+)")
"""The module in front of the address of something in it."""


def shown(value: Value) -> str:
    """Return a string for people, with references where it is unknown; empty when nothing is known.

    Inside of a longer string a reference looks as in the code: ``arn:aws:iam::${var.account}:role/dev``.
    """
    data = value.data
    if isinstance(data, Unknown):
        return "".join(map(_part, data.parts)) if data.parts else data.reference or ""
    return "" if data is None else str(data)


def _part(part: Value) -> str:
    """Return a piece of a template as the module that holds it writes it."""
    reference = part.data.reference if isinstance(part.data, Unknown) and not part.data.parts else None
    if reference is None:
        return shown(part) or "…"
    while (match := _MODULE.match(reference)) is not None:
        reference = reference[match.end() :]
    return f"${{{reference}}}"


def starts_with(value: Value, prefix: str) -> bool:
    """Tell whether a string certainly starts with ``prefix``: a template may be unknown further on."""
    data = value.data
    if isinstance(data, Unknown):
        return bool(data.parts) and starts_with(data.parts[0], prefix)
    return isinstance(data, str) and data.startswith(prefix)


def end_of(value: Value) -> str | None:
    """Return a string, or what one that is unknown in places certainly ends with; None without any."""
    data = value.data
    if isinstance(data, str):
        return data
    end: str | None = None
    for part in reversed(data.parts) if isinstance(data, Unknown) else ():
        text = end_of(part)
        end = end if text is None else text + (end or "")
        if not isinstance(part.data, str):
            break
    return end


def equal_to(text: str) -> Callable[[object], bool]:
    """Return a test for data that is exactly ``text``."""
    return lambda data: data == text
