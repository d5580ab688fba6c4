"""The baseline: problems that stood when a team began with EKS Review, accepted until somebody fixes them.

``eks-review audit --write-baseline`` writes it, one line for each problem, without line numbers, so that it
changes only when a problem comes or goes. It never accepts what a change brings.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec.structs import replace

from reviewer.change.tree import MissingFileError, Tree, UnreadableFileError
from reviewer.errors import UsageError
from reviewer.finding import Status
from reviewer.json_faults import explained
from reviewer.record import Record
from reviewer.review import BaselineEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reviewer.finding import Finding
    from reviewer.review import Review

SCHEMA = 1
MAX_BYTES = 16 * 1024 * 1024
_COMMENT = "Problems that were there before EKS Review; `eks-review audit --write-baseline` renews the list."
_WRITTEN = re.compile(r'"fingerprint": "([^"]+)"')
_FINGERPRINT = r"^[0-9A-Za-z]+([._:-][0-9A-Za-z]+)*$"


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    path: str
    id: str
    address: str
    fingerprint: str


class _Document(msgspec.Struct):
    schema: Literal[1]
    findings: list[_Entry]


class Baseline(Record, eq=False, dict=True):
    """The entries of a baseline file, in its order, with the line on which each stands."""

    path: str
    entries: tuple[BaselineEntry, ...] = ()

    @cached_property
    def fingerprints(self) -> frozenset[str]:
        """Return the problems that are accepted."""
        return frozenset(each.fingerprint for each in self.entries)

    def accepts(self, finding: Finding) -> bool:
        """Tell whether a finding is accepted with all the problems that it stands for."""
        return self.fingerprints.issuperset(_fingerprints(finding))


def read(tree: Tree, path: str) -> Baseline:
    """Return the baseline of a revision; an empty one when it has none.

    Raises ``UsageError`` that names file and place when it is not what it should be.
    """
    try:
        content = tree.read(path)
    except MissingFileError:
        return Baseline(path)
    except UnreadableFileError as error:
        raise UsageError(f"{path}: the baseline cannot be read: {error.reason}") from None
    return parse(content, path)


def parse(content: bytes, path: str) -> Baseline:
    """Return the baseline in ``content``. Raises ``UsageError`` as :func:`read` does."""
    if len(content) > MAX_BYTES:
        raise UsageError(f"{path}: the baseline has more than {MAX_BYTES:,} bytes")
    try:
        document = msgspec.json.decode(content, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(explained(error, content, path, "baseline")) from None
    for index, each in enumerate(document.findings):
        if not re.fullmatch(_FINGERPRINT, each.fingerprint):
            wrong = each.fingerprint[:40]
            raise UsageError(f"{path}: entry {index + 1} has {wrong!r} for a fingerprint, which is none")
    lines = _lines(content)
    return Baseline(
        path,
        tuple(
            BaselineEntry(each.fingerprint, each.id, each.address, each.path, lines.get(each.fingerprint, 1))
            for each in document.findings
        ),
    )


def text_of(entries: Iterable[BaselineEntry]) -> str:
    """Return the file for ``entries``: sorted, one line each, so that a diff shows what came and went."""
    ordered = sorted({(each.path, each.id, each.address, each.fingerprint) for each in entries})
    keys = ("path", "id", "address", "fingerprint")
    rows = [json.dumps(dict(zip(keys, each, strict=True)), ensure_ascii=False) for each in ordered]
    body = ",\n".join(f"    {row}" for row in rows)
    findings = f"[\n{body}\n  ]" if rows else "[]"
    return f'{{\n  "schema": {SCHEMA},\n  "comment": {json.dumps(_COMMENT)},\n  "findings": {findings}\n}}\n'


def marked(findings: Iterable[Finding], baseline: Baseline) -> tuple[Finding, ...]:
    """Return the findings, those marked that the baseline accepts; never one that a change brings."""
    return tuple(
        replace(each, baselined=True)
        if each.status is Status.EXISTING and each.suppressed is None and baseline.accepts(each)
        else each
        for each in findings
    )


def fixed(findings: Iterable[Finding], baseline: Baseline) -> tuple[BaselineEntry, ...]:
    """Return the entries whose problems a change fixes: their lines can go with it."""
    gone = {print_ for each in findings if each.status is Status.FIXED for print_ in _fingerprints(each)}
    return tuple(each for each in baseline.entries if each.fingerprint in gone)


def stale(
    findings: Iterable[Finding], baseline: Baseline, is_judged: Callable[[BaselineEntry], bool]
) -> tuple[BaselineEntry, ...]:
    """Return the entries that an audit would have found and did not.

    ``is_judged`` tells whether the audit looked at what an entry is about, and could decide.
    """
    found = {print_ for each in findings for print_ in _fingerprints(each)}
    return tuple(each for each in baseline.entries if each.fingerprint not in found and is_judged(each))


def renewed(review: Review, old: Baseline) -> str:
    """Return the file for what an audit found, with the old entries that it could not judge."""
    open_now = [each for each in review.findings if each.counts or each.baselined]
    found = {print_ for each in review.findings for print_ in _fingerprints(each)}
    gone = review.baseline.stale if review.baseline is not None else ()
    kept = (each for each in old.entries if each.fingerprint not in found and each not in gone)
    return text_of((*(entry for each in open_now for entry in _entries(each)), *kept))


def told(old: Baseline, new: Baseline) -> str:
    """Return a sentence about what was written."""
    came, went = len(new.fingerprints - old.fingerprints), len(old.fingerprints - new.fingerprints)
    noun = "problem" if len(new.fingerprints) == 1 else "problems"
    counts = f"{len(new.fingerprints)} {noun}, {came} new, {went} gone"
    return f"wrote {new.path}: {counts}. Commit it; from then on the baseline accepts them."


def added(base: Baseline, head: Baseline) -> tuple[BaselineEntry, ...]:
    """Return what a change adds to the baseline."""
    return tuple(each for each in head.entries if each.fingerprint not in base.fingerprints)


def _fingerprints(finding: Finding) -> tuple[str, ...]:
    return (finding.fingerprint, *(each.fingerprint for each in finding.also))


def _entries(finding: Finding) -> Iterator[BaselineEntry]:
    """Yield an entry for the finding and for each further address that it stands for."""
    yield BaselineEntry(finding.fingerprint, finding.id, finding.address, finding.path)
    for each in finding.also:
        yield BaselineEntry(each.fingerprint, finding.id, each.address, finding.path)


def _lines(content: bytes) -> dict[str, int]:
    """Return the line of each entry, as far as they are written as we write them."""
    found: dict[str, int] = {}
    for number, line in enumerate(content.decode(errors="replace").split("\n"), start=1):
        match = _WRITTEN.search(line)
        if match is not None:
            found.setdefault(match[1], number)
    return found
