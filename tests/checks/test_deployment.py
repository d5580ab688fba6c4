"""Issue 6.1: manual deployment."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from reviewer.engine.suggestion import apply_edits
from tests.checks.harness import outcomes, problems, reasons, states

MAIN = 'provider "aws" {}\nresource "aws_eks_cluster" "main" {\n  name = "prod"\n}\n'
JOB = "on: %s\njobs:\n  tf:\n    runs-on: ubuntu-latest\n%s    steps:\n      - run: %s\n"
FLOW = ".github/workflows/tf.yml"


@pytest.mark.parametrize(
    "files",
    [
        {FLOW: JOB % ("pull_request", "", "terraform plan")},
        {FLOW: JOB % ("pull_request", "", "tofu -chdir=infra plan")},
        {FLOW: JOB % ("pull_request", "", "terragrunt run-all plan")},
        {FLOW: JOB % ("pull_request", "", "make plan"), "Makefile": "plan:\n\tterraform plan\n"},
        {FLOW: "on: push\njobs:\n  a:\n    uses: acme/ci/.github/workflows/terraform.yml@v1\n"},
        {FLOW: "on: push\njobs:\n  a:\n    steps:\n      - uses: dflook/terraform-plan@v2\n"},
        {".gitlab-ci.yml": "plan:\n  script:\n    - terraform plan\n"},
        {"Jenkinsfile": "sh 'terraform plan'\n"},
        {"ci/Jenkinsfile.infra": "sh 'terraform plan'\n"},
        {"azure-pipelines.yml": "steps:\n  - script: terraform plan\n"},
        {"buildspec.yml": "phases:\n  build:\n    commands:\n      - terraform plan\n"},
        {"atlantis.yaml": "version: 3\n"},
        {"digger.yml": "projects: []\n"},
        {".spacelift/config.yml": "version: 1\n"},
        {"stacks.tf": 'resource "spacelift_stack" "x" {}\n'},
        {"stacks.tf": 'resource "tfe_workspace" "x" {}\n'},
        {"stacks.tf": 'resource "scalr_workspace" "x" {}\n'},
        {"stacks.tf": 'resource "env0_template" "x" {}\n'},
        {"env0.yml": "version: 2\n"},
        {"remote.tf": 'terraform {\n  backend "remote" {\n    organization = "acme"\n  }\n}\n'},
        {FLOW: "on: push\njobs:\n  a:\n    steps:\n      - uses: ./.github/actions/terraform-plan\n"},
        {".github/actions/tf/action.yml": "runs:\n  steps:\n    - run: terraform plan\n"},
        {".gitlab-ci.yml": "include:\n  - component: gitlab.com/components/opentofu/full@1\n"},
        {".circleci/config.yml": "jobs:\n  a:\n    steps:\n      - run: terraform plan\n"},
        {
            "bitbucket-pipelines.yml": "pipelines:\n  default:\n    - step:\n        script: [terraform plan]\n"
        },
        {"flux/tf.yaml": "kind: Terraform\n"},
        {"cloud.tf": 'terraform {\n  cloud {\n    organization = "acme"\n  }\n}\n'},
    ],
)
def test_pipelines_of_every_kind(files: dict[str, str]) -> None:
    assert set(states("EKS-OPS-101", {"main.tf": MAIN, **files}).values()) == {State.PASS}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {},
            ("No workflow, CI file or service here plans Terraform in `.`: it is applied by hand."),
        ),
        (
            {FLOW: JOB % ("push", "", "terraform apply")},
            "A pipeline applies Terraform in `.` but nothing plans it on pull requests.",
        ),
        (
            {FLOW: JOB % ("push", "", "echo hello") + "      # - run: terraform plan\n"},
            ("No workflow, CI file or service here plans Terraform in `.`: it is applied by hand."),
        ),
        (
            {"Makefile": "plan:\n\tterraform plan\n"},
            ("No workflow, CI file or service here plans Terraform in `.`: it is applied by hand."),
        ),
    ],
)
def test_nothing_plans(files: dict[str, str], message: str) -> None:
    assert [each.message for each in problems("EKS-OPS-101", {"main.tf": MAIN, **files})] == [message]


def test_libraries_and_examples_are_not_deployed() -> None:
    library = {"main.tf": 'resource "aws_sqs_queue" "x" {}\n'}
    assert states("EKS-OPS-101", library) == {"root module": State.NOT_APPLICABLE}
    example = {"examples/full/main.tf": MAIN}
    assert states("EKS-OPS-101", example, root="examples/full") == {"examples/full": State.NOT_APPLICABLE}


ALIASED = 'provider "aws" {\n  alias  = "virginia"\n  region = "us-east-1"\n}\nresource "aws_vpc" "x" {}\n'


@pytest.mark.parametrize("check", ["EKS-OPS-101", "EKS-OPS-106", "EKS-OPS-108"])
def test_a_provider_for_another_region_alone_makes_no_root_module(check: str) -> None:
    assert states(check, ALIASED) == {"root module": State.NOT_APPLICABLE}
    assert states(check, ALIASED + 'provider "aws" {}\n') == {"root module": State.FINDING}


def unsafe(content: str) -> list[tuple[str, str]]:
    return [(each.text, each.message) for each in problems("EKS-OPS-102", {"main.tf": MAIN, FLOW: content})]


def test_apply_on_pull_request() -> None:
    for event in ("pull_request", "pull_request_target"):
        assert unsafe(JOB % (event, "", "terraform apply -auto-approve")) == [
            (
                "- run: terraform apply -auto-approve",
                f"Job `tf` applies on `{event}`, before anybody has approved the change.",
            )
        ]


def test_apply_on_push_without_an_environment() -> None:
    block = (
        "on: [push]\njobs:\n  tf:\n    steps:\n      - run: |\n          cd infra\n          terraform "
        "destroy -auto-approve\n"
    )
    assert unsafe(block) == [
        ("terraform destroy -auto-approve", "Job `tf` applies on every push without a protected environment.")
    ]


@pytest.mark.parametrize("options", ["", "-var-file prod.tfvars", "-var image=web:1", "-input=false"])
def test_apply_of_what_nobody_has_seen(options: str) -> None:
    command = f"terraform apply -auto-approve {options}".strip()
    assert unsafe(JOB % ("push", "    environment: production\n", command)) == [
        (
            f"- run: {command}",
            ("Job `tf` applies what is planned at that moment, not a plan that the run has saved and shown."),
        )
    ]


@pytest.mark.parametrize(
    "content",
    [
        JOB % ("push", "    environment: production\n", "terraform apply -auto-approve tfplan"),
        JOB
        % ("push", "    environment: production\n", "terraform apply -auto-approve -lock-timeout 5m $PLAN"),
        JOB % ("push", "    environment: production\n", "terraform destroy -auto-approve"),
        JOB % ("pull_request", "    environment: preview\n", "terraform apply -auto-approve"),
        JOB % ("push", "", "terraform apply tfplan"),
        JOB % ("push", "", "terraform plan"),
        JOB % ("workflow_dispatch", "", "terraform apply -auto-approve"),
        JOB
        % (
            "pull_request",
            "    if: github.event.pull_request.merged == true\n",
            "terraform apply -auto-approve",
        ),
        JOB % ("[pull_request]", "    if: github.event_name == 'push'\n", "terraform apply -auto-approve"),
        JOB % ("pull_request", "", "terraform apply -auto-approve -var env=pr-${{ github.event.number }}"),
    ],
)
def test_apply_that_is_reviewed_or_a_preview(content: str) -> None:
    assert unsafe(content) == []


def test_condition_that_cannot_be_decided() -> None:
    content = JOB % (
        "pull_request",
        "    if: needs.check.outputs.ok == 'true'\n",
        "terraform apply -auto-approve",
    )
    assert reasons("EKS-OPS-102", {"main.tf": MAIN, FLOW: content}) == [
        "whether `tf` applies depends on a condition"
    ]


@pytest.mark.parametrize(
    ("check", "extra"),
    [
        ("EKS-OPS-103", 'resource "helm_release" "x" {\n  chart = "argo-cd"\n}'),
        ("EKS-OPS-103", 'resource "flux_bootstrap_git" "x" {}'),
        ("EKS-OPS-103", 'resource "helm_release" "x" {\n  chart = "flux2"\n}'),
        ("EKS-OPS-103", 'resource "aws_eks_capability" "x" {\n  type = "ARGOCD"\n}'),
        (
            "EKS-OPS-103",
            'module "x" {\n  source = "terraform-aws-modules/eks/aws//modules/capability"\n  type = "ARGOCD"\n}',
        ),
        (
            "EKS-OPS-103",
            'module "a" {\n  source = "aws-ia/eks-blueprints-addons/aws"\n  enable_argocd = true\n}',
        ),
        ("EKS-OPS-105", 'resource "helm_release" "x" {\n  chart = "gatekeeper"\n}'),
        ("EKS-OPS-105", 'resource "tfe_policy_set" "x" {}'),
        ("EKS-OPS-105", 'resource "helm_release" "x" {\n  chart = "kyverno"\n}'),
        (
            "EKS-OPS-105",
            'module "a" {\n  source = "aws-ia/eks-blueprints-addons/aws"\n  enable_gatekeeper = true\n}',
        ),
    ],
)
def test_delivery_and_policy_components(check: str, extra: str) -> None:
    assert set(states(check, MAIN).values()) == {State.FINDING}
    assert set(states(check, MAIN + extra).values()) == {State.PASS}


@pytest.mark.parametrize(
    ("path", "content"),
    [
        pytest.param("policy/tags.rego", "package tags\n", id="OPA and Conftest"),
        pytest.param("policy/tags.sentinel", "", id="Sentinel"),
        pytest.param("k8s/p.yaml", "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\n", id="Kyverno"),
        pytest.param(
            "k8s/p.yaml",
            "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\n",
            id="Gatekeeper",
        ),
        pytest.param(
            "k8s/p.yaml",
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\n",
            id="Kubernetes itself",
        ),
    ],
)
def test_policies_as_files(path: str, content: str) -> None:
    files = {"main.tf": MAIN, path: content}
    assert set(states("EKS-OPS-105", files).values()) == {State.PASS}


RELEASE = 'resource "helm_release" "x" {\n  name = "web"\n  chart = "%s"\n  %s\n}\n'


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (RELEASE % ("nginx", ""), 'resource "helm_release" "x" {'),
        (RELEASE % ("nginx", 'version = ">= 1.0.0"'), 'version = ">= 1.0.0"'),
        (RELEASE % ("nginx", 'version = "~1.2"'), 'version = "~1.2"'),
        (RELEASE % ("oci://ghcr.io/acme/web", ""), 'resource "helm_release" "x" {'),
        (
            'module "x" {\n  source = "aws-ia/eks-blueprints-addon/aws"\n  chart = "web"\n}',
            'module "x" {',
        ),
    ],
)
def test_chart_that_floats(code: str, line: str) -> None:
    found = problems("EKS-OPS-104", code)
    assert [each.text for each in found] == [line]
    assert found[0].message.endswith("installs whatever chart version is newest at apply time.")


@pytest.mark.parametrize("switch", ["create = false", "create_release = false", 'create_release = "false"'])
def test_the_module_of_an_addon_may_make_no_release(switch: str) -> None:
    code = f'module "x" {{\n  source = "aws-ia/eks-blueprints-addon/aws"\n  {switch}\n}}\n'
    assert states("EKS-OPS-104", code) == {}


def test_a_release_without_name_is_known_by_its_address() -> None:
    [found] = problems("EKS-OPS-104", RELEASE.replace('"web"', '""') % ("nginx", ""))
    assert found.message.startswith("`helm_release.x` installs")


def test_a_chart_that_the_caller_of_a_module_names_is_not_evaluated() -> None:
    assert reasons("EKS-OPS-104", RELEASE % ("", "")) == [
        "which chart `helm_release.x` installs is left to the caller"
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": RELEASE % ("nginx", 'version = "1.2.3"')},
        {"main.tf": 'variable "v" {}\n' + RELEASE % ("nginx", "version = var.v")},
        {"main.tf": RELEASE % ("./charts/web", "")},
        {"main.tf": RELEASE % ("${path.module}/charts/web", "")},
        {"main.tf": RELEASE % ("charts/web", ""), "charts/web/Chart.yaml": "name: web\n"},
        {"main.tf": RELEASE % ("https://example.com/web-1.2.3.tgz", "")},
    ],
)
def test_chart_that_is_pinned_or_local(files: dict[str, str]) -> None:
    assert problems("EKS-OPS-104", files) == []


def workload(kind: str, image: str) -> str:
    container = f'container {{\n          image = "{image}"\n        }}'
    spec = f"template {{\n      spec {{\n        {container}\n      }}\n    }}"
    if kind == "kubernetes_cron_job_v1":
        spec = f"job_template {{\n      spec {{\n    {spec}\n      }}\n    }}"
    return f'resource "{kind}" "x" {{\n  spec {{\n    {spec}\n  }}\n}}\n'


@pytest.mark.parametrize(
    "kind",
    [
        "kubernetes_deployment_v1",
        "kubernetes_daemonset",
        "kubernetes_stateful_set_v1",
        "kubernetes_job_v1",
        "kubernetes_cron_job_v1",
    ],
)
def test_images_of_every_workload_kind(kind: str) -> None:
    for image in ("nginx", "nginx:latest", "ghcr.io/acme/web:main", "localhost:5000/web"):
        assert [each.text for each in problems("EKS-OPS-104", workload(kind, image))] == [
            f'image = "{image}"'
        ]
    for image in (
        "nginx:1.29.3",
        "ghcr.io/acme/web@sha256:" + "a" * 64,
        "localhost:5000/web:1.0",
        "${var.image}",
    ):
        assert problems("EKS-OPS-104", 'variable "image" {}\n' + workload(kind, image)) == []


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ("terraform {}\n", "terraform {}"),
        ('terraform {\n  backend "local" {}\n}\n', 'backend "local" {}'),
        ("", 'provider "aws" {}'),
    ],
)
def test_state_in_a_file(settings: str, line: str) -> None:
    assert [each.text for each in problems("EKS-OPS-106", settings + MAIN)] == [line]


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"main.tf": 'terraform {\n  backend "s3" {}\n}\n' + MAIN}, State.PASS),
        ({"main.tf": "terraform {\n  cloud {}\n}\n" + MAIN}, State.PASS),
        ({"main.tf": MAIN, "terragrunt.hcl": ""}, State.NOT_APPLICABLE),
        ({"main.tf": 'provider "aws" {}\nresource "aws_sqs_queue" "x" {}\n'}, State.NOT_APPLICABLE),
        ({"main.tf": MAIN.replace('provider "aws" {}', "")}, State.NOT_APPLICABLE),
        ({"main.tf": MAIN.replace('"aws"', '"kubernetes"')}, State.NOT_APPLICABLE),
        ({"main.tf": MAIN, "examples/full/main.tf": "# calls it"}, State.NOT_APPLICABLE),
        ({"main.tf": MAIN, "init.sh": "cat > backend.tf <<EOF\n"}, State.NOT_EVALUATED),
    ],
)
def test_state_elsewhere(files: dict[str, str], state: State) -> None:
    assert set(states("EKS-OPS-106", files).values()) == {state}


@pytest.mark.parametrize("folder", ["examples/full", "tests/fixtures/eks", "modules/eks/examples/x"])
def test_state_of_examples_and_tests_is_thrown_away(folder: str) -> None:
    assert states("EKS-OPS-106", {f"{folder}/main.tf": MAIN}, folder) == {folder: State.NOT_APPLICABLE}


def backend(arguments: str, version: str = ">= 1.10") -> str:
    return (
        "terraform "
        f'{{\n  required_version = "{version}"\n  backend "s3" {{\n    bucket = "b"\n{arguments}  }}\n}}\n'
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "Two pipelines can write this state at once. The backend does not ask for encryption."),
        ("    encrypt = true\n", "Two pipelines can write this state at once."),
        ("    encrypt = true\n    use_lockfile = false\n", "Two pipelines can write this state at once."),
        ("    use_lockfile = true\n    encrypt = false\n", "The backend does not ask for encryption."),
        ('    dynamodb_table = "t"\n    encrypt = false\n', "The backend does not ask for encryption."),
    ],
)
def test_state_without_lock_or_encryption_and_the_fix(arguments: str, message: str) -> None:
    code = backend(arguments)
    assert [each.message for each in problems("EKS-OPS-107", code)] == [message]
    fix = outcomes("EKS-OPS-107", code)[0].problems[0].fix
    assert fix is not None
    assert problems("EKS-OPS-107", apply_edits(code, fix.edits)) == []


def test_lock_that_is_there_or_not_ours() -> None:
    assert problems("EKS-OPS-107", backend("    use_lockfile = true\n    encrypt = true\n")) == []
    assert problems("EKS-OPS-107", backend('    dynamodb_table = "t"\n    encrypt = true\n')) == []
    assert problems("EKS-OPS-107", backend("    use_lockfile = true\n")) == []
    partial = 'terraform {\n  backend "s3" {}\n}\n'
    assert states("EKS-OPS-107", partial) == {"terraform.backend": State.NOT_EVALUATED}
    assert states("EKS-OPS-107", 'terraform {\n  backend "gcs" {}\n}\n') == {
        "terraform.backend": State.NOT_APPLICABLE
    }
    old = outcomes("EKS-OPS-107", backend("    encrypt = true\n", ">= 1.5"))[0].problems[0]
    assert old.fix is None


AWS = (
    'terraform {{\n  required_version = ">= 1.10"\n  required_providers {{\n    aws = {}\n  }}\n}}\n'
    'provider "aws" {{}}\n'
)
LOCK = {".terraform.lock.hcl": ""}


@pytest.mark.parametrize(
    ("files", "messages"),
    [
        (
            {"main.tf": AWS.format('{ source = "hashicorp/aws" }')},
            ["Provider `aws` has no version constraint: its next major version arrives unannounced."],
        ),
        (
            {"main.tf": AWS.format('{ source = "hashicorp/aws", version = ">= 5.0" }')},
            [
                (
                    "Provider `aws` has no upper bound and no lock file: its next major version arrives "
                    "unannounced."
                )
            ],
        ),
        (
            {"main.tf": 'provider "aws" {}\n', **LOCK},
            ["Any version of Terraform may run `.`: there is no `required_version`."],
        ),
        ({"main.tf": AWS.format('{ source = "hashicorp/aws", version = ">= 5.0" }'), **LOCK}, []),
        ({"main.tf": AWS.format('{ source = "hashicorp/aws", version = "~> 6.0" }')}, []),
        ({"main.tf": AWS.format('{ source = "hashicorp/aws", version = ">= 5.0, < 7.0" }')}, []),
        ({"main.tf": AWS.format('"6.2.0"')}, []),
    ],
)
def test_versions_of_the_toolchain(files: dict[str, str], messages: list[str]) -> None:
    assert [each.message for each in problems("EKS-OPS-108", files)] == messages


def test_versions_that_others_decide() -> None:
    child = {"main.tf": "terraform {}\n"}
    assert set(states("EKS-OPS-108", child).values()) == {State.NOT_APPLICABLE}
    wrapped = {"live/main.tf": 'provider "aws" {}\n', "root.hcl": ""}
    assert states("EKS-OPS-108", wrapped, root="live") == {"live": State.NOT_EVALUATED}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            'source = "terraform-aws-modules/eks/aws"',
            "Module `x` has no version, so it is whatever the registry has newest.",
        ),
        (
            'source = "terraform-aws-modules/eks/aws"\n  version = ">= 20.0"',
            "Module `x` admits every later version.",
        ),
        (
            'source = "git::https://github.com/acme/modules.git//vpc"',
            "Module `x` has no `ref`, so it is whatever the default branch holds.",
        ),
        ('source = "github.com/acme/modules?ref=main"', "Module `x` follows the branch `main`."),
        ('source = "github.com/acme/modules?ref=master"', "Module `x` follows the branch `master`."),
        (
            'source = "github.com/acme/modules?ref="',
            "Module `x` has no `ref`, so it is whatever the default branch holds.",
        ),
        ('source = "git@github.com:acme/modules.git?ref=HEAD"', "Module `x` follows the branch `HEAD`."),
    ],
)
def test_module_that_floats(arguments: str, message: str) -> None:
    assert [each.message for each in problems("EKS-OPS-109", f'module "x" {{\n  {arguments}\n}}\n')] == [
        message
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        'source = "terraform-aws-modules/eks/aws"\n  version = "~> 21.0"',
        'source = "terraform-aws-modules/eks/aws//modules/karpenter"\n  version = "21.0.1"',
        'source = "app.terraform.io/acme/eks/aws"\n  version = ">= 1.0, < 2.0"',
        'source = "git::https://github.com/acme/modules.git?ref=v1.2.0"',
        'source = "git::https://github.com/acme/modules.git?ref=0123456789abcdef0123456789abcdef01234567"',
        'source = "./modules/x"',
        'source = "s3::https://s3.amazonaws.com/b/x.zip"',
    ],
)
def test_module_that_is_pinned_or_local(arguments: str) -> None:
    assert problems("EKS-OPS-109", f'module "x" {{\n  {arguments}\n}}\n') == []


def test_another_call_shows_the_version() -> None:
    code = (
        'module "a" {\n  source = "terraform-aws-modules/eks/aws"\n}\n'
        'module "b" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 21.0"\n}\n'
    )
    assert problems("EKS-OPS-109", code)[0].message.endswith("Another call of it says `~> 21.0`.")


COMMAND = 'resource "null_resource" "x" {\n  provisioner "local-exec" {\n    command = "%s"\n  }\n}'


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ('provider "kubernetes" {\n  config_path = "~/.kube/config"\n}', 'config_path = "~/.kube/config"'),
        ('provider "kubectl" {\n  config_context = "prod"\n}', 'config_context = "prod"'),
        ('provider "helm" {\n  kubernetes {\n    config_path = "x"\n  }\n}', 'config_path = "x"'),
        ('provider "helm" {\n  kubernetes = { config_path = "x" }\n}', 'kubernetes = { config_path = "x" }'),
        (
            (
                'resource "null_resource" "x" '
                '{\n  provisioner "local-exec" {\n    command = "kubectl apply -f ."\n  }\n}'
            ),
            'command = "kubectl apply -f ."',
        ),
        *(
            (COMMAND % command, f'command = "{command}"')
            for command in (
                "helm upgrade --install web .",
                "eksctl create addon --name x",
                "cd x && kubectl get ns",
            )
        ),
        (
            (
                'resource "terraform_data" "x" {\n  provisioner "local-exec" {\n'
                '    command = "aws eks update-kubeconfig --name ${var.name}"\n  }\n}'
            ),
            'command = "aws eks update-kubeconfig --name ${var.name}"',
        ),
    ],
)
def test_dependence_on_a_machine(code: str, line: str) -> None:
    assert [each.text for each in problems("EKS-OPS-110", code)] == [line]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (
            (
                'provider "kubernetes" {\n  host = "x"\n  exec {\n    command = "aws"\n'
                '    args = ["eks", "get-token"]\n  }\n}'
            ),
            State.PASS,
        ),
        ('variable "k" {}\nprovider "kubernetes" {\n  config_path = var.k\n}', State.NOT_EVALUATED),
        (
            (
                'variable "on" {\n  default = false\n}\nprovider "kubernetes" {\n'
                '  config_path = var.on ? "~/.kube/config" : ""\n  config_context = ""\n}'
            ),
            State.PASS,
        ),
        (
            'provider "kubernetes" {\n  host = "x"\n  token = data.aws_eks_cluster_auth.main.token\n}',
            State.PASS,
        ),
        (
            'provider "helm" {\n  kubernetes = {\n    token = ephemeral.aws_eks_cluster_auth.main.token\n  }\n}',
            State.PASS,
        ),
        (
            'resource "null_resource" "x" {\n  provisioner "local-exec" {\n    command = "echo x"\n  }\n}',
            State.PASS,
        ),
        (
            (
                'resource "null_resource" "x" '
                '{\n  provisioner "local-exec" {\n    command = "./helm-docs"\n  }\n}'
            ),
            State.PASS,
        ),
    ],
)
def test_independence_of_machines(code: str, state: State) -> None:
    assert set(states("EKS-OPS-110", code).values()) == {state}


def test_state_that_terragrunt_configures_from_another_folder() -> None:
    files = {
        "modules/eks/main.tf": MAIN,
        "live/eks/terragrunt.hcl": 'terraform {\n  source = "../../modules//eks"\n}\n',
    }
    assert states("EKS-OPS-106", files, root="modules/eks") == {"modules/eks": State.NOT_APPLICABLE}
