"""Telling secrets by their name and by what they look like. Values go in and never come out again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from reviewer.data import table

if TYPE_CHECKING:
    from reviewer.terraform.value import Value

MAX_CHARACTERS = 100_000
"""Longer values are looked at up to here."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NAME_OF_SOMETHING = re.compile(
    r"(?:[a-z]+\d{0,3}|\d{1,4})(?:[-_. ](?:[a-z]+\d{0,3}|\d{1,4}))*"
    r"|[A-Za-z][a-z]+(?:[A-Z][a-z]{2,}|ID|URL|ARN)+\d{0,2}"
    r"|[A-Z]+\d{0,3}(?:_(?:[A-Z]+\d{0,3}|\d{1,4}))+"
)
"""Words in the ways that people join them: ``db-password``, ``dbPassword``, ``DB_PASSWORD``."""
_PATH = re.compile(r"/?[a-z0-9_.-]+(?:[/:][a-z0-9_.*-]+)+|(?:/[A-Za-z_.-]+){2,}")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s@]*")
_SAMPLE_FOLDERS = frozenset(
    {"example", "examples", "sample", "samples", "test", "tests", "testdata", "fixtures"}
)
_SHORTEST = 8
BY_NAME = "a secret"
"""What is a secret by its name alone."""


def is_secret_name(name: str) -> bool:
    """Tell whether something of this name is likely to hold a secret itself, not something about one."""
    return strength(name) is not None


def credential(name: str, text: str) -> str | None:
    """Return what kind of secret a literal is, in words for people; None when it is none.

    ``name`` is what the literal is called: a variable, an argument, a key.
    """
    text = text.strip()[:MAX_CHARACTERS]
    if not text or re.match(table("secret_patterns")["public"], text):
        return None
    for kind, pattern in _shapes():
        if pattern.search(text):
            return kind
    how = strength(name)
    if how is None or _is_harmless(text) or _is_reference(text):
        return None
    if is_issued(name) and _spelled(text) == _spelled(name):
        return None
    if how == "weak" and not (is_placeholder(text) or _looks_random(text)):
        return None
    return BY_NAME


def entries(data: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """Yield the entries of an object that may hold a secret, without those that name one kept elsewhere."""
    patterns = table("secret_patterns")
    points = not data.keys().isdisjoint(patterns["kept_elsewhere"])
    for key, value in data.items():
        is_name = isinstance(value.data, str) and _NAME_OF_SOMETHING.fullmatch(value.data)
        names_entry = points and is_name and _WORD.findall(key)[-1:] in (["key"], ["Key"])
        if key not in patterns["encrypted"] and not names_entry:
            yield key, value


def without_shapes(text: str, mask: str) -> str:
    """Return a text with ``mask`` in place of everything that has the form of a secret."""
    for _, pattern in _shapes():
        text = pattern.sub(mask, text)
    return text


def is_placeholder(text: str) -> bool:
    """Tell whether a literal only stands for a secret: ``changeme``, ``<password>``, ``xxx``."""
    plain = text.strip().lower()
    known = table("secret_patterns")
    if plain in known["placeholders"] or plain.endswith("example"):
        return True
    if any(each in re.sub(r"[^a-z]+", " ", plain) for each in known["placeholder_words"]):
        return True
    return (plain[:1], plain[-1:]) in {("<", ">"), ("[", "]"), ("{", "}")} or (
        plain != "" and not plain.strip("x*._-")
    )


def is_words(text: str) -> bool:
    """Tell whether a literal is nothing but words, such as what is written until the secret is there."""
    return _NAME_OF_SOMETHING.fullmatch(text.strip()) is not None


def is_issued(name: str) -> bool:
    """Tell whether a secret of this name is issued by the service that it opens, not chosen by its owner."""
    joined = f" {' '.join(each.lower() for each in _WORD.findall(name))} "
    return any(f" {each} " in joined for each in table("secret_patterns")["issued"])


def is_sample(path: str) -> bool:
    """Tell whether a file is part of an example or of tests."""
    return not _SAMPLE_FOLDERS.isdisjoint(path.split("/")[:-1])


def literals(name: str, value: Value) -> Iterator[tuple[str, str, Value]]:
    """Yield every known string in a value: its path (``db.password``), the telling name, and itself."""
    if isinstance(value.data, str):
        yield name, _telling(name), value
    elif isinstance(value.data, tuple):
        for each in value.data:
            yield from literals(name, each)
    elif isinstance(value.data, Mapping):
        for key, each in entries(value.data):
            yield from literals(f"{name}.{key}", each)


def _telling(path: str) -> str:
    """Return the last name of a path that says more than ``value``."""
    names = path.split(".")
    while len(names) > 1 and names[-1] in table("secret_patterns")["value_keys"]:
        names.pop()
    return names[-1]


@cache
def strength(name: str) -> str | None:
    """Return how surely something of this name holds a secret: ``strong``, ``weak``, or not at all."""
    words = [each.lower() for each in _WORD.findall(name)]
    if not words or words[0] == "existing":
        return None
    patterns = table("secret_patterns")
    joined = f" {' '.join(words)} "
    for thing in patterns["things"]:
        joined = joined.replace(f" {thing} ", " ")
    if any(joined.endswith(f" {each} ") for each in patterns["strong"]):
        return "strong"
    ends_weakly = any(joined.endswith(f" {each} ") for each in patterns["weak"])
    if not ends_weakly and words[-1] in _neutral():
        return None
    for how in ("weak",) if ends_weakly else ("strong", "weak"):
        if any(f" {each} " in joined for each in patterns[how]):
            return how
    at_end = any(joined.endswith(f" {each} ") for each in patterns["weak_at_end"])
    return "weak" if at_end else None


@cache
def _neutral() -> frozenset[str]:
    return frozenset(word for row in table("secret_patterns")["neutral"] for word in row)


@cache
def _shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((row["kind"], re.compile(row["pattern"])) for row in table("secret_patterns")["shapes"])


def _is_harmless(text: str) -> bool:
    """Tell whether a literal is a switch, an amount, an ARN, a path or an address without a password."""
    if text.lower() in {"true", "false", "none", "null", "default"} or text.isdigit():
        return len(text) < _SHORTEST
    return (
        text.startswith("arn:") or _PATH.fullmatch(text) is not None or _ADDRESS.fullmatch(text) is not None
    )


def _spelled(name: str) -> str:
    """Return a name without case and without what joins its words."""
    return "".join(_WORD.findall(name)).lower()


def _is_reference(text: str) -> bool:
    """Tell whether a literal only says where the secret is kept, or is encrypted."""
    return re.fullmatch(table("secret_patterns")["references"], text) is not None


def _looks_random(text: str) -> bool:
    """Tell whether a literal is more than plain words: long enough, and of several kinds of characters."""
    if len(text) < _SHORTEST or " " in text or _NAME_OF_SOMETHING.fullmatch(text):
        return False
    kinds = (str.islower, str.isupper, str.isdigit)
    return sum(any(map(kind, text)) for kind in kinds) + any(not each.isalnum() for each in text) > 1
