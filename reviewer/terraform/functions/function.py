"""What a Terraform function is: its parameters, its result type and its body.

Arguments are converted, null and unknown ones are dealt with, and origins and marks are carried over in one
place, so that a body only computes. The rules are those of go-cty's ``function.Function``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from operator import is_
from typing import TYPE_CHECKING, Protocol

from reviewer.record import Record
from reviewer.terraform.convert import convert
from reviewer.terraform.limits import UnsupportedError
from reviewer.terraform.types import DYNAMIC, Type
from reviewer.terraform.value import (
    Contributions,
    EvaluationError,
    Unknown,
    Value,
    settled,
    with_planned,
)

if TYPE_CHECKING:
    from reviewer.terraform.text import Range


class Files(Protocol):
    """The files a function may read: those of the reviewed tree.

    Paths are as written in the call. A path outside the tree raises ``UnsupportedError`` with a reason, a
    missing file ``FileNotFoundError``.
    """

    @property
    def root_folder(self) -> str:
        """Return the folder of the root module, which relative paths start from."""

    def read_bytes(self, path: str) -> bytes:
        """Return the content of a file."""

    def whole(self, path: str) -> tuple[Range, ...]:
        """Return all of a text file, as where a value comes from; nothing for one that is no text."""

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


class Parameter(Record):
    """One parameter. ``nullable``, ``unknown`` and ``dynamic`` say what the body deals with itself.

    ``names_only`` is set when what is behind the names in a map has no part in the result.
    """

    name: str
    type: Type = DYNAMIC
    nullable: bool = False
    unknown: bool = False
    dynamic: bool = False
    marks: Marks = Marks.DEEP
    names_only: bool = False

    def contributing(self, argument: Value) -> tuple[Value, ...]:
        """Return what of an argument has a part in the result."""
        if self.names_only and isinstance(argument.data, Mapping):
            return tuple(Value(None, origins=each.origins) for each in (argument, *argument.data.values()))
        return (argument,)


class Function(Record):
    """One function.

    ``body`` gets the converted arguments (after ``files`` when ``needs_files``). ``returns`` is the type of
    the result when an argument is unknown. ``selects`` is set when the result is one of the arguments or of
    their elements, or knows where it is written: then it keeps its own origins.
    """

    parameters: tuple[Parameter, ...]
    body: Callable[..., Value]
    returns: Type = DYNAMIC
    rest: Parameter | None = None
    selects: bool = False
    needs_files: bool = False

    def call(self, arguments: Sequence[Value], at: Range | None, files: Files) -> Value:
        """Return the result for arguments as given; raises :class:`EvaluationError` where Terraform would."""
        result = self._result(arguments, at, files)
        if isinstance(result.data, Unknown):
            known = [settled(each) for each in arguments]
            if not all(map(is_, known, arguments)):
                return with_planned(result, self._result(known, at, files))
        return result

    def _result(self, arguments: Sequence[Value], at: Range | None, files: Files) -> Value:
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
        pairs = zip(parameters, arguments, strict=True)
        gathered = Contributions.of(*(part for each, given in pairs for part in each.contributing(given)))
        loaded = result.origins if self.needs_files else ()
        origins = tuple(dict.fromkeys((*hops, *gathered.origins, *loaded)))
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


def shape_of(value: Value) -> Type:
    """Return the kind of type a value has, without computing the types of its elements."""
    return value.data.type if isinstance(value.data, Unknown) else value.type
