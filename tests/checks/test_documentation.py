"""Issue 9.1: READMEs, descriptions, diagrams and runbooks."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import problems, reasons, states

README, STALE, DESCRIPTION, DOCS = (f"EKS-DOC-10{number}" for number in range(1, 5))
VARIABLE = 'variable "name" {\n  type = string\n}\n'
ROOT = 'provider "aws" {}\n' + VARIABLE


# EKS-DOC-101


@pytest.mark.parametrize(
    ("files", "root", "messages"),
    [
        pytest.param(
            {"infra/main.tf": VARIABLE},
            "infra",
            ["`infra` has no README, neither there nor in the folder above."],
            id="a folder without",
        ),
        pytest.param(
            {"main.tf": VARIABLE},
            "",
            ["`.` has no README, neither there nor in the folder above."],
            id="the repository itself",
        ),
        pytest.param(
            {
                "README.md": "",
                "live/main.tf": ROOT + 'module "q" {\n  source = "../modules/deep/queues"\n}\n',
                "modules/deep/queues/main.tf": VARIABLE,
            },
            "live",
            ["`modules/deep/queues` has no README, neither there nor in the folder above."],
            id="a module that is called",
        ),
    ],
)
def test_folders_that_nobody_explains(files: dict[str, str], root: str, messages: list[str]) -> None:
    assert [each.message for each in problems(README, files, root)] == messages


@pytest.mark.parametrize(
    ("files", "root"),
    [
        pytest.param({"infra/main.tf": VARIABLE, "infra/README.md": ""}, "infra", id="in it"),
        pytest.param({"infra/main.tf": VARIABLE, "infra/readme.adoc": ""}, "infra", id="in another form"),
        pytest.param({"infra/main.tf": VARIABLE, "README.md": ""}, "infra", id="above it"),
        pytest.param(
            {"live/eu/prod/main.tf": ROOT, "live/README.md": ""}, "live/eu/prod", id="above the environments"
        ),
    ],
)
def test_folders_that_somebody_explains(files: dict[str, str], root: str) -> None:
    assert set(states(README, files, root).values()) == {State.PASS}


def test_folders_for_tools_and_examples_need_no_readme() -> None:
    assert states(README, {"lab/.workshop/terraform/main.tf": VARIABLE}, "lab/.workshop/terraform") == {}
    assert states(README, {"examples/full/main.tf": VARIABLE}, "examples/full") == {}


# EKS-DOC-102

TABLE = """\
# A module
<!-- BEGIN_TF_DOCS -->
## Inputs

