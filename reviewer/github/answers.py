"""The shape of the answer to the query for a pull request's state. Lists may hold nulls: GraphQL says so."""

from __future__ import annotations

import msgspec


class Struct(msgspec.Struct, rename="camel"):
    """GraphQL names fields in camelCase."""


class Page(Struct):
    has_next_page: bool
    end_cursor: str | None = None


class Comment(Struct):
    id: str
    body: str
    url: str
    viewer_did_author: bool
    is_minimized: bool = False


class ThreadComments(Struct):
    total_count: int
    nodes: list[Comment | None]


class Thread(Struct):
    id: str
    is_resolved: bool
    viewer_can_resolve: bool
    viewer_can_unresolve: bool
    path: str
    comments: ThreadComments
    line: int | None = None
    start_line: int | None = None


class Threads(Struct):
    page_info: Page
    nodes: list[Thread | None]


class Comments(Struct):
    page_info: Page
    nodes: list[Comment | None]


class Count(Struct):
    total_count: int


class Review(Struct):
    body: str
    url: str
    viewer_did_author: bool
    comments: Count


class Reviews(Struct):
    nodes: list[Review | None]


class Context(Struct):
    state: str
    description: str | None = None


class Status(Struct):
    context: Context | None = None


class Commit(Struct):
    oid: str
    status: Status | None = None


class CommitNode(Struct):
    commit: Commit


class Commits(Struct):
    nodes: list[CommitNode]


class Pull(Struct):
    state: str
    head_ref_oid: str
    reviews: Reviews | None = None
    commits: Commits | None = None
    review_threads: Threads | None = None
    comments: Comments | None = None


class Repository(Struct):
    pull_request: Pull | None = None


class Data(Struct):
    repository: Repository | None = None


class Error(Struct):
    type: str = ""
    path: list[str | int] = []

    @property
    def is_about_status(self) -> bool:
        return "commits" in self.path


class Answer(Struct):
    data: Data | None = None
    errors: list[Error] = []
