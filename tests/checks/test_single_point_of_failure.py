"""Issue 3.1: single points of failure."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import Found, problems, reasons, states

CLUSTER = """
resource "aws_eks_cluster" "main" {
  name = "prod"
  vpc_config {
    subnet_ids = %s
  }
}
data "aws_availability_zones" "ok" {}
"""


def fired(found: list[Found]) -> list[str]:
    return [each.text for each in found]


def raw(subnet_ids: str, subnets: str) -> str:
    return CLUSTER % subnet_ids + subnets


COUNTED = """
locals {
  azs = slice(data.aws_availability_zones.ok.names, 0, %d)
}
resource "aws_subnet" "a" {
  count             = length(local.azs)
  availability_zone = local.azs[count.index]
}
"""


@pytest.mark.parametrize(
    ("subnet_ids", "subnets", "line"),
    [
        ("aws_subnet.a[*].id", COUNTED % 2, "azs = slice(data.aws_availability_zones.ok.names, 0, 2)"),
        (
            "[for s in aws_subnet.a : s.id]",
            COUNTED % 1,
            "azs = slice(data.aws_availability_zones.ok.names, 0, 1)",
        ),
        (
            "aws_subnet.a[*].id",
            (
                'resource "aws_subnet" "a" {\n count = 4\n availability_zone = '
                "data.aws_availability_zones.ok.names[count.index % 2]\n}"
            ),
            "subnet_ids = aws_subnet.a[*].id",
        ),
        (
            "[aws_subnet.a.id, aws_subnet.b.id]",
            (
                'resource "aws_subnet" "a" {\n availability_zone = "eu-west-1a"\n}\n'
                'resource "aws_subnet" "b" {\n availability_zone = "eu-west-1a"\n}'
            ),
            "subnet_ids = [aws_subnet.a.id, aws_subnet.b.id]",
        ),
        (
            "[for s in aws_subnet.a : s.id]",
            (
                'resource "aws_subnet" "a" {\n for_each = toset(["eu-west-1a", "eu-west-1b"])\n'
                " availability_zone = each.key\n}"
            ),
            "subnet_ids = [for s in aws_subnet.a : s.id]",
        ),
    ],
)
def test_too_few_zones_of_resources(subnet_ids: str, subnets: str, line: str) -> None:
    assert fired(problems("EKS-REL-101", raw(subnet_ids, subnets))) == [line]


@pytest.mark.parametrize(
    ("subnet_ids", "subnets"),
    [
        ("aws_subnet.a[*].id", COUNTED % 3),
        (
            "values(aws_subnet.a)[*].id",
            (
                'resource "aws_subnet" "a" '
                '{\n for_each = toset(["a", "b", "c"])\n availability_zone = each.key\n}'
            ),
        ),
        ("concat(aws_subnet.a[*].id, var.more)", 'variable "more" {}\n' + COUNTED % 3),
    ],
)
def test_three_zones_pass(subnet_ids: str, subnets: str) -> None:
    assert states("EKS-REL-101", raw(subnet_ids, subnets)) == {"aws_eks_cluster.main": State.PASS}


@pytest.mark.parametrize(
    ("subnet_ids", "subnets"),
    [
        ("var.subnet_ids", 'variable "subnet_ids" {}'),
        ("data.aws_subnets.private.ids", 'data "aws_subnets" "private" {}'),
        ('["subnet-1", "subnet-2"]', ""),
        ("concat(aws_subnet.a[*].id, var.more)", 'variable "more" {}\n' + COUNTED % 2),
        (
            "aws_subnet.a[*].id",
            (
                'variable "n" {}\nresource "aws_subnet" "a" '
                '{\n count = var.n\n availability_zone = "eu-west-1a"\n}'
            ),
        ),
        (
            "[aws_subnet.a.id]",
            'variable "z" {}\nresource "aws_subnet" "a" {\n  cidr_block = "10.0.0.0/24"\n}',
        ),
    ],
)
def test_zones_that_the_code_does_not_tell_decide_nothing(subnet_ids: str, subnets: str) -> None:
    assert states("EKS-REL-101", raw(subnet_ids, subnets)) == {"aws_eks_cluster.main": State.NOT_EVALUATED}


def module_cluster(zones: str, subnets: str, subnet_ids: str = "module.vpc.private_subnets") -> str:
    return f"""
