"""The file headers of ``git diff``.

They are read here because unidiff takes a blank or a quote in a path for the end of the path.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.change.errors import MalformedDiffError
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MODE = re.compile(
    rb"^(?:old mode|new mode|new file mode|deleted file mode|index \S+) (\d{6})$", re.MULTILINE
)
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
_ESCAPE = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_LINK_MODE = b"120000"
_SUBMODULE_MODE = b"160000"


class FileHeader(Record):
    """What stands above the hunks of a file: its paths in base and head, None where it does not exist."""

    source: bytes | None
    target: bytes | None
    binary: bool
    link: bool


def read_header(header: bytes, prefixes: tuple[bytes, bytes]) -> FileHeader | None:
    """Return the header of one file, None for a submodule or if only a time stamp changed.

    ``prefixes`` are what stands before the paths in base and head. Raises ``MalformedDiffError``.
    """
    modes = set(_MODE.findall(header))
    lines = header.rstrip(b"\n").split(b"\n")
    if _SUBMODULE_MODE in modes or len(lines) == 1:
        return None
    source, target = _paths(lines, prefixes)
    binary = any(line.startswith(b"Binary files ") for line in lines)
    return FileHeader(source, target, binary, _LINK_MODE in modes)


def _paths(lines: Sequence[bytes], prefixes: tuple[bytes, bytes]) -> tuple[bytes | None, bytes | None]:
    """Return the paths in base and head; None where the file does not exist.

    Rename lines have no prefix, but the folder of a compared directory: the prefix behind its letter.
    """
    source = target = None
    for line in lines[1:]:
        if line.startswith(b"rename from "):
            source = _unquote(line.removeprefix(b"rename from ")).removeprefix(prefixes[0][1:])
        elif line.startswith(b"rename to "):
            target = _unquote(line.removeprefix(b"rename to ")).removeprefix(prefixes[1][1:])
    if source is None or target is None:
        source, target = _named_twice(lines[0].removeprefix(b"diff --git "), prefixes)
    if any(line.startswith(b"new file mode ") for line in lines):
        source = None
    if any(line.startswith(b"deleted file mode ") for line in lines):
        target = None
    return source, target


def _named_twice(names: bytes, prefixes: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return the two paths of a ``diff --git`` line of a file that was not renamed.

    Behind the prefixes both are the same path, which is what tells where the second one starts.
    """
    if b'"' in names:
        splits = [_split_quoted(names)]
    else:
        splits = [(names[:middle], names[middle + 1 :]) for middle in _middles(names, prefixes)]
    for first, second in splits:
        for source_prefix, target_prefix in _prefix_pairs(prefixes):
            if first.startswith(source_prefix) and second.startswith(target_prefix):
                source, target = first[len(source_prefix) :], second[len(target_prefix) :]
                if source == target and source:
                    return source, target
    raise MalformedDiffError("a 'diff --git' line has no path")


def _split_quoted(names: bytes) -> tuple[bytes, bytes]:
    """Return the two names when one or both are quoted: a name with a quote in it is always quoted itself."""
    first = _QUOTED.match(names)
    end = first.end() if first else names.index(b'"') - 1
    return _unquote(names[:end]), _unquote(names[end + 1 :])


def _prefix_pairs(prefixes: tuple[bytes, bytes]) -> tuple[tuple[bytes, bytes], ...]:
    """Return the pairs of prefixes that can stand before one path.

    Of two compared directories a file in one of them only is written with that one's prefix on both names.
    """
    source, target = prefixes
    return (prefixes, (b"a/" + target[2:], target), (source, b"b/" + source[2:]))


def _middles(names: bytes, prefixes: tuple[bytes, bytes]) -> Iterator[int]:
    """Yield where the blank between the two names can be, from the lengths of the prefixes."""
    for source_prefix, target_prefix in _prefix_pairs(prefixes):
        twice = len(names) - 1 - len(source_prefix) - len(target_prefix)
        if twice > 0 and twice % 2 == 0:
            yield len(source_prefix) + twice // 2


def _unquote(name: bytes) -> bytes:
    """Return a path as git knows it: with special characters it is written like a string in C."""
    if not name.startswith(b'"'):
        return name
    return _ESCAPE.sub(_unescape, name[1:-1])


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match.group(1)
    if code.isdigit():
        return bytes([int(code, 8) & 0xFF])
    return _ESCAPES.get(code, code)
