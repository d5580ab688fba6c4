"""Suppression comments: ``# eks-review:ignore EKS-SEC-107 reason="VPN only" until=2027-03-01``.

A suppression needs a reason and an end, and it counts only when everything about it is right: whatever is
malformed, unknown, too far in the future or expired leaves the finding in place and is named in a notice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from reviewer import escape
from reviewer.config.reader import Catalogue, is_prefix_of, quoted
from reviewer.finding import Acceptance, Location
from reviewer.record import Record
from reviewer.review import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

_DIRECTIVE = re.compile(
    r"^\s*(?:#+|//+|/?\*+)?\s*eks-review:\s*(?P<verb>[^\s,]*)(?P<rest>.*)$", re.IGNORECASE
)
_WORD = re.compile(
    r'(?P<key>[a-z]+)=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s,]*))|(?P<check>[^\s,]+)|[\s,]+'
)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Comment(Record):
    """A comment as the parser found it, marks included, on lines ``line`` to ``end_line`` (1-based).

    ``after_code`` tells whether code stands before it on its first line.
    """

    line: int
    end_line: int
    text: str
    after_code: bool


class SourceLines(Record):
    """What a suppression must know of its file.

    ``code_lines`` are the lines that hold more than blanks and comments. ``extent`` returns first and last
    line of the block, attribute or entry that starts on a line, ``None`` when nothing starts there.
    """

    path: str
    code_lines: AbstractSet[int]
    extent: Callable[[int], tuple[int, int] | None]


class Rules(Record):
    """What makes a suppression valid: the checks that exist (id → name), and how far ahead it may end."""

    checks: Mapping[str, str]
    today: date
    max_days: int


class Suppression(Record):
    """A valid suppression: ``checks`` as written (ids or names), and first and last line it ``covers``."""

    checks: tuple[str, ...]
    reason: str
    until: date
    path: str
    line: int
    covers: tuple[int, int]

    @property
    def acceptance(self) -> Acceptance:
        """Return what a finding says about it."""
        return Acceptance(self.reason, self.until, self.path, self.line)


@dataclass(slots=True)
class _Draft:
    """A comment being read, with everything that is wrong with it."""

    checks: list[str]
    values: dict[str, str]
    faults: list[str]


def parse(
    comments: Iterable[Comment], source: SourceLines, rules: Rules
) -> tuple[tuple[Suppression, ...], tuple[Notice, ...]]:
    """Return the suppressions of one file, and a notice for every one that does not count."""
    suppressions: list[Suppression] = []
    notices: list[Notice] = []
    for comment in comments:
        for offset, text in enumerate(comment.text.split("\n")):
            directive = _DIRECTIVE.match(text.strip())
            if directive is None:
                continue
            line = comment.line + offset
            result = _read(directive, line, _covered(comment, source), source.path, rules)
            if isinstance(result, Suppression):
                suppressions.append(result)
            else:
                message = f"A suppression does not count: {'; '.join(result)}. Its findings stay."
                notices.append(Notice(message, source.path, line))
    return tuple(suppressions), tuple(notices)


def match(
    check_id: str, name: str, where: Location, suppressions: Iterable[Suppression]
) -> Suppression | None:
    """Return the suppression for a finding of a check at ``where``; of several the narrowest."""
    found = [
        each
        for each in suppressions
        if each.path == where.path
        and each.covers[0] <= where.line <= each.covers[1]
        and not {check_id, name}.isdisjoint(each.checks)
    ]
    return min(found, key=lambda each: (each.covers[1] - each.covers[0], each.line), default=None)


def _covered(comment: Comment, source: SourceLines) -> tuple[int, int] | None:
    """Return the lines a comment speaks of: its own when code stands before it, else what starts next."""
    if comment.after_code:
        return source.extent(comment.line) or (comment.line, comment.line)
    following = min((line for line in source.code_lines if line > comment.end_line), default=None)
    return None if following is None else source.extent(following)


def _read(
    directive: re.Match[str], line: int, covers: tuple[int, int] | None, path: str, rules: Rules
) -> Suppression | list[str]:
    verb = directive["verb"]
    if verb != "ignore":
        return [f"{escape.code(f'eks-review:{verb}')} is not known, only `eks-review:ignore` is"]
    draft = _draft(directive["rest"].strip().removesuffix("*/"))
    draft.faults += [fault for check in draft.checks if (fault := _check_fault(check, rules.checks))]
    if not draft.checks:
        draft.faults.append("it names no check")
    reason = _reason(draft)
    until = _until(draft, rules)
    if covers is None:
        draft.faults.append("no block, attribute or entry follows it")
    if draft.faults or until is None or covers is None:
        return draft.faults
    return Suppression(tuple(dict.fromkeys(draft.checks)), reason, until, path, line, covers)


def _draft(text: str) -> _Draft:
    draft = _Draft([], {}, [])
    for word in _WORD.finditer(text):
        key = word["key"]
        if key in {"reason", "until"}:
            _take(word, draft)
        elif key is not None:
            draft.faults.append(f"{escape.code(key)} is not known, only `reason` and `until` are")
        elif word["check"] is not None:
            draft.checks.append(word.group())
    return draft


def _take(word: re.Match[str], draft: _Draft) -> None:
    key = word["key"]
    if key in draft.values:
        draft.faults.append(f"`{key}` is given twice")
    if key == "reason" and word["quoted"] is None:
        draft.faults.append('the reason must stand in quotes: `reason="…"`')
    text = word["bare"] if word["quoted"] is None else re.sub(r"\\(.)", r"\1", word["quoted"])
    draft.values[key] = text.strip()


def _reason(draft: _Draft) -> str:
    reason = draft.values.get("reason")
    if reason is None:
        draft.faults.append('it needs a reason: `reason="…"`')
    elif not any(character.isalnum() for character in reason):
        draft.faults.append("its reason is empty")
    return reason or ""


def _until(draft: _Draft, rules: Rules) -> date | None:
    text = draft.values.get("until")
    if text is None:
        draft.faults.append("it needs an end: `until=YYYY-MM-DD`")
        return None
    until = _date(text)
    latest = rules.today + timedelta(days=rules.max_days)
    if until is None:
        draft.faults.append(f"{escape.code(text)} is not a date written as YYYY-MM-DD")
    elif until < rules.today:
        draft.faults.append(f"it expired on {until.isoformat()}")
    elif until > latest:
        draft.faults.append(
            f"{until.isoformat()} is more than {rules.max_days} days ahead, after {latest.isoformat()}"
        )
    return until


def _date(text: str) -> date | None:
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _check_fault(check: str, checks: Mapping[str, str]) -> str | None:
    if any(is_prefix_of(check, each) for each in checks):
        return f"{escape.code(check)} is a whole group of checks; name each one"
    mistake = Catalogue(checks).mistake(check)
    return None if mistake is None else mistake.replace(quoted(check), escape.code(check))
