"""Suggestions are offered only when they are proven to work."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from reviewer.report.markdown import comment

if TYPE_CHECKING:
    from tests.engine.conftest import ReviewChange

ONLY = {"select": ("EKS-SEC-108",)}

OPEN = """
    resource "aws_eks_cluster" "main" {
      name = "prod"

      vpc_config {
        subnet_ids = []
      }
    }
    """


def test_inserted_argument_leaves_the_block_as_terraform_fmt_would(review_change: ReviewChange) -> None:
    review = review_change({}, {"main.tf": OPEN}, **ONLY)
    suggestion = review.findings[0].suggestion
    assert suggestion is not None
    assert (suggestion.path, suggestion.line, suggestion.end_line) == ("main.tf", 5, 5)
    assert suggestion.replacement == "  vpc_config {\n    endpoint_private_access = true\n"


def test_block_on_one_line_is_spread(review_change: ReviewChange) -> None:
    text = 'resource "aws_eks_cluster" "main" {\n  vpc_config { subnet_ids = [] }\n}\n'
    suggestion = review_change({}, {"main.tf": text}, **ONLY).findings[0].suggestion
    assert suggestion is not None
    assert (
        suggestion.replacement
        == "  vpc_config {\n    endpoint_private_access = true\n    subnet_ids = []\n  }"
    )


def test_no_suggestion_where_the_header_is_outside_the_diff(review_change: ReviewChange) -> None:
    many = "\n".join(f'          "subnet-{number}",' for number in range(12))
    base = OPEN.replace("[]", f"[\n{many}\n        ]\n        endpoint_private_access = true")
    review = review_change(
        {"main.tf": base},
        {
            "main.tf": base.replace(
                "        endpoint_private_access = true\n", "        security_group_ids = []\n"
            )
        },
        **ONLY,
    )
    assert [(each.placement.value, each.comment_line, each.suggestion) for each in review.findings] == [
        ("inline", 20, None)
    ]


def test_carriage_returns_are_kept_apart_from_the_lines(review_change: ReviewChange) -> None:
    review = review_change({}, {"main.tf": dedent(OPEN).replace("\n", "\r\n").encode()}, **ONLY)
    suggestion = review.findings[0].suggestion
    assert suggestion is not None
    assert suggestion.crlf
    assert suggestion.replacement == "  vpc_config {\n    endpoint_private_access = true\n"
    assert suggestion.written == "  vpc_config {\r\n    endpoint_private_access = true\r\n"
    assert "```suggestion" not in comment(review.findings[0])


def test_suggestion_stands_on_the_line_that_supplies_the_value(review_change: ReviewChange) -> None:
    base = OPEN.replace(
        "subnet_ids = []", "subnet_ids              = []\n        endpoint_private_access = true"
    )
    review = review_change({"main.tf": base}, {"main.tf": base.replace("= true", "= false")}, **ONLY)
    suggestion = review.findings[0].suggestion
    assert suggestion is not None
    assert suggestion.replacement == "    endpoint_private_access = true"
