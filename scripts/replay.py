"""Replay real history: review each commit that changes Terraform, and hold every review to its promises.

    python scripts/replay.py REPOSITORY [--commits 200] [--findings FILE]

For every commit: no internal error; every inline finding stands on a line that the diff shows; every
suggestion lies in one hunk, and the head with it applied parses; found = inline + summary. Introduced
findings are written to a file as JSON lines, to be read one by one.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.change.change import Change, from_git
from reviewer.change.errors import ChangeError
from reviewer.change.git import GitRepository
from reviewer.config.config import Config
from reviewer.engine.placement import Diff
from reviewer.finding import Finding, Placement, Status
from reviewer.pipeline import review
from reviewer.terraform import syntax
from reviewer.terraform.text import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.review import Review

TODAY = date(2026, 11, 23)


def commits(repository: Path, limit: int) -> list[tuple[str, str]]:
    """Return (parent, commit) of the newest commits with one parent that change Terraform files."""
    command = [
        "git",
        "-C",
        str(repository),
        "log",
        "--no-merges",
        f"--max-count={limit * 2}",
        "--format=%P %H",
    ]
    output = subprocess.run(
        [*command, "--", "*.tf", "*.tfvars"], capture_output=True, text=True, check=True
    ).stdout
    pairs = [line.split() for line in output.splitlines()]
    return [(pair[0], pair[1]) for pair in pairs if pair[1:]][:limit]


def broken_promises(change: Change, result: Review) -> Iterator[str]:
    """Yield what a review did that it must not do."""
    diff = Diff.of(change.files)
    for finding in result.findings:
        yield from _misplaced(diff, finding)
        if finding.suggestion is not None:
            yield from _bad_suggestion(change, finding)
    for each in result.coverage.not_evaluated:
        if each.reason.startswith("internal error"):
            yield f"{each.id} {each.address}: {each.reason}"


def _misplaced(diff: Diff, finding: Finding) -> Iterator[str]:
    if finding.placement is not Placement.INLINE:
        return
    line = finding.comment_line
    if line is None or diff.hunk(finding.path, line, line) is None:
        yield f"{finding.id} at {finding.path}:{line} is outside the diff"
    suggestion = finding.suggestion
    if suggestion and diff.hunk(suggestion.path, suggestion.line, suggestion.end_line) is None:
        yield f"the suggestion of {finding.id} at {suggestion.path}:{suggestion.line} spans hunks"


def _bad_suggestion(change: Change, finding: Finding) -> Iterator[str]:
    suggestion = finding.suggestion
    if suggestion is None:
        return
    lines = change.head.read(suggestion.path).decode().split("\n")
    lines[suggestion.line - 1 : suggestion.end_line] = suggestion.replacement.split("\n")
    file = syntax.parse(SourceText(suggestion.path, "\n".join(lines)))
    if file.diagnostics:
        yield f"the suggestion of {finding.id} does not parse: {file.diagnostics[0]}"


@dataclass(slots=True)
class Replay:
    """What all reviews together came to. ``failures`` counts broken promises."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    records: list[dict[str, object]] = field(default_factory=list)
    failures: int = 0

    def add(self, repository: Path, base: str, head: str) -> None:
        """Review one commit, and say on standard error what it should not have done."""
        started = time.perf_counter()
        try:
            with GitRepository.open(repository) as opened:
                change = from_git(opened, base, head)
                result = review(change, Config(), today=TODAY)
                problems = list(broken_promises(change, result))
            self._count(head, result)
        except ChangeError as error:
            self.counts["skipped"] += 1
            sys.stderr.write(f"{head[:10]} skipped: {error}\n")
            return
        except Exception as error:  # noqa: BLE001 - the point of a replay is to find these
            problems = [f"crashed: {type(error).__name__}: {error}"]
        self.seconds.append(time.perf_counter() - started)
        self.counts["commits"] += 1
        self.failures += len(problems)
        for problem in problems:
            sys.stderr.write(f"{head[:10]} {problem}\n")

    def _count(self, head: str, result: Review) -> None:
        for finding in result.findings:
            self.counts[finding.status.value] += 1
            self.counts[finding.placement.value] += finding.status is Status.INTRODUCED
            self.counts["suggestions"] += finding.suggestion is not None
            self.records.append(_record(head, finding))
        self.counts["evaluations"] += result.coverage.evaluations
        self.counts["not evaluated"] += len(result.coverage.not_evaluated)

    def summary(self) -> Iterator[str]:
        """Yield what is printed at the end."""
        by_check = Counter(str(each["id"]) for each in self.records if each["status"] == "introduced")
        yield str(dict(self.counts))
        yield f"introduced by check: {dict(by_check.most_common())}"
        if self.seconds:
            yield f"median {statistics.median(self.seconds):.3f} s, maximum {max(self.seconds):.3f} s"
        yield f"broken promises: {self.failures}"


def _record(commit: str, finding: Finding) -> dict[str, object]:
    return {
        "commit": commit[:10],
        "id": finding.id,
        "status": finding.status.value,
        "severity": finding.severity.value,
        "where": f"{finding.path}:{finding.line}",
        "address": finding.address,
        "message": finding.message,
        "comment_line": finding.comment_line,
        "excerpt": list(finding.excerpt.lines) if finding.excerpt else [],
        "suggestion": finding.suggestion.replacement if finding.suggestion else None,
    }


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path)
    parser.add_argument("--commits", type=int, default=200)
    parser.add_argument("--findings", type=Path)
    arguments = parser.parse_args()
    replay = Replay()
    for base, head in commits(arguments.repository, arguments.commits):
        replay.add(arguments.repository, base, head)
    if arguments.findings is not None:
        lines = "".join(json.dumps(each) + "\n" for each in replay.records)
        arguments.findings.write_text(lines, encoding="utf-8")
    print(*replay.summary(), sep="\n")
    return 1 if replay.failures else 0


if __name__ == "__main__":
    sys.exit(main())
