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


LARGE = {
    "modules/large/main.tf": "".join(f'resource "aws_sqs_queue" "q{n}" {{\n}}\n' for n in range(4))
    + MODULE["modules/bucket/variables.tf"]
}
CALLER = {
    "live/prod/main.tf": 'terraform {\n  backend "s3" {\n  }\n}\n'
    + CALL.format(name="prod").replace("bucket", "large")
}
OF_MODULES = {"select": ("EKS-DOC-101", "EKS-TEST-102")}


def lacking(review: Review) -> list[tuple[str, str]]:
    return [(each.id, each.status.value) for each in review.findings if each.path.startswith("modules/")]


def test_who_calls_a_module_that_was_there_is_not_asked_for_what_it_lacks(
    review_change: ReviewChange,
) -> None:
    assert lacking(review_change(LARGE, CALLER, **OF_MODULES)) == []


def test_who_calls_a_module_that_is_new_is_asked_for_what_it_lacks(review_change: ReviewChange) -> None:
    assert set(lacking(review_change({"a.tf": ""}, {**CALLER, **LARGE}, **OF_MODULES))) == {
        ("EKS-DOC-101", "introduced"),
        ("EKS-TEST-102", "introduced"),
    }


def test_who_edits_a_module_hears_what_it_lacked_before(review_change: ReviewChange) -> None:
    edited = {path: text.replace("string", "any") for path, text in LARGE.items()}
    review = review_change(LARGE, {**CALLER, **edited}, select=("EKS-DOC-101",))
    assert lacking(review) == [("EKS-DOC-101", "existing")]


def test_a_module_that_moves_keeps_what_was_wrong_with_it(review_change: ReviewChange) -> None:
    head: dict[str, str | None] = {
        path.replace("modules/", "modules/storage/"): text for path, text in MODULE.items()
    }
    head |= dict.fromkeys(MODULE)
    head["live/dev/main.tf"] = CALLERS["live/dev/main.tf"].replace("modules/", "modules/storage/")
    base = {**MODULE, "live/dev/main.tf": CALLERS["live/dev/main.tf"]}
    review = review_change(base, head, select=("EKS-DOC-102", "EKS-DOC-103"))
    assert {each.status for each in review.findings} <= {Status.EXISTING}
