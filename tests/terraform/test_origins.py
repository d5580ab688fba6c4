"""Where values come from: each element knows the line that supplies it, through every function on its way."""

from __future__ import annotations

import pytest

from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.value import Unknown, Value
from tests.trees import tree

FILES = {
    "main.tf": """\
variable "tags" {
  default = { team = "a" }
}
variable "cidrs" {
  default = ["10.0.0.0/8"]
}
variable "port" {
  type = object({ number = optional(number, 443), name = string })
}
locals {
  owner = "b"
  all   = merge(var.tags, { owner = local.owner })
  cidrs = concat(var.cidrs, ["0.0.0.0/0"])
}
module "m" {
  source = "./m"
  cidrs  = local.cidrs
}
""",
    "m/main.tf": """\
variable "cidrs" {}
output "first" { value = var.cidrs[0] }
output "last" { value = element(var.cidrs, 1) }
""",
    "terraform.tfvars": """\
port = {
  name = "https"
}
""",
}


def value_of(expression: str) -> Value:
    files = {**FILES, "asked.tf": f'output "asked" {{\n  value = {expression}\n}}\n'}
    value = Configuration(tree(files), Sources()).root("").output("asked")
    assert value is not None
    return value


@pytest.mark.parametrize(
    ("expression", "suppliers"),
    [
        ("local.all", {"a": "main.tf:2", "b": "main.tf:11"}),
        ("local.cidrs", {"10.0.0.0/8": "main.tf:5", "0.0.0.0/0": "main.tf:13"}),
        ("{ for k, v in local.all : upper(k) => v }", {"a": "main.tf:2", "b": "main.tf:11"}),
        ('[for each in local.cidrs : each if each != "x"]', {"10.0.0.0/8": "main.tf:5", "0.0.0.0/0": "main.tf:13"}),
        ("toset(local.cidrs)", {"10.0.0.0/8": "main.tf:5", "0.0.0.0/0": "main.tf:13"}),
        ("sort(distinct(concat(local.cidrs, local.cidrs)))", {"0.0.0.0/0": "main.tf:13", "10.0.0.0/8": "main.tf:5"}),
        ("flatten([var.cidrs, [local.cidrs[1]]])", {"10.0.0.0/8": "main.tf:5", "0.0.0.0/0": "main.tf:13"}),
        ("slice(reverse(local.cidrs), 0, 1)", {"0.0.0.0/0": "main.tf:13"}),
        ("[{ a = local.owner }][*].a", {"b": "main.tf:11"}),
        ("values(local.all)", {"b": "main.tf:11", "a": "main.tf:2"}),
        ("[var.port.name, var.port.number]", {"https": "terraform.tfvars:2", 443: "main.tf:8"}),
        ("[module.m.first, module.m.last]", {"10.0.0.0/8": "main.tf:5", "0.0.0.0/0": "main.tf:13"}),
        ('[lookup(local.all, "owner", "z")]', {"b": "main.tf:11"}),
        ('[local.all["team"], coalesce(null, local.owner)]', {"a": "main.tf:2", "b": "main.tf:11"}),
        ('[length(local.all) == 2 ? local.owner : "c"]', {"b": "main.tf:11"}),
    ],
)  # fmt: skip
def test_each_element_knows_the_line_that_supplies_it(expression: str, suppliers: dict[object, str]) -> None:
    assert {each.data: str(each.supplier) for each in value_of(expression).elements()} == suppliers


def test_a_whole_knows_every_range_that_contributes() -> None:
    lines = {str(each) for each in value_of("local.all").origins}

    assert {"main.tf:2", "main.tf:11", "main.tf:12", "asked.tf:2"} <= lines


def test_a_text_knows_the_ranges_of_its_parts() -> None:
    lines = {str(each) for each in value_of('"${var.port.name}-${local.owner}"').origins}

    assert {"terraform.tfvars:2", "main.tf:11"} <= lines


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("terraform.workspace", "`terraform.workspace` is not known from the code"),
        ("path.cwd", "`path.cwd` depends on the machine"),
        ("provider::aws::arn_parse(local.owner)", "the provider function `provider::aws::arn_parse` runs only in Terraform"),
        ("timestamp()", "the time of the apply is not known from the code"),
        ('bcrypt("x")', "bcrypt() gives another result at each run"),
        ('file("../../etc/passwd")', None),
    ],
)  # fmt: skip
def test_what_the_code_cannot_tell_is_unknown_with_its_reason(expression: str, reason: str | None) -> None:
    value = value_of(expression)

    assert isinstance(value.data, Unknown)
    assert reason is None or value.data.reason == reason


def test_rendered_template_has_the_file_and_the_variables_as_origins_and_not_each_piece() -> None:
    files = {
        "main.tf": 'output "asked" {\n  value = templatefile("a.tpl", { names = [for i in range(500) : "n${i}"] })\n}\n',
        "a.tpl": "%{ for each in names ~}\n- ${each}\n%{ endfor ~}\n",
    }
    value = Configuration(tree(files), Sources()).root("").output("asked")
    assert value is not None
    assert str(value.data).count("\n") == 500
    assert {str(each) for each in value.origins} == {"main.tf:2", "a.tpl:1"}
    assert len(value.origins) < 20
