"""One policy file: what its metadata says of the check, and what its text says it reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from reviewer.config.reader import did_you_mean, quoted
from reviewer.errors import UsageError
from reviewer.escape import url
from reviewer.finding import Pillar, Severity
from reviewer.own import rego_text
from reviewer.record import Record
from reviewer.yaml_nodes import YamlError, compose

if TYPE_CHECKING:
    from enum import StrEnum

    from reviewer.own.rego_text import Path, Token

MAX_CHARACTERS = 100_000
ID = re.compile(r"OWN(-[A-Z0-9]+)+")
_METADATA = re.compile(r"^# METADATA[ \t]*\n((?:#[^\n]*\n)+)", re.MULTILINE)
_KEYS = ("id", "severity", "pillar", "resources", "view", "name", "fix")

Choice = TypeVar("Choice", bound="StrEnum")


class Policy(Record):
    """A check written in Rego. ``on`` holds what it looks at: types of blocks, or the name of one view.

    ``reads`` are the ways into ``input.values`` that it may take; an empty one stands for all of them.
    """

    path: str
    text: str
    package: Path
    id: str
    name: str
    severity: Severity
    pillar: Pillar
    on: tuple[str, ...]
    title: str
    description: str
    fix: str
    links: tuple[str, ...]
    reads: frozenset[Path]
    wants_origins: bool

    @property
    def query(self) -> str:
        """Return the rule whose values are the problems."""
        return f"data.{'.'.join(self.package)}.deny"


def read_policy(path: str, text: str) -> Policy:
    """Return the policy in a file. Raises :class:`UsageError` that names file and line."""
    if len(text) > MAX_CHARACTERS:
        raise _mistake(path, 1, f"the policy has {len(text):,} characters, more than {MAX_CHARACTERS:,}")
    module = rego_text.tokens(text)
    package = rego_text.package_of(module)
    if not package:
        raise _mistake(path, 1, "the policy does not begin with `package` and a name")
    _refuse(path, module)
    return _described(path, text, package, rego_text.reads(module))


def _refuse(path: str, module: tuple[Token, ...]) -> None:
    """Refuse what would reach outside of the review, and what the engine would pass over in silence."""
    refused = rego_text.refused_call(module)
    if refused is not None:
        raise _mistake(
            path,
            refused.line,
            f"{refused.text} is not available: a policy sees its input alone (the date is `input.today`)",
        )
    if not any(each.text == "deny" for each in module):
        raise _mistake(path, 1, "the policy has no rule `deny`, so it would never find anything")
    stray = rego_text.stray_name(module)
    if stray is not None:
        raise _mistake(
            path,
            stray.line,
            f"{quoted(stray.text)} occurs once: it is misspelt, or it should be `_`",
        )


def _described(path: str, text: str, package: Path, ways: frozenset[Path]) -> Policy:
    match = _METADATA.search(text)
    if match is None:
        raise _mistake(path, 1, "the policy has no `# METADATA` comment above its package")
    line = text.count("\n", 0, match.start()) + 1
    metadata = _metadata(path, line, match[1])
    custom = _custom(path, line, metadata)
    title = " ".join(str(metadata.get("title") or "").split()).rstrip(".")
    if not title:
        raise _mistake(path, line, "the metadata has no `title` that says what is wrong")
    related = metadata.get("related_resources") or ()
    refs = [str(each.get("ref") if isinstance(each, dict) else each) for each in related]
    values = [way[1:] for way in ways if way[:1] == ("values",)]
    return Policy(
        path=path,
        text=text,
        package=package,
        id=custom["id"],
        name=str(custom.get("name") or package[-1]).replace("_", "-"),
        severity=_choice(path, line, "severity", custom, Severity),
        pillar=_choice(path, line, "pillar", custom, Pillar),
        on=_subjects(path, line, custom),
        title=title,
        description=str(metadata.get("description") or "").strip(),
        fix=str(custom.get("fix") or "").strip(),
        links=tuple(each for each in refs if url(each)),
        reads=frozenset([()] if () in ways else values),
        wants_origins=() in ways or any(way[:1] == ("origins",) for way in ways),
    )


def _metadata(path: str, line: int, comment: str) -> dict[str, Any]:
    text = "".join(f"{each[1:].removeprefix(' ')}\n" for each in comment.splitlines())
    try:
        compose(text)
    except YamlError as error:
        raise _mistake(path, line + error.line, f"the metadata cannot be read: {error.message}") from None
    # Everything is text: `on` is no truth and 1.30 no number.
    found = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes nothing but texts, lists and mappings
    if not isinstance(found, dict):
        raise _mistake(path, line, "the metadata is not a mapping with `title` and `custom`")
    return found


def _custom(path: str, line: int, metadata: dict[str, Any]) -> dict[str, Any]:
    """Return what the metadata says in ``custom``: known keys alone, and an id that is one."""
    custom = metadata.get("custom")
    if not isinstance(custom, dict):
        raise _mistake(path, line, "the metadata has no `custom` with id, severity, pillar and resources")
    for key in custom:
        if key not in _KEYS:
            raise _mistake(
                path, line, f"unknown key {quoted(f'custom.{key}')}{did_you_mean(str(key), _KEYS)}"
            )
    check_id = str(custom.get("id", ""))
    if ID.fullmatch(check_id) is None:
        raise _mistake(path, line, f"custom.id: {quoted(check_id)} is not an id such as OWN-NAMING-1")
    return custom


def _choice(path: str, line: int, key: str, custom: dict[str, Any], words: type[Choice]) -> Choice:
    given = str(custom.get(key, ""))
    if given not in list(words):
        raise _mistake(path, line, f"custom.{key}: {quoted(given)} is not one of {', '.join(words)}")
    return words(given)


def _subjects(path: str, line: int, custom: dict[str, Any]) -> tuple[str, ...]:
    """Return what the policy looks at, from ``resources`` or ``view``."""
    from reviewer.own.subjects import VIEWS

    given, view = custom.get("resources"), custom.get("view")
    if (given is None) == (view is None):
        raise _mistake(path, line, "custom needs either `resources` or `view`")
    if view is not None:
        if view not in VIEWS:
            raise _mistake(path, line, f"custom.view: {quoted(str(view))} is not one of {', '.join(VIEWS)}")
        return (str(view),)
    types = tuple(map(str, given)) if isinstance(given, list) else (str(given),)
    if not types or not all(re.fullmatch(r"[\w.*]+", each) for each in types):
        raise _mistake(
            path, line, "custom.resources: name types such as aws_s3_bucket, data.aws_ami or module"
        )
    return types


def _mistake(path: str, line: int, message: str) -> UsageError:
    return UsageError(f"{path}:{line}: {message}")
