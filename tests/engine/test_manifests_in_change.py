"""A manifest is looked at like the typed resource that would make the same object, by checks of whole modules, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.test_touched import found

if TYPE_CHECKING:
    from tests.engine.conftest import ReviewChange

NAMESPACE = 'resource "kubernetes_namespace" "prod" {\n  metadata {\n    name = "prod"\n  }\n}\n'
SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api, namespace: prod}
spec: {scaleTargetRef: {kind: Deployment, name: api}, minReplicas: 3, maxReplicas: 3}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: prod}
spec: {podSelector: {}, policyTypes: [Ingress]}
"""
SERVED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: prod}
spec: {replicas: 3, template: {metadata: {labels: {app: api}}, spec: {containers: [{name: api}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: prod}
spec: {selector: {app: api}}
"""
TENANT = "apiVersion: v1\nkind: Namespace\nmetadata: {name: team-a}\n"
CASES = [
    pytest.param("EKS-REL-206", SCALER, 5, id="autoscaler"),
    pytest.param("EKS-REL-205", SERVED, None, id="service without an autoscaler"),
    pytest.param("EKS-GOV-205", POLICY, None, id="policy that leaves egress open"),
    pytest.param("EKS-COST-107", TENANT, None, id="namespace without a quota"),
]


def kubectl(text: str) -> str:
    return f'resource "kubectl_manifest" "x" {{\n  yaml_body = <<-EOT\n{text}EOT\n}}\n'


@pytest.mark.parametrize(("check", "text", "line"), CASES)
def test_manifest_of_kubectl(review_change: ReviewChange, check: str, text: str, line: int | None) -> None:
    indented = "".join(f"    {each}\n" for each in text.splitlines())
    review = review_change({"ns.tf": NAMESPACE}, {"main.tf": kubectl(indented)}, select=(check,))
    assert [status for status, *_ in found(review)] == ["introduced"]
    if line is not None:
        assert review.findings[0].line == line + 1


def test_manifest_as_an_object(review_change: ReviewChange) -> None:
    text = 'resource "kubernetes_manifest" "x" {{\n  manifest = yamldecode(<<-EOT\n{}EOT\n  )\n}}\n'
    review = review_change({"ns.tf": NAMESPACE}, {"main.tf": text.format(POLICY)}, select=("EKS-GOV-205",))
    assert [status for status, *_ in found(review)] == ["introduced"]


def test_old_version_of_a_typed_resource(review_change: ReviewChange) -> None:
    code = (
        'resource "kubernetes_horizontal_pod_autoscaler_v2beta2" "x" {\n  metadata {\n    name = "api"\n  }\n'
        "  spec {\n    min_replicas = 3\n    max_replicas = 3\n  }\n}\n"
    )
    review = review_change({"ns.tf": NAMESPACE}, {"main.tf": code}, select=("EKS-REL-206",))
    assert found(review) == [("introduced", "main.tf", 7)]


def test_manifest_of_another_kind_triggers_nothing(review_change: ReviewChange) -> None:
    other = kubectl("kind: ConfigMap\nmetadata: {name: x, namespace: prod}\n")
    base = {"ns.tf": NAMESPACE, "np.tf": kubectl(POLICY).replace('"x"', '"np"')}
    assert review_change(base, {"main.tf": other}, select=("EKS-GOV-205", "EKS-REL-206")).findings == ()
