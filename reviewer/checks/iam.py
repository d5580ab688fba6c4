"""Issue 2.2, IAM role permissions too broad."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.checks.check import Scope, check
from reviewer.checks.problem import NotApplicableError, Problem
from reviewer.data import table
from reviewer.finding import Pillar, Severity
from reviewer.report.escape import code
from reviewer.terraform.value import Unknown
from reviewer.views.iam_statement import IamStatement
from reviewer.views.managed_policy import AttachedPolicy
from reviewer.views.policy_source import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context
    from reviewer.terraform.value import Value

_POLICIES = (
    "aws_iam_policy",
    "aws_iam_role_policy",
    "data:aws_iam_policy_document",
    "aws_iam_user_policy",
    "aws_iam_group_policy",
)
_BOUNDARY = re.compile(r"boundar|(?<![a-z])scp(?![a-z])|service.?control", re.IGNORECASE)
_PINS = re.compile(
    r"^(?:\w[\w-]*:(?:Resource|Request|Principal)Tag/|aws:TagKeys|eks:cluster-?name|elbv2\.k8s)",
    re.IGNORECASE,
)
_NEEDS = {
    "nodes": "nodes need",
    "role": "one workload needs",
    "user": "one person needs",
    "group": "a team needs day to day",
}


@check(
    "EKS-SEC-201",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=AttachedPolicy,
    resources=(
        "aws_iam_role_policy_attachment",
        "aws_iam_policy_attachment",
        "aws_iam_user_policy_attachment",
        "aws_iam_group_policy_attachment",
        "aws_iam_role",
        "aws_iam_role_policy_attachments_exclusive",
        "module:eks",
        "module:iam-*",
        "module:cloudposse-eks-node-group",
    ),
    peers=("CKV_AWS_274", "CKV_AWS_275", "CKV2_AWS_56"),
)
def over_broad_managed_policy(attached: AttachedPolicy, context: Context) -> Iterator[Problem]:
    """A managed policy grants far more than is needed.

    Whoever gets hold of the role, for example through one vulnerable pod, gets everything the policy allows:
    with `AmazonS3FullAccess` every bucket of the account, with `IAMFullAccess` the account itself.

    Fix: Replace it by a policy of your own that lists the actions in use and the resources they are used on.
    IAM Access Analyzer can make one from CloudTrail.

    Bad:

    ```hcl
    resource "aws_iam_role_policy_attachment" "app" {
      role       = aws_iam_role.app.name
      policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess" # fails
    }

    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"

      eks_managed_node_groups = {
        main = {
          iam_role_additional_policies = {
            s3 = "arn:aws:iam::aws:policy/AmazonS3FullAccess" # fails
          }
        }
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_iam_role_policy_attachment" "node" {
      role       = aws_iam_role.node.name
      policy_arn = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"
    }
    ```

    References:
    - [EKS best practices: identity and access management](https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html)
    - [IAM user guide: generate policies from access activity](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-generation.html)
    """
    del context
    policies = table("managed_policies")
    policy = attached.policy
    if policy is None or not (policy in policies["broad"] or policy.endswith(policies["broad_suffix"])):
        return
    yield Problem(
        message=f"{code(policy)} on {code(attached.owner)} grants far more than {_NEEDS[attached.kind]}.",
        at=attached.arn.supplier or attached.header,
        attribute=attached.attribute,
        evidence=policy,
        related=attached.arn.origins,
    )


@check(
    "EKS-SEC-202",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=IamStatement,
    resources=(*_POLICIES, "module:iam-policy", "module:eks"),
    peers=(
        "CKV_AWS_1",
        "CKV_AWS_49",
        "CKV_AWS_62",
        "CKV_AWS_63",
        "CKV2_AWS_40",
        "AWS-0345",
        "KICS iam_policy_grants_full_permissions",
    ),
)
def iam_wildcard_action(statement: IamStatement, context: Context) -> Iterator[Problem]:
    """A policy allows every action of a service on everything.

    `ec2:*` on `*` also stops every node, reads every snapshot and opens every security group of the account.
    Actions that AWS adds later are included unseen. `NotAction` and `NotResource` allow whatever nobody
    thought of.

    Fix: List the actions that are used, and name the resources. CloudTrail and IAM Access Analyzer tell which
    those are.

    Bad:

    ```hcl
    data "aws_iam_policy_document" "autoscaler" {
      statement {
        actions   = ["ec2:*"] # fails
        resources = ["*"]
      }
    }

    resource "aws_iam_policy" "deploy" {
      name = "deploy"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = "*" # fails
          Resource = "*"
        }]
      })
    }
    ```

    Good:

    ```hcl
    data "aws_iam_policy_document" "autoscaler" {
      statement {
        actions   = ["ec2:DescribeInstances"]
        resources = ["*"]
      }
    }
    ```

    References:
    - [EKS best practices: identity and access management](https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html)
    - [IAM user guide: grant least privilege](https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege)
    """
    del context
    _require_permissions(statement)
    wild = wildcard_action(statement)
    if wild is None or statement.has_condition(is_pinning):
        return
    negated = wild is statement.not_actions or wild is statement.not_resources
    name = "NotAction" if wild is statement.not_actions else "NotResource"
    yield Problem(
        message=(
            f"Statement allows everything but what {code(name)} lists."
            if negated
            else f"Statement allows {code(wild.data)} on {code(shown_resources(statement))}."
        ),
        at=wild.supplier or statement.at,
        attribute=f"{statement.source.attribute}.{name if negated else 'actions'}",
        evidence="" if negated else f"{wild.data} {shown_resources(statement)}",
        related=(*wild.origins, *statement.resources.origins),
    )


def _require_permissions(statement: IamStatement) -> None:
    """Leave alone what grants nothing by itself: trust, resource policies, boundaries, denials."""
    if statement.is_for(Purpose.TRUST, Purpose.RESOURCE, Purpose.GUARDRAIL):
        raise NotApplicableError("not a policy of permissions")
    if any(_BOUNDARY.search(name) for name in statement.names):
        raise NotApplicableError("a permissions boundary or guardrail limits and grants nothing")
    if not statement.is_allow:
        raise NotApplicableError("the statement denies")
    if statement.require_principals():
        raise NotApplicableError("a policy of a resource or a role's trust, not of permissions")


def wildcard_action(statement: IamStatement) -> Value | None:
    """Return the action that makes a statement all-embracing, or the list that negates, if any."""
    for negated in (statement.not_actions, statement.not_resources):
        if negated.elements():
            return negated
    return statement.actions.find(
        lambda action: (
            action in {"*", "*:*"}
            or (isinstance(action, str) and action.endswith(":*") and on_everything(statement))
        )
    )


def shown_resources(statement: IamStatement) -> str:
    """Return the resources of a statement for people: texts, and references where the text is unknown."""
    resources = statement.resources
    listed = resources.data if isinstance(resources.data, tuple) else (resources,)
    return ", ".join(_shown(each) for each in listed)


def _shown(resource: Value) -> str:
    if isinstance(resource.data, Unknown):
        parts = resource.data.parts
        return "".join(map(_shown, parts)) if parts else resource.data.reference or "…"
    return str(resource.data)


def on_everything(statement: IamStatement) -> bool:
    """Tell whether a statement is about every resource."""
    return statement.resources.find(lambda resource: resource == "*") is not None


def is_pinning(variable: str) -> bool:
    """Tell whether a condition on this key limits a statement to the resources of one owner or cluster."""
    return _PINS.match(variable) is not None
