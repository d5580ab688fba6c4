"""What a check is: one function with everything that any page, comment or rule says about it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reviewer import PROJECT_URL
from reviewer.checks.problem import Problem
from reviewer.record import Record
from reviewer.views.context import Context

if TYPE_CHECKING:
    from reviewer.finding import Pillar, Severity
    from reviewer.views.view import View

SECTION_NUMBERS = {
    "CFG": 1,
    "SEC": 2,
    "REL": 3,
    "OBS": 4,
    "COST": 5,
    "OPS": 6,
    "GOV": 7,
    "TEST": 8,
    "DOC": 9,
    "UPG": 10,
}
"""The sections of the document that the checks come from, by the word in the id."""

PROMPTS = "EKS-COST-"
"""Checks whose findings never fail a review, unless the configuration gives them a severity of its own."""

OWN_ISSUE = "own"
"""What stands for an issue of the document where a check is the user's own."""

_ID = re.compile(r"EKS-([A-Z]+)-(\d)(\d\d)")
_OWN = re.compile(r"OWN(-[A-Z0-9]+)+")
_FENCE = re.compile(r"```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)```", re.DOTALL)
_SOFT_BREAK = re.compile(r"(?<!\n)\n(?!\n|[-*|] |\d+\. |```)")
_PARTS = re.compile(r"^(Fix|Bad|Good|References):[ \t]*\n?", re.MULTILINE)


class Scope(StrEnum):
    """What a check must see to decide."""

    RESOURCE = "resource"
    """One block: evaluated for each touched one."""
    MODULE = "module"
    """A root module: evaluated when the change touches a block of one of the check's ``resources`` in it."""
    REPOSITORY = "repository"
    """The files of the repository: evaluated when the change touches a trigger file or block."""


class Surface(StrEnum):
    """Where findings of a check may be shown."""

    INLINE = "inline"
    SUMMARY = "summary"


class FixKind(StrEnum):
    """Which committable suggestion a check can make in at least one of its cases."""

    NONE = "none"
    REPLACE = "replace"
    INSERT = "insert"
    IF_REF = "if-ref"
    NEW_ONLY = "new-only"


class CheckDefinitionError(Exception):
    """A check is not written as it must be; raised at import."""


class Example(Record):
    """The files of one example; ``title`` is the file name, ``main.tf`` when the fence has none."""

    files: tuple[tuple[str, str], ...]


class Documentation(Record):
    """A check's docstring in its parts. ``title`` ends without a full stop."""

    title: str
    why: str
    fix: str
    bad: Example
    good: Example
    references: tuple[str, ...]


Function = Callable[[Any, Context], Iterator[Problem]]
"""A check's code. It yields problems; ``UndecidedError`` means not evaluated, ``NotApplicableError`` not
applicable.
"""


class Check(Record):
    """One check. ``resources`` are what it looks at: ``aws_eks_cluster`` or ``file:**/AWS_REGION``.

    ``page`` is the address of the documentation of a check of the user's own.
    """

    id: str
    name: str
    severity: Severity
    pillar: Pillar
    scope: Scope
    on: type[View]
    resources: tuple[str, ...]
    documentation: Documentation
    function: Function
    peers: tuple[str, ...] = ()
    fix: FixKind = FixKind.NONE
    surface: Surface = Surface.INLINE
    default_on: bool = True
    production_only: bool = False
    shadows: tuple[str, ...] = ()
    secret: bool = False
    page: str = ""

    @property
    def title(self) -> str:
        """Return what is wrong, in a few words."""
        return self.documentation.title

    @property
    def issue(self) -> str:
        """Return the issue of the document, such as ``2.1``; ``own`` for a check of the user's."""
        return issue_of(self.id)

    @property
    def is_prompt(self) -> bool:
        """Tell whether findings are prompts to think again, which never fail a review: those about cost."""
        return self.id.startswith(PROMPTS)

    @property
    def docs(self) -> str:
        """Return the address of the check's page."""
        if self.issue == OWN_ISSUE:
            return self.page or f"{PROJECT_URL}/blob/main/docs/own-checks.md"
        return f"{PROJECT_URL}/blob/main/docs/checks/{self.id}.md"


def issue_of(check_id: str) -> str:
    """Return the document's issue that an id belongs to: the section and the hundreds digit."""
    if _OWN.fullmatch(check_id):
        return OWN_ISSUE
    match = _ID.fullmatch(check_id)
    if match is None or match[1] not in SECTION_NUMBERS:
        message = f"{check_id!r} is not an id like EKS-SEC-107"
        raise CheckDefinitionError(message)
    return f"{SECTION_NUMBERS[match[1]]}.{match[2]}"


def check(  # noqa: PLR0913 - the facts of a check, each named where it is used
    check_id: str,
    *,
    severity: Severity,
    pillar: Pillar,
    scope: Scope,
    on: type[View],
    resources: tuple[str, ...],
    peers: tuple[str, ...] = (),
    fix: FixKind = FixKind.NONE,
    surface: Surface = Surface.INLINE,
    default_on: bool = True,
    production_only: bool = False,
    shadows: tuple[str, ...] = (),
    secret: bool = False,
) -> Callable[[Function], Check]:
    """Make a :class:`Check` of a function; its name, in kebab case, is the check's name. Registers nothing.

    ``shadows`` are ids whose findings on the same subject this check's findings replace: one problem, one
    comment.
    ``secret`` findings never show source text. Raises :class:`CheckDefinitionError` when a part is missing.
    """

    def make(function: Function) -> Check:
        issue_of(check_id)
        return Check(
            id=check_id,
            name=function.__name__.replace("_", "-"),
            severity=severity,
            pillar=pillar,
            scope=scope,
            on=on,
            resources=resources,
            documentation=_document(check_id, inspect.getdoc(function) or ""),
            function=function,
            peers=peers,
            fix=fix,
            surface=surface,
            default_on=default_on,
            production_only=production_only,
            shadows=shadows,
            secret=secret,
        )

    return make


def _document(check_id: str, text: str) -> Documentation:
    title, _, rest = text.partition("\n\n")
    pieces = _PARTS.split(rest)
    parts = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    parts["Why"] = pieces[0]
    for name in ("Why", "Fix", "Bad", "Good", "References"):
        if not parts.get(name, "").strip():
            message = f"{check_id}: the docstring has no part {name!r}"
            raise CheckDefinitionError(message)
    if not parts["References"].lstrip().startswith("- ["):
        message = f"{check_id}: the references are not a list of links"
        raise CheckDefinitionError(message)
    return Documentation(
        title=" ".join(title.split()).rstrip("."),
        why=_unwrapped(parts["Why"]),
        fix=_unwrapped(parts["Fix"]),
        bad=_example(check_id, parts["Bad"]),
        good=_example(check_id, parts["Good"]),
        references=tuple(
            line[2:].strip() for line in parts["References"].splitlines() if line.startswith("- ")
        ),
    )


def _unwrapped(text: str) -> str:
    """Join the lines of each paragraph: GitHub shows a line end in a comment as a line break."""
    return _SOFT_BREAK.sub(" ", text.strip())


def _example(check_id: str, text: str) -> Example:
    files = tuple((name or "main.tf", code) for _, name, code in _FENCE.findall(text))
    if not files:
        message = f"{check_id}: an example has no fenced code"
        raise CheckDefinitionError(message)
    return Example(files)
