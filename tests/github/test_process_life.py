"""The life of a pull request with the action as a process and real checks: the same finding keeps its comment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.github.test_process import CLUSTER, OPEN, service, start, terraform

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.github.fake import FakeGitHub
    from tests.github.fake_pull import Thread
    from tests.github.world import World

__all__ = ["service", "terraform"]
FILE = "infra/eks.tf"


def shift(world: World) -> str:
    return world.commit({FILE: "# one\n# two\n\n" + OPEN})


def edit_elsewhere(world: World) -> str:
    return world.commit({FILE: OPEN.replace('"1.34"', '"1.33"')})


def change_the_value(world: World) -> str:
    return world.commit({FILE: OPEN.replace('["0.0.0.0/0"]', '["203.0.113.0/24", "0.0.0.0/0"]')})


def rename_the_file(world: World) -> str:
    return world.commit({FILE: None, "infra/cluster.tf": OPEN})


def rename_the_folder(world: World) -> str:
    world.git("mv", "infra", "platform")
    return world.commit({})


def rename_the_resource(world: World) -> str:
    moved = "\nmoved {\n  from = aws_eks_cluster.main\n  to   = aws_eks_cluster.renamed\n}\n"
    return world.commit({FILE: OPEN.replace('"main"', '"renamed"') + moved})


def rebase(world: World) -> str:
    world.git("checkout", "-q", "main")
    world.commit({"other/main.tf": "# of somebody else\n"})
    world.git("checkout", "-q", "change")
    world.git("rebase", "-q", "main")
    return world.head()


def merge(world: World) -> str:
    world.git("checkout", "-q", "main")
    world.commit({"other/main.tf": "# of somebody else\n"})
    world.git("checkout", "-q", "change")
    world.git("merge", "-q", "--no-edit", "main")
    return world.head()


def force_push(world: World) -> str:
    world.git("reset", "-q", "--hard", "main")
    return world.commit({FILE: OPEN + "\n# squashed\n"})


STANDING = (
    shift,
    edit_elsewhere,
    change_the_value,
    rename_the_file,
    rename_the_folder,
    rebase,
    merge,
    force_push,
)


def thread_of_the_endpoint(github: FakeGitHub) -> Thread:
    (thread,) = [each for each in github.pull.threads if "EKS-SEC-107" in each.root.body]
    return thread


@pytest.mark.parametrize("change", STANDING, ids=lambda each: each.__name__)
def test_finding_that_stands_keeps_its_one_comment(
    terraform: World, service: FakeGitHub, change: Callable[[World], str]
) -> None:
    start(terraform, service)
    service.pull.push(change(terraform))
    result = start(terraform, service)
    assert result.code == 1, result.log
    assert "gone" not in thread_of_the_endpoint(service).root.body
    assert len(service.pull.issue_comments) == 1


def test_fix_and_revert_reopen_the_comment(terraform: World, service: FakeGitHub) -> None:
    start(terraform, service)
    service.pull.push(terraform.commit({FILE: CLUSTER + "\n# closed\n"}))
    assert start(terraform, service).code == 0
    assert thread_of_the_endpoint(service).root.is_minimized
    terraform.git("revert", "--no-edit", "HEAD")
    service.pull.push(terraform.head())
    assert start(terraform, service).code == 1
    root = thread_of_the_endpoint(service).root
    assert not root.is_minimized
    assert "Fixed in" not in root.body


def test_suppression_in_the_change_is_called_out_and_counts_after_the_merge(
    terraform: World, service: FakeGitHub
) -> None:
    directive = '# eks-review:ignore EKS-SEC-107 reason="a demo" until=2099-01-01\n'
    line = '    public_access_cidrs     = ["0.0.0.0/0"]\n'
    near = directive.replace("2099-01-01", "2027-06-01")
    service.pull.push(terraform.commit({FILE: OPEN.replace(line, f"    {near}{line}")}))
    result = start(terraform, service)
    assert result.code == 1
    (summary,) = service.pull.issue_comments
    assert "### ⚠️ Suppressions added by this change\n\n- `EKS-SEC-107`" in summary.body


def test_force_push_to_a_branch_whose_old_commit_is_gone(terraform: World, service: FakeGitHub) -> None:
    """Nobody knows what was pushed: that is said, and is no success."""
    event = terraform.files / "push.json"
    pushed = {"before": "f" * 40, "after": terraform.head(), "repository": {"full_name": "acme/platform"}}
    event.write_text(json.dumps(pushed))
    result = start(terraform, service, GITHUB_EVENT_NAME="push", GITHUB_EVENT_PATH=str(event))
    assert (result.code, result.outputs["conclusion"]) == (3, "error")
    assert f"compare/{'f' * 40}...{terraform.head()}: GitHub answered 404" in result.log
