"""The environment and the event file: what they mean, and one clear message for each mistake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reviewer.errors import UsageError
from reviewer.github.event import EventKind, PullRequest, read_event

BASE, HEAD = "a" * 40, "b" * 40
PULL: dict[str, Any] = {
    "pull_request": {
        "number": 7,
        "state": "open",
        "draft": True,
        "base": {"sha": BASE, "ref": "main", "repo": {"full_name": "acme/platform"}},
        "head": {"sha": HEAD, "ref": "x", "repo": {"full_name": "stranger/platform"}},
    }
}


def environment(tmp_path: Path, payload: object, name: str = "pull_request", **extra: str) -> dict[str, str]:
    path = tmp_path / "event.json"
    path.write_text(payload if isinstance(payload, str) else json.dumps(payload))
    return {
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(path),
        "GITHUB_REPOSITORY": "acme/platform",
        "GITHUB_WORKSPACE": "/github/workspace",
        "GITHUB_SHA": "c" * 40,
        "GITHUB_RUN_ID": "12",
        **extra,
    }


def test_pull_request_is_its_own_head_not_the_merge_commit(tmp_path: Path) -> None:
    event = read_event(environment(tmp_path, PULL))
    assert (event.kind, event.base, event.head) == (EventKind.PULL_REQUEST, BASE, HEAD)
    assert event.pull == PullRequest(7, "main", "stranger/platform")
    assert event.is_fork
    assert event.run_url == "https://github.com/acme/platform/actions/runs/12"


def test_deleted_fork_is_still_a_fork(tmp_path: Path) -> None:
    head = {**PULL["pull_request"]["head"], "repo": None}
    event = read_event(environment(tmp_path, {"pull_request": {**PULL["pull_request"], "head": head}}))
    assert event.pull is not None
    assert event.pull.head_repository is None
    assert event.is_fork


def test_merge_group_has_no_pull_request(tmp_path: Path) -> None:
    payload = {"merge_group": {"base_sha": BASE, "head_sha": HEAD}}
    event = read_event(environment(tmp_path, payload, "merge_group"))
    assert (event.base, event.head, event.pull, event.is_fork) == (BASE, HEAD, None, False)


def test_push_compares_with_what_was_there(tmp_path: Path) -> None:
    payload = {"before": BASE, "after": HEAD, "repository": {"full_name": "a/b", "default_branch": "main"}}
    event = read_event(environment(tmp_path, payload, "push"))
    assert (event.base, event.head, event.default_branch) == (BASE, HEAD, "main")


def test_push_of_a_new_branch_has_no_base(tmp_path: Path) -> None:
    payload = {"before": "0" * 40, "after": HEAD, "repository": {"full_name": "a/b"}}
    assert read_event(environment(tmp_path, payload, "push")).base is None


def test_deleted_branch_is_told(tmp_path: Path) -> None:
    payload = {"before": BASE, "after": "0" * 40, "deleted": True, "repository": {"full_name": "a/b"}}
    assert read_event(environment(tmp_path, payload, "push")).is_deletion


@pytest.mark.parametrize("name", ["schedule", "workflow_dispatch"])
def test_audit_looks_at_the_commit_of_the_run(tmp_path: Path, name: str) -> None:
    event = read_event(environment(tmp_path, {}, name))
    assert (event.base, event.head, event.kind.is_audit) == (None, "c" * 40, True)


def test_enterprise_server_addresses_are_used(tmp_path: Path) -> None:
    extra = {
        "GITHUB_API_URL": "https://git.acme.example/api/v3",
        "GITHUB_GRAPHQL_URL": "https://git.acme.example/api/graphql",
        "GITHUB_SERVER_URL": "https://git.acme.example",
    }
    servers = read_event(environment(tmp_path, PULL, **extra)).servers
    assert servers.api == "https://git.acme.example/api/v3"
    assert servers.graphql == "https://git.acme.example/api/graphql"


def wrong_sha() -> dict[str, Any]:
    pull = PULL["pull_request"]
    return {"pull_request": {**pull, "head": {**pull["head"], "sha": "--output=/etc/passwd"}}}


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ("", "The event file {path} is malformed: Input data was truncated"),
        ("{", "The event file {path} is malformed: Input data was truncated"),
        ("<html>", "The event file {path} is malformed: JSON is malformed: invalid character (byte 0)"),
        ("[]", "The event file {path} is malformed: Expected `object`, got `array`"),
        ("{}", "The event file {path} is malformed: Object missing required field `pull_request`"),
        ({"pull_request": None}, "is malformed: Expected `object`, got `null` - at `$.pull_request`"),
        ({"pull_request": {"number": "7"}}, "Expected `int`, got `str` - at `$.pull_request.number`"),
        (wrong_sha(), "pull_request.head.sha is '--output=/etc/passwd', which is not a commit SHA."),
        ("[" * 100_000, "is malformed"),
    ],
)
def test_malformed_event_is_one_clear_message(tmp_path: Path, payload: object, message: str) -> None:
    given = environment(tmp_path, payload)
    with pytest.raises(UsageError) as caught:
        read_event(given)
    assert message.format(path=given["GITHUB_EVENT_PATH"]) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_event_file(tmp_path: Path) -> None:
    given = environment(tmp_path, PULL, GITHUB_EVENT_PATH="/nowhere.json")
    with pytest.raises(UsageError, match=r"^The event file /nowhere\.json cannot be read: No such file"):
        read_event(given)


def test_event_file_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be read: Is a directory\.$"):
        read_event(environment(tmp_path, PULL, GITHUB_EVENT_PATH=str(tmp_path)))


def test_event_file_that_is_not_utf8(tmp_path: Path) -> None:
    given = environment(tmp_path, PULL)
    Path(given["GITHUB_EVENT_PATH"]).write_bytes(b'{"pull_request": "\xff\xfe"}')
    with pytest.raises(UsageError, match="is malformed"):
        read_event(given)


@pytest.mark.parametrize(
    "name", ["GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_REPOSITORY", "GITHUB_WORKSPACE"]
)
def test_missing_variable_is_named(tmp_path: Path, name: str) -> None:
    given = environment(tmp_path, PULL)
    del given[name]
    with pytest.raises(UsageError, match=f"^{name} is not set"):
        read_event(given)


def test_unsupported_event_names_the_supported_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"The event `issue_comment` is not supported.*pull_request, "):
        read_event(environment(tmp_path, PULL, "issue_comment"))


@pytest.mark.parametrize("repository", ["acme", "acme/a/b", "../x", "acme/pl atform"])
def test_repository_must_be_owner_and_name(tmp_path: Path, repository: str) -> None:
    with pytest.raises(UsageError, match="expected owner/name"):
        read_event(environment(tmp_path, PULL, GITHUB_REPOSITORY=repository))


@pytest.mark.parametrize("address", ["ftp://x", "api.github.com", "https://user:pass@evil.example"])
def test_address_must_be_http(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError, match="expected an http"):
        read_event(environment(tmp_path, PULL, GITHUB_API_URL=address))


def test_token_goes_to_one_host_only(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name different hosts"):
        read_event(environment(tmp_path, PULL, GITHUB_GRAPHQL_URL="https://evil.example/graphql"))
