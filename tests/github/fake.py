"""A strict GitHub on a loopback port: it refuses what GitHub refuses, and it can fail as GitHub can fail.

Every request and answer is checked with GitHub's own descriptions (``schema/``). What they do not say, such
as which lines take a comment, all-or-nothing reviews, permissions, paging, comes from a real repository.
Whatever no GitHub would ever see, such as a comment of somebody else being edited, goes to ``problems``.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.github.contract import Operation, component, operation_of, sample
from tests.github.fake_git import git_answer
from tests.github.fake_graphql import FakeGraphql
from tests.github.fake_pull import BOT, Comment, FakePull, Review, Status, Thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

REPOSITORY = "acme/platform"
TOKEN = "ghs_0123456789abcdefSECRET"
TIME = "2026-11-23T12:00:00Z"
UNPLACED = "Unprocessable Entity"
TOO_LONG = {
    "resource": "IssueComment",
    "code": "custom",
    "field": "body",
    "message": "body is too long (maximum is 65536 characters)",
}


@dataclass
class Request:
    """One request as it came, and the status it got (0 when the connection was cut)."""

    verb: str
    path: str
    body: dict[str, Any]
    status: int = 0

    @property
    def is_write(self) -> bool:
        is_query = self.path.endswith("graphql") and str(self.body.get("query", "")).lstrip().startswith(
            "query"
        )
        return self.verb != "GET" and not is_query


@dataclass
class Fault:
    """What goes wrong with the next ``times`` requests that ``on`` chooses.

    ``acts`` lets the server do its work before: the answer is lost, the effect is not. ``hang`` never answers.
    """

    on: Callable[[Request], bool]
    status: int = 0
    text: str = '{"message": "broken on purpose"}'
    headers: dict[str, str] = field(default_factory=dict)
    acts: bool = False
    cut: bool = False
    truncate: bool = False
    hang: bool = False
    times: int = 1


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class FakeGitHub:
    """One GitHub with one pull request. Use it in a ``with`` statement."""

    def __init__(self, pull: FakePull, permissions: set[str] | None = None) -> None:
        self.pull = pull
        self.permissions = permissions or {"contents:read", "pull-requests:write", "statuses:write"}
        self.graphql = FakeGraphql(pull, REPOSITORY, self.permissions)
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.problems: list[str] = []
        self.misplaced: list[dict[str, Any]] = []
        self.truncates_trees = False
        self.before: Callable[[Request], None] = lambda _request: None
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return what a runner of this server sets: the addresses of an Enterprise Server."""
        return {
            "GITHUB_API_URL": f"{self.url}/api/v3",
            "GITHUB_GRAPHQL_URL": f"{self.url}/api/graphql",
            "GITHUB_SERVER_URL": self.url,
            "GITHUB_REPOSITORY": REPOSITORY,
        }

    def writes(self) -> list[str]:
        """Return what was written since the last call, such as ``POST …/reviews`` or a mutation's name."""
        done = [
            f"{each.verb} {each.path}"
            for each in self.requests
            if each.is_write and "graphql" not in each.path
        ]
        done += self.graphql.mutations
        self.requests.clear()
        self.graphql.mutations.clear()
        return done

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if kind is None:
            assert not self.problems, "\n".join(self.problems[:5])

    def handle(
        self, request: Request, headers: dict[str, str], query: dict[str, str]
    ) -> tuple[Answer, Fault | None]:
        """Answer one request, one at a time."""
        with self._lock:
            self.requests.append(request)
            self.before(request)
            fault = next((each for each in self.faults if each.times and each.on(request)), None)
            if fault:
                fault.times -= 1
                if not fault.acts:
                    return Answer(fault.status, None, fault.headers), fault
            try:
                answer = self._answer(request, headers, query)
            except Exception as error:  # noqa: BLE001 - a bug of the fake must not look like a fault of the network
                self.problems.append(f"{type(error).__name__}: {error}")
                answer = _refusal(500, "the fake has a bug")
            request.status = answer.status
            return answer, fault

    def _answer(self, request: Request, headers: dict[str, str], query: dict[str, str]) -> Answer:
        if headers.get("authorization") not in {f"token {TOKEN}", f"Bearer {TOKEN}"}:
            return _refusal(401, "Bad credentials")
        if "eks-review/" not in headers.get("user-agent", ""):
            self.problems.append("a request without the user agent")
        if headers.get("x-github-api-version") != "2022-11-28":
            self.problems.append("a request without the API version")
        if request.path == "/api/graphql":
            return self._answer_graphql(request)
        operation = operation_of(request.verb, request.path.removeprefix("/api/v3"))
        if operation is None or not request.path.startswith("/api/v3/"):
            self.problems.append(f"unexpected request: {request.verb} {request.path}")
            return _refusal(404, "Not Found")
        self.problems += operation.query_faults(query)
        answer = self._answer_rest(operation, request.body, query)
        self.problems += operation.answer_faults(answer.status, answer.body)
        return answer

    def _answer_graphql(self, request: Request) -> Answer:
        try:
            answer = self.graphql.answer(request.body)
        except AssertionError as error:
            self.problems.append(str(error))
            return _refusal(500, str(error))
        if any("path" not in error and "type" not in error for error in answer.get("errors", [])):
            self.problems.append(f"invalid GraphQL: {answer['errors']}")
        return Answer(200, answer)

    def _answer_rest(self, operation: Operation, body: dict[str, Any], query: dict[str, str]) -> Answer:
        arguments = operation.arguments
        number = arguments.get("pull_number") or arguments.get("issue_number") or str(self.pull.number)
        if (f"{arguments['owner']}/{arguments['repo']}", int(number)) != (REPOSITORY, self.pull.number):
            return _refusal(404, "Not Found")
        if operation.verb == "GET":
            return self._read(arguments, query)
        faults = operation.request_faults(body)
        if faults:
            return _refusal(422, f"Invalid request. {faults[0]}")
        return self._write(arguments, body)

    def _read(self, arguments: dict[str, str], query: dict[str, str]) -> Answer:
        if "contents:read" not in self.permissions:
            return _refusal(403, "Resource not accessible by integration")
        if "pull_number" in arguments:
            return self._list_files(query)
        if arguments.keys() == {"owner", "repo"}:
            return self._list_pulls(query)
        found = git_answer(self.pull, arguments, query, truncated=self.truncates_trees)
        return _refusal(404, "Not Found") if found is None else Answer(200, found)

    def _write(self, arguments: dict[str, str], body: dict[str, Any]) -> Answer:
        scope = "statuses:write" if "sha" in arguments else "pull-requests:write"
        if scope not in self.permissions:
            return _refusal(403, "Resource not accessible by integration")
        if "sha" in arguments:
            return self._create_status(arguments["sha"], body)
        return self._create_review(body) if "pull_number" in arguments else self._create_comment(body)

    def _list_files(self, query: dict[str, str]) -> Answer:
        size, page = min(int(query.get("per_page", 30)), 100), int(query.get("page", 1))
        files = self.pull.files()
        rows = [
            {
                "sha": "0" * 40,
                "filename": file.path,
                "status": file.status,
                "additions": 0,
                "deletions": 0,
                "changes": 0,
                "blob_url": f"{self.url}/blob",
                "raw_url": f"{self.url}/raw",
                "contents_url": f"{self.url}/contents",
            }
            | ({"patch": file.patch} if file.patch is not None else {})
            for file in files[(page - 1) * size : page * size]
        ]
        following = f"{self.url}/api/v3/repos/{REPOSITORY}/pulls/7/files?per_page={size}&page={page + 1}"
        return Answer(200, rows, {"Link": f'<{following}>; rel="next"'} if len(files) > page * size else {})

    def _list_pulls(self, query: dict[str, str]) -> Answer:
        schema = component("pull-request-simple")
        head = sample(schema["properties"]["head"], sha=self.pull.head, ref="change")
        pulls = [
            sample(
                schema, number=number, state=self.pull.state.lower(), head=head, base=self._ref(schema, base)
            )
            for number, base in (*self.pull.siblings, (self.pull.number, self.pull.base))
        ]
        is_wanted = query.get("head") == self.pull.label and query.get("state") == pulls[0]["state"]
        return Answer(200, pulls if is_wanted else [])

    def _ref(self, schema: dict[str, Any], name: str) -> dict[str, Any]:
        sha = self.pull.git("rev-parse", name).strip()
        base: dict[str, Any] = sample(schema["properties"]["base"], ref=name, sha=sha)
        return base

    def _create_review(self, body: dict[str, Any]) -> Answer:
        """All or nothing, and GitHub does not say which comment was wrong."""
        comments = body.get("comments", [])
        if body.get("event") != "COMMENT":
            self.problems.append(f"a review with the event {body.get('event')}")
        if not body.get("body"):
            return _refusal(422, UNPLACED)
        misplaced = [each for each in comments if not self._is_placeable(each)]
        self.misplaced += misplaced
        if body.get("commit_id") not in self.pull.commits() or misplaced:
            return _refusal(422, UNPLACED)
        if any(
            len(text) > self.pull.body_limit for text in [body["body"], *(each["body"] for each in comments)]
        ):
            return _refusal(422, "Body is too long (maximum is 65536 characters)")
        if body["commit_id"] != self.pull.head:
            self.problems.append("a review of a commit that is not the head")
        made = [Comment(next(self.pull.ids), BOT, each["body"], "PRRC") for each in comments]
        review = Review(next(self.pull.ids), BOT, body["body"], body["commit_id"], body["event"], made)
        self.pull.reviews.append(review)
        for comment, wanted in zip(made, comments, strict=True):
            identifier, commit = next(self.pull.ids), body["commit_id"]
            self.pull.threads.append(
                Thread(
                    identifier, wanted["path"], wanted["line"], wanted.get("start_line"), commit, [comment]
                )
            )
        return Answer(200, self._review_json(review))

    def _is_placeable(self, comment: dict[str, Any]) -> bool:
        if comment.get("side") != "RIGHT" or "line" not in comment or "position" in comment:
            return False
        hunk = self.pull.hunk_of(comment["path"], comment["line"])
        if hunk is None:
            return False
        if "start_line" not in comment:
            return "start_side" not in comment
        is_range = hunk[0] <= comment["start_line"] < comment["line"]
        return bool(is_range and comment.get("start_side") == "RIGHT")

    def _create_comment(self, body: dict[str, Any]) -> Answer:
        if not body["body"].strip() or len(body["body"]) > self.pull.body_limit:
            return _refusal(422, "Validation Failed", [TOO_LONG])
        comment = self.pull.say(body["body"], BOT)
        made = {
            "id": comment.id,
            "node_id": comment.node_id,
            "url": f"{self.url}/c/{comment.id}",
            "body": comment.body,
            "html_url": f"https://github.example/c/{comment.id}",
            "user": None,
            "created_at": TIME,
            "updated_at": TIME,
            "issue_url": f"{self.url}/issues/7",
            "author_association": "NONE",
        }
        return Answer(201, made)

    def _create_status(self, sha: str, body: dict[str, Any]) -> Answer:
        if len(body.get("description", "")) > 140:
            return _refusal(422, "Validation Failed")
        if sha != self.pull.head and sha not in self.pull.git("rev-list", "--all"):
            return _refusal(422, "No commit found for SHA")
        made = Status(sha, body["context"], body["state"], body["description"], body["target_url"])
        self.pull.statuses.append(made)
        answer = {
            "url": f"{self.url}/s",
            "avatar_url": None,
            "id": next(self.pull.ids),
            "node_id": "S",
            "state": made.state,
            "description": made.description,
            "target_url": made.target_url,
            "context": made.context,
            "created_at": TIME,
            "updated_at": TIME,
            "creator": None,
        }
        return Answer(201, answer)

    def _review_json(self, review: Review) -> dict[str, Any]:
        page = f"https://github.example/r/{review.id}"
        return {
            "id": review.id,
            "node_id": f"PRR_{review.id}",
            "user": None,
            "body": review.body,
            "state": "COMMENTED",
            "html_url": page,
            "pull_request_url": f"{self.url}/pulls/7",
            "_links": {"html": {"href": page}, "pull_request": {"href": page}},
            "submitted_at": TIME,
            "commit_id": review.commit,
            "author_association": "NONE",
        }


