"""Issue 2.2, IAM role permissions too broad: who may do what in the cluster."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.edits import insert_lines, is_json, write
from reviewer.checks.problem import Edit, Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.value import UndecidedError
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.iam.admin_grant import CREATOR, LEGACY, AdminGrant
from reviewer.views.iam.workload_role import is_role_of_pods
from reviewer.views.kubernetes.kubernetes_object import KubernetesObject, Part
from reviewer.views.text import equal_to
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context
    from reviewer.views.fact import Fact


_PERSONAL = re.compile(r"arn:[^:]*:iam::\d{12}:(?:user/.+|root)")
_UPGRADE_MODULE = "Upgrade the module to version 20 or later, which makes access entries."
_API_MODE = '"API_AND_CONFIG_MAP"'
_EVERYBODY = ("system:authenticated", "system:unauthenticated", "system:anonymous", "system:serviceaccounts")
_OPERATORS = frozenset({"argocd", "argo-cd", "crossplane-system", "flux-system"})
_ESCALATING = frozenset({"escalate", "bind", "impersonate"})


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
