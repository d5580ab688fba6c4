"""Issue 7.2: network policies."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from reviewer.engine.suggestion import apply_edits
from tests.checks.harness import outcomes, problems, reasons, states
from tests.checks.suggested import with_fixes


def module(addons: str, version: str = "~> 21.0", argument: str = "addons") -> str:
    return f"""
module "eks" {{
  source  = "terraform-aws-modules/eks/aws"
  version = "{version}"
  {argument} = {addons}
}}
"""


RAW = """
resource "aws_eks_cluster" "main" {
  name = "prod"
}
"""
CNI = """
resource "aws_eks_addon" "cni" {
  cluster_name = aws_eks_cluster.main.name
  addon_name   = "vpc-cni"
  %s
}
"""


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (module("{ vpc-cni = {} }"), "addons = { vpc-cni = {} }"),
        (module("{ coredns = {} }"), 'module "eks" {'),
        (module("{ vpc-cni = {} }", "~> 20.0", "cluster_addons"), "cluster_addons = { vpc-cni = {} }"),
        (RAW, 'resource "aws_eks_cluster" "main" {'),
        (RAW + CNI % "", 'resource "aws_eks_addon" "cni" {'),
        (
            RAW + CNI % 'configuration_values = jsonencode({ env = { A = "b" } })',
            'configuration_values = jsonencode({ env = { A = "b" } })',
        ),
        (
            RAW + CNI % 'configuration_values = "{\\"enableNetworkPolicy\\": \\"false\\"}"',
            'configuration_values = "{\\"enableNetworkPolicy\\": \\"false\\"}"',
        ),
        (
            'resource "aws_eks_cluster" "main" {\n  compute_config {\n    enabled = true\n  }\n}',
            'resource "aws_eks_cluster" "main" {',
        ),
    ],
)
def test_engine_is_off(code: str, line: str) -> None:
    assert [each.text for each in problems("EKS-GOV-201", code)] == [line]


FARGATE = """
resource "aws_eks_fargate_profile" "all" {
  cluster_name = aws_eks_cluster.main.name
}
"""
ON_FARGATE = "network policies do not reach pods on Fargate"
NAMESPACE = """
resource "kubernetes_namespace_v1" "shop" {
  metadata {
    name = "shop"
  }
}
"""


@pytest.mark.parametrize(
    "code",
    [
        RAW + FARGATE,
        RAW + FARGATE + CNI % "",
        module('{ vpc-cni = {} }\n  fargate_profiles = { all = { selectors = [{ namespace = "*" }] } }'),
    ],
)
def test_no_engine_is_asked_of_fargate(code: str) -> None:
    assert reasons("EKS-GOV-201", code) == [ON_FARGATE]
    assert reasons("EKS-GOV-203", code + NAMESPACE) == [ON_FARGATE]


@pytest.mark.parametrize(
    "nodes",
    [
        'resource "aws_eks_node_group" "main" {\n  cluster_name = aws_eks_cluster.main.name\n}\n',
        'resource "helm_release" "karpenter" {\n  chart = "karpenter"\n}\n',
    ],
)
def test_nodes_beside_fargate_need_an_engine(nodes: str) -> None:
    code = RAW + FARGATE + nodes
    assert states("EKS-GOV-201", code) == {"aws_eks_cluster.main": State.FINDING}


def test_policies_on_fargate_have_no_engine_to_switch_on() -> None:
    policy = 'resource "kubernetes_network_policy_v1" "deny" {\n}\n'
    (outcome,) = outcomes("EKS-GOV-202", RAW + FARGATE + CNI % "" + policy)
    (found,) = outcome.problems
    assert found.message == (
        "A network policy exists (`kubernetes_network_policy_v1.deny`), and nothing on `prod` enforces it: "
        "network policies do not reach pods on Fargate."
    )
    assert found.fix is None


ON = 'jsonencode({ enableNetworkPolicy = "true" })'


@pytest.mark.parametrize(
    "code",
    [
        module(f"{{ vpc-cni = {{ configuration_values = {ON} }} }}"),
        module(f"{{ vpc-cni = {{ configuration_values = {ON} }} }}", "~> 19.0", "cluster_addons"),
        RAW + CNI % f"configuration_values = {ON}",
        RAW + CNI % "configuration_values = jsonencode({ enableNetworkPolicy = true })",
        RAW + CNI % 'configuration_values = "{\\"enableNetworkPolicy\\": \\"true\\"}"',
        RAW + CNI % 'configuration_values = yamlencode({ enableNetworkPolicy = "true" })',
        RAW + CNI % f"configuration_values = {ON}" + 'variable "x" {}',
        RAW
        + 'variable "x" {}\n'
        + CNI % 'configuration_values = jsonencode({ enableNetworkPolicy = "true", env = { A = var.x } })',
        RAW + 'resource "helm_release" "cilium" {\n  chart = "cilium"\n}',
        (
            'resource "aws_eks_cluster" "main" {\n  compute_config {\n    enabled = true\n  }\n}\n'
            'resource "kubernetes_config_map" "cni" {\n  metadata {\n    name = "amazon-vpc-cni"\n  }\n'
            '  data = { enable-network-policy-controller = "true" }\n}'
        ),
    ],
)
def test_engine_is_on(code: str) -> None:
    assert set(states("EKS-GOV-201", code).values()) == {State.PASS}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {"main.tf": 'variable "c" {}\n' + RAW + CNI % "configuration_values = var.c"},
            "`var.c` has no value in the code",
        ),
        ({"main.tf": 'variable "a" {}\n' + module("var.a")}, "`var.a` has no value in the code"),
        (
            {"main.tf": RAW, "addons/cni.json": '{"enableNetworkPolicy": "true"}'},
            "`addons/cni.json` mentions `enableNetworkPolicy`, but no VPC CNI add-on is here",
        ),
        (
            {"main.tf": RAW + 'resource "helm_release" "argo" {\n  chart = "argo-cd"\n}'},
            "a GitOps controller is installed, and add-ons are managed in another repository",
        ),
    ],
)
def test_what_the_code_does_not_tell(files: dict[str, str], reason: str) -> None:
    assert reasons("EKS-GOV-201", files) == [reason]


def test_add_ons_belong_to_their_cluster() -> None:
    two = (
        RAW + RAW.replace('"main"', '"other"').replace("prod", "stage") + CNI % f"configuration_values = {ON}"
    )
    assert states("EKS-GOV-201", two) == {
        "aws_eks_cluster.main": State.PASS,
        "aws_eks_cluster.other": State.NOT_EVALUATED,
    }


@pytest.mark.parametrize(
    ("code", "fixed"),
    [
        (
            module("{ vpc-cni = {} }"),
            '{ vpc-cni = { configuration_values = jsonencode({ enableNetworkPolicy = "true" }) } }',
        ),
        (RAW + CNI % "", 'configuration_values = jsonencode({ enableNetworkPolicy = "true" })'),
    ],
)
def test_fix_switches_the_engine_on(code: str, fixed: str) -> None:
    problem = outcomes("EKS-GOV-201", code)[0].problems[0]
    assert problem.fix is not None
    after = apply_edits(code, problem.fix.edits)
    assert fixed in after
    assert problems("EKS-GOV-201", after) == []


def test_existing_configuration_is_not_overwritten() -> None:
    code = RAW + CNI % 'configuration_values = jsonencode({ env = { A = "b" } })'
    assert outcomes("EKS-GOV-201", code)[0].problems[0].fix is None


def test_antrea_calico_and_outposts() -> None:
    for chart in ("tigera-operator", "calico", "antrea"):
        release = f'resource "helm_release" "x" {{\n  chart = "{chart}"\n}}\n'
        assert set(states("EKS-GOV-201", RAW + release).values()) == {State.PASS}
    local = 'resource "aws_eks_cluster" "main" {\n  outpost_config {\n    outpost_arns = ["arn:x"]\n  }\n}\n'
    assert set(states("EKS-GOV-201", local).values()) == {State.NOT_APPLICABLE}


# EKS-GOV-202


def policy(name: str = "deny", namespace: str | None = '"shop"', **spec: str) -> str:
    """Return a policy in HCL; ``spec`` are blocks and arguments in place of those of a default deny."""
    parts = {"pod_selector": "pod_selector {}", "types": 'policy_types = ["Ingress", "Egress"]', **spec}
    place = f"    namespace = {namespace}\n" if namespace else ""
    return (
        f'resource "kubernetes_network_policy_v1" "{name}" {{\n  metadata {{\n    name = "{name}"\n{place}  }}\n'
        f"  spec {{\n    {chr(10).join(each for each in parts.values() if each)}\n  }}\n}}\n"
    )


YAML_POLICY = (
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: deny\n  namespace: shop\n"
    "spec:\n  podSelector: {}\n  policyTypes: [Ingress]\n"
)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"p.tf": policy()}, id="typed"),
        pytest.param(
            {
                "p.tf": 'resource "kubernetes_manifest" "p" {\n  manifest = { kind = "NetworkPolicy", '
                'apiVersion = "networking.k8s.io/v1", spec = { podSelector = {} } }\n}\n'
            },
            id="manifest",
        ),
        pytest.param({"k8s/deny.yaml": YAML_POLICY}, id="YAML file"),
    ],
)
def test_policies_that_nothing_enforces(files: dict[str, str]) -> None:
    found = problems("EKS-GOV-202", {"main.tf": RAW + CNI % "", **files})
    assert [(each.path, each.text) for each in found] == [("main.tf", 'resource "aws_eks_addon" "cni" {')]
    assert found[0].message.startswith("A network policy exists (")
    assert found[0].message.endswith("), and nothing on `prod` enforces it.")
    enforced = {"main.tf": RAW + CNI % f"configuration_values = {ON}", **files}
    assert set(states("EKS-GOV-202", enforced).values()) == {State.PASS}


def test_without_policies_or_without_a_cluster_nothing_is_promised() -> None:
    assert set(states("EKS-GOV-202", RAW + CNI % "").values()) == {State.NOT_APPLICABLE}
    assert states("EKS-GOV-202", policy()) == {}


def test_the_engine_is_suggested_for_policies_too() -> None:
    code = RAW + CNI % "" + policy()
    assert problems("EKS-GOV-202", with_fixes("EKS-GOV-202", code)) == []


# EKS-GOV-203

NAMESPACE = 'resource "kubernetes_namespace_v1" "shop" {\n  metadata {\n    name = "shop"\n  }\n}\n'
YAML_NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n"
SELECTED = 'pod_selector {\n      match_labels = {\n        app = "web"\n      }\n    }'
ALLOW = "ingress {\n      from {\n        pod_selector {}\n      }\n    }"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({}, id="no policy"),
        pytest.param({"p.tf": policy(namespace='"other"')}, id="in another namespace"),
        pytest.param({"p.tf": policy(pod_selector=SELECTED)}, id="for some pods"),
        pytest.param({"p.tf": policy(types='policy_types = ["Egress"]')}, id="for outgoing traffic"),
        pytest.param({"p.tf": policy(rule=ALLOW)}, id="with a rule"),
    ],
)
def test_namespaces_that_everybody_reaches(files: dict[str, str]) -> None:
    found = problems("EKS-GOV-203", {"main.tf": NAMESPACE, **files})
    assert [(each.text, each.message) for each in found] == [
        (
            'resource "kubernetes_namespace_v1" "shop" {',
            "Namespace `shop` accepts traffic from every pod in the cluster.",
        )
    ]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"p.tf": policy()}, id="denied in HCL"),
        pytest.param(
            {"p.tf": policy(namespace="kubernetes_namespace_v1.shop.metadata[0].name")}, id="by reference"
        ),
        pytest.param({"p.yaml": YAML_POLICY}, id="denied in YAML"),
        pytest.param(
            {"p.yaml": "kind: GlobalNetworkPolicy\nspec:\n  types: [Ingress]\n"},
            id="Calico for all namespaces",
        ),
        pytest.param({"p.yaml": "kind: CiliumClusterwideNetworkPolicy\nspec: {}\n"}, id="Cilium for all"),
        pytest.param({"p.yaml": "kind: BaselineAdminNetworkPolicy\nspec: {}\n"}, id="the baseline"),
        pytest.param({"p.yaml": "kind: AdminNetworkPolicy\nspec: {}\n"}, id="administrators' policy"),
        pytest.param({"p.yaml": "kind: ClusterNetworkPolicy\nspec: {}\n"}, id="its successor"),
        pytest.param({"p.yaml": "kind: NodeClass\nspec:\n  networkPolicy: DefaultDeny\n"}, id="Auto Mode"),
        pytest.param(
            {
                "p.yaml": "kind: ClusterPolicy\nspec:\n  rules:\n    - generate:\n        kind: NetworkPolicy\n"
                "        name: default-deny\n"
            },
            id="Kyverno makes it",
        ),
    ],
)
def test_namespaces_that_are_closed(files: dict[str, str]) -> None:
    assert set(states("EKS-GOV-203", {"main.tf": NAMESPACE, **files}).values()) == {State.PASS}


@pytest.mark.parametrize("name", ["kube-system", "monitoring", "cert-manager", "default", "istio-system"])
def test_namespaces_of_the_cluster_and_of_add_ons(name: str) -> None:
    code = NAMESPACE.replace('"shop"\n', f'"{name}"\n')
    assert set(states("EKS-GOV-203", code).values()) == {State.NOT_APPLICABLE}


@pytest.mark.parametrize("check", ["EKS-GOV-203", "EKS-GOV-205"])
def test_a_template_is_no_namespace(check: str) -> None:
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {{namespace}}\n"
    files = {"main.tf": 'resource "aws_eks_cluster" "main" {\n  name = "prod"\n}\n', "sample.yaml": namespace}
    assert states(check, files) == {"sample.yaml:Namespace": State.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {"main.tf": NAMESPACE, "apps/p.tf": policy()},
            "`apps/p.tf` makes network policies, perhaps for this namespace",
        ),
        (
            {"main.tf": 'variable "ns" {}\n' + NAMESPACE + policy(namespace="var.ns")},
            "the namespace of `kubernetes_network_policy_v1.deny` is not known from the code",
        ),
        (
            {"main.tf": NAMESPACE, "p.yaml": YAML_POLICY.replace("  namespace: shop\n", "")},
            "the namespace of `p.yaml:NetworkPolicy/deny` is not known from the code",
        ),
        (
            {"main.tf": NAMESPACE + 'resource "helm_release" "argo" {\n  chart = "argo-cd"\n}\n'},
            "a GitOps controller is installed, and add-ons are managed in another repository",
        ),
    ],
)
def test_where_a_policy_may_be_elsewhere_nothing_is_said(files: dict[str, str], reason: str) -> None:
    assert reasons("EKS-GOV-203", files) == [reason]


def test_the_policy_is_shown_ready_to_copy_in_the_language_of_the_namespace() -> None:
    [hcl] = [each for found in outcomes("EKS-GOV-203", NAMESPACE) for each in found.problems]
    assert problems("EKS-GOV-203", NAMESPACE + hcl.hint.split("```hcl\n")[1].split("```")[0]) == []
    files = {"main.tf": RAW, "k8s/ns.yaml": YAML_NAMESPACE}
    [found] = [each for outcome in outcomes("EKS-GOV-203", files) for each in outcome.problems]
    assert (found.at.path, found.at.line) == ("k8s/ns.yaml", 1)
    manifest = found.hint.split("```yaml\n")[1].split("```")[0]
    assert problems("EKS-GOV-203", {**files, "k8s/deny.yaml": manifest}) == []


# EKS-GOV-204


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("ingress {}", "Policy `deny` allows all ingress: an empty rule."),
        ("egress {}", "Policy `deny` allows all egress: an empty rule."),
        (
            "ingress {\n      from {\n        namespace_selector {}\n      }\n    }",
            "Policy `deny` allows all ingress: every namespace.",
        ),
        (
            'ingress {\n      from {\n        ip_block {\n          cidr = "0.0.0.0/0"\n        }\n      }\n    }',
            "Policy `deny` allows all ingress: the whole internet.",
        ),
    ],
)
def test_policies_that_allow_everything(rule: str, message: str) -> None:
    assert [each.message for each in problems("EKS-GOV-204", policy(rule=rule))] == [message]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(policy(), id="no rule"),
        pytest.param(
            policy(
                rule="ingress {\n      from {\n        namespace_selector {}\n      }\n      ports {\n"
                '        port = "443"\n      }\n    }'
            ),
            id="every namespace, one port",
        ),
        pytest.param(
            policy(
                rule="ingress {\n      from {\n        namespace_selector {\n          match_labels = {\n"
                '            team = "a"\n          }\n        }\n      }\n    }'
            ),
            id="some namespaces",
        ),
        pytest.param(
            policy(
                rule='egress {\n      to {\n        ip_block {\n          cidr = "0.0.0.0/0"\n'
                '          except = ["10.0.0.0/8", "169.254.169.254/32"]\n        }\n      }\n    }'
            ),
            id="the internet without what is private",
        ),
        pytest.param(
            policy(
                rule='ingress {\n      from {\n        ip_block {\n          cidr = "0.0.0.0/0"\n'
                '          except = ["10.0.0.0/8"]\n        }\n      }\n    }'
            ),
            id="from the internet with exceptions",
        ),
        pytest.param(
            policy(types='policy_types = ["Ingress"]', rule="egress {}"), id="egress is not restricted"
        ),
    ],
)
def test_policies_that_restrict(code: str) -> None:
    assert set(states("EKS-GOV-204", code).values()) == {State.PASS}


def test_allow_all_in_a_system_namespace_is_meant() -> None:
    code = policy("allow-all", '"kube-system"', rule="ingress {}")
    assert set(states("EKS-GOV-204", code).values()) == {State.NOT_APPLICABLE}


# EKS-GOV-205

CLOSED = NAMESPACE + policy(types='policy_types = ["Ingress"]')


def test_namespaces_that_may_call_anything() -> None:
    [found] = problems("EKS-GOV-205", CLOSED)
    assert (found.text, found.message) == (
        'policy_types = ["Ingress"]',
        "Pods in `shop` may call anything, including instance metadata.",
    )


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"p.tf": policy("out", types='policy_types = ["Egress"]')}, id="another policy"),
        pytest.param({"mesh.yaml": "outboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n"}, id="a mesh"),
        pytest.param({"g.yaml": "kind: CiliumEgressGatewayPolicy\nspec: {}\n"}, id="an egress gateway"),
        pytest.param({"fw.tf": 'resource "aws_networkfirewall_firewall" "x" {}\n'}, id="Network Firewall"),
    ],
)
def test_outgoing_traffic_that_is_restricted(files: dict[str, str]) -> None:
    assert states("EKS-GOV-205", {"main.tf": CLOSED, **files}) == {"kubernetes_namespace_v1.shop": State.PASS}


def test_a_namespace_that_is_open_both_ways_is_told_once() -> None:
    assert states("EKS-GOV-205", NAMESPACE) == {"kubernetes_namespace_v1.shop": State.NOT_APPLICABLE}


# EKS-GOV-206

DENY_OUT = policy(types='policy_types = ["Egress"]')


def dns(port: str, protocol: str = '\n        protocol = "UDP"', peer: str = "") -> str:
    ports = f"ports {{\n        port = {port}{protocol}\n      }}"
    return policy(
        "dns", types='policy_types = ["Egress"]', rule=f"egress {{\n      {peer}\n      {ports}\n    }}"
    )


def test_lookups_that_a_policy_blocks() -> None:
    [found] = problems("EKS-GOV-206", DENY_OUT)
    assert (found.text, found.message) == (
        'policy_types = ["Egress"]',
        "Egress deny in `shop` also blocks CoreDNS: every lookup fails.",
    )
    assert [each.address for each in problems("EKS-GOV-206", DENY_OUT + dns('"443"'))] == [
        "kubernetes_network_policy_v1.deny",
        "kubernetes_network_policy_v1.dns",
    ]


NODE_LOCAL = 'to {\n        ip_block {\n          cidr = "169.254.20.10/32"\n        }\n      }'


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(dns('"53"'), id="port 53"),
        pytest.param(dns('"53"', peer=NODE_LOCAL), id="NodeLocal DNS"),
        pytest.param(
            policy("all", types='policy_types = ["Egress"]', rule="egress {}"), id="all that goes out"
        ),
    ],
)
def test_lookups_that_another_policy_allows(code: str) -> None:
    found = states("EKS-GOV-206", DENY_OUT + code)
    assert found["kubernetes_network_policy_v1.deny"] == State.PASS


def test_ports_by_name_or_unknown_decide_nothing() -> None:
    named = states("EKS-GOV-206", DENY_OUT + dns('"dns"'))
    assert named["kubernetes_network_policy_v1.deny"] == State.NOT_EVALUATED
    unknown = states("EKS-GOV-206", 'variable "p" {}\n' + DENY_OUT + dns("var.p"))
    assert unknown["kubernetes_network_policy_v1.deny"] == State.NOT_EVALUATED


def test_only_policies_that_close_egress_for_all_pods_are_asked() -> None:
    for code in (policy(types='policy_types = ["Ingress"]'), DENY_OUT.replace("pod_selector {}", SELECTED)):
        assert set(states("EKS-GOV-206", code).values()) == {State.NOT_APPLICABLE}


def test_auto_mode_has_a_switch_of_its_own() -> None:
    code = 'resource "aws_eks_cluster" "main" {\n  %s\n}\n'
    [found] = problems("EKS-GOV-201", code % "compute_config {\n    enabled = true\n  }")
    assert found.hint.startswith("Under EKS Auto Mode, set `enable-network-policy-controller`")
    [found] = problems("EKS-GOV-201", code % "")
    assert found.hint == ""


def test_a_namespace_of_tests_has_no_neighbours() -> None:
    manifest = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: acceptance\n"
    files = {"main.tf": RAW, "tests/manifests/a.yaml": manifest, "manifests/b.yaml": manifest}
    assert [each.path for each in problems("EKS-GOV-203", files)] == ["manifests/b.yaml"]
