"""What one thing brings about in many root modules is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.engine.conftest import ReviewChange

ROOT = 'terraform {\n  backend "s3" {\n  }\n}\n\nresource "aws_sqs_queue" "jobs" {\n}\n'
ROOTS = {f"live/{name}/main.tf": ROOT for name in ("dev", "prod", "stage")}
PLAN = {
    ".github/workflows/plan.yml": "on: pull_request\njobs:\n  a:\n    steps:\n      - run: terraform plan\n"
}
ONLY = {"select": ("EKS-OPS-101",)}


def test_a_pipeline_that_goes_is_missed_once(review_change: ReviewChange) -> None:
    idle = {path: text.replace("terraform plan", "echo done") for path, text in PLAN.items()}
    [finding] = review_change({**ROOTS, **PLAN}, idle, **ONLY).findings
    assert finding.status.value == "introduced"
    assert finding.message == (
        "No workflow, CI file or service here plans Terraform in `live/dev`: it is applied by hand. The same "
        "holds for `live/prod`, `live/stage`."
    )


def test_a_new_root_module_is_told_apart_from_those_that_were_there(review_change: ReviewChange) -> None:
    head = {"live/new/main.tf": ROOT, "live/dev/main.tf": ROOT.replace("jobs", "mails")}
    findings = review_change(ROOTS, head, **ONLY).findings
    assert [(each.status.value, each.address, len(each.also)) for each in findings] == [
        ("introduced", "live/new", 0)
    ]
