"""What an expression with an error in it counts as, where the error itself does not matter.

The branch of a conditional that is not taken may fail, but its type still decides the type of the result.
Source: what the ``Value`` methods of HCL's hclsyntax/expression.go return beside their diagnostics.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from reviewer.terraform import operators
from reviewer.terraform.access import splat_type
from reviewer.terraform.expressions.nodes import (
    Binary,
    Conditional,
    For,
    GetAttr,
    Index,
    Node,
    Object,
    Parentheses,
    Splat,
    Template,
    Tuple,
    Unary,
    Variable,
)
from reviewer.terraform.for_result import ForResult
from reviewer.terraform.types import STRING
from reviewer.terraform.value import EvaluationError, Value, object_of, tuple_of, unknown

if TYPE_CHECKING:
    from reviewer.terraform.evaluator import Evaluator


def failed(evaluator: Evaluator, node: Node, reason: str) -> Value:
    """Return an unknown value of the type that Terraform gives an expression with an error."""
    match node:
        case Parentheses(inner=inner):
            return failed(evaluator, inner, reason)
        case Template(bare=False):
            return unknown(reason, kind=STRING, origins=(evaluator.at(node),))
        case Binary() | Unary():
            return unknown(reason, kind=operators.result_type(node.operator), origins=(evaluator.at(node),))
    with suppress(EvaluationError):
        if isinstance(node, For):
            return _failed_for(evaluator, node)
        rebuilt = _rebuilt(evaluator, node, reason)
        if rebuilt is not None:
            return rebuilt
    return unknown(reason, origins=(evaluator.at(node),))


def _rebuilt(evaluator: Evaluator, node: Node, reason: str) -> Value | None:
    """Return the expression put together again from parts that may have failed."""
    at = evaluator.at(node)
    match node:
        case Tuple(items=items):
            return tuple_of(tuple(map(evaluator.or_unknown, items)), at)
        case Object(items=items):
            keys = [evaluator.or_unknown(key).data for key, _ in items]
            values = [evaluator.or_unknown(value) for _, value in items]
            if all(isinstance(key, str) for key in keys):
                return object_of(dict(zip(map(str, keys), values, strict=True)), at)
        case Conditional(then=then, otherwise=otherwise):
            branches = evaluator.or_unknown(then), evaluator.or_unknown(otherwise)
            return operators.conditional(unknown(reason), *branches, at)
        case Splat(source=source):
            return unknown(reason, kind=splat_type(evaluator.evaluate(source)), origins=(at,))
        case GetAttr(source=source) | Index(source=source) if not isinstance(source, Variable):
            step = node.name if isinstance(node, GetAttr) else evaluator.or_unknown(node.key)
            return evaluator.apply(evaluator.or_unknown(source), [(step, at)])
    return None


def _failed_for(evaluator: Evaluator, node: For) -> Value:
    """Return what a ``for`` expression gives that goes on after an error; of equal keys the first counts."""
    gathered = ForResult(node, (evaluator.at(node),), goes_on=True)
    for element in evaluator.elements(node):
        gathered.add(element)
    return gathered.result()
