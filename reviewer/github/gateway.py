"""The one door to GitHub's API, and the only user of PyGithub.

PyGithub signs, connects, follows redirects and pools. What it does not do well for a bot stands here: its own
retry repeats a POST after a lost answer (the comment then stands there twice) and cannot be bounded in time,
so it is off; one loop retries every kind of request within one budget of waiting, and looks whether the
server has acted before it repeats what must not happen twice. Every failure leaves as a
:class:`~reviewer.github.errors.GithubError`.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
from github import Auth, Github
from github.GithubException import GithubException

from reviewer import PROJECT_URL, __version__
from reviewer.github.errors import (
    GithubError,
    NotFoundError,
    RateLimitedError,
    ReadOnlyError,
    RejectedError,
    UnauthorizedError,
    UnavailableError,
    UnprocessableError,
)
from reviewer.github.retry import SERVER_ERROR, TOO_MANY_REQUESTS, Fault, Patience, rate_limit, server_fault
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reviewer.github.event import Servers

API_VERSION = "2022-11-28"
PER_PAGE = 100
TIMEOUT = 15
"""Seconds to connect, and between two packets of an answer."""
MAX_PAGES = 100
"""An endless chain of next links ends here; the files of a pull request end at 3,000, thirty pages."""

Shape = TypeVar("Shape")
Result = TypeVar("Result")

_SUCCESS = range(200, 300)
_BY_STATUS: dict[int, type[GithubError]] = {
    401: UnauthorizedError,
    403: ReadOnlyError,
    404: NotFoundError,
    422: UnprocessableError,
}
_ADVICE = {
    401: "GitHub refused the token. Check the `github-token` input.",
    403: "The token may not do this. The job needs `contents: read` and `pull-requests: write`"
    " (and `statuses: write` for `status-context`); a pull request from a fork gets a read-only token.",
    404: "GitHub does not find it, or the token may not see it.",
    422: "GitHub refused the content.",
}
_BROKEN = (requests.RequestException, GithubException, ValueError, RuntimeError, TypeError, AttributeError)
"""What PyGithub and requests let through when a connection breaks, a body is cut or a redirect leads away."""


class Answer(Record):
    """A successful answer. Header names are in lower case."""

    headers: dict[str, str]
    text: str


class _Failure(Exception):  # noqa: N818 - it never leaves this module
    """One failed attempt: the error it becomes when given up, and whether and when to try again."""

    def __init__(self, error: GithubError, fault: Fault | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.fault = fault


class Gateway:
    """Requests to one GitHub with one token. The token stays inside PyGithub's signer."""

    def __init__(self, servers: Servers, token: str, patience: Patience) -> None:
        github = Github(
            auth=Auth.Token(token),
            base_url=servers.api,
            timeout=TIMEOUT,
            user_agent=f"eks-review/{__version__} (+{PROJECT_URL})",
            per_page=PER_PAGE,
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
            lazy=True,
            api_version=API_VERSION,
        )
        self._requester = github.requester
        self._graphql = servers.graphql
        self._patience = patience

    def get(self, path: str, shape: type[Shape], **parameters: str) -> Shape:
        """Return ``path`` decoded as ``shape``."""
        return self._repeat(lambda: _decode(path, self._send("GET", path, parameters), shape))

    def pages(self, path: str, shape: type[Shape]) -> Iterator[Shape]:
        """Yield each page of ``path``, following GitHub's own links."""
        url, parameters = path, {"per_page": str(PER_PAGE)}
        for _ in range(MAX_PAGES):
            answer, page = self._repeat(partial(self._page, url, parameters, shape))
            yield page
            following = _next(answer)
            if following is None:
                return
            url, parameters = following, {}
        raise UnavailableError(f"GET {path}: more than {MAX_PAGES} pages.")

    def _page(self, url: str, parameters: dict[str, str], shape: type[Shape]) -> tuple[Answer, Shape]:
        answer = self._send("GET", url, parameters)
        return answer, _decode(url, answer, shape)

    def post(
        self,
        path: str,
        body: dict[str, Any],
        shape: type[Shape],
        *,
        find: Callable[[], Shape | None] | None,
    ) -> Shape:
        """Create something and return it decoded as ``shape``.

        ``find`` looks for what an earlier attempt may have created although its answer was lost; it is asked
        before every repetition. Without it the request must be harmless to repeat.
        """
        return self._repeat(lambda: _decode(path, self._send("POST", path, {}, body), shape), find)

    def graphql(self, document: str, variables: dict[str, Any], shape: type[Shape]) -> Shape:
        """Run a GraphQL document that is harmless to repeat; return its answer as ``shape``."""
        body = {"query": document, "variables": variables}

        def attempt() -> Shape:
            answer = self._send("POST", self._graphql, {}, body)
            _refuse_rate_limit(answer)
            return _decode("GraphQL", answer, shape)

        return self._repeat(attempt)

    def rest(self) -> None:
        """Pause between two writes of many, so that they do not run into the secondary limit."""
        self._patience.rest()

    def _send(
        self, verb: str, url: str, parameters: dict[str, str], body: dict[str, Any] | None = None
    ) -> Answer:
        """Send one request. Raises :class:`_Failure`."""
        headers = {"Accept": "application/vnd.github+json"}
        try:
            status, answered, text = self._requester.requestJson(verb, url, parameters, headers, body)
        except _BROKEN as error:
            problem = f"{verb} {urlsplit(url).path}: {_reason(error)}"
            raise _Failure(UnavailableError(problem), Fault(wait=None, acted=True)) from None
        answer = Answer({name: str(value) for name, value in answered.items()}, text)
        if status not in _SUCCESS:
            raise _failure(f"{verb} {urlsplit(url).path}", status, answer)
        return answer

    def _repeat(
        self, operation: Callable[[], Result], find: Callable[[], Result | None] | None = None
    ) -> Result:
        """Return the operation's result, trying again as long as the budget lasts."""
        attempt = 1
        while True:
            started = self._patience.now()
            try:
                return operation()
            except _Failure as failure:
                self._patience.lose(started)
                if failure.fault is None or not self._patience.wait(failure.fault, attempt):
                    raise failure.error from None
                acted = failure.fault.acted
            if acted and find and (found := find()) is not None:
                return found
            attempt += 1


