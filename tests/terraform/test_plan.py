"""What plans of AWS resources tell where the code does not, and what is no plan at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reviewer.engine.plans import at_base, plans_by_root
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.plan import plan as plan_module
from reviewer.terraform.plan.plan import PlanError, read_plan
from reviewer.terraform.value import Unknown, Value
from tests.terraform.plans import constant, data, declared, plan, reads, resource
from tests.trees import tree

if TYPE_CHECKING:
    from reviewer.terraform.body import BlockBody
    from reviewer.terraform.module_instance import ModuleInstance

SECURITY_GROUP = """\
data "aws_vpc" "main" { default = "true" }
resource "aws_security_group" "node" {
  vpc_id      = data.aws_vpc.main.id
  description = "Nodes of ${data.aws_vpc.main.id}"
  ingress {
    from_port   = 443
    cidr_blocks = [data.aws_vpc.main.cidr_block]
  }
  dynamic "ingress" {
    for_each = data.aws_vpc.main.cidr_block_associations
    content {
      from_port   = 22
      cidr_blocks = [ingress.value.cidr_block]
    }
  }
}
"""
VPC_ID = reads("data.aws_vpc.main.id", "data.aws_vpc.main")
SECURITY_GROUP_PLAN = plan(
    [
        declared("data.aws_vpc.main", {"default": constant("true")}),
        declared(
            "aws_security_group.node",
            {
                "vpc_id": VPC_ID,
                "description": VPC_ID,
                "ingress": [
                    {
                        "from_port": constant(443),
                        "cidr_blocks": reads("data.aws_vpc.main.cidr_block", "data.aws_vpc.main"),
                    }
                ],
            },
        ),
    ],
    [
        resource(
            "aws_security_group.node",
            {
                "vpc_id": "vpc-1",
                "description": "Nodes of vpc-1",
                # A set, in another order than the blocks of the code.
                "ingress": [
                    {"from_port": 22, "cidr_blocks": ["0.0.0.0/0"]},
                    {"from_port": 443, "cidr_blocks": ["10.0.0.0/16"]},
                ],
            },
            unknown={"id": True, "arn": True, "ingress": [{"cidr_blocks": [False]}, {}]},
        )
    ],
    read=[data("data.aws_vpc.main", {"id": "vpc-1", "cidr_block": "10.0.0.0/16", "default": True})],
)


def root_of(text: str, content: bytes) -> ModuleInstance:
    configuration = Configuration(tree({"main.tf": text}), Sources())
    plans = plans_by_root(configuration, [read_plan(content, "plan.json")], [""])
    return configuration.with_plans(plans).root("")


def body_of(root: ModuleInstance, address: str) -> BlockBody:
    return next(each.body for each in root.resources() if each.address == address)


def unknown_in(value: Value) -> Unknown:
    assert isinstance(value.data, Unknown)
    return value.data


def test_checks_see_planned_values_and_views_still_see_what_they_refer_to() -> None:
    value = body_of(root_of(SECURITY_GROUP, SECURITY_GROUP_PLAN), "aws_security_group.node").attr("vpc_id")

    assert value.require() == "vpc-1"
    assert value.test(lambda each: each == "vpc-1")
    assert unknown_in(value).reference == "data.aws_vpc.main.id"
    assert str(value.supplier) == "main.tf:3"


def test_blocks_of_a_dynamic_that_iterates_over_something_unknown_are_planned() -> None:
    body = body_of(root_of(SECURITY_GROUP, SECURITY_GROUP_PLAN), "aws_security_group.node")

    blocks = body.blocks("ingress").require()

    found = [
        (
            each.attr("from_port").require(),
            each.attr("cidr_blocks").strings(),
            str(each.attr("cidr_blocks").supplier),
        )
        for each in blocks
    ]
    assert found == [(443, ("10.0.0.0/16",), "main.tf:7"), (22, ("0.0.0.0/0",), "main.tf:13")]


def test_blocks_that_cannot_be_told_apart_stay_unknown() -> None:
    """Two blocks may be either planned object: nobody knows which, so neither is filled."""
    text = SECURITY_GROUP.replace("from_port   = 443", "from_port   = data.aws_vpc.main.port").replace(
        "from_port   = 22", "from_port   = ingress.value.port"
    )
    changed = json.loads(SECURITY_GROUP_PLAN)
    block = changed["configuration"]["root_module"]["resources"][1]["expressions"]["ingress"][0]
    block["from_port"] = reads("data.aws_vpc.main.port", "data.aws_vpc.main")
    body = body_of(root_of(text, json.dumps(changed).encode()), "aws_security_group.node")

    blocks = body.blocks("ingress")

    assert len(blocks.known) == 1
    assert blocks.undecided == "`data.aws_vpc.main.cidr_block_associations` is not known from the code"
    assert blocks.known[0].attr("from_port").settled().is_unknown
    assert blocks.known[0].attr("cidr_blocks").strings() == ("10.0.0.0/16",)  # told by the data source itself


def test_what_the_code_tells_is_not_taken_from_the_plan() -> None:
    text = 'resource "aws_eks_cluster" "main" {\n  version = "1.34"\n  name    = upper(local.name)\n}\nlocals {\n  name = "a"\n}\n'
    content = plan(
        [declared("aws_eks_cluster.main", {"version": constant("1.34"), "name": reads("local.name")})],
        [resource("aws_eks_cluster.main", {"version": "1.30", "name": "other"})],
    )
    body = body_of(root_of(text, content), "aws_eks_cluster.main")

    assert (body.attr("version").data, body.attr("name").data) == ("1.34", "A")


def test_a_policy_document_keeps_its_lines_and_gets_its_unknown_parts() -> None:
    text = """\