data "aws_availability_zones" "ok" {{}}
variable "more" {{}}
locals {{
  azs = {zones}
}}
module "vpc" {{
  source          = "terraform-aws-modules/vpc/aws"
  version         = "~> 5.0"
  azs             = local.azs
  private_subnets = {subnets}
  public_subnets  = {subnets}
}}
module "eks" {{
  source     = "terraform-aws-modules/eks/aws"
  version    = "~> 20.0"
  subnet_ids = {subnet_ids}
}}
"""


TWO = "slice(data.aws_availability_zones.ok.names, 0, 2)"
EACH = '[for k, v in local.azs : cidrsubnet("10.0.0.0/16", 8, k)]'


@pytest.mark.parametrize(
    ("zones", "subnets", "subnet_ids", "line"),
    [
        (TWO, EACH, "module.vpc.private_subnets", f"azs = {TWO}"),
        (
            '["eu-west-1a", "eu-west-1b"]',
            EACH,
            "module.vpc.private_subnets",
            'azs = ["eu-west-1a", "eu-west-1b"]',
        ),
        (
            '["a", "b", "c"]',
            '["10.0.1.0/24", "10.0.2.0/24"]',
            "module.vpc.private_subnets",
            'private_subnets = ["10.0.1.0/24", "10.0.2.0/24"]',
        ),
        (TWO, EACH, "concat(module.vpc.private_subnets, module.vpc.public_subnets)", None),
        ('["a", "b", "c"]', EACH, "[module.vpc.private_subnets[0], module.vpc.private_subnets[1]]", None),
        ('["a", "b", "c"]', EACH, "slice(module.vpc.private_subnets, 0, 1)", None),
    ],
)
def test_too_few_zones_of_the_vpc_module(zones: str, subnets: str, subnet_ids: str, line: str | None) -> None:
    found = problems("EKS-REL-101", module_cluster(zones, subnets, subnet_ids))
    assert fired(found) == [line or f"subnet_ids = {subnet_ids}"]


def test_arguments_of_the_vpc_module_say_nothing_of_further_subnets() -> None:
    chosen = (
        "compact([for id, cidr in zipmap(module.vpc.private_subnets, module.vpc.private_subnets_cidr_blocks) : "
        'startswith(cidr, "100.") ? id : null])'
    )
    ranges = 'variable "ranges" {\n  default = ["10.0.0.0/20", "10.0.16.0/20"]\n}\n'
    for subnets in (EACH, "var.ranges", 'concat(var.ranges, ["100.64.0.0/16"])'):
        [found] = problems("EKS-REL-101", ranges + module_cluster(TWO, subnets, chosen))
        assert "cover 2 availability zones" in found.message


@pytest.mark.parametrize(
    ("zones", "subnet_ids"),
    [
        ("data.aws_availability_zones.ok.names", "module.vpc.private_subnets"),
        (TWO, "concat(module.vpc.private_subnets, var.more)"),
    ],
)
def test_unknown_zones_of_the_vpc_module(zones: str, subnet_ids: str) -> None:
    assert states("EKS-REL-101", module_cluster(zones, EACH, subnet_ids)) == {
        "module.eks": State.NOT_EVALUATED
    }


def test_message_says_what_is_lost() -> None:
    one = problems("EKS-REL-101", raw("aws_subnet.a[*].id", COUNTED % 1))
    assert one[0].message == (
        "The subnets of `prod` cover 1 availability zone: EKS does not make a cluster in one zone."
    )
    two = problems("EKS-REL-101", raw("aws_subnet.a[*].id", COUNTED % 2))
    assert two[0].message == (
        "The subnets of `prod` cover 2 availability zones: one zone's outage takes half of the capacity."
    )


def test_two_zones_are_enough_in_a_small_region_and_in_development() -> None:
    code = raw("aws_subnet.a[*].id", COUNTED % 2)
    small = 'provider "aws" {\n  region = "us-west-1"\n}\n' + code
    assert states("EKS-REL-101", small) == {"aws_eks_cluster.main": State.PASS}
    dev = {"envs/dev/main.tf": code}
    assert states("EKS-REL-101", dev, root="envs/dev") == {"aws_eks_cluster.main": State.NOT_APPLICABLE}


def test_zones_are_followed_through_a_local_module() -> None:
    files = {
        "main.tf": """
            module "network" {
              source = "./network"
              zones  = ["eu-west-1a", "eu-west-1b"]
            }
            resource "aws_eks_cluster" "main" {
              vpc_config {
                subnet_ids = module.network.ids
              }
            }
            """,
        "network/main.tf": """
            variable "zones" {}
            resource "aws_subnet" "private" {
              for_each          = toset(var.zones)
              availability_zone = each.value
            }
            output "ids" { value = [for each in aws_subnet.private : each.id] }
            """,
    }
    assert fired(problems("EKS-REL-101", files)) == ["subnet_ids = module.network.ids"]


def vpc_module(arguments: str, version: str = "~> 6.0") -> str:
    return f"""
