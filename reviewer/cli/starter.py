"""``eks-review init``: the two files that a repository begins with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.change.errors import ChangeError
from reviewer.change.git import GitRepository
from reviewer.config.config import DEFAULT_PATH
from reviewer.config.pages import example
from reviewer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKFLOW_PATH = ".github/workflows/eks-review.yml"


def workflow() -> str:
    """Return the workflow to paste; ``examples/workflows/review.yml`` is a copy of it."""
    return (Path(__file__).parent / "starter_workflow.yml").read_text(encoding="utf-8")


def start(directory: Path) -> Iterator[str]:
    """Write the files that are missing at the root of the repository; yield a line about each, and what next.

    Raises ``UsageError`` when the directory is not in a working tree or a file cannot be written.
    """
    root = _root(directory)
    written = [
        _write(root, DEFAULT_PATH, example()),
        _write(root, WORKFLOW_PATH, workflow()),
    ]
    for path, is_new in zip((DEFAULT_PATH, WORKFLOW_PATH), written, strict=True):
        yield f"wrote {path}" if is_new else f"{path} is already there, and stays as it is"
    if any(written):
        yield "Next: commit them, open a pull request, and make the check “EKS Review” required."


def _root(directory: Path) -> Path:
    try:
        with GitRepository.open(directory) as repository:
            root = repository.root
    except ChangeError as error:
        raise UsageError(str(error)) from None
    if root is None:
        message = f"{directory} is a bare repository: run this in a checkout."
        raise UsageError(message)
    return root


def _write(root: Path, path: str, text: str) -> bool:
    """Write a file unless something has its name, be it a broken link; tell whether it was written."""
    target = root / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        raise UsageError(message) from None
    return True
