"""The action's inputs: ``INPUT_*`` variables, checked and typed. Each error names its input."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from reviewer.config.choices import FailOn, Gate
from reviewer.config.config import DEFAULT_PATH, Config
from reviewer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_COMMENTS = 100
"""GitHub names no limit of comments per review, but very large batches have been refused."""
MAX_CONTEXT = 255
_DEFAULTS = Config()
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
"""The spellings of YAML 1.2's core schema, which GitHub's own toolkit takes."""


Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the workflow asks for. ``None`` and an empty tuple or string mean "not given".

    An input that has the default of ``action.yml`` counts as not given: the runner fills defaults in, and
    the configuration file must be able to say something else.
    """

    token: str = field(repr=False)
    config: str
    fail_on: FailOn | None
    gate: Gate | None
    max_comments: int | None
    comment: bool
    status_context: str
    resolve_threads: bool
    sarif_file: PurePosixPath | None
    json_file: PurePosixPath | None
    html_file: PurePosixPath | None
    markdown_file: PurePosixPath | None
    import_sarif: tuple[str, ...]
    plan_file: tuple[str, ...]


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """Return the inputs. Raises :class:`UsageError` naming the wrong input and what is expected."""
    return Inputs(
        token=_text(environment, "github-token"),
        config=str(_workspace_path(environment, "config") or DEFAULT_PATH),
        fail_on=_choice(environment, "fail-on", FailOn, _DEFAULTS.fail_on),
        gate=_choice(environment, "gate", Gate, _DEFAULTS.gate),
        max_comments=_number(environment, "max-comments", MAX_COMMENTS, _DEFAULTS.max_comments),
        comment=_boolean(environment, "comment", default=True),
        status_context=_short(environment, "status-context", MAX_CONTEXT),
        resolve_threads=_boolean(environment, "resolve-threads", default=False),
        sarif_file=_workspace_path(environment, "sarif-file"),
        json_file=_workspace_path(environment, "json-file"),
        html_file=_workspace_path(environment, "html-file"),
        markdown_file=_workspace_path(environment, "markdown-file"),
        import_sarif=_list(environment, "import-sarif"),
        plan_file=_list(environment, "plan-file"),
    )


def variable(name: str) -> str:
    """Return the variable of an input: capitals, blanks turned into ``_``, hyphens kept."""
    return "INPUT_" + name.replace(" ", "_").upper()


def _text(environment: Mapping[str, str], name: str) -> str:
    return environment.get(variable(name), "").strip()


def _wrong(name: str, value: str, expected: str) -> UsageError:
    return UsageError(f"Input `{name}` is {value[:80]!r}; expected {expected}.")


def _choice(environment: Mapping[str, str], name: str, words: type[Word], default: Word) -> Word | None:
    value = _text(environment, name)
    if not value:
        return None
    if value not in set(words):
        raise _wrong(name, value, f"one of {', '.join(words)}")
    return None if value == default else words(value)


def _number(environment: Mapping[str, str], name: str, largest: int, default: int) -> int | None:
    value = _text(environment, name)
    if not value:
        return None
    is_number = value.isascii() and value.isdecimal() and len(value) <= len(str(largest))
    if not is_number or int(value) > largest:
        raise _wrong(name, value, f"a whole number from 0 to {largest}")
    return None if int(value) == default else int(value)


def _boolean(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = _text(environment, name)
    if not value:
        return default
    if value not in _BOOLEANS:
        raise _wrong(name, value, "true or false")
    return _BOOLEANS[value]


def _short(environment: Mapping[str, str], name: str, longest: int) -> str:
    value = _text(environment, name)
    if len(value) > longest or not value.isprintable():
        raise _wrong(name, value, f"one line of at most {longest} characters")
    return value


def _workspace_path(environment: Mapping[str, str], name: str) -> PurePosixPath | None:
    value = _text(environment, name)
    if not value:
        return None
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or not path.name or not value.isprintable():
        raise _wrong(name, value, "a file path relative to the workspace, without `..`")
    return path


def _list(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """One file or glob per line; a comma separates, too."""
    lines = _text(environment, name).replace(",", "\n").splitlines()
    return tuple(line.strip() for line in lines if line.strip())
