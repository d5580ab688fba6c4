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


def replay(repository: Path, limit: int, output: Path | None) -> int:
    """Replay and print a summary; return the number of broken promises."""
    counts: Counter[str] = Counter()
    seconds: list[float] = []
    failures = 0
    records: list[dict[str, object]] = []
    for base, head in commits(repository, limit):
        started = time.perf_counter()
        try:
            with GitRepository.open(repository) as opened:
                change = from_git(opened, base, head)
                result = review(change, Config(), today=TODAY)
                problems = list(broken_promises(change, result))
        except ChangeError as error:
            counts["skipped"] += 1
            sys.stderr.write(f"{head[:10]} skipped: {error}\n")
            continue
        except Exception as error:  # noqa: BLE001 - the point of a replay is to find these
            problems = [f"crashed: {type(error).__name__}: {error}"]
            result = None
        seconds.append(time.perf_counter() - started)
        counts["commits"] += 1
        failures += len(problems)
        for problem in problems:
            sys.stderr.write(f"{head[:10]} {problem}\n")
        if result is not None:
            for finding in result.findings:
                counts[finding.status.value] += 1
                counts[f"{finding.placement.value}"] += finding.status is Status.INTRODUCED
                counts["suggestions"] += finding.suggestion is not None
                records.append(_record(head, finding))
            counts["evaluations"] += result.coverage.evaluations
            counts["not evaluated"] += len(result.coverage.not_evaluated)
    if output is not None:
        output.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    by_check = Counter(str(each["id"]) for each in records if each["status"] == "introduced")
    sys.stdout.write(f"{dict(counts)}\nintroduced by check: {dict(by_check.most_common())}\n")
    if seconds:
        sys.stdout.write(f"median {statistics.median(seconds):.3f} s, maximum {max(seconds):.3f} s\n")
    sys.stdout.write(f"broken promises: {failures}\n")
    return failures


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
    return 1 if replay(arguments.repository, arguments.commits, arguments.findings) else 0


if __name__ == "__main__":
    sys.exit(main())
