"""EKS-SEC-205, 207 and 212: boundaries, what nodes may do, and what add-ons may not."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import outcomes, problems, reasons, states
from tests.checks.suggested import with_fixes

BOUNDARY = "EKS-SEC-205"
NODES = "EKS-SEC-207"
ADDON = "EKS-SEC-212"


def role(name: str, body: str = "") -> str:
    return f'resource "aws_iam_role" "{name}" {{\nname = "{name}"\n{body}\n}}\n'


def eks(arguments: str, source: str = "", version: str = "~> 21.0") -> str:
    path = f"terraform-aws-modules/eks/aws{source}"
    return f'module "eks" {{\nsource = "{path}"\nversion = "{version}"\n{arguments}\n}}\n'


LIMITED = role("ci", "permissions_boundary = var.limit") + 'variable "limit" {}\n'


@pytest.mark.parametrize(
    ("code", "address", "where"),
    [
        (role("app") + LIMITED, "aws_iam_role.app", "aws_iam_role.ci"),
        (
            role("app") + 'variable "permissions_boundary_arn" {}',
            "aws_iam_role.app",
            "var.permissions_boundary_arn",
        ),
        (
            role("app") + 'resource "aws_iam_policy" "team_boundary" {}',
            "aws_iam_role.app",
            "aws_iam_policy.team_boundary",
        ),
        (eks("") + LIMITED, "module.eks", "aws_iam_role.ci"),
        (eks("", "//modules/karpenter") + LIMITED, "module.eks", "aws_iam_role.ci"),
        (
            (
                'module "x" {\n'
                'source = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts"\n}\n'
            )
            + LIMITED,
            "module.x",
            "aws_iam_role.ci",
        ),
        (
            ('module "x" {\nsource = "cloudposse/eks-node-group/aws"\n}\n') + LIMITED,
            "module.x",
            "aws_iam_role.ci",
        ),
    ],
)
def test_boundary(code: str, address: str, where: str) -> None:
    [found] = problems(BOUNDARY, code)
    assert found.address == address
    how = "used elsewhere" if where == "aws_iam_role.ci" else "that is declared"
    assert found.message == f"Role `{address}` escapes the permissions boundary {how} (`{where}`)."


@pytest.mark.parametrize("practice", [LIMITED, 'resource "aws_iam_policy" "team_boundary" {}\n'])
def test_the_first_boundary_says_nothing_of_roles_that_were_there_before(practice: str) -> None:
    files = {"before/main.tf": role("old"), "main.tf": role("old") + role("new") + practice}
    assert [each.address for each in problems(BOUNDARY, files)] == ["aws_iam_role.new"]
    later = {"before/main.tf": files["main.tf"], "main.tf": files["main.tf"]}
    assert [each.address for each in problems(BOUNDARY, later)] == ["aws_iam_role.old", "aws_iam_role.new"]


def test_boundary_takes_the_expression_of_its_siblings() -> None:
    assert "permissions_boundary = var.limit" in with_fixes(BOUNDARY, role("app") + LIMITED)
    other = role("cd", "permissions_boundary = aws_iam_policy.b.arn") + 'resource "aws_iam_policy" "b" {}\n'
    found = [
        each for outcome in outcomes(BOUNDARY, role("app") + LIMITED + other) for each in outcome.problems
    ]
    assert [each.fix for each in found] == [None]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (role("app"), State.NOT_APPLICABLE),
        (
            role("app", "permissions_boundary = var.boundary") + 'variable "boundary" {\ndefault = null\n}',
            State.PASS,
        ),
        (
            'module "app" {\nsource = "terraform-aws-modules/eks/aws//modules/karpenter"\n'
            'iam_role_permissions_boundary_arn = ""\n}\n' + role("app"),
            State.NOT_APPLICABLE,
        ),
    ],
)
def test_boundary_is_fine(code: str, state: State) -> None:
    assert states(BOUNDARY, code)["aws_iam_role.app"] is state


def test_every_role_needs_a_boundary_when_the_configuration_says_so() -> None:
    [found] = problems(BOUNDARY, role("app"), require_permissions_boundary=True)
    assert found.text == 'resource "aws_iam_role" "app" {'
    assert found.message == "Role `aws_iam_role.app` has no permissions boundary."


def test_a_boundary_that_nobody_sets_is_no_practice() -> None:
    handed = role("ci", "permissions_boundary = var.limit") + 'variable "limit" {\ndefault = null\n}\n'
    assert states(BOUNDARY, role("app") + handed) == {
        "aws_iam_role.app": State.NOT_APPLICABLE,
        "aws_iam_role.ci": State.PASS,
    }


def test_a_service_linked_role_takes_no_boundary() -> None:
    code = (
        'resource "aws_iam_service_linked_role" "x" {\naws_service_name = "spot.amazonaws.com"\n}\n'
    ) + LIMITED
    assert states(BOUNDARY, code) == {"aws_iam_role.ci": State.PASS}


GROUP = 'resource "aws_eks_node_group" "main" {\nnode_role_arn = aws_iam_role.node.arn\n}\n' + role("node")


def attach(arn: str, to: str = "aws_iam_role.node.name") -> str:
    return f'resource "aws_iam_role_policy_attachment" "x" {{\nrole = {to}\npolicy_arn = {arn}\n}}\n'


def aws(name: str) -> str:
    return f'"arn:aws:iam::aws:policy/{name}"'


def policy(name: str, actions: str) -> str:
    statement = f'{{\nEffect = "Allow"\nAction = {actions}\nResource = "*"\n}}'
    return (
        f'resource "aws_iam_policy" "{name}" {{\npolicy = jsonencode({{ Statement = [{statement}] }})\n}}\n'
    )


@pytest.mark.parametrize(
    ("code", "text", "what"),
    [
        (
            GROUP
            + attach("aws_iam_policy.pull.arn")
            + policy("pull", '["ecr:BatchGetImage", "s3:GetObject"]'),
            "policy_arn = aws_iam_policy.pull.arn",
            "`aws_iam_policy.pull.arn`",
        ),
        (
            GROUP + attach("aws_iam_policy.dns.arn") + 'resource "aws_iam_policy" "dns" {}',
            "policy_arn = aws_iam_policy.dns.arn",
            "`aws_iam_policy.dns.arn`",
        ),
        (
            GROUP + attach(aws("service-role/AmazonEBSCSIDriverPolicy")),
            f"policy_arn = {aws('service-role/AmazonEBSCSIDriverPolicy')}",
            "`service-role/AmazonEBSCSIDriverPolicy`",
        ),
        (
            GROUP + 'resource "aws_iam_role_policy" "x" {\nrole = aws_iam_role.node.id\npolicy = "{}"\n}',
            'resource "aws_iam_role_policy" "x" {',
            "the inline policy `aws_iam_role_policy.x`",
        ),
        (
            'resource "aws_eks_node_group" "main" {\nnode_role_arn = aws_iam_role.node.arn\n}\n'
            + role("node", 'inline_policy {\nname = "dns"\npolicy = "{}"\n}'),
            "inline_policy {",
            "an inline policy of `aws_iam_role.node`",
        ),
        (
            eks(
                f"node_iam_role_additional_policies = {{\n"
                f"a = {aws('AmazonRoute53AutoNamingRegistrantAccess')}\n}}",
                "//modules/karpenter",
            ),
            f"a = {aws('AmazonRoute53AutoNamingRegistrantAccess')}",
            "`AmazonRoute53AutoNamingRegistrantAccess`",
        ),
        (
            (
                'module "x" {\nsource = "cloudposse/eks-node-group/aws"\n'
                "node_role_policy_arns = [\nmodule.dns.arn,\n]\n}"
            ),
            "module.dns.arn,",
            "`module.dns.arn`",
        ),
        (
            """
            resource "aws_autoscaling_group" "x" {
              launch_template {
                id = aws_launch_template.x.id
              }
              tag {
                key   = "kubernetes.io/cluster/prod"
                value = "owned"
              }
            }
            resource "aws_launch_template" "x" {
              iam_instance_profile {
                name = aws_iam_instance_profile.x.name
              }
            }
            resource "aws_iam_instance_profile" "x" {
              role = aws_iam_role.node.name
            }
            """
            + role("node")
            + attach("module.dns.arn"),
            "policy_arn = module.dns.arn",
            "`module.dns.arn`",
        ),
    ],
)
def test_nodes(code: str, text: str, what: str) -> None:
    [found] = problems(NODES, code)
    assert found.text == text
    assert found.message == f"Every pod on these nodes inherits {what} through the instance profile."


@pytest.mark.parametrize(
    "code",
    [
        *[
            GROUP + attach(aws(name))
            for name in (
                "AmazonEKSWorkerNodePolicy",
                "AmazonEKSWorkerNodeMinimalPolicy",
                "AmazonEKS_CNI_Policy",
                "AmazonEC2ContainerRegistryReadOnly",
                "AmazonEC2ContainerRegistryPullOnly",
                "AmazonEKSFargatePodExecutionRolePolicy",
                "AmazonSSMManagedInstanceCore",
                "CloudWatchAgentServerPolicy",
            )
        ],
        GROUP + attach(aws("AWSXrayWriteOnlyAccess")),
        GROUP
        + attach("aws_iam_policy.pull.arn")
        + policy("pull", '["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"]'),
        GROUP
        + attach("aws_iam_policy.cni.arn")
        + policy("cni", '["ec2:AssignIpv6Addresses", "ec2:DescribeInstances"]'),
        GROUP + attach('"arn:aws:iam::111122223333:policy/AmazonEKS_CNI_IPv6_Policy"'),
        GROUP + attach(aws("AmazonS3FullAccess")),
        GROUP + role("app") + attach("module.dns.arn", "aws_iam_role.app.name"),
        attach("module.dns.arn", "var.role") + 'variable "role" {}',
        eks("iam_role_additional_policies = {\na = aws_iam_policy.x.arn\n}"),
        (
            'module "x" {\nsource = "terraform-aws-modules/emr/aws//modules/virtual-cluster"\n'
            "iam_role_additional_policies = {\na = aws_iam_policy.x.arn\n}\n}"
        ),
        eks(
            "fargate_profiles = {\na = {\niam_role_additional_policies = {\na = aws_iam_policy.x.arn\n}\n}\n}"
        ),
    ],
)
def test_nodes_are_fine(code: str) -> None:
    assert [each.message for each in problems(NODES, code)] == []


ASSOCIATION = 'resource "aws_eks_pod_identity_association" "x" {{\nservice_account = "{}"\n}}\n'
EBS = 'resource "aws_eks_addon" "x" {{\naddon_name = "aws-ebs-csi-driver"\n{}\n}}\n'


@pytest.mark.parametrize(
    ("code", "text", "message"),
    [
        (
            GROUP + EBS.format(""),
            'resource "aws_eks_addon" "x" {',
            "`aws-ebs-csi-driver` has no IAM role: volumes will",
        ),
        (
            eks(
                "eks_managed_node_groups = {\na = {}\n}\naddons = {\namazon-cloudwatch-observability = {}\n}"
            ),
            "amazon-cloudwatch-observability = {}",
            "`amazon-cloudwatch-observability` has no IAM role: metrics and logs will fail at runtime.",
        ),
        (
            eks(
                ("eks_managed_node_groups = {\na = {}\n}\ncluster_addons = {\naws-efs-csi-driver = {}\n}"),
                version="~> 20.0",
            ),
            "aws-efs-csi-driver = {}",
            "`aws-efs-csi-driver` has no IAM role: volumes will fail at runtime.",
        ),
        (
            GROUP + EBS.format("") + ASSOCIATION.format("other"),
            'resource "aws_eks_addon" "x" {',
            "has no IAM role",
        ),
    ],
)
def test_addon(code: str, text: str, message: str) -> None:
    [found] = problems(ADDON, code)
    assert found.text == text
    assert message in found.message


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(GROUP + EBS.format("service_account_role_arn = module.ebs.arn"), id="IRSA"),
        pytest.param(
            GROUP + EBS.format('pod_identity_association {\nrole_arn = "r"\nservice_account = "s"\n}'),
            id="Pod Identity",
        ),
        pytest.param(
            GROUP + EBS.format("") + ASSOCIATION.format("ebs-csi-controller-sa"), id="a separate association"
        ),
        pytest.param(
            GROUP
            + EBS.format("")
            + (
                'module "p" {\nsource = "terraform-aws-modules/eks-pod-identity/aws"\n'
                "attach_aws_ebs_csi_policy = true\n}"
            ),
            id="the module for associations",
        ),
        *[
            pytest.param(
                GROUP.replace('name = "node"', f"name = {name}")
                + EBS.format("")
                + attach(aws("service-role/AmazonEBSCSIDriverPolicy"))
                + 'variable "name" {}',
                id=f"nodes with the policy, whose role is named {name}",
            )
            for name in ("var.name", '"${var.name}-node"')
        ],
        pytest.param(
            GROUP + EBS.format("") + attach(aws("service-role/AmazonEBSCSIDriverPolicy")),
            id="the nodes' role",
        ),
        pytest.param(
            GROUP
            + EBS.format("")
            + ('resource "aws_eks_cluster" "c" {\ncompute_config {\nenabled = true\n}\n}'),
            id="Auto Mode",
        ),
        pytest.param(
            eks(
                "eks_managed_node_groups = {\na = {}\n}\naddons = {\naws-ebs-csi-driver = {\n"
                "service_account_role_arn = module.ebs.arn\n}\n}"
            ),
            id="an entry with a role",
        ),
    ],
)
def test_addon_has_a_role(code: str) -> None:
    assert [each.message for each in problems(ADDON, code)] == []


def test_a_policy_in_an_unknown_partition_is_known_by_its_name() -> None:
    code = (
        GROUP
        + EBS.format("")
        + attach('"${local.prefix}/service-role/${local.name}"')
        + 'locals {\nprefix = "arn:${data.aws_partition.x.partition}:iam::aws:policy"\n'
        'name = "AmazonEBSCSIDriverPolicy"\n}\ndata "aws_partition" "x" {}'
    )
    assert set(states(ADDON, code).values()) == {State.PASS}
    [found] = problems(NODES, code)
    assert "`service-role/AmazonEBSCSIDriverPolicy`" in found.message


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (EBS.format(""), "the role of the nodes is not in the code"),
        (
            EBS.format("")
            + ('resource "aws_eks_node_group" "main" {\nnode_role_arn = var.role\n}\nvariable "role" {}'),
            "the role of `aws_eks_node_group.main` is not in the code",
        ),
        (
            GROUP + EBS.format("") + attach("module.own.arn"),
            "a policy of one's own is attached to the nodes and may allow what the add-on needs",
        ),
    ],
)
def test_addon_that_may_have_a_role_is_not_evaluated(code: str, reason: str) -> None:
    assert reasons(ADDON, code) == [reason]


CNI = 'resource "aws_eks_addon" "x" {\naddon_name = "vpc-cni"\n}\n'
FAMILY = 'resource "aws_eks_cluster" "c" {{\nkubernetes_network_config {{\nip_family = "{}"\n}}\n}}\n'


def test_the_cni_of_a_cluster_of_ipv6_addresses_needs_a_policy_of_its_own() -> None:
    nodes = GROUP + attach(aws("AmazonEKS_CNI_Policy"))
    [found] = problems(ADDON, nodes + CNI + FAMILY.format("ipv6"))
    assert found.message == ("`vpc-cni` has no IAM role: assigning addresses to pods will fail at runtime.")
    assert outcomes(ADDON, nodes + CNI + FAMILY.format("ipv4")) == []
    assert outcomes(ADDON, nodes + CNI) == []


@pytest.mark.parametrize("name", ["aws-mountpoint-s3-csi-driver", "external-dns"])
def test_other_addons_that_call_aws(name: str) -> None:
    code = EBS.format("").replace("aws-ebs-csi-driver", name)
    [found] = problems(ADDON, GROUP + code)
    assert found.message.startswith(f"`{name}` has no IAM role: ")


def test_an_addon_that_calls_no_api_is_no_subject() -> None:
    assert outcomes(ADDON, 'resource "aws_eks_addon" "x" {\naddon_name = "coredns"\n}') == []


TRUST = """
resource "aws_iam_role" "app" {{
  assume_role_policy = jsonencode({{
    Statement = [{{
      Effect    = "Allow"
      Action    = {}
      Principal = {{ Service = "pods.eks.amazonaws.com" }}
    }}]
  }})
}}
"""


@pytest.mark.parametrize(
    ("actions", "fixed"),
    [
        ('"sts:AssumeRole"', 'Action    = ["sts:AssumeRole", "sts:TagSession"]'),
        ('["sts:AssumeRole"]', 'Action    = ["sts:AssumeRole", "sts:TagSession"]'),
    ],
)
def test_trust_without_tags(actions: str, fixed: str) -> None:
    code = TRUST.format(actions)
    [found] = problems(ADDON, code)
    assert found.text == f"Action    = {actions}"
    assert (
        found.message
        == "The trust lacks `sts:TagSession`: EKS Pod Identity cannot assume `aws_iam_role.app`."
    )
    assert fixed in with_fixes(ADDON, code)


@pytest.mark.parametrize("actions", ['["sts:AssumeRole", "sts:TagSession"]', '"sts:*"'])
def test_trust_with_tags(actions: str) -> None:
    assert states(ADDON, TRUST.format(actions)) == {"aws_iam_role.app": State.PASS}


def test_the_only_element_of_a_joined_list_is_what_it_is() -> None:
    """Old code writes ``join("", x.*.arn)`` for the one that a ``count`` may make."""
    code = """
resource "aws_eks_cluster" "main" {
  name = "prod"
}

resource "aws_eks_node_group" "main" {
  cluster_name  = aws_eks_cluster.main.name
  node_role_arn = join("", aws_iam_role.node.*.arn)
}

resource "aws_iam_role" "node" {
  count = 1
  name  = "node"
}

resource "aws_iam_role_policy_attachment" "ebs" {
  role       = join("", aws_iam_role.node.*.name)
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
}
"""
    assert [each.address for each in problems(NODES, code)] == ["aws_iam_role_policy_attachment.ebs"]
