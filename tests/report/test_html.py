"""The HTML report as a document: what it holds, and that no text of a pull request becomes a part of it."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from reviewer.finding import Excerpt, Finding, Suggestion
from reviewer.issues import ISSUES, SECTIONS
from reviewer.report import Format, Look, render
from reviewer.report import html as report
from reviewer.review import Conclusion, Mode, Verdict
from tests.samples import CLEAN, ENDPOINT, HOSTILE_TEXTS, LOGS, NAT, REVIEW, SECRET, finding, hostile

_VOID = {"meta", "link", "input", "path", "rect", "line", "circle", "br", "hr"}


@dataclass
class Element:
    """An element of a page, with its text and everything in it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Return the elements below with a tag and attributes; ``class_`` asks for one of the classes."""
        found = []
        for each in self.children:
            if each.tag == tag and all(each.has(name, value) for name, value in attributes.items()):
                found.append(each)
            found += each.all(tag, **attributes)
        return found

    def one(self, tag: str, **attributes: str) -> Element:
        (found,) = self.all(tag, **attributes)
        return found

    def has(self, name: str, value: str) -> bool:
        if name == "class_":
            return value in self.attributes.get("class", "").split()
        return self.attributes.get(name.replace("_", "-")) == value

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


class Parser(HTMLParser):
    """Builds the tree; a tag that is not closed, or not open, is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.stack[-1].children.append(element)
        if tag not in _VOID:
            self.stack.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.stack[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack[-1].tag == tag, f"</{tag}> closes <{self.stack[-1].tag}>"
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        for each in self.stack:
            each.text += data


def parsed(text: str) -> Element:
    parser = Parser()
    parser.feed(text)
    parser.close()
    (root,) = parser.stack
    return root


def page_of(*findings: Finding, **changes: Any) -> Element:
    return parsed(report.render(replace(REVIEW, findings=findings, **changes)))


def shape(element: Element) -> list[tuple[str, list[str]]]:
    """Return the tags of a page with the names of their attributes, without what Markdown may bring."""
    result = [(element.tag, sorted(element.attributes))]
    for each in element.children:
        if not each.has("class_", "prose"):
            result += shape(each)
    return result


PAGE = parsed(report.render(REVIEW))


def test_the_verdict_comes_first() -> None:
    assert PAGE.one("title").words == "EKS Review: Changes needed"
    assert PAGE.one("h1").words == "Changes needed"
    verdict = PAGE.one("section", class_="verdict")
    assert REVIEW.verdict.reason in verdict.words
    assert [each.words for each in verdict.one("ul").all("li")] == [
        "2 critical",
        "1 high",
        "1 medium",
        "1 low",
    ]
    assert PAGE.one("span", class_="meta").words == "Review of 0f4c2d1 → 9e8d7c6 · 2026-11-23"


@pytest.mark.parametrize(
    ("conclusion", "words", "tone"),
    [
        (Conclusion.SUCCESS, "Passed", "good"),
        (Conclusion.FAILURE, "Changes needed", "bad"),
        (Conclusion.ERROR, "Incomplete", "warn"),
    ],
)
def test_each_conclusion_has_words_and_a_tone(conclusion: Conclusion, words: str, tone: str) -> None:
    coverage = replace(REVIEW.coverage, files_not_analysed=())
    page = page_of(verdict=Verdict(conclusion, "Because."), coverage=coverage)

    assert page.one("h1").words == words
    assert page.one("section", class_="verdict").has("class_", tone)


def test_what_passed_without_being_seen_whole_is_not_all_well() -> None:
    assert REVIEW.coverage.files_not_analysed
    page = page_of(verdict=Verdict(Conclusion.SUCCESS, "Because."))

    assert page.one("h1").words == "Passed, but incomplete"
    assert page.one("section", class_="verdict").has("class_", "warn")


def test_the_pillars_are_bars_from_base_to_head_against_their_targets() -> None:
    security, reliability, performance, *_ = PAGE.one("ul", class_="pillars").all("li")

    score = REVIEW.scorecard.pillars[0]
    assert (score.base, score.score) == (83, 41)
    bar = security.one("svg")
    assert bar.attributes["aria-label"] == "Security: 83 → 41 (−42), target 95, not met"
    assert bar.one("rect", class_="lost").attributes["width"] == "83"
    assert bar.one("rect", class_="fill").attributes["width"] == "41"
    assert bar.one("line", class_="target").attributes["x1"] == "95"
    assert "41 −42 from 83 target 95 ✘" in security.words
    assert reliability.one("rect", class_="gained").attributes["width"] == "100"
    assert reliability.one("rect", class_="fill").attributes["width"] == "83"
    assert performance.one("rect", class_="fill").attributes["width"] == "0"
    assert "not assessed" in performance.words


def test_every_finding_is_there_once_under_its_status() -> None:
    groups = {
        each.attributes["data-group"]: [one.attributes for one in each.all("article")]
        for each in PAGE.all("section", class_="group")
    }

    assert {key: len(found) for key, found in groups.items()} == {
        "introduced": 5,
        "existing": 1,
        "fixed": 1,
        "not-evaluable": 1,
        "accepted": 1,
    }
    assert groups["fixed"] == [
        {
            "class": "finding high",
            "data-severity": "high",
            "data-pillar": "reliability",
            "data-issue": "3.1",
            "data-path": "infra/vpc.tf",
            "data-status": "fixed",
        }
    ]


def test_an_audit_calls_them_findings() -> None:
    page = page_of(ENDPOINT, replace(LOGS, status=ENDPOINT.status), mode=Mode.AUDIT)

    group = page.one("section", class_="group")
    assert (group.attributes["data-group"], group.one("h3").words) == ("open", "Findings 2")


def test_the_source_is_shown_with_the_line_marked() -> None:
    figure, _ = page_of(LOGS).one("article").all("figure")

    marked = [each.one("span", class_="text").text for each in figure.all("span", class_="mark")]
    assert marked == ['  enabled_cluster_log_types = ["api"]']
    assert [each.words for each in figure.all("span", class_="number")] == ["14", "15", "16", "17", "18"]
    assert figure.one("mark").text == marked[0]


def test_a_suggestion_is_a_diff_with_its_note() -> None:
    _, figure = page_of(LOGS).one("article").all("figure")

    assert figure.one("del").text == '-  enabled_cluster_log_types = ["api"]\n'
    assert figure.one("ins").text.startswith('+  enabled_cluster_log_types = ["api", "audit"')
    assert figure.one("p").words == "Applied in place; CloudWatch bills the additional logs."


def test_a_secret_is_shown_without_its_line() -> None:
    article = page_of(SECRET).one("article")

    assert not article.all("figure")
    assert "Rotate it" in article.words


def test_places_are_links_to_the_head_where_there_are_addresses() -> None:
    def link(path: str, line: int) -> str:
        return f"https://ghe.example/{path}#L{line}"

    page = parsed(render(Format.HTML, replace(REVIEW, findings=(ENDPOINT, NAT)), Look(link=link)))

    found, fixed = page.all("article")
    addresses = [each.attributes["href"] for each in found.all("a")]
    assert addresses[:2] == [
        "https://ghe.example/infra/prod.auto.tfvars#L3",
        "https://ghe.example/infra/eks.tf#L21",
    ]
    assert not [each for each in fixed.all("a") if "ghe.example" in each.attributes["href"]], (
        "gone from the head"
    )


def test_the_ten_sections_say_what_was_found_for_each_issue() -> None:
    sections = PAGE.all("div", class_="section")

    titles = [each.one("h3").words for each in sections]
    assert titles == [f"{number} {title}" for number, title in SECTIONS.items()]
    lines = [each.words for section in sections for each in section.all("li")]
    assert "2.1 Overly permissive security groups 1 critical" in lines
    assert "2.3 Secrets management 1 critical 1 high 1 already there 1 accepted" in lines
    assert "3.1 Single point of failure 1 fixed" in lines
    assert "4.2 Missing metrics and alerting no finding" in lines
    assert len(lines) == len(ISSUES)


def test_coverage_notices_and_new_suppressions_are_told() -> None:
    words = PAGE.one("main").words

    assert "6 of 7 changed files analysed; 72 checks on 9 touched blocks, 3 undecided." in words
    assert "infra/broken.tf: line 8: a closing brace is missing" in words
    assert "2 × var.subnet_ids has no value: EKS-SEC-110 aws_eks_node_group.main" in words
    assert "The table of Kubernetes versions is 131 days old." in words
    assert (
        "EKS-SEC-110 until 2027-03-01: edge nodes take UDP straight from players · infra/nodes.tf:6" in words
    )


def test_what_a_check_is_about_is_told_once() -> None:
    page = page_of(ENDPOINT, replace(ENDPOINT, line=9, fingerprint="0" * 16))

    about = page.one("details", id="check-EKS-SEC-107")
    assert "What to do" in about.words
    assert [each.one("a", href="#check-EKS-SEC-107").words for each in page.all("article")] == [
        "why it matters"
    ] * 2


def test_nothing_found_needs_no_filters() -> None:
    page = parsed(report.render(CLEAN))

    assert not page.all("form")
    assert page.one("p", class_="empty").words == "Nothing found."


def test_filters_offer_what_occurs_and_wait_for_the_script() -> None:
    form = PAGE.one("form")

    assert "hidden" in form.attributes
    paths = [each.words for each in form.one("select", name="path").all("option")]
    assert paths[:3] == ["Any path", "infra/eks.tf (4)", "infra/logs.tf (1)"]
    pillars = [each.words for each in form.one("select", name="pillar").all("option")]
    assert pillars[1] == "Security (5)"


def test_the_policy_allows_the_page_s_own_script_and_style_alone() -> None:
    policy = PAGE.one("meta", http_equiv="Content-Security-Policy").attributes["content"]

    digests = {
        tag: base64.b64encode(hashlib.sha256(PAGE.one(tag).text.encode()).digest()).decode()
        for tag in ("style", "script")
    }
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digests['style']}'; script-src 'sha256-{digests['script']}';"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_nothing_is_loaded_from_elsewhere() -> None:
    text = report.render(REVIEW)

    assert not re.findall(r"""(?:src|srcset|action|poster)\s*=""", text.split("<script>")[0])
    assert [each.attributes["rel"] for each in PAGE.all("link")] == ["icon"]
    assert PAGE.one("link").attributes["href"].startswith("data:image/svg+xml,")
    assert "url(" not in PAGE.one("style").text
    assert "@import" not in PAGE.one("style").text