| Name | Description | Type | Default | Required |
|------|-------------|------|---------|:--------:|
| <a name="input_name"></a> [name](#input\\_name) | The name | `string` | `"jobs"` | no |
%s
## Outputs

| Name | Description |
|------|-------------|
| <a name="output_arn"></a> [arn](#output\\_arn) | The ARN |
<!-- END_TF_DOCS -->
"""
CODE = 'variable "name" {\n  default = "jobs"\n}\n\noutput "arn" {\n  value = "x"\n}\n'


def stale(code: str, table: str = TABLE % "", **more: str) -> list[tuple[str, str]]:
    files = {"main.tf": code, "README.md": table, **more}
    return [(each.text, each.message) for each in problems(STALE, files)]


def test_what_a_generated_table_says_wrongly() -> None:
    assert stale(CODE + 'variable "zones" {\n  type = number\n}\n') == [
        ('variable "zones" {', "`README.md` does not list the variable `zones`.")
    ]
    assert stale(CODE + 'output "id" {\n  value = "y"\n}\n') == [
        ('output "id" {', "`README.md` does not list the output `id`.")
    ]
    assert stale(CODE.replace('"jobs"', '"work"')) == [
        ('variable "name" {', "`README.md` gives another default for `name` than the code.")
    ]
    row = '| <a name="input_gone"></a> [gone](#input\\_gone) | Gone | `string` | n/a | yes |'
    assert stale(CODE, TABLE % row) == [(row, "`README.md` still lists the variable `gone`, which is gone.")]


def test_a_hook_that_would_repair_it_is_named() -> None:
    more = {".pre-commit-config.yaml": "repos:\n  - hooks:\n      - id: terraform_docs\n"}
    files = {"main.tf": CODE + 'variable "zones" {}\n', "README.md": TABLE % "", **more}
    [found] = problems(STALE, files)
    assert found.message == (
        "`README.md` does not list the variable `zones`. A hook or job runs terraform-docs here; its result is"
        " not in the change."
    )


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"main.tf": CODE, "README.md": "# By hand\n"}, id="no markers"),
        pytest.param({"main.tf": CODE}, id="no README"),
    ],
)
def test_without_a_generated_table_nothing_is_stale(files: dict[str, str]) -> None:
    assert states(STALE, files) == {}


def test_a_table_that_is_current() -> None:
    assert stale(CODE) == []
    computed = CODE.replace('"jobs"', "null").replace("default = null", "default = { a = 1 }")
    assert stale(computed) == [], "what is not one plain word is not compared"


def test_a_table_without_outputs_does_not_have_to_list_them() -> None:
    inputs = TABLE.split("## Outputs", maxsplit=1)[0] % "" + "<!-- END_TF_DOCS -->\n"
    assert stale(CODE, inputs) == []
    nothing = "<!-- BEGIN_TF_DOCS -->\n<!-- END_TF_DOCS -->\n"
    assert reasons(STALE, {"main.tf": CODE, "README.md": nothing}) == [
        "the README lists neither variables nor outputs"
    ]


def test_one_run_of_a_tool_that_is_missing_is_one_problem() -> None:
    code = CODE.replace('"jobs"', '"work"') + "".join(f'variable "v{n}" {{}}\n' for n in range(5))
    rows = "".join(f'| <a name="input_old{n}"></a> |\n' for n in range(2))
    assert stale(code + 'output "id" {}\n', TABLE % rows) == [
        (
            'variable "name" {',
            (
                "`README.md` does not list the variables and outputs `v0`, `v1`, `v2` and 3 more, gives another "
                "default for `name` than the code and still lists the variables `old0`, `old1`, which are gone."
            ),
        )
    ]


def test_what_a_change_adds_is_told_apart_from_what_was_wrong_before() -> None:
    before = CODE + 'variable "old" {}\n'
    table = TABLE % ""
    files = {"before/main.tf": before, "before/README.md": table, "README.md": table}
    assert [
        (each.text, each.message)
        for each in problems(STALE, {**files, "main.tf": before + 'output "new" {}\n'})
    ] == [
        ('output "new" {}', "`README.md` does not list the output `new`."),
        ('variable "old" {}', "`README.md` does not list the variable `old`."),
    ]


# EKS-DOC-103


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('variable "size" {\n  type = number\n}\n', "The variable `size` has no description."),
        ('variable "size" {\n  description = ""\n}\n', "The variable `size` has no description."),
        ('variable "size" {\n  description = "  "\n}\n', "The variable `size` has no description."),
        ('output "arn" {\n  value = "x"\n}\n', "The output `arn` has no description."),
    ],
)
def test_interfaces_without_a_word(code: str, message: str) -> None:
    assert [each.message for each in problems(DESCRIPTION, code)] == [message]


def test_a_file_is_told_once_and_what_was_there_before_apart() -> None:
    code = "".join(f'variable "v{number}" {{}}\n' for number in range(4))
    [found] = problems(DESCRIPTION, code)
    assert (found.line, found.message) == (
        1,
        "Variables and outputs of this file have no description: `v0`, `v1`, `v2` and 1 more.",
    )
    files = {"before/main.tf": code, "main.tf": code + 'output "id" {}\n'}
    new, old = problems(DESCRIPTION, files)
    assert (new.line, new.message) == (5, "The output `id` has no description.")
    assert old.message == found.message
    elsewhere = {"main.tf": 'variable "a" {}\n', "more.tf": 'variable "b" {}\n'}
    assert [each.path for each in problems(DESCRIPTION, elsewhere)] == ["main.tf", "more.tf"]


def test_interfaces_that_are_explained_and_those_of_tests_and_examples() -> None:
    explained = 'variable "size" {\n  description = "Nodes in each zone."\n}\n'
    assert set(states(DESCRIPTION, explained).values()) == {State.PASS}
    for folder in ("examples/full", "modules/x/tests", "test/fixtures"):
        assert states(DESCRIPTION, {f"{folder}/main.tf": VARIABLE}, folder) == {}


# EKS-DOC-104

CLUSTER = 'resource "aws_eks_cluster" "main" {\n  name = "prod"\n}\n'
RUNBOOK = {"docs/runbooks/node-not-ready.md": "# A node is not ready\n"}


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("docs/platform.png", ""),
        ("docs/img/network.svg", ""),
        ("architecture.jpg", ""),
        ("docs/platform.drawio", ""),
        ("platform.drawio.svg", ""),
        ("docs/platform.puml", ""),
        ("platform.plantuml", ""),
        ("platform.d2", ""),
        ("platform.mmd", ""),
        ("diagrams/platform.excalidraw", ""),
        ("README.md", "# Platform\n```mermaid\nflowchart LR\n```\n"),
        ("docs/architecture.md", "```plantuml\na -> b\n```\n"),
        ("docs/architecture.adoc", "@startuml\na -> b\n@enduml\n"),
        ("docs/architecture.md", "```d2\na -> b\n```\n"),
    ],
)
def test_diagrams_of_every_kind(path: str, content: str) -> None:
    files = {"main.tf": CLUSTER, **RUNBOOK}
    assert [each.message for each in problems(DOCS, files)] == [
        "No diagram of the architecture (an image below `docs`, Mermaid, draw.io, D2, PlantUML) was found."
    ]
    assert states(DOCS, {**files, path: content}) == {"aws_eks_cluster.main": State.PASS}


@pytest.mark.parametrize(
    "path",
    [
        "docs/runbooks/api.md",
        "runbook/api.adoc",
        "docs/run-books/api.md",
        "playbooks/api.md",
        "docs/operations/api.md",
        "docs/operations.md",
        "ops/api.md",
    ],
)
def test_runbooks_of_every_kind(path: str) -> None:
    files = {"main.tf": CLUSTER, "docs/platform.drawio": ""}
    assert [each.message for each in problems(DOCS, files)] == [
        "No runbook (a document below `runbooks`, `playbooks` or `operations`) was found."
    ]
    assert states(DOCS, {**files, path: "# What to do\n"}) == {"aws_eks_cluster.main": State.PASS}


def test_both_are_missed_at_once_and_a_wiki_has_both() -> None:
    [found] = problems(DOCS, CLUSTER)
    assert found.message.startswith("No diagram of the architecture (")
    assert " and no runbook (" in found.message
    assert problems(DOCS, CLUSTER, operations_docs_url="https://wiki.example.com/eks") == []