class _Message(msgspec.Struct):
    message: str = ""


class _GraphqlError(msgspec.Struct):
    message: str = ""
    type: str = ""


class _Envelope(msgspec.Struct):
    errors: list[_GraphqlError] = []


def _decode(what: str, answer: Answer, shape: type[Shape]) -> Shape:
    """A body that was cut on the way is worth another attempt; whether the server acted is not known."""
    try:
        return msgspec.json.decode(answer.text, type=shape)
    except (msgspec.DecodeError, RecursionError) as error:
        problem = UnavailableError(f"{what}: the answer cannot be read ({error}).")
        raise _Failure(problem, Fault(wait=None, acted=True)) from None


def _failure(what: str, status: int, answer: Answer) -> _Failure:
    if status >= SERVER_ERROR:
        return _Failure(UnavailableError(f"{what}: GitHub answered {status}."), server_fault(answer.headers))
    limit = rate_limit(status, answer.headers, _message(answer.text), time.time())
    if limit is not None:
        return _Failure(_limited(what, limit), limit)
    kind = _BY_STATUS.get(status, RejectedError)
    advice = _ADVICE.get(status, "GitHub refused the request.")
    return _Failure(kind(f"{what}: GitHub answered {status}. {advice}"), None)


def _limited(what: str, limit: Fault) -> RateLimitedError:
    return RateLimitedError(
        f"{what}: rate limit. GitHub asks to wait {limit.wait:.0f} s, longer than this run may still wait."
    )


def _message(text: str) -> str:
    try:
        return msgspec.json.decode(text, type=_Message).message
    except (msgspec.DecodeError, RecursionError):
        return ""


def _refuse_rate_limit(answer: Answer) -> None:
    """GraphQL answers a rate limit with 200 and an error inside."""
    if any(error.type == "RATE_LIMITED" for error in _decode("GraphQL", answer, _Envelope).errors):
        limit = rate_limit(TOO_MANY_REQUESTS, answer.headers, "", time.time())
        assert limit is not None  # noqa: S101 - 429 always is one
        raise _Failure(_limited("POST graphql", limit), limit)


def _next(answer: Answer) -> str | None:
    links = requests.utils.parse_header_links(answer.headers.get("link", ""))
    return next((link["url"] for link in links if link.get("rel") == "next"), None)


def _reason(error: Exception) -> str:
    """Name the kind of failure without its text, which may hold a query or a piece of a body."""
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT} s."
    if isinstance(error, requests.exceptions.SSLError):
        return "the certificate of the server is not trusted."
    if isinstance(error, requests.RequestException):
        return "the connection failed or broke."
    return "the answer cannot be read."
