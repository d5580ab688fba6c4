"""Issue 8.2: linters, scanners, what switches them off, and who reviews."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import problems, reasons, states

LINT, SCAN, BYPASS, OWNER = (f"EKS-TEST-20{number}" for number in range(1, 5))
ROOT = 'provider "aws" {}\nresource "aws_sqs_queue" "x" {}\n'
CI = ".github/workflows/checks.yml"
HOOKS = ".pre-commit-config.yaml"


def step(run: str) -> str:
    return f"on: pull_request\njobs:\n  a:\n    steps:\n      - run: {run}\n"


def use(action: str) -> str:
    return f"on: pull_request\njobs:\n  a:\n    steps:\n      - uses: {action}\n"


def hook(name: str) -> str:
    return f"repos:\n  - repo: https://github.com/antonbabenko/pre-commit-terraform\n    hooks:\n      - id: {name}\n"


# EKS-TEST-201


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({CI: step("tflint --recursive")}, id="command"),
        pytest.param({CI: use("terraform-linters/setup-tflint@v5")}, id="action"),
        pytest.param({CI: use("reviewdog/action-tflint@v1")}, id="reviewdog"),
        pytest.param({CI: use("super-linter/super-linter@v8")}, id="super-linter"),
        pytest.param({CI: use("oxsecurity/megalinter@v9")}, id="MegaLinter"),
        pytest.param({CI: use("trunk-io/trunk-action@v1")}, id="trunk"),
        pytest.param({HOOKS: hook("terraform_tflint")}, id="pre-commit"),
        pytest.param({".gitlab-ci.yml": "lint:\n  script:\n    - tflint\n"}, id="GitLab"),
        pytest.param({"Jenkinsfile": "sh 'tflint'\n"}, id="Jenkins"),
        pytest.param({CI: step("make lint"), "Makefile": "lint:\n\ttflint --recursive\n"}, id="through make"),
        pytest.param(
            {CI: step("terraform validate && terraform fmt -check -recursive")}, id="validate and fmt"
        ),
    ],
)
def test_linters_however_they_are_run(files: dict[str, str]) -> None:
    assert states(LINT, {"main.tf": ROOT, **files}) == {"repository": State.PASS}


NOT_LINTED = (
    "Terraform is not linted: no tflint in CI or pre-commit%s, nor `terraform validate` with `fmt -check`."
)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param({}, NOT_LINTED % "", id="nothing"),
        pytest.param({CI: step("terraform validate")}, NOT_LINTED % "", id="validate alone"),
        pytest.param({CI: step("x") + "# - run: tflint\n"}, NOT_LINTED % "", id="in a comment"),
        pytest.param({"Makefile": "lint:\n\ttflint\n"}, NOT_LINTED % "", id="a target that nothing calls"),
        pytest.param(
            {".tflint.hcl": 'plugin "aws" {\n  enabled = true\n}\n'},
            NOT_LINTED % " although `.tflint.hcl` configures it",
            id="configured and never run",
        ),
    ],
)
def test_code_that_nobody_lints(files: dict[str, str], message: str) -> None:
    assert [each.message for each in problems(LINT, {"main.tf": ROOT, **files})] == [message]


@pytest.mark.parametrize(
    "content", ['plugin "terraform" {\n  enabled = true\n}\n', 'plugin "aws" {\n  enabled = false\n}\n']
)
def test_tflint_without_the_rules_for_aws(content: str) -> None:
    files = {"main.tf": ROOT, ".tflint.hcl": content, CI: step("tflint")}
    [found] = problems(LINT, files)
    assert (found.path, found.line) == (".tflint.hcl", 1)
    assert found.message == (
        "`.tflint.hcl` does not enable the AWS rules: tflint sees the language, not AWS."
    )
    enabled = {**files, ".tflint.hcl": 'plugin "aws" {\n  enabled = true\n}\n'}
    assert states(LINT, enabled) == {"repository": State.PASS}
    by_option = {**files, CI: step("tflint --enable-plugin=aws")}
    assert states(LINT, by_option) == {"repository": State.PASS}


# EKS-TEST-202


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({CI: use("bridgecrewio/checkov-action@v12")}, id="Checkov, action"),
        pytest.param({CI: step("checkov -d .")}, id="Checkov, command"),
        pytest.param({HOOKS: hook("terraform_checkov")}, id="Checkov, hook"),
        pytest.param({CI: use("aquasecurity/trivy-action@0.33.1")}, id="Trivy, action"),
        pytest.param({CI: step("trivy config .")}, id="Trivy, command"),
        pytest.param({HOOKS: hook("terraform_trivy")}, id="Trivy, hook"),
        pytest.param({CI: use("aquasecurity/tfsec-action@v1")}, id="tfsec, action"),
        pytest.param({CI: step("tfsec .")}, id="tfsec, command"),
        pytest.param({HOOKS: hook("terraform_tfsec")}, id="tfsec, hook"),
        pytest.param({CI: use("checkmarx/kics-github-action@v2")}, id="KICS"),
        pytest.param({CI: step("terrascan scan -i terraform")}, id="Terrascan"),
        pytest.param({CI: step("snyk iac test")}, id="Snyk"),
        pytest.param({CI: step("wizcli iac scan --path .")}, id="Wiz"),
        pytest.param({"azure-pipelines.yml": "steps:\n  - script: checkov -d .\n"}, id="Azure pipelines"),
        pytest.param({"buildspec.yml": "phases:\n  build:\n    commands: [tfsec .]\n"}, id="CodeBuild"),
    ],
)
def test_scanners_however_they_are_run(files: dict[str, str]) -> None:
    assert states(SCAN, {"main.tf": ROOT, **files}) == {"repository": State.PASS}


def test_code_that_nobody_scans_unless_somebody_does_elsewhere() -> None:
    [found] = problems(SCAN, {"main.tf": ROOT, CI: step("snyk test")})
    assert found.message == (
        "No IaC security scanner runs on pull requests: no Checkov, Trivy, KICS, Terrascan or Snyk in CI or "
        "pre-commit."
    )
    assert problems(SCAN, {"main.tf": ROOT}, external_scanner=True) == []
    elsewhere = "on: push\njobs:\n  a:\n    uses: acme/ci/.github/workflows/scan.yml@v1\n"
    assert reasons(SCAN, {"main.tf": ROOT, CI: elsewhere}) == [
        f"`{CI}` runs a pipeline of another repository, which may scan"
    ]


# EKS-TEST-203


def bypassed(path: str, content: str) -> list[tuple[str, str]]:
    return [(each.text, each.message) for each in problems(BYPASS, {"main.tf": ROOT, path: content})]


@pytest.mark.parametrize(
    ("line", "tool"),
    [
        ("#checkov:skip=CKV_AWS_39", "Checkov"),
        ("#tfsec:ignore:aws-eks-no-public-cluster-access", "tfsec"),
        ("#trivy:ignore:AVD-AWS-0040", "Trivy"),
        ("# kics-scan ignore-block", "KICS"),
        ("# tflint-ignore: terraform_deprecated_index", "tflint"),
        ("#ts:skip=AC_AWS_0001", "Terrascan"),
    ],
)
def test_findings_that_are_ignored_without_a_word(line: str, tool: str) -> None:
    code = f'resource "aws_sqs_queue" "y" {{\n  {line}\n  name = "y"\n}}\n'
    assert bypassed("more.tf", code) == [(line, f"The result of {tool} is ignored here without a reason.")]
    explained = code.replace(line, f"# The queue is replaced in spring.\n  {line}")
    assert bypassed("more.tf", explained) == []


@pytest.mark.parametrize(
    "line",
    [
        "#checkov:skip=CKV_AWS_39:API reached through VPN",
        "#checkov:skip=CKV_AWS_39: workshop",
        "#tfsec:ignore:aws-sqs-enable-queue-encryption there is nothing secret in it",
        "# tflint-ignore: terraform_deprecated_index # callers pass it to every module",
    ],
)
def test_findings_that_are_ignored_with_a_reason(line: str) -> None:
    assert bypassed("more.tf", f'resource "aws_sqs_queue" "y" {{\n  {line}\n  name = "y"\n}}\n') == []


def test_the_same_rule_ignored_again_and_again_is_told_once() -> None:
    code = "".join(
        f'# tflint-ignore: terraform_deprecated_index\nvariable "v{number}" {{}}\n' for number in range(3)
    )
    assert bypassed("more.tf", code) == [
        (
            "# tflint-ignore: terraform_deprecated_index",
            "The result of tflint is ignored here without a reason, and 2 more times in this file.",
        )
    ]
    other = code + '# tflint-ignore: terraform_typed_variables\nvariable "w" {}\n'
    assert bypassed("more.tf", other)[1:] == [
        (
            "# tflint-ignore: terraform_typed_variables",
            "The result of tflint is ignored here without a reason.",
        )
    ]


def test_a_declaration_that_nothing_uses_needs_no_further_reason() -> None:
    code = '# tflint-ignore: terraform_unused_declarations\nvariable "eks_cluster_id" {}\n'
    assert bypassed("more.tf", code) == []


@pytest.mark.parametrize(
    ("content", "line", "tool"),
    [
        (
            use("bridgecrewio/checkov-action@v12\n        with:\n          soft_fail: true"),
            "soft_fail: true",
            "Checkov",
        ),
        (step("checkov -d . --soft-fail"), "- run: checkov -d . --soft-fail", "Checkov"),
        (step("trivy config --exit-code 0 ."), "- run: trivy config --exit-code 0 .", "Trivy"),
        (step("tfsec . || true"), "- run: tfsec . || true", "tfsec"),
        (step("terraform validate || true"), "- run: terraform validate || true", "terraform validate"),
        (
            step("tflint\n        continue-on-error: true"),
            "continue-on-error: true",
            "tflint",
        ),
    ],
)
def test_gates_that_cannot_fail(content: str, line: str, tool: str) -> None:
    assert bypassed(CI, content) == [(line, f"The result of {tool} is ignored here without a reason.")]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        pytest.param(CI, step("checkov -d . -o sarif --soft-fail"), id="a run that fills code scanning"),
        pytest.param(CI, step("tfsec . || true # TODO-42, until the old VPC is gone"), id="explained behind"),
        pytest.param(CI, step("npm test || true"), id="another tool"),
        pytest.param(CI, step("checkov -d ."), id="a gate that can fail"),
        pytest.param(HOOKS, "# nothing yet\n", id="no hooks at all"),
        pytest.param(HOOKS, hook("terraform_checkov"), id="a hook that can fail"),
        pytest.param(".checkov.yaml", "compact: true\n", id="a configuration without it"),
    ],
)
def test_gates_that_count(path: str, content: str) -> None:
    assert bypassed(path, content) == []


def test_hooks_and_the_configuration_of_checkov() -> None:
    hooks = hook("terraform_checkov") + "        args: [--args=--soft-fail]\n"
    assert bypassed(HOOKS, hooks) == [
        ("args: [--args=--soft-fail]", "The result of Checkov is ignored here without a reason.")
    ]
    assert bypassed(".checkov.yml", "soft-fail: true\n") == [
        ("soft-fail: true", "The result of Checkov is ignored here without a reason.")
    ]


# EKS-TEST-204


@pytest.mark.parametrize(
    ("owners", "state"),
    [
        pytest.param({}, State.FINDING, id="no file"),
        pytest.param({".github/CODEOWNERS": "/docs/ @acme/writers\n"}, State.FINDING, id="another folder"),
        pytest.param({".github/CODEOWNERS": "* @acme/all\n/live/\n"}, State.FINDING, id="taken away again"),
        pytest.param({".github/CODEOWNERS": "# * @acme/all\n"}, State.FINDING, id="a comment"),
        pytest.param({".github/CODEOWNERS": "* @acme/all\n"}, State.PASS, id="everything"),
        pytest.param({"CODEOWNERS": "/live/ @acme/platform\n"}, State.PASS, id="the folder"),
        pytest.param({"docs/CODEOWNERS": "*.tf @acme/platform\n"}, State.PASS, id="the kind of file"),
    ],
)
def test_who_must_review(owners: dict[str, str], state: State) -> None:
    assert states(OWNER, {"live/main.tf": ROOT, **owners}, "live") == {"live": state}
