"""The shape of the answer to the query for a pull request's state. Lists may hold nulls: GraphQL says so."""

from __future__ import annotations

import msgspec


class Struct(msgspec.Struct, rename="camel"):
    """GraphQL names fields in camelCase."""


class Page(Struct):
    """Where a list ends, and the cursor to go on from."""

    has_next_page: bool
    end_cursor: str | None = None


class Comment(Struct):
    """A comment of any kind; only review comments say whether they are minimised."""

    id: str
    body: str
    url: str
    viewer_did_author: bool
    is_minimized: bool = False


class ThreadComments(Struct):
    """How many comments a thread has, and its first."""

    total_count: int
    nodes: list[Comment | None]


class Thread(Struct):
    """A thread of review comments; ``line`` is null when it is outdated."""

    id: str
    is_resolved: bool
    viewer_can_resolve: bool
    viewer_can_unresolve: bool
    path: str
    comments: ThreadComments
    line: int | None = None
    start_line: int | None = None


class Threads(Struct):
    """One page of threads."""

    page_info: Page
    nodes: list[Thread | None]


class Comments(Struct):
    """One page of the conversation."""

    page_info: Page
    nodes: list[Comment | None]


class Count(Struct):
    """How many there are."""

    total_count: int


class Review(Struct):
    """A submitted review."""

    body: str
    url: str
    viewer_did_author: bool
    comments: Count


class Reviews(Struct):
    """The newest reviews."""

    nodes: list[Review | None]


class Context(Struct):
    """One commit status."""

    state: str
    description: str | None = None


class Status(Struct):
    """The statuses of a commit, of which one context was asked for."""

    context: Context | None = None


class Commit(Struct):
    """The last commit of the pull request."""

    oid: str
    status: Status | None = None


class CommitNode(Struct):
    """An entry of the list of commits."""

    commit: Commit


class Commits(Struct):
    """The list of commits, of which the last one was asked for."""

    nodes: list[CommitNode]


class Pull(Struct):
    """The pull request; pages after the first leave out what has ended."""

    state: str
    is_draft: bool
    head_ref_oid: str
    base_ref_name: str
    reviews: Reviews | None = None
    commits: Commits | None = None
    review_threads: Threads | None = None
    comments: Comments | None = None


class Repository(Struct):
    """The repository; its pull request is null when it cannot be read."""

    pull_request: Pull | None = None


class Data(Struct):
    """The data of the answer."""

    repository: Repository | None = None


class Error(Struct):
    """One error; ``path`` names the field that could not be read."""

    type: str = ""
    path: list[str | int] = []

    @property
    def is_about_status(self) -> bool:
        """Tell whether only the commit status could not be read."""
        return "commits" in self.path


class Answer(Struct):
    """The whole answer. GraphQL sends errors with status 200, beside what it could read."""

    data: Data | None = None
    errors: list[Error] = []