def _refusal(status: int, message: str, errors: list[Any] | None = None) -> Answer:
    body = {"message": message, "documentation_url": "https://docs.github.com"}
    if status == 422:
        return Answer(status, body | {"errors": errors or ["Line could not be resolved"]})
    return Answer(status, body)


class _Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the fake that its server carries."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Keep the test's output clean."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length)) if length else {}
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, parts.path, body)
        answer, fault = self.server.fake.handle(request, headers, dict(parse_qsl(parts.query)))
        if fault is None:
            self._send(answer.status, json.dumps(answer.body).encode(), answer.headers)
        elif fault.hang:
            self.rfile.read(1)  # until the client has had enough
            self.close_connection = True
        elif fault.cut:
            self._cut()
        elif fault.status:
            self._send(fault.status, fault.text.encode(), fault.headers)
        else:
            text = json.dumps(answer.body).encode()
            self._send(answer.status, text, answer.headers | fault.headers, truncate=fault.truncate)

    def _send(self, status: int, content: bytes, headers: dict[str, str], *, truncate: bool = False) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if truncate else content)
        if truncate:
            self._cut()

    def _cut(self) -> None:
        """Reset the connection, as a crashing proxy does."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: FakeGitHub) -> None:
        self.fake = fake
        super().__init__(("127.0.0.1", 0), _Handler)
