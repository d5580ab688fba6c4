"""Settings that give a component away wherever they are nested: ``capacity_type = "SPOT"``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reviewer.terraform.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.terraform.value import Value

Named = tuple[str, "Value"]
"""An argument, or an entry of an object, with its name."""


def has_setting(arguments: Iterable[Named], settings: tuple[str, ...]) -> bool | None:
    """Tell whether one of ``settings`` is among named values or inside them; None when that is unknown.

    A setting is ``name=value``, or ``name`` for one that is written and not empty. A requirement of
    Kubernetes, an object with ``key`` and ``values``, has it when the value is one of its values.
    """
    wanted = dict.fromkeys(each.partition("=")[0::2] for each in settings)
    answers = {
        _is(value, expected)
        for name, value in (_inside(arguments) if wanted else ())
        for argument, expected in wanted
        if name == argument
    }
    return True if True in answers else None if None in answers else False


def _inside(arguments: Iterable[Named]) -> Iterator[Named]:
    """Yield named values and those within them, at any depth."""
    pending = list(arguments)
    while pending:
        name, value = pending.pop()
        yield name, value
        if isinstance(value.data, Mapping):
            pending.extend(value.data.items())
            pending.extend(_requirement(value.data))
        elif isinstance(value.data, tuple):
            pending.extend(("", each) for each in value.data)


def _requirement(data: Mapping[str, Value]) -> list[Named]:
    """Return what an object with ``key`` and ``values`` requires, as a named value."""
    key, values = data.get("key"), data.get("values")
    if key is None or values is None or not isinstance(key.data, str):
        return []
    return [(key.data, values)]


def _is(value: Value, expected: str) -> bool | None:
    data = value.data
    if isinstance(data, Unknown):
        return None
    if not expected:
        return bool(data)
    if isinstance(data, tuple):
        return any(_is(each, expected) for each in data)
    return isinstance(data, str | int) and str(data) == expected
