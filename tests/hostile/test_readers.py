"""Diffs, configurations, suppressions and trees made to mislead or to break: what comes of each, word by word."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from reviewer import pipeline
from reviewer.change.change import from_git
from reviewer.change.diff import parse_diff
from reviewer.change.errors import MalformedDiffError
from reviewer.change.git import GitRepository
from reviewer.checks import CHECKS
from reviewer.config.config import Config
from reviewer.config.file import InvalidConfigError, load
from reviewer.suppression import Comment, Rules, SourceLines, parse
from tests.change.repo import Repo
from tests.hostile.changes import OPEN_RULE

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {"EKS-SEC-101": "sensitive-port-open-to-world"}
FILE = "diff --git a/x b/x\n--- a/x\n+++ b/x\n"
HUNK = "@@ -1 +1 @@\n-a\n+b\n"

REFUSED_DIFFS = {
    "no header": ("hello\n", "it has no 'diff --git' line"),
    "a hunk that is too short": (f"{FILE}@@ -1,3 +1,3 @@\n a\n", "Hunk is shorter than expected"),
    "a line of no kind": (f"{FILE}@@ -1 +1 @@\n?a\n", "Hunk diff line expected: ?a"),
    "numbers without end": (
        f"{FILE}@@ -1,{'9' * 5_000} +1 @@\n a\n",
        "Exceeds the limit (4300 digits) for integer string conversion",
    ),
    "a quote that does not end": (
        'diff --git "a/x b/x\n--- "a/x\n' + HUNK,
        "a 'diff --git' line has no path",
    ),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED_DIFFS.values(), ids=REFUSED_DIFFS)
def test_a_diff_that_cannot_be_read_is_refused(text: str, reason: str) -> None:
    with pytest.raises(MalformedDiffError) as refused:
        _ = [list(each.hunks) for each in parse_diff([text.encode()])]
    assert str(refused.value).startswith(f"the diff cannot be read: {reason}")


READ_DIFFS: dict[str, tuple[str, list[tuple[str, str, bool, list[int]]]]] = {
    "nothing": ("", []),
    "blanks": (" \n \n", []),
    "a header alone": ("diff --git a/x b/x\n", []),
    "no second name": ("diff --git a/x b/x\n--- a/x\n", [("x", "modified", False, [])]),
    "a path above": (
        "diff --git a/../x b/../x\n--- a/../x\n+++ b/../x\n" + HUNK,
        [("../x", "modified", False, [1])],
    ),
    "a control character": (
        'diff --git "a/\\001" "b/\\001"\n--- "a/\\001"\n+++ "b/\\001"\n' + HUNK,
        [("\x01", "modified", False, [1])],
    ),
    "binary": ("diff --git a/x b/x\nBinary files a/x and b/x differ\n", [("x", "modified", True, [])]),
    "a diff in a line": (
        f"{FILE}@@ -1,2 +1,2 @@\n-a\n+b\n diff --git a/y b/y\n",
        [("x", "modified", False, [1])],
    ),
    "a header in a line": (
        f"{FILE}@@ -1,2 +1,2 @@\n---- a/y\n++++ b/y\n a\n",
        [("x", "modified", False, [1])],
    ),
    "NUL": (f"{FILE}@@ -1 +1 @@\n-a\0\n+b\0\n", [("x", "modified", False, [1])]),
    "line ends that are none": (
        f"{FILE}@@ -1 +1 @@\n-a\u2028c\n+b\x0cd\x85e\rf\n",
        [("x", "modified", False, [1])],
    ),
    "a submodule": (
        f"diff --git a/x b/x\nindex 1..2 160000\n--- a/x\n+++ b/x\n{HUNK.replace('a', 'Subproject commit 1')}",
        [],
    ),
    "a link": (
        "diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc/passwd\n",
        [("x", "added", True, [])],
    ),
    "a file twice": (f"{FILE}{HUNK}" * 2, [("x", "modified", True, [])]),
}


@pytest.mark.parametrize(("text", "files"), READ_DIFFS.values(), ids=READ_DIFFS)
def test_a_diff_that_is_odd_is_read_as_git_means_it(
    text: str, files: list[tuple[str, str, bool, list[int]]]
) -> None:
    found = [
        (
            each.path,
            each.status.value,
            each.binary,
            sorted(n for hunk in each.hunks for n in hunk.added_lines),
        )
        for each in parse_diff([text.encode()])
    ]
    assert found == files


LEVELS = "critical, high, medium, low, never"
CONFIGURATIONS = {
    "anchors": ("a: &a [x]\nb: *a\n", "1: anchors and aliases are not supported: write the value out"),
    "an object of Python": (
        "fail-on: !!python/object/apply:os.system [id]\n",
        f"1: fail-on: a list is not one of {LEVELS}",
    ),
    "a tag": ("fail-on: !evil high\n", f'1: fail-on: "high" is not one of {LEVELS}'),
    "nested": ("[" * 50 + "]" * 50 + "\n", "1: nested deeper than 20 levels"),
    "two documents": (
        "fail-on: high\n---\nfail-on: never\n",
        "2: not valid YAML: but found another document",
    ),
    "a list": ("- fail-on\n", "1: the file must be a mapping of keys to values"),
    "a word": ("never\n", "1: the file must be a mapping of keys to values"),
    "a merge": ("<<: {fail-on: never}\n", '1: unknown key "<<"'),
    "a key twice": (
        "fail-on: high\nfail-on: never\n",
        '2: fail-on: the key "fail-on" already stands on line 1',
    ),
    "a key misspelt": ("fail_on: never\n", '1: unknown key "fail_on" (did you mean "fail-on"?)'),
    "a value misspelt": ("fail-on: sometimes\n", f'1: fail-on: "sometimes" is not one of {LEVELS}'),
    "a bool": ("fail-on: true\n", f'1: fail-on: "true" is not one of {LEVELS}'),
    "too many": ("max-comments: 9999\n", '1: max-comments: "9999" is not a whole number from 0 to 100'),
    "a number of 9,000 digits": (
        f"max-comments: {'9' * 9_000}\n",
        f'1: max-comments: "{"9" * 60}',
    ),
    "fewer than none": ("max-comments: -1\n", '1: max-comments: "-1" is not a whole number from 0 to 100'),
    "infinity": ("max-comments: .inf\n", '1: max-comments: ".inf" is not a whole number from 0 to 100'),
    "octal": ("max-comments: 0o17\n", '1: max-comments: "0o17" is not a whole number from 0 to 100'),
    "no time": ("time-budget: 0\n", '1: time-budget: "0" is not a whole number from 1 to 3600'),
    "a path above": (
        "exclude: ['../**']\n",
        '1: exclude: "../**" is not a path relative to the repository such as examples/**',
    ),
    "an absolute path": (
        "exclude: ['/etc/**']\n",
        '1: exclude: "/etc/**" is not a path relative to the repository such as examples/**',
    ),
    "tabs": (
        "fail-on:\thigh\n\tx: y\n",
        "1: not valid YAML: found character '\\t' that cannot start any token",
    ),
    "a bell": ("fail-on: \x07high\n", "1: not valid YAML: a character that YAML does not allow"),
    "NUL": ("fail-on: \0high\n", "1: not valid YAML: a character that YAML does not allow"),
    "too long": (f"#{'x' * 300_000}\n", "1: the file has 300,002 characters, more than 262,144"),
    "a list that does not end": (
        "fail-on: [high\n",
        "2: not valid YAML: expected ',' or ']', but got '<stream end>'",
    ),
    "a quote that does not end": ('fail-on: "high\n', "2: not valid YAML: found unexpected end of stream"),
    "a mapping for a list": ("ignore: {a: b}\n", "1: ignore: a mapping is not the id or name of a check"),
    "a pattern for a check": ("ignore: ['EKS-.*']\n", '1: ignore: no check has the id or name "EKS-.*"'),
}


@pytest.mark.parametrize(("text", "message"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_a_configuration_that_is_wrong_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InvalidConfigError) as refused:
        load(text, "c.yml", NAMES)
    assert str(refused.value).startswith(f"c.yml:{message}")


UNTIL = "until=2027-03-01"
SUPPRESSIONS = {
    "nothing": "",
    "no reason": f"EKS-SEC-101 {UNTIL}",
    "an empty reason": f'EKS-SEC-101 reason="" {UNTIL}',
    "a reason of blanks": f'EKS-SEC-101 reason="   " {UNTIL}',
    "a reason of nothing visible": f'EKS-SEC-101 reason="\u200b\u200b" {UNTIL}',
    "no end": 'EKS-SEC-101 reason="VPN only"',
    "the year 9999": 'EKS-SEC-101 reason="VPN only" until=9999-12-31',
    "yesterday": 'EKS-SEC-101 reason="VPN only" until=2026-11-22',
    "no day": 'EKS-SEC-101 reason="VPN only" until=2027-02-30',
    "other digits": 'EKS-SEC-101 reason="VPN only" until=\uff12\uff10\uff12\uff17-03-01',
    "another order": 'EKS-SEC-101 reason="VPN only" until=01-03-2027',
    "everything": f'* reason="VPN only" {UNTIL}',
    "a pattern": f'EKS-.* reason="VPN only" {UNTIL}',
    "no check": f'reason="VPN only" {UNTIL}',
    "a check of nobody": f'EKS-SEC-999 reason="VPN only" {UNTIL}',
    "a letter that looks alike": f'EKS-SEC-1O1 reason="VPN only" {UNTIL}',
    "a quote that does not end": f'EKS-SEC-101 reason="VPN only {UNTIL}',
    "two ends": f'EKS-SEC-101 reason="VPN only" {UNTIL} until=2099-01-01',
    "an unknown word": f'EKS-SEC-101 reason="VPN only" {UNTIL} forever=true',
}


@pytest.mark.parametrize("text", SUPPRESSIONS.values(), ids=SUPPRESSIONS)
def test_a_suppression_that_is_not_wholly_right_does_not_count_and_says_so(text: str) -> None:
    source = SourceLines("main.tf", frozenset({2}), {2: (2, 2)}.get)
    comment = Comment(1, 1, f"# eks-review:ignore {text}", after_code=False)
    found, notices = parse([comment], source, Rules(NAMES, date(2026, 11, 23), 365))
    assert found == ()
    assert [each.message.startswith("A suppression does not count: ") for each in notices] == [True]


FILE_NAMES = [
    "Main.tf",
    "MAIN.TF.tf",
    "a b.tf",
    "-rf.tf",
    "--output=x.tf",
    ":(exclude)x.tf",
    "a'b\"c.tf",
    "$(id).tf",
    "a;b|c&d.tf",
    "a\nb.tf",
    "a\x1b[31m.tf",
    "ä\u202efdp.tf",
    "...tf",
    "~/x.tf",
    "%2e%2e/x.tf",
    "a\\..\\b.tf",
    "x" * 200 + ".tf",
    "con.tf",
    "*.tf",
]


@pytest.mark.parametrize("name", FILE_NAMES, ids=ascii)
def test_a_file_of_any_name_is_reviewed_under_that_name(tmp_path: Path, name: str) -> None:
    repo = Repo.create(tmp_path / "repo")
    first = repo.commit({"main.tf": "\n"})
    second = repo.commit({name: OPEN_RULE})
    with GitRepository.open(repo.root) as opened:
        change = from_git(opened, first, second)
        review = pipeline.review(
            change,
            Config(),
            today=date(2026, 11, 23),
            checks={"EKS-SEC-101": CHECKS["EKS-SEC-101"]},
        )
    assert [(each.path, each.line, each.comment_line) for each in review.findings] == [(name, 3, 3)]


def test_names_that_differ_in_case_alone_are_two_files(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    first = repo.commit({"main.tf": "\n"})
    second = repo.commit({"a.tf": OPEN_RULE, "A.tf": OPEN_RULE.replace('"ssh"', '"more"')})
    with GitRepository.open(repo.root) as opened:
        change = from_git(opened, first, second)
        review = pipeline.review(
            change,
            Config(),
            today=date(2026, 11, 23),
            checks={"EKS-SEC-101": CHECKS["EKS-SEC-101"]},
        )
    assert {(each.path, each.address) for each in review.findings} == {
        ("a.tf", "aws_vpc_security_group_ingress_rule.ssh"),
        ("A.tf", "aws_vpc_security_group_ingress_rule.more"),
    }
