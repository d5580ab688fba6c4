"""``eks-review demo``: the bundled pull request, reviewed offline in every form."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.cli.local import Request, review_directories
from reviewer.errors import UsageError
from reviewer.files import write_atomically
from reviewer.report import Format, Look, render

if TYPE_CHECKING:
    from reviewer.review import Review

TODAY = date(2026, 11, 23)
"""The day the example was written: the demo looks the same on any day."""

EXAMPLE = Path(__file__).parents[2] / "examples" / "pull-request"

FILES = {
    Format.HTML: "review.html",
    Format.MARKDOWN: "review.md",
    Format.JSON: "review.json",
    Format.SARIF: "review.sarif",
}


def example_review() -> Review:
    """Review the bundled pull request. Raises :class:`UsageError` where it is not installed."""
    if not EXAMPLE.is_dir():
        message = f"The example is not installed ({EXAMPLE}). Run `make demo` in a clone of the repository."
        raise UsageError(message)
    return review_directories(EXAMPLE / "base", EXAMPLE / "head", Request(EXAMPLE, None, {}, (), TODAY))


def demo(folder: Path, look: Look) -> str:
    """Review the example, write its reports into ``folder`` and return what the terminal shows."""
    review = example_review()
    for form, name in FILES.items():
        write_atomically(folder / name, render(form, review))
    written = ", ".join(str(folder / name) for name in FILES.values())
    return f"{render(Format.TEXT, review, look)}\nReports: {written}\n"
