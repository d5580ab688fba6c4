"""Plans that the real Terraform makes: what they tell, and that a plan of other code is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reviewer.engine.plans import plans_by_root
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.plan.plan import PlanError, read_plan
from reviewer.terraform.value import Unknown, Value
from tests.terraform.oracle import NEEDS_TERRAFORM, show_plan
from tests.trees import tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.module_instance import ModuleInstance

pytestmark = NEEDS_TERRAFORM

STATE = {
    "version": 4,
    "terraform_version": "1.11.4",
    "serial": 1,
    "lineage": "a",
    "outputs": {"zones": {"value": ["a", "b"], "type": ["list", "string"]}},
    "resources": [],
}
MAIN = """\
variable "env" { type = string }
variable "size" {
  type    = number
  default = 1
}
variable "password" {
  type      = string
  sensitive = true
}
variable "rules" {
  type    = map(object({ port = number, open = optional(bool, false) }))
  default = { ssh = { port = 22 } }
}
locals {
  name  = "${var.env}-x"
  count = var.env == "prod" ? 2 : 1
}
data "terraform_remote_state" "network" {
  backend = "local"
  config  = { path = "${path.module}/network.tfstate" }
}
resource "terraform_data" "node" {
  count = local.count
  input = { name = local.name, index = count.index, size = var.size, password = var.password }
}
resource "terraform_data" "zone" {
  for_each         = toset(data.terraform_remote_state.network.outputs.zones)
  input            = "${each.key}-${local.name}"
  triggers_replace = terraform_data.node[0].id
}
module "part" {
  source   = "./part"
  for_each = { for zone in data.terraform_remote_state.network.outputs.zones : zone => "${zone}!" }
  zone     = each.value
}
output "name" { value = local.name }
output "marks" { value = { for zone, part in module.part : zone => part.mark } }
"""
PART = """\
variable "zone" { type = string }
locals { mark = upper(var.zone) }
resource "terraform_data" "part" {
  input = { mark = local.mark, on = true }
}
output "mark" { value = local.mark }
"""
FILES = {"main.tf": MAIN, "part/main.tf": PART, "network.tfstate": json.dumps(STATE)}
SECRET = "hunter2-secret"


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a plan of ``FILES`` with variables that no file has."""
    arguments = ("-var", "env=prod", "-var", f"password={SECRET}")
    return show_plan(tmp_path_factory.mktemp("plan"), FILES, *arguments)


def planned(files: Mapping[str, str], content: bytes, *roots: str) -> ModuleInstance:
    """Return the root module of ``files`` with a plan."""
    configuration = Configuration(tree(files), Sources())
    plans = plans_by_root(configuration, [read_plan(content, "plan.json")], roots or ("",))
    return configuration.with_plans(plans).root(next(iter(plans)))


def instance(root: ModuleInstance, address: str) -> Instance:
    return next(each for module in root.walk() for each in module.resources() if each.address == address)


def plain(value: Value) -> object:
    """Return the data of a value as checks see it, unknown parts as ``...``."""
    value = value.settled()
    if isinstance(value.data, Unknown):
        return ...
    if isinstance(value.data, tuple):
        return [plain(each) for each in value.data]
    if isinstance(value.data, dict):
        return {name: plain(each) for name, each in value.data.items()}
    return value.data


def test_variables_that_no_file_assigns_have_their_planned_values(content: bytes) -> None:
    root = planned(FILES, content)

    value = root.variable("env")

    assert value.data == "prod"
    assert str(value.supplier) == "main.tf:1"
    assert [each.address for each in root.resource("terraform_data.node").instances] == [
        "terraform_data.node[0]",
        "terraform_data.node[1]",
    ]


def test_a_variable_with_its_default_is_supplied_by_the_default(content: bytes) -> None:
    value = planned(FILES, content).variable("size")

    assert (value.data, str(value.supplier)) == (1, "main.tf:4")


def test_sensitive_values_stay_unknown(content: bytes) -> None:
    root = planned(FILES, content)

    value = instance(root, "terraform_data.node[0]").body.attr("input")

    assert plain(value) == {"index": 0, "name": "prod-x", "password": ..., "size": 1}
    assert SECRET not in repr(value)
    assert root.variable("password").is_unknown


