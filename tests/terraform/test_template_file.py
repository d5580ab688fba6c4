"""What ``data.template_file.….rendered`` is worth: the code says it all."""

from __future__ import annotations

import pytest

from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.value import Unknown, Value
from tests.trees import tree

USER = """
resource "terraform_data" "user" {
  input = data.template_file.values.rendered
}
"""


def rendered(data: str, **files: str) -> Value:
    """Return what a user of the rendered text gets."""
    root = Configuration(tree({"main.tf": data + USER, **files}), Sources()).root("")
    (user,) = root.resources_of("terraform_data")
    return user.body.attr("input")


def test_template_of_a_file_is_rendered_with_its_variables() -> None:
    value = rendered(
        """
variable "replicas" { default = 2 }

data "template_file" "values" {
  template = file("values.yaml")
  vars = {
    replicas = var.replicas
    name     = "ingress"
  }
}
""",
        **{"values.yaml": "replicas: ${replicas}\nname: ${upper(name)}\n"},
    )
    assert value.data == "replicas: 2\nname: INGRESS\n"
    assert value.supplier is not None
    assert (value.supplier.path, value.supplier.line) == ("main.tf", 5)


def test_template_without_variables_is_its_text() -> None:
    assert rendered('data "template_file" "values" {\n  template = "a b"\n}\n').data == "a b"


@pytest.mark.parametrize(
    ("template", "variables", "reason"),
    [
        ('"${file("nowhere.yaml")}"', "{}", "nowhere.yaml"),
        ('"a $${b}"', "{ b = data.aws_vpc.main.id }", "data.aws_vpc.main.id"),
        ('"a $${c}"', '{ b = "x" }', "uses 'c', which it is not given"),
        ('"a $${b"', '{ b = "x" }', "cannot be parsed"),
    ],
)
def test_what_cannot_be_rendered_is_unknown_with_its_reason(
    template: str, variables: str, reason: str
) -> None:
    value = rendered(
        f'data "template_file" "values" {{\n  template = {template}\n  vars = {variables}\n}}\n'
        'data "aws_vpc" "main" {}\n'
    )
    assert isinstance(value.data, Unknown)
    assert reason in value.data.reason


def test_other_attributes_stay_unknown() -> None:
    data = 'data "template_file" "values" {\n  template = "a"\n}\n'
    root = Configuration(tree({"main.tf": data + USER.replace("rendered", "id")}), Sources()).root("")
    (user,) = root.resources_of("terraform_data")
    value = user.body.attr("input").data
    assert isinstance(value, Unknown)
    assert value.reference == "data.template_file.values.id"
