"""Issue 7.2, no network policies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import is_json, set_argument
from reviewer.checks.problem import Edit, Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.body import BlockBody
from reviewer.views.cluster.capacity import has_no_nodes
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.kubernetes.egress_control import egress_control
from reviewer.views.kubernetes.network_policy import (
    EGRESS,
    INGRESS,
    Namespace,
    NetworkPolicy,
    baseline,
    namespace_of,
    policies,
    policies_in,
    refuse_unless_all_seen,
)
from reviewer.views.kubernetes.network_policy_engine import SETTING, MissingEngine, missing_engine
from reviewer.views.kubernetes.policy_rule import allows_dns, wide_open
from reviewer.views.kubernetes.workload import is_system_namespace
from reviewer.views.root import is_aside
from reviewer.views.text import shape
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.cluster.addon import Addon
    from reviewer.views.context import Context

_MANIFEST = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: {}
spec:
  podSelector: {{}}
  policyTypes: [Ingress]
"""
_PLAIN = re.compile(r"[a-z0-9-]{1,63}")
# Source: EKS user guide, "Limit Pod traffic with Kubernetes network policies", considerations.
_ON_FARGATE = "network policies do not reach pods on Fargate"
_CONFIGURATION = f'jsonencode({{ {SETTING} = "true" }})'


