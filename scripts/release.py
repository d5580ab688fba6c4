"""The two steps of a release that are more than a command: ``check TAG`` and ``publish TAG IMAGE@DIGEST``.

``publish`` makes the release of the tag, and moves the tag of the release line (``v1``) to a commit on top of
it, whose ``action.yml`` names the published image by digest: who uses ``@v1`` or that commit builds nothing.
The tag itself keeps building from the Dockerfile, and nobody moves it. All is done by GitHub's command line.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VERSION = re.compile(r"v(\d+)\.\d+\.\d+")
IMAGE = re.compile(r"[a-z0-9./_-]+@sha256:[0-9a-f]{64}")


def main() -> int:
    """Run a step; return 1 with a message when the repository does not agree with itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    steps.add_parser("check").add_argument("tag")
    publishing = steps.add_parser("publish")
    publishing.add_argument("tag")
    publishing.add_argument("image")
    options = parser.parse_args()
    problem = check(options.tag)
    if problem:
        print(problem, file=sys.stderr)
        return 1
    if options.step == "publish":
        publish(options.tag, options.image)
    else:
        print(notes(options.tag))
    return 0


def check(tag: str) -> str:
    """Return why the tag cannot be released; empty when package and changelog name the same version."""
    if not VERSION.fullmatch(tag):
        return f"{tag} is not the tag of a release: it is called v1.2.3"
    code = (ROOT / "reviewer" / "__init__.py").read_text(encoding="utf-8")
    if f'__version__ = "{tag[1:]}"' not in code:
        return f"reviewer/__init__.py names another version than {tag}"
    if not notes(tag):
        return f"CHANGELOG.md has no entry under [{tag[1:]}]"
    return ""


def notes(tag: str) -> str:
    """Return what the changelog says about a version."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(rf"(?ms)^## \[{re.escape(tag[1:])}\][^\n]*\n(.*?)(?=^## \[|^\[|\Z)", text)
    return found[1].strip() if found else ""


def with_image(action: str, image: str) -> str:
    """Return ``action.yml`` with the published image instead of the Dockerfile."""
    if not IMAGE.fullmatch(image):
        raise SystemExit(f"{image} does not name an image by its digest")
    changed, count = re.subn(r"(?m)^  image: Dockerfile$", f"  image: docker://{image}", action)
    if count != 1:
        raise SystemExit("action.yml has no line 'image: Dockerfile' to replace")
    return changed


def publish(tag: str, image: str) -> None:
    """Make the release, and move the tag of its release line to the commit that names the image."""
    repository, commit = os.environ["GITHUB_REPOSITORY"], os.environ["GITHUB_SHA"]
    released = _commit(repository, commit, tag, image)
    pin = f"To pin this release and its image: `uses: {repository}@{released} # {tag}`"
    text = f"{notes(tag)}\n\nImage: `{image}`\n\n{pin}\n"
    with tempfile.NamedTemporaryFile("w", suffix=".md", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        _gh(
            "release",
            "create",
            tag,
            "--repo",
            repository,
            "--verify-tag",
            "--title",
            tag,
            "--notes-file",
            file.name,
        )
    _move(repository, tag.partition(".")[0], released)


def _commit(repository: str, parent: str, tag: str, image: str) -> str:
    action = with_image((ROOT / "action.yml").read_text(encoding="utf-8"), image)
    encoded = base64.b64encode(action.encode()).decode()
    blob = _post(repository, "blobs", {"content": encoded, "encoding": "base64"})
    entry = {"path": "action.yml", "mode": "100644", "type": "blob", "sha": blob["sha"]}
    base = json.loads(_gh("api", f"repos/{repository}/git/commits/{parent}"))["tree"]["sha"]
    tree = _post(repository, "trees", {"base_tree": base, "tree": [entry]})
    message = f"Use the published image of {tag}"
    return str(
        _post(repository, "commits", {"message": message, "tree": tree["sha"], "parents": [parent]})["sha"]
    )


def _move(repository: str, line: str, commit: str) -> None:
    known = json.loads(_gh("api", f"repos/{repository}/git/matching-refs/tags/{line}"))
    reference = f"refs/tags/{line}"
    if any(each["ref"] == reference for each in known):
        body = json.dumps({"sha": commit, "force": True})
        _gh("api", "--method", "PATCH", f"repos/{repository}/git/{reference}", "--input", "-", text=body)
    else:
        _post(repository, "refs", {"ref": reference, "sha": commit})


def _post(repository: str, what: str, body: dict[str, object]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(
        _gh("api", f"repos/{repository}/git/{what}", "--input", "-", text=json.dumps(body))
    )
    return answer


def _gh(*arguments: str, text: str = "") -> str:
    done = subprocess.run(["gh", *arguments], input=text, text=True, stdout=subprocess.PIPE, check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
