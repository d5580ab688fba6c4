"""Values: what an expression is worth, which lines supply it, and why it may be unknown.

A value is known, null, or :class:`Unknown`; a collection may hold unknown elements. Nothing is ever guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from operator import is_
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from reviewer.record import Record
from reviewer.terraform.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ObjectType,
    TupleType,
    Type,
)

if TYPE_CHECKING:
    from reviewer.terraform.text import Range

T = TypeVar("T")

Number = int | Decimal
"""A number. Whole numbers are always ``int``, so that equal numbers are equal and print alike."""

_SCALARS = (str, int, Decimal)


class EvaluationError(Exception):
    """Terraform would refuse this expression; the message says why, in its words where they are short.

    ``try`` and ``can`` catch it. What *this* evaluator cannot do is never an error but an ``Unknown``.
    """


class UndecidedError(Exception):
    """A check asked for a value that is unknown; ``reason`` says what blocks it."""

    def __init__(self, reason: str) -> None:
        """Keep the reason: it becomes the "not evaluated" line of the report."""
        super().__init__(reason)
        self.reason = reason


def any_holds(items: Iterable[T], holds: Callable[[T], bool]) -> bool:
    """Tell whether ``holds`` of one of the items; one suffices, be the others unknown.

    Raises the first :class:`UndecidedError` when none is found and one may be.
    """
    undecided: UndecidedError | None = None
    for each in items:
        try:
            if holds(each):
                return True
        except UndecidedError as error:
            undecided = undecided or error
    if undecided is not None:
        raise undecided
    return False


class Unknown(Record, eq=False):
    """A value that cannot be known from the code.

    ``reason`` is a sentence for people. ``reference`` is the reference that blocks it (``var.cidrs``,
    ``aws_iam_role.node.arn``), set when the value *is* that reference, so that identity survives.
    ``members`` are attributes of a referenced object that are written in the code although the object as a
    whole is unknown. ``alternatives`` are the branches of a conditional whose condition is unknown, or what
    merging such conditionals can give.
    ``length`` is the length of a collection when that alone is known. ``element`` stands for every element of
    a collection whose size is unknown.
    ``parts`` are the pieces of a template string, or the lists of a concatenation, that is unknown only in
    places.
    ``entries`` are the keys and values of an object of which some keys are unknown.
    ``document`` is the value that ``jsonencode`` or ``yamlencode`` would write as this string.
    ``planned`` is what it is known to be all the same, because a plan says so or a module passes it on, while
    the reference keeps its identity.
    """

    reason: str
    reference: str | None = None
    type: Type = DYNAMIC
    members: Callable[[str], Value | None] | None = None
    alternatives: tuple[Value, ...] = ()
    length: int | None = None
    element: Value | None = None
    parts: tuple[Value, ...] = ()
    entries: tuple[tuple[Value, Value], ...] = ()
    document: Value | None = None
    planned: Value | None = None

    @property
    def is_traceable(self) -> bool:
        """Tell whether more is known of it than the reason: what it refers to, or what it is made of."""
        refers = self.reference is not None and not self.reference.startswith("var.")
        return refers or any((self.members, self.alternatives, self.parts, self.document))


Data = None | bool | Number | str | tuple["Value", ...] | Mapping[str, "Value"] | Unknown


class Value(Record, eq=False):
    """One value with its type, its data and its origins.

    ``data`` is ``None`` (null), ``bool``, ``int``/``Decimal``, ``str``, a tuple of values (list, set, tuple),
    a mapping of values in key order (map, object), or :class:`Unknown`. ``type`` is exact for lists, sets and
    maps; for tuples and objects it is computed from the elements when asked for (see :func:`type_of`).

    ``origins`` are the ranges that contribute, the supplier first: the literal that a reader would edit, then
    each hop towards the attribute that uses it.
    """

    data: Data
    type: Type = DYNAMIC
    origins: tuple[Range, ...] = ()
    sensitive: bool = False

    @property
    def is_null(self) -> bool:
        """Tell whether the value is null or absent."""
        return self.data is None

    @property
    def reference(self) -> str | None:
        """Return the reference that an unknown value is, such as ``aws_iam_role.node.arn``, else None."""
        return self.data.reference if isinstance(self.data, Unknown) else None

    @property
    def is_unknown(self) -> bool:
        """Tell whether the value as a whole is unknown; elements of a known collection may still be."""
        return isinstance(self.data, Unknown)

    @property
    def supplier(self) -> Range | None:
        """Return the range that supplies the value, if it is written anywhere."""
        return self.origins[0] if self.origins else None

    def via(self, *hops: Range) -> Value:
        """Return the value with further ranges it passed through."""
        added = tuple(hop for hop in hops if hop not in self.origins)
        return Value(self.data, self.type, self.origins + added, self.sensitive) if added else self

    def at(self, supplier: Range) -> Value:
        """Return the value as supplied by ``supplier``; what contributed so far stays as hops."""
        return replace(self, origins=(supplier, *(each for each in self.origins if each != supplier)))

    def marked(self, sensitive: bool) -> Value:  # noqa: FBT001 - a mark that travels through calls
        """Return the value, sensitive when it was or when ``sensitive`` is set."""
        return replace(self, sensitive=True) if sensitive and not self.sensitive else self

    def walk(self) -> Iterator[Value]:
        """Yield the value and, depth first, every value inside it."""
        pending = [self]
        while pending:
            value = pending.pop()
            yield value
            data = value.data
            if data is None or isinstance(data, _SCALARS):
                continue  # by far the most; asking each whether it is a mapping would take most of the time
            if isinstance(data, tuple):
                pending.extend(reversed(data))
            elif isinstance(data, Unknown):
                pending.extend(reversed((*data.alternatives, *(each for _, each in data.entries))))
            else:
                pending.extend(reversed(tuple(data.values())))

    @property
    def is_wholly_known(self) -> bool:
        """Tell whether nothing inside is unknown."""
        data = self.data
        if isinstance(data, Unknown):
            return False
        if isinstance(data, tuple):
            return all(each.is_wholly_known for each in data)
        return not isinstance(data, Mapping) or all(each.is_wholly_known for each in data.values())

    def settled(self) -> Value:
        """Return the value with what a plan says of it in place of an unknown, whose identity is given up."""
        if isinstance(self.data, Unknown) and self.data.planned is not None:
            return replace(
                self.data.planned, origins=self.origins or self.data.planned.origins, sensitive=self.sensitive
            )
        return self

    # What checks ask. Each raises UndecidedError instead of guessing.

    def require(self) -> Data:
        """Return the data, or raise :class:`UndecidedError` when the value is unknown."""
        data = self.settled().data
        if isinstance(data, Unknown):
            raise UndecidedError(data.reason)
        return data

    def test(self, predicate: Callable[[Data], bool]) -> bool:
        """Tell whether ``predicate`` holds of the data.

        A conditional with an unknown condition is decided when both branches agree.
        """
        if isinstance(self.data, Unknown) and self.data.alternatives and self.data.planned is None:
            answers = {each.test(predicate) for each in self.data.alternatives}
            if len(answers) == 1:
                return answers.pop()
        self.require()
        return self.settled()._meets(predicate)  # noqa: SLF001 - the same class

    def _meets(self, predicate: Callable[[Data], bool]) -> bool:
        """Apply a predicate. One that is about text or numbers cannot answer for a list or an object."""
        try:
            return predicate(self.data)
        except TypeError:
            if isinstance(self.data, tuple | Mapping):
                raise UndecidedError("a list or an object stands where one value is expected") from None
            raise

    def elements(self) -> tuple[Value, ...]:
        """Return the elements of a collection, () for null, the value itself for anything else.

        Raises :class:`UndecidedError` when the collection as a whole is unknown.
        """
        data = self.require()
        if data is None:
            return ()
        if isinstance(data, tuple):
            return data
        if isinstance(data, Mapping):
            return tuple(data.values())
        return (self.settled(),)

    def find(self, predicate: Callable[[Data], bool]) -> Value | None:
        """Return the first known element for which ``predicate`` holds.

        One known element suffices; when none is found and something is unknown, raises
        :class:`UndecidedError`.
        """
        settled = self.settled()
        if settled is not self:
            return settled.find(predicate)
        if isinstance(self.data, Unknown) and self.data.parts and self.data.type is not STRING:
            return self._find_in_parts(self.data.parts, predicate)
        if isinstance(self.data, Unknown) and self.data.alternatives:
            return self._find_in_alternatives(self.data.alternatives, predicate)
        undecided: str | None = None
        for element in (each.settled() for each in self.elements()):
            if isinstance(element.data, Unknown):
                undecided = undecided or element.data.reason
            elif element._meets(predicate):  # noqa: SLF001 - an element is a Value like this one
                return element
        if undecided is not None:
            raise UndecidedError(undecided)
        return None

    def _find_in_alternatives(
        self, alternatives: tuple[Value, ...], predicate: Callable[[Data], bool]
    ) -> Value | None:
        """Return an element only if each branch has one; None only if no branch has one."""
        found = [each.find(predicate) for each in alternatives]
        if all(each is not None for each in found) or all(each is None for each in found):
            return found[0]
        self.require()
        return None

    def _find_in_parts(self, parts: tuple[Value, ...], predicate: Callable[[Data], bool]) -> Value | None:
        """Return the element of a part that has one, whatever the others turn out to be."""
        for part in parts:
            try:
                found = part.find(predicate)
            except UndecidedError:
                continue
            if found is not None:
                return found
        self.require()
        return None

    def strings(self) -> tuple[str, ...]:
        """Return the elements as strings; raises :class:`UndecidedError` when one is unknown."""
        return tuple(str(each.require()) for each in self.elements())


def settled(value: Value) -> Value:
    """Return the value with what a plan says in place of every unknown inside it."""
    value = value.settled()
    data = value.data
    if isinstance(data, tuple):
        elements = tuple(map(settled, data))
        return value if all(map(is_, elements, data)) else replace(value, data=elements)
    if isinstance(data, Mapping):
        members = {name: settled(each) for name, each in data.items()}
        return value if all(members[name] is data[name] for name in data) else replace(value, data=members)
    return value


def with_planned(value: Value, planned: Value) -> Value:
    """Return an unknown value with what a plan says of it.

    One that refers to something keeps its identity, so that "this role's policy" can still be followed.
    """
    data = value.data
    if planned.is_unknown or not isinstance(data, Unknown):
        return value
    found = replace(planned, origins=value.origins, sensitive=value.sensitive)
    return replace(value, data=replace(data, planned=found)) if data.is_traceable else found


NULL = Value(None)


def unknown(
    reason: str,
    *,
    reference: str | None = None,
    kind: Type = DYNAMIC,
    origins: tuple[Range, ...] = (),
    sensitive: bool = False,
) -> Value:
    """Make an unknown value."""
    return Value(Unknown(reason, reference, kind), kind, origins, sensitive)


def string(text: str, *origins: Range) -> Value:
    """Make a known string."""
    return Value(text, STRING, origins)


TRUE = Value(data=True, type=BOOL)
FALSE = Value(data=False, type=BOOL)


def number(amount: Number, *origins: Range) -> Value:
    """Make a known number, whole numbers as ``int``."""
    return Value(normal_number(amount), NUMBER, origins)


def boolean(truth: bool, *origins: Range) -> Value:  # noqa: FBT001 - the flag is the value
    """Make a known bool."""
    return Value(truth, BOOL, origins)


def tuple_of(elements: tuple[Value, ...], *origins: Range) -> Value:
    """Make a tuple, the value of a list literal."""
    return Value(elements, TupleType(()), origins)


def object_of(attributes: Mapping[str, Value], *origins: Range) -> Value:
    """Make an object, its attributes in key order as Terraform iterates them."""
    return Value(dict(sorted(attributes.items())), _OBJECT, origins)


_OBJECT = ObjectType({})


def normal_number(amount: Number) -> Number:
    """Return whole numbers as ``int`` and others as ``Decimal``."""
    if isinstance(amount, Decimal) and amount == amount.to_integral_value():
        return int(amount)
    return amount


def type_of(value: Value) -> Type:
    """Return the exact type of a value; for tuples and objects from their elements."""
    data = value.data
    if isinstance(data, Unknown):
        return data.type
    if isinstance(value.type, TupleType) and isinstance(data, tuple):
        return TupleType(tuple(type_of(each) for each in data))
    if isinstance(value.type, ObjectType) and isinstance(data, Mapping):
        return ObjectType({name: type_of(each) for name, each in data.items()})
    return value.type


class Contributions(Record):
    """Origins and sensitivity gathered from several values, for one that is computed from them."""

    origins: tuple[Range, ...] = ()
    sensitive: bool = False

    @classmethod
    def of(cls, *values: Value) -> Contributions:
        """Gather from ``values`` and everything inside them, each range once, in order."""
        ranges: dict[Range, None] = {}
        sensitive = False
        last: tuple[Range, ...] = ()
        for value in values:
            for each in value.walk():
                sensitive = sensitive or each.sensitive
                if each.origins is not last:  # what a function made has the very origins of the whole
                    last = each.origins
                    ranges.update(dict.fromkeys(last))
        return cls(tuple(ranges), sensitive)