@check(
    "EKS-GOV-201",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.MODULE,
    on=Cluster,
    resources=("aws_eks_addon", "aws_eks_cluster", "module:eks", "module:blueprints-addons"),
    fix=FixKind.INSERT,
)
def network_policy_engine_off(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Nothing on the cluster enforces network policies.

    The VPC CNI ignores `NetworkPolicy` objects until its policy engine is switched on, so every pod can reach
    every other pod. One taken-over pod then sees databases, metadata and the control plane of every tenant.

    Fix: Set `enableNetworkPolicy` to `"true"` (a string) in the configuration of the `vpc-cni` add-on, or run
    Calico or Cilium. Switching it on changes nothing until a policy selects a pod.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"
    }

    resource "aws_eks_addon" "cni" { # fails
      cluster_name = aws_eks_cluster.main.name
      addon_name   = "vpc-cni"
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"
    }

    resource "aws_eks_addon" "cni" {
      cluster_name         = aws_eks_cluster.main.name
      addon_name           = "vpc-cni"
      configuration_values = jsonencode({ enableNetworkPolicy = "true" })
    }
    ```

    References:
    - [EKS user guide: limit pod traffic with network policies](https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html)
    - [EKS best practices: network security](https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html)
    """
    if cluster.is_local:
        raise NotApplicableError("a local cluster on Outposts has no add-ons")
    missing = missing_engine(context, cluster)
    if missing is None:
        return
    if has_no_nodes(context):
        raise NotApplicableError(_ON_FARGATE)
    yield Problem(
        message=(
            f"The CNI ignores NetworkPolicy objects on {code(cluster.label)}: every pod reaches all others."
        ),
        at=missing.at,
        attribute="vpc-cni.configuration_values",
        hint=_advice(missing),
        fix=engine_fix(missing),
    )


def _advice(missing: MissingEngine) -> str:
    """Return what to do under EKS Auto Mode, which takes no add-on; empty where the usual advice holds."""
    if not missing.is_auto:
        return ""
    return (
        'Under EKS Auto Mode, set `enable-network-policy-controller` to `"true"` in the ConfigMap '
        "`amazon-vpc-cni` of `kube-system`, and `networkPolicy: DefaultAllow` in the NodeClass. It changes "
        "nothing until a policy selects a pod."
    )


def engine_fix(missing: MissingEngine) -> Fix | None:
    """Return the edit that switches the VPC CNI's engine on, where the add-on has no configuration yet."""
    edit = _edit(missing.cni) if missing.cni is not None and missing.cni.configuration.is_null else None
    return (
        Fix((edit,), "The add-on is updated in place; policies apply only where there are any.")
        if edit
        else None
    )


def _edit(cni: Addon) -> Edit | None:
    if isinstance(cni.body, BlockBody):
        return (
            None
            if is_json(cni.body.block)
            else set_argument(cni.body.block, "configuration_values", _CONFIGURATION)
        )
    supplier = cni.entry.supplier if cni.entry is not None else None
    if supplier is None or supplier.text.replace(" ", "") != "{}":
        return None
    return Edit(supplier, f"{{ configuration_values = {_CONFIGURATION} }}")


@check(
    "EKS-GOV-202",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.MODULE,
    on=Cluster,
    resources=(
        "kubernetes_network_policy",
        "kubernetes_manifest",
        "kubectl_manifest",
        "aws_eks_addon",
        "module:eks",
    ),
    fix=FixKind.INSERT,
    shadows=("EKS-GOV-201",),
)
def network_policy_not_enforced(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Network policies are written, and nothing enforces them.

    The API server accepts every `NetworkPolicy`, and `kubectl get` shows it. The VPC CNI ignores it all the
    same until its policy engine is switched on: the walls are painted on.

    Fix: Set `enableNetworkPolicy` to `"true"` (a string) in the configuration of the `vpc-cni` add-on, or run
    Calico or Cilium. The policies take effect at once: make sure that they allow what is needed. Network
    policies do not reach pods on Fargate: there, security groups for pods take their place.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"
    }

    resource "aws_eks_addon" "cni" { # fails
      cluster_name = aws_eks_cluster.main.name
      addon_name   = "vpc-cni"
    }

    resource "kubernetes_network_policy_v1" "deny" {
      metadata {
        name      = "default-deny"
        namespace = "shop"
      }

      spec {
        pod_selector {}
        policy_types = ["Ingress"]
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"
    }

    resource "aws_eks_addon" "cni" {
      cluster_name         = aws_eks_cluster.main.name
      addon_name           = "vpc-cni"
      configuration_values = jsonencode({ enableNetworkPolicy = "true" })
    }

    resource "kubernetes_network_policy_v1" "deny" {
      metadata {
        name      = "default-deny"
        namespace = "shop"
      }

      spec {
        pod_selector {}
        policy_types = ["Ingress"]
      }
    }
    ```

    References:
    - [EKS user guide: limit pod traffic with network policies](https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html)
    - [Kubernetes: network policies](https://kubernetes.io/docs/concepts/services-networking/network-policies/)
    """
    found = policies(context)
    if cluster.is_local or not found:
        raise NotApplicableError("there are no network policies, or no add-ons")
    missing = missing_engine(context, cluster)
    if missing is None:
        return
    count = f"{len(found)} network policies exist" if len(found) > 1 else "A network policy exists"
    is_on_fargate = has_no_nodes(context)
    fact = f"{count} ({code(found[0].address)}), and nothing on {code(cluster.label)} enforces it"
    yield Problem(
        message=f"{fact}: {_ON_FARGATE}." if is_on_fargate else f"{fact}.",
        at=missing.at,
        attribute="vpc-cni.configuration_values",
        hint=_advice(missing),
        related=(found[0].header,),
        fix=None if is_on_fargate else engine_fix(missing),
    )


@check(
    "EKS-GOV-203",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.MODULE,
    on=Namespace,
    resources=(
        "kubernetes_namespace",
        "kubernetes_manifest",
        "kubectl_manifest",
        "file:**/*.yaml",
        "file:**/*.yml",
    ),
    peers=("hardeneks check_default_deny_policy_exists (runtime)",),
)
def namespace_without_default_deny(namespace: Namespace, context: Context) -> Iterator[Problem]:
    """Every pod of the cluster may talk to a namespace.

    Pods are open until a policy selects them. One pod taken over in any other namespace, a forgotten demo
    say, reaches every port in this one.

    Fix: Add a policy that selects all pods and allows nothing, then one for each connection that is wanted.
    Traffic stops until those exist: add them in the same change.

    Bad:

    ```hcl
    resource "kubernetes_namespace_v1" "payments" { # fails
      metadata {
        name = "payments"
      }
    }
    ```

    Good:

    ```hcl
    resource "kubernetes_namespace_v1" "payments" {
      metadata {
        name = "payments"
      }
    }

    resource "kubernetes_network_policy_v1" "default_deny" {
      metadata {
        name      = "default-deny"
        namespace = kubernetes_namespace_v1.payments.metadata[0].name
      }

      spec {
        pod_selector {}
        policy_types = ["Ingress", "Egress"]
      }
    }
    ```

    References:
    - [EKS best practices: network policy, default deny](https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html)
    - [Kubernetes: default policies](https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies)
    """
    _require_application(namespace)
    if baseline(context) is not None:
        return
    name = namespace.root.at("metadata", "name")
    if any(each.denies(INGRESS) for each in policies_in(context, name, namespace)):
        return
    refuse_unless_all_seen(context)
    if has_no_nodes(context):
        raise NotApplicableError(_ON_FARGATE)
    yield Problem(
        message=f"Namespace {code(namespace.label)} accepts traffic from every pod in the cluster.",
        at=namespace.header,
        attribute="default-deny",
        hint=_default_deny(namespace),
    )


def _require_application(namespace: Namespace) -> None:
    """Raise unless a namespace is known to be one of an application."""
    if is_aside(namespace.header.path.rpartition("/")[0]):
        raise NotApplicableError("an example or a test has no neighbours")
    if namespace.is_template:
        raise NotApplicableError("a template is a namespace only where it is filled in")
    name = namespace.root.at("metadata", "name").require()
    if name is None or name == "default" or is_system_namespace(str(name)):
        raise NotApplicableError("a namespace of the cluster, of an add-on, or with a generated name")


def _default_deny(namespace: Namespace) -> str:
    """Return advice with the policy to add, ready to copy."""
    name = namespace.name or ""
    if _PLAIN.fullmatch(name) is None:
        return ""
    intro = "Add the policy below, and one that allows each connection that is wanted, in the same change."
    if namespace.instance.kind == "file":
        return f"{intro}\n\n```yaml\n{_MANIFEST.format(name)}```"
    lines = (
        intro,
        "",
        "```hcl",
        'resource "kubernetes_network_policy_v1" "default_deny" {',
        "  metadata {",
        '    name      = "default-deny"',
        f'    namespace = "{name}"',
        "  }",
        "",
        "  spec {",
        "    pod_selector {}",
        '    policy_types = ["Ingress"]',
        "  }",
        "}",
        "```",
    )
    return "\n".join(lines)


@check(
    "EKS-GOV-204",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=NetworkPolicy,
    resources=("kubernetes_network_policy", "kubernetes_manifest", "kubectl_manifest"),
)
def network_policy_allows_all(policy: NetworkPolicy, context: Context) -> Iterator[Problem]:
    """A network policy lets through everything that it seems to restrict.

    Rules are added up: one empty rule, or a selector of all namespaces without ports, opens the direction
    again for the pods it selects, whatever the other policies say.

    Fix: List the sources and the ports that are needed.

    Bad:

    ```hcl
    resource "kubernetes_network_policy_v1" "web" {
      metadata {
        name      = "web"
        namespace = "shop"
      }

      spec {
        pod_selector {}
        policy_types = ["Ingress"]
        ingress {} # fails
      }
    }
    ```

    Good:

    ```hcl
    resource "kubernetes_network_policy_v1" "web" {
      metadata {
        name      = "web"
        namespace = "shop"
      }

      spec {
        pod_selector {}
        policy_types = ["Ingress"]

        ingress {
          from {
            pod_selector {
              match_labels = { app = "gateway" }
            }
          }
        }
      }
    }
    ```

    References:
    - [Kubernetes: network policies](https://kubernetes.io/docs/concepts/services-networking/network-policies/)
    """
    del context
    namespace = policy.namespace
    if namespace is not None and is_system_namespace(namespace):
        raise NotApplicableError("a namespace of the cluster or of an add-on")
    for direction, reason, at in wide_open(policy):
        yield Problem(
            message=f"Policy {code(policy.label)} allows all {direction.lower()}: {reason}.",
            at=at or policy.header,
            attribute=f"spec.{direction.lower()}",
            evidence=reason,
        )


@check(
    "EKS-GOV-205",
    severity=Severity.LOW,
    pillar=Pillar.SECURITY,
    scope=Scope.MODULE,
    on=Namespace,
    resources=("kubernetes_network_policy", "kubernetes_namespace"),
    surface=Surface.SUMMARY,
)
def namespace_egress_open(namespace: Namespace, context: Context) -> Iterator[Problem]:
    """Pods of a closed namespace may call anything.

    The namespace denies what comes in, and nothing of what goes out: a pod that was taken over sends data
    anywhere and asks the metadata service for the credentials of its node.

    Fix: Add `Egress` to the default deny, together with a rule that allows DNS.

    Bad:

    ```hcl
    resource "kubernetes_namespace_v1" "payments" {
      metadata {
        name = "payments"
      }
    }

    resource "kubernetes_network_policy_v1" "default_deny" {
      metadata {
        name      = "default-deny"
        namespace = "payments"
      }

      spec {
        pod_selector {}
        policy_types = ["Ingress"] # fails
      }
    }
    ```

    Good:

    ```hcl
    resource "kubernetes_namespace_v1" "payments" {
      metadata {
        name = "payments"
      }
    }

    resource "kubernetes_network_policy_v1" "default_deny" {
      metadata {
        name      = "default-deny"
        namespace = "payments"
      }

      spec {
        pod_selector {}
        policy_types = ["Ingress", "Egress"]
      }
    }
    ```

    References:
    - [EKS best practices: network security](https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html)
    """
    _require_application(namespace)
    found = policies_in(context, namespace.root.at("metadata", "name"), namespace)
    deny = next((each for each in found if each.denies(INGRESS)), None)
    if deny is None:
        raise NotApplicableError("the namespace is not closed for what comes in, either")
    if any(each.isolates(EGRESS) for each in found) or egress_control(context):
        return
    refuse_unless_all_seen(context)
    types = deny.types()
    yield Problem(
        message=f"Pods in {code(namespace.label)} may call anything, including instance metadata.",
        at=types.supplier or deny.header,
        attribute="egress",
        related=types.origins,
    )


@check(
    "EKS-GOV-206",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=NetworkPolicy,
    resources=("kubernetes_network_policy", "kubernetes_manifest", "kubectl_manifest"),
)
def egress_policy_blocks_dns(policy: NetworkPolicy, context: Context) -> Iterator[Problem]:
    """A policy for outgoing traffic also blocks DNS.

    Once all egress is denied, queries to CoreDNS are, too. Every name lookup in the namespace times out, and
    it looks as if each service on its own were down.

    Fix: Allow port 53 by UDP and TCP to the pods `k8s-app=kube-dns` in `kube-system`, in a policy that
    selects all pods of the namespace.

    Bad:

    ```hcl
    resource "kubernetes_network_policy_v1" "default_deny" {
      metadata {
        name      = "default-deny"
        namespace = "payments"
      }

      spec {
        pod_selector {}
        policy_types = ["Ingress", "Egress"] # fails
      }
    }
    ```

    Good:

    ```hcl
    resource "kubernetes_network_policy_v1" "default_deny" {
      metadata {
        name      = "default-deny"
        namespace = "payments"
      }

      spec {
        pod_selector {}
        policy_types = ["Ingress", "Egress"]

        egress {
          to {
            namespace_selector {
              match_labels = { "kubernetes.io/metadata.name" = "kube-system" }
            }
          }

          ports {
            port     = "53"
            protocol = "UDP"
          }
        }
      }
    }
    ```

    References:
    - [EKS best practices: allow DNS queries](https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html)
    - [Kubernetes: network policies](https://kubernetes.io/docs/concepts/services-networking/network-policies/)
    """
    if not policy.isolates(EGRESS) or not policy.selects_all:
        raise NotApplicableError("it does not close egress for all pods")
    namespace = namespace_of(policy)
    others = policies_in(context, namespace, policy)
    if any(allows_dns(each) for each in (policy, *others)):
        return
    refuse_unless_all_seen(context)
    types = policy.types()
    yield Problem(
        message=f"Egress deny in {code(shape(namespace))} also blocks CoreDNS: every lookup fails.",
        at=types.supplier or policy.header,
        attribute="spec.policy_types",
        related=types.origins,
    )
