"""Finding the ends of strings, heredocs and comments in expression text.

python-hcl2 reads quoted templates and heredocs in ways that differ from Terraform (``"$${a ${b}}"``, ``${~
~}``, blanks after a heredoc's end marker), so they are cut out before it sees them and parsed by
:mod:`reviewer.terraform.expressions.template`. The functions here only find where such a piece ends.
"""

from __future__ import annotations

import re

HEREDOC_START = re.compile(r"<<(-?)([A-Za-z_][\w.-]*)[ \t]*\r?\n")
COMMENT = re.compile(r"#[^\n]*|//[^\n]*|/\*.*?\*/", re.DOTALL)

MAX_NESTING = 150
"""Brackets and templates inside each other; real code stays below ten."""


class TooDeepError(Exception):
    """The expression is nested deeper than any person writes."""


class UnterminatedError(Exception):
    """A string, heredoc or bracket does not end."""


def end_of_quoted(text: str, start: int, depth: int = 0) -> int:
    """Return the offset behind the quoted template whose opening quote is at ``start``."""
    position = start + 1
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 2
        elif character == '"':
            return position + 1
        elif is_escaped_marker(text, position):
            position += 3
        elif is_marker(text, position):
            position = end_of_expression(text, position + 2, depth + 1) + 1
        else:
            position += 1
    raise UnterminatedError


def end_of_heredoc(text: str, start: int) -> int | None:
    """Return the offset behind the end marker of the heredoc at ``start``; None when there is none."""
    match = HEREDOC_START.match(text, start)
    if match is None:
        return None
    end = re.compile(rf"^[ \t]*{re.escape(match[2])}[ \t]*\r?$", re.MULTILINE).search(text, match.end())
    if end is None:
        raise UnterminatedError
    return end.start() + len(end[0].rstrip())


def end_of_expression(text: str, start: int, depth: int = 0) -> int:
    """Return the offset of the brace that closes an interpolation whose expression starts at ``start``."""
    if depth > MAX_NESTING:
        raise TooDeepError
    position, open_brackets = start, 0
    while position < len(text):
        character = text[position]
        if character in "([{":
            open_brackets += 1
            position += 1
        elif character in ")]}":
            if not open_brackets and character == "}":
                return position
            open_brackets -= 1
            position += 1
        else:
            position = end_of_piece(text, position, depth) or position + 1
    raise UnterminatedError


def end_of_piece(text: str, position: int, depth: int = 0) -> int | None:
    """Return the offset behind the string, heredoc or comment at ``position``; None when there is none."""
    character = text[position]
    if character == '"':
        return end_of_quoted(text, position, depth)
    if character == "<":
        return end_of_heredoc(text, position)
    if character in "#/":
        comment = COMMENT.match(text, position)
        return comment.end() if comment else None
    return None


def is_marker(text: str, position: int) -> bool:
    """Tell whether ``${`` or ``%{`` stands at ``position``."""
    return text[position] in "$%" and text.startswith("{", position + 1)


def is_escaped_marker(text: str, position: int) -> bool:
    """Tell whether ``$${`` or ``%%{`` stands at ``position``."""
    return text[position] in "$%" and text.startswith(text[position] + "{", position + 1)
