"""Issue 8.1: tests of infrastructure, and looks at what was applied."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import problems, reasons, states

TESTS, MODULE, VERIFIED = (f"EKS-TEST-10{number}" for number in range(1, 4))
ROOT = 'provider "aws" {}\n\nvariable "name" {\n  default = "x"\n}\n'
CI = ".github/workflows/test.yml"


def workflow(run: str, on: str = "pull_request") -> str:
    return f"on: {on}\njobs:\n  test:\n    steps:\n      - run: {run}\n"


TERRATEST = 'package test\n\nimport "github.com/gruntwork-io/terratest/modules/terraform"\n'


# EKS-TEST-101


@pytest.mark.parametrize(
    ("path", "content", "run"),
    [
        pytest.param("tests/plan.tftest.hcl", "", "terraform test", id="terraform test"),
        pytest.param("tests/plan.tftest.json", "{}", "terraform -chdir=live test", id="terraform test, JSON"),
        pytest.param("tests/plan.tofutest.hcl", "", "tofu test", id="tofu test"),
        pytest.param("test/eks_test.go", TERRATEST, "go test ./...", id="Terratest"),
        pytest.param("test/eks_test.go", TERRATEST, "gotestsum -- ./test", id="Terratest by gotestsum"),
        pytest.param(".kitchen.yml", "driver:\n  name: terraform\n", "kitchen test", id="kitchen-terraform"),
        pytest.param("test_vpc.py", "import tftest\n", "pytest", id="tftest"),
        pytest.param("test_vpc.py", "import pytest_terraform\n", "python -m pytest", id="pytest-terraform"),
    ],
)
def test_tests_of_every_kind_that_ci_runs(path: str, content: str, run: str) -> None:
    files = {"main.tf": ROOT, path: content, CI: workflow(run)}
    assert states(TESTS, files) == {"repository": State.PASS}
    idle = {**files, CI: workflow("echo hello")}
    assert [each.message for each in problems(TESTS, idle)] == [
        f"Tests exist (`{path}`), but nothing in CI or the hooks of this repository runs them."
    ]


def test_none_at_all_and_what_speaks_for_the_author() -> None:
    [found] = problems(TESTS, {"main.tf": ROOT})
    assert (found.path, found.line) == ("main.tf", 1)
    assert found.message == (
        "No automated test covers this configuration: there is no `*.tftest.hcl`, Terratest, "
        "kitchen-terraform or tftest."
    )
    check = 'check "api" {\n  assert {\n    condition     = true\n    error_message = "x"\n  }\n}\n'
    [softer] = problems(TESTS, {"main.tf": ROOT + check})
    assert softer.message.endswith("`check` blocks look at what was applied; a test looks before.")


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {CI: "on: push\njobs:\n  a:\n    uses: acme/ci/.github/workflows/checks.yml@v1\n"},
            f"`{CI}` runs a pipeline of another repository, which may run tests",
        ),
        (
            {"tests/plan.tftest.hcl": ""},
            "there are tests, and no CI system keeps its files here",
        ),
        (
            {"tests/plan/run.sh": "terraform -chdir=live plan -detailed-exitcode\n"},
            "`tests/plan/run.sh` runs Terraform and may be a test",
        ),
    ],
)
def test_what_another_repository_may_run(files: dict[str, str], reason: str) -> None:
    assert reasons(TESTS, {"main.tf": ROOT, **files}) == [reason]


def test_a_script_elsewhere_is_no_test() -> None:
    files = {"main.tf": ROOT, "scripts/deploy.sh": "terraform apply\n", "tests/lint.sh": "shellcheck *.sh\n"}
    assert states(TESTS, files) == {"repository": State.FINDING}


def test_a_go_test_of_a_program_is_no_test_of_infrastructure() -> None:
    files = {"main.tf": ROOT, "cmd/app_test.go": "package main\n", CI: workflow("go test ./...")}
    assert states(TESTS, files) == {"repository": State.FINDING}


# EKS-TEST-102

QUEUES = 'variable "name" {\n  type = string\n}\n' + "".join(
    f'resource "aws_sqs_queue" "q{number}" {{}}\n' for number in range(3)
)
CALLED = {
    "live/main.tf": ROOT + 'module "queues" {\n  source = "../modules/queues"\n  name   = "jobs"\n}\n',
    "modules/queues/main.tf": QUEUES,
}


def test_a_module_that_nothing_tests() -> None:
    [found] = problems(MODULE, CALLED, "live")
    assert (found.path, found.line, found.message) == (
        "modules/queues/main.tf",
        1,
        "Module `modules/queues` has no test: none in its folder, and none elsewhere that names it.",
    )


TOP = {
    "examples/full/main.tf": 'module "queues" {\n  source = "../.."\n  name   = "jobs"\n}\n',
    "main.tf": QUEUES,
}


def test_the_module_at_the_top_of_the_repository() -> None:
    [found] = problems(MODULE, TOP, "examples/full")
    assert found.address == "the module at the top"
    assert found.message == (
        "The module at the top of the repository has no test: none in its folder, and none elsewhere that names"
        " it."
    )
    other = {"modules/queues/tests/defaults.tftest.hcl": ""}
    assert problems(MODULE, {**TOP, **other}, "examples/full") == [found]


@pytest.mark.parametrize(
    "files",
    [
        {"tests/main/main.tf": 'module "queues" {\n  source = "../.."\n}\n'},
        {"defaults.tftest.hcl": ""},
        {"test/queues_test.go": TERRATEST + 'TerraformDir: "../examples/full"\n'},
        {
            ".github/workflows/ci.yml": "on: pull_request\njobs:\n  plan:\n    steps:\n      - run: terraform plan\n"
        },
    ],
)
def test_the_module_at_the_top_is_tested(files: dict[str, str]) -> None:
    assert states(MODULE, {**TOP, **files}, "examples/full") == {"the module at the top": State.PASS}


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"modules/queues/tests/defaults.tftest.hcl": ""}, id="terraform test in it"),
        pytest.param({"modules/queues/queues.tftest.hcl": ""}, id="beside the code"),
        pytest.param({"modules/queues/tests/run.sh": ""}, id="a folder of tests"),
        pytest.param(
            {"test/queues_test.go": TERRATEST + 'TerraformDir: "../modules/queues"\n'},
            id="a Terratest names it",
        ),
        pytest.param(
            {"tests/queues.tftest.hcl": 'run "x" {\n  module {\n    source = "./modules/queues"\n  }\n}\n'},
            id="a test elsewhere names it",
        ),
        pytest.param(
            {"modules/queues/examples/full/main.tf": "", CI: workflow("terraform plan")},
            id="examples that CI plans",
        ),
    ],
)
def test_a_module_that_is_tested(files: dict[str, str]) -> None:
    assert states(MODULE, {**CALLED, **files}, "live") == {"modules/queues": State.PASS}


def test_small_modules_and_parts_of_examples_need_none() -> None:
    small = {**CALLED, "modules/queues/main.tf": QUEUES.replace('resource "aws_sqs_queue" "q2" {}\n', "")}
    assert states(MODULE, small, "live") == {"modules/queues": State.NOT_APPLICABLE}
    example = {"examples/x/main.tf": CALLED["live/main.tf"], "examples/modules/queues/main.tf": QUEUES}
    assert states(MODULE, example, "examples/x") == {}


# EKS-TEST-103

CLUSTER = 'resource "aws_eks_cluster" "main" {\n  name = "prod"\n}\n'
APPLY = workflow("terraform apply -input=false tfplan", "push")
FIS = 'resource "aws_fis_experiment_template" "zone" {}\n'
DEPLOY = ".github/workflows/deploy.yml"
NOTHING = f"In `{DEPLOY}`, nothing checks the cluster after the apply; no chaos experiment is defined."


def test_both_halves_are_told_and_each_alone() -> None:
    [both] = problems(VERIFIED, {"main.tf": CLUSTER, DEPLOY: APPLY})
    assert (both.text, both.message) == ("- run: terraform apply -input=false tfplan", NOTHING)
    [first] = problems(VERIFIED, {"main.tf": CLUSTER + FIS, DEPLOY: APPLY})
    assert first.message == f"In `{DEPLOY}`, nothing checks the cluster after the apply."
    verified = APPLY + "      - run: kubectl rollout status deploy/web\n"
    [second] = problems(VERIFIED, {"main.tf": CLUSTER, DEPLOY: verified})
    assert second.message == f"In `{DEPLOY}`, no chaos experiment is defined."


@pytest.mark.parametrize(
    "step",
    [
        "kubectl wait --for=condition=Ready nodes --all",
        "kubectl rollout status deployment/web",
        "helm test web",
        "curl --fail https://shop.example.com/healthz",
        "k6 run smoke.js",
        "sonobuoy run --wait",
        "chainsaw test",
        "./scripts/smoke-test.sh",
        "terraform test",
    ],
)
def test_looks_after_the_apply(step: str) -> None:
    files = {"main.tf": CLUSTER + FIS, DEPLOY: APPLY + f"      - run: {step}\n"}
    assert states(VERIFIED, files) == {DEPLOY: State.PASS}


def test_a_look_before_the_apply_does_not_count() -> None:
    before = APPLY.replace("      - run:", "      - run: kubectl wait node/x\n      - run:")
    assert states(VERIFIED, {"main.tf": CLUSTER + FIS, DEPLOY: before}) == {DEPLOY: State.FINDING}


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(
            {".github/workflows/e2e.yml": workflow("kubectl wait node/x", "workflow_run")},
            id="a workflow that follows",
        ),
        pytest.param({"checks.tf": 'check "api" {\n}\n'}, id="a check block"),
    ],
)
def test_looks_elsewhere(files: dict[str, str]) -> None:
    found = states(VERIFIED, {"main.tf": CLUSTER + FIS, DEPLOY: APPLY, **files})
    assert found[DEPLOY] == State.PASS


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"fis.tf": FIS}, id="FIS"),
        pytest.param({"c.tf": 'resource "helm_release" "c" {\n  chart = "chaos-mesh"\n}\n'}, id="Chaos Mesh"),
        pytest.param({"c.yaml": "kind: NetworkChaos\nmetadata:\n  name: zone\n"}, id="its experiments"),
        pytest.param({"c.tf": 'resource "helm_release" "c" {\n  chart = "litmus"\n}\n'}, id="Litmus"),
        pytest.param({"c.yaml": "kind: ChaosEngine\nmetadata:\n  name: zone\n"}, id="its engine"),
    ],
)
def test_chaos_tools(files: dict[str, str]) -> None:
    applied = APPLY + "      - run: kubectl wait node/x\n"
    assert states(VERIFIED, {"main.tf": CLUSTER, DEPLOY: applied, **files}) == {DEPLOY: State.PASS}
