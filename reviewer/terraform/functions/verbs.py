"""The verbs of ``format``: strings and values as go-cty writes them, numbers as Go's ``fmt`` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.convert import convert
from reviewer.terraform.functions.clusters import cluster_count, clusters_of
from reviewer.terraform.functions.json_text import encode_json, encode_json_text
from reviewer.terraform.functions.pieces import amount_of, text_of
from reviewer.terraform.limits import MAX_CHARACTERS, check_length, too_large
from reviewer.terraform.number_format import fixed, general, scientific
from reviewer.terraform.types import BOOL, NUMBER, STRING, Type
from reviewer.terraform.value import EvaluationError, Value

if TYPE_CHECKING:
    import re

    from reviewer.terraform.arithmetic import Number

_BASES = {"b": "b", "d": "d", "o": "o", "x": "x", "X": "X"}
_PREFIXES = {"b": "0b", "o": "0", "x": "0x", "X": "0X", "d": ""}
_DEFAULT_PLACES = 6
_MAX_DIGITS = 10_000


class Verb(Record):
    """One verb such as ``%-5.2f``."""

    raw: str
    flags: str
    width: int | None
    precision: int | None
    mode: str


def verb_of(found: re.Match[str]) -> Verb:
    """Return the verb that was found in a format string."""
    sizes = [found["width"], found["precision"]]
    if any(each and len(each) > len(str(MAX_CHARACTERS)) for each in sizes):
        raise too_large()
    width, precision = (None if each is None else int(each or 0) for each in sizes)
    check_length(width or 0)
    return Verb(found[0], found["flags"], width, precision, found["mode"])


def applied(verb: Verb, argument: Value) -> str:
    """Return the argument as the verb formats it; raises :class:`EvaluationError` where Terraform would."""
    if verb.mode == "v":
        return _as_is(verb, argument)
    if argument.data is None:
        raise EvaluationError(f"unsupported value for {verb.raw!r}: null value cannot be formatted")
    if verb.mode == "t":
        return "true" if _converted(verb, argument, BOOL).data else "false"
    if verb.mode in {"s", "q"}:
        return _string(verb, text_of(_converted(verb, argument, STRING)))
    if verb.mode in _BASES:
        return _integer(verb, amount_of(_converted(verb, argument, NUMBER)))
    if verb.mode in {"e", "E", "f", "g", "G"}:
        return _float(verb, amount_of(_converted(verb, argument, NUMBER)))
    raise EvaluationError(f"unsupported format verb {verb.mode!r} in {verb.raw!r}")


def _converted(verb: Verb, argument: Value, kind: Type) -> Value:
    try:
        return convert(argument, kind)
    except EvaluationError as error:
        raise EvaluationError(f"unsupported value for {verb.raw!r}: {error}") from None


def _as_is(verb: Verb, argument: Value) -> str:
    if "#" not in verb.flags and argument.data is not None:
        if argument.type is STRING:
            return _padded(verb, text_of(argument))
        if argument.type is NUMBER:
            return _padded(verb, general(amount_of(argument)))
    return _padded(verb, encode_json(argument))


def _string(verb: Verb, text: str) -> str:
    if verb.precision:
        text = "".join(clusters_of(text)[: verb.precision])
    return _padded(verb, text if verb.mode == "s" else encode_json_text(text))


def _padded(verb: Verb, text: str) -> str:
    missing = (verb.width or 0) - cluster_count(text)
    if missing <= 0:
        return text
    padding = ("0" if "0" in verb.flags else " ") * missing
    return text + padding if "-" in verb.flags else padding + text


def _integer(verb: Verb, amount: Number) -> str:
    """Format as Go's ``big.Int.Format`` does."""
    if not isinstance(amount, int):
        raise EvaluationError(f"unsupported value for {verb.raw!r}: an integer is required")
    digits = format(abs(int(amount)), _BASES[verb.mode])
    if verb.precision is not None:
        _check_digits(verb.precision)
        digits = "" if not amount and not verb.precision else digits.rjust(verb.precision, "0")
    prefix = _PREFIXES[verb.mode] if "#" in verb.flags else ""
    sign = _sign(verb, amount)
    missing = (verb.width or 0) - len(sign + prefix + digits)
    if missing <= 0:
        return sign + prefix + digits
    if "-" in verb.flags:
        return sign + prefix + digits + " " * missing
    if "0" in verb.flags and verb.precision is None:
        return sign + prefix + "0" * missing + digits
    return " " * missing + sign + prefix + digits


def _float(verb: Verb, amount: Number) -> str:
    """Format as Go's ``big.Float.Format`` does."""
    _check_digits(verb.precision or 0)
    text = _float_digits(verb, amount).removeprefix("-")
    sign = _sign(verb, amount)
    missing = (verb.width or 0) - len(sign + text)
    if missing <= 0:
        return sign + text
    if "0" in verb.flags:
        return sign + "0" * missing + text
    return sign + text + " " * missing if "-" in verb.flags else " " * missing + sign + text


def _float_digits(verb: Verb, amount: Number) -> str:
    letter = "E" if verb.mode.isupper() else "e"
    if verb.mode in {"g", "G"}:
        return general(amount, verb.precision, letter)
    places = _DEFAULT_PLACES if verb.precision is None else verb.precision
    return fixed(amount, places) if verb.mode == "f" else scientific(amount, places, letter)


def _check_digits(count: int) -> None:
    if count > _MAX_DIGITS:
        raise too_large()


def _sign(verb: Verb, amount: Number) -> str:
    if amount < 0:
        return "-"
    if "+" in verb.flags:
        return "+"
    return " " if " " in verb.flags else ""