def test_no_element_has_a_style_or_a_handler_of_its_own() -> None:
    names = {name for _, attributes in shape(PAGE) for name in attributes}

    assert not [name for name in names if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_hostile_texts_change_no_element(text: str) -> None:
    page, harmless = parsed(report.render(hostile(text))), parsed(report.render(hostile("word")))

    allowed = {tag for tag, _ in shape(harmless)} | {
        "em",
        "strong",
        "ul",
        "ol",
        "li",
        "pre",
        "code",
        "p",
        "h2",
    }
    assert {tag for tag, _ in shape(page)} <= allowed
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert not page.all("img")
    assert page.one("script").text == PAGE.one("script").text
    for link in page.all("a"):
        assert "evil" not in link.attributes["href"]
        assert link.attributes["href"].startswith(("#", "https://"))
    assert not [name for _, names in shape(page) for name in names if name.startswith("on")]


def test_what_hides_in_source_is_written_out() -> None:
    one = finding(
        excerpt=Excerpt("infra/eks.tf", 12, ("a\u202eb\x1b[2J</pre><b>",)),
        suggestion=Suggestion("infra/eks.tf", 12, 12, "</ins>\u2066<script>"),
    )
    excerpt, diff = page_of(one).one("article").all("figure")

    assert excerpt.one("span", class_="text").text == r"a\u202eb\x1b[2J</pre><b>"
    assert diff.one("ins").text == "+</ins>\\u2066<script>\n"


def test_very_long_texts_are_cut() -> None:
    assert len(report.render(hostile("x" * 70_000))) < len(report.render(hostile("x"))) + 200_000


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=120))
def test_any_text_leaves_the_page_whole(text: str) -> None:
    page = parsed(report.render(hostile(text)))

    assert page.one("footer").words.startswith("EKS Review")
    assert len(page.all("article")) == len(REVIEW.findings)


def test_the_same_review_gives_the_same_page() -> None:
    assert report.render(REVIEW) == report.render(replace(REVIEW))
