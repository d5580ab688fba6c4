"""The small writes on texts that stand already. Each is one GraphQL mutation that is harmless to repeat."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Classifier(StrEnum):
    """Why a comment is hidden, in GitHub's words."""

    OUTDATED = "OUTDATED"
    RESOLVED = "RESOLVED"
    DUPLICATE = "DUPLICATE"


@dataclass(frozen=True, slots=True)
class EditComment:
    """Give an inline comment a new text."""

    id: str
    body: str

    @property
    def mutation(self) -> tuple[str, dict[str, str]]:
        """Return the mutation's name and input."""
        return "updatePullRequestReviewComment", {"pullRequestReviewCommentId": self.id, "body": self.body}


@dataclass(frozen=True, slots=True)
class EditSummary:
    """Give the sticky summary a new text."""

    id: str
    body: str

    @property
    def mutation(self) -> tuple[str, dict[str, str]]:
        """Return the mutation's name and input."""
        return "updateIssueComment", {"id": self.id, "body": self.body}


@dataclass(frozen=True, slots=True)
class DeleteSummary:
    """Remove a second sticky summary, which two runs at the same time have left."""

    id: str

    @property
    def mutation(self) -> tuple[str, dict[str, str]]:
        """Return the mutation's name and input."""
        return "deleteIssueComment", {"id": self.id}


@dataclass(frozen=True, slots=True)
class Hide:
    """Minimise an inline comment. Needs no more than ``pull-requests: write``."""

    id: str
    classifier: Classifier

    @property
    def mutation(self) -> tuple[str, dict[str, str]]:
        """Return the mutation's name and input."""
        return "minimizeComment", {"subjectId": self.id, "classifier": self.classifier.value}


@dataclass(frozen=True, slots=True)
class Show:
    """Take a minimised comment back into view."""

    id: str

    @property
    def mutation(self) -> tuple[str, dict[str, str]]:
        """Return the mutation's name and input."""
        return "unminimizeComment", {"subjectId": self.id}


@dataclass(frozen=True, slots=True)
class Resolve:
    """Resolve a thread. Needs ``contents: write``; where it is refused, ``comment`` is hidden instead."""

    thread: str
    comment: str

    @property
    def mutation(self) -> tuple[str, dict[str, str]]:
        """Return the mutation's name and input."""
        return "resolveReviewThread", {"threadId": self.thread}


@dataclass(frozen=True, slots=True)
class Unresolve:
    """Open a resolved thread again. Needs ``contents: write``."""

    thread: str

    @property
    def mutation(self) -> tuple[str, dict[str, str]]:
        """Return the mutation's name and input."""
        return "unresolveReviewThread", {"threadId": self.thread}


Change = EditComment | EditSummary | DeleteSummary | Hide | Show | Resolve | Unresolve
