"""Issue 1.2: how versions are written, how long they live, and what is behind."""

from __future__ import annotations

from datetime import date

import pytest

from reviewer.checks.runner import State
from reviewer.config.table_kinds import KubernetesVersion
from reviewer.views.cluster.lifecycle import supported
from tests.checks.blocks import node_group
from tests.checks.harness import outcomes, problems, reasons, states
from tests.checks.suggested import with_fixes

NUMBER, UNSUPPORTED, EXTENDED, SKEW, DETACHED, AL2 = (f"EKS-CFG-{number}" for number in range(203, 209))


def cluster(version: str, *arguments: str) -> str:
    lines = "".join(f"  {each}\n" for each in arguments)
    return f'resource "aws_eks_cluster" "c" {{\n  version = {version}\n{lines}}}\n'


class TestNumber:
    def test_the_message_says_what_is_lost(self) -> None:
        [found] = problems(NUMBER, cluster("1.30"))
        assert found.text == "version = 1.30"
        assert found.message == (
            "Unquoted `1.30` is a number and evaluates to `1.3`: trailing zeros of versions get lost."
        )

    def test_a_number_without_trailing_zero_loses_nothing_yet(self) -> None:
        [found] = problems(NUMBER, cluster("1.34"))
        assert found.message == "Unquoted `1.34` is a number: trailing zeros of versions get lost."

    def test_the_line_of_a_variables_file_is_quoted(self) -> None:
        files = {
            "main.tf": 'variable "v" {\n  type = string\n}\n' + cluster("var.v"),
            "terraform.tfvars": "v = 1.30\n",
        }
        [found] = problems(NUMBER, files)
        assert (found.path, found.text) == ("terraform.tfvars", "v = 1.30")

    def test_a_variable_of_type_number(self) -> None:
        code = 'variable "v" {\n  type    = number\n  default = "1.40"\n}\n' + cluster("var.v")
        [found] = problems(NUMBER, code)
        assert found.text == "type    = number"
        assert "  type    = string\n" in with_fixes(NUMBER, code)

    def test_a_number_that_only_has_a_part_in_finding_the_version(self) -> None:
        code = (
            'variable "zones" {\n  type    = number\n  default = 2\n}\nvariable "versions" {\n'
            '  default = ["1.33", "1.34", "1.35"]\n}\n'
        )
        assert problems(NUMBER, code + cluster("var.versions[var.zones]")) == []

    def test_module_and_node_group(self) -> None:
        code = """\
            module "eks" {
              source          = "terraform-aws-modules/eks/aws"
              version         = "~> 20.0"
              cluster_version = 1.30
            }
            resource "aws_eks_node_group" "n" {
              version = 1.30
            }
            """
        assert [each.text for each in problems(NUMBER, code)] == ["cluster_version = 1.30", "version = 1.30"]

    @pytest.mark.parametrize("version", ['"1.30"', "var.v", "local.v"])
    def test_text_is_fine(self, version: str) -> None:
        code = 'variable "v" {\n  type = string\n}\nlocals {\n  v = "1.30"\n}\n' + cluster(version)
        assert problems(NUMBER, code) == []

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param('variable "redis_version" {\n  default = 7.0\n}\n', id="of another thing"),
            pytest.param('variable "cluster_version" {\n  default = 1.30\n}\n', id="used by no cluster"),
            pytest.param('module "m" {\n  source  = "acme/x/aws"\n  version = 1.30\n}\n', id="of a module"),
        ],
    )
    def test_only_versions_that_reach_a_cluster_count(self, code: str) -> None:
        assert outcomes(NUMBER, code) == []

    def test_quotes_are_suggested(self) -> None:
        assert '  version = "1.30"\n' in with_fixes(NUMBER, cluster("1.30"))


