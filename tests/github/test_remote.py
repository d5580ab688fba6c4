"""A review without a checkout: the same findings as with one, few requests, and never a silent gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.change.change import Change, from_git
from reviewer.change.git import GitRepository
from reviewer.change.tree import MissingFileError, UnreadableFileError
from reviewer.github.errors import UnavailableError
from reviewer.github.event import Servers
from reviewer.github.gateway import Gateway
from reviewer.github.remote import read_file, remote_change
from reviewer.github.retry import Patience
from tests.github.fake import REPOSITORY, TOKEN, FakeGitHub
from tests.github.test_process import CLUSTER, OPEN, service, start, terraform

if TYPE_CHECKING:
    from pathlib import Path

    from tests.github.world import World

__all__ = ["service", "terraform"]


@pytest.fixture
def empty(tmp_path: Path) -> str:
    folder = tmp_path / "empty"
    folder.mkdir()
    return str(folder)


def connect(github: FakeGitHub) -> Gateway:
    addresses = github.environment
    servers = Servers(addresses["GITHUB_API_URL"], addresses["GITHUB_GRAPHQL_URL"], github.url)
    return Gateway(servers, TOKEN, Patience())


def both(world: World, github: FakeGitHub) -> tuple[Change, Change]:
    """Return the change as the API gives it and as git gives it."""
    base, head = world.git("rev-parse", "main"), world.head()
    github.pull.head = head
    with GitRepository.open(world.root) as repository:
        local = from_git(repository, base, head)
        local.head.paths()
        local.base.paths()
    return remote_change(connect(github), REPOSITORY, base, head), local


def test_change_is_the_same_as_with_a_checkout(world: World, github: FakeGitHub) -> None:
    text = (world.root / "infra/logs.tf").read_text()
    world.commit(
        {
            "infra/logs.tf": None,
            "infra/renamed.tf": text,
            "infra/new/main.tf": "a = 1\r\nb = 2\r\n",
            "infra/umlaut-ä.tf": "a = 1\n",
            "README.md": "hello\n",
        }
    )
    (world.root / "infra/binary.bin").write_bytes(b"\0\1\2")
    (world.root / "infra/link.tf").symlink_to("eks.tf")
    world.commit({})
    remote, local = both(world, github)
    assert remote.files == local.files
    assert remote.base.revision == local.base.revision
    assert list(remote.head.paths()) == list(local.head.paths())


def test_base_is_the_merge_base_not_the_tip(world: World, github: FakeGitHub) -> None:
    fork = world.git("rev-parse", "main")
    world.git("checkout", "-q", "main")
    world.commit({"infra/vpc.tf": "# of somebody else\n"})
    world.git("checkout", "-q", "change")
    remote, _ = both(world, github)
    assert remote.base.revision == fork
    assert [each.path for each in remote.files] == ["infra/eks.tf"]


def test_content_is_what_git_has(world: World, github: FakeGitHub) -> None:
    """Invalid UTF-8, a byte order mark, a long and a binary file: GraphQL gives none of them exactly."""
    contents = {
        "a.tf": b"\xef\xbb\xbfa = 1\r\n",
        "b.tf": b"# \xff\xfe\n",
        "c.tf": b"# long\n" * 90_000,
        "d.tf": b"\0binary",
        "e.tf": b"",
    }
    for name, content in contents.items():
        (world.root / name).write_bytes(content)
    world.commit({})
    remote, _ = both(world, github)
    for name, content in contents.items():
        assert remote.head.read(name) == content


def test_too_large_file_is_not_fetched(world: World, github: FakeGitHub) -> None:
    world.commit({"big.tf": "# long line\n" * 100_000})
    remote, _ = both(world, github)
    with pytest.raises(UnreadableFileError, match=r"1,200,000 bytes"):
        remote.head.read("big.tf")
    (big,) = [each for each in remote.files if each.path == "big.tf"]
    assert big.binary


def test_missing_file(world: World, github: FakeGitHub) -> None:
    remote, _ = both(world, github)
    with pytest.raises(MissingFileError):
        remote.head.read("nowhere.tf")
    assert read_file(connect(github), REPOSITORY, "main", "nowhere.yml") is None


def test_link_out_of_the_tree_is_not_followed(world: World, github: FakeGitHub) -> None:
    (world.root / "infra/passwd.tf").symlink_to("/etc/passwd")
    world.commit({})
    remote, _ = both(world, github)
    with pytest.raises(UnreadableFileError, match="leads out of the repository"):
        remote.head.read("infra/passwd.tf")


def test_search_finds_what_git_grep_finds(world: World, github: FakeGitHub) -> None:
    remote, local = both(world, github)
    with GitRepository.open(world.root) as repository:
        expected = repository.tree(world.head()).containing(["open"], [".tf"])
    assert list(remote.head.containing(["open"], [".tf"])) == list(expected) == ["infra/eks.tf"]
    assert local.head.revision == remote.head.revision


def test_truncated_listing_is_an_error_never_clean(world: World, github: FakeGitHub) -> None:
    github.truncates_trees = True
    with pytest.raises(UnavailableError, match="cut the list of files"):
        both(world, github)


def test_review_without_checkout_finds_the_same(terraform: World, service: FakeGitHub, empty: str) -> None:
    result = start(terraform, service, GITHUB_WORKSPACE=empty)
    assert result.code == 1, result.log
    (thread,) = [each for each in service.pull.threads if "EKS-SEC-107" in each.root.body]
    assert (thread.path, thread.line) == ("infra/eks.tf", 10)
    assert len(service.requests) <= 15


def test_rerun_without_checkout_writes_nothing(terraform: World, service: FakeGitHub, empty: str) -> None:
    start(terraform, service, GITHUB_WORKSPACE=empty)
    service.writes()
    assert start(terraform, service, GITHUB_WORKSPACE=empty).code == 1
    assert service.writes() == []


def test_ten_files_in_three_folders_cost_at_most_fifteen_requests(
    terraform: World, service: FakeGitHub, empty: str
) -> None:
    files: dict[str, str | None] = {
        f"{folder}/main{number}.tf": OPEN.replace('"main"', f'"{folder}{number}"')
        for folder in ("a", "b", "c")
        for number in range(4)
    }
    service.pull.push(terraform.commit(files))
    result = start(terraform, service, GITHUB_WORKSPACE=empty)
    assert result.code == 1
    assert len(service.requests) <= 15


def test_pull_request_target_reviews_without_the_checkout(terraform: World, service: FakeGitHub) -> None:
    """The workspace holds a stranger's files; what is reviewed is what GitHub has."""
    head = terraform.head()
    (terraform.root / "infra/eks.tf").write_text(CLUSTER)
    terraform.git("update-ref", "refs/heads/kept", head)
    result = start(terraform, service, GITHUB_EVENT_NAME="pull_request_target")
    assert result.code == 1
    assert any("/git/trees/" in each.path for each in service.requests)
    assert [each.line for each in service.pull.threads if "EKS-SEC-107" in each.root.body] == [10]


