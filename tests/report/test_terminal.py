"""What people read in a terminal."""

from __future__ import annotations

import io
import re

import pytest
from msgspec.structs import replace
from rich.text import Text

from reviewer.finding import Excerpt, Placement, Suggestion
from reviewer.report import Format, Look, render, terminal
from reviewer.report.terminal_finding import styled, wrapped
from reviewer.report.terminal_style import Style, style_for
from reviewer.review import NotEvaluated
from tests.samples import CLEAN, CMK, ENDPOINT, HOSTILE_TEXTS, LOGS, REVIEW, SECRET, finding, hostile


def only(*findings: object, width: int = 100) -> str:
    """Return the part of a report that is about the given findings."""
    text = terminal.render(replace(REVIEW, findings=findings), Style(width))
    return text.split("\nSuppressions added")[0]


def test_a_finding_reads_like_a_compiler_message() -> None:
    assert only(LOGS) == (
        "infra/eks.tf " + "─" * 87 + "\n"
        "\n"
        "medium[EKS-OBS-101]: Control plane logs are incomplete\n"
        "  --> infra/eks.tf:16  aws_eks_cluster.main\n"
        "   │\n"
        "14 │   version  = var.cluster_version\n"
        "15 │\n"
        '16 │   enabled_cluster_log_types = ["api"]\n'
        "   │   " + "^" * 35 + "\n"
        "17 │\n"
        "18 │   vpc_config {\n"
        "   │\n"
        "   = why: enabled_cluster_log_types lacks audit and authenticator: nobody can tell who did what.\n"
        "   = help: Send all five log types to CloudWatch.\n"
        '   = fix: -   enabled_cluster_log_types = ["api"]\n'
        '          +   enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager",\n'
        '          "scheduler"]\n'
        "   = note: Applied in place; CloudWatch bills the additional logs.\n"
        "   = docs: https://github.com/eks-review/eks-review/blob/main/docs/checks/EKS-OBS-101.md\n"
    )


def test_several_lines_are_marked_at_their_side() -> None:
    shown = only(replace(CMK, end_line=13))

    assert '12>│ resource "aws_eks_cluster" "main" {\n13>│   name     = "platform"\n14 │   version' in shown
    assert "^" not in shown


def test_a_secret_has_no_source() -> None:
    assert "│" not in only(SECRET)


def test_a_file_that_is_the_subject_itself_is_named_once() -> None:
    flow = ".github/workflows/apply.yml"
    assert f"--> {flow}:3\n" in only(finding(path=flow, line=3, end_line=3, address=flow, excerpt=None))


@pytest.mark.parametrize(("reasons", "sentence"), [(5, ""), (6, "1 more reason: "), (7, "2 more reasons: ")])
def test_further_reasons_are_counted(reasons: int, sentence: str) -> None:
    unknown = tuple(NotEvaluated("EKS-SEC-110", "x.y", f"reason {number}") for number in range(reasons))
    shown = terminal.render(replace(CLEAN, coverage=replace(CLEAN.coverage, not_evaluated=unknown)))
    assert (f"\n  {sentence}see --format json\n" in shown) == bool(sentence)
    assert ("more reason" in shown) == bool(sentence)


def test_a_value_from_elsewhere_is_named() -> None:
    assert "\n  = see: infra/eks.tf:21\n" in only(ENDPOINT)
    moved = replace(ENDPOINT, path="infra/eks.tf", line=21, end_line=21)
    assert "--> infra/eks.tf:21  aws_eks_cluster.main\n ::: infra/prod.auto.tfvars\n" in only(moved)
    assert '\n3 │ api_cidrs       = ["0.0.0.0/0"]\n  │ ' + "^" * 31 + "\n" in only(moved)
    assert "\n  = from: infra/prod.auto.tfvars:3\n" in only(moved)


def test_tabs_and_long_lines_keep_the_mark_below_the_code() -> None:
    excerpt = Excerpt("infra/eks.tf", 12, ("\tcidrs = [" + "1" * 200 + "]",))
    lines = only(finding(excerpt=excerpt), width=60).split("\n")
    source = next(line for line in lines if line.startswith("12 │"))
    mark = lines[lines.index(source) + 1]

    assert source.startswith("12 │     cidrs = [")
    assert mark.startswith("   │     ^^^")
    assert len(source) == len(mark) == 60


def test_a_suggestion_outside_the_excerpt_says_which_lines_it_replaces() -> None:
    shown = only(finding(suggestion=Suggestion("infra/eks.tf", 30, 31, "  a = 1\n  b = 2"), excerpt=None))

    assert "= fix:   lines 30-31 of infra/eks.tf become\n          +   a = 1\n          +   b = 2\n" in shown
    shown = only(finding(suggestion=Suggestion("infra/eks.tf", 30, 30, "  a = 1\n  b = 2"), excerpt=None))
    assert "= fix:   line 30 of infra/eks.tf becomes\n          +   a = 1\n" in shown