class TestSupport:
    @pytest.mark.parametrize(
        ("version", "message"),
        [
            (
                "1.30",
                "Kubernetes `1.30` left EKS extended support on 2026-07-23: it cannot be created any more",
            ),
            ("1.21", "Kubernetes `1.21` left EKS extended support: it cannot be created any more"),
        ],
    )
    def test_unsupported(self, version: str, message: str) -> None:
        [found] = problems(UNSUPPORTED, cluster(f'"{version}"'))
        assert found.message.startswith(message)
        assert found.message.endswith("In standard support for more than 30 days: `1.35`, `1.36`.")
        assert problems(EXTENDED, cluster(f'"{version}"')) == []

    @pytest.mark.parametrize(
        ("version", "message"),
        [
            (
                "1.31",
                (
                    "standard support ended on 2025-11-26; extended "
                    "support costs about six times as much per hour."
                ),
            ),
            (
                "1.33",
                (
                    "standard support ended on 2026-07-29; extended "
                    "support costs about six times as much per hour."
                ),
            ),
            (
                "1.34",
                (
                    "standard support ends on 2026-12-02; extended "
                    "support costs about six times as much per hour."
                ),
            ),
        ],
    )
    def test_extended(self, version: str, message: str) -> None:
        [found] = problems(EXTENDED, cluster(f'"{version}"'))
        beyond = "In standard support for more than 30 days: `1.35`, `1.36`."
        assert found.message == f"Kubernetes `{version}`: {message} {beyond}"
        assert problems(UNSUPPORTED, cluster(f'"{version}"')) == []

    def test_the_notice_is_configured(self) -> None:
        assert problems(EXTENDED, cluster('"1.34"'), warn_days=8) == []
        assert "ends on 2027-03-27" in problems(EXTENDED, cluster('"1.35"'), warn_days=365)[0].message

    def test_with_the_standard_policy_aws_upgrades(self) -> None:
        code = cluster('"1.33"', "upgrade_policy {", '  support_type = "STANDARD"', "}")
        assert "; AWS then upgrades the control plane by itself." in problems(EXTENDED, code)[0].message

    @pytest.mark.parametrize("version", ['"1.35"', '"1.36"'])
    def test_current(self, version: str) -> None:
        assert states(UNSUPPORTED, cluster(version)) == states(EXTENDED, cluster(version))
        assert states(EXTENDED, cluster(version)) == {"aws_eks_cluster.c": State.PASS}

    @pytest.mark.parametrize(
        ("version", "reason"),
        [
            (
                '"1.37"',
                (
                    "the version is newer than the table of EKS versions, last updated 2026-11-23;"
                    " `kubernetes-versions` in the configuration can add it"
                ),
            ),
            ('"latest"', "the version is not of the form 1.34"),
        ],
    )
    def test_not_evaluated(self, version: str, reason: str) -> None:
        assert states(UNSUPPORTED, cluster(version)) == {"aws_eks_cluster.c": State.NOT_EVALUATED}
        assert reasons(UNSUPPORTED, cluster(version)) == [reason]

    def test_the_configuration_adds_versions_and_changes_their_dates(self) -> None:
        newer = KubernetesVersion("1.37", date(2027, 12, 2), date(2028, 12, 2))
        assert states(UNSUPPORTED, cluster('"1.37"'), kubernetes_versions=(newer,)) == {
            "aws_eks_cluster.c": State.PASS
        }
        [found] = problems(UNSUPPORTED, cluster('"1.30"'), kubernetes_versions=(newer,))
        assert found.message.endswith("In standard support for more than 30 days: `1.35`, `1.36`, `1.37`.")
        longer = KubernetesVersion("1.30", date(2026, 12, 31), date(2027, 7, 23))
        assert problems(UNSUPPORTED, cluster('"1.30"'), kubernetes_versions=(longer,)) == []
        [found] = problems(EXTENDED, cluster('"1.30"'), kubernetes_versions=(longer,), warn_days=60)
        assert "ends on 2026-12-31" in found.message

    def test_a_table_that_is_too_old_leaves_its_newest_version(self) -> None:
        assert supported(date(2026, 11, 23), ()) == ("1.34", "1.35", "1.36")
        assert supported(date(2030, 1, 1), ()) == ("1.36",)

    def test_outposts_has_a_calendar_of_its_own(self) -> None:
        code = cluster('"1.30"', "outpost_config {", "}")
        assert states(UNSUPPORTED, code) == {"aws_eks_cluster.c": State.NOT_APPLICABLE}

    def test_the_default_of_cloudposse_is_a_version(self) -> None:
        code = 'module "eks" {\n  source  = "cloudposse/eks-cluster/aws"\n  version = "4.6.0"\n}\n'
        [found] = problems(UNSUPPORTED, code)
        assert (found.text, found.message[:18]) == ('module "eks" {', "Kubernetes `1.21` ")

    def test_null_handed_to_a_module_is_not_the_version_of_the_module(self) -> None:
        code = """\
            module "eks" {
              source             = "cloudposse/eks-cluster/aws"
              version            = "0.44.0"
              kubernetes_version = null
            }
            """
        assert states(UNSUPPORTED, code) == {"module.eks": State.NOT_APPLICABLE}


