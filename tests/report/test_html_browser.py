"""The HTML report in a real browser: filters, keyboard, accessibility, hostile texts and size.

Needs Chromium, which `.ci/run` installs; where there is none, these tests are skipped and say so.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

import pytest
from msgspec.structs import replace
from playwright.sync_api import expect, sync_playwright

from reviewer.report import html
from tests.samples import CLEAN, ENDPOINT, EVERYTHING, HOSTILE_TEXTS, LOGS, REVIEW, finding, hostile

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Dialog, Page

    from reviewer.review import Review

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on PATH: `apt-get install chromium`, then these tests run"
)

Scheme = Literal["light", "dark"]


@dataclass
class Opened:
    """A page that is open, with what it said and what it asked the network for."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def refuse(self, dialog: Dialog) -> None:
        """Note a dialogue, and close it."""
        self.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def shown(self) -> list[str]:
        """Return the paths of the findings that can be seen, in order."""
        paths: list[str] = self.page.eval_on_selector_all(
            "article.finding", "all => all.filter(one => one.offsetParent).map(one => one.dataset.path)"
        )
        return paths

    def headings(self) -> list[str]:
        """Return the headings of the groups that can be seen."""
        return [" ".join(each.split()) for each in self.page.locator("#list h3:visible").all_inner_texts()]

    def count(self) -> str:
        """Return what the page says about the number of findings."""
        return self.page.locator("#shown").inner_text()


Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # playwright gives every launch an empty folder for the user's data.
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open reviews as pages; afterwards none may have complained, run a dialogue or asked the network."""
    opened: list[Opened] = []

    def opening(
        review: Review, scheme: Scheme = "light", width: int = 1280, *, script: bool = True
    ) -> Opened:
        file = tmp_path / f"{len(opened)}.html"
        file.write_text(html.render(review), encoding="utf-8")
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 900}, java_script_enabled=script
        )
        context.set_default_timeout(30_000)
        one = Opened(context.new_page())
        opened.append(one)
        one.page.on("console", lambda message: one.said.append(f"{message.type}: {message.text}"))
        one.page.on("pageerror", lambda error: one.said.append(f"error: {error}"))
        one.page.on("dialog", one.refuse)
        one.page.on("request", lambda request: one.asked.append(request.url))
        one.page.goto(file.as_uri())
        return one

    yield opening
    for index, one in enumerate(opened):
        own = {(tmp_path / f"{index}.html").as_uri()}
        asked = {url.partition("#")[0] for url in one.asked if not url.startswith("data:")}
        one.page.context.close()
        assert (one.said, asked - own) == ([], set())


def test_all_findings_are_there_without_a_script(open_page: Open) -> None:
    opened = open_page(REVIEW, script=False)

    assert opened.page.locator("article.finding").count() == len(REVIEW.findings)
    assert not opened.page.locator("#filters").is_visible()
    assert not opened.page.locator("#theme").is_visible()
    assert opened.page.locator("article.finding details").first.locator(".body").is_visible()


def test_the_severities_filter_together(open_page: Open) -> None:
    opened = open_page(REVIEW)
    assert opened.count() == "9 findings"

    opened.page.get_by_role("checkbox", name="Critical 2").check()
    assert opened.count() == "2 of 9 findings"
    assert opened.shown() == ["infra/prod.auto.tfvars", "infra/prod.auto.tfvars"]

    opened.page.get_by_role("checkbox", name="Low 1").check()
    assert opened.shown() == ["infra/prod.auto.tfvars", "infra/prod.auto.tfvars", "infra/logs.tf"]
    assert opened.headings() == ["Introduced by this change 3"]


@pytest.mark.parametrize(
    ("name", "value", "paths"),
    [
        ("Status", "fixed", ["infra/vpc.tf"]),
        ("Status", "accepted", ["infra/nodes.tf"]),
        ("Pillar", "operational-excellence", ["infra/eks.tf"]),
        ("Issue", "5.2", ["infra/logs.tf"]),
        ("Path", "infra/vpc.tf", ["infra/vpc.tf"]),
    ],
)
def test_each_choice_filters(open_page: Open, name: str, value: str, paths: list[str]) -> None:
    opened = open_page(REVIEW)
    opened.page.get_by_label(name, exact=True).select_option(value)

    assert opened.shown() == paths


def test_words_are_searched_in_all_of_a_finding(open_page: Open) -> None:
    opened = open_page(REVIEW)
    search = opened.page.get_by_role("searchbox")

    search.fill("cloudwatch BILLS")
    assert opened.shown() == [LOGS.path]
    search.fill("no such words")
    assert opened.shown() == []
    assert opened.page.locator("#nothing").is_visible()

    opened.page.locator("#nothing button").click()
    expect(opened.page.locator("#shown")).to_have_text("9 findings")
    assert search.input_value() == ""


def test_findings_are_grouped_anew_and_back(open_page: Open) -> None:
    opened = open_page(REVIEW)
    before = opened.shown()
    group = opened.page.get_by_label("Group by")

    group.select_option("severity")
    assert opened.headings() == ["critical 2", "high 5", "medium 1", "low 1"]
    group.select_option("path")
    assert opened.headings()[:2] == ["infra/eks.tf 4", "infra/logs.tf 1"]
    opened.page.get_by_label("Status", exact=True).select_option("fixed")
    assert opened.headings() == ["infra/vpc.tf 1"]
    group.select_option("issue")
    assert opened.headings() == ["3.1 Single point of failure 1"]

    opened.page.get_by_role("button", name="Reset", exact=True).click()
    expect(opened.page.locator("#shown")).to_have_text("9 findings")
    assert opened.shown() == before


def test_a_pillar_and_an_issue_lead_to_their_findings(open_page: Open) -> None:
    opened = open_page(REVIEW)

    opened.page.get_by_role("link", name="Cost Optimization").click()
    expect(opened.page.locator("#shown")).to_have_text("1 of 9 findings")
    assert opened.shown() == ["infra/logs.tf"]
    opened.page.get_by_role("link", name="3.1 Single point of failure").click()
    expect(opened.page.locator("[name=issue]")).to_have_value("3.1")
    expect(opened.page.locator("#shown")).to_have_text("1 of 9 findings")
    assert opened.shown() == ["infra/vpc.tf"]


def test_the_keyboard_is_enough(open_page: Open) -> None:
    opened = open_page(REVIEW)
    page = opened.page

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the findings"
    page.keyboard.press("/")
    page.keyboard.type("NAT")
    assert opened.shown() == ["infra/vpc.tf"]
    summary = page.locator("article:visible summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("article:visible .body").is_visible()
    page.keyboard.press("Enter")
    assert not page.locator("article:visible .body").is_visible()


def test_all_can_be_folded_and_the_reason_of_a_check_unfolds(open_page: Open) -> None:
    opened = open_page(REVIEW)
    page = opened.page

    page.get_by_role("button", name="Fold all", exact=True).click()
    assert page.locator(".body:visible").count() == 0
    page.get_by_role("button", name="Unfold all").click()
    assert page.locator(".body:visible").count() == 9

    page.locator("a[href='#check-EKS-SEC-107']").click()
    expect(page.locator("#check-EKS-SEC-107")).to_have_attribute("open", "")
    assert page.locator("#check-EKS-SEC-107").get_by_text("What to do").is_visible()


def test_the_theme_follows_the_system_and_the_button(open_page: Open) -> None:
    opened = open_page(REVIEW, "dark")
    paper = "getComputedStyle(document.body).backgroundColor"

    dark = opened.page.evaluate(paper)
    opened.page.get_by_role("button", name="Light").click()
    light = opened.page.evaluate(paper)
    assert (dark, light) == ("rgb(13, 16, 23)", "rgb(246, 247, 251)")
    assert opened.page.get_by_role("button", name="Dark").is_visible()


def test_print_shows_all_and_no_controls(open_page: Open) -> None:
    opened = open_page(REVIEW)
    page = opened.page

    page.get_by_role("button", name="Fold all", exact=True).click()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".body:visible").count() == 9
    assert not page.locator("#filters").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator(".body:visible").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("review", [REVIEW, CLEAN, EVERYTHING], ids=["findings", "clean", "everything"])
def test_axe_finds_no_fault(open_page: Open, review: Review, width: int, scheme: Scheme) -> None:
    opened = open_page(review, scheme, width)
    page = opened.page
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    page.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))

    found: dict[str, Any] = page.evaluate("axe.run()")
    assert len(found["passes"]) > 20, "axe has looked at the page"
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []


def test_other_tools_and_the_baseline_are_found_by_their_words(open_page: Open) -> None:
    opened = open_page(EVERYTHING)
    page = opened.page

    assert (
        page.locator("#baseline + p")
        .inner_text()
        .startswith("Once it is on the base branch, .eks-review-baseline.json accepts 12 more problems")
    )
    page.get_by_text("2 more", exact=True).click()
    assert page.get_by_text("aws_eks_cluster.c11").is_visible()
    page.get_by_label("Status").select_option("baseline")
    assert opened.headings() == ["In the baseline 1"]
    page.get_by_role("button", name="Reset").click()
    page.get_by_label("Search").fill("checkov")
    assert opened.shown() == [ENDPOINT.path, "infra/eks.tf"]


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_sticks_out(open_page: Open, width: int) -> None:
    opened = open_page(hostile("x" * 300), width=width)

    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    "text",
    [
        *HOSTILE_TEXTS,
        "<script>alert(1)</script>",
        '"><svg/onload=alert(1)>',
        "'-alert(1)-'",
        "{{ 7 * 7 }}",
        "</script><script>alert(1)</script>",
        "</style><style>*{display:none}</style>",
        "[x](javascript:alert(1))",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "__proto__",
    ],
)
def test_hostile_texts_do_not_run(open_page: Open, text: str) -> None:
    opened = open_page(hostile(text))
    page = opened.page

    assert page.locator("img, iframe, object, embed").count() == 0
    assert page.locator("script").count() == 1
    links: list[str] = page.eval_on_selector_all("a", "all => all.map(one => one.protocol)")
    assert set(links) <= {"https:", "file:"}
    assert opened.count() == "9 findings"
    page.get_by_label("Group by").select_option("path")
    page.get_by_label("Path", exact=True).select_option(index=1)
    assert opened.shown()


def test_a_script_that_got_in_would_not_run(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(CLEAN)
    file = tmp_path / "0.html"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("</main>", "<img src=x onerror='window.ran = 1'><script>ran = 1</script></main>")
    )
    opened.page.goto(file.as_uri())

    assert opened.page.evaluate("window.ran") is None
    assert len(opened.said) == 3, "the policy refused the picture, the handler and the script"
    assert all("Content Security Policy" in each for each in opened.said)
    opened.said.clear()
    opened.asked = [url for url in opened.asked if not url.endswith("/x")]


COUNT_WORK = """() => {
  window.work = {read: 0, made: 0};
  const text = Object.getOwnPropertyDescriptor(Node.prototype, "textContent");
  const read = function () { work.read += this.localName === "article"; return text.get.call(this); };
  Object.defineProperty(Node.prototype, "textContent", {...text, get: read});
  const make = document.createElement;
  document.createElement = (...name) => { work.made += 1; return make.apply(document, name); };
}"""
"""Counts how often the text of a finding is read, and how many elements the page makes."""


def test_two_thousand_findings_stay_usable(open_page: Open) -> None:
    """Searching reads each finding once, however often one searches; grouping makes headings alone."""
    findings = tuple(
        replace(each, line=number, end_line=number, path=f"live/team-{number % 180:03}/main.tf")
        for number in range(1, 251)
        for each in REVIEW.findings[:8]
    )
    opened = open_page(replace(REVIEW, findings=(*findings, finding(path="live/last.tf"))))
    page = opened.page
    assert opened.count() == "2001 findings"
    page.evaluate(COUNT_WORK)

    page.get_by_label("Path", exact=True).select_option("live/team-007/main.tf")
    assert opened.count() == "16 of 2001 findings"
    page.get_by_label("Path", exact=True).select_option("")
    assert page.evaluate("work") == {"read": 0, "made": 0}
    page.get_by_role("searchbox").fill("live/last.tf")
    assert opened.shown() == ["live/last.tf"]
    page.get_by_role("searchbox").fill("live/last")
    page.get_by_role("searchbox").fill("")
    assert page.evaluate("work") == {"read": 2001, "made": 0}
    page.get_by_label("Group by").select_option("path")
    assert opened.headings()[:2] == ["live/last.tf 1", "live/team-000/main.tf 8"]
    assert page.evaluate("work") == {"read": 2001, "made": 181 * len(("section", "h3", "span"))}
    page.get_by_role("button", name="Unfold all").click()
    page.locator("article").last.scroll_into_view_if_needed()