def test_shallow_checkout_falls_back_to_the_api(
    terraform: World, service: FakeGitHub, tmp_path: Path
) -> None:
    shallow = tmp_path / "shallow"
    terraform.git(
        "clone", "-q", "--depth", "1", "--branch", "change", f"file://{terraform.root}", str(shallow)
    )
    result = start(terraform, service, GITHUB_WORKSPACE=str(shallow))
    assert result.code == 1
    assert service.pull.threads


def test_configuration_comes_from_the_tip_of_the_base(
    terraform: World, service: FakeGitHub, empty: str
) -> None:
    terraform.git("checkout", "-q", "main")
    terraform.commit({".eks-review.yml": "fail-on: never\n"})
    terraform.git("checkout", "-q", "change")
    assert start(terraform, service, GITHUB_WORKSPACE=empty).code == 0


def test_wrong_token_without_checkout_is_never_a_success(
    terraform: World, service: FakeGitHub, empty: str
) -> None:
    terraform.inputs["github-token"] = "ghs_wrong"
    result = start(terraform, service, GITHUB_WORKSPACE=empty)
    assert (result.code, result.outputs["conclusion"]) == (3, "error")
    assert "GitHub refused the token" in result.log


def test_truncated_listing_fails_the_check(terraform: World, service: FakeGitHub, empty: str) -> None:
    service.truncates_trees = True
    result = start(terraform, service, GITHUB_WORKSPACE=empty)
    assert result.code == 3
    assert "cut the list of files" in result.log


def test_neither_checkout_nor_token_is_told_what_to_do(
    terraform: World, service: FakeGitHub, empty: str
) -> None:
    terraform.inputs |= {"github-token": "", "comment": "false"}
    result = start(terraform, service, GITHUB_WORKSPACE=empty)
    assert (result.code, result.outputs["conclusion"]) == (3, "error")
    assert "is not inside a git repository" in result.log
    assert "or pass `github-token`" in result.log


def test_schedule_without_checkout_audits_through_the_api(
    terraform: World, service: FakeGitHub, empty: str
) -> None:
    event = terraform.files / "schedule.json"
    event.write_text("{}")
    extra = {"GITHUB_EVENT_NAME": "schedule", "GITHUB_EVENT_PATH": str(event), "GITHUB_SHA": terraform.head()}
    result = start(terraform, service, GITHUB_WORKSPACE=empty, **extra)
    assert result.code == 1
    assert "EKS-SEC-107" in result.summary
