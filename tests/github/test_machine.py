"""Random lives of a pull request: pushes, rebases, people and faults in any order.

After every run: no comment twice, no summary twice, no finding lost, no comment sent that stands outside of
the diff, the verdict right; and a run without faults leaves exactly the open findings standing, so that the
next one has nothing to write.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from reviewer.finding import Severity
from tests.github.fake import FakeGitHub, Fault
from tests.github.world import BASE_FILES, Problem, Run, World

if TYPE_CHECKING:
    from tests.github.fake_pull import Thread

WORDS = tuple(f"p{number}" for number in range(6))
FAULTS = (
    {"cut": True},
    {"cut": True, "acts": True},
    {"truncate": True, "acts": True},
    {"status": 502, "text": "<html></html>"},
    {"status": 500, "acts": True},
    {"status": 429, "headers": {"Retry-After": "2"}},
    {"status": 422},
    {"status": 403},
)
FAULT = st.one_of(st.none(), st.sampled_from(FAULTS))
PLACE = st.sampled_from(["/graphql", "/reviews", "/comments"])
FILE = "infra/eks.tf"
OTHER_NAME = "infra/cluster.tf"


class PullRequestLife(RuleBasedStateMachine):
    """One pull request whose six lines can each hold a problem."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self.folder.name))
        self.world.commit({"infra/new.tf": "# the change\n"})
        severities = list(Severity)
        self.world.problems = [
            Problem(word, severities[number % 4], fix="# fixed" if number % 2 else None)
            for number, word in enumerate(WORDS)
        ]
        self.open: set[str] = set()
        self.shift = 0
        self.path = FILE
        self.earlier: set[str] = set()
        self.github = FakeGitHub(self.world.pull())
        self.github.__enter__()

    def teardown(self) -> None:
        self.github.__exit__(None, None, None)
        self.folder.cleanup()

    def commit(self) -> str:
        """Write the file with the open problems, each on its own line, under the name it has now."""
        base = BASE_FILES[FILE]
        assert base is not None
        lines = base.splitlines()
        for number, word in enumerate(WORDS):
            if word in self.open:
                lines[5 + number * 5] = f"x = {word}"
        text = "# above\n" * self.shift + "\n".join(lines) + "\n"
        there = (self.world.root / OTHER_NAME).exists()
        gone = {FILE: None} if self.path == OTHER_NAME and not there else {}
        back = {OTHER_NAME: None} if self.path == FILE and there else {}
        return self.world.commit({**gone, **back, self.path: text})

    def write(self) -> None:
        self.github.pull.push(self.commit())

    @rule(words=st.sets(st.sampled_from(WORDS), min_size=1, max_size=3), fault=FAULT, at=PLACE)
    def push(self, words: set[str], fault: dict[str, Any] | None, at: str) -> None:
        """Push a commit that brings or fixes problems, and let the action run on it."""
        self.earlier = set(self.open)
        self.open ^= words
        self.write()
        self.review(fault, at)

    @rule(fault=FAULT, at=PLACE)
    def revert(self, fault: dict[str, Any] | None, at: str) -> None:
        """Take the last push back by another commit: what it fixed comes back, what it brought goes."""
        self.open, self.earlier = self.earlier, self.open
        self.write()
        self.review(fault, at)

    @rule(words=st.sets(st.sampled_from(WORDS), max_size=2), fault=FAULT, at=PLACE)
    def force_push(self, words: set[str], fault: dict[str, Any] | None, at: str) -> None:
        """Replace the whole branch by one commit with another history."""
        self.world.git("reset", "-q", "--hard", "main")
        self.open = set(words)
        self.world.commit({"infra/new.tf": "# the change\n"})
        self.write()
        self.review(fault, at)

    @rule(fault=FAULT, at=PLACE)
    def rename(self, fault: dict[str, Any] | None, at: str) -> None:
        self.path = OTHER_NAME if self.path == FILE else FILE
        self.write()
        self.review(fault, at)

    @rule(fault=FAULT, at=PLACE)
    def merge_base(self, fault: dict[str, Any] | None, at: str) -> None:
        self.world.git("checkout", "-q", "main")
        self.world.commit({f"merged/{self.world.head()[:8]}.tf": "a = 1\n"})
        self.world.git("checkout", "-q", "change")
        self.world.git("merge", "-q", "--no-edit", "main")
        self.github.pull.push(self.world.head())
        self.review(fault, at)

    @rule(words=st.sets(st.sampled_from(WORDS), min_size=1, max_size=2))
    def overtaken(self, words: set[str]) -> None:
        """A run that a push has overtaken posts nothing; the run of that push does."""
        old = self.world.head()
        self.open ^= words
        self.write()
        assert self.world.run(self.github, head=old).writes == []
        self.review(None, "")

    @rule(closes=st.booleans())
    def leave_alone(self, closes: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        """Nothing is posted on a closed pull request, nor after it was retargeted."""
        pull = self.github.pull
        pull.state, pull.base = ("CLOSED", "main") if closes else ("OPEN", "release")
        assert self.world.run(self.github).writes == []
        pull.state, pull.base = "OPEN", "main"

    @rule(count=st.integers(1, 3), fault=FAULT, at=PLACE)
    def insert_above(self, count: int, fault: dict[str, Any] | None, at: str) -> None:
        self.shift += count
        self.write()
        self.review(fault, at)

    @rule(fault=FAULT, at=PLACE)
    def rebase(self, fault: dict[str, Any] | None, at: str) -> None:
        self.world.git("checkout", "-q", "main")
        self.world.commit({f"other/{self.world.head()[:8]}.tf": "a = 1\n"})
        self.world.git("checkout", "-q", "change")
        self.world.git("rebase", "-q", "main")
        self.github.pull.push(self.world.head())
        self.review(fault, at)

    @precondition(lambda self: self.github.pull.threads)
    @rule(data=st.data(), answers=st.booleans())
    def person(self, data: st.DataObject, answers: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        """Somebody answers or resolves a thread."""
        thread = data.draw(st.sampled_from(self.github.pull.threads))
        if answers:
            self.github.pull.reply(thread, "I disagree.")
        else:
            thread.is_resolved = True

    @rule(body=st.sampled_from(["hi", "<!-- eks-review:summary --> all good"]))
    def talk(self, body: str) -> None:
        self.github.pull.say(body)

    def review(self, fault: dict[str, Any] | None, at: str) -> None:
        """Run with a fault of the first request to ``at``; or without one, and once more for nothing."""
        if fault is not None:
            self.github.faults = [Fault(lambda each: each.path.endswith(at), **fault)]
            self.check(self.world.run(self.github))
            self.github.faults = []
            return
        self.check(self.world.run(self.github))
        assert self.standing() == self.open
        assert self.world.run(self.github).writes == []

    def check(self, run: Run) -> None:
        assert run.code == (1 if self.open else 0)
        for word in self.open:
            assert f"aws_thing.{word}" in run.summary

    def own_threads(self, word: str) -> list[Thread]:
        return [each for each in self.github.pull.threads if f"finding fp-{word} " in each.root.body]

    def standing(self) -> set[str]:
        """Return the problems whose comment says that they are open."""
        found = {word: self.own_threads(word) for word in WORDS}
        return {
            word for word, threads in found.items() for each in threads if "Fixed in" not in each.root.body
        }

    @invariant()
    def nothing_is_there_twice(self) -> None:
        for word in WORDS:
            assert len(self.own_threads(word)) <= 1
        summaries = [each for each in self.github.pull.issue_comments if each.author != "octocat"]
        assert len(summaries) <= 1

    @invariant()
    def every_comment_was_sent_to_a_line_of_the_diff(self) -> None:
        assert self.github.misplaced == []

    @invariant()
    def answers_of_people_are_untouched(self) -> None:
        for thread in self.github.pull.threads:
            assert all(each.body == "I disagree." for each in thread.comments[1:])


TestPullRequestLife = PullRequestLife.TestCase
TestPullRequestLife.settings = settings(
    max_examples=25,
    stateful_step_count=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
