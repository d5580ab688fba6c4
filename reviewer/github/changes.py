"""The small writes on texts that stand already. Each is one GraphQL mutation that is harmless to repeat."""

from __future__ import annotations

from enum import StrEnum

from reviewer.record import Record


class Classifier(StrEnum):
    """Why a comment is hidden, in GitHub's words."""

    OUTDATED = "OUTDATED"
    RESOLVED = "RESOLVED"
    DUPLICATE = "DUPLICATE"


class EditComment(Record):
    """Give an inline comment a new text."""

    id: str
    body: str

    @property
    def mutation(self) -> tuple[str, dict[str, str]]:
        """Return the mutation's name and input."""
        return "updatePullRequestReviewComment", {"pullRequestReviewCommentId": self.id, "body": self.body}


class EditSummary(Record):
    """Give the sticky summary a new text."""

    id: str
    body: str

    @property
    def mutation(self) -> tuple[str, dict[str, str]]:
        """Return the mutation's name and input."""
        return "updateIssueComment", {"id": self.id, "body": self.body}


class DeleteSummary(Record):
    """Remove a second sticky summary, which two runs at the same time have left."""

    id: str

    @property
    def mutation(self) -> tuple[str, dict[str, str]]:
        """Return the mutation's name and input."""
        return "deleteIssueComment", {"id": self.id}


class Hide(Record):
    """Minimise an inline comment. Needs no more than ``pull-requests: write``."""

    id: str
    classifier: Classifier

    @property
    def mutation(self) -> tuple[str, dict[str, str]]:
        """Return the mutation's name and input."""
        return "minimizeComment", {"subjectId": self.id, "classifier": self.classifier.value}


class Show(Record):
    """Take a minimised comment back into view."""

    id: str

    @property
    def mutation(self) -> tuple[str, dict[str, str]]:
        """Return the mutation's name and input."""
        return "unminimizeComment", {"subjectId": self.id}


class Resolve(Record):
    """Resolve a thread. Needs ``contents: write``; where it is refused, ``comment`` is hidden instead."""

    thread: str
    comment: str

    @property
    def mutation(self) -> tuple[str, dict[str, str]]:
        """Return the mutation's name and input."""
        return "resolveReviewThread", {"threadId": self.thread}


class Unresolve(Record):
    """Open a resolved thread again. Needs ``contents: write``."""

    thread: str

    @property
    def mutation(self) -> tuple[str, dict[str, str]]:
        """Return the mutation's name and input."""
        return "unresolveReviewThread", {"threadId": self.thread}


Change = EditComment | EditSummary | DeleteSummary | Hide | Show | Resolve | Unresolve
