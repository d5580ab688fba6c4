"""Questions about strings that are known only in part."""

from __future__ import annotations

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


def shown(value: Value) -> str:
    """Return a string for people, with plain references where it is unknown; empty when nothing is known."""
    data = value.data
    if isinstance(data, Unknown):
        return "".join(shown(part) or "…" for part in data.parts) if data.parts else data.reference or ""
    return "" if data is None else str(data)


def starts_with(value: Value, prefix: str) -> bool:
    """Tell whether a string certainly starts with ``prefix``: a template may be unknown further on."""
    data = value.data
    if isinstance(data, Unknown):
        return bool(data.parts) and starts_with(data.parts[0], prefix)
    return isinstance(data, str) and data.startswith(prefix)


def equal_to(text: str) -> Callable[[object], bool]:
    """Return a test for data that is exactly ``text``."""
    return lambda data: data == text
