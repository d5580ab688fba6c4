"""What a Terraform function is: its parameters, its result type and its body.

Arguments are converted, null and unknown ones are dealt with, and origins and marks are carried over in one
place, so that a body only computes. The rules are those of go-cty's ``function.Function``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from reviewer.terraform.arithmetic import Number, machine_integer
from reviewer.terraform.convert import convert
from reviewer.terraform.limits import UnsupportedError, check_length
from reviewer.terraform.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, SetType, Type
from reviewer.terraform.value import Contributions, EvaluationError, Unknown, Value

if TYPE_CHECKING:
    from reviewer.terraform.text import Range

_WORD_LIMIT = 2**63


class Files(Protocol):
    """The files a function may read: those of the reviewed tree.

    Paths are as written in the call. A path outside the tree raises ``UnsupportedError`` with a reason, a
    missing file ``FileNotFoundError``.
    """

    @property
    def module_folder(self) -> str:
        """Return the folder of the module that makes the call."""

    @property
    def root_folder(self) -> str:
        """Return the folder of the root module, which relative paths start from."""

    def read_bytes(self, path: str) -> bytes:
        """Return the content of a file."""

    def exists(self, path: str) -> bool:
        """Tell whether a regular file is there; raises ``EvaluationError`` when something else is."""

    def list(self, folder: str) -> Sequence[str]:
        """Return the paths, relative to ``folder``, of all regular files in it and below."""

    def render(self, path: str, variables: Value) -> Value:
        """Return the file rendered as a template, as ``templatefile`` does."""

    def render_text(self, template: Value, variables: Value) -> Value:
        """Return a string rendered as a template, as ``templatestring`` does."""


class Marks(Enum):
    """How the sensitivity of an argument reaches the result."""

    DEEP = "deep"
    """The result is sensitive when anything inside the argument is."""
    SHALLOW = "shallow"
    """The result is sensitive when the argument as a whole is; its elements keep their own marks."""
    OWN = "own"
    """The body decides."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. ``nullable``, ``unknown`` and ``dynamic`` say what the body deals with itself."""

    name: str
    type: Type = DYNAMIC
    nullable: bool = False
    unknown: bool = False
    dynamic: bool = False
    marks: Marks = Marks.DEEP


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    ``body`` gets the converted arguments (after ``files`` when ``needs_files``). ``returns`` is the type of
    the result
    when an argument is unknown. ``selects`` is set when the result is one of the arguments or of their
    elements: then it keeps its own origins.
    """

    parameters: tuple[Parameter, ...]
    body: Callable[..., Value]
    returns: Type = DYNAMIC
    rest: Parameter | None = None
    selects: bool = False
    needs_files: bool = False

    def call(self, arguments: Sequence[Value], at: Range | None, files: Files) -> Value:
        """Return the result for arguments as given; raises :class:`EvaluationError` where Terraform would."""
        parameters = self._match(len(arguments))
        converted = [_prepare(*each) for each in zip(parameters, arguments, strict=True)]
        result = self._compute(parameters, converted, files)
        return self._trace(result, parameters, arguments, at)

    def _match(self, count: int) -> list[Parameter]:
        """Return the parameter for each of ``count`` arguments."""
        required = len(self.parameters)
        if self.rest is None and count > required:
            raise EvaluationError(f"too many arguments: {required} expected")
        if count < required:
            raise EvaluationError(f"not enough arguments: missing value for {self.parameters[count].name!r}")
        rest = () if self.rest is None else (self.rest,) * (count - required)
        return [*self.parameters, *rest]

    def _compute(self, parameters: list[Parameter], arguments: list[Value], files: Files) -> Value:
        kind = self.returns
        blocked: Unknown | None = None
        for parameter, argument in zip(parameters, arguments, strict=True):
            if argument.data is None and not parameter.nullable:
                raise EvaluationError(f"invalid value for {parameter.name!r}: argument must not be null")
            if parameter.type is DYNAMIC and not parameter.dynamic and shape_of(argument) is DYNAMIC:
                return self._untyped(argument)
            if not isinstance(argument.data, Unknown):
                continue
            if not parameter.unknown:
                blocked = blocked or argument.data
        if blocked is not None:
            return Value(Unknown(blocked.reason, type=kind), kind)
        try:
            return self.body(files, *arguments) if self.needs_files else self.body(*arguments)
        except UnsupportedError as error:
            return Value(Unknown(error.reason, type=kind), kind)
        except UnicodeEncodeError:
            return Value(Unknown("holds characters that no file can hold", type=kind), kind)
        except RecursionError:
            return Value(Unknown("too deeply nested to evaluate", type=kind), kind)

    def _untyped(self, argument: Value) -> Value:
        """Return the result for an argument that may be of any type: Terraform does not call the function."""
        reason = (
            argument.data.reason if isinstance(argument.data, Unknown) else "the type of null is not known"
        )
        return Value(Unknown(reason))

    def _trace(
        self, result: Value, parameters: list[Parameter], arguments: Sequence[Value], at: Range | None
    ) -> Value:
        """Add origins and marks of the arguments."""
        hops = () if at is None else (at,)
        sensitive = any(map(_is_marked, parameters, arguments))
        if self.selects and result.origins:
            return result.via(*hops).marked(sensitive)
        gathered = Contributions.of(*arguments)
        origins = tuple(dict.fromkeys((*hops, *gathered.origins)))
        traced = Value(result.data, result.type, origins, result.sensitive or sensitive)
        return _with_inner_origins(traced, origins)


def _prepare(parameter: Parameter, argument: Value) -> Value:
    try:
        return convert(argument, parameter.type)
    except EvaluationError as error:
        raise EvaluationError(f"invalid value for {parameter.name!r}: {error}") from None


def _is_marked(parameter: Parameter, argument: Value) -> bool:
    if parameter.marks is Marks.DEEP:
        return any(each.sensitive for each in argument.walk())
    return parameter.marks is Marks.SHALLOW and argument.sensitive


def _with_inner_origins(value: Value, origins: tuple[Range, ...]) -> Value:
    """Give elements that the function made the origins of the whole."""
    data = value.data
    if isinstance(data, tuple):
        inner: tuple[Value, ...] | dict[str, Value] = tuple(_inherit(each, origins) for each in data)
    elif isinstance(data, Mapping):
        inner = {name: _inherit(each, origins) for name, each in data.items()}
    else:
        return value
    return Value(inner, value.type, value.origins, value.sensitive)


def _inherit(value: Value, origins: tuple[Range, ...]) -> Value:
    if value.origins or not origins:
        return value
    return _with_inner_origins(Value(value.data, value.type, origins, value.sensitive), origins)


# What bodies use: parts of arguments that the parameter has already checked, and results.


def text_of(value: Value) -> str:
    """Return the data of a known string."""
    return value.data if isinstance(value.data, str) else ""


def amount_of(value: Value) -> Number:
    """Return the data of a known number."""
    data = value.data
    return 0 if data is None or isinstance(data, str | tuple | Mapping | Unknown) else data


def whole_of(value: Value, name: str) -> int:
    """Return a known number as a machine word; raises :class:`EvaluationError` when it is none."""
    amount = amount_of(value)
    if not isinstance(amount, int) or not -_WORD_LIMIT <= amount < _WORD_LIMIT:
        raise EvaluationError(f"invalid value for {name!r}: a whole number is required")
    return int(amount)


def elements_of(value: Value) -> tuple[Value, ...]:
    """Return the elements of a known list, set or tuple."""
    return value.data if isinstance(value.data, tuple) else ()


def attributes_of(value: Value) -> Mapping[str, Value]:
    """Return the elements of a known map or object."""
    return value.data if isinstance(value.data, Mapping) else {}


def shape_of(value: Value) -> Type:
    """Return the kind of type a value has, without computing the types of its elements."""
    return value.data.type if isinstance(value.data, Unknown) else value.type


def blocking(*values: Value) -> Unknown:
    """Return what is unknown in ``values``, the first of it."""
    return next(each.data for value in values for each in value.walk() if isinstance(each.data, Unknown))


def unknown_because(kind: Type, *values: Value) -> Value:
    """Return an unknown result with the reason of what is unknown in ``values``."""
    return Value(Unknown(blocking(*values).reason, type=kind), kind)


def made_string(text: str) -> Value:
    """Return a string that a function made; Terraform normalises every string it makes."""
    check_length(len(text))
    return Value(text if text.isascii() else unicodedata.normalize("NFC", text), STRING)


def made_bool(truth: bool) -> Value:  # noqa: FBT001 - the flag is the value
    """Return a bool that a function made."""
    return Value(truth, BOOL)


def made_number(amount: Number) -> Value:
    """Return a number that a function made."""
    return Value(amount, NUMBER)


def made_count(amount: int) -> Value:
    """Return a length, an index or another number that Terraform makes from a machine word."""
    return Value(machine_integer(amount), NUMBER)


def made_list(elements: Sequence[Value], element_type: Type) -> Value:
    """Return a list."""
    return Value(tuple(elements), ListType(element_type))


def is_unknown_length(value: Value) -> bool:
    """Tell whether a known collection may shrink: a set whose unknown elements may turn out to be equal."""
    return isinstance(value.type, SetType) and len(elements_of(value)) > 1 and not value.is_wholly_known


# Parameters, in short.

LIST_OF_STRINGS = ListType(STRING)


def texts(*names: str) -> tuple[Parameter, ...]:
    """Return string parameters."""
    return tuple(Parameter(name, STRING) for name in names)


def numbers(*names: str) -> tuple[Parameter, ...]:
    """Return number parameters."""
    return tuple(Parameter(name, NUMBER) for name in names)
