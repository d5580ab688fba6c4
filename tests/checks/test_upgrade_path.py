"""Issue 10.1: support policies, version jumps, templates, removed APIs and arguments."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.blocks import eks_module, node_group
from tests.checks.harness import outcomes, problems, states
from tests.checks.suggested import with_fixes

POLICY, JUMP, REPLACED, FLOATING, PROCESS, AHEAD, API, ARGUMENT = (
    f"EKS-UPG-{number}" for number in range(102, 110)
)


def cluster(version: str) -> str:
    return f'resource "aws_eks_cluster" "c" {{\n  name    = "shop"\n  version = {version}\n}}\n'


CLOUDPOSSE = (
    'module "eks" {\n  source = "cloudposse/eks-cluster/aws"\n'
    '  upgrade_policy = { support_type = "STANDARD" }\n}\n'
)


class TestPolicy:
    @pytest.mark.parametrize("version", ["~> 21.0", "~> 20.8", ">= 20.0, < 21.0", "20.37.2"])
    def test_undeclared(self, version: str) -> None:
        assert [each.text for each in problems(POLICY, eks_module(version))] == ['module "eks" {']

    @pytest.mark.parametrize("version", ["~> 20.8.0", "20.20.0", "~> 19.0", ">= 20.0, < 20.21"])
    def test_older_modules_have_no_such_argument(self, version: str) -> None:
        assert states(POLICY, eks_module(version)) == {"module.eks": State.NOT_APPLICABLE}

    @pytest.mark.parametrize(
        "code",
        [
            eks_module("~> 20.31", 'cluster_upgrade_policy = { support_type = "STANDARD" }'),
            eks_module("~> 21.0", 'upgrade_policy = { support_type = "EXTENDED" }'),
            CLOUDPOSSE,
        ],
    )
    def test_declared(self, code: str) -> None:
        assert states(POLICY, code) == {"module.eks": State.PASS}


class TestJump:
    @pytest.mark.parametrize(("old", "new"), [("1.33", "1.35"), ("1.34", "1.32"), ("1.30", "1.36")])
    def test_refused(self, old: str, new: str) -> None:
        files = {"before/main.tf": cluster(f'"{old}"'), "main.tf": cluster(f'"{new}"')}
        [found] = problems(JUMP, files)
        assert found.text == f'version = "{new}"'
        rule = "A control plane goes back" if new < old else "Control planes move"
        assert found.message == (
            f"{rule} one minor version at a time: `{old}` to `{new}` is refused by the API."
        )

    @pytest.mark.parametrize(("old", "new"), [("1.33", "1.34"), ("1.34", "1.34"), ("1.34", "1.33")])
    def test_allowed(self, old: str, new: str) -> None:
        files = {"before/main.tf": cluster(f'"{old}"'), "main.tf": cluster(f'"{new}"')}
        assert states(JUMP, files) == {"aws_eks_cluster.c": State.PASS}

    def test_a_downgrade_gets_no_suggestion(self) -> None:
        files = {"before/main.tf": cluster('"1.36"'), "main.tf": cluster('"1.33"')}
        assert [each.fix for outcome in outcomes(JUMP, files) for each in outcome.problems] == [None]

    def test_the_only_cluster_is_the_same_under_another_address(self) -> None:
        moved = cluster('"1.36"').replace('"c"', '"main"').replace('"shop"', "var.name")
        files = {"before/main.tf": cluster('"1.33"'), "main.tf": moved}
        assert [each.address for each in problems(JUMP, files)] == ["aws_eks_cluster.main"]

    def test_the_line_of_a_variables_file(self) -> None:
        code = 'variable "v" {}\n' + cluster("var.v")
        files = {
            "before/main.tf": code,
            "before/terraform.tfvars": 'v = "1.33"\n',
            "main.tf": code,
            "terraform.tfvars": 'v = "1.36"\n',
        }
        assert [(each.path, each.text) for each in problems(JUMP, files)] == [
            ("terraform.tfvars", 'v = "1.36"')
        ]

    def test_a_new_cluster(self) -> None:
        assert states(JUMP, cluster('"1.36"')) == {"aws_eks_cluster.c": State.NOT_APPLICABLE}
        files = {"before/main.tf": "", "main.tf": cluster('"1.36"')}
        assert states(JUMP, files) == {"aws_eks_cluster.c": State.NOT_APPLICABLE}

    def test_an_example_makes_its_cluster_anew(self) -> None:
        files = {"before/examples/a/main.tf": cluster('"1.33"'), "examples/a/main.tf": cluster('"1.36"')}
        assert states(JUMP, files, root="examples/a") == {"aws_eks_cluster.c": State.NOT_APPLICABLE}
        live = {path.replace("examples", "live"): code for path, code in files.items()}
        assert states(JUMP, live, root="live/a") == {"aws_eks_cluster.c": State.FINDING}

    @pytest.mark.parametrize(
        ("beside", "state"),
        [
            pytest.param({"aws.tf": 'provider "aws" {}'}, State.FINDING, id="the version in force"),
            pytest.param(
                {"terragrunt.hcl": ""}, State.FINDING, id="the version that Terragrunt leaves alone"
            ),
            pytest.param({"terraform.tfvars": 'v = "1.36"'}, State.FINDING, id="set by a variable file"),
            pytest.param({}, State.NOT_APPLICABLE, id="of a module, whose callers have the providers"),
            pytest.param(
                {"aws.tf": 'provider "aws" {}', "examples/basic/main.tf": "# calls it"},
                State.NOT_APPLICABLE,
                id="of a module with examples",
            ),
        ],
    )
    def test_a_default(self, beside: dict[str, str], state: State) -> None:
        before, now = (
            f'variable "v" {{\n  default = "{each}"\n}}\n{cluster("var.v")}' for each in ("1.33", "1.36")
        )
        files = {"before/main.tf": before, "main.tf": now, **beside}
        assert states(JUMP, files) == {"aws_eks_cluster.c": state}

    def test_an_unknown_version(self) -> None:
        files = {"before/main.tf": cluster('"1.33"'), "main.tf": 'variable "v" {}\n' + cluster("var.v")}
        assert states(JUMP, files) == {"aws_eks_cluster.c": State.NOT_EVALUATED}


class TestReplaced:
    def test_a_fixed_name_clashes(self) -> None:
        code = node_group('node_group_name = "main"', "lifecycle {", "  create_before_destroy = true", "}")
        [found] = problems(REPLACED, code)
        assert found.message == "Replacing `main` destroys it first: its fixed name is taken until then."

    def test_other_groups_make_it_softer(self) -> None:
        code = node_group('node_group_name = "main"')
        [alone] = problems(REPLACED, code)
        assert alone.message == "Replacing `main` destroys it first: before the new one exists."
        both = problems(REPLACED, code + code.replace('"n"', '"m"').replace('"main"', '"other"'))
        assert both[0].message.endswith(" The other node groups have to take its pods meanwhile.")

    @pytest.mark.parametrize(
        "name", ['node_group_name_prefix = "main-"', "node_group_name = random_pet.name.id", ""]
    )
    def test_blue_and_green(self, name: str) -> None:
        lines = [each for each in (name, "lifecycle {", "  create_before_destroy = true", "}") if each]
        assert problems(REPLACED, node_group(*lines)) == []

    def test_modules_make_the_new_group_first(self) -> None:
        code = eks_module("~> 21.0", "eks_managed_node_groups = { a = {} }")
        assert list(states(REPLACED, code).values()) == [State.NOT_APPLICABLE]


TEMPLATE = 'resource "aws_launch_template" "t" {\n}\n'


def template(version: str, identifier: str = "aws_launch_template.t.id") -> tuple[str, ...]:
    return ("launch_template {", f"  id      = {identifier}", f"  version = {version}", "}")


class TestFloating:
    @pytest.mark.parametrize("version", ['"$Latest"', '"$Default"', '"3"'])
    def test_found(self, version: str) -> None:
        [found] = problems(FLOATING, TEMPLATE + node_group(*template(version)))
        assert found.text == f"version = {version}"
        assert "version = aws_launch_template.t.latest_version" in with_fixes(
            FLOATING, TEMPLATE + node_group(*template(version))
        )

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(
                TEMPLATE + node_group(*template("aws_launch_template.t.latest_version")), id="the newest"
            ),
            pytest.param(
                'variable "t" {}\n' + node_group(*template('"3"', "var.t")), id="a template from elsewhere"
            ),
            pytest.param(node_group(), id="none"),
            pytest.param(
                TEMPLATE + 'resource "aws_autoscaling_group" "g" {\n  tag {\n'
                '    key = "kubernetes.io/cluster/x"\n  }\n'
                '  launch_template {\n    id      = aws_launch_template.t.id\n    version = "$Latest"\n  }\n'
                '  instance_refresh {\n    strategy = "Rolling"\n  }\n}\n',
                id="an instance refresh rolls them",
            ),
        ],
    )
    def test_fine(self, code: str) -> None:
        assert problems(FLOATING, code) == []


class TestProcess:
    def test_what_is_missing_is_named(self) -> None:
        [found] = problems(PROCESS, cluster('"1.35"'))
        assert (found.text, found.message) == (
            'version = "1.35"',
            (
                "The version changes, and this repository has no runbook with rollback steps, no matrix of "
                "versions that fit together, and no other environment of the same platform."
            ),
        )
        files = {"main.tf": cluster('"1.35"'), "docs/upgrade.md": "# Upgrading\n"}
        [found] = problems(PROCESS, files)
        assert "this repository has no rollback steps, no matrix of versions" in found.message

    @pytest.mark.parametrize(
        "files",
        [
            pytest.param({"docs/runbooks/eks-upgrade.md": "# Steps\n\n## Rollback\n"}, id="a runbook"),
            pytest.param({"docs/ops.md": "# Upgrading EKS\nRoll back within a week.\n"}, id="a heading"),
            pytest.param({"docs/upgrades.adoc": "= Upgrade\n\nrollback: as below\n"}, id="AsciiDoc"),
            pytest.param({"docs/version-matrix.md": "# Versions\n"}, id="a matrix"),
            pytest.param({"docs/addons.md": "# Add-on version compatibility\n"}, id="compatibility"),
            pytest.param(
                {"addons.tf": 'locals {\n  addons = {\n    "1.35" = { coredns = "v1.12" }\n  }\n}\n'},
                id="a map by version",
            ),
        ],
    )
    def test_one_of_them_is_enough(self, files: dict[str, str]) -> None:
        found = states(PROCESS, {"main.tf": cluster('"1.35"'), **files})
        assert found == {"aws_eks_cluster.c": State.PASS}

    def test_another_environment_is_where_upgrades_are_tried(self) -> None:
        files = {"live/prod/main.tf": cluster('"1.35"'), "live/staging/main.tf": cluster('"1.35"')}
        assert states(PROCESS, files, "live/prod") == {"aws_eks_cluster.c": State.PASS}

    def test_a_change_of_something_else_asks_for_nothing(self) -> None:
        files = {"before/main.tf": cluster('"1.35"'), "main.tf": cluster('"1.35"') + "# more\n"}
        assert states(PROCESS, files) == {"aws_eks_cluster.c": State.NOT_APPLICABLE}
        files["main.tf"] = cluster('"1.36"')
        assert states(PROCESS, files) == {"aws_eks_cluster.c": State.FINDING}

    def test_documents_elsewhere(self) -> None:
        assert problems(PROCESS, cluster('"1.35"'), operations_docs_url="https://wiki.example.com/eks") == []


class TestAhead:
    def test_staging_is_passed_over(self) -> None:
        lower = {"live/staging/main.tf": cluster('"1.34"'), "live/dev/main.tf": cluster('"1.35"')}
        before = {f"before/{path}": text for path, text in lower.items()}
        files = {
            **lower,
            **before,
            "before/live/prod/main.tf": cluster('"1.34"'),
            "live/prod/main.tf": cluster('"1.35"'),
        }
        [found] = problems(AHEAD, files, "live/prod")
        assert found.message == "Production (`prod`) moves to `1.35` but `staging` still runs `1.34`."
        files["before/live/prod/main.tf"] = cluster('"1.35"')
        assert problems(AHEAD, files, "live/prod") == [], "the change does not raise production"

    def test_folders(self) -> None:
        files = {"live/prod/main.tf": cluster('"1.35"'), "live/staging/main.tf": cluster('"1.34"')}
        [found] = problems(AHEAD, files, "live/prod")
        assert (found.path, found.text) == ("live/prod/main.tf", 'version = "1.35"')
        assert found.message == "Production (`prod`) moves to `1.35` but `staging` still runs `1.34`."

    @pytest.mark.parametrize(
        "files",
        [
            pytest.param(
                {"live/prod/main.tf": cluster('"1.34"'), "live/dev/main.tf": cluster('"1.34"')}, id="same"
            ),
            pytest.param(
                {
                    "live/prod/main.tf": cluster('"1.35"'),
                    "live/staging/main.tf": cluster('"1.34"'),
                    "live/dev/main.tf": cluster('"1.35"'),
                },
                id="one lower environment has it",
            ),
        ],
    )
    def test_fine(self, files: dict[str, str]) -> None:
        assert problems(AHEAD, files, "live/prod") == []

    @pytest.mark.parametrize(
        "files",
        [
            pytest.param({"live/prod/main.tf": cluster('"1.35"')}, id="alone"),
            pytest.param(
                {"live/prod/main.tf": cluster('"1.35"'), "live/prod-dr/main.tf": cluster('"1.34"')},
                id="its twin",
            ),
            pytest.param(
                {"live/prod/main.tf": cluster('"1.35"'), "dev/x/main.tf": cluster('"1.34"')}, id="elsewhere"
            ),
        ],
    )
    def test_does_not_apply(self, files: dict[str, str]) -> None:
        assert states(AHEAD, files, "live/prod") == {"aws_eks_cluster.c": State.NOT_APPLICABLE}


class TestRemovedApi:
    @pytest.mark.parametrize(
        ("api", "kind", "removed", "fixed"),
        [
            ("batch/v1beta1", "CronJob", "1.25", "batch/v1"),
            ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.26", "autoscaling/v2"),
            ("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", "1.32", None),
            ("policy/v1beta1", "PodSecurityPolicy", "1.25", None),
        ],
    )
    def test_manifests(self, api: str, kind: str, removed: str, fixed: str | None) -> None:
        code = (
            f'resource "kubernetes_manifest" "m" {{\n  manifest = {{\n'
            f'    apiVersion = "{api}"\n    kind = "{kind}"\n  }}\n}}\n'
        )
        [found] = problems(API, code)
        assert (found.text, found.message) == (
            f'apiVersion = "{api}"',
            f"`{api} {kind}` was removed in Kubernetes `{removed}`.",
        )
        if fixed is not None:
            assert f'apiVersion = "{fixed}"' in with_fixes(API, code)

    def test_yaml_files(self) -> None:
        files = {
            "main.tf": cluster('"1.35"'),
            "apps/job.yaml": "apiVersion: batch/v1\nkind: CronJob\n---\n"
            "apiVersion: batch/v1beta1\nkind: CronJob\n"
            "metadata:\n  name: nightly\n",
        }
        [found] = problems(API, files)
        assert (found.path, found.line, found.text) == ("apps/job.yaml", 4, "apiVersion: batch/v1beta1")

    def test_typed_resources(self) -> None:
        [found] = problems(API, 'resource "kubernetes_ingress" "i" {\n}\n')
        assert found.text == 'resource "kubernetes_ingress" "i" {'
        assert problems(API, 'resource "kubernetes_ingress_v1" "i" {\n}\n') == []

    def test_before_its_removal_it_is_there(self) -> None:
        job = (
            'resource "kubernetes_manifest" "m" {\n'
            '  manifest = { apiVersion = "batch/v1beta1", kind = "CronJob" }\n}\n'
        )
        assert problems(API, cluster('"1.24"') + job) == []
        assert [each.address for each in problems(API, cluster('"1.25"') + job)] == ["kubernetes_manifest.m"]

    def test_templates_of_charts_are_not_read(self) -> None:
        chart = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata:\n  name: {{ .Release.Name }}\n"
        files = {
            "main.tf": cluster('"1.35"'),
            "shop/Chart.yaml": "name: shop\n",
            "shop/templates/job.yaml": chart,
        }
        assert problems(API, files) == []

    @pytest.mark.parametrize(
        ("path", "is_found"),
        [
            ("policies/tests/old.yaml", False),
            ("policies/suite/samples/deny/case.yaml", False),
            ("clusters/test/job.yaml", True),
            ("examples/job.yaml", True),
            ("apps/samples.yaml", True),
        ],
    )
    def test_what_a_test_feeds_to_a_policy_is_not_applied(self, path: str, *, is_found: bool) -> None:
        job = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata:\n  name: nightly\n"
        found = problems(API, {"main.tf": cluster('"1.35"'), path: job})
        assert [each.path for each in found] == [path] * is_found


def requiring(provider: str, version: str) -> str:
    return f'terraform {{\n  required_providers {{\n    {provider} = {{ version = "{version}" }}\n  }}\n}}\n'


class TestRemovedArgument:
    @pytest.mark.parametrize(
        ("code", "message"),
        [
            (
                eks_module("~> 21.0", 'cluster_name = "x"'),
                "`cluster_name` was renamed to `name` in module 21: the plan fails.",
            ),
            (
                eks_module(">= 21.0", "eks_managed_node_group_defaults = {}"),
                "`eks_managed_node_group_defaults` was removed in module 21: the plan fails.",
            ),
            (
                eks_module("~> 20.0", "aws_auth_roles = []"),
                "`aws_auth_roles` was removed in module 20: the plan fails.",
            ),
            (
                eks_module("~> 20.0", 'kubernetes_version = "1.35"'),
                "`kubernetes_version` is `cluster_version` in module 20: the plan fails.",
            ),
            (
                requiring("aws", "~> 6.0")
                + 'resource "aws_eks_addon" "a" {\n  resolve_conflicts = "OVERWRITE"\n}\n',
                "`resolve_conflicts` was removed in AWS provider 6: the plan fails.",
            ),
            (
                requiring("helm", ">= 3.0.0")
                + 'resource "helm_release" "r" {\n  set {\n    name  = "a"\n    value = "b"\n  }\n}\n',
                "`set` was removed in Helm provider 3: the plan fails.",
            ),
        ],
    )
    def test_found(self, code: str, message: str) -> None:
        assert [each.message for each in problems(ARGUMENT, code)] == [message]

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(eks_module(">= 20.0", 'cluster_name = "x"'), id="an older version is admitted"),
            pytest.param(eks_module("~> 20.0", 'cluster_name = "x"'), id="the name of the pinned version"),
            pytest.param(eks_module("~> 21.0", 'cluster_tags = { a = "b" }'), id="not renamed"),
            pytest.param(
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  cluster_name = "x"\n}\n',
                id="no pin",
            ),
            pytest.param(
                requiring("aws", ">= 5.0")
                + 'resource "aws_eks_addon" "a" {\n  resolve_conflicts = "OVERWRITE"\n}\n',
                id="an older provider is admitted",
            ),
            pytest.param(
                requiring("helm", "~> 3.0")
                + 'resource "helm_release" "r" {\n  set = [{ name = "a", value = "b" }]\n}\n',
                id="a list",
            ),
        ],
    )
    def test_fine(self, code: str) -> None:
        assert problems(ARGUMENT, code) == []

    def test_the_lock_file_decides(self) -> None:
        lock = (
            'provider "registry.terraform.io/hashicorp/aws" {\n'
            '  version     = "6.2.0"\n  constraints = ">= 5.0"\n}\n'
        )
        code = (
            requiring("aws", ">= 5.0") + 'resource "aws_eks_addon" "a" {\n  resolve_conflicts = "NONE"\n}\n'
        )
        assert [each.text for each in problems(ARGUMENT, {"main.tf": code, ".terraform.lock.hcl": lock})] == [
            'resolve_conflicts = "NONE"'
        ]

    def test_a_rename_keeps_the_columns(self) -> None:
        code = """\
            module "eks" {
              source  = "terraform-aws-modules/eks/aws"
              version = "~> 21.0"

              name            = "x"
              cluster_version = "1.35"
              subnet_ids      = []
            }
            """
        assert (
            '  name               = "x"\n  kubernetes_version = "1.35"\n  subnet_ids         = []\n'
            in with_fixes(ARGUMENT, code)
        )

    def test_one_argument_becomes_two(self) -> None:
        code = (
            requiring("aws", "~> 6.0")
            + 'resource "aws_eks_addon" "a" {\n  resolve_conflicts = "OVERWRITE"\n}\n'
        )
        assert (
            '  resolve_conflicts_on_create = "OVERWRITE"\n  resolve_conflicts_on_update = "OVERWRITE"\n'
            in with_fixes(ARGUMENT, code)
        )

    def test_nothing_is_renamed_over_what_is_there(self) -> None:
        code = eks_module("~> 21.0", 'cluster_name = "x"', 'name = "y"')
        assert [each.fix for outcome in outcomes(ARGUMENT, code) for each in outcome.problems] == [None]
