"""The GraphQL half of the fake GitHub: graphql-core runs documents against an extract of its own schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync

from tests.github.fake_pull import BOT, Comment, FakePull, Review, Thread

MAX_NODES = 100
TEXT_LIMIT = 512_000

Resolver = Callable[..., Any]


class GithubRefusalError(GraphQLError):
    """An error as GitHub sends it, with its type beside the message."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message, extensions={"type": kind})


@cache
def schema() -> GraphQLSchema:
    return build_schema((Path(__file__).parent / "schema" / "schema.graphql").read_text())


class FakeGraphql:
    """Answers documents about one pull request with the permissions of a token."""

    def __init__(self, pull: FakePull, repository: str, permissions: set[str]) -> None:
        self.pull = pull
        self.repository = repository
        self.permissions = permissions
        self.mutations: list[str] = []

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        result = graphql_sync(
            schema(), body["query"], root_value=self._root(), variable_values=body.get("variables")
        )
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_formatted(error) for error in result.errors]
        return answer

    def _root(self) -> dict[str, Resolver]:
        mutations = {
            "updatePullRequestReviewComment": self._update_review_comment,
            "updateIssueComment": self._update_issue_comment,
            "deleteIssueComment": self._delete_issue_comment,
            "minimizeComment": self._minimize,
            "unminimizeComment": self._unminimize,
            "resolveReviewThread": self._resolve,
            "unresolveReviewThread": self._unresolve,
        }
        root: dict[str, Resolver] = {"repository": self._repository}
        for name, operation in mutations.items():
            root[name] = self._mutation(name, operation)
        return root

    def _mutation(self, name: str, operation: Callable[[dict[str, Any]], None]) -> Resolver:
        def resolve(_info: object, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - GitHub's name
            self._need(
                "contents:write" if "Thread" in name and "resolve" in name.lower() else "pull-requests:write"
            )
            operation(input)
            self.mutations.append(name)
            return {"clientMutationId": None}

        return resolve

    def _need(self, permission: str) -> None:
        if permission not in self.permissions:
            raise GithubRefusalError("FORBIDDEN", "Resource not accessible by integration")

    def _repository(self, _info: object, owner: str, name: str, **_: object) -> dict[str, Any]:
        if f"{owner}/{name}" != self.repository:
            raise GithubRefusalError("NOT_FOUND", "Could not resolve to a Repository")
        self._need("contents:read")
        return {"pullRequest": self._pull_request, "object": self._object}

    def _object(self, _info: object, oid: str) -> dict[str, Any] | None:
        """Give a text as GitHub does: none for a binary file, and cut when it is long."""
        content = self.pull.blob(oid)
        if content is None:
            return None
        is_binary = b"\0" in content
        text = None if is_binary else content[:TEXT_LIMIT].decode("utf-8", "replace")
        return {"__typename": "Blob", "text": text}

    def _pull_request(self, _info: object, number: int) -> dict[str, Any]:
        if number != self.pull.number:
            raise GithubRefusalError("NOT_FOUND", "Could not resolve to a PullRequest")
        return {
            "state": self.pull.state,
            "isDraft": self.pull.is_draft,
            "headRefOid": self.pull.head,
            "baseRefName": self.pull.base,
            "commits": lambda _info, **page: _connection([{"commit": self._commit()}], **page),
            "reviews": lambda _info, **page: _connection(
                [_review(each) for each in self.pull.reviews], **page
            ),
            "reviewThreads": lambda _info, **page: _connection(
                [self._thread(each) for each in self.pull.threads], **page
            ),
            "comments": lambda _info, **page: _connection(
                [_comment(each) for each in self.pull.issue_comments], **page
            ),
        }

    def _commit(self) -> dict[str, Any]:
        def context(_info: object, name: str) -> dict[str, Any] | None:
            for status in reversed(self.pull.statuses):
                if status.sha == self.pull.head and status.context.lower() == name.lower():
                    return {"state": status.state.upper(), "description": status.description}
            return None

        return {"oid": self.pull.head, "status": {"context": context}}

    def _thread(self, thread: Thread) -> dict[str, Any]:
        may = "contents:write" in self.permissions
        return {
            "id": thread.node_id,
            "isResolved": thread.is_resolved,
            "viewerCanResolve": may and not thread.is_resolved,
            "viewerCanUnresolve": may and thread.is_resolved,
            "path": thread.path,
            "line": thread.line,
            "startLine": thread.start_line,
            "comments": lambda _info, **page: _connection(
                [_comment(each) for each in thread.comments], **page
            ),
        }

    def _own(self, node_id: str) -> Comment:
        comment = self.pull.find(node_id)
        if comment is None:
            raise GithubRefusalError(
                "NOT_FOUND", f"Could not resolve to a node with the global id of '{node_id}'"
            )
        if comment.author != BOT:
            raise AssertionError(f"the action touched a comment of {comment.author}: {comment.body}")
        return comment

    def _write(self, node_id: str, body: str) -> None:
        if len(body) > self.pull.body_limit:
            raise GithubRefusalError("UNPROCESSABLE", "Body is too long (maximum is 65536 characters)")
        self._own(node_id).body = body

    def _update_review_comment(self, arguments: dict[str, Any]) -> None:
        self._write(arguments["pullRequestReviewCommentId"], arguments["body"])

    def _update_issue_comment(self, arguments: dict[str, Any]) -> None:
        self._write(arguments["id"], arguments["body"])

    def _delete_issue_comment(self, arguments: dict[str, Any]) -> None:
        self.pull.issue_comments.remove(self._own(arguments["id"]))

    def _minimize(self, arguments: dict[str, Any]) -> None:
        comment = self._own(arguments["subjectId"])
        comment.is_minimized, comment.classifier = True, arguments["classifier"]

    def _unminimize(self, arguments: dict[str, Any]) -> None:
        self._own(arguments["subjectId"]).is_minimized = False

    def _thread_by(self, node_id: str) -> Thread:
        thread = next((each for each in self.pull.threads if each.node_id == node_id), None)
        if thread is None:
            raise GithubRefusalError(
                "NOT_FOUND", f"Could not resolve to a node with the global id of '{node_id}'"
            )
        return thread

    def _resolve(self, arguments: dict[str, Any]) -> None:
        self._thread_by(arguments["threadId"]).is_resolved = True

    def _unresolve(self, arguments: dict[str, Any]) -> None:
        self._thread_by(arguments["threadId"]).is_resolved = False


def _connection(
    nodes: Sequence[dict[str, Any]],
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    **_: object,
) -> dict[str, Any]:
    """Only asking for the nodes needs a page size, as with GitHub."""
    size = first if first is not None else last
    start = int(after.removeprefix("cursor:")) if after else 0
    if last is not None:
        start = max(len(nodes) - last, 0)
    page = nodes[start : start + (size or 0)]
    end = start + len(page)

    def listed(_info: object) -> list[dict[str, Any]]:
        if size is None or not 1 <= size <= MAX_NODES:
            raise GithubRefusalError(
                "MISSING_PAGINATION_BOUNDARIES", "You must provide a `first` or `last` of 1 to 100"
            )
        return list(page)

    return {
        "totalCount": len(nodes),
        "nodes": listed,
        "pageInfo": {"hasNextPage": end < len(nodes), "endCursor": f"cursor:{end}"},
    }


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.node_id,
        "body": comment.body,
        "url": f"https://github.example/c/{comment.id}",
        "viewerDidAuthor": comment.author == BOT,
        "isMinimized": comment.is_minimized,
    }


def _review(review: Review) -> dict[str, Any]:
    return {
        "body": review.body,
        "url": f"https://github.example/r/{review.id}",
        "viewerDidAuthor": review.author == BOT,
        "comments": lambda _info, **page: _connection([_comment(each) for each in review.comments], **page),
    }


def _formatted(error: GraphQLError) -> dict[str, Any]:
    if isinstance(error.original_error, AssertionError):
        raise error.original_error
    formatted: dict[str, Any] = {"message": error.message}
    if error.path:
        formatted["path"] = error.path
    kind = (error.extensions or {}).get("type")
    return formatted | ({"type": kind} if kind else {})
