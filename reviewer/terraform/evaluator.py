"""What an expression is worth in a scope.

The evaluator follows Terraform exactly or answers ``Unknown`` with a reason; it never guesses. Names are
resolved by a :class:`Scope`; operators, conversions and functions live in modules of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from reviewer.terraform import functions, operators
from reviewer.terraform.access import get_attribute, get_index, splat
from reviewer.terraform.convert import convert
from reviewer.terraform.expressions.nodes import (
    Binary,
    Call,
    Conditional,
    For,
    GetAttr,
    Index,
    Literal,
    Node,
    Object,
    Parentheses,
    Splat,
    SplatItem,
    Template,
    TemplateFor,
    TemplateIf,
    Tuple,
    Unary,
    Unsupported,
    Variable,
)
from reviewer.terraform.failed import failed
from reviewer.terraform.for_result import ForResult
from reviewer.terraform.limits import UnsupportedError, check_length, is_too_large, too_large
from reviewer.terraform.types import BOOL, DYNAMIC, STRING, SetType
from reviewer.terraform.value import (
    FALSE,
    NULL,
    TRUE,
    Contributions,
    EvaluationError,
    Unknown,
    Value,
    boolean,
    number,
    object_of,
    settled,
    string,
    tuple_of,
    unknown,
)

if TYPE_CHECKING:
    from reviewer.terraform.functions import Files
    from reviewer.terraform.text import Range

MAX_ITERATIONS = 100_000
"""How often the bodies of ``for`` expressions may run while one attribute is evaluated."""

_CHARACTERS_PER_ITERATION, _ELEMENTS_PER_ITERATION = 100, 16
"""A string of so many characters, or a list of so many elements, costs as much as one more iteration."""

_COST_OF_ERROR = 10
"""An error in a branch that is not taken is looked at again and again when such branches are nested."""

Step = str | Value
"""One step of a traversal: an attribute name or an index."""


class Scope(Protocol):
    """Resolves the names an expression may use."""

    @property
    def files(self) -> Files:
        """Return the files that functions such as ``file`` may read."""

    def resolve(self, root: str, steps: tuple[Step, ...], at: Range) -> tuple[Value, int]:
        """Return the value of ``root`` followed by the first of ``steps``, and how many of them were used."""


class TooMuchWorkError(Exception):
    """The expression iterates more than any configuration needs."""


@dataclass(slots=True)
class Evaluator:
    """Evaluates the expressions of one attribute. ``locate`` turns offsets into ranges of the file."""

    scope: Scope
    locate: Callable[[int, int], Range]
    bindings: Mapping[str, Value] = field(default_factory=dict)
    item: Value | None = None
    budget: list[int] = field(default_factory=lambda: [MAX_ITERATIONS])

    def evaluate(self, node: Node) -> Value:  # noqa: C901, PLR0911, PLR0912 - one case for each kind of node
        """Return the value; raises :class:`EvaluationError` where Terraform reports an error."""
        match node:
            case Literal():
                return _literal(node.value, self.locate(node.start, node.end))
            case GetAttr() | Variable() | Index():
                return self._traversal(node)
            case Template():
                return self._template(node)
            case Tuple(items=items):
                return tuple_of(tuple(map(self.evaluate, items)), self.at(node))
            case Object():
                return self._object(node)
            case Call():
                return self._call(node)
            case Conditional():
                return self._conditional(node)
            case Binary(operator=operator, left=left, right=right):
                operands = self.evaluate(left).settled(), self.evaluate(right).settled()
                return operators.binary(operator, *operands, self.at(node))
            case Unary(operator=operator, operand=operand):
                return operators.unary(operator, self.evaluate(operand).settled(), self.at(node))
            case Parentheses(inner=inner):
                return self.evaluate(inner)
            case For():
                return self._for(node)
            case Splat(source=source, each=each):
                return splat(
                    self.evaluate(source), lambda item: self._with_item(item).evaluate(each), self.at(node)
                )
            case SplatItem() if self.item is not None:
                return self.item
            case Unsupported(reason=reason):
                return unknown(reason, origins=(self.at(node),))
        return unknown(f"{type(node).__name__} has no value here", origins=(self.at(node),))

    def at(self, node: Node) -> Range:
        """Return where an expression is written."""
        return self.locate(node.start, node.end)

    def _bound(self, **names: Value) -> Evaluator:
        bindings = {**self.bindings, **names}
        return Evaluator(self.scope, self.locate, bindings, self.item, self.budget)

    def _with_item(self, item: Value) -> Evaluator:
        return Evaluator(self.scope, self.locate, self.bindings, item, self.budget)

    def _pay_for(self, made: object) -> None:
        """Spend what a long string or list costs: a thousand of the largest would fill the memory."""
        if isinstance(made, str):
            self._spend(len(made) // _CHARACTERS_PER_ITERATION)
        elif isinstance(made, tuple):
            self._spend(len(made) // _ELEMENTS_PER_ITERATION)

    def _spend(self, count: int) -> None:
        self.budget[0] -= count
        if self.budget[0] < 0:
            raise TooMuchWorkError

    # Names

    def _traversal(self, node: Node) -> Value:
        steps: list[tuple[Step, Range]] = []
        root = node
        while isinstance(root, GetAttr | Index):
            step = root.name if isinstance(root, GetAttr) else self.evaluate(root.key)
            steps.append((step, self.at(root)))
            root = root.source
        steps.reverse()
        if not isinstance(root, Variable):
            return self.apply(self.evaluate(root), steps)
        if root.name in self.bindings:
            return self.apply(self.bindings[root.name].via(self.at(root)), steps)
        value, used = self.scope.resolve(root.name, tuple(step for step, _ in steps), self.at(node))
        return self.apply(value, steps[used:])

    def apply(self, value: Value, steps: list[tuple[Step, Range]]) -> Value:
        """Return what attribute accesses and indexing lead to, one after the other."""
        for step, at in steps:
            value = get_attribute(value, step, at) if isinstance(step, str) else get_index(value, step, at)
        return value

    # Templates

    def _template(self, node: Template) -> Value:
        if node.bare:
            return self.evaluate(node.parts[0])
        parts = tuple(self._template_parts(node))
        check_length(sum(len(each.data) for each in parts if isinstance(each.data, str)))
        gathered = Contributions.of(*parts)
        origins = (self.at(node), *gathered.origins)
        blocked = next((each.data for each in parts if isinstance(each.data, Unknown)), None)
        if blocked is not None:
            planned = _joined([_text(each.settled()) for each in parts])
            unknown_text = Unknown(blocked.reason, type=STRING, parts=parts, planned=planned)
            return Value(unknown_text, STRING, origins, gathered.sensitive)
        text = "".join(str(each.data) for each in parts)
        self._pay_for(text)
        return Value(text, STRING, origins, gathered.sensitive)

    def _template_parts(self, node: Template) -> list[Value]:
        found: list[Value] = []
        for part in node.parts:
            match part:
                case TemplateIf():
                    found.extend(self._template_if(part))
                case TemplateFor():
                    found.extend(self._template_for(part))
                case _:
                    found.append(_text(self.evaluate(part)))
        return found

    def _template_if(self, node: TemplateIf) -> list[Value]:
        condition = _condition(self.evaluate(node.condition), "an if directive")
        if isinstance(condition.data, Unknown):
            return [Value(Unknown(condition.data.reason, type=STRING), STRING, condition.origins)]
        return self._template_parts(node.then if condition.data else node.otherwise)

    def _template_for(self, node: TemplateFor) -> list[Value]:
        collection = self.evaluate(node.collection).settled()
        if isinstance(collection.data, Unknown):
            return [Value(Unknown(collection.data.reason, type=STRING), STRING, collection.origins)]
        found: list[Value] = []
        for key, value in self._iterate(collection):
            names = {node.value: value} if node.key is None else {node.key: key, node.value: value}
            found.extend(self._bound(**names)._template_parts(node.body))  # noqa: SLF001 - the same class
        return found

    # Collections

    def _object(self, node: Object) -> Value:
        entries = [(self._key(key), self.evaluate(value)) for key, value in node.items]
        for key, _ in entries:
            if isinstance(key.data, Unknown):
                data = Unknown(key.data.reason, entries=tuple(entries))
                return Value(data, origins=(self.at(node), *key.origins))
        return object_of({str(key.data): value for key, value in entries}, self.at(node))

    def _key(self, node: Node) -> Value:
        key = convert(self.evaluate(node).settled(), STRING)
        if key.is_null:
            message = "an object key is null"
            raise EvaluationError(message)
        return key

    def _iterate(self, collection: Value) -> list[tuple[Value, Value]]:
        data = collection.data
        if data is None:
            message = "a for expression cannot iterate over null"
            raise EvaluationError(message)
        if isinstance(data, tuple):
            self._spend(len(data))
            if isinstance(collection.type, SetType):
                return [(each, each) for each in data]
            return [(number(index), each) for index, each in enumerate(data)]
        if isinstance(data, Mapping):
            self._spend(len(data))
            return [(string(key, *each.origins[:1]), each) for key, each in data.items()]
        message = "a for expression iterates over a list, set, map or object"
        raise EvaluationError(message)

    def _for(self, node: For) -> Value:
        collection = self.evaluate(node.collection).settled()
        if not (isinstance(collection.data, Unknown) and collection.data.type is DYNAMIC):
            self._check_condition(node)
        if isinstance(collection.data, Unknown):
            length = collection.data.length if node.condition is None and node.result_key is None else None
            origins = (self.at(node), *collection.origins)
            return Value(Unknown(collection.data.reason, length=length), origins=origins)
        hops = (self.at(node), *collection.origins)
        gathered = ForResult(node, hops)
        for element in self._elements(node, collection):
            gathered.add(element)
        return gathered.result().marked(collection.sensitive)

    def elements(self, node: For) -> Iterator[Evaluator]:
        """Yield an evaluator for each element of what a ``for`` expression iterates over."""
        return self._elements(node, self.evaluate(node.collection).settled())

    def _elements(self, node: For, collection: Value) -> Iterator[Evaluator]:
        for key, value in self._iterate(collection):
            names = {node.value: value} if node.key is None else {node.key: key, node.value: value}
            yield self._bound(**names)

    def _check_condition(self, node: For) -> None:
        """Raise for an ``if`` clause that fails whatever the elements are, as Terraform does."""
        if node.condition is not None:
            anything = unknown("an element of a collection")
            names = [each for each in (node.key, node.value) if each is not None]
            convert(self._bound(**dict.fromkeys(names, anything)).included(node.condition), BOOL)

    def included(self, condition: Node | None, *, lenient: bool = False) -> Value:
        """Return whether the ``if`` clause of a ``for`` expression holds.

        ``lenient`` takes a clause that gives no bool for one that does not hold.
        """
        if condition is None:
            return TRUE
        value = self.evaluate(condition)
        with suppress(*(EvaluationError,) if lenient else ()):
            return _condition(value, "a for expression")
        return FALSE

    # Conditions and calls

    def _conditional(self, node: Conditional) -> Value:
        condition = _condition(self.evaluate(node.condition), "a conditional")
        if isinstance(condition.data, Unknown):
            branches = [self.or_unknown(each) for each in (node.then, node.otherwise)]
        elif condition.data:
            branches = [self.evaluate(node.then), self.or_unknown(node.otherwise)]
        else:
            branches = [self.or_unknown(node.then), self.evaluate(node.otherwise)]
        return operators.conditional(condition, branches[0], branches[1], self.at(node))

    def or_unknown(self, node: Node) -> Value:
        """Evaluate a branch that is not taken: of an error in it only the type of the branch matters."""
        try:
            return self.evaluate(node)
        except EvaluationError as error:
            self._spend(_COST_OF_ERROR)
            return failed(self, node, str(error))

    def _call(self, node: Call) -> Value:
        if node.name in {"try", "can"}:
            return self._try(node)
        if node.name.startswith("provider::"):
            return unknown(
                f"the provider function `{node.name}` runs only in Terraform", origins=(self.at(node),)
            )
        name = node.name.removeprefix("core::")
        if not node.expand:
            arguments = [self.evaluate(each) for each in node.arguments]
            return self._called(name, arguments, node)
        last = self.evaluate(node.arguments[-1]).settled()
        if isinstance(last.data, Unknown):
            return unknown(last.data.reason, origins=(self.at(node), *last.origins))
        if not isinstance(last.data, tuple):
            message = "only a list can be expanded into arguments"
            raise EvaluationError(message)
        arguments = [self.evaluate(each) for each in node.arguments[:-1]]
        arguments.extend(each.marked(last.sensitive) for each in last.data)
        return self._called(name, arguments, node)

    def _called(self, name: str, arguments: list[Value], node: Call) -> Value:
        value = functions.call(name, arguments, self.at(node), self.scope.files)
        self._pay_for(value.data)
        return value

    def _try(self, node: Call) -> Value:
        """Evaluate ``try`` and ``can``, which see errors instead of values.

        What Terraform would evaluate but this evaluator cannot is unknown, not an error, so it is not
        skipped. A value that is unknown in places may still turn out to fail, unless it is just a reference
        to what is written elsewhere.
        """
        if node.expand:
            return unknown(f"`{node.name}(…...)` is not supported", origins=(self.at(node),))
        if node.name == "can" and len(node.arguments) != 1:
            message = "can() takes one argument"
            raise EvaluationError(message)
        for argument in node.arguments:
            try:
                value = self.evaluate(argument)
            except EvaluationError:
                continue
            is_whole = _is_reference(argument) and not value.is_unknown
            if not is_whole and not settled(value).is_wholly_known:
                return self._undecided(value, node)
            return (value if node.name == "try" else TRUE).via(self.at(node))
        if node.name == "can":
            return FALSE.via(self.at(node))
        message = "no argument of try() could be evaluated"
        raise EvaluationError(message)

    def _undecided(self, value: Value, node: Call) -> Value:
        """Return the result of ``try`` or ``can`` for a value that may fail; a reference stays one."""
        if node.name == "try" and isinstance(value.data, Unknown):
            return replace(value, data=replace(value.data, type=DYNAMIC), type=DYNAMIC).via(self.at(node))
        blocked = next(each.data for each in value.walk() if isinstance(each.data, Unknown))
        kind = BOOL if node.name == "can" else DYNAMIC
        return unknown(blocked.reason, kind=kind, origins=(self.at(node), *value.origins))


def _is_reference(node: Node) -> bool:
    while isinstance(node, GetAttr | Index | Parentheses | Splat):
        node = node.inner if isinstance(node, Parentheses) else node.source
    return isinstance(node, Variable)


def evaluate(
    node: Node, scope: Scope, locate: Callable[[int, int], Range], bindings: Mapping[str, Value]
) -> Value:
    """Return the value of an expression; an error Terraform would report becomes an unknown that says so."""
    at = locate(node.start, node.end)
    try:
        value = Evaluator(scope, locate, bindings).evaluate(node)
    except UnsupportedError as error:
        return unknown(error.reason, origins=(at,))
    except EvaluationError as error:
        return unknown(f"Terraform would report an error: {error}", origins=(at,))
    except TooMuchWorkError:
        return unknown("the expression iterates too often to evaluate", origins=(at,))
    except RecursionError:
        return unknown("the expression refers to others too deeply to evaluate", origins=(at,))
    return unknown(too_large().reason, origins=(at,)) if is_too_large(value) else value


def _literal(value: object, at: Range) -> Value:
    match value:
        case None:
            return NULL.via(at)
        case bool():
            return boolean(value, at)
        case str():
            return string(value, at)
        case int() | Decimal():
            return number(value, at)
    return unknown("this literal has no value", origins=(at,))


def _text(value: Value) -> Value:
    """Convert one part of a template to a string; an unknown one may still turn out to be anything."""
    if value.data is None:
        message = "a template cannot include a null value"
        raise EvaluationError(message)
    return value if value.is_unknown else convert(value, STRING)


def _joined(parts: Sequence[Value]) -> Value | None:
    """Return the text of a template; None when a part of it is unknown."""
    if any(each.is_unknown for each in parts):
        return None
    return string("".join(str(each.data) for each in parts))


def _condition(value: Value, where: str) -> Value:
    """Convert a condition to a bool; an unknown one may still turn out to be anything."""
    value = value.settled()
    if value.data is None:
        message = f"the condition of {where} is null"
        raise EvaluationError(message)
    return value if value.is_unknown else convert(value, BOOL)
