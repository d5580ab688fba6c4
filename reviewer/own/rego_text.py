"""What can be told of a policy from its text, before any engine runs it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ANY = "*"
"""Any element of a list, or any key of an object."""

Path = tuple[str, ...]
"""The way to a value: names of arguments, and :data:`ANY` or indexes as text for elements."""

_TOKEN = re.compile(
    r"(?P<comment>#[^\n]*)|(?P<string>`[^`]*`|\"(?:\\.|[^\"\\\n])*\")|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<number>\d[\w.]*)|(?P<blank>\s+)|(?P<sign>.)",
    re.DOTALL,
)
_REFUSED = ("http.", "net.lookup", "opa.runtime", "rand.", "time.now_ns", "uuid.rfc4122", "io.jwt.encode")
"""Functions that reach outside, or whose answer is another one the next time."""

_WORDS = frozenset(
    (
        *("as", "contains", "data", "default", "else", "every", "false", "if", "import", "in", "input"),
        *("not", "null", "package", "rego", "some", "true", "with"),
    )
)


class Token(Record):
    """``kind`` is ``string``, ``name``, ``number`` or ``sign``; ``line`` is 1-based."""

    kind: str
    text: str
    line: int


def tokens(text: str) -> tuple[Token, ...]:
    """Return the tokens of a module, without comments and blanks."""
    found, line = [], 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "sign"
        if kind not in {"comment", "blank"}:
            found.append(Token(kind, match[0], line))
        line += match[0].count("\n")
    return tuple(found)


def package_of(module: Sequence[Token]) -> Path:
    """Return the package that a module declares; empty when it declares none."""
    if not module or module[0].text != "package":
        return ()
    path = [module[1].text] if len(module) > 1 and module[1].kind == "name" else []
    position = 2
    while position + 1 < len(module) and module[position].text == ".":
        path.append(module[position + 1].text)
        position += 2
    return tuple(path)


def refused_call(module: Sequence[Token]) -> Token | None:
    """Return the first use of a function that a policy may not call."""
    for position, token in enumerate(module):
        if token.kind == "name" and not _follows_dot(module, position):
            dotted = _dotted(module, position)
            if any(dotted.startswith(each) for each in _REFUSED):
                return Token("name", dotted, token.line)
    return None


def stray_name(module: Sequence[Token]) -> Token | None:
    """Return a name that occurs once and is no rule: a typing mistake, which the engine takes for undefined.

    A variable that is bound and never used is one, too; Rego has ``_`` for that.
    """
    uses = Counter(
        token.text
        for position, token in enumerate(module)
        if token.kind == "name" and not _follows_dot(module, position)
    )
    for position, token in enumerate(module):
        following = module[position + 1].text if position + 1 < len(module) else ""
        if (
            token.kind == "name"
            and uses[token.text] == 1
            and token.text not in _WORDS
            and token.text != "_"
            and not _follows_dot(module, position)
            and following not in {".", "("}
            and not _begins_rule(module, position)
            and not _is_in_package(module, position)
        ):
            return token
    return None


def reads(module: Sequence[Token]) -> frozenset[Path]:
    """Return the ways into ``input`` that a module may take; the empty way stands for all of it."""
    found = set()
    for position, token in enumerate(module):
        if token.text == "input" and token.kind == "name" and not _follows_dot(module, position):
            found.add(tuple(_steps(module, position + 1)))
    return frozenset(found)


def _steps(module: Sequence[Token], position: int) -> Iterator[str]:
    """Yield the steps of a reference: ``.name``, ``["name"]``, ``[0]`` and ``[anything]``."""
    while position + 1 < len(module):
        sign, inside = module[position], module[position + 1]
        if sign.text == "." and inside.kind == "name":
            yield inside.text
            position += 2
        elif sign.text == "[":
            end = _closing(module, position)
            yield inside.text[1:-1] if end == position + 2 and inside.kind == "string" else ANY
            position = end + 1
        else:
            return


def _closing(module: Sequence[Token], position: int) -> int:
    depth = 0
    for at in range(position, len(module)):
        depth += {"[": 1, "]": -1}.get(module[at].text, 0)
        if depth == 0:
            return at
    return len(module)


def _dotted(module: Sequence[Token], position: int) -> str:
    text = module[position].text
    while position + 2 < len(module) and module[position + 1].text == ".":
        text += f".{module[position + 2].text}"
        position += 2
    return text


def _follows_dot(module: Sequence[Token], position: int) -> bool:
    return position > 0 and module[position - 1].text == "."


def _begins_rule(module: Sequence[Token], position: int) -> bool:
    """Tell whether a token is the first of its line outside any bracket, or follows ``default``."""
    depth = sum({"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}.get(t.text, 0) for t in module[:position])
    before = module[position - 1]
    return before.text == "default" or (depth == 0 and before.line < module[position].line)


def _is_in_package(module: Sequence[Token], position: int) -> bool:
    """Tell whether a token stands on the line of ``package`` or of an ``import``."""
    line = module[position].line
    first = next(each for each in module if each.line == line)
    return first.text in {"package", "import"}