data "aws_iam_role" "ci" { name = "ci" }
resource "aws_iam_policy" "ci" {
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = format("%s/*", data.aws_iam_role.ci.arn) }]
  })
}
"""
    content = plan(
        [
            declared("data.aws_iam_role.ci", {"name": constant("ci")}),
            declared(
                "aws_iam_policy.ci", {"policy": reads("data.aws_iam_role.ci.arn", "data.aws_iam_role.ci")}
            ),
        ],
        [
            resource(
                "aws_iam_policy.ci",
                {"policy": '{"Statement":[{"Action":"s3:*","Effect":"Allow","Resource":"arn:x/*"}]}'},
            )
        ],
    )
    policy = unknown_in(body_of(root_of(text, content), "aws_iam_policy.ci").attr("policy"))

    assert policy.document is not None
    statement = policy.document.elements()[0].elements()[0]
    assert isinstance(statement.data, dict)
    assert statement.data["Resource"].require() == "arn:x/*"
    assert str(statement.data["Action"].supplier) == "main.tf:4"


def test_a_count_that_only_the_plan_tells_may_be_none() -> None:
    text = """\
data "aws_regions" "all" {}
resource "aws_kms_key" "a" { count = length(data.aws_regions.all.names) > 3 ? 1 : 0 }
"""
    length = reads("data.aws_regions.all.names", "data.aws_regions.all")
    configuration = [
        declared("data.aws_regions.all", {}),
        declared("aws_kms_key.a", {}, count_expression=length),
    ]

    whole = root_of(text, plan(configuration)).resource("aws_kms_key.a")
    partial = root_of(text, plan(configuration, complete=False)).resource("aws_kms_key.a")

    assert (whole.instances, whole.undecided) == ((), None)
    assert partial.undecided == "`data.aws_regions.all.names` is not known from the code"


def test_sensitive_attributes_and_those_known_after_apply_stay_unknown() -> None:
    text = """\
data "aws_db_instance" "a" { db_instance_identifier = "a" }
resource "aws_db_instance" "b" {
  password = lower(data.aws_db_instance.a.password)
  endpoint = lower(data.aws_db_instance.a.endpoint)
}
"""
    content = plan(
        [
            declared("data.aws_db_instance.a", {"db_instance_identifier": constant("a")}),
            declared(
                "aws_db_instance.b",
                {
                    "password": reads("data.aws_db_instance.a.password", "data.aws_db_instance.a"),
                    "endpoint": reads("data.aws_db_instance.a.endpoint", "data.aws_db_instance.a"),
                },
            ),
        ],
        [
            resource(
                "aws_db_instance.b",
                {"password": "hunter2"},
                unknown={"endpoint": True},
                sensitive={"password": True},
            )
        ],
        read=[data("data.aws_db_instance.a", {"password": "hunter2"}, {"password": True})],
    )
    body = body_of(root_of(text, content), "aws_db_instance.b")

    assert body.attr("password").settled().is_unknown
    assert body.attr("endpoint").settled().is_unknown
    assert "hunter2" not in repr(body.attr("password"))


def test_a_base_has_planned_what_it_writes_in_the_same_way() -> None:
    """Else what stood before would look as if the change had brought it."""
    old = """\
