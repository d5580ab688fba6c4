"""The options that make git commands answer the same whatever anybody configured."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPECIAL = re.compile(r"([.\[\]\\()*+?{}|^$])")
_GLOB_CHARACTER = re.compile(r"([*?\[\\])")

DIFF = (
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--find-renames",
    "--no-rename-empty",
    "--unified=3",
    "--inter-hunk-context=0",
    "--diff-algorithm=default",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--ignore-submodules=all",
)
"""What GitHub shows for a pull request: renames found, three lines of context."""

LIST_WORKING_TREE = (
    "-z",
    "-t",
    "--stage",
    "--cached",
    "--deleted",
    "--others",
    "--exclude-standard",
    # Downloaded modules and providers; many ignore them in the global configuration, which is not read here.
    "--exclude=.terraform",
)


GREP = ("--null", "--text", "--no-color", "--full-name", "--no-line-number")


def names_with(needles: Sequence[str]) -> list[str]:
    """Return the options of ``git grep`` that list the files holding one of the literal strings."""
    return [*GREP, "--files-with-matches", "--fixed-strings", *(f"-e{needle}" for needle in needles)]


def lines_with(needles: Sequence[str]) -> list[str]:
    """Return the options of ``git grep`` that show the lines holding one of the literal strings.

    One expression is looked for at once; hundreds of strings, git looks for one after the other.
    """
    return [*GREP, "--extended-regexp", f"-e{'|'.join(map(_literally, needles))}"]


def _literally(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def pathspecs(suffixes: Sequence[str]) -> list[str]:
    """Return the patterns for paths that end in one of ``suffixes``, in any folder."""
    return ["*" + _GLOB_CHARACTER.sub(r"\\\1", suffix) for suffix in suffixes]
