"""Source lines for reports, without the secrets in them.

What a check of secrets points at is masked, and so is whatever looks like a secret by its name or its form:
the lines around a finding may hold secrets that no check has looked at.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from functools import partial
from typing import TYPE_CHECKING

from msgspec import field

from reviewer.data import table
from reviewer.finding import MASK
from reviewer.record import Record
from reviewer.views.secrets.credential import credential, is_secret_name, without_shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reviewer.engine.delta import Hit
    from reviewer.terraform.text import SourceText

_QUOTED = r'"(?:[^"\\]|\\.)*"|\'[^\']*\''
_LITERAL = re.compile(_QUOTED)
_ASSIGNMENT = re.compile(
    rf"(?<![\w.-])(?P<name>[\w.-]{{1,80}})[\"']?(?:\s*(?:=>?|:)\s*(?P<quoted>{_QUOTED})|(?:=|:\s+)(?P<plain>[^\s\"'\[{{(,;]+))"
)
_REFERENCE = re.compile(r"\$|[A-Za-z_][\w-]*[.\[(]")
_NAMED = re.compile(rf"^\s*[\"']?(?:name|key)[\"']?\s*[=:]\s*(?P<name>{_QUOTED})")
_ENCODED = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")
_BEGIN, _END = "-----BEGIN ", "-----END "
_LONGEST = 2_000
"""Longer lines are generated, not read: what is beyond is left out."""

_NEAR = 3
"""Lines around a ``value`` in which the name of what it is the value of may stand."""


class Redactor(Record):
    """Masks secrets. ``places`` are the lines, by path, of the literals that checks of secrets found."""

    places: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def line(self, source: SourceText, number: int) -> str:
        """Return a line of a file as it may be shown."""
        text = source.line(number)[:_LONGEST]
        if _is_in_key(source, number):
            return MASK
        if number in self.places.get(source.path, ()):
            text = _LITERAL.sub(_masked, text)
        return self.text(text, partial(_title, source, number))

    def text(self, text: str, title: Callable[[], str] = str) -> str:
        """Return any text without what looks like a secret. ``title`` tells what its ``value`` is of."""

        def mask(match: re.Match[str]) -> str:
            group = "quoted" if match["quoted"] is not None else "plain"
            literal = match[group]
            bare = literal[1:-1] if group == "quoted" else literal
            if not bare or MASK in bare or _REFERENCE.match(bare):
                return match[0]
            is_value = match["name"] in table("secret_patterns")["value_keys"]
            if credential((title() if is_value else "") or match["name"], bare) is None:
                return match[0]
            hidden = f"{literal[0]}{MASK}{literal[-1]}" if group == "quoted" else MASK
            return match[0][: match.start(group) - match.start()] + hidden

        text = _LITERAL.sub(_whole, _ASSIGNMENT.sub(mask, text))
        return without_shapes(_ENCODED.sub(_decoded, text), MASK)


def redactor(found: Iterable[Hit]) -> Redactor:
    """Return what masks the literals that checks of secrets found, and all that looks like one."""
    places: dict[str, frozenset[int]] = {}
    for hit in found:
        if hit.check.secret:
            at = hit.problem.at
            places[at.path] = places.get(at.path, frozenset()) | frozenset(range(at.line, at.end_line + 1))
    return Redactor(places)


def _whole(match: re.Match[str]) -> str:
    """Mask all of a literal that holds something of the form of a secret, such as a key on one line."""
    return match[0] if without_shapes(match[0], MASK) == match[0] else _masked(match)


def _masked(match: re.Match[str]) -> str:
    return f"{match[0][0]}{MASK}{match[0][-1]}"


def _decoded(match: re.Match[str]) -> str:
    """Mask base64 of something that holds a secret."""
    try:
        text = b64decode(match[0], validate=True).decode()
    except (binascii.Error, ValueError):
        return match[0]
    return MASK if Redactor().text(text) != text else match[0]


def _title(source: SourceText, number: int) -> str:
    """Return the name beside a ``value``, as in ``set { name = "db.password" … }``; empty without one."""
    for distance in range(1, _NEAR + 1):
        for near in (number - distance, number + distance):
            match = _NAMED.match(source.line(near)) if 1 <= near <= source.line_count else None
            if match is not None and is_secret_name(match["name"][1:-1].rpartition(".")[2]):
                return match["name"][1:-1].rpartition(".")[2]
    return ""


def _is_in_key(source: SourceText, number: int) -> bool:
    """Tell whether a line is part of the body of a private key."""
    start = source.line_starts[number - 1]
    begin = source.text.rfind(_BEGIN, 0, start)
    if begin < 0 or source.text.rfind(_END, begin, start) >= 0:
        return False
    header = source.text[begin : source.text.find("\n", begin)]
    return "PRIVATE KEY-----" in header and _END not in source.line(number)
