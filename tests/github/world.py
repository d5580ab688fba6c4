"""A repository, a pull request on a fake GitHub, and the action run on it with findings of the test's choice.

The review itself is injected: each :class:`Problem` becomes a finding on the line of the head file that holds
its text, so that pushes move it as they move real findings, and it is gone when its text is gone.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer import action
from reviewer.config.config import Config, merged
from reviewer.finding import Finding, Location, Placement, Severity, Status, Suggestion
from reviewer.github.retry import Patience
from reviewer.review import Conclusion, Review, Verdict
from tests import samples
from tests.github.fake import REPOSITORY, TOKEN, FakeGitHub
from tests.github.fake_pull import FakePull

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from reviewer.github.event import Event
    from reviewer.github.inputs import Inputs

BASE_FILES: dict[str, str | None] = {
    "infra/eks.tf": "".join(f"# line {number}\n" for number in range(1, 41)),
    "infra/logs.tf": "".join(f"# log {number}\n" for number in range(1, 11)),
}
IDENTITY = {
    "GIT_AUTHOR_NAME": "t",
    "GIT_AUTHOR_EMAIL": "t@example.com",
    "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True)
class Problem:
    """A finding wherever ``text`` is in the head. ``shown_at`` forces its comment onto another line."""

    text: str
    severity: Severity = Severity.HIGH
    fix: str | None = None
    address: str | None = None
    message: str = "This is wrong."
    shown_at: int | None = None
    fields: dict[str, object] = field(default_factory=dict)

    def finding(self, path: str, line: int) -> Finding:
        at = self.shown_at or line
        return replace(
            samples.finding(
                severity=self.severity,
                path=path,
                line=line,
                end_line=line,
                comment_line=at,
                message=self.message,
                address=self.address or f"aws_thing.{self.text}",
                fingerprint=f"fp-{self.text}",
                origins=(Location(path, line, line),),
                suggestion=None if self.fix is None else Suggestion(path, line, line, self.fix),
            ),
            **self.fields,
        )


@dataclass(frozen=True)
class Run:
    """What one run of the action left behind."""

    code: int
    log: str
    summary: str
    outputs: dict[str, str]
    writes: list[str]
    requests: int


@dataclass
class Clock:
    """A clock on which only waiting takes time. ``pauses`` are the seconds of each wait."""

    pauses: list[float] = field(default_factory=list)

    def now(self) -> float:
        return sum(self.pauses)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


class World:
    """A git repository with ``main`` and the pull request's branch, both real."""

    def __init__(self, root: Path) -> None:
        self.root = root / "repository"
        self.root.mkdir()
        self.files = root / "runner"
        self.files.mkdir()
        self.git("init", "-q", "-b", "main")
        self.commit(BASE_FILES)
        self.git("checkout", "-q", "-b", "change")
        self.problems: list[Problem] = []
        self.inputs: dict[str, str] = {"github-token": TOKEN}
        self.extra: dict[str, str] = {}
        self.review_changes: dict[str, object] = {}
        self.more_findings: list[Finding] = []
        self.config = Config()
        self.base = "main"
        self.is_fork = False
        self.clock = Clock()

    def git(self, *arguments: str) -> str:
        environment = {**os.environ, **IDENTITY}
        result = subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True, env=environment
        )
        return result.stdout.strip()

    def commit(self, files: dict[str, str | None]) -> str:
        """Write (or with ``None`` remove) files and commit; return the SHA."""
        for path, text in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                target.unlink()
            else:
                target.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        return self.head()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def pull(self) -> FakePull:
        return FakePull(self.root, "main", self.head())

    def edit(self, path: str, line: int, text: str) -> None:
        """Replace one line of a file in the working tree."""
        lines = (self.root / path).read_text().splitlines()
        lines[line - 1] = text
        (self.root / path).write_text("\n".join(lines) + "\n")

    def event(
        self, name: str = "pull_request", head: str | None = None, *, fork: bool = False
    ) -> dict[str, str]:
        """Write an event file and return the environment that names it."""
        base = self.git("rev-parse", self.base)
        pull = {
            "number": 7,
            "state": "open",
            "draft": False,
            "base": {"sha": base, "ref": self.base},
            "head": {
                "sha": head or self.head(),
                "ref": "change",
                "repo": {"full_name": "stranger/platform" if fork else REPOSITORY},
            },
        }
        path = self.files / "event.json"
        path.write_text(json.dumps({"action": "synchronize", "number": 7, "pull_request": pull}))
        return {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)}

    def environment(
        self, server: dict[str, str], *, head: str | None = None, fork: bool = False
    ) -> dict[str, str]:
        """Return what a runner would set for this run."""
        inputs = {f"INPUT_{name.upper()}": value for name, value in self.inputs.items()}
        for name in ("output", "summary.md"):
            (self.files / name).write_text("")
        return {
            **self.event(head=head, fork=fork or self.is_fork),
            "GITHUB_WORKSPACE": str(self.root),
            "GITHUB_SHA": "1" * 40,
            "GITHUB_RUN_ID": "99",
            "GITHUB_OUTPUT": str(self.files / "output"),
            "GITHUB_STEP_SUMMARY": str(self.files / "summary.md"),
            **server,
            **inputs,
            **self.extra,
        }

    def findings(self) -> tuple[Finding, ...]:
        """Return the findings of the checked-out head, in display order."""
        return (*self._findings(), *self.more_findings)

    def _findings(self) -> Iterable[Finding]:
        files = sorted(path for path in self.root.rglob("*.tf"))
        for path in files:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                for problem in self.problems:
                    if problem.text in line.split():
                        yield problem.finding(str(path.relative_to(self.root)), number)

    def review(self) -> Review:
        findings = self.findings()
        fails = any(each.counts and each.status is Status.INTRODUCED for each in findings)
        verdict = Verdict(Conclusion.FAILURE if fails else Conclusion.SUCCESS, "as the test says")
        review = replace(samples.CLEAN, head=self.head(), verdict=verdict, findings=findings)
        return replace(review, **self.review_changes)

    def run(self, github: FakeGitHub, *, head: str | None = None, fork: bool = False) -> Run:
        """Run the action in this process against the fake."""
        environment = self.environment(github.environment, head=head, fork=fork)
        out = io.StringIO()
        self.clock = Clock()
        patience = Patience(clock=self.clock.now, sleep=self.clock.sleep)
        code = action.main(environment, out, self._review_event, patience)
        requests = len(github.requests)
        assert TOKEN not in out.getvalue()
        return Run(
            code,
            out.getvalue(),
            (self.files / "summary.md").read_text(),
            outputs_of((self.files / "output").read_text()),
            github.writes(),
            requests,
        )

    def _review_event(
        self, _event: Event, inputs: Inputs, _today: date, _connect: action.Connect
    ) -> tuple[Review, Config]:
        return self.review(), merged(self.config, max_comments=inputs.max_comments)


def outputs_of(text: str) -> dict[str, str]:
    """Read a GITHUB_OUTPUT file as the runner does."""
    outputs = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, _, delimiter = line.partition("<<")
        value = []
        for inner in lines:
            if inner == delimiter:
                break
            value.append(inner)
        outputs[name] = "\n".join(value)
    return outputs


def in_summary(finding: Finding) -> Finding:
    """Return a finding that the pipeline has placed in the summary."""
    return replace(finding, placement=Placement.SUMMARY, comment_line=None)
