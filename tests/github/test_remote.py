"""A review without a checkout: the same findings as with one, few requests, and never a silent gap."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reviewer.change.change import Change, from_git
from reviewer.change.git import GitRepository
from reviewer.change.tree import MissingFileError, UnreadableFileError
from reviewer.github.blobs import BlobStore
from reviewer.github.errors import TruncatedListingError, UnavailableError
from reviewer.github.event import Servers
from reviewer.github.gateway import Gateway
from reviewer.github.remote import read_file, remote_change
from reviewer.github.retry import Patience
from tests.github.fake import REPOSITORY, TOKEN, FakeGitHub
from tests.github.test_process import CLUSTER, OPEN, service, start, terraform
from tests.own.policies import policy

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


def test_store_holds_no_more_than_its_capacity(world: World, github: FakeGitHub) -> None:
    ids = [world.git("rev-parse", f"main:infra/{name}.tf") for name in ("eks", "logs")]
    sizes = [int(world.git("cat-file", "-s", each)) for each in ids]
    enough = BlobStore(connect(github), REPOSITORY, capacity=sum(sizes))
    enough.fetch(ids)
    assert [len(enough.get(each)) for each in ids] == sizes
    short = BlobStore(connect(github), REPOSITORY, capacity=sum(sizes) - 1)
    with pytest.raises(UnavailableError, match=r"MiB of files to read through the API\. Check it out with"):
        short.fetch(ids)


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
    with pytest.raises(TruncatedListingError, match="cut the list of files"):
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


def test_small_files_of_many_folders_come_in_one_request(
    terraform: World, service: FakeGitHub, empty: str
) -> None:
    policy = 'resource "aws_iam_role_policy" "p{0}" {{\n  policy = file("../policies/{0}/p.json")\n}}\n'
    terraform.git("checkout", "-q", "main")
    terraform.commit({f"policies/{number}/p.json": f'{{"Id": "{number}"}}\n' for number in range(15)})
    terraform.git("checkout", "-q", "change")
    terraform.git("rebase", "-q", "main")
    service.pull.push(terraform.commit({"infra/iam.tf": "".join(map(policy.format, range(15)))}))
    assert start(terraform, service, GITHUB_WORKSPACE=empty).code == 1
    assert sum("Blobs(" in str(each.body.get("query")) for each in service.requests) == 1


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


def test_policies_come_from_the_base_without_a_checkout(
    terraform: World, service: FakeGitHub, empty: str
) -> None:
    pytest.importorskip("regopy", reason="the Rego engine is not installed on this system")
    rule = policy(
        'deny contains "too open" if { input.values.vpc_config[_].public_access_cidrs[_] == "0.0.0.0/0" }',
        resources="aws_eks_cluster",
    )
    terraform.git("checkout", "-q", "main")
    terraform.commit(
        {".eks-review.yml": 'policies: [".eks-review/*.rego"]\nselect: OWN\n', ".eks-review/a.rego": rule}
    )
    terraform.git("checkout", "-q", "change")
    terraform.git("rebase", "-q", "main")
    service.pull.push(terraform.commit({".eks-review/a.rego": rule.replace("high", "low")}))
    result = start(terraform, service, GITHUB_WORKSPACE=empty)
    assert result.code == 1, result.log
    assert "OWN-A-1" in result.summary
    assert "This change edits the policy `.eks-review/a.rego`" in result.summary


def test_wrong_token_without_checkout_is_never_a_success(
    terraform: World, service: FakeGitHub, empty: str
) -> None:
    terraform.inputs["github-token"] = "ghs_wrong"
    result = start(terraform, service, GITHUB_WORKSPACE=empty)
    assert (result.code, result.outputs["conclusion"]) == (3, "error")
    assert "GitHub refused the token" in result.log


def test_truncated_listing_fails_the_check(terraform: World, service: FakeGitHub, empty: str) -> None:
    start(terraform, service)
    before = [each.root.body for each in service.pull.threads]
    service.truncates_trees = True
    result = start(terraform, service, GITHUB_WORKSPACE=empty)
    assert (result.code, result.outputs["conclusion"]) == (3, "error")
    assert "cut the list of files" in result.log
    assert "## ⚠️ EKS Review: incomplete" in service.pull.issue_comments[0].body
    assert [each.root.body for each in service.pull.threads] == before, "nothing is called fixed"


def test_truncated_listing_is_a_note_where_the_configuration_says_so(
    terraform: World, service: FakeGitHub, empty: str
) -> None:
    start(terraform, service)
    before = [each.root.body for each in service.pull.threads]
    terraform.git("checkout", "-q", "main")
    terraform.commit({".eks-review.yml": "incomplete: neutral\n"})
    terraform.git("checkout", "-q", "change")
    service.truncates_trees = True
    result = start(terraform, service, GITHUB_WORKSPACE=empty)
    assert (result.code, result.outputs["conclusion"]) == (0, "success")
    assert "## ⚠️ EKS Review: passed, but incomplete" in service.pull.issue_comments[0].body
    assert "cut the list of files" in service.pull.issue_comments[0].body
    assert [each.root.body for each in service.pull.threads] == before, "nothing is called fixed"


def test_truncated_listing_of_an_audit(terraform: World, service: FakeGitHub, empty: str) -> None:
    service.truncates_trees = True
    event = terraform.files / "schedule.json"
    event.write_text("{}")
    extra = {"GITHUB_EVENT_NAME": "schedule", "GITHUB_EVENT_PATH": str(event), "GITHUB_SHA": terraform.head()}
    result = start(terraform, service, GITHUB_WORKSPACE=empty, **extra)
    assert (result.code, result.outputs["conclusion"]) == (3, "error")


def test_change_of_more_files_than_github_lists_is_seen_whole(
    terraform: World, service: FakeGitHub, empty: str
) -> None:
    """Its list of files ends at 3,000; the findings of the last file count all the same."""
    files: dict[str, str | None] = {f"docs/{number:04}.txt": "text\n" for number in range(3_010)}
    service.pull.push(terraform.commit(files | {"zz/last.tf": OPEN.replace('"main"', '"last"')}))
    result = start(terraform, service, GITHUB_WORKSPACE=empty)
    assert result.code == 1, result.log
    assert "`aws_eks_cluster.last`" in result.summary
    assert "2 of 2 changed files analysed" in result.summary
    assert len(service.requests) <= 15


def test_patch_that_github_leaves_out_is_computed_here(
    terraform: World, service: FakeGitHub, empty: str
) -> None:
    service.pull.hidden_patches = {"infra/eks.tf"}
    result = start(terraform, service, GITHUB_WORKSPACE=empty)
    assert "::error file=infra/eks.tf,line=10" in result.log


def test_merge_group_without_checkout(terraform: World, service: FakeGitHub, empty: str) -> None:
    event = terraform.files / "group.json"
    group = {"base_sha": terraform.git("rev-parse", "main"), "head_sha": terraform.head()}
    event.write_text(json.dumps({"merge_group": group}))
    extra = {"GITHUB_EVENT_NAME": "merge_group", "GITHUB_EVENT_PATH": str(event)}
    result = start(terraform, service, GITHUB_WORKSPACE=empty, **extra)
    assert result.code == 1, result.log
    assert service.writes() == []


def test_checkout_of_the_head_beside_a_token_that_writes_is_refused(
    terraform: World, service: FakeGitHub
) -> None:
    """The files in the workspace differ from what GitHub has: they are not read."""
    terraform.git("update-index", "--assume-unchanged", "infra/eks.tf")
    (terraform.root / "infra/eks.tf").write_text(CLUSTER)
    result = start(terraform, service, GITHUB_EVENT_NAME="pull_request_target")
    assert result.code == 1
    assert "the files of this pull request in its workspace" in result.summary
    assert "EKS Review did not read them" in result.summary
    assert "git/trees" in " ".join(each.path for each in service.requests)


def test_checkout_of_the_base_is_no_matter(terraform: World, service: FakeGitHub) -> None:
    terraform.git("checkout", "-q", "main")
    extra = {"GITHUB_EVENT_NAME": "pull_request_target"}
    result = start(terraform, service, head=service.pull.head, **extra)
    assert result.code == 1
    assert "did not read them" not in result.summary


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
