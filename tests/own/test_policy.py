"""Reading a policy: what its metadata says, and each mistake with its line."""

from __future__ import annotations

import pytest

from reviewer.errors import UsageError
from reviewer.finding import Pillar, Severity
from reviewer.own.policy import read_policy
from tests.own.policies import NAMED

WHOLE = """\
# METADATA
# title: A bucket is not ours.
# description: |
#   It costs money
#   and nobody knows whose.
# related_resources:
# - ref: https://wiki.example.com/names
# custom:
#   id: OWN-NAMES-12
#   name: bucket-of-strangers
#   severity: low
#   pillar: cost-optimization
#   resources: [aws_s3_bucket, data.aws_s3_*]
#   fix: Rename it.
package ours.names

import rego.v1

deny contains input.values.bucket if input.values.tags.Owner == ""
"""


def mistake(text: str) -> str:
    with pytest.raises(UsageError) as error:
        read_policy("p.rego", text)
    return str(error.value)


def test_all_that_the_metadata_says() -> None:
    policy = read_policy("p.rego", WHOLE)
    assert (policy.id, policy.name, policy.query) == (
        "OWN-NAMES-12",
        "bucket-of-strangers",
        "data.ours.names.deny",
    )
    assert (policy.severity, policy.pillar) == (Severity.LOW, Pillar.COST_OPTIMIZATION)
    assert policy.on == ("aws_s3_bucket", "data.aws_s3_*")
    assert (policy.title, policy.fix) == ("A bucket is not ours", "Rename it.")
    assert policy.description == "It costs money\nand nobody knows whose."
    assert policy.links == ("https://wiki.example.com/names",)
    assert policy.reads == {("bucket",), ("tags", "Owner")}
    assert not policy.wants_origins


def test_the_name_comes_from_the_package() -> None:
    assert read_policy("p.rego", NAMED).name == "a-rule"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("package ours.names", "", "p.rego:1: the policy does not begin with `package` and a name"),
        ("# METADATA", "#", "p.rego:1: the policy has no `# METADATA` comment above its package"),
        ("OWN-NAMES-12", "EKS-SEC-101", 'p.rego:1: custom.id: "EKS-SEC-101" is not an id such as OWN-NAMING-1'),
        ("severity: low", "severity: lo", 'p.rego:1: custom.severity: "lo" is not one of critical, high, medium, low'),
        ("pillar: cost-optimization", "pillar: cost", 'p.rego:1: custom.pillar: "cost" is not one of security, reliability, performance, cost-optimization, operational-excellence'),
        ("#   fix:", "#   fixx:", 'p.rego:1: unknown key "custom.fixx" (did you mean "fix"?)'),
        ("#   resources: [aws_s3_bucket, data.aws_s3_*]\n", "", "p.rego:1: custom needs either `resources` or `view`"),
        ("resources: [aws_s3_bucket, data.aws_s3_*]", "view: clusters", 'p.rego:1: custom.view: "clusters" is not one of cluster, node-group, addon, security-rule, iam-statement, kubernetes-object, helm-release'),
        ("title: A bucket is not ours.", "title:", "p.rego:1: the metadata has no `title` that says what is wrong"),
        ("#   pillar:", "#  pillar:", "p.rego:12: the metadata cannot be read: not valid YAML: "),
        ("deny contains", "denied contains", "p.rego:1: the policy has no rule `deny`, so it would never find anything"),
        ("input.values.bucket if", "bukcet if", 'p.rego:19: "bukcet" occurs once: it is misspelt, or it should be `_`'),
        ("input.values.bucket if", "opa.runtime() if", "p.rego:19: opa.runtime is not available: a policy sees its input alone (the date is `input.today`)"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_line(old: str, new: str, message: str) -> None:
    assert WHOLE.count(old) == 1
    assert mistake(WHOLE.replace(old, new)).startswith(message)


def test_a_huge_policy_is_refused() -> None:
    assert "more than 100,000" in mistake(NAMED + "#" * 100_000)