variable "env" {{}}
module "vpc" {{
  source  = "terraform-aws-modules/vpc/aws"
  version = "{version}"
  azs     = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
  {arguments}
}}
"""


@pytest.mark.parametrize("version", ["~> 3.0", "~> 4.0", "5.21.0", ">= 6.0"])
def test_single_gateway_of_every_version_of_the_module(version: str) -> None:
    found = problems(
        "EKS-REL-103", vpc_module("enable_nat_gateway = true\n  single_nat_gateway = true", version)
    )
    assert fired(found) == ["single_nat_gateway = true"]
    assert found[0].message.startswith("One NAT gateway serves 3 availability zones of `module.vpc`")


@pytest.mark.parametrize(
    ("arguments", "state"),
    [
        ("enable_nat_gateway = true", State.PASS),
        ("enable_nat_gateway = true\n  one_nat_gateway_per_az = true", State.PASS),
        ("enable_nat_gateway = true\n  single_nat_gateway = false", State.PASS),
        ('enable_nat_gateway = true\n  single_nat_gateway = var.env != "prod"', State.NOT_EVALUATED),
        ("enable_nat_gateway = false\n  single_nat_gateway = true", State.NOT_APPLICABLE),
        ("single_nat_gateway = true", State.NOT_APPLICABLE),
    ],
)
def test_gateways_of_the_module(arguments: str, state: State) -> None:
    assert states("EKS-REL-103", vpc_module(arguments)) == {"module.vpc": state}


def test_flag_from_tfvars_stands_on_its_line() -> None:
    files = {
        "main.tf": 'variable "one" {}\n'
        + vpc_module("enable_nat_gateway = true\n  single_nat_gateway = var.one"),
        "terraform.tfvars": 'env = "prod"\none = true\n',
    }
    assert [(each.path, each.text) for each in problems("EKS-REL-103", files)] == [
        ("terraform.tfvars", "one = true")
    ]


RAW = """
resource "aws_vpc" "main" {}
locals { azs = ["eu-west-1a", "eu-west-1b", "eu-west-1c"] }
resource "aws_subnet" "private" {
  count             = 3
  vpc_id            = aws_vpc.main.id
  availability_zone = local.azs[count.index]
}
resource "aws_subnet" "public" {
  count                   = 3
  vpc_id                  = aws_vpc.main.id
  map_public_ip_on_launch = true
  availability_zone       = local.azs[count.index]
}
"""


def test_one_gateway_for_three_zones_of_resources() -> None:
    gateway = 'resource "aws_nat_gateway" "one" {\n  subnet_id = aws_subnet.public[0].id\n}'
    found = problems("EKS-REL-103", RAW + gateway)
    assert fired(found) == ['resource "aws_nat_gateway" "one" {']
    assert "in 3 availability zones of `aws_vpc.main`" in found[0].message


@pytest.mark.parametrize(
    ("gateway", "state"),
    [
        (
            (
                'resource "aws_nat_gateway" "each" '
                "{\n  count = 3\n  subnet_id = aws_subnet.public[count.index].id\n}"
            ),
            State.PASS,
        ),
        (
            (
                'resource "aws_nat_gateway" "r" '
                '{\n  vpc_id = aws_vpc.main.id\n  availability_mode = "regional"\n}'
            ),
            State.PASS,
        ),
        (
            (
                'variable "n" {}\nresource "aws_nat_gateway" "n" '
                "{\n  count = var.n\n  subnet_id = aws_subnet.public[0].id\n}"
            ),
            State.NOT_EVALUATED,
        ),
        ("", State.NOT_APPLICABLE),
    ],
)
def test_gateways_of_resources(gateway: str, state: State) -> None:
    assert states("EKS-REL-103", RAW + gateway) == {"aws_vpc.main": state}


def test_routes_that_all_lead_to_one_of_three_gateways() -> None:
    code = (
        RAW
        + """
