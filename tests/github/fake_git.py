"""What the fake GitHub says about commits, trees and files: all of it asked of the real repository."""

from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.github.fake_pull import FakePull

ADDRESS = "https://github.example/x"
ZERO = "0" * 40


def git_answer(
    pull: FakePull, arguments: dict[str, str], query: dict[str, str], *, truncated: bool
) -> dict[str, Any] | None:
    """Return the body for a request, ``None`` for 404."""
    try:
        if "basehead" in arguments:
            base, head = arguments["basehead"].split("...")
            return _comparison(pull, base, head, query)
        if "tree_sha" in arguments:
            return _tree(pull, arguments["tree_sha"], truncated=truncated)
        if "file_sha" in arguments:
            return _blob(pull, arguments["file_sha"])
        return _content(pull, arguments["path"], query["ref"])
    except subprocess.CalledProcessError:
        return None


def _comparison(pull: FakePull, base: str, head: str, query: dict[str, str]) -> dict[str, Any]:
    assert (query["per_page"], query["page"]) == ("1", "2"), "the first page carries up to 300 files"
    return {
        "url": ADDRESS,
        "html_url": ADDRESS,
        "permalink_url": ADDRESS,
        "diff_url": ADDRESS,
        "patch_url": ADDRESS,
        "base_commit": _commit(pull.git("rev-parse", base).strip()),
        "merge_base_commit": _commit(pull.git("merge-base", base, head).strip()),
        "status": "ahead",
        "ahead_by": 1,
        "behind_by": 0,
        "total_commits": 1,
        "commits": [],
    }


def _commit(sha: str) -> dict[str, Any]:
    return {
        "url": ADDRESS,
        "sha": sha,
        "node_id": "C",
        "html_url": ADDRESS,
        "comments_url": ADDRESS,
        "commit": {
            "author": None,
            "committer": None,
            "comment_count": 0,
            "message": "change",
            "tree": {"sha": ZERO, "url": ADDRESS},
            "url": ADDRESS,
        },
        "author": {},
        "committer": {},
        "parents": [],
    }


def _tree(pull: FakePull, sha: str, *, truncated: bool) -> dict[str, Any]:
    items = []
    for record in pull.git("ls-tree", "-r", "-t", "-z", "-l", sha).split("\0")[:-1]:
        description, _, path = record.partition("\t")
        mode, kind, blob, size = description.split()
        item = {"path": path, "mode": mode, "type": kind, "sha": blob}
        items.append(item if size == "-" else item | {"size": int(size)})
    return {"sha": sha, "tree": items, "truncated": truncated}


def _blob(pull: FakePull, sha: str) -> dict[str, Any] | None:
    content = pull.blob(sha)
    if content is None:
        return None
    text = base64.encodebytes(content).decode()
    answer = {"sha": sha, "url": ADDRESS, "node_id": "B", "size": len(content)}
    return answer | {"content": text, "encoding": "base64"}


def _content(pull: FakePull, path: str, ref: str) -> dict[str, Any] | None:
    sha = pull.git("rev-parse", "--verify", f"{ref}:{path}").strip()
    content = pull.blob(sha)
    if content is None:
        return None
    return {
        "_links": {"git": ADDRESS, "self": ADDRESS, "html": ADDRESS},
        "git_url": ADDRESS,
        "html_url": ADDRESS,
        "download_url": ADDRESS,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "size": len(content),
        "type": "file",
        "url": ADDRESS,
        "content": base64.encodebytes(content).decode(),
        "encoding": "base64",
    }
