"""Functions on files of the reviewed tree and on paths."""

from __future__ import annotations

import posixpath
import re
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.terraform.functions.base64_text import encode_base64
from reviewer.terraform.functions.function import Files, Function, Parameter, shape_of
from reviewer.terraform.functions.hashes import base64_digest, hexadecimal
from reviewer.terraform.functions.pieces import made_bool, made_string, text_of, texts, unknown_because
from reviewer.terraform.limits import MAX_CHARACTERS, UnsupportedError, check_count, too_large
from reviewer.terraform.sets import make_set
from reviewer.terraform.types import BOOL, DYNAMIC, STRING, MapType, ObjectType, SetType
from reviewer.terraform.value import EvaluationError, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ELSEWHERE = "depends on the machine that runs Terraform"


def _read(files: Files, path: Value) -> bytes:
    name = text_of(path)
    if name.startswith("~"):
        raise UnsupportedError(f"the file {name} {_ELSEWHERE}")
    try:
        content = files.read_bytes(name)
    except FileNotFoundError:
        raise EvaluationError(f"no file exists at {name!r}") from None
    if len(content) > MAX_CHARACTERS:
        raise too_large()
    return content


def _file(files: Files, path: Value) -> Value:
    try:
        return made_string(_read(files, path).decode()).via(*files.whole(text_of(path)))
    except UnicodeDecodeError:
        raise EvaluationError(f"contents of {text_of(path)!r} are not valid UTF-8") from None


def _encoded(encode: Callable[[bytes], str], files: Files, path: Value) -> Value:
    return made_string(encode(_read(files, path))).via(*files.whole(text_of(path)))


def _fileexists(files: Files, path: Value) -> Value:
    if text_of(path).startswith("~"):
        raise UnsupportedError(f"the file {text_of(path)} {_ELSEWHERE}")
    return made_bool(files.exists(text_of(path)))


def _fileset(files: Files, folder: Value, pattern: Value) -> Value:
    wanted = posixpath.normpath(text_of(pattern))
    if wanted == "." or wanted.startswith(("..", "/")):
        raise UnsupportedError("a pattern that names its folder, or leaves it, is not supported")
    found = [path for path in files.list(text_of(folder)) if _matches(path.split("/"), wanted.split("/"))]
    check_count(len(found))
    return make_set((made_string(each) for each in found), STRING)


def _matches(path: list[str], pattern: list[str]) -> bool:
    """Match path segments: ``**`` stands for any number of them, also none."""
    reachable = {0}
    for index, segment in enumerate(pattern):
        if segment == "**":
            last = index == len(pattern) - 1
            reachable = set(range(min(reachable, default=len(path) + 1) + last, len(path) + 1))
        else:
            expression = as_expression(segment)
            reachable = {at + 1 for at in reachable if at < len(path) and expression.fullmatch(path[at])}
    return len(path) in reachable


def as_expression(pattern: str) -> re.Pattern[str]:
    """Translate one segment of a glob; ``*`` never crosses a separator and may match a leading dot."""
    if any(each in pattern for each in "[{\\") or pattern.count("*") > _MAX_STARS:
        raise UnsupportedError(f"the file pattern {pattern!r} is not supported")
    return re.compile(re.escape(pattern).replace(r"\*", "[^/]*").replace(r"\?", "[^/]"), re.DOTALL)


_MAX_STARS = 3


def _templatefile(files: Files, path: Value, variables: Value) -> Value:
    if path.is_unknown or variables.is_unknown:
        return unknown_because(DYNAMIC, *(each for each in (path, variables) if each.is_unknown))
    if not isinstance(shape_of(variables), MapType | ObjectType):
        raise EvaluationError("invalid vars value: must be a map")
    try:
        rendered = files.render(text_of(path), variables)
    except FileNotFoundError:
        raise EvaluationError(f"no file exists at {text_of(path)!r}") from None
    # A template that repeats has thousands of pieces; the file and the variables are all that contributes.
    return replace(rendered, origins=files.whole(text_of(path)))


def _templatestring(files: Files, template: Value, variables: Value) -> Value:
    if variables.is_unknown:
        return unknown_because(STRING, variables)
    if not isinstance(shape_of(variables), MapType | ObjectType):
        raise EvaluationError("invalid vars value: must be a map")
    if not isinstance(template.data, Unknown) and not isinstance(template.data, str):
        raise EvaluationError("invalid template value: a string is required")
    return files.render_text(template, variables)


def _basename(path: Value) -> Value:
    text = text_of(path)
    if not text:
        return made_string(".")
    return made_string(text.rstrip("/").rpartition("/")[2] or "/")


def _dirname(path: Value) -> Value:
    folder, slash, _ = text_of(path).rpartition("/")
    return made_string(_clean(folder + slash))


def _abspath(path: Value) -> Value:
    text = text_of(path)
    if not text.startswith("/"):
        raise UnsupportedError(f"an absolute path {_ELSEWHERE}")
    return made_string(_clean(text))


def _clean(path: str) -> str:
    """Shorten a path as Go's ``filepath.Clean`` does."""
    cleaned = posixpath.normpath(path) if path else "."
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def _pathexpand(path: Value) -> Value:
    if text_of(path).startswith("~"):
        raise UnsupportedError(f"the home folder {_ELSEWHERE}")
    return made_string(text_of(path))


def _on_content(encode: Callable[[bytes], str]) -> Function:
    return Function(texts("path"), partial(_encoded, encode), STRING, needs_files=True)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "abspath": Function(texts("path"), _abspath, STRING),
        "basename": Function(texts("path"), _basename, STRING),
        "dirname": Function(texts("path"), _dirname, STRING),
        "file": Function(texts("path"), _file, STRING, needs_files=True),
        "filebase64": _on_content(encode_base64),
        "filebase64sha256": _on_content(partial(base64_digest, "sha256")),
        "filebase64sha512": _on_content(partial(base64_digest, "sha512")),
        "fileexists": Function(texts("path"), _fileexists, BOOL, needs_files=True),
        "filemd5": _on_content(partial(hexadecimal, "md5")),
        "fileset": Function(texts("path", "pattern"), _fileset, SetType(STRING), needs_files=True),
        "filesha1": _on_content(partial(hexadecimal, "sha1")),
        "filesha256": _on_content(partial(hexadecimal, "sha256")),
        "filesha512": _on_content(partial(hexadecimal, "sha512")),
        "pathexpand": Function(texts("path"), _pathexpand, STRING),
        "templatefile": Function(
            (Parameter("path", STRING, unknown=True), Parameter("vars", unknown=True)),
            _templatefile,
            needs_files=True,
        ),
        "templatestring": Function(
            (
                Parameter("template", unknown=True, dynamic=True, nullable=True),
                Parameter("vars", unknown=True),
            ),
            _templatestring,
            STRING,
            needs_files=True,
        ),
    }
)
