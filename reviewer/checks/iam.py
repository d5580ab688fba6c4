"""Issue 2.2, IAM role permissions too broad."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.edits import insert_lines, is_json, set_argument, write
from reviewer.checks.problem import Edit, Fix, Problem
from reviewer.data import table
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.body import BlockBody
from reviewer.terraform.value import UndecidedError
from reviewer.views.admin_grant import CREATOR, LEGACY, AdminGrant
from reviewer.views.cluster import Cluster
from reviewer.views.exposure import Exposure
from reviewer.views.fact import Fact, is_false
from reviewer.views.iam_action import allowed, is_limited, wide_resource, wildcard
from reviewer.views.iam_statement import IamStatement
from reviewer.views.instance_metadata import InstanceMetadata
from reviewer.views.kubernetes_object import KubernetesObject, Part
from reviewer.views.managed_policy import AttachedPolicy
from reviewer.views.node_role import NodeRolePolicy
from reviewer.views.policy_source import Purpose
from reviewer.views.role_boundary import RoleBoundary, practice_of
from reviewer.views.role_trust import is_trust, open_federation, open_principal, role_of
from reviewer.views.text import equal_to, shown
from reviewer.views.view import NotApplicableError
from reviewer.views.workload_role import WorkloadRole, has_role, is_role_of_pods

if TYPE_CHECKING:
    from collections.abc import Iterator

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
_PERSONAL = re.compile(r"arn:[^:]*:iam::\d{12}:(?:user/.+|root)")
_UPGRADE_MODULE = "Upgrade the module to version 20 or later, which makes access entries."
_API_MODE = '"API_AND_CONFIG_MAP"'
_EVERYBODY = ("system:authenticated", "system:unauthenticated", "system:anonymous", "system:serviceaccounts")
_OPERATORS = frozenset({"argocd", "argo-cd", "crossplane-system", "flux-system"})
_ESCALATING = frozenset({"escalate", "bind", "impersonate"})
_HOPS = (
    "Makes a new version of the template; nodes take it when they are replaced. At hop limit 1 pods cannot "
    "use the node's role."
)
_METADATA_OPTIONS = (
    "metadata_options {",
    '  http_endpoint               = "enabled"',
    '  http_tokens                 = "required"',
    "  http_put_response_hop_limit = 1",
    "}",
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
_ASSUME_ROLE, _TAG_SESSION = "sts:AssumeRole", "sts:TagSession"
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


def is_broad(policy: str) -> bool:
    """Tell whether an AWS managed policy grants far more than any one workload needs."""
    policies = table("managed_policies")
    name = policy.removeprefix("service-role/")
    return name in policies["broad"] or name.endswith(policies["broad_suffix"])


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
    """Return the first action that lets the holder become administrator; none in a wildcard statement."""
    known = table("iam_actions")
    found = allowed(statement, known["escalation"])
    if not found or wildcard_action(statement) is not None or statement.require_conditions():
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
        found = allowed(statement, row["actions"])
        if not found or (row.get("only_inputs") and statement.instance.kind != "module"):
            continue
        if wildcard_action(statement) is not None or is_limited(statement):
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
            related=(*wide.origins, *found[0][1].origins),
        )


@check(
    "EKS-SEC-205",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.MODULE,
    on=RoleBoundary,
    resources=("aws_iam_role", "module:eks", "module:iam-*", "module:cloudposse-*"),
    fix=FixKind.IF_REF,
)
def permissions_boundary_missing(role: RoleBoundary, context: Context) -> Iterator[Problem]:
    """A role escapes the permissions boundary that other roles have.

    A boundary keeps what a team may create within limits, even when a policy is too broad by mistake. One
    role without it is a way around: whoever may change its policies may give it anything.

    Fix: Set the same boundary as on the other roles.

    Bad:

    ```hcl
    variable "permissions_boundary" {
      type = string
    }

    resource "aws_iam_role" "deploy" {
      name                 = "deploy"
      permissions_boundary = var.permissions_boundary
    }

    resource "aws_iam_role" "app" { # fails
      name = "app"
    }
    ```

    Good:

    ```hcl
    variable "permissions_boundary" {
      type = string
    }

    resource "aws_iam_role" "app" {
      name                 = "app"
      permissions_boundary = var.permissions_boundary
    }
    ```

    References:
    - [IAM user guide: permissions boundaries](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html)
    """
    if role.written is not None:
        return
    practice = practice_of(role, context)
    if practice is None and not context.config.require_permissions_boundary:
        raise NotApplicableError("no role here has a permissions boundary")
    block = role.instance.block
    fix = None
    if practice is not None and practice.expression is not None and not is_json(block):
        fix = Fix((set_argument(block, role.arguments[0], practice.expression),))
    yield Problem(
        message=(
            f"Role {code(role.address)} escapes the permissions boundary used elsewhere "
            f"({code(practice.where)})."
            if practice is not None
            else f"Role {code(role.address)} has no permissions boundary."
        ),
        at=role.header,
        attribute=role.arguments[0],
        fix=fix,
    )


@check(
    "EKS-SEC-206",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=IamStatement,
    resources=("aws_iam_role", "data:aws_iam_policy_document", "module:iam-irsa", "module:iam-*"),
    peers=(
        "CKV_AWS_60",
        "CKV_AWS_61",
        "CKV_AWS_358",
        "CKV_AWS_393",
        "KICS iam_role_allows_all_principals_to_assume",
    ),
)
def role_trust_not_scoped(statement: IamStatement, context: Context) -> Iterator[Problem]:
    """A role can be assumed by far more than the workload it is for.

    Every pod of a cluster can get a token from the cluster's OIDC issuer, and every workflow on GitHub one
    from GitHub's. Only the condition on `sub` keeps them apart.

    Fix: Pin `sub` to one service account (`system:serviceaccount:<namespace>:<name>`) or one repository and
    branch, and `aud` to the audience. For another account add `sts:ExternalId`, or name the role.

    Bad:

    ```hcl
    data "aws_iam_policy_document" "trust" {
      statement {
        actions = ["sts:AssumeRoleWithWebIdentity"]

        principals {
          type        = "Federated"
          identifiers = ["arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC"]
        }

        condition {
          test     = "StringLike"
          variable = "oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub"
          values   = ["system:serviceaccount:*:*"] # fails
        }
      }
    }
    ```

    Good:

    ```hcl
    data "aws_iam_policy_document" "trust" {
      statement {
        actions = ["sts:AssumeRoleWithWebIdentity"]

        principals {
          type        = "Federated"
          identifiers = ["arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC"]
        }

        condition {
          test     = "StringEquals"
          variable = "oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub"
          values   = ["system:serviceaccount:kube-system:external-dns"]
        }
      }
    }
    ```

    References:
    - [EKS best practices: identity and access management](https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html)
    - [EKS user guide: IAM roles for service accounts](https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html)
    """
    if not statement.is_allow or not is_trust(statement):
        raise NotApplicableError("not a role's trust")
    one_account = context.config.require_service_account
    gap = open_federation(statement, one_account=one_account) or open_principal(statement)
    if gap is None:
        return
    at = gap.value.supplier if gap.value is not None else None
    yield Problem(
        message=gap.message,
        at=at or statement.at,
        attribute=f"{statement.source.attribute}.{gap.part}",
        evidence=gap.evidence,
        related=gap.value.origins if gap.value is not None else (),
    )


@check(
    "EKS-SEC-207",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.MODULE,
    on=NodeRolePolicy,
    resources=(
        "aws_iam_role_policy_attachment",
        "aws_iam_role_policy",
        "module:eks",
        "module:cloudposse-eks-node-group",
    ),
    peers=("hardeneks check_access_to_instance_profile (runtime)",),
)
def workload_permissions_on_node_role(policy: NodeRolePolicy, context: Context) -> Iterator[Problem]:
    """The role of the nodes has permissions that belong to one workload.

    Every pod on a node can use the node's role through the metadata service. What one controller needs, all
    pods of all teams then have.

    Fix: Move the policy to a role of the controller's own, through EKS Pod Identity or IRSA.

    Bad:

    ```hcl
    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"

      eks_managed_node_groups = {
        main = {
          iam_role_additional_policies = {
            dns = aws_iam_policy.external_dns.arn # fails
          }
        }
      }
    }
    ```

    Good:

    ```hcl
    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"

      eks_managed_node_groups = {
        main = {
          iam_role_additional_policies = {
            ssm = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
          }
        }
      }
    }
    ```

    References:
    - [EKS best practices: identity and access management](https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html)
    - [EKS user guide: EKS Pod Identity](https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html)
    """
    name = "an inline policy"
    if policy.attached is not None:
        managed = policy.attached.policy
        if managed is not None and (is_broad(managed) or managed in table("managed_policies")["node"]):
            return
        name = managed or shown(policy.attached.arn) or "…"
        if name.rpartition("/")[2] in table("managed_policies")["node"] or _is_for_nodes(name, context):
            return
    what = code(name) if policy.attached is not None else _inline(policy)
    yield Problem(
        message=f"Every pod on these nodes inherits {what} through the instance profile.",
        at=policy.at,
        attribute=policy.attribute,
        evidence=name,
        related=policy.attached.arn.origins if policy.attached is not None else (),
    )


def _inline(policy: NodeRolePolicy) -> str:
    """Return how an inline policy is called: by its own resource, or by the role that it is written in."""
    is_own = policy.instance.type == "aws_iam_role_policy"
    return ("the inline policy " if is_own else "an inline policy of ") + code(policy.address)


def _is_for_nodes(reference: str, context: Context) -> bool:
    """Tell whether a policy of this code allows only what nodes themselves do, such as pulling images."""
    address = reference.removesuffix(".arn")
    own = [each for each in IamStatement.find(context) if address in _policies_of(each)]
    known = table("managed_policies")["node_actions"]
    listed = [action for each in own if each.is_allow for action in each.actions.elements()]
    return bool(listed) and all(
        any(fnmatchcase(str(each.data).lower(), pattern.lower()) for pattern in known) for each in listed
    )


def _policies_of(statement: IamStatement) -> set[str]:
    return {each.address for each in (statement.instance, *statement.source.users)}


@check(
    "EKS-SEC-208",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=AdminGrant,
    resources=(
        "aws_eks_access_policy_association",
        "aws_eks_access_entry",
        "kubernetes_config_map",
        "kubernetes_config_map_v1_data",
        "module:eks",
        "module:eks//modules/aws-auth",
    ),
    peers=("KSV-0123", "KSV-0115"),
)
def cluster_admin_granted(grant: AdminGrant, context: Context) -> Iterator[Problem]:
    """Somebody becomes administrator of the cluster who should not.

    A cluster administrator reads every secret and starts any pod on any node. A user with long-lived keys,
    everybody in an account, or `system:masters`, which no policy can limit and no audit can tell apart,
    should never have that.

    Fix: Use `AmazonEKSAdminViewPolicy` or `AmazonEKSEditPolicy`, the scope of a namespace, or a role behind
    single sign-on for the few who need more.

    Bad:

    ```hcl
    resource "aws_eks_access_policy_association" "dev" {
      cluster_name  = "prod"
      principal_arn = "arn:aws:iam::111122223333:user/dev"
      policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy" # fails

      access_scope {
        type = "cluster"
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_access_policy_association" "team" {
      cluster_name  = "prod"
      principal_arn = "arn:aws:iam::111122223333:role/team"
      policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"

      access_scope {
        type       = "namespace"
        namespaces = ["payments"]
      }
    }
    ```

    References:
    - [EKS best practices: cluster access management](https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html)
    - [EKS user guide: access policies](https://docs.aws.amazon.com/eks/latest/userguide/access-policies.html)
    """
    what = grant.admin()
    if what is None:
        return
    principal = grant.principal.data
    person = isinstance(principal, str) and _PERSONAL.fullmatch(principal) is not None
    most = context.config.max_cluster_admins
    if grant.mechanism == LEGACY or person:
        message = f"{code(grant.who)} becomes cluster-admin via {grant.mechanism}."
    elif is_role_of_pods(grant.principal, context):
        message = f"{code(grant.who)}, a role of pods, becomes cluster-admin via {grant.mechanism}."
    elif _is_beyond(grant, context):
        others = f"besides {most} others" if most else "and nobody may be"
        message = f"{code(grant.who)} becomes cluster-admin via {grant.mechanism}, {others}."
    else:
        return
    yield Problem(
        message=message,
        at=what.supplier or grant.header,
        attribute=grant.attribute,
        evidence=grant.who,
        related=(*what.origins, *grant.principal.origins),
    )


def _is_beyond(grant: AdminGrant, context: Context) -> bool:
    """Tell whether enough others are administrators of the same module's cluster already."""
    before: dict[str, None] = {}
    for each in AdminGrant.find(context):
        if each.instance.block is grant.instance.block and each.attribute == grant.attribute:
            break
        if each.instance.module.address == grant.instance.module.address and _is_admin(each):
            before[each.who if each.mechanism != CREATOR else CREATOR] = None
    return len(before) >= context.config.max_cluster_admins and grant.who not in before


def _is_admin(grant: AdminGrant) -> bool:
    try:
        return grant.admin() is not None
    except UndecidedError:
        return False


@check(
    "EKS-SEC-209",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks", "module:cloudposse-eks-cluster"),
    fix=FixKind.INSERT,
)
def legacy_auth_mode(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Access to the cluster lives only in the aws-auth ConfigMap.

    One bad edit of the ConfigMap locks everybody out, and CloudTrail does not show who was let in. Access
    entries are API objects: audited, reviewed as code, and needed by AWS Backup for EKS.

    Fix: Set `authentication_mode = "API_AND_CONFIG_MAP"`: entries and the ConfigMap then work side by side.
    The change is made in place and cannot be taken back. Go on to `API` when everything has an access
    entry.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" { # fails
      name     = "prod"
      role_arn = aws_iam_role.cluster.arn
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name     = "prod"
      role_arn = aws_iam_role.cluster.arn

      access_config {
        authentication_mode = "API_AND_CONFIG_MAP"
      }
    }
    ```

    References:
    - [EKS best practices: cluster access management](https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html)
    - [EKS user guide: change the authentication mode](https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html)
    """
    del context
    if cluster.is_local:
        raise NotApplicableError("a local cluster on Outposts has no access entries")
    mode = cluster.fact("authentication_mode")
    if not mode.value.test(equal_to("CONFIG_MAP")):
        return
    edit = _api_mode(cluster, mode)
    yield Problem(
        message=(
            "Access to the cluster lives only in the aws-auth ConfigMap: no audit trail, and one bad edit "
            "locks everyone out."
        ),
        at=mode.at,
        attribute=mode.argument,
        hint="" if cluster.source != "module-eks" or mode.written else _UPGRADE_MODULE,
        related=mode.value.origins,
        fix=Fix((edit,), "In place, and it cannot be taken back.") if edit is not None else None,
    )


def _api_mode(cluster: Cluster, mode: Fact) -> Edit | None:
    """Return the edit that turns access entries on; None where the argument does not exist or is computed."""
    block = cluster.instance.block
    if mode.written or cluster.body.blocks("access_config").known:
        return write(mode, _API_MODE)
    if cluster.source != "aws_eks_cluster" or is_json(block):
        return None
    return insert_lines(block, ("access_config {", f"  authentication_mode = {_API_MODE}", "}"))


@check(
    "EKS-SEC-210",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=KubernetesObject,
    resources=(
        "kubernetes_cluster_role_binding",
        "kubernetes_role_binding",
        "kubernetes_cluster_role",
        "kubernetes_role",
        "kubernetes_manifest",
        "kubectl_manifest",
    ),
    peers=(
        "KSV-0111",
        "KSV-0044",
        "CKV_K8S_49",
        "KICS cluster_admin_role_binding_with_super_user_permissions",
    ),
)
def rbac_cluster_admin_binding(thing: KubernetesObject, context: Context) -> Iterator[Problem]:
    """A workload is administrator of the cluster, or can make itself one.

    A pod with such a service account reads every secret and starts pods on every node: whoever breaks into
    it owns the cluster. `escalate`, `bind` and `impersonate` lead to the same place.

    Fix: Bind a Role in one namespace that lists the resources and verbs the workload needs.

    Bad:

    ```hcl
    resource "kubernetes_cluster_role_binding_v1" "deployer" {
      metadata {
        name = "deployer"
      }

      role_ref {
        api_group = "rbac.authorization.k8s.io"
        kind      = "ClusterRole"
        name      = "cluster-admin"
      }

      subject {
        kind      = "ServiceAccount"
        name      = "deployer" # fails
        namespace = "ci"
      }
    }
    ```

    Good:

    ```hcl
    resource "kubernetes_cluster_role_binding_v1" "deployer" {
      metadata {
        name = "deployer"
      }

      role_ref {
        api_group = "rbac.authorization.k8s.io"
        kind      = "ClusterRole"
        name      = "view"
      }

      subject {
        kind      = "ServiceAccount"
        name      = "deployer"
        namespace = "ci"
      }
    }
    ```

    References:
    - [EKS best practices: identity and access management](https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html)
    - [Kubernetes: RBAC good practices](https://kubernetes.io/docs/concepts/security/rbac-good-practices/)
    """
    del context
    if thing.kind == "ClusterRoleBinding":
        yield from _admin_subjects(thing)
    elif thing.kind in {"ClusterRole", "Role"}:
        for rule in thing.root.parts("rule"):
            yield from _unlimited_rule(thing, rule)
    else:
        raise NotApplicableError("not a role or a binding")


def _admin_subjects(binding: KubernetesObject) -> Iterator[Problem]:
    if not binding.root.at("role_ref", "name").test(equal_to("cluster-admin")):
        return
    for subject in binding.root.parts("subject"):
        name, namespace = subject.attr("name"), subject.attr("namespace")
        is_account = subject.attr("kind").test(equal_to("ServiceAccount"))
        if not is_account and not name.test(lambda each: str(each).startswith(_EVERYBODY)):
            continue
        space = namespace.data if isinstance(namespace.data, str) else "default" if namespace.is_null else "…"
        who = name.data if isinstance(name.data, str) else "…"
        known = is_account and space in _OPERATORS
        label = f"Service account {code(f'{space}/{who}')}" if is_account else f"{code(who)}"
        yield Problem(
            message=f"{label} is cluster-admin" + (" (a known operator that asks for it)." if known else "."),
            at=name.supplier or subject.range or binding.header,
            attribute="subject",
            evidence=f"{space}/{who}" if is_account else who,
            related=name.origins,
        )


def _unlimited_rule(role: KubernetesObject, rule: Part) -> Iterator[Problem]:
    verbs = rule.attr("verbs")
    everything = (rule.attr("api_groups"), rule.attr("resources"), verbs)
    if all(each.find(equal_to("*")) is not None for each in everything):
        wild = verbs.find(equal_to("*"))
        message = f"{role.kind} {code(role.label)} allows every verb on every resource."
        yield Problem(message, (wild.supplier if wild else None) or role.header, "rule", "*")
        return
    verb = verbs.find(_ESCALATING.__contains__)
    if verb is not None:
        message = (
            f"{role.kind} {code(role.label)} allows {code(verb.data)}: its holder can become cluster-admin."
        )
        yield Problem(message, verb.supplier or role.header, "rule.verbs", str(verb.data))


@check(
    "EKS-SEC-211",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=InstanceMetadata,
    resources=(
        "aws_launch_template",
        "aws_launch_configuration",
        "module:eks",
        "module:cloudposse-eks-node-group",
    ),
    peers=("CKV_AWS_79", "CKV_AWS_341", "AWS-0130"),
    fix=FixKind.INSERT,
)
def imdsv1_allowed(metadata: InstanceMetadata, context: Context) -> Iterator[Problem]:
    """Instances answer version 1 of the metadata service.

    Version 1 needs one plain GET request: any pod with a server-side request forgery hands out the
    credentials of the node's role. Version 2 asks for a token first, and a hop limit of 1 keeps pods away
    altogether.

    Fix: Set `http_tokens = "required"` and `http_put_response_hop_limit = 1`. Pods that still rely on the
    node's role stop working at hop limit 1: give them roles of their own first.

    Bad:

    ```hcl
    resource "aws_launch_template" "node" { # fails
      name     = "node"
      image_id = "ami-0123456789abcdef0"
    }
    ```

    Good:

    ```hcl
    resource "aws_launch_template" "node" {
      name     = "node"
      image_id = "ami-0123456789abcdef0"

      metadata_options {
        http_tokens                 = "required"
        http_put_response_hop_limit = 1
      }
    }
    ```

    References:
    - [EKS best practices: identity and access management](https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html)
    - [EC2 user guide: use IMDSv2](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html)
    """
    if metadata.is_off():
        return
    tokens = metadata.tokens()
    if tokens.test(equal_to("required")) or (tokens.is_null and metadata.image_enforces(context)):
        yield from _too_many_hops(metadata, context.config.max_hop_limit)
        return
    holder = metadata.options.range if metadata.options is not None else None
    edit = _required_tokens(metadata, tokens)
    yield Problem(
        message="IMDSv1 lets any pod with a request forgery read the credentials of the node's role.",
        at=(tokens.supplier if not tokens.is_null else holder) or metadata.header,
        attribute=metadata.argument,
        related=tokens.origins,
        fix=Fix((edit,), _HOPS) if edit is not None else None,
    )


def _too_many_hops(metadata: InstanceMetadata, most: int) -> Iterator[Problem]:
    """Report a hop limit above the configured one: pods are one hop away from the node's metadata."""
    limit = metadata.hop_limit()
    if limit is None or not limit.value.test(lambda hops: isinstance(hops, int) and hops > most):
        return
    yield Problem(
        message=f"Metadata answers over {code(limit.value.data)} hops, more than {code(most)}: "
        "pods can read the credentials of the node's role.",
        at=limit.at,
        attribute=limit.argument,
        related=limit.value.origins,
        fix=Fix((edit,), _HOPS) if (edit := write(limit, str(most))) is not None else None,
    )


def _required_tokens(metadata: InstanceMetadata, tokens: Value) -> Edit | None:
    """Return the edit that asks for version 2; None where the value is computed or comes from elsewhere."""
    block = metadata.instance.block
    if not tokens.is_null:
        literal = {'"optional"': '"required"', "false": "true"}
        where = tokens.supplier
        return Edit(where, literal[where.text]) if where is not None and where.text in literal else None
    if is_json(block) or metadata.group is not None:
        return None
    if isinstance(metadata.options, BlockBody):
        return set_argument(metadata.options.block, "http_tokens", '"required"')
    return insert_lines(block, _METADATA_OPTIONS)


@check(
    "EKS-SEC-212",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=WorkloadRole,
    resources=(
        "aws_eks_addon",
        "aws_eks_pod_identity_association",
        "aws_iam_role",
        "data:aws_iam_policy_document",
        "module:eks",
        "module:blueprints-addons",
    ),
    fix=FixKind.REPLACE,
)
def addon_iam_role_missing(workload: WorkloadRole, context: Context) -> Iterator[Problem]:
    """An add-on has no role that it can use in AWS.

    The apply succeeds and the pods start. Then volumes stay unattached and metrics never arrive, because
    every call to AWS is refused.

    Fix: Give the add-on a role with `pod_identity_association` or `service_account_role_arn`. A role for
    EKS Pod Identity must allow both `sts:AssumeRole` and `sts:TagSession` in its trust.

    Bad:

    ```hcl
    data "aws_iam_policy_document" "trust" {
      statement {
        actions = ["sts:AssumeRole"] # fails

        principals {
          type        = "Service"
          identifiers = ["pods.eks.amazonaws.com"]
        }
      }
    }
    ```

    Good:

    ```hcl
    data "aws_iam_policy_document" "trust" {
      statement {
        actions = ["sts:AssumeRole", "sts:TagSession"]

        principals {
          type        = "Service"
          identifiers = ["pods.eks.amazonaws.com"]
        }
      }
    }
    ```

    References:
    - [EKS user guide: IAM roles for EKS add-ons](https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html)
    - [EKS user guide: role for EKS Pod Identity](https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html)
    """
    if workload.statement is not None:
        yield from _untagged_session(workload.statement, context)
    elif workload.addon is not None and not has_role(workload.addon, context):
        addon = workload.addon
        fails = table("addon_roles")["addons"][addon.name]["fails"]
        yield Problem(
            message=f"{code(addon.name)} has no IAM role: {fails} will fail at runtime.",
            at=addon.header,
            attribute="service_account_role_arn",
        )


def _untagged_session(statement: IamStatement, context: Context) -> Iterator[Problem]:
    """Report a trust for EKS Pod Identity that lacks the action to tag sessions."""
    same = [
        each
        for each in IamStatement.find(context)
        if each.address == statement.address and each.source.attribute == statement.source.attribute
    ]
    if not statement.is_allow or any(allowed(each, (_TAG_SESSION,)) for each in same):
        return
    assuming = allowed(statement, (_ASSUME_ROLE,))
    if not assuming:
        return
    element = assuming[0][1]
    yield Problem(
        message=(
            f"The trust lacks {code(_TAG_SESSION)}: EKS Pod Identity cannot assume {role_of(statement)}."
        ),
        at=element.supplier or statement.at,
        attribute=f"{statement.source.attribute}.actions",
        related=element.origins,
        fix=_with_tag_session(statement, element),
    )


def _with_tag_session(statement: IamStatement, element: Value) -> Fix | None:
    """Return the edit that adds the action next to the one that is written in the same block."""
    at = element.supplier
    if at is None or at.text != f'"{_ASSUME_ROLE}"' or not statement.instance.block.range.contains(at):
        return None
    both = f'"{_ASSUME_ROLE}", "{_TAG_SESSION}"'
    return Fix((Edit(at, both if isinstance(statement.actions.data, tuple) else f"[{both}]"),))


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
    yield Problem(
        message=(
            f"Statement lets {code(statement.names[0])} run {code(first)}{more} on every resource of the "
            "account."
        ),
        at=wide.supplier or statement.at,
        attribute=f"{statement.source.attribute}.resources",
        evidence=first,
        related=(*wide.origins, *found[0][1].origins),
    )
