"""Gathering what a ``for`` expression gives.

Source: ``ForExpr`` of HCL's hclsyntax/expression.go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.terraform.convert import convert
from reviewer.terraform.types import STRING
from reviewer.terraform.value import EvaluationError, Unknown, Value, object_of, tuple_of, unknown

if TYPE_CHECKING:
    from reviewer.terraform.evaluator import Evaluator
    from reviewer.terraform.expressions.nodes import For
    from reviewer.terraform.text import Range


@dataclass(slots=True)
class ForResult:
    """The results of a ``for`` expression, element by element.

    When it is unknown whether an element belongs to the result, or under which key, all of the result is
    unknown. Terraform goes on looking at the elements for errors, but a further wrong key is none. With
    ``goes_on``, errors are left out of the result instead of raised.
    """

    node: For
    hops: tuple[Range, ...]
    goes_on: bool = False
    values: list[Value] = field(default_factory=list)
    groups: dict[str, list[Value]] = field(default_factory=dict)
    blocked: Value | None = None

    def add(self, element: Evaluator) -> None:
        """Take the element whose names ``element`` binds."""
        included = element.included(self.node.condition, lenient=self.blocked is not None)
        if isinstance(included.data, Unknown):
            self.blocked = self.blocked or included
            return
        if not included.data:
            return
        if self.node.result_key is None:
            self.values.append(self._value(element))
            return
        key = self._key(element.evaluate(self.node.result_key).settled())
        if key is not None:
            self._put(key, self._value(element))

    def _value(self, element: Evaluator) -> Value:
        evaluate = element.or_unknown if self.goes_on else element.evaluate
        return evaluate(self.node.result)

    def _key(self, value: Value) -> str | None:
        """Return the key; None when it is unknown, or no key at all behind one that is."""
        if isinstance(value.data, Unknown):
            self.blocked = self.blocked or value
            return None
        try:
            return _as_key(value)
        except EvaluationError:
            if self.blocked is None:
                raise
            return None

    def _put(self, key: str, value: Value) -> None:
        if key in self.groups and not self.node.grouping:
            if self.goes_on:
                return
            message = f"two elements have the key {key!r}"
            raise EvaluationError(message)
        self.groups.setdefault(key, []).append(value)

    def result(self) -> Value:
        """Return the tuple or object."""
        if self.blocked is not None and isinstance(self.blocked.data, Unknown):
            return unknown(self.blocked.data.reason, origins=(*self.hops[:1], *self.blocked.origins))
        if self.node.result_key is None:
            return tuple_of(tuple(self.values), *self.hops)
        if self.node.grouping:
            grouped = {key: tuple_of(tuple(values), *self.hops) for key, values in self.groups.items()}
            return object_of(grouped, *self.hops)
        return object_of({key: values[0] for key, values in self.groups.items()}, *self.hops)


def _as_key(value: Value) -> str:
    name = convert(value, STRING).data
    if not isinstance(name, str):
        message = "a for expression gave a null key"
        raise EvaluationError(message)
    return name
