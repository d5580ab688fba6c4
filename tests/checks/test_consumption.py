"""Issue 5.1: containers, namespaces, Fargate, node pools and NAT that cost more than they should."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import problems, states

RESOURCES, QUOTA, FARGATE, POOL, ENDPOINT = (f"EKS-COST-{number}" for number in range(106, 111))


def deployment(resources: str, kind: str = "kubernetes_deployment_v1") -> str:
    return f"""\
resource "{kind}" "api" {{
  metadata {{
    name      = "api"
    namespace = "shop"
  }}
  spec {{
    template {{
      spec {{
        container {{
          name = "api"
{resources}
        }}
      }}
    }}
  }}
}}
"""


class TestResources:
    @pytest.mark.parametrize(
        ("resources", "message"),
        [
            (
                "",
                "sets no cpu request, no memory request and no memory limit: scheduling and autoscaling work blindly.",
            ),
            (
                'resources {\nrequests = { cpu = "1", memory = "1Gi" }\n}',
                "sets no memory limit: one leak takes the memory of its neighbours.",
            ),
            (
                'resources {\nlimits = { memory = "1Gi" }\n}',
                "sets no cpu request: scheduling and autoscaling work blindly.",
            ),
        ],
    )
    def test_missing(self, resources: str, message: str) -> None:
        [found] = problems(RESOURCES, deployment(resources))
        assert (found.text, found.message) == ("container {", f"Container `api` {message}")

    def test_a_manifest(self) -> None:
        code = """\
            resource "kubernetes_manifest" "api" {
              manifest = {
                kind = "StatefulSet"
                spec = { template = { spec = { containers = [
                  { name = "db" },
                ] } } }
              }
            }
            """
        [found] = problems(RESOURCES, code)
        assert (found.text, found.message[:14]) == ('{ name = "db" },', "Container `db`")

    @pytest.mark.parametrize(
        "resources",
        [
            pytest.param(
                'resources {\nrequests = { cpu = "1" }\nlimits = { memory = "1Gi" }\n}',
                id="a limit is a request",
            ),
            pytest.param('resources {\nlimits = { cpu = "1", memory = "1Gi" }\n}', id="limits alone"),
        ],
    )
    def test_fine(self, resources: str) -> None:
        assert problems(RESOURCES, deployment(resources)) == []

    def test_unknown_resources(self) -> None:
        code = 'variable "r" {}\n' + deployment("resources {\nrequests = var.r\nlimits = var.r\n}")
        assert states(RESOURCES, code) == {"kubernetes_deployment_v1.api": State.NOT_EVALUATED}

    def test_the_namespace_has_defaults(self) -> None:
        limits = 'resource "kubernetes_limit_range_v1" "l" {\n  metadata {\n    namespace = "shop"\n  }\n}\n'
        assert (
            states(RESOURCES, deployment("") + limits)["kubernetes_deployment_v1.api"] is State.NOT_APPLICABLE
        )

    @pytest.mark.parametrize(
        ("resources", "found"),
        [
            pytest.param("", ["Container `api`", "Init container `prepare`"], id="no requests"),
            pytest.param(
                'resources {\nrequests = { cpu = "1", memory = "1Gi" }\n}',
                ["Container `api`"],
                id="only the limit of the container is missing",
            ),
            pytest.param(
                'resources {\nrequests = { cpu = "1" }\nlimits = { memory = "1Gi" }\n}', [], id="all is set"
            ),
        ],
    )
    def test_init_containers_only_beside_containers_without_requests(
        self, resources: str, found: list[str]
    ) -> None:
        init = 'init_container {\n          name = "prepare"\n        }\n        container {'
        code = deployment(resources).replace("container {", init)
        messages = [each.message for each in problems(RESOURCES, code)]
        assert [each.partition(" sets")[0] for each in messages] == found

    def test_init_containers_with_requests(self) -> None:
        init = (
            'init_container {\n          name = "prepare"\n          resources {\n'
            '            requests = { cpu = "1", memory = "1Gi" }\n          }\n        }\n        container {'
        )
        [found] = problems(RESOURCES, deployment("").replace("container {", init))
        assert found.message.startswith("Container `api`")

    def test_a_cpu_limit_is_not_asked_for(self) -> None:
        code = 'resources {\nrequests = { cpu = "1", memory = "1Gi" }\nlimits = { memory = "1Gi" }\n}'
        assert problems(RESOURCES, deployment(code)) == []

    def test_charts_are_not_looked_at(self) -> None:
        assert states(RESOURCES, 'resource "helm_release" "r" {\n  chart = "api"\n}\n') == {}

    def test_jobs_are_left_alone(self) -> None:
        assert problems(RESOURCES, deployment("", "kubernetes_job_v1")) == []


def namespace(name: str) -> str:
    return f'resource "kubernetes_namespace_v1" "n" {{\n  metadata {{\n    name = {name}\n  }}\n}}\n'


def quota(place: str) -> str:
    return (
        f'resource "kubernetes_resource_quota_v1" "q" {{\n  metadata {{\n    namespace = {place}\n  }}\n}}\n'
    )


class TestQuota:
    def test_missing(self) -> None:
        [found] = problems(QUOTA, namespace('"team-a"') + quota('"team-b"'))
        assert found.message == (
            "Namespace `team-a` has no ResourceQuota and no LimitRange among the manifests of this repository."
        )

    @pytest.mark.parametrize("place", ['"team-a"', "kubernetes_namespace_v1.n.metadata[0].name"])
    def test_present(self, place: str) -> None:
        assert states(QUOTA, namespace('"team-a"') + quota(place)) == {
            "kubernetes_namespace_v1.n": State.PASS
        }

    def test_an_unknown_name_is_matched_by_reference(self) -> None:
        code = 'variable "n" {}\n' + namespace("var.n")
        assert states(QUOTA, code + quota("kubernetes_namespace_v1.n.id")) == {
            "kubernetes_namespace_v1.n": State.PASS
        }
        assert states(QUOTA, code) == {"kubernetes_namespace_v1.n": State.NOT_EVALUATED}

    @pytest.mark.parametrize(
        "name",
        [
            "kube-system",
            "amazon-cloudwatch",
            "nginx-ingress",
            "ing",
            "certmanager",
            "cert-manager",
            "opentelemetry-operator-system",
            "grafana",
            "sys",
            "tailscale",
            "gatekeeper-webhook",
        ],
    )
    def test_namespaces_of_the_cluster_and_its_add_ons(self, name: str) -> None:
        assert states(QUOTA, namespace(f'"{name}"')) == {"kubernetes_namespace_v1.n": State.NOT_APPLICABLE}

    def test_namespaces_in_yaml(self) -> None:
        manifest = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team-a\n"
        limit = "apiVersion: v1\nkind: LimitRange\nmetadata:\n  name: defaults\n  namespace: team-a\n"
        files = {"main.tf": 'provider "aws" {}\n', "teams/a.yaml": manifest}
        [found] = problems(QUOTA, files)
        assert (found.path, found.line, found.text) == ("teams/a.yaml", 1, "apiVersion: v1")
        assert problems(QUOTA, {**files, "teams/limits.yaml": limit}) == []
        aside = {"main.tf": 'provider "aws" {}\n', "demo/examples/a.yaml": manifest}
        assert list(states(QUOTA, aside).values()) == [State.NOT_APPLICABLE]

    def test_one_namespace_in_several_documents_is_one(self) -> None:
        manifest = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: %s\n"
        files = {
            "main.tf": 'provider "aws" {}\n',
            "base/a.yaml": manifest % "web",
            "over/a.yaml": manifest % "web",
        }
        assert [each.path for each in problems(QUOTA, files)] == ["base/a.yaml"]
        files["over/b.yaml"] = manifest % "jobs"
        files["a/examples/b.yaml"] = manifest % "jobs"
        assert [each.path for each in problems(QUOTA, files)] == ["base/a.yaml", "over/b.yaml"]

    def test_a_template_is_a_namespace_where_it_is_filled_in(self) -> None:
        template = {"k8s/team.yaml": "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${team}\n"}
        use = (
            'resource "kubectl_manifest" "team" {\n'
            '  yaml_body = templatefile("k8s/team.yaml", { team = "pay" })\n}\n'
        )
        [found] = problems(QUOTA, {"main.tf": use, **template})
        assert (found.address, found.message.split("`")[1]) == ("kubectl_manifest.team", "pay")
        template["k8s/team.yaml"] = template["k8s/team.yaml"].replace("${team}", "ops")
        assert [each.path for each in problems(QUOTA, template)] == ["k8s/team.yaml"]

    def test_a_blank_in_a_file_is_no_name(self) -> None:
        manifest = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${namespace}\n"
        files = {"main.tf": 'provider "aws" {}\n', "templates/a.yaml": manifest}
        assert list(states(QUOTA, files).values()) == [State.NOT_APPLICABLE]


NODES = 'resource "aws_eks_node_group" "n" {\n}\n'


def profile(*selector: str) -> str:
    lines = "".join(f"    {each}\n" for each in selector)
    return f'resource "aws_eks_fargate_profile" "f" {{\n  selector {{\n{lines}  }}\n}}\n'


class TestFargate:
    @pytest.mark.parametrize("place", ["*", "default", "kube-system"])
    def test_too_broad(self, place: str) -> None:
        [found] = problems(FARGATE, profile(f'namespace = "{place}"') + NODES)
        assert found.message == f"Profile `f` pulls every pod of `{place}` onto Fargate."

    def test_the_modules_map(self) -> None:
        code = """\
            module "eks" {
              source = "terraform-aws-modules/eks/aws"
              fargate_profiles = {
                all = {
                  selectors = [{ namespace = "default" }]
                }
              }
              eks_managed_node_groups = { a = {} }
            }
            """
        [found] = problems(FARGATE, code)
        assert found.address == 'module.eks.fargate_profiles["all"]'

    def test_labels_narrow_it(self) -> None:
        assert (
            problems(
                FARGATE, profile('namespace = "kube-system"', 'labels = { k8s-app = "kube-dns" }') + NODES
            )
            == []
        )

    def test_without_nodes_everything_belongs_there(self) -> None:
        assert states(FARGATE, profile('namespace = "*"')) == {
            "aws_eks_fargate_profile.f": State.NOT_APPLICABLE
        }


class TestPool:
    def test_in_terraform(self) -> None:
        code = """\
            resource "kubectl_manifest" "p" {
              yaml_body = <<-YAML
                apiVersion: karpenter.sh/v1
                kind: NodePool
                metadata:
                  name: general
                spec:
                  disruption:
                    consolidateAfter: Never
              YAML
            }
            """
        assert {each.message for each in problems(POOL, code)} == {
            "NodePool `general` can grow without limit.",
            "NodePool `general` gives empty nodes back only when they expire, after 30 days.",
        }

    @pytest.mark.parametrize(
        ("values", "text"),
        [
            pytest.param(
                'yamlencode({ resources = [\n    { kind = "NodePool", metadata = { name = "a" }, spec = {} },\n  ] })',
                "values = [yamlencode({ resources = [",
                id="encoded",
            ),
            pytest.param(
                "<<-YAML\n    resources:\n      - kind: NodePool\n        metadata:\n          name: a\n"
                "        spec: {}\n  YAML\n  ",
                "spec: {}",
                id="text",
            ),
            pytest.param(
                "<<-YAML\n    templates:\n      - |\n        kind: NodePool\n        metadata:\n"
                "          name: a\n        spec: {}\n  YAML\n  ",
                "- |",
                id="text in text",
            ),
        ],
    )
    def test_in_the_values_of_a_release(self, values: str, text: str) -> None:
        release = f'resource "helm_release" "pools" {{\n  chart = "raw"\n  values = [{values}]\n}}\n'
        [found] = problems(POOL, release)
        assert (found.address, found.text, found.message) == (
            "helm_release.pools",
            text,
            "NodePool `a` can grow without limit.",
        )
        assert (
            problems(
                POOL,
                release.replace("spec = {}", 'spec = { limits = { cpu = "1" } }').replace(
                    "spec: {}", "spec: {limits: {cpu: 1}}"
                ),
            )
            == []
        )

    def test_nodes_that_expire_are_given_back(self) -> None:
        pool = (
            "kind: NodePool\nmetadata:\n  name: x\nspec:\n  limits:\n"
            "    cpu: 10\n  disruption:\n    consolidateAfter: Never\n"
        )
        expiring = pool + "  template:\n    spec:\n      expireAfter: 720h\n"
        assert problems(POOL, {"pool.yaml": expiring}) == []
        assert [each.text for each in problems(POOL, {"pool.yaml": pool})] == ["consolidateAfter: Never"]

    @pytest.mark.parametrize(
        ("disruption", "text", "message"),
        [
            pytest.param(
                "    consolidateAfter: Never\n  template:\n    spec:\n      expireAfter: Never\n",
                "consolidateAfter: Never",
                "NodePool `x` never gives empty nodes back.",
                id="never at all",
            ),
            pytest.param(
                '    budgets:\n      - nodes: "0"\n',
                '- nodes: "0"',
                "NodePool `x` gives empty nodes back only when they expire, after 30 days.",
                id="a budget of no node",
            ),
        ],
    )
    def test_nodes_that_are_kept(self, disruption: str, text: str, message: str) -> None:
        pool = "kind: NodePool\nmetadata:\n  name: x\nspec:\n  limits:\n    cpu: 10\n  disruption:\n"
        [found] = problems(POOL, {"pool.yaml": pool + disruption})
        assert (found.text, found.message) == (text, message)

    @pytest.mark.parametrize(
        "disruption",
        [
            pytest.param("    consolidateAfter: Never\n    expireAfter: 720h\n", id="v1beta1 expires"),
            pytest.param("    consolidateAfter: 30s\n", id="consolidates"),
            pytest.param(
                '    budgets:\n      - nodes: "0"\n        schedule: "0 9 * * *"\n        duration: 8h\n',
                id="kept at some hours only",
            ),
            pytest.param(
                '    budgets:\n      - nodes: "0"\n        reasons: [Drifted]\n', id="for one reason"
            ),
        ],
    )
    def test_nodes_that_are_given_back(self, disruption: str) -> None:
        pool = "kind: NodePool\nmetadata:\n  name: x\nspec:\n  limits:\n    cpu: 10\n  disruption:\n"
        assert problems(POOL, {"pool.yaml": pool + disruption}) == []

    def test_a_template_with_unknown_parts(self) -> None:
        code = 'variable "v" {}\nresource "kubectl_manifest" "p" {\n  yaml_body = templatefile("p.tpl", { v = var.v })\n}\n'
        template = "kind: NodePool\nmetadata:\n  name: x\nspec:\n  limits: ${v}\n"
        assert problems(POOL, {"main.tf": code, "p.tpl": template}) == []

    def test_unknown_limits(self) -> None:
        code = (
            'variable "l" {}\nresource "kubernetes_manifest" "p" {\n'
            '  manifest = { kind = "NodePool", spec = { limits = var.l } }\n}\n'
        )
        assert states(POOL, code) == {"kubernetes_manifest.p": State.NOT_EVALUATED}


VPC = 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n  enable_nat_gateway = true\n}\n'


class TestEndpoint:
    def test_missing(self) -> None:
        [found] = problems(ENDPOINT, VPC)
        assert found.text == 'module "vpc" {'
        assert found.message.endswith(
            "no gateway endpoint for S3 among the `aws_vpc_endpoint`s and modules of this repository."
        )

    def test_resources(self) -> None:
        code = 'resource "aws_vpc" "v" {\n}\nresource "aws_nat_gateway" "n" {\n  vpc_id = aws_vpc.v.id\n}\n'
        assert [each.text for each in problems(ENDPOINT, code)] == ['resource "aws_vpc" "v" {']

    def test_who_shares_the_vpc_of_others_has_none(self) -> None:
        shared = 'data "aws_vpc" "shared" {\n}\nresource "aws_subnet" "s" {\n  vpc_id = data.aws_vpc.shared.id\n}\n'
        assert states(ENDPOINT, shared) == {}

    @pytest.mark.parametrize(
        "endpoint",
        [
            pytest.param(
                'resource "aws_vpc_endpoint" "s3" {\n  service_name = "com.amazonaws.${var.region}.s3"\n}\n',
                id="resource",
            ),
            pytest.param(
                'module "endpoints" {\n  source = "terraform-aws-modules/vpc/aws//modules/vpc-endpoints"\n'
                '  endpoints = {\n    s3 = { service = "s3" }\n  }\n}\n',
                id="module",
            ),
        ],
    )
    def test_present(self, endpoint: str) -> None:
        assert problems(ENDPOINT, {"main.tf": VPC, "endpoints.tf": endpoint}) == []

    def test_another_endpoint_is_not_enough(self) -> None:
        other = 'resource "aws_vpc_endpoint" "ecr" {\n  service_name = "com.amazonaws.eu-west-1.ecr.api"\n}\n'
        assert [each.address for each in problems(ENDPOINT, VPC + other)] == ["module.vpc"]

    def test_without_nat(self) -> None:
        code = VPC.replace("true", "false")
        assert states(ENDPOINT, code) == {"module.vpc": State.NOT_APPLICABLE}
