"""Issue 2.2, IAM role permissions too broad: who takes a role, and what holds it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.edits import insert_lines, is_json, set_argument, write
from reviewer.checks.problem import Edit, Fix, Problem
from reviewer.data import table
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.globs import is_like
from reviewer.terraform.body import BlockBody
from reviewer.views.cluster.instance_metadata import InstanceMetadata
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.iam.iam_action import allowed
from reviewer.views.iam.iam_statement import IamStatement
from reviewer.views.iam.managed_policy import is_broad
from reviewer.views.iam.node_role import NodeRolePolicy
from reviewer.views.iam.role_boundary import RoleBoundary, begins_now, practice_of
from reviewer.views.iam.role_trust import is_trust, open_federation, open_principal, role_of
from reviewer.views.iam.workload_role import WorkloadRole, has_role
from reviewer.views.text import equal_to, shown
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reviewer.terraform.value import Value
    from reviewer.views.context import Context


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
_ASSUME_ROLE, _TAG_SESSION = "sts:AssumeRole", "sts:TagSession"


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
    if not context.config.require_permissions_boundary and begins_now(role, context):
        raise NotApplicableError(
            "the change brings the first permissions boundary, and the role was there before"
        )
    block = role.instance.block
    fix = None
    if practice is not None and practice.expression is not None and not is_json(block):
        fix = Fix((set_argument(block, role.arguments[0], practice.expression),))
    yield Problem(
        message=(
            f"Role {code(role.address)} escapes the permissions boundary "
            f"{'used elsewhere' if practice.is_set else 'that is declared'} ({code(practice.where)})."
            if practice is not None
            else f"Role {code(role.address)} has no permissions boundary."
        ),
        at=role.header,
        attribute="permissions_boundary",
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
    """The trust of a role does not name the workload that it is for.

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
        any(is_like(str(each.data).lower(), pattern.lower()) for pattern in known) for each in listed
    )


def _policies_of(statement: IamStatement) -> set[str]:
    return {each.address for each in (statement.instance, *statement.source.users)}


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
    is_of_nodes = metadata.group is not None or any(True for _ in NodeGroup.find(context))
    what, whose = ("pod", "node's") if is_of_nodes else ("program", "instance's")
    yield Problem(
        message=f"IMDSv1 lets any {what} with a request forgery read the credentials of the {whose} role.",
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


def _policy_of(statement: IamStatement) -> tuple[str, str]:
    return statement.address, statement.source.attribute


def _by_policy(context: Context) -> Mapping[tuple[str, str], Sequence[IamStatement]]:
    """Return the statements of each policy, which stands in one argument of a block."""
    found: dict[tuple[str, str], list[IamStatement]] = {}
    for each in IamStatement.find(context):
        found.setdefault(_policy_of(each), []).append(each)
    return found


def _untagged_session(statement: IamStatement, context: Context) -> Iterator[Problem]:
    """Report a trust for EKS Pod Identity that lacks the action to tag sessions."""
    policy = context.configuration.derived(_by_policy, context)[_policy_of(statement)]
    if not statement.is_allow or any(allowed(each, (_TAG_SESSION,)) for each in policy):
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