class TestSkew:
    @pytest.mark.parametrize(
        ("part", "message"),
        [
            pytest.param(
                'resource "aws_eks_node_group" "n" {\n  version = "1.36"\n}\n',
                "The node group is built for `1.36` but the control plane is `1.35`: newer.",
                id="nodes ahead",
            ),
            pytest.param(
                'resource "aws_eks_node_group" "n" {\n  release_version = "1.31.0-20260101"\n}\n',
                "The node group is built for `1.31` but the control plane is `1.35`: too old.",
                id="release four behind",
            ),
            pytest.param(
                'data "aws_ami" "n" {\n  filter {\n    name   = "name"\n'
                '    values = ["amazon-eks-node-al2023-x86_64-standard-1.30-v*"]\n  }\n}\n',
                "The node image is built for `1.30` but the control plane is `1.35`: too old.",
                id="image by name",
            ),
            pytest.param(
                (
                    'resource "aws_eks_addon" "p" {\n  addon_name    = "kube-proxy"\n'
                    '  addon_version = "v1.33.0-eksbuild.2"\n}\n'
                ),
                "Kube-proxy is built for `1.33` but the control plane is `1.35`: too old.",
                id="kube-proxy",
            ),
            pytest.param(
                'resource "helm_release" "ca" {\n  name  = "ca"\n  chart = "cluster-autoscaler"\n  set {\n'
                '    name  = "image.tag"\n    value = "v1.32.1"\n  }\n}\n',
                "Cluster-autoscaler is built for `1.32` but the control plane is `1.35`: too old.",
                id="cluster-autoscaler",
            ),
            pytest.param(
                'resource "helm_release" "ca" {\n  name  = "ca"\n  chart = "cluster-autoscaler"\n'
                "  values = [<<-EOT\n    image:\n      tag: v1.31.2\n  EOT\n  ]\n}\n",
                "Cluster-autoscaler is built for `1.31` but the control plane is `1.35`: too old.",
                id="cluster-autoscaler by values",
            ),
            pytest.param(
                'data "aws_ssm_parameter" "n" {\n'
                '  name = "/aws/service/eks/optimized-ami/1.30/amazon-linux-2023/x86_64/standard/'
                'recommended/image_id"\n}\n',
                "The node image is built for `1.30` but the control plane is `1.35`: too old.",
                id="image of EKS by parameter",
            ),
            pytest.param(
                'data "aws_ssm_parameter" "n" {\n'
                '  name = "/aws/service/bottlerocket/aws-k8s-1.36/x86_64/latest/image_id"\n}\n',
                "The node image is built for `1.36` but the control plane is `1.35`: newer.",
                id="image of Bottlerocket, ahead",
            ),
        ],
    )
    def test_found(self, part: str, message: str) -> None:
        assert [each.message for each in problems(SKEW, cluster('"1.35"') + part)] == [message]

    @pytest.mark.parametrize(
        "part",
        [
            pytest.param(
                'resource "aws_eks_node_group" "n" {\n  version = "1.32"\n}\n', id="nodes three behind"
            ),
            pytest.param(
                'resource "aws_eks_node_group" "n" {\n  release_version = "1.20.0-fcf71a47"\n}\n',
                id="Bottlerocket numbers itself",
            ),
            pytest.param(
                (
                    'resource "aws_eks_addon" "p" {\n  addon_name    = "kube-proxy"\n'
                    '  addon_version = "v1.34.0-eksbuild.2"\n}\n'
                ),
                id="kube-proxy one behind",
            ),
            pytest.param(
                'data "aws_ssm_parameter" "n" {\n  name = "/aws/service/ami-amazon-linux-latest/x-1.20"\n}\n',
                id="an image that is not of EKS",
            ),
        ],
    )
    def test_fine(self, part: str) -> None:
        assert problems(SKEW, cluster('"1.35"') + part) == []

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(
                cluster('"1.35"') + 'resource "aws_eks_fargate_profile" "f" {\n}\n',
                id="Fargate has no version",
            ),
            pytest.param(
                cluster('"1.35"', "compute_config {", "  enabled = true", "}"), id="nor has Auto Mode"
            ),
            pytest.param(
                cluster('"1.35"') + 'resource "aws_eks_node_group" "n" {\n  version = "1.34"\n}\n',
                id="nodes lag during an upgrade",
            ),
        ],
    )
    def test_no_version_of_its_own_or_a_step_behind(self, code: str) -> None:
        assert set(states(SKEW, code).values()) == {State.PASS}

    def test_an_unknown_version_of_the_cluster_decides_nothing(self) -> None:
        nodes = 'variable "v" {}\nresource "aws_eks_node_group" "n" {\n  version = "1.30"\n}\n'
        assert states(SKEW, cluster("var.v") + nodes) == {"aws_eks_cluster.c": State.NOT_EVALUATED}

    def test_old_clusters_allow_less(self) -> None:
        nodes = 'resource "aws_eks_node_group" "n" {\n  version = "1.24"\n}\n'
        assert problems(SKEW, cluster('"1.27"') + nodes) != []
        assert problems(SKEW, cluster('"1.26"') + nodes) == []

    def test_with_several_clusters_nothing_is_said(self) -> None:
        code = cluster('"1.35"') + cluster('"1.30"').replace('"c"', '"d"')
        assert set(states(SKEW, code).values()) == {State.NOT_EVALUATED}