def test_a_suggestion_that_inserts_keeps_the_lines_around_it() -> None:
    suggestion = Suggestion(
        "infra/eks.tf", 12, 13, 'resource "aws_eks_cluster" "main" {\n  x = 1\n  name     = "platform"'
    )

    assert (
        '= fix:   resource "aws_eks_cluster" "main" {\n'
        "          +   x = 1\n"
        '              name     = "platform"\n' in only(replace(CMK, suggestion=suggestion))
    )


def test_files_come_in_order_and_the_rest_is_short() -> None:
    text = render(Format.TEXT, REVIEW, Look(width=100))

    assert re.findall(r"^(\S+) ─+$", text, re.MULTILINE) == [
        "infra/eks.tf",
        "infra/logs.tf",
        "infra/prod.auto.tfvars",
    ]
    assert (
        "Already there, on what this change touches (1)\n"
        "  high[EKS-SEC-108] The private API endpoint is off  infra/eks.tf:20\n\n"
        "Fixed by this change (1)\n"
        "  high[EKS-REL-103] One NAT gateway serves all zones  infra/vpc.tf:9\n\n" in text
    )
    assert "warning: infra/broken.tf: line 8: a closing brace is missing\n" in text


def test_the_verdict_is_the_last_line_and_quiet_has_little_more() -> None:
    end = (
        "5 introduced, 1 existing, 1 fixed, 1 no longer evaluable, 1 accepted\n"
        "changes needed: 3 findings of high severity or worse are introduced by this change (gate: high).\n"
    )

    assert terminal.render(REVIEW).endswith(f"\n{end}")
    unread = "warning: infra/broken.tf: line 8: a closing brace is missing\n"
    assert terminal.render(REVIEW, quiet=True) == f"{unread}{end}"
    assert terminal.render(CLEAN, quiet=True) == "passed: No finding on what this change touches.\n"


def test_the_scorecard_explains_beside_the_table_or_below_it() -> None:
    wide = terminal.render(REVIEW, Style(140))
    narrow = terminal.render(REVIEW, Style(60))

    row = "  Reliability             83 → 100 (+17)  95 ✔    12 checks passed; 1 undecided\n"
    assert row in wide
    assert "  Reliability             83 → 100 (+17)  95 ✔\n" in narrow
    assert "\n  Reliability: 12 checks passed; 1 undecided\n" in narrow


@pytest.mark.parametrize("width", [60, 100, 140])
def test_no_line_is_wider_than_the_terminal_but_an_address(width: int) -> None:
    lines = terminal.render(REVIEW, Style(width)).split("\n")

    assert [line for line in lines if len(line) > width and "https://" not in line] == []


def test_plain_text_has_no_escape_sequence_and_colour_has() -> None:
    assert "\x1b" not in terminal.render(REVIEW, Style(100, color=False))
    assert "\x1b[31mhigh[EKS-SEC-306]\x1b[0m" in terminal.render(REVIEW, Style(100, color=True))


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_nothing_from_the_repository_steers_the_terminal(text: str) -> None:
    review = hostile(text[:5000])
    colours = re.compile(r"\x1b\[[0-9;]*m")

    for color in (False, True):
        shown = colours.sub("", terminal.render(review, Style(100, color)))
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066]", shown)


@pytest.mark.parametrize(
    ("tty", "environment", "no_color", "color"),
    [
        (True, {}, False, True),
        (True, {"NO_COLOR": "1"}, False, False),
        (True, {"NO_COLOR": ""}, False, True),
        (True, {"TERM": "dumb"}, False, False),
        (True, {}, True, False),
        (False, {}, False, False),
    ],
)
def test_colours_only_where_they_are_wanted(
    tty: bool,  # noqa: FBT001 - columns of the table
    environment: dict[str, str],
    no_color: bool,  # noqa: FBT001 - as above
    color: bool,  # noqa: FBT001 - as above
) -> None:
    stream = io.StringIO()
    stream.isatty = lambda: tty  # type: ignore[method-assign] # a terminal without one

    assert style_for(stream, environment, no_color=no_color).color is color


def test_findings_in_the_summary_are_shown_like_the_others() -> None:
    assert "EKS-SEC-306]: Kubernetes secrets" in only(finding(placement=Placement.SUMMARY, comment_line=None))


TEXTS = [
    Text(),
    Text("plain"),
    Text("all of it", "bold"),
    Text.assemble("a ", ("b", "red"), " c"),
    Text.assemble(("a", "bold"), ("b", "cyan"), style="dim"),
    Text.assemble("日本 ", ("語", "green"), " é"),
    Text.assemble(("a word and ", "bold"), *[(f"another word {n} ", "cyan") for n in range(9)]),
    Text("one\ntwo\n\nfour"),
    Text("x" * 80),
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.plain[:12])
@pytest.mark.parametrize("color", [False, True])
def test_a_line_is_what_rich_would_print(text: Text, *, color: bool) -> None:
    console = terminal._console(Style(40, color))
    for width in (1, 5, 20, 40, 200):
        lines = list(wrapped(text, console, width))
        assert [(each.plain, each.markup) for each in lines] == [
            (each.plain, each.markup) for each in text.wrap(console, width)
        ]
        for line in lines:
            with console.capture() as capture:
                console.print(line, no_wrap=True, overflow="ignore", crop=False)
            assert styled(line, console) == capture.get()