def test_data_sources_tell_the_keys_of_resources_and_modules(content: bytes) -> None:
    root = planned(FILES, content)

    value = instance(root, 'terraform_data.zone["b"]').body.attr("input")
    parts = [(each.address, plain(each.variable("zone"))) for each in root.children("part")]
    mark = instance(root, 'module.part["a"].terraform_data.part').body.attr("input")

    assert plain(value) == "b-prod-x"
    assert parts == [('module.part["a"]', "a!"), ('module.part["b"]', "b!")]
    assert plain(mark) == {"mark": "A!", "on": True}


def test_a_reference_keeps_its_identity(content: bytes) -> None:
    value = instance(planned(FILES, content), 'terraform_data.zone["a"]').body.attr("triggers_replace")

    assert isinstance(value.data, Unknown)
    assert value.data.reference == "terraform_data.node[0].id"
    assert value.data.planned is None  # nobody knows an id before it is applied


def test_what_is_planned_is_supplied_by_the_code_that_leaves_it_unknown(content: bytes) -> None:
    value = instance(planned(FILES, content), 'terraform_data.zone["a"]').body.attr("input")

    assert {each.line for each in value.settled().origins} <= {1, 15, 16, 20, 28, 29}
    assert all(each.path == "main.tf" for each in value.settled().origins)


def test_outputs_of_modules_are_known_through_the_plan(content: bytes) -> None:
    marks = planned(FILES, content).output("marks")

    assert marks is not None
    assert plain(marks) == {"a": "A!", "b": "B!"}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (
            "main.tf",
            'variable "env" { type',
            '# what it is for\nvariable "env" {\n  description = "x"\n  type',
        ),
        ("main.tf", "  count = local.count\n", "\n\n  count   =   local.count # how many\n"),
        ("main.tf", "input = { name = local.name, index", "input = {\n  name = local.name\n  index"),
        ("part/main.tf", "on = true", "on = (true)"),
    ],
    ids=["description", "layout", "lines", "parentheses"],
)
def test_what_means_the_same_is_the_same_code(content: bytes, path: str, old: str, new: str) -> None:
    assert old in FILES[path]
    text = FILES[path].replace(old, new)
    text = text.replace(
        "  name = local.name\n  index = count.index, size = var.size, ",
        "  name = local.name\n  index = count.index\n  size = var.size\n  ",
    )

    planned({**FILES, path: text}, content)


@pytest.mark.parametrize(
    ("path", "old", "new", "difference"),
    [
        ("part/main.tf", "on = true", "on = false", "part/main.tf:4: the value of `module.part"),
        ("main.tf", "size = var.size", "size = 3", "main.tf:24: `terraform_data.node.input` is another in the plan"),
        ("main.tf", "local.name, index", "var.env, index", "main.tf:24: `terraform_data.node.input` is another"),
        ("main.tf", "default = 1\n", "default = 2\n", "main.tf:2: the default of `var.size` is another in the plan"),
        ("main.tf", "node[0].id", "node[1].id", "`terraform_data.zone.triggers_replace` is another in the plan"),
        ("main.tf", "  count = local.count\n", "", "main.tf:22: `terraform_data.node` has `count` in the plan only"),
        ("main.tf", '"./part"', '"./part/."', None),
        ("main.tf", "? 2 : 1", "? 3 : 1", "main.tf:22: `terraform_data.node` has other instances in the plan"),
        ("main.tf", '"${var.env}-x"', '"${var.env}-y"', "the value of the output `name` is another in the plan"),
        ("main.tf", 'output "name"', 'output "other"', "`output.name` is in the plan only"),
        ("main.tf", '"terraform_data" "zone"', '"terraform_data" "area"', "`terraform_data.area` is not in the plan"),
        ("part/main.tf", 'variable "zone" { type = string }', 'variable "zone" { default = "" }', "`module.part"),
    ],
    ids=[
        "constant", "reference to constant", "reference", "default", "index", "count", "spelling of a source",
        "local in a count", "local in an output", "output", "resource", "variable of a module",
    ],
)  # fmt: skip
def test_a_plan_of_other_code_is_refused(
    content: bytes, path: str, old: str, new: str, difference: str | None
) -> None:
    assert old in FILES[path]
    files = {**FILES, path: FILES[path].replace(old, new)}
    if difference is None:
        planned(files, content)
        return

    with pytest.raises(PlanError) as error:
        planned(files, content)

    message = str(error.value)
    assert message.startswith("plan.json: it was made from another configuration than that of the root")
    assert difference in message
    assert "terraform show -json tfplan > plan.json" in message
    assert SECRET not in message


