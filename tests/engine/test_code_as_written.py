"""Problems of the code as it is written are told once, and a further caller of the code brings none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.finding import Status

if TYPE_CHECKING:
    from reviewer.review import Review
    from tests.engine.conftest import ReviewChange

CALL = 'module "{name}" {{\n  source = "../../modules/bucket"\n}}\n'
TABLE = "<!-- BEGIN_TF_DOCS -->\n## Inputs\n\n| Name |\n|------|\n<!-- END_TF_DOCS -->\n"
MODULE = {
    "modules/bucket/main.tf": 'resource "aws_s3_bucket" "this" {\n  bucket = var.name\n}\n',
    "modules/bucket/variables.tf": 'variable "name" {\n  type = string\n}\n',
    "modules/bucket/README.md": TABLE,
}
MORE = {"modules/bucket/variables.tf": MODULE["modules/bucket/variables.tf"] + 'variable "owner" {\n}\n'}
CALLERS = {f"live/{name}/main.tf": CALL.format(name=name) for name in ("dev", "prod")}
SELECT = ("EKS-DOC-102", "EKS-DOC-103", "EKS-TEST-102")


def told(review: Review) -> list[tuple[str, str, str, int]]:
    return [
        (each.id, each.status.value, each.message.partition("`")[2], len(each.also))
        for each in review.findings
    ]


NEW = [
    ("EKS-DOC-102", "introduced", "modules/bucket/README.md` does not list the variable `owner`.", 0),
    ("EKS-DOC-103", "introduced", "owner` has no description.", 0),
]
OLD = [
    ("EKS-DOC-102", "existing", "modules/bucket/README.md` does not list the variable `name`.", 0),
    ("EKS-DOC-103", "existing", "name` has no description.", 0),
]


def test_every_caller_of_a_module_sees_the_same_problem_of_it_once(review_change: ReviewChange) -> None:
    assert told(review_change({**MODULE, **CALLERS}, MORE, select=SELECT)) == [*OLD, *NEW]


def test_a_new_caller_brings_none_of_the_problems_that_stood_there(review_change: ReviewChange) -> None:
    dev, prod = ({path: text} for path, text in CALLERS.items())
    review = review_change({**MODULE, **dev}, prod, select=SELECT)
    assert [each.id for each in review.findings if each.status is Status.INTRODUCED] == []


def test_a_new_caller_of_what_the_change_adds_brings_only_that(review_change: ReviewChange) -> None:
    dev, prod = ({path: text} for path, text in CALLERS.items())
    assert told(review_change({**MODULE, **dev}, {**prod, **MORE}, select=SELECT)) == [*OLD, *NEW]
