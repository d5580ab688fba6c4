"""Which actions of the table ``iam_actions`` a statement allows, and on how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.data import table
from reviewer.globs import all_like, is_like
from reviewer.terraform.value import UndecidedError, Unknown
from reviewer.views.text import end_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.terraform.value import Value
    from reviewer.views.iam.iam_statement import IamStatement

EVERYTHING = frozenset({"*", "arn:aws:*", "arn:*"})


def allowed(statement: IamStatement, actions: Sequence[str]) -> list[tuple[str, Value]]:
    """Return those of ``actions`` that a statement lists or matches, each with the element that does it.

    Unknown actions are left out; raises :class:`UndecidedError` when there is nothing else.
    """
    undecided: str | None = None
    wanted = {each.lower(): each for each in actions}
    found: list[tuple[str, Value]] = []
    for element in _elements(statement.actions):
        if isinstance(element.data, Unknown):
            undecided = undecided or element.data.reason
        else:
            names = all_like(wanted, str(element.data).lower())
            found.extend((wanted.pop(name), element) for name in names)
    if not found and undecided is not None:
        raise UndecidedError(undecided)
    return found


def wide_resource(statement: IamStatement, endings: Sequence[str] = ()) -> Value | None:
    """Return the resource that means every one: ``*``, or an ARN with one of ``endings``.

    Raises :class:`UndecidedError` when none does and something is unknown.
    """
    undecided: str | None = None
    for element in _elements(statement.resources):
        text = end_of(element)
        if text is not None and (element.data in EVERYTHING or text.endswith(tuple(endings))):
            return element
        if element.is_unknown and not is_specific(element):
            undecided = undecided or _reason(element)
    if undecided is not None:
        raise UndecidedError(undecided)
    return None


def wildcard(values: Value) -> Value | None:
    """Return the element that is ``*``; raises :class:`UndecidedError` when none is and one may be."""
    undecided: str | None = None
    for element in _elements(values):
        if element.data == "*":
            return element
        if element.is_unknown and not is_specific(element):
            undecided = undecided or _reason(element)
    if undecided is not None:
        raise UndecidedError(undecided)
    return None


def is_specific(value: Value) -> bool:
    """Tell whether an unknown value certainly names one thing: an ARN, or text known in parts."""
    data = value.data
    if not isinstance(data, Unknown):
        return False
    if data.alternatives:
        return all(is_specific(each) or _is_other_text(each) for each in data.alternatives)
    if data.parts:
        return any(isinstance(each.data, str) and each.data.strip("*") for each in data.parts)
    root, _, name = (data.reference or "").rpartition(".")
    return bool(root) and name.endswith("arn") and not root.endswith(("var", "local"))


def is_limited(statement: IamStatement) -> bool:
    """Tell whether a condition limits a statement to a tag, a cluster, an account, a network or a service."""
    keys = [each.lower() for each in table("iam_actions")["limiting"]]
    return statement.has_condition(lambda name: any(is_like(name.lower(), key) for key in keys))


def _elements(value: Value) -> tuple[Value, ...]:
    """Return the elements of a list or a single value, and the unknown parts of a concatenation."""
    if isinstance(value.data, Unknown) and value.data.parts and end_of(value) is None:
        return tuple(element for part in value.data.parts for element in _elements(part))
    if isinstance(value.data, Unknown):
        return (value,)
    return value.elements()


def _reason(value: Value) -> str:
    return value.data.reason if isinstance(value.data, Unknown) else ""


def _is_other_text(value: Value) -> bool:
    return isinstance(value.data, str) and value.data != "*"