class TestDetached:
    def test_the_clusters_version_is_suggested(self) -> None:
        code = cluster('"1.35"') + node_group("cluster_name = aws_eks_cluster.c.id")
        [found] = problems(DETACHED, code)
        assert found.text == 'resource "aws_eks_node_group" "n" {'
        assert "  version      = aws_eks_cluster.c.version\n" in with_fixes(DETACHED, code)

    def test_a_prefix_is_named_without_its_dash(self) -> None:
        [found] = problems(DETACHED, node_group('node_group_name_prefix = "web-"'))
        assert found.message.startswith("Node group `web` does not follow")

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(node_group('version = "1.35"'), id="literal"),
            pytest.param('variable "v" {}\n' + node_group("version = var.v"), id="variable"),
            pytest.param(node_group("release_version = data.aws_ssm_parameter.r.value"), id="release"),
        ],
    )
    def test_follows(self, code: str) -> None:
        assert states(DETACHED, code) == {"aws_eks_node_group.n": State.PASS}

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(node_group('ami_type = "CUSTOM"'), id="custom image"),
            pytest.param(
                'resource "aws_launch_template" "t" {\n  image_id = "ami-1"\n}\n'
                + node_group("launch_template {", "  id = aws_launch_template.t.id", "}"),
                id="image of the launch template",
            ),
            pytest.param(
                'module "eks" {\n  source  = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0"\n'
                "  eks_managed_node_groups = {\n    a = {}\n  }\n}\n",
                id="the module passes it",
            ),
        ],
    )
    def test_does_not_apply(self, code: str) -> None:
        assert set(states(DETACHED, code).values()) == {State.NOT_APPLICABLE}

    def test_a_version_that_is_ignored_is_told_and_not_suggested(self) -> None:
        code = cluster('"1.35"') + node_group(
            "cluster_name = aws_eks_cluster.c.name", "lifecycle {", "  ignore_changes = [version]", "}"
        )
        [outcome] = outcomes(DETACHED, code)
        [found] = outcome.problems
        assert found.message == (
            "Node group `n` does not follow the cluster's version (`ignore_changes` leaves its version alone, "
            "too): the next upgrade leaves it behind."
        )
        assert found.fix is None

    def test_a_template_from_elsewhere_is_not_evaluated(self) -> None:
        code = 'variable "t" {}\n' + node_group("launch_template {", "  id = var.t", "}")
        assert states(DETACHED, code) == {"aws_eks_node_group.n": State.NOT_EVALUATED}

    @pytest.mark.parametrize(
        "code",
        [
            (
                'module "ng" {\n  source  = "terraform-aws-modules/eks/aws//modules/eks-managed-node-group"\n'
                '  version = "~> 20.0"\n}\n'
            ),
            'module "ng" {\n  source = "cloudposse/eks-node-group/aws"\n}\n',
        ],
    )
    def test_submodules_do_not_know_the_cluster(self, code: str) -> None:
        assert [each.address for each in problems(DETACHED, code)] == ["module.ng"]


