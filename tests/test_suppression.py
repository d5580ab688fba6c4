"""Suppression comments: what counts, what it covers, and that the doubtful changes nothing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.finding import Acceptance, Location
from reviewer.review import Notice
from reviewer.suppression import Comment, Rules, SourceLines, Suppression, match, parse

TODAY = date(2026, 11, 23)
CHECKS = {
    "EKS-SEC-107": "api-endpoint-open-to-world",
    "EKS-SEC-108": "api-private-access-disabled",
    "EKS-OBS-101": "control-plane-logs-incomplete",
}
RULES = Rules(CHECKS, TODAY, 365)
FILE = """\

resource "aws_eks_cluster" "main" {

  vpc_config {
    public_access_cidrs = [
      "0.0.0.0/0",
    ]
  }

}
"""
CODE = {number for number, line in enumerate(FILE.split("\n"), start=1) if line}
EXTENTS = {2: (2, 10), 4: (4, 8), 5: (5, 7)}
SOURCE = SourceLines("infra/eks.tf", CODE, EXTENTS.get)
GOOD = 'reason="VPN only" until=2027-03-01'


def read(text: str, line: int = 1, *, after_code: bool = False) -> tuple[Suppression | None, str]:
    comment = Comment(line, line + text.count("\n"), text, after_code)
    suppressions, notices = parse([comment], SOURCE, RULES)
    assert len(suppressions) + len(notices) <= 1
    return next(iter(suppressions), None), next((each.message for each in notices), "")


@pytest.mark.parametrize(
    "text",
    [
        f"# eks-review:ignore EKS-SEC-107 {GOOD}",
        f"// eks-review:ignore EKS-SEC-107 {GOOD}",
        f"/* eks-review:ignore EKS-SEC-107 {GOOD} */",
        f"#eks-review:ignore EKS-SEC-107 {GOOD}",
        f"## eks-review: ignore EKS-SEC-107, {GOOD}\r",
        '# eks-review:ignore until=2027-03-01 reason="VPN only" EKS-SEC-107',
    ],
)
def test_every_way_of_writing_one(text: str) -> None:
    assert read(text)[0] == Suppression(
        ("EKS-SEC-107",), "VPN only", date(2027, 3, 1), "infra/eks.tf", 1, (2, 10)
    )


def test_a_block_comment_of_several_lines() -> None:
    text = f"/*\n * Agreed with security.\n * eks-review:ignore EKS-SEC-107 {GOOD}\n */"
    comment = Comment(-2, 1, text, after_code=False)

    (suppression,), notices = parse([comment], SOURCE, RULES)

    assert (suppression.line, suppression.covers, notices) == (0, (2, 10), ())


def test_several_checks_by_id_and_name() -> None:
    found, _ = read(f"# eks-review:ignore EKS-SEC-107, control-plane-logs-incomplete EKS-SEC-108 {GOOD}")

    assert found is not None
    assert found.checks == ("EKS-SEC-107", "control-plane-logs-incomplete", "EKS-SEC-108")


def test_a_reason_may_hold_quotes_commas_and_words_that_look_like_keys() -> None:
    found, _ = read(
        r'# eks-review:ignore EKS-SEC-107 reason="the \"edge\", until=2030 \\ x" until=2027-03-01'
    )

    assert found is not None
    assert found.reason == r'the "edge", until=2030 \ x'
    assert found.acceptance == Acceptance(found.reason, date(2027, 3, 1), "infra/eks.tf", 1)


@pytest.mark.parametrize(
    ("line", "after_code", "covers"),
    [
        (1, False, (2, 10)),
        (3, False, (4, 8)),
        (2, True, (2, 10)),
        (5, True, (5, 7)),
        (6, True, (6, 6)),
        (7, True, (7, 7)),
    ],
)
def test_what_it_covers(line: int, after_code: bool, covers: tuple[int, int]) -> None:  # noqa: FBT001 - a column
    found, _ = read(f"# eks-review:ignore EKS-SEC-107 {GOOD}", line, after_code=after_code)

    assert found is not None
    assert found.covers == covers


def test_before_a_closing_brace_it_covers_nothing_and_never_the_next_block() -> None:
    assert read(f"# eks-review:ignore EKS-SEC-107 {GOOD}", 9) == (
        None,
        "A suppression does not count: no block, attribute or entry follows it. Its findings stay.",
    )
    assert read(f"# eks-review:ignore EKS-SEC-107 {GOOD}", 11)[0] is None


def test_stacked_comments_speak_of_the_same_block() -> None:
    comments = [
        Comment(-1, -1, f"# eks-review:ignore EKS-SEC-107 {GOOD}", after_code=False),
        Comment(0, 0, "# just words", after_code=False),
        Comment(1, 1, f"# eks-review:ignore EKS-SEC-108 {GOOD}", after_code=False),
    ]

    found, notices = parse(comments, SOURCE, RULES)

    assert [(each.checks, each.covers) for each in found] == [
        (("EKS-SEC-107",), (2, 10)),
        (("EKS-SEC-108",), (2, 10)),
    ]
    assert notices == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("EKS-SEC-107 until=2027-03-01", 'it needs a reason: `reason="…"`'),
        ('EKS-SEC-107 reason="" until=2027-03-01', "its reason is empty"),
        ('EKS-SEC-107 reason="  " until=2027-03-01', "its reason is empty"),
        ("EKS-SEC-107 reason=VPN until=2027-03-01", 'the reason must stand in quotes: `reason="…"`'),
        ('EKS-SEC-107 reason="VPN only', 'the reason must stand in quotes: `reason="…"`'),
        ('EKS-SEC-107 reason="a" reason="b" until=2027-03-01', "`reason` is given twice"),
        ('EKS-SEC-107 reason="x"', "it needs an end: `until=YYYY-MM-DD`"),
        ('EKS-SEC-107 reason="x" until=', '`""` is not a date written as YYYY-MM-DD'),
        ('EKS-SEC-107 reason="x" until=2027-02-30', "`2027-02-30` is not a date written as YYYY-MM-DD"),
        ('EKS-SEC-107 reason="x" until=20270301', "`20270301` is not a date written as YYYY-MM-DD"),
        ('EKS-SEC-107 reason="x" until=01.03.2027', "`01.03.2027` is not a date written as YYYY-MM-DD"),
        ('EKS-SEC-107 reason="x" until=2027-W09-1', "`2027-W09-1` is not a date written as YYYY-MM-DD"),
        ('EKS-SEC-107 reason="x" until=2026-11-22', "it expired on 2026-11-22"),
        (
            'EKS-SEC-107 reason="x" until=2027-11-24',
            "2027-11-24 is more than 365 days ahead, after 2027-11-23",
        ),
        (
            'EKS-SEC-107 reason="x" until=9999-12-31',
            "9999-12-31 is more than 365 days ahead, after 2027-11-23",
        ),
        (GOOD, "it names no check"),
        (
            f"EKS-SEC-109 {GOOD}",
            'no check has the id or name `EKS-SEC-109` (did you mean "EKS-SEC-108"?)',
        ),
        (f"EKS-SEC-107 EKS-NO-1 {GOOD}", "no check has the id or name `EKS-NO-1`"),
        (f"EKS-SEC {GOOD}", "`EKS-SEC` is a whole group of checks; name each one"),
        (f"EKS {GOOD}", "`EKS` is a whole group of checks; name each one"),
        (f"all {GOOD}", "no check has the id or name `all`"),
        (f"EKS-SEC-107 {GOOD} untill=2027-01-01", "`untill` is not known, only `reason` and `until` are"),
        (f'EKS-SEC-107 "quoted" {GOOD}', 'no check has the id or name `"quoted"`'),
        (f"EKS-SEC-107 {GOOD} because", "no check has the id or name `because`"),
    ],
)
def test_what_is_not_wholly_right_does_not_count_and_is_named(text: str, fault: str) -> None:
    found, message = read(f"# eks-review:ignore {text}")

    assert found is None
    assert message.startswith("A suppression does not count: ")
    assert fault in message
    assert message.endswith(". Its findings stay.")


@pytest.mark.parametrize("until", ["2026-11-23", "2027-11-23"])
def test_the_first_and_the_last_day_count(until: str) -> None:
    found, _ = read(f'# eks-review:ignore EKS-SEC-107 reason="x" until={until}')

    assert found is not None


def test_everything_wrong_is_said_at_once_with_its_place() -> None:
    _, notices = parse([Comment(1, 1, "# eks-review:ignore", after_code=False)], SOURCE, RULES)

    message = (
        'A suppression does not count: it names no check; it needs a reason: `reason="…"`; '
        "it needs an end: `until=YYYY-MM-DD`. Its findings stay."
    )
    assert notices == (Notice(message, "infra/eks.tf", 1),)


@pytest.mark.parametrize("verb", ["disable", "ignore-next-line", "skip", ""])
def test_an_unknown_word_is_named(verb: str) -> None:
    found, message = read(f"# eks-review:{verb} EKS-SEC-107 {GOOD}" if verb else "# eks-review:")

    assert found is None
    assert f"`eks-review:{verb}` is not known, only `eks-review:ignore` is" in message


@pytest.mark.parametrize(
    "text", ["# see eks-review:ignore", "# eks-review is nice", "# checkov:skip=CKV_1", ""]
)
def test_other_comments_are_left_alone(text: str) -> None:
    assert read(text) == (None, "")


def test_results_of_other_tools_can_be_suppressed_too() -> None:
    found, _ = read(f"# eks-review:ignore CKV_AWS_39 {GOOD}")

    assert found is not None
    assert found.checks == ("CKV_AWS_39",)


def suppression(covers: tuple[int, int], *checks: str, path: str = "infra/eks.tf") -> Suppression:
    return Suppression(checks, "x", date(2027, 1, 1), path, covers[0], covers)


@pytest.mark.parametrize(
    ("given_one", "covered"),
    [
        (suppression((2, 10), "EKS-SEC-107"), True),
        (suppression((5, 5), "EKS-SEC-107"), True),
        (suppression((2, 10), "api-endpoint-open-to-world"), True),
        (suppression((2, 10), "EKS-SEC-108", "EKS-SEC-107"), True),
        (suppression((2, 10), "EKS-SEC-108"), False),
        (suppression((6, 10), "EKS-SEC-107"), False),
        (suppression((2, 4), "EKS-SEC-107"), False),
        (suppression((2, 10), "EKS-SEC-107", path="infra/other.tf"), False),
    ],
)
def test_which_findings_it_covers(given_one: Suppression, covered: bool) -> None:  # noqa: FBT001 - a column
    where = Location("infra/eks.tf", 5, 7)

    found = match("EKS-SEC-107", "api-endpoint-open-to-world", where, [given_one])

    assert (found is given_one) is covered


def test_of_several_the_narrowest_speaks() -> None:
    wide, narrow = suppression((2, 10), "EKS-SEC-107"), suppression((4, 8), "EKS-SEC-107")

    assert match("EKS-SEC-107", "n", Location("infra/eks.tf", 5, 5), [wide, narrow]) is narrow


@given(st.text(st.sampled_from('EKS-107 reason="x" until=2027-03-01\\,\n#/*`'), max_size=60))
def test_any_comment_is_read_without_failing(text: str) -> None:
    comment = Comment(1, 1, f"# eks-review:ignore {text}", after_code=False)
    found, notices = parse([comment], SOURCE, RULES)

    assert len(found) + len(notices) == 1
    assert all(each.reason and each.until >= TODAY and set(each.checks) for each in found)
