"""Make the pictures of the documentation from a real run of the demo: ``make pictures``.

Needs Chromium and a font with emoji (Debian: ``chromium``, ``fonts-noto-color-emoji``). The file
``docs/images/made-from.txt`` notes what the pictures show, as digests of the texts they were made from;
``--check`` tells whether these are still the texts of today.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from playwright.sync_api import sync_playwright

from reviewer.cli.demo import example_review
from reviewer.finding import Placement, Status
from reviewer.report import Format, markdown, render
from reviewer.report.source import diff_lines, excerpt_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict
    from playwright.sync_api import Browser

    from reviewer.finding import Finding
    from reviewer.review import Review

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
NOTE = IMAGES / "made-from.txt"
SHOWN = ("EKS-SEC-107", "EKS-SEC-108")
"""One finding through a variable file, and one with a suggestion."""
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars")


def texts(review: Review) -> Mapping[str, str]:
    """Return the pages that the pictures are taken of, by the name of the picture."""
    style = (ROOT / "scripts" / "pictures.html").read_text(encoding="utf-8")
    inline = [
        each
        for each in review.findings
        if each.id in SHOWN and each.placement is Placement.INLINE and each.status is Status.INTRODUCED
    ]
    return {
        "comments": style + "".join(map(_thread, inline)) + "</main>",
        "summary": style + _comment(_summary(review)) + "</main>",
        "report": render(Format.HTML, review),
    }


def digest(pages: Mapping[str, str]) -> str:
    """Return what stands in the note for these pages."""
    lines = (f"{name} {hashlib.sha256(page.encode()).hexdigest()}\n" for name, page in pages.items())
    return "".join(lines)


def _summary(review: Review) -> str:
    """Return the summary down to its first finding: what one sees without scrolling."""
    text = markdown.summary(review)
    return "\n- ".join(text.split("\n- ")[:3])


def _thread(finding: Finding) -> str:
    """Return a comment below the lines it stands on, as a pull request shows it."""
    lines = "".join(
        f'<span class="{"add" if line.marked else ""}">{line.number:>4}  {escape(line.text)}</span>'
        for line in excerpt_lines(finding)
        if int(line.number) <= finding.end_line
    )
    comment = _comment(markdown.comment(finding), finding)
    head = f"<header><code>{escape(finding.path)}</code></header>"
    return f'<section class="file">{head}<div class="diff">{lines}</div>{comment}</section>'


def _comment(text: str, finding: Finding | None = None) -> str:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

    def fence(
        renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        if tokens[index].info == "suggestion" and finding is not None:
            return _suggestion(finding)
        return renderer.fence(tokens, index, options, env)

    parser.add_render_rule("fence", fence)
    head = "<header><b>github-actions</b> <span class=bot>bot</span> left a comment</header>"
    return f'<article class="comment">{head}<div>{parser.render(text)}</div></article>'


def _suggestion(finding: Finding) -> str:
    kinds = {"-": "del", "+": "add", " ": ""}
    lines = "".join(
        f'<span class="{kinds[sign]}">{sign} {escape(text)}</span>' for sign, text in diff_lines(finding)
    )
    return (
        f'<div class="suggestion"><header>Suggested change</header><div class="diff">{lines}</div>'
        "<footer><button>Commit suggestion</button></footer></div>"
    )


def take(browser: Browser, pages: Mapping[str, str]) -> None:
    """Take a picture of each page, in light and in dark."""
    for name, page in pages.items():
        for scheme in ("light", "dark"):
            context = browser.new_context(
                color_scheme="dark" if scheme == "dark" else "light",
                viewport={"width": 1280 if name == "report" else 940, "height": 900},
                device_scale_factor=1.25,
            )
            tab = context.new_page()
            tab.set_content(page)
            shown = tab if name == "report" else tab.locator("body")
            shown.screenshot(path=IMAGES / f"{name}-{scheme}.png")
            context.close()


def main(arguments: Sequence[str]) -> int:
    """Make the pictures, or with ``--check`` tell whether they are fresh."""
    pages = texts(example_review())
    if "--check" in arguments:
        if NOTE.read_text(encoding="utf-8") == digest(pages):
            return 0
        sys.stderr.write("docs/images is out of date: run `make pictures`\n")
        return 1
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.stderr.write("There is no Chromium on PATH: `apt-get install chromium`.\n")
        return 2
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        take(browser, pages)
        browser.close()
    NOTE.write_text(digest(pages), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
