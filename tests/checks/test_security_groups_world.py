"""EKS-SEC-101: sensitive ports that the whole internet reaches, in every spelling of a rule."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import outcomes, problems, reasons, states

SENSITIVE = "EKS-SEC-101"


def rule(
    sources: str, ports: str = 'protocol = "tcp"\nfrom_port = 22\nto_port = 22', kind: str = "ingress"
) -> str:
    return f'resource "aws_security_group_rule" "x" {{\ntype = "{kind}"\n{sources}\n{ports}\n}}\n'


def one(code: str, first: int, last: int | None = None, protocol: str = "tcp") -> str:
    last = first if last is None else last
    return rule(code, f'protocol = "{protocol}"\nfrom_port = {first}\nto_port = {last}')


WORLD = 'cidr_blocks = ["0.0.0.0/0"]'


@pytest.mark.parametrize(
    ("code", "address", "text", "message"),
    [
        pytest.param(
            """
            resource "aws_security_group" "web" {
              ingress {
                protocol    = "tcp"
                from_port   = 22
                to_port     = 22
                cidr_blocks = [
                  "10.0.0.0/8",
                  "0.0.0.0/0",
                ]
              }
            }
            """,
            "aws_security_group.web",
            '"0.0.0.0/0",',
            "Ingress from `0.0.0.0/0` to `22/tcp` (SSH) on `aws_security_group.web`",
            id="inline block, one element of a list",
        ),
        pytest.param(
            """
            resource "aws_security_group" "web" {
              ingress = [{
                protocol         = "-1"
                from_port        = 0
                to_port          = 0
                ipv6_cidr_blocks = ["::/0"]
              }]
            }
            """,
            "aws_security_group.web",
            'ipv6_cidr_blocks = ["::/0"]',
            "Ingress from `::/0` to `all ports`",
            id="attribute as blocks, IPv6, every protocol",
        ),
        pytest.param(
            """
            resource "aws_security_group" "web" {
              dynamic "ingress" {
                for_each = { api = 6443, https = 443 }
                content {
                  protocol    = "tcp"
                  from_port   = ingress.value
                  to_port     = ingress.value
                  cidr_blocks = ["0.0.0.0/0"]
                }
              }
            }
            """,
            "aws_security_group.web",
            'cidr_blocks = ["0.0.0.0/0"]',
            "to `6443/tcp` (Kubernetes API)",
            id="dynamic block, one element of the map",
        ),
        pytest.param(
            one(WORLD, 9000, 9200),
            "aws_security_group_rule.x",
            WORLD,
            "to `9000-9200/tcp` (Cassandra, OpenSearch and others)",
            id="a range that covers sensitive ports",
        ),
        pytest.param(
            one(WORLD, 0, 65535), "aws_security_group_rule.x", WORLD, "to `all TCP ports`", id="0-65535"
        ),
        pytest.param(
            one('cidr_blocks = ["128.0.0.0/1", "0.0.0.0/1"]', 3389),
            "aws_security_group_rule.x",
            'cidr_blocks = ["128.0.0.0/1", "0.0.0.0/1"]',
            "(RDP) on `aws_security_group_rule.x`: with the other half of the addresses, the whole internet may",
            id="two halves",
        ),
        pytest.param(
            one(WORLD, 11211, protocol="17"),
            "aws_security_group_rule.x",
            WORLD,
            "`11211/udp` (Memcached)",
            id="UDP",
        ),
        pytest.param(
            one('cidr_blocks = concat(var.extra, [\n"0.0.0.0/0"\n])', 5432)
            + 'variable "extra" { type = list(string) }',
            "aws_security_group_rule.x",
            '"0.0.0.0/0"',
            "(PostgreSQL)",
            id="one bad element of a list that is otherwise unknown",
        ),
        pytest.param(
            """
            variable "nodes" { default = ["0.0.0.0/0"] }
            resource "aws_vpc_security_group_ingress_rule" "kubelet" {
              for_each          = toset(var.nodes)
              security_group_id = aws_security_group.node.id
              cidr_ipv4         = each.value
              ip_protocol       = "tcp"
              from_port         = 10250
              to_port           = 10250
            }
            resource "aws_security_group" "node" {}
            """,
            'aws_vpc_security_group_ingress_rule.kubelet["0.0.0.0/0"]',
            'variable "nodes" { default = ["0.0.0.0/0"] }',
            "to `10250/tcp` (kubelet) on `aws_security_group.node`",
            id="separate rule per element, from a variable",
        ),
        *[
            pytest.param(
                f"""
                module "eks" {{
                  source  = "terraform-aws-modules/eks/aws"
                  version = "{version}"
                  {argument} = {{
                    ssh = {{
                      type        = "ingress"
                      protocol    = "tcp"
                      from_port   = 22
                      to_port     = 22
                      cidr_blocks = ["0.0.0.0/0"]
                    }}
                  }}
                }}
                """,
                "module.eks",
                'cidr_blocks = ["0.0.0.0/0"]',
                "(SSH) on `module.eks`",
                id=f"module eks {version}, {argument}",
            )
            for version, argument in [
                ("~> 18.31", "cluster_security_group_additional_rules"),
                ("~> 20.37", "node_security_group_additional_rules"),
                ("~> 21.0", "security_group_additional_rules"),
            ]
        ],
        pytest.param(
            """
            module "eks" {
              source  = "terraform-aws-modules/eks/aws"
              version = "~> 21.0"
              eks_managed_node_groups = {
                web = {
                  security_group_ingress_rules = {
                    ssh = {
                      from_port = 22
                      to_port   = 22
                      cidr_ipv4 = "0.0.0.0/0"
                    }
                  }
                }
              }
            }
            """,
            "module.eks",
            'cidr_ipv4 = "0.0.0.0/0"',
            "to `22/tcp` (SSH)",
            id="module eks 21, rule of a node group with the module's default protocol",
        ),
        pytest.param(
            """
            module "database" {
              source = "terraform-aws-modules/security-group/aws"
              ingress_with_cidr_blocks = [
                {
                  rule        = "postgresql-tcp"
                  cidr_blocks = "10.0.0.0/8,0.0.0.0/0"
                },
              ]
            }
            """,
            "module.database",
            'cidr_blocks = "10.0.0.0/8,0.0.0.0/0"',
            "from `0.0.0.0/0` to `5432/tcp` (PostgreSQL) on `module.database`",
            id="security-group module, comma-separated text and a named rule",
        ),
        pytest.param(
            """
            module "bastion" {
              source              = "terraform-aws-modules/security-group/aws"
              ingress_cidr_blocks = ["0.0.0.0/0"]
              ingress_rules       = ["https-443-tcp", "ssh-tcp"]
            }
            """,
            "module.bastion",
            'ingress_cidr_blocks = ["0.0.0.0/0"]',
            "to `22/tcp` (SSH)",
            id="security-group module, rules by name",
        ),
        pytest.param(
            """
            module "bastion" {
              source              = "terraform-aws-modules/security-group/aws//modules/ssh"
              ingress_cidr_blocks = ["0.0.0.0/0"]
            }
            """,
            "module.bastion",
            'ingress_cidr_blocks = ["0.0.0.0/0"]',
            "to `22/tcp` (SSH)",
            id="security-group submodule for one service",
        ),
    ],
)
def test_found(code: str, address: str, text: str, message: str) -> None:
    [found] = problems(SENSITIVE, code)
    assert (found.address, found.text) == (address, text)
    assert message in found.message


def test_found_in_json() -> None:
    code = """
    {"resource": {"aws_security_group": {"web": {
      "ingress": [
        {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}
      ]
    }}}}
    """
    [found] = problems(SENSITIVE, {"main.tf.json": code})
    assert found.address == "aws_security_group.web"
    assert found.text.startswith('{"protocol": "tcp"')


def test_stands_on_the_line_that_supplies_the_value() -> None:
    files = {
        "live/main.tf": """
            module "bastion" {
              source = "../modules/bastion"
              admins = var.admins
            }
            variable "admins" {}
        """,
        "live/terraform.tfvars": 'admins = ["0.0.0.0/0"]',
        "modules/bastion/main.tf": dedent(one("cidr_blocks = var.admins", 22)) + 'variable "admins" {}',
    }
    [found] = problems(SENSITIVE, files, root="live")
    assert (found.address, found.path, found.line) == (
        "module.bastion.aws_security_group_rule.x",
        "live/terraform.tfvars",
        1,
    )


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(rule(WORLD, kind="egress"), id="egress rule"),
        pytest.param(
            'resource "aws_security_group" "x" {\negress {\nprotocol = "-1"\nfrom_port = 0\nto_port = 0\n'
            + WORLD
            + "\n}\n}",
            id="egress block",
        ),
        pytest.param(rule('prefix_list_ids = ["pl-1"]'), id="prefix list"),
        pytest.param(rule("self = true"), id="self"),
        pytest.param(rule('source_security_group_id = "sg-1"'), id="security group as the source"),
        pytest.param(one(WORLD, -1, protocol="icmp"), id="icmp"),
        pytest.param(one(WORLD, 8, 0, protocol="1"), id="icmp by number"),
        pytest.param(one(WORLD, 443), id="a port that is not sensitive"),
        pytest.param(one(WORLD, 22, protocol="udp"), id="SSH does not speak UDP"),
        pytest.param(rule('cidr_blocks = ["10.0.0.0/8"]'), id="a private network"),
        pytest.param(
            rule("cidr_blocks = [var.office]")
            + """
            variable "office" {
              default = "198.51.100.0/24"
              validation {
                condition     = var.office != "0.0.0.0/0"
                error_message = "not the world"
              }
            }
            """,
            id="a variable with a validation: only its value counts",
        ),
        pytest.param(
            one("cidr_blocks = var.lbs", 443) + 'variable "lbs" {}', id="unknown source, harmless port"
        ),
        pytest.param(
            rule('cidr_blocks = ["10.0.0.0/8"]', "protocol = var.p") + 'variable "p" {}',
            id="unknown port, safe source",
        ),
        pytest.param(
            rule('cidr_blocks = var.x ? ["10.0.0.0/8"] : ["10.1.0.0/16"]') + 'variable "x" {}',
            id="both branches are safe",
        ),
    ],
)
def test_not_found(code: str) -> None:
    assert [each.state for each in outcomes(SENSITIVE, code)] == [State.PASS]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (rule("cidr_blocks = var.admins") + 'variable "admins" {}', "`var.admins` has no value in the code"),
        (rule(WORLD, "protocol = var.p") + 'variable "p" {}', "`var.p` has no value in the code"),
        (
            """
            resource "aws_security_group" "x" {
              dynamic "ingress" {
                for_each = var.rules
                content {}
              }
            }
            variable "rules" {}
            """,
            "`var.rules` has no value in the code",
        ),
        (
            """
            module "x" {
              source              = "terraform-aws-modules/security-group/aws"
              ingress_rules       = ["squid-proxy-tcp"]
              ingress_cidr_blocks = ["0.0.0.0/0"]
            }
            """,
            "the ports of the module's rule `squid-proxy-tcp` are not known",
        ),
        (
            rule('cidr_blocks = var.x ? ["0.0.0.0/0"] : ["10.0.0.0/8"]') + 'variable "x" {}',
            "`var.x` has no value in the code",
        ),
    ],
)
def test_unknown_is_not_evaluated(code: str, reason: str) -> None:
    assert [each.state for each in outcomes(SENSITIVE, code)] == [State.NOT_EVALUATED]
    assert reasons(SENSITIVE, code) == [reason]


def test_both_branches_open_to_the_world() -> None:
    code = rule('cidr_blocks = var.x ? ["0.0.0.0/0"] : ["0.0.0.0/0", "10.0.0.0/8"]') + 'variable "x" {}'
    assert [each.text for each in problems(SENSITIVE, code)] == [
        'cidr_blocks = var.x ? ["0.0.0.0/0"] : ["0.0.0.0/0", "10.0.0.0/8"]'
    ]


def test_none_of_zero_instances() -> None:
    assert states(SENSITIVE, rule(f"count = 0\n{WORLD}")) == {}
    assert states(SENSITIVE, rule(f"for_each = {{}}\n{WORLD}")) == {}


def test_ports_of_the_user() -> None:
    assert problems(SENSITIVE, one(WORLD, 8200)) == []
    [found] = problems(SENSITIVE, one(WORLD, 8200), extra_sensitive_ports=(8200,))
    assert "to `8200/tcp` (port 8200)" in found.message


def test_hostile_group_name_is_escaped() -> None:
    [found] = problems(SENSITIVE, rule(f'security_group_id = "`@everyone`"\n{WORLD}'))
    assert "on `` `@everyone` ``" in found.message


OFFICE: dict[str, Any] = {"allowed_cidrs": ("203.0.113.0/24", "2001:db8::/32")}


@pytest.mark.parametrize(
    "source",
    ["203.0.113.7/32", "203.0.113.0/24", "10.0.0.0/8", "100.64.3.0/24", "fd00::/8", "2001:db8:1::/48"],
)
def test_allowed_networks_and_private_ones_may_reach_a_sensitive_port(source: str) -> None:
    family = "ipv6_cidr_blocks" if ":" in source else "cidr_blocks"
    assert problems(SENSITIVE, one(f'{family} = ["{source}"]', 22), **OFFICE) == []


@pytest.mark.parametrize("source", ["198.51.100.0/24", "203.0.112.0/23", "2001:db9::/48"])
def test_a_public_network_that_is_not_allowed_is_found(source: str) -> None:
    family = "ipv6_cidr_blocks" if ":" in source else "cidr_blocks"
    code = one(f'{family} = ["{source}"]', 22)
    assert problems(SENSITIVE, code) == []
    assert [each.message for each in problems(SENSITIVE, code, **OFFICE)] == [
        (
            f"Ingress from `{source}` to `22/tcp` (SSH) on `aws_security_group_rule.x`: a public network that "
            "`allowed-cidrs` of the configuration does not list."
        )
    ]


def test_what_is_allowed_says_nothing_about_other_ports_and_the_world_stays_the_world() -> None:
    assert problems(SENSITIVE, one('cidr_blocks = ["198.51.100.0/24"]', 443), **OFFICE) == []
    found = problems(SENSITIVE, one(WORLD, 22), **OFFICE)
    assert found[0].message.endswith("the whole internet may connect.")
    assert problems(SENSITIVE, one(WORLD, 22), allowed_cidrs=("0.0.0.0/0",)) == []
