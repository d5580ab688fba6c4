"""The gateway alone: what it sends, what it makes of an answer, and that the token goes nowhere else."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import msgspec
import pytest
import requests
import responses

from reviewer.github.errors import (
    GithubError,
    NotFoundError,
    RateLimitedError,
    ReadOnlyError,
    RejectedError,
    UnauthorizedError,
    UnavailableError,
)
from reviewer.github.event import Servers
from reviewer.github.gateway import Gateway
from reviewer.github.retry import Patience
from tests.github.world import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "ghs_verysecret"
API = "https://api.github.com:443"
SERVERS = Servers("https://api.github.com", "https://api.github.com/graphql", "https://github.com")


class Thing(msgspec.Struct):
    name: str


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gateway(clock: Clock) -> Gateway:
    return Gateway(SERVERS, TOKEN, Patience(clock=clock.now, sleep=clock.sleep))


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(registry=responses.registries.OrderedRegistry) as mock:
        yield mock


def test_request_carries_token_version_and_name(gateway: Gateway, mock: responses.RequestsMock) -> None:
    mock.get(f"{API}/thing", json={"name": "x"})
    assert gateway.get("/thing", Thing) == Thing("x")
    headers = mock.calls[0].request.headers
    assert headers["Authorization"] == f"token {TOKEN}"
    assert headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert headers["User-Agent"].startswith("eks-review/")
    assert headers["Accept"] == "application/vnd.github+json"


def test_enterprise_server_paths(clock: Clock, mock: responses.RequestsMock) -> None:
    servers = Servers("https://git.acme.example/api/v3", "https://git.acme.example/api/graphql", "https://x")
    gateway = Gateway(servers, TOKEN, Patience(clock=clock.now, sleep=clock.sleep))
    mock.get("https://git.acme.example:443/api/v3/thing", json={"name": "x"})
    mock.post("https://git.acme.example:443/api/graphql", json={"name": "y"})
    assert gateway.get("/thing", Thing).name == "x"
    assert gateway.graphql("query { x }", {}, Thing).name == "y"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, UnauthorizedError),
        (403, ReadOnlyError),
        (404, NotFoundError),
        (409, RejectedError),
        (410, RejectedError),
        (422, RejectedError),
        (307, RejectedError),
    ],
)
def test_refusal_is_told_by_its_kind_and_not_repeated(
    gateway: Gateway, mock: responses.RequestsMock, status: int, kind: type[GithubError]
) -> None:
    mock.post(f"{API}/thing", json={"message": f"secret details {TOKEN}"}, status=status)
    with pytest.raises(kind) as caught:
        gateway.post("/thing", {}, Thing, find=None)
    assert str(caught.value).startswith(f"POST /thing: GitHub answered {status}.")
    assert "secret details" not in str(caught.value)


def test_rate_limit_beyond_the_budget(gateway: Gateway, mock: responses.RequestsMock) -> None:
    mock.get(f"{API}/thing", status=429, headers={"Retry-After": "3600"})
    with pytest.raises(RateLimitedError, match="GitHub asks to wait 3600 s"):
        gateway.get("/thing", Thing)


def test_server_errors_back_off_and_end(gateway: Gateway, mock: responses.RequestsMock, clock: Clock) -> None:
    for _ in range(4):
        mock.get(f"{API}/thing", status=502, body="<html>Bad gateway</html>")
    with pytest.raises(UnavailableError, match="GitHub answered 502"):
        gateway.get("/thing", Thing)
    assert clock.pauses == [1.0, 2.0, 4.0]


def test_timeouts_count_against_the_budget(clock: Clock, mock: responses.RequestsMock) -> None:
    gateway = Gateway(SERVERS, TOKEN, Patience(20, clock=clock.now, sleep=clock.sleep))

    def slow(_request: object) -> tuple[int, dict[str, str], str]:
        clock.sleep(15)
        raise requests.ReadTimeout

    for _ in range(2):
        mock.add_callback("GET", f"{API}/thing", slow)
    with pytest.raises(UnavailableError, match="no answer within 15 s"):
        gateway.get("/thing", Thing)
    assert sum(clock.pauses) == 15 + 1 + 15


def test_budget_is_shared_by_all_requests(clock: Clock, mock: responses.RequestsMock) -> None:
    gateway = Gateway(SERVERS, TOKEN, Patience(100, clock=clock.now, sleep=clock.sleep))
    mock.get(f"{API}/thing", status=429, headers={"Retry-After": "60"})
    mock.get(f"{API}/thing", json={"name": "x"})
    mock.get(f"{API}/thing", status=429, headers={"Retry-After": "60"})
    gateway.get("/thing", Thing)
    with pytest.raises(RateLimitedError):
        gateway.get("/thing", Thing)
    assert clock.pauses == [60.0]


def test_post_is_not_repeated_when_it_is_found(gateway: Gateway, mock: responses.RequestsMock) -> None:
    mock.post(f"{API}/thing", status=502)
    assert gateway.post("/thing", {}, Thing, find=lambda: Thing("found")) == Thing("found")


def test_post_is_repeated_when_it_is_not_found(gateway: Gateway, mock: responses.RequestsMock) -> None:
    mock.post(f"{API}/thing", body=requests.ConnectionError())
    mock.post(f"{API}/thing", json={"name": "made"})
    assert gateway.post("/thing", {}, Thing, find=lambda: None) == Thing("made")


def test_rate_limited_post_is_repeated_without_looking(
    gateway: Gateway, mock: responses.RequestsMock
) -> None:
    mock.post(f"{API}/thing", status=429, headers={"Retry-After": "1"})
    mock.post(f"{API}/thing", json={"name": "made"})

    def never() -> Thing | None:
        raise AssertionError

    assert gateway.post("/thing", {}, Thing, find=never) == Thing("made")


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"name": 1}', "<html></html>", "\ud83d"])
def test_answer_that_cannot_be_read_is_unavailable(
    gateway: Gateway, mock: responses.RequestsMock, body: str
) -> None:
    for _ in range(4):
        mock.get(f"{API}/thing", body=body.encode("utf-8", "surrogatepass"))
    with pytest.raises(UnavailableError, match="the answer cannot be read"):
        gateway.get("/thing", Thing)


def test_pages_follow_the_links_of_github(gateway: Gateway, mock: responses.RequestsMock) -> None:
    link = f'<{API}/repositories/1/things?page=2&x=%2F>; rel="next", <{API}/things?page=9>; rel="last"'
    mock.get(f"{API}/things?per_page=100", json=[{"name": "a"}], headers={"Link": link})
    mock.get(f"{API}/repositories/1/things?page=2&x=%2F", json=[{"name": "b"}])
    pages = list(gateway.pages("/things", list[Thing]))
    assert pages == [[Thing("a")], [Thing("b")]]


def test_redirect_to_another_host_is_not_followed(gateway: Gateway, mock: responses.RequestsMock) -> None:
    for _ in range(4):
        mock.get(f"{API}/thing", status=301, headers={"Location": "https://evil.example/thing"})
    with pytest.raises(UnavailableError):
        gateway.get("/thing", Thing)


def test_token_is_in_no_error_and_no_representation(gateway: Gateway, mock: responses.RequestsMock) -> None:
    for _ in range(4):
        mock.get(f"{API}/thing", body=requests.ConnectionError(f"cannot connect with {TOKEN}"))
    with pytest.raises(UnavailableError) as caught:
        gateway.get("/thing", Thing)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert TOKEN not in repr(gateway)
