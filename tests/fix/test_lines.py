"""Suggestions on bytes."""

from __future__ import annotations

from typing import Any

import pytest

from reviewer.finding import Suggestion
from reviewer.fix.lines import applied, without_overlap
from tests.samples import finding


def edit(line: int, end_line: int, replacement: str, **more: Any) -> Suggestion:
    return Suggestion("main.tf", line, end_line, replacement, **more)


@pytest.mark.parametrize(
    ("content", "suggestions", "expected"),
    [
        (b"a\nb\nc\n", [edit(2, 2, "B")], b"a\nB\nc\n"),
        (b"a\nb\nc\n", [edit(1, 2, "x")], b"x\nc\n"),
        (b"a\nb\nc\n", [edit(2, 2, "")], b"a\nc\n"),
        (b"a\nb\nc\n", [edit(2, 2, "b\nnew")], b"a\nb\nnew\nc\n"),
        (b"a\nb\nc\n", [edit(1, 1, "x\ny"), edit(3, 3, "z")], b"x\ny\nb\nz\n"),
        (b"a\nb\nc\n", [edit(2, 2, "B"), edit(2, 2, "B")], b"a\nB\nc\n"),
        (b"a\nb", [edit(2, 2, "B")], b"a\nB"),
        (b"a\nb", [edit(1, 1, "A")], b"A\nb"),
        (b"a\r\nb\r\nc", [edit(2, 2, "x\ny", crlf=True)], b"a\r\nx\r\ny\r\nc"),
        (b"a\r\nb\nc\r\n", [edit(3, 3, "C", crlf=True)], b"a\r\nb\nC\r\n"),
        (b"\xef\xbb\xbfa\nb\n", [edit(1, 1, "A")], b"\xef\xbb\xbfA\nb\n"),
        (b"\xef\xbb\xbfa\n", [edit(1, 1, "")], b"\xef\xbb\xbf"),
        ("ä\nb\x0cc\u2028d\n".encode(), [edit(2, 2, "é")], "ä\né\n".encode()),
        (b"a\n\n\n", [edit(1, 1, "A")], b"A\n\n\n"),
    ],
)
def test_what_is_not_named_stays_to_the_last_byte(
    content: bytes, suggestions: list[Suggestion], expected: bytes
) -> None:
    assert applied(content, suggestions) == expected


def test_of_those_that_meet_the_first_is_made() -> None:
    first = finding(suggestion=edit(3, 5, "x"), fingerprint="1")
    inside = finding(suggestion=edit(4, 4, "y"), fingerprint="2")
    same = finding(suggestion=edit(3, 5, "x"), fingerprint="3")
    beside = finding(suggestion=edit(6, 6, "z"), fingerprint="4")
    other = finding(suggestion=Suggestion("b.tf", 4, 4, "y"), fingerprint="5")
    nothing = finding(fingerprint="6")
    assert without_overlap([first, inside, same, beside, other, nothing]) == [first, same, beside, other]
