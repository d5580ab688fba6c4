"""Files that the configuration loads: with functions such as ``file``, or as manifests of kubectl providers.

A cheap look at the text that only rules modules and blocks out, like :mod:`reviewer.engine.suppliers`.
Whether a changed file supplies a value is decided by the origins of values, which name what was loaded.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from reviewer import globs
from reviewer.engine.roots import folder_of
from reviewer.record import Record
from reviewer.terraform.module import CONFIGURATION_SUFFIXES, VARIABLES_SUFFIXES, is_terraform

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.terraform.configuration import Configuration

_HASHES = ("md5", "sha1", "sha256", "sha512", "base64sha256", "base64sha512")
_LISTS = ('"kubectl_path_documents"', '"kubectl_filename_list"')
CALLS = ("file(", "fileset(", "filebase64(", *(f"file{each}(" for each in _HASHES), *_LISTS)
"""What loads a file, as it is searched for in the code of a whole repository."""

_TEXT = r'"((?:[^"\\$]|\\.|\$(?!\{)|\$\{[^{}]*\})*)"'
_CALL = re.compile(
    r"\b(?:template)?file(set)?(?:base64)?(?:md5|sha1|sha256|sha512)?\(\s*"
    rf"(?:{_TEXT}|path\.(module|root|cwd)\b)?"
    r'\s*(?:,\s*"([^"$]*)")?'
)
_PATTERN = re.compile(rf'\bpattern"?\s*[=:]\s*(?:{_TEXT})?')
_BLANK = re.compile(r"\$\{[^{}]*\}")
_PUT_IN = "\0"
_CHOICE = re.compile(r"\{[^{}]*\}")
_START = re.compile(r"^\$\{path\.(?:module|root|cwd)\}")
_HERE = "${path.module}"
_ANYWHERE = "**"


class Loads(Record):
    """What the code of one folder loads, as globs; ``others`` tells that it also loads what no glob tells."""

    patterns: frozenset[str]
    others: bool


def loading(path: str, configuration: Configuration) -> frozenset[str]:
    """Return the folders whose code may load a file, or names one that other code may load for it."""
    if is_terraform(path):
        return frozenset()
    loads = configuration.derived(_loads, configuration)
    found = {folder for folder, each in loads.items() if globs.matches_any(each.patterns, path)}
    if any(each.others for each in loads.values()):
        found |= configuration.derived(_naming, configuration, posixpath.basename(path))
    return frozenset(found)


def may_load(text: str, paths: frozenset[str]) -> bool:
    """Tell whether code may load one of some files, or names one."""
    return any(call in text for call in CALLS) or any(posixpath.basename(each) in text for each in paths)


def _naming(configuration: Configuration, name: str) -> frozenset[str]:
    """Return the folders whose configuration names a file."""
    named = configuration.tree.containing((name,), (*CONFIGURATION_SUFFIXES, *VARIABLES_SUFFIXES))
    return frozenset(map(folder_of, named))


def _loads(configuration: Configuration) -> Mapping[str, Loads]:
    found: dict[str, Loads] = {}
    for path in configuration.tree.containing(CALLS, CONFIGURATION_SUFFIXES):
        source = configuration.sources.text(configuration.tree, path)
        folder = folder_of(path)
        patterns = set(_patterns(source.text, folder)) if source is not None else {None}
        before = found.get(folder, Loads(frozenset(), others=False))
        known = frozenset(each for each in patterns if each is not None)
        found[folder] = Loads(before.patterns | known, before.others or None in patterns)
    return found


def _patterns(code: str, folder: str) -> Iterator[str | None]:
    """Yield a glob for whatever loads something; None where its argument does not tell what."""
    for call in _CALL.finditer(code):
        is_set, written, bare, pattern = call.groups()
        if bare is not None:
            written = f"${{path.{bare}}}"
        is_told = pattern is not None if is_set else _says_something(written)
        if written is None or not is_told:
            yield None
        else:
            yield from _globs(f"{written}/{pattern}" if is_set else written, folder)
    for argument in _PATTERN.finditer(code) if any(each in code for each in _LISTS) else ():
        if _says_something(argument[1]):
            yield from _globs(argument[1], folder)
        else:
            yield None


def _says_something(written: str | None) -> bool:
    """Tell whether a path has more of a name than what is put in: else it could be any file."""
    return written is not None and _BLANK.sub("", written.rpartition("/")[2]) != ""


def _globs(written: str, folder: str) -> Iterator[str]:
    """Yield what the argument of a call may name, unless it is outside of the repository.

    A path that starts at the root module may start anywhere: which root that is depends on who calls.
    """
    is_here = written.startswith(_HERE)
    rest = _BLANK.sub(_PUT_IN, _START.sub("", written)).lstrip("/")
    blanked = "/".join(map(_segment, rest.replace("[", "[[]").split("/")))
    if is_here and _ANYWHERE not in blanked.partition("..")[0]:
        inside = posixpath.normpath(posixpath.join(folder, blanked))
        if not inside.startswith("../"):
            yield inside
    else:
        yield posixpath.join(_ANYWHERE, *(each for each in blanked.split("/") if each not in {"", ".", ".."}))


def _segment(written: str) -> str:
    """Return one segment of a path as one of a glob; what is put in as a whole may be several folders."""
    is_put_in = written.strip(_PUT_IN) == "" and _PUT_IN in written
    return _ANYWHERE if is_put_in else _CHOICE.sub("*", written.replace(_PUT_IN, "*"))