def test_a_variables_file_that_the_plan_was_made_without_is_told(content: bytes) -> None:
    files = {**FILES, "terraform.tfvars": 'size = 7\npassword = "another"\n'}

    with pytest.raises(PlanError, match=r"terraform\.tfvars:1: the value of `var\.size` is another") as error:
        planned(files, content)

    assert "terraform.tfvars:2: the value of `var.password` is another in the plan" in str(error.value)
    assert 'another"' not in str(error.value)


def test_of_two_roots_with_the_same_code_the_values_decide(content: bytes) -> None:
    dev = {f"dev/{path}": text for path, text in FILES.items()}
    prod = {f"prod/{path}": text for path, text in FILES.items()}
    files = {
        **dev,
        **prod,
        "dev/terraform.tfvars": 'env = "dev"\n',
        "prod/terraform.tfvars": 'env = "prod"\n',
    }

    assert planned(files, content, "dev", "prod").folder == "prod"


def test_a_plan_that_may_be_of_two_roots_must_name_its_own(content: bytes) -> None:
    files = {f"{root}/{path}": text for root in ("a", "b") for path, text in FILES.items()}

    with pytest.raises(PlanError, match=r"it may be of each of `a`, `b`\. Say which: `a=plan\.json`"):
        planned(files, content, "a", "b")
    configuration = Configuration(tree(files), Sources())
    plans = plans_by_root(configuration, [read_plan(content, "plan.json", "b")], ("a", "b"))

    assert list(plans) == ["b"]


def test_a_plan_of_a_root_that_is_not_under_review_is_recognised(content: bytes) -> None:
    files = {
        **{f"infra/{path}": text for path, text in FILES.items()},
        "other/main.tf": 'resource "terraform_data" "x" {}\n',
    }

    assert planned(files, content, "other").folder == "infra"


TYPED = {
    "main.tf": """\
variable "size" { type = number }
variable "rules" { type = map(object({ port = number, open = optional(bool, false) })) }
variable "ports" { type = set(number) }
variable "any" { default = null }
variable "list" { default = [1, 2] }
check "network" {
  data "terraform_remote_state" "checked" {
    backend = "local"
    config  = { path = "network.tfstate" }
  }
  assert {
    condition     = data.terraform_remote_state.checked.backend == "local"
    error_message = "It is not."
  }
}
resource "terraform_data" "a" {
  input            = { ports = var.ports, size = var.size, first = var.list[0], any = var.any, rules = var.rules }
  triggers_replace = toset([443, 80, 443])
  lifecycle {
    create_before_destroy = true
  }
}
""",
    "more.tf.json": json.dumps(
        {
            "//": "written by a program",
            "resource": {
                "terraform_data": {
                    "json": {
                        "//": "why",
                        "input": "${var.size}-x",
                        "lifecycle": {"create_before_destroy": True},
                    }
                }
            },
            "output": {"json": {"value": "${terraform_data.json.input}"}},
        }
    ),
    "terraform.tfvars": 'size = "3"\nrules = { a = { port = "22" } }\nports = [443, "80", 443]\n',
    "network.tfstate": json.dumps(STATE),
}


def test_values_are_compared_as_their_types_make_them(tmp_path: Path) -> None:
    root = planned(TYPED, show_plan(tmp_path, TYPED))

    value = instance(root, "terraform_data.a").body.attr("input")

    assert plain(value) == {
        "any": None,
        "first": 1,
        "ports": [80, 443],
        "rules": {"a": {"open": False, "port": 22}},
        "size": 3,
    }


@pytest.mark.parametrize("ports", ["[443, 81]", "[443]"])
def test_other_values_of_typed_variables_are_told(tmp_path: Path, ports: str) -> None:
    content = show_plan(tmp_path, TYPED)
    assigned = TYPED["terraform.tfvars"].replace('[443, "80", 443]', ports)
    files = {**TYPED, "terraform.tfvars": assigned}

    with pytest.raises(
        PlanError, match=r"terraform\.tfvars:3: the value of `var\.ports` is another in the plan"
    ):
        planned(files, content)
