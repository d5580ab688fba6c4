"""Says what is wrong with a JSON file that a person has to mend: the file, the place in it, and the fault."""

from __future__ import annotations

import re

import msgspec

_BYTE = re.compile(r"\(byte (\d+)\)")


def explained(error: Exception, content: bytes, name: str, noun: str) -> str:
    """Return ``file:line:column: what``; what is well-formed and wrong has a path in the document instead.

    ``noun`` is what the file should hold, such as ``results``.
    """
    verb, they = ("are", "they") if noun.endswith("s") else ("is", "it")
    if isinstance(error, RecursionError):
        return f"{name}: the {noun} {verb} nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return f"{name}:{_place(content, error.start)}: the {noun} {verb} not valid UTF-8"
    text = str(error)
    if isinstance(error, msgspec.ValidationError):
        return f"{name}: the {noun} {verb} not as {they} should be: {text}"
    match = _BYTE.search(text)
    position = int(match[1]) if match else len(content)
    reason = _BYTE.sub("", text).removeprefix("JSON is malformed: ").strip()
    return f"{name}:{_place(content, position)}: the {noun} {verb} not valid JSON: {reason}"


def _place(content: bytes, position: int) -> str:
    line = content.count(b"\n", 0, position) + 1
    column = position - content.rfind(b"\n", 0, position)
    return f"{line}:{column}"
