"""Issue 2.2, IAM role permissions too broad: what policies allow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.problem import Edit, Fix, Problem
from reviewer.data import table
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.views.fact import is_false
from reviewer.views.iam.exposure import Exposure
from reviewer.views.iam.iam_action import allowed, is_limited, wide_resource, wildcard
from reviewer.views.iam.iam_statement import IamStatement
from reviewer.views.iam.managed_policy import AttachedPolicy, is_broad
from reviewer.views.iam.policy_source import Purpose
from reviewer.views.text import shown
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.terraform.value import Value
    from reviewer.views.context import Context


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
_RESTRICTING = (
    "aws:principalorg",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltag/",
    "aws:source",
    "aws:userid",
    "aws:resourceaccount",
    "kms:calleraccount",
    "kms:viaservice",
    "sts:externalid",
    "s3:dataaccesspoint",
    "sns:endpoint",
)
_NEEDS = {
    "nodes": "nodes need",
    "role": "one workload needs",
    "cluster": "the control plane needs",
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
    policy = attached.policy
    if policy is None or not is_broad(policy):
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
    return statement.actions.find(lambda action: _is_all_embracing(action, statement))


def _listed(statement: IamStatement, actions: Sequence[str]) -> list[tuple[str, Value]]:
    """Return those of ``actions`` that a statement allows by more than a wildcard, with what does it.

    What ``iam:*`` on everything allows is the business of EKS-SEC-202; what stands beside it is not.
    """
    return [
        (action, element)
        for action, element in allowed(statement, actions)
        if not _is_all_embracing(element.data, statement)
    ]


def _is_all_embracing(action: object, statement: IamStatement) -> bool:
    """Tell whether an action is every one, or every one of a service on everything."""
    if action in {"*", "*:*"}:
        return True
    return isinstance(action, str) and action.endswith(":*") and on_everything(statement)


def shown_resources(statement: IamStatement) -> str:
    """Return the resources of a statement for people: texts, and references where the text is unknown."""
    resources = statement.resources
    listed = resources.data if isinstance(resources.data, tuple) else (resources,)
    return ", ".join(shown(each) or "…" for each in listed)


def on_everything(statement: IamStatement) -> bool:
    """Tell whether a statement is about every resource."""
    return wildcard(statement.resources) is not None


def is_pinning(variable: str) -> bool:
    """Tell whether a condition on this key limits a statement to the resources of one owner or cluster."""
    return _PINS.match(variable) is not None


@check(
    "EKS-SEC-203",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=IamStatement,
    resources=(*_POLICIES, "module:iam-policy", "module:eks"),
    peers=(
        "CKV_AWS_110",
        "CKV_AWS_286",
        "CKV_AWS_109",
        "CKV_AWS_289",
        "AWS-0342",
        "KICS role_with_privilege_escalation_*",
    ),
)
def iam_privilege_escalation(statement: IamStatement, context: Context) -> Iterator[Problem]:
    """A policy lets its holder become administrator.

    Whoever may pass any role to a service, attach any policy or assume any role does not need administrator
    rights: they can give them to themselves. A pod with such a role is a way to the whole account.

    Fix: Name the roles or policies in `resources`. For `iam:PassRole` also add a condition on
    `iam:PassedToService`.

    Bad:

    ```hcl
    data "aws_iam_policy_document" "karpenter" {
      statement {
        actions   = ["iam:PassRole"] # fails
        resources = ["*"]
      }
    }
    ```

    Good:

    ```hcl
    data "aws_iam_policy_document" "karpenter" {
      statement {
        actions   = ["iam:PassRole"]
        resources = ["arn:aws:iam::111122223333:role/karpenter-node"]
      }
    }
    ```

    References:
    - [EKS best practices: identity and access management](https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html)
    - [IAM user guide: grant permissions to pass a role](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html)
    """
    del context
    _require_permissions(statement)
    escalating = _escalating(statement)
    if escalating is None:
        return
    action, element = escalating
    what = (
        "take on any role that trusts this account" if action == "sts:AssumeRole" else "become administrator"
    )
    yield Problem(
        message=f"{code(action)} on {code(shown_resources(statement))} lets the holder {what}.",
        at=element.supplier or statement.at,
        attribute=f"{statement.source.attribute}.actions",
        evidence=f"{action} {shown_resources(statement)}",
        related=(*element.origins, *statement.resources.origins),
    )


def _escalating(statement: IamStatement) -> tuple[str, Value] | None:
    """Return the first action that lets the holder become administrator, besides what EKS-SEC-202 says."""
    known = table("iam_actions")
    found = _listed(statement, known["escalation"])
    if not found or statement.require_conditions():
        return None
    return found[0] if wide_resource(statement, known["everyone"]) is not None else None


@check(
    "EKS-SEC-204",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=IamStatement,
    resources=(*_POLICIES, "module:iam-policy", "module:eks", "module:iam-irsa", "module:blueprints-addons"),
    peers=("CKV_AWS_108", "CKV_AWS_288", "CKV_AWS_355", "CKV_AWS_356"),
)
def iam_data_access_on_all_resources(statement: IamStatement, context: Context) -> Iterator[Problem]:
    """A policy reads or writes the data of every resource of a kind.

    One pod that may read every secret may read those of all other teams and environments in the account,
    too. An attacker needs only the weakest of the pods.

    Fix: Name the ARNs or a prefix, such as `arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/*`,
    or limit the statement by a tag.

    Bad:

    ```hcl
    data "aws_iam_policy_document" "app" {
      statement {
        actions   = ["secretsmanager:GetSecretValue"]
        resources = ["*"] # fails
      }
    }

    module "addons" { # fails
      source = "aws-ia/eks-blueprints-addons/aws"

      enable_external_secrets = true
    }
    ```

    Good:

    ```hcl
    module "addons" {
      source = "aws-ia/eks-blueprints-addons/aws"

      enable_external_secrets               = true
      external_secrets_secrets_manager_arns = ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/*"]
    }
    ```

    References:
    - [EKS best practices: identity and access management](https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html)
    - [Secrets Manager user guide: identity-based policies](https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html)
    """
    del context
    _require_permissions(statement)
    for row in table("iam_actions")["data"]:
        found = _listed(statement, row["actions"])
        if not found or (row.get("only_inputs") and statement.instance.kind != "module"):
            continue
        if is_limited(statement):
            return
        wide = wide_resource(statement, row["all"])
        if wide is None:
            continue
        action = found[0][0]
        is_default = wide.supplier is None and statement.instance.kind == "module"
        why = f": {code(statement.source.attribute)} is left at its default" if is_default else ""
        yield Problem(
            message=f"{code(action)} on all {row['things']} in the account{why}.",
            at=wide.supplier or statement.at,
            attribute=f"{statement.source.attribute}.resources",
            evidence=action,
            hint=(
                f"Name the {row['things']} by their ARNs, such as {code(row['one'])}, or limit the statement "
                "by a condition."
            ),
            related=(*wide.origins, *found[0][1].origins),
        )


@check(
    "EKS-SEC-213",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=Exposure,
    resources=(
        "aws_kms_key",
        "aws_kms_key_policy",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_acl",
        "aws_s3_bucket_public_access_block",
        "aws_sqs_queue_policy",
        "aws_sns_topic_policy",
        "aws_ecr_repository_policy",
        "aws_secretsmanager_secret_policy",
        "data:aws_iam_policy_document",
    ),
    peers=(
        "CKV_AWS_33",
        "CKV_AWS_70",
        "CKV_AWS_168",
        "CKV_AWS_169",
        "CKV_AWS_283",
        "CKV_AWS_53..56",
        "AWS-0032",
        "AWS-0086",
        "AWS-0087",
    ),
    fix=FixKind.REPLACE,
)
def resource_policy_public(exposure: Exposure, context: Context) -> Iterator[Problem]:
    """A resource is open to everybody with an AWS account.

    A principal `*` without a condition means every account of the world, not every role of yours. Buckets,
    queues, keys and images opened like that are found by scanners within a day.

    Fix: Name the accounts or roles, or add a condition such as `aws:PrincipalOrgID` or `aws:SourceArn`.
    Leave all four settings of the public access block on.

    Bad:

    ```hcl
    resource "aws_s3_bucket_public_access_block" "logs" {
      bucket              = "logs"
      block_public_policy = false # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_s3_bucket_public_access_block" "logs" {
      bucket              = "logs"
      block_public_policy = true
    }
    ```

    References:
    - [IAM user guide: resource-based policies](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html)
    - [S3 user guide: block public access](https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html)
    """
    del context
    if exposure.statement is not None:
        yield from _public_statement(exposure, exposure.statement)
    elif exposure.value is not None and exposure.name == "acl":
        if exposure.value.test(lambda acl: str(acl).startswith("public-read") or acl == "website"):
            message = (
                f"{code(exposure.address)} is readable by anybody: its ACL is {code(exposure.value.data)}."
            )
            yield Problem(message, exposure.value.supplier or exposure.header, "acl")
    elif exposure.value is not None and exposure.value.test(is_false):
        at = exposure.value.supplier or exposure.header
        yield Problem(
            message=f"{code(exposure.name)} is off: one policy or ACL makes the bucket public.",
            at=at,
            attribute=exposure.name,
            related=exposure.value.origins,
            fix=Fix((Edit(at, "true"),)) if at.text == "false" else None,
        )


def _public_statement(exposure: Exposure, statement: IamStatement) -> Iterator[Problem]:
    if not statement.is_allow:
        return
    for principal in statement.require_principals():
        if not principal.kind.test(lambda kind: kind in {"AWS", "*"}):
            continue
        everybody = wildcard(principal.identifiers)
        if everybody is not None and not statement.has_condition(_is_restricting):
            yield Problem(
                message=f"{code(exposure.resource)} is open to any AWS principal.",
                at=everybody.supplier or statement.at,
                attribute=f"{statement.source.attribute}.principals",
                evidence=shown_actions(statement),
                related=everybody.origins,
            )
            return


def _is_restricting(variable: str) -> bool:
    return variable.lower().startswith(_RESTRICTING)


def shown_actions(statement: IamStatement) -> str:
    """Return the known actions of a statement, to tell it from others."""
    listed = () if statement.actions.is_unknown else statement.actions.elements()
    return " ".join(each.data for each in listed if isinstance(each.data, str))


@check(
    "EKS-SEC-214",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=IamStatement,
    resources=(*_POLICIES, "aws_iam_role", "module:iam-policy", "module:eks"),
    peers=("CKV_AWS_290", "CKV_AWS_289", "CKV_AWS_355", "CKV_AWS_356", "CKV_AWS_111", "CKV_AWS_109"),
)
def iam_write_on_all_resources(statement: IamStatement, context: Context) -> Iterator[Problem]:
    """A policy changes or deletes things all over the account.

    A controller that may end instances or delete volumes should be able to do so in its own cluster only.
    Without a limit one bug, or one stolen token, reaches every other cluster and system in the account.

    Fix: Limit the statement by ARN, or by a condition on a tag such as
    `aws:ResourceTag/kubernetes.io/cluster/<name>`. The policy that the controller's project publishes is a
    good pattern.

    Bad:

    ```hcl
    data "aws_iam_policy_document" "autoscaler" {
      statement {
        actions   = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
        resources = ["*"] # fails
      }
    }
    ```

    Good:

    ```hcl
    data "aws_iam_policy_document" "autoscaler" {
      statement {
        actions   = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
        resources = ["*"]

        condition {
          test     = "StringEquals"
          variable = "aws:ResourceTag/k8s.io/cluster-autoscaler/prod"
          values   = ["owned"]
        }
      }
    }
    ```

    References:
    - [EKS best practices: identity and access management](https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html)
    - [IAM user guide: controlling access with tags](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html)
    """
    del context
    _require_permissions(statement)
    found = allowed(statement, table("iam_actions")["write"])
    if not found or is_limited(statement):
        return
    wide = wide_resource(statement)
    if wide is None or wildcard_action(statement) is not None or _escalating(statement) is not None:
        return
    first, rest = found[0][0], len(found) - 1
    more = f" and {rest} more" if rest else ""
    name = statement.names[0] if statement.names[0] != "this" else statement.holder
    yield Problem(
        message=(f"Statement lets {code(name)} run {code(first)}{more} on every resource of the account."),
        at=wide.supplier or statement.at,
        attribute=f"{statement.source.attribute}.resources",
        evidence=first,
        related=(*wide.origins, *found[0][1].origins),
    )