class TestAmazonLinux2:
    @pytest.mark.parametrize(
        ("code", "text"),
        [
            pytest.param(node_group('ami_type = "AL2_ARM_64"'), 'ami_type = "AL2_ARM_64"', id="type"),
            pytest.param(
                'module "ng" {\n  source = "cloudposse/eks-node-group/aws"\n}\n',
                'module "ng" {',
                id="default of cloudposse",
            ),
            pytest.param(
                'module "eks" {\n  source  = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0"\n'
                "  self_managed_node_groups = {\n    a = {}\n  }\n}\n",
                "a = {}",
                id="default of self-managed groups in 20",
            ),
            pytest.param(
                'data "aws_ssm_parameter" "a" {\n'
                '  name = "/aws/service/eks/optimized-ami/1.30/amazon-linux-2/recommended/image_id"\n}\n',
                'name = "/aws/service/eks/optimized-ami/1.30/amazon-linux-2/recommended/image_id"',
                id="parameter",
            ),
            pytest.param(
                (
                    'data "aws_ami" "a" {\n  filter {\n    name   = "name"\n'
                    '    values = ["amazon-eks-node-1.30-v*"]\n  }\n}\n'
                ),
                'values = ["amazon-eks-node-1.30-v*"]',
                id="name",
            ),
        ],
    )
    def test_found(self, code: str, text: str) -> None:
        [found] = problems(AL2, code)
        assert found.text == text
        assert "is Amazon Linux 2: no EKS images since 2025-11-26" in found.message

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(node_group(), id="the default of the API"),
            pytest.param(node_group('ami_type = "BOTTLEROCKET_x86_64"'), id="Bottlerocket"),
            pytest.param(
                'module "eks" {\n  source  = "terraform-aws-modules/eks/aws"\n  version = "~> 21.0"\n'
                "  self_managed_node_groups = {\n    a = {}\n  }\n}\n",
                id="default of 21",
            ),
            pytest.param(
                'data "aws_ami" "a" {\n  filter {\n    name   = "name"\n'
                '    values = ["amazon-eks-node-al2023-x86_64-standard-1.30-v*"]\n  }\n}\n',
                id="name of AL2023",
            ),
        ],
    )
    def test_fine(self, code: str) -> None:
        assert problems(AL2, code) == []

    def test_a_custom_image_may_be_anything(self) -> None:
        assert states(AL2, node_group('ami_type = "CUSTOM"')) == {"aws_eks_node_group.n": State.NOT_EVALUATED}

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(
                'resource "aws_launch_template" "t" {\n  user_data = "x"\n}\n'
                + node_group(
                    'ami_type = "AL2_x86_64"', "launch_template {", "  id = aws_launch_template.t.id", "}"
                ),
                id="user data of the template",
            ),
            pytest.param(
                'variable "t" {}\n'
                + node_group('ami_type = "AL2_x86_64"', "launch_template {", "  id = var.t", "}"),
                id="a template from elsewhere",
            ),
            pytest.param(
                'module "eks" {\n  source  = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0"\n'
                '  eks_managed_node_groups = {\n    a = {\n      ami_type = "AL2_x86_64"\n'
                '      pre_bootstrap_user_data = "mount -a"\n    }\n  }\n}\n',
                id="a script of the module's group",
            ),
            pytest.param(
                node_group('ami_type = "AL2_x86_64"', 'release_version = "1.32.1-20250101"'),
                id="a release of the old system",
            ),
        ],
    )
    def test_nodes_with_a_script_of_the_old_system_draw_no_suggestion(self, code: str) -> None:
        assert [each.fix for outcome in outcomes(AL2, code) for each in outcome.problems] == [None]

    def test_the_default_of_a_module_is_overridden_where_the_group_is_written(self) -> None:
        code = (
            'module "eks" {\n  source  = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0"\n\n'
            "  self_managed_node_groups = {\n    a = {%s\n      min_size = 1\n    }\n  }\n}\n"
        )
        assert with_fixes(AL2, code % "") == code % '\n      ami_type = "AL2023_x86_64_STANDARD"'

    def test_the_type_is_replaced_only_in_a_new_group(self) -> None:
        fixes = [
            each.fix
            for outcome in outcomes(AL2, node_group('ami_type = "AL2_x86_64_GPU"'))
            for each in outcome.problems
        ]
        assert [fix.new_only for fix in fixes if fix is not None] == [True]
        assert '"AL2023_x86_64_NVIDIA"' in with_fixes(AL2, node_group('ami_type = "AL2_x86_64_GPU"'))
