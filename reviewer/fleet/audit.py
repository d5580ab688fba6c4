"""Auditing the repositories of one shard, one after the other; what fails in one does not stop the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from reviewer import __version__
from reviewer.deadline import OutOfTimeError
from reviewer.errors import ExitCode
from reviewer.fleet.wire import Repository as Row
from reviewer.fleet.wire import Shard as Document
from reviewer.record import Record
from reviewer.report import wire
from reviewer.report.indented import indented
from reviewer.report.json import TOOL, dump
from reviewer.review import Conclusion

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from reviewer.engine.in_time import Progress
    from reviewer.fleet.repositories import Repository, Shard
    from reviewer.review import Review


class Auditor(Record):
    """How one repository is audited on a day, and how what ended an audit is told."""

    today: date
    audit: Callable[[Path], Review]
    explain: Callable[[Exception], str]


def audit_shard(
    repositories: tuple[Repository, ...], shard: Shard, auditor: Auditor, progress: Progress | None = None
) -> Document:
    """Return the reports of a shard's repositories."""
    members = shard.of(repositories)
    rows = []
    for number, each in enumerate(members):
        if progress:
            progress(each.name, number, len(members))
        rows.append(_row(each, auditor))
    tool = wire.Tool(TOOL, __version__)
    return Document(1, "fleet-shard", tool, auditor.today, shard.number, shard.count, tuple(rows))


def _row(repository: Repository, auditor: Auditor) -> Row:
    try:
        review = auditor.audit(repository.place)
    except OutOfTimeError:
        return Row(repository.name, error="the audit took longer than `time-budget` allows")
    except Exception as error:  # noqa: BLE001 - one broken repository must not cost the report of the others
        return Row(repository.name, error=auditor.explain(error))
    return Row(repository.name, msgspec.json.decode(dump(review), type=wire.Document))


def write(document: Document) -> str:
    """Return a shard as JSON, ending in a newline."""
    return indented(msgspec.to_builtins(document), 1)


def exit_code(document: Document) -> ExitCode:
    """Return 3 when a repository was not audited completely, 1 when one fails its gate, else 0."""
    conclusions = (
        each.review.verdict.conclusion if each.review else Conclusion.ERROR for each in document.repositories
    )
    return max((each.exit_code for each in conclusions), default=ExitCode.PASSED)