resource "aws_nat_gateway" "each" {
  count     = 3
  subnet_id = aws_subnet.public[count.index].id
}
resource "aws_route" "out" {
  count                  = 3
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.each[0].id
}
"""
    )
    assert fired(problems("EKS-REL-103", code)) == ["nat_gateway_id         = aws_nat_gateway.each[0].id"]
    spread = code.replace("each[0].id", "each[count.index].id")
    assert states("EKS-REL-103", spread) == {"aws_vpc.main": State.PASS}


def test_zone_reason_names_what_is_unknown() -> None:
    assert reasons("EKS-REL-101", raw("var.ids", 'variable "ids" {}')) == [
        "`var.ids` has no value in the code"
    ]


VPC = """
module "vpc" {
  source          = "terraform-aws-modules/vpc/aws"
  azs             = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
  private_subnets = ["10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20"]
}
"""


def groups(*subnets: str) -> str:
    made = "".join(
        f'resource "aws_eks_node_group" "g{index}" {{\n  cluster_name = "prod"\n  subnet_ids = {each}\n}}\n'
        for index, each in enumerate(subnets)
    )
    return VPC + made


FIRST, SECOND = "[module.vpc.private_subnets[0]]", "[module.vpc.private_subnets[1]]"


def test_group_in_one_zone() -> None:
    found = problems("EKS-REL-102", groups(FIRST))
    assert fired(found) == [f"subnet_ids = {FIRST}"]
    assert (
        found[0].message
        == "Node group `g0` lives in one availability zone: its outage takes all of its pods."
    )
    assert fired(problems("EKS-REL-102", groups("slice(module.vpc.private_subnets, 0, 1)"))) == [
        "subnet_ids = slice(module.vpc.private_subnets, 0, 1)"
    ]


def test_group_of_the_module_in_one_zone() -> None:
    code = VPC + (
        'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 21.0"\n'
        "  eks_managed_node_groups = {\n    apps = {\n"
        f"      subnet_ids = {FIRST}\n    }}\n  }}\n}}\n"
    )
    assert fired(problems("EKS-REL-102", code)) == [f"subnet_ids = {FIRST}"]


def test_one_group_per_zone_is_a_design() -> None:
    assert states("EKS-REL-102", groups(FIRST, SECOND)) == {
        "aws_eks_node_group.g0": State.PASS,
        "aws_eks_node_group.g1": State.PASS,
    }


def test_other_groups_do_not_help_and_unknown_subnets_decide_nothing() -> None:
    assert [each.message for each in problems("EKS-REL-102", groups(FIRST, FIRST))] == [
        f"Node group `{name}` lives in one availability zone: its outage takes all of its pods."
        for name in ("g0", "g1")
    ]
    assert states("EKS-REL-102", groups("var.ids")) == {"aws_eks_node_group.g0": State.NOT_EVALUATED}
    gpu = groups(FIRST).replace("subnet_ids", 'instance_types = ["p4d.24xlarge"]\n  subnet_ids')
    assert states("EKS-REL-102", gpu) == {"aws_eks_node_group.g0": State.NOT_APPLICABLE}


HERE = 'resource "aws_eks_cluster" "main" {\n  name = "prod"\n}\n'


def sized(size: str, extra: str = "", name: str = "main") -> str:
    return (
        f'resource "aws_eks_node_group" "{name}" {{\n  cluster_name = "prod"\n  {extra}\n'
        f"  scaling_config {{\n    min_size = {size}\n    max_size = 9\n  }}\n}}\n"
    )


def test_one_node_is_the_whole_cluster() -> None:
    found = problems("EKS-REL-104", HERE + sized("1"))
    assert fired(found) == ["min_size = 1"]
    assert found[0].message.startswith("The cluster can shrink to 1 node:")


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (sized("2"), State.PASS),
        (sized("1") + sized("1", name="more"), State.PASS),
        (sized("1") + 'resource "aws_eks_fargate_profile" "x" {}', State.PASS),
        (sized("1") + 'resource "helm_release" "k" {\n  chart = "karpenter"\n}', State.PASS),
        ('variable "n" {}\n' + sized("var.n"), State.NOT_EVALUATED),
        (sized("1") + sized("0", 'capacity_type = "SPOT"', "spot"), State.FINDING),
        (
            sized("1") + sized("3", 'taint {\n    key = "gpu"\n    effect = "NO_SCHEDULE"\n  }', "gpu"),
            State.FINDING,
        ),
    ],
)
def test_sum_of_nodes_that_are_always_on(code: str, state: State) -> None:
    assert states("EKS-REL-104", HERE + code) == {"aws_eks_cluster.main": state}


def test_karpenter_of_another_root_module_may_be_on_this_cluster() -> None:
    karpenter = 'resource "helm_release" "k" {\n  chart = "karpenter"\n}\n'
    files = {"main.tf": HERE + sized("1"), "addons/main.tf": karpenter}
    assert reasons("EKS-REL-104", files) == [
        "`helm_release.k` (`addons/main.tf:1`) installs Karpenter, on this cluster or on another one"
    ]
    assert states("EKS-REL-104", files | {"main.tf": HERE + sized("2")}) == {
        "aws_eks_cluster.main": State.PASS
    }


EKS = 'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "%s"\n  %s\n}\n'


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (EKS % ("~> 20.0", "eks_managed_node_groups = { a = {} }"), "1 node:"),
        (EKS % ("~> 21.0", "eks_managed_node_groups = { a = {} }"), "1 node:"),
        (EKS % ("~> 20.0", "self_managed_node_groups = { a = {} }"), "0 nodes:"),
        (
            EKS
            % (
                "~> 21.0",
                (
                    "self_managed_node_groups = {\n    a = { min_size = 1 }\n"
                    '    s = { min_size = 5, instance_market_options = { market_type = "spot" } }\n  }'
                ),
            ),
            "1 node:",
        ),
    ],
)
def test_defaults_and_spot_of_the_module(code: str, message: str) -> None:
    [found] = problems("EKS-REL-104", code)
    assert f"The cluster can shrink to {message}" in found.message


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            EKS % ("~> 21.0", "compute_config = { enabled = true }\n  eks_managed_node_groups = { a = {} }"),
            id="Auto Mode",
        ),
        pytest.param(
            EKS % ("~> 21.0", "fargate_profiles = { a = {} }\n  eks_managed_node_groups = { a = {} }"),
            id="Fargate",
        ),
        pytest.param(
            EKS
            % (
                "~> 21.0",
                "eks_managed_node_groups = {\n    a = { min_size = 2 }\n    gpu = { min_size = 0 }\n  }",
            ),
            id="a group for batch work at 0",
        ),
        pytest.param(
            EKS % ("~> 20.0", "self_managed_node_groups = { a = {} }")
            + 'resource "helm_release" "k" {\n  chart = "karpenter"\n}\n',
            id="Karpenter",
        ),
    ],
)
def test_clusters_that_do_not_shrink_to_one_node(code: str) -> None:
    assert problems("EKS-REL-104", code) == []


def test_one_node_will_do_outside_production() -> None:
    assert set(states("EKS-REL-104", {"dev/main.tf": HERE + sized("1")}, root="dev").values()) == {
        State.NOT_APPLICABLE
    }


def test_groups_of_a_cluster_elsewhere_are_not_all_known() -> None:
    assert states("EKS-REL-104", sized("1")) == {"aws_eks_node_group.main": State.NOT_EVALUATED}


def deployment(spec: str, name: str = "api", namespace: str = "shop") -> str:
    return (
        f'resource "kubernetes_deployment_v1" "x" {{\n  metadata {{\n    name = "{name}"\n'
        f'    namespace = "{namespace}"\n  }}\n  spec {{\n    {spec}\n  }}\n}}\n'
    )


POD = (
    '    template {\n      metadata {\n        labels = { app = "api" }\n      }\n      spec {\n        %s\n'
    "      }\n    }"
)
SPREAD = (
    POD % 'topology_spread_constraint {\n          topology_key = "topology.kubernetes.io/zone"\n        }'
)
HPA = (
    'resource "kubernetes_horizontal_pod_autoscaler_v2" "x" {\n  spec {\n    min_replicas = %s\n'
    '    scale_target_ref {\n      kind = "Deployment"\n      name = "api"\n    }\n  }\n}\n'
)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (deployment("replicas = 1"), "replicas = 1"),
        (deployment("replicas = 1\n" + SPREAD), "replicas = 1"),
        (deployment("replicas = 3"), "replicas = 3"),
        (deployment(SPREAD), "spec {"),
        (
            (
                'resource "kubernetes_manifest" "x" {\n  manifest = {\n    apiVersion = "apps/v1"\n'
                '    kind = "Deployment"\n    metadata = { name = "api", namespace = "shop" }\n'
                "    spec = {\n      replicas = 1\n    }\n  }\n}"
            ),
            "replicas = 1",
        ),
        (
            (
                'resource "kubectl_manifest" "x" {\n  yaml_body = <<-YAML\n    apiVersion: apps/v1\n'
                "    kind: Deployment\n    metadata:\n      name: api\n    spec:\n      replicas: 1\n  "
                "YAML\n}"
            ),
            "replicas: 1",
        ),
    ],
)
def test_workload_that_one_failure_stops(code: str, line: str) -> None:
    assert fired(problems("EKS-REL-105", code)) == [line]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (deployment("replicas = 3\n" + SPREAD), State.PASS),
        (deployment(SPREAD) + HPA % "3", State.PASS),
        (
            deployment("replicas = 3\n" + POD % "affinity {\n          pod_anti_affinity {}\n        }"),
            State.PASS,
        ),
        (deployment("replicas = var.n"), State.NOT_EVALUATED),
        (deployment("replicas = 1", name="my-operator"), State.NOT_APPLICABLE),
        (deployment("replicas = 1", namespace="kube-system"), State.NOT_APPLICABLE),
        (deployment('replicas = 1\n    strategy {\n      type = "Recreate"\n    }'), State.NOT_APPLICABLE),
        (deployment("replicas = 0"), State.NOT_APPLICABLE),
    ],
)
def test_workload_that_is_spread_or_not_meant_to_be(code: str, state: State) -> None:
    assert states("EKS-REL-105", code)["kubernetes_deployment_v1.x"] == state


@pytest.mark.parametrize(
    ("spec", "state"),
    [
        pytest.param("replicas = 1", State.NOT_APPLICABLE, id="its data is in one place"),
        pytest.param("replicas = 3\n" + POD % "", State.FINDING, id="all on one node"),
        pytest.param("replicas = 3\n" + SPREAD, State.PASS, id="spread"),
    ],
)
def test_stateful_sets_need_a_rule_that_spreads_them(spec: str, state: State) -> None:
    code = deployment(spec).replace("kubernetes_deployment_v1", "kubernetes_stateful_set_v1")
    assert states("EKS-REL-105", code)["kubernetes_stateful_set_v1.x"] == state


BUDGET = (
    'resource "kubernetes_pod_disruption_budget_v1" "x" {{\n  metadata {{\n    name = "api"\n'
    '    namespace = "{namespace}"\n  }}\n  spec {{\n    {size}\n    selector '
    "{{\n      {selector}\n    }}\n  }}\n}}\n"
)


def budget(size: str, selector: str = 'match_labels = { app = "api" }', namespace: str = "shop") -> str:
    return BUDGET.format(size=size, selector=selector, namespace=namespace)


THREE = deployment("replicas = 3\n" + POD % "")


@pytest.mark.parametrize(
    "extra",
    [
        "",
        budget('max_unavailable = "1"', 'match_labels = { app = "web" }'),
        budget('max_unavailable = "1"', namespace="other"),
        budget(
            'max_unavailable = "1"',
            "match_expressions "
            '{\n        key = "app"\n        operator = "NotIn"\n        values = ["api"]\n      }',
        ),
    ],
)
def test_workload_without_a_matching_budget(extra: str) -> None:
    found = problems("EKS-REL-106", THREE + extra)
    assert [each.message for each in found] == [
        (
            "`api` has 3 replicas but no disruption budget selects `app = api`: "
            "an upgrade of the nodes may evict all at once."
        )
    ]


def test_budgets_in_hcl_and_yaml_match() -> None:
    assert problems("EKS-REL-106", THREE + budget('max_unavailable = "1"')) == []
    yaml = (
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: api\n  namespace: shop\n"
        "spec:\n  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app: api\n"
    )
    assert problems("EKS-REL-106", {"main.tf": THREE, "k8s/pdb.yaml": yaml}) == []


def test_unknown_selectors_and_labels_decide_nothing() -> None:
    unknown = budget('max_unavailable = "1"', "match_labels = var.labels")
    assert states("EKS-REL-106", THREE + unknown)["kubernetes_deployment_v1.x"] == State.NOT_EVALUATED
    labels = THREE.replace('{ app = "api" }', "var.labels")
    assert states("EKS-REL-106", labels)["kubernetes_deployment_v1.x"] == State.NOT_EVALUATED


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (budget('max_unavailable = "0"'), 'max_unavailable = "0"'),
        (budget("max_unavailable = 0"), "max_unavailable = 0"),
        (budget('max_unavailable = "0%"'), 'max_unavailable = "0%"'),
        (budget('min_available = "100%"'), 'min_available = "100%"'),
        (THREE + budget('min_available = "3"'), 'min_available = "3"'),
    ],
)
def test_budget_that_never_allows_an_eviction(code: str, line: str) -> None:
    assert fired(problems("EKS-REL-107", code)) == [line]


@pytest.mark.parametrize(
    "code",
    [
        budget('max_unavailable = "1"'),
        budget('min_available = "50%"'),
        THREE + budget('min_available = "2"'),
        THREE + budget('min_available = "3"') + HPA % "5",
    ],
)
def test_budget_that_lets_one_go(code: str) -> None:
    key = "kubernetes_pod_disruption_budget_v1.x"
    assert states("EKS-REL-107", code) == {key: State.PASS}


def store(kind: str, arguments: str) -> str:
    return f'resource "{kind}" "x" {{\n  {arguments}\n}}\n'


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (store("aws_db_instance", 'engine = "postgres"'), 'resource "aws_db_instance" "x" {'),
        (store("aws_db_instance", "multi_az = false"), "multi_az = false"),
        (
            store("aws_rds_cluster_instance", "cluster_identifier = aws_rds_cluster.x.id"),
            'resource "aws_rds_cluster_instance" "x" {',
        ),
        (
            store("aws_elasticache_replication_group", "num_cache_clusters = 1"),
            "num_cache_clusters = 1",
        ),
        (
            store("aws_elasticache_replication_group", "num_cache_clusters = 2"),
            'resource "aws_elasticache_replication_group" "x" {',
        ),
        (
            store("aws_opensearch_domain", "cluster_config {\n    zone_awareness_enabled = false\n  }"),
            "zone_awareness_enabled = false",
        ),
        (store("aws_msk_cluster", "number_of_broker_nodes = 2"), "number_of_broker_nodes = 2"),
        (
            store("aws_efs_file_system", 'availability_zone_name = "eu-west-1a"'),
            'availability_zone_name = "eu-west-1a"',
        ),
    ],
)
def test_data_store_in_one_zone(code: str, line: str) -> None:
    assert fired(problems("EKS-REL-108", code)) == [line]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (store("aws_db_instance", "multi_az = true"), State.PASS),
        (store("aws_db_instance", "multi_az = var.ha"), State.NOT_EVALUATED),
        (store("aws_db_instance", "replicate_source_db = aws_db_instance.main.id"), State.NOT_APPLICABLE),
        (
            store("aws_rds_cluster_instance", "count = 2\n  cluster_identifier = aws_rds_cluster.x.id"),
            State.PASS,
        ),
        (
            store("aws_rds_cluster_instance", "count = var.n\n  cluster_identifier = aws_rds_cluster.x.id"),
            State.NOT_EVALUATED,
        ),
        (store("aws_efs_file_system", "encrypted = true"), State.PASS),
        (
            store(
                "aws_elasticache_replication_group",
                "num_cache_clusters = 2\n  automatic_failover_enabled = true\n  multi_az_enabled = true",
            ),
            State.PASS,
        ),
        (store("aws_msk_cluster", "number_of_broker_nodes = 3"), State.PASS),
        (store("aws_msk_cluster", "number_of_broker_nodes = length(var.subnets)"), State.NOT_EVALUATED),
    ],
)
def test_data_store_with_a_standby(code: str, state: State) -> None:
    assert set(states("EKS-REL-108", code).values()) == {state}


@pytest.mark.parametrize("folder", ["dev", "envs/test", "sandbox"])
def test_no_standby_is_needed_outside_production(folder: str) -> None:
    files = {f"{folder}/main.tf": store("aws_db_instance", 'engine = "postgres"')}
    assert set(states("EKS-REL-108", files, root=folder).values()) == {State.NOT_APPLICABLE}


def test_members_of_aurora_follow_their_cluster() -> None:
    code = (
        'resource "aws_rds_cluster_instance" "writer" {\n  cluster_identifier = aws_rds_cluster.x.id\n}\n'
        'resource "aws_rds_cluster_instance" "reader" {\n  cluster_identifier = aws_rds_cluster.x.id\n}\n'
    )
    assert set(states("EKS-REL-108", code).values()) == {State.PASS}
    apart = code.replace("aws_rds_cluster.x.id", "aws_rds_cluster.y.id", 1)
    assert [each.message for each in problems("EKS-REL-108", apart)] == [
        f"`aws_rds_cluster_instance.{name}` has no standby in another availability zone."
        for name in ("writer", "reader")
    ]


@pytest.mark.parametrize(
    ("folder", "state"),
    [
        ("tests/complete", State.NOT_APPLICABLE),
        ("examples/complete", State.NOT_APPLICABLE),
        ("live/shop", State.FINDING),
    ],
)
def test_a_single_gateway_is_fine_in_a_test_and_an_example(folder: str, state: State) -> None:
    code = (
        'module "vpc" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "~> 6.0"\n'
        '  azs = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]\n'
        '  private_subnets = ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]\n'
        "  enable_nat_gateway = true\n  single_nat_gateway = true\n}\n"
    )
    assert states("EKS-REL-103", {f"{folder}/main.tf": code}, root=folder) == {"module.vpc": state}