data "aws_vpc" "main" { default = "true" }
resource "aws_instance" "a" {
  a = format("%s", data.aws_vpc.main.a)
  b = format("%s", data.aws_vpc.main.b)
}
"""
    new = old.replace("data.aws_vpc.main.b", "data.aws_vpc.main.c")
    read = {name: reads(f"data.aws_vpc.main.{name}", "data.aws_vpc.main") for name in "ac"}
    content = plan(
        [
            declared("data.aws_vpc.main", {"default": constant("true")}),
            declared("aws_instance.a", {"a": read["a"], "b": read["c"]}),
        ],
        [resource("aws_instance.a", {"a": "x", "b": "y"})],
    )
    head, base = (Configuration(tree({"main.tf": text}), Sources()) for text in (new, old))
    plans = plans_by_root(head, [read_plan(content, "plan.json")], [""])
    head = head.with_plans(plans)
    base = base.with_plans(at_base(plans, head, [("", "")]))

    after, before = (body_of(each.root(""), "aws_instance.a") for each in (head, base))

    assert (after.attr("a").require(), after.attr("b").require()) == ("x", "y")
    assert before.attr("a").require() == "x"
    assert before.attr("b").settled().is_unknown


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "this is not a plan in JSON (Input data was truncated)"),
        (b"\x00\xff", "this is not a plan in JSON"),
        (b"PK\x03\x04tfplan", "this is a saved plan, and its JSON form is needed"),
        (b"[]", "this is not a plan in JSON (Expected `object`, got `array`)"),
        (b"[" * 100_000, "this is not a plan in JSON"),
        (b'{"a":' * 100_000, "this is not a plan in JSON"),
        (b'{"@level":"info","type":"version"}', "this is a line of the log of `terraform plan -json`"),
        (
            b'{"format_version":"1.0","values":{"root_module":{}}}',
            "this is no plan: it has no `planned_values`",
        ),
        (plan([], resource_changes="none"), "Expected `array`, got `str` - at `$.resource_changes`"),
        (plan([], format_version="2.0"), "its format version is '2.0', and 0 and 1 are understood"),
        (
            plan(
                [], [{"address": "a.b", "mode": "managed", "change": {"actions": ["delete"], "after": None}}]
            ),
            "this plan destroys everything, so it tells nothing about the code",
        ),
    ],
    ids=[
        "empty",
        "binary",
        "saved",
        "array",
        "deep",
        "deeper",
        "log",
        "state",
        "wrong type",
        "version",
        "destroy",
    ],
)
def test_what_is_no_plan_is_one_clear_error(content: bytes, problem: str) -> None:
    with pytest.raises(PlanError) as error:
        read_plan(content, "plan.json")

    assert str(error.value).startswith("plan.json: ")
    assert problem in str(error.value)


def test_a_plan_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "MAX_BYTES", 100)

    with pytest.raises(PlanError, match=r"^plan\.json: the plan is larger than 100 bytes\."):
        read_plan(plan([]), "plan.json")


def test_values_that_nest_too_deeply_are_unknown() -> None:
    deep = "[" * 5_000 + "]" * 5_000
    text = 'data "a" "b" {}\nresource "c" "d" {\n  e = lower(data.a.b.f)\n}\n'
    content = plan(
        [declared("data.a.b", {}), declared("c.d", {"e": reads("data.a.b.f", "data.a.b")})],
        [resource("c.d", {"e": "DEEP"})],
    ).replace(b'"DEEP"', deep.encode())

    try:
        root = root_of(text, content)
    except PlanError as error:
        assert "this is not a plan in JSON" in str(error)  # noqa: PT017 - either answer will do
        return
    assert body_of(root, "c.d").attr("e").settled().is_unknown


def test_names_in_a_hostile_plan_cannot_break_the_message() -> None:
    content = plan([declared("a.b", {})], variables={"x\n::set-output name=y::z\x1b[31m" + "w" * 5_000: {}})

    with pytest.raises(PlanError) as error:
        root_of('resource "a" "b" {}\n', content)

    assert str(error.value).isprintable()
    assert len(str(error.value)) < 1_000


def test_elements_of_a_planned_list_stand_on_the_line_of_their_argument() -> None:
    text = 'data "aws_vpc" "a" {}\nresource "aws_eks_cluster" "b" {\n  cidrs = split(",", data.aws_vpc.a.tags)\n}\n'
    content = plan(
        [
            declared("data.aws_vpc.a", {}),
            declared("aws_eks_cluster.b", {"cidrs": reads("data.aws_vpc.a.tags", "data.aws_vpc.a")}),
        ],
        [resource("aws_eks_cluster.b", {"cidrs": ["10.0.0.0/8", "0.0.0.0/0"]})],
    )

    found = (
        body_of(root_of(text, content), "aws_eks_cluster.b")
        .attr("cidrs")
        .find(lambda each: each == "0.0.0.0/0")
    )

    assert found is not None
    assert str(found.supplier) == "main.tf:3"
