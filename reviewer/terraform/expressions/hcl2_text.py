"""Making text that python-hcl2 reads as Terraform does.

Templates and comments are cut out, newlines that mean nothing are removed, and what python-hcl2 refuses
although it is valid gets a stand-in. Every change keeps offsets, or notes where it does not.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from reviewer.record import Record
from reviewer.terraform.expressions.lexer import MAX_NESTING, TooDeepError, end_of_piece

PREFIX = "x = "
"""python-hcl2 parses attributes, not expressions."""

_OPERAND_END = re.compile(r"[\w\"\])}]")
_OBJECT_FOR = re.compile(r"\{\s*for\s")
_WORD = re.compile(r"[^\W\d][\w-]*|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SIGN = re.compile(r"\s*(?:-|!(?!=))")


class Prepared(Record):
    """Text for python-hcl2, how its offsets map back, and what was kept from it.

    ``strings`` are the ends of strings by their starts. ``signs`` are the operators that stand directly
    before another unary one, by the position of that one: python-hcl2 does not read ``!!x`` and ``- -x``.
    """

    text: str
    strings: dict[int, int]
    inserted: list[int]
    signs: dict[int, str]

    def original(self, position: int) -> int:
        """Return the offset in the original text for a position python-hcl2 reports."""
        position -= len(PREFIX)
        return position - bisect_right(self.inserted, position)


@dataclass(slots=True)
class Preparation:
    """One pass over the text of an expression."""

    text: str
    output: list[str] = field(default_factory=list)
    strings: dict[int, int] = field(default_factory=dict)
    inserted: list[int] = field(default_factory=list)
    signs: dict[int, str] = field(default_factory=dict)
    brackets: list[str] = field(default_factory=list)
    previous: str = ""

    def run(self) -> Prepared:
        """Return the prepared text."""
        position = 0
        while position < len(self.text):
            end = end_of_piece(self.text, position)
            word = _WORD.match(self.text, position) if end is None else None
            if end is not None:
                self._piece(position, end)
            elif word is not None:
                end = word.end()
                # python-hcl2 reads names of ASCII letters alone; they are taken from the original text.
                self.output.append(word[0] if word[0].isascii() else _NOT_ASCII.sub("u", word[0]))
                self.previous = "w"
            else:
                end = position + 1
                self._character(position)
            position = end
        return Prepared("".join(self.output), self.strings, self.inserted, self.signs)

    def _piece(self, start: int, end: int) -> None:
        """Put a string of the same length for a template, blanks for a comment."""
        piece = self.text[start:end]
        if piece[0] in '"<':
            self.strings[start] = end
            self.output.append('"' + "s" * (len(piece) - 2) + '"')
            self.previous = '"'
        else:
            self.output.append(_blank(piece, keep_newlines=not _ignores_newlines(self.brackets)))

    def _character(self, position: int) -> None:
        character = self.text[position]
        if character in "([{":
            self.brackets.append("for" if _OBJECT_FOR.match(self.text, position) else character)
            if len(self.brackets) > MAX_NESTING:
                raise TooDeepError
        elif character in ")]}" and self.brackets:
            self.brackets.pop()
        if character in "\r\n":
            self.output.append(" " if character == "\r" or _ignores_newlines(self.brackets) else "\n")
        elif character in "-!":
            self._sign(character, position)
        else:
            self.output.append(character)
        if character not in " \t":
            self.previous = character

    def _sign(self, character: str, position: int) -> None:
        is_binary = _OPERAND_END.match(self.previous)
        follower = _SIGN.match(self.text, position + 1)
        if follower and not is_binary:
            self.signs[follower.end() - 1] = self.signs.pop(position, "") + character
            self.output.append(" ")
            return
        self.output.append(character)
        if is_binary and self.text[position + 1 : position + 2].isdigit():
            # python-hcl2 reads "x -12" as two terms; a blank after the sign makes it one subtraction.
            self.output.append(" ")
            self.inserted.append(position + 1 + len(self.inserted))


def _ignores_newlines(brackets: list[str]) -> bool:
    return bool(brackets) and brackets[-1] != "{"


def _blank(comment: str, *, keep_newlines: bool) -> str:
    return "".join("\n" if each == "\n" and keep_newlines else " " for each in comment)
