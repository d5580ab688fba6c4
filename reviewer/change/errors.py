"""What can go wrong while a change is read. Every message says what to do, and names no file content."""

from __future__ import annotations


class ChangeError(Exception):
    """The change cannot be read, so there is nothing that could be reviewed."""


class GitNotInstalledError(ChangeError):
    """There is no ``git`` on ``PATH``."""

    def __init__(self) -> None:
        super().__init__(
            "git was not found on PATH; it is needed to read the change: install git, then try again"
        )


class NotARepositoryError(ChangeError):
    """The directory is not inside a git repository."""

    def __init__(self, directory: str) -> None:
        super().__init__(
            f"{directory!r} is not inside a git repository: run this in a checkout, or name one with --repo"
        )


class NoWorkingTreeError(ChangeError):
    """A bare repository was asked for its working tree."""

    def __init__(self) -> None:
        super().__init__(
            "this repository is bare and has no working tree: name the commit to review with --head"
        )


class UnknownRevisionError(ChangeError):
    """A name does not lead to a commit."""

    def __init__(self, name: str, *, shallow: bool) -> None:
        advice = (
            "this is a shallow clone: use fetch-depth: 0 with actions/checkout, or run git fetch --unshallow"
            if shallow
            else "check the spelling, or fetch it first"
        )
        super().__init__(f"{name!r} is not a commit in this repository; {advice}")


class NoDefaultBranchError(ChangeError):
    """Nothing tells which branch the change is to be compared with."""

    def __init__(self) -> None:
        super().__init__(
            "the default branch cannot be told (there is no origin/HEAD, main or master): name it with --base"
        )


class NoMergeBaseError(ChangeError):
    """Two commits have no common ancestor."""

    def __init__(self, base: str, head: str) -> None:
        super().__init__(
            f"{base} and {head} have no common ancestor, so there is no change to review: "
            "choose a --base that the head was branched from"
        )


class ShallowCloneError(ChangeError):
    """The common ancestor of two commits is outside a shallow clone."""

    def __init__(self, base: str, head: str) -> None:
        super().__init__(
            f"the common ancestor of {base} and {head} is not in this shallow clone: "
            "use fetch-depth: 0 with actions/checkout, or run git fetch --unshallow"
        )


class IncompleteCloneError(ChangeError):
    """Git knows that a file changed, and does not have its content."""

    def __init__(self) -> None:
        super().__init__(
            "this clone lacks the content of changed files: use actions/checkout without a filter, or run "
            "git fetch --refetch; if it is no partial clone, it is damaged"
        )


class UnmergedError(ChangeError):
    """The working tree is in the middle of a merge with conflicts."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path!r} has unresolved merge conflicts: resolve them, then review the result")


class GitFailedError(ChangeError):
    """A git command ended with an error nobody expected; ``reason`` is its first line of complaint."""

    def __init__(self, command: str, reason: str) -> None:
        super().__init__(f"git {command} failed: {reason}")


class GitTimeoutError(ChangeError):
    """A git command did not answer in time."""

    def __init__(self, command: str, seconds: float) -> None:
        super().__init__(f"git {command} did not finish within {seconds:g} seconds")


class MalformedDiffError(ChangeError):
    """A text is not a unified diff as git writes it."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the diff cannot be read: {reason}")


class UnreadableDirectoryError(ChangeError):
    """A folder cannot be listed, so files in it would go unseen."""

    def __init__(self, directory: str, reason: str) -> None:
        super().__init__(f"the folder {directory!r} cannot be listed: {reason}")


class MissingDirectoryError(ChangeError):
    """A directory that should hold the files does not exist."""

    def __init__(self, directory: str) -> None:
        super().__init__(f"{directory!r} is not a directory")
