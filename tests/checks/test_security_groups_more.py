"""EKS-SEC-102 to EKS-SEC-106: other open ports, hygiene, mixed rules, default groups and network ACLs."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import outcomes, problems, reasons, states

OTHER = "EKS-SEC-102"
HYGIENE = "EKS-SEC-103"
MIXED = "EKS-SEC-104"
DEFAULT = "EKS-SEC-105"
NACL = "EKS-SEC-106"

WEB = """
resource "aws_security_group" "web" {
  ingress {
    protocol    = "tcp"
    from_port   = %d
    to_port     = %d
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""


def web(port: int, rest: str = "", last: int | None = None) -> str:
    return WEB % (port, port if last is None else last) + rest


def attached(kind: str, rest: str = "") -> str:
    argument = "security_groups" if kind in {"aws_lb", "aws_alb"} else "vpc_security_group_ids"
    return f'resource "{kind}" "x" {{\n{argument} = [aws_security_group.web.id]\n{rest}\n}}\n'


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (web(8080), "Ingress from `0.0.0.0/0` to `8080/tcp` on `aws_security_group.web`."),
        (web(8000, last=8010), "to `8000-8010/tcp` on"),
        (web(443, attached("aws_db_instance")), "which is attached to `aws_db_instance.x`."),
        (
            web(80, attached("aws_lb", "internal = true")),
            "which is attached to the internal load balancer `aws_lb.x`.",
        ),
        (
            web(
                443,
                'resource "aws_eks_cluster" "c" {\nvpc_config {\n'
                "security_group_ids = [aws_security_group.web.id]\n}\n}",
            ),
            "which is attached to `aws_eks_cluster.c`.",
        ),
    ],
)
def test_other_port(code: str, message: str) -> None:
    [found] = problems(OTHER, code)
    assert (found.address, found.text) == ("aws_security_group.web", 'cidr_blocks = ["0.0.0.0/0"]')
    assert message in found.message


@pytest.mark.parametrize(
    "argument",
    ["node_security_group_additional_rules", "cluster_security_group_additional_rules"],
)
def test_web_port_of_the_groups_that_the_module_makes(argument: str) -> None:
    code = f"""
    module "eks" {{
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 20.0"
      {argument} = {{
        web = {{
          type        = "ingress"
          protocol    = "udp"
          from_port   = 443
          to_port     = 443
          cidr_blocks = ["0.0.0.0/0"]
        }}
      }}
    }}
    """
    [found] = problems(OTHER, code)
    what = "the nodes" if argument.startswith("node") else "the cluster"
    assert (
        found.message
        == f"Ingress from `0.0.0.0/0` to `443/udp` on `module.eks`, which is attached to {what}."
    )


INTERNAL = attached("aws_lb", "internal = true")
WEB_GROUP = 'resource "aws_security_group" "web" {\n%s\n}\n'
WEB_RULE = """
resource "aws_vpc_security_group_ingress_rule" "web" {
  security_group_id = aws_security_group.web.id
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 8080
  to_port           = 8080
}
"""


def cloudfront(origin: str) -> str:
    return f'resource "aws_cloudfront_distribution" "c" {{\norigin {{\ndomain_name = {origin}\n}}\n}}\n'


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(web(443, INTERNAL + cloudfront("aws_lb.x.dns_name")), id="origin by its name"),
        pytest.param(
            web(
                443,
                INTERNAL + 'resource "aws_cloudfront_vpc_origin" "v" {\n'
                "vpc_origin_endpoint_config {\narn = aws_lb.x.arn\n}\n}\n",
            ),
            id="VPC origin",
        ),
        pytest.param(
            web(
                443,
                INTERNAL + 'module "cdn" {\nsource = "terraform-aws-modules/cloudfront/aws"\n'
                "origin = {\nalb = {\ndomain_name = aws_lb.x.dns_name\n}\n}\n}\n",
            ),
            id="origin of the module",
        ),
        pytest.param(
            web(
                443,
                INTERNAL + 'module "cdn" {\nsource = "terraform-aws-modules/cloudfront/aws"\n'
                "vpc_origin = {\nalb = {\narn = aws_lb.x.arn\n}\n}\n}\n",
            ),
            id="VPC origin of the module",
        ),
    ],
)
def test_a_load_balancer_behind_cloudfront_may_answer_everybody(code: str) -> None:
    assert states(OTHER, code)["aws_security_group.web"] is State.PASS
    another = code.replace("aws_lb.x.dns_name", "aws_lb.y.dns_name").replace("aws_lb.x.arn", "aws_lb.y.arn")
    assert [each.message for each in problems(OTHER, another)] == [
        (
            "Ingress from `0.0.0.0/0` to `443/tcp` on `aws_security_group.web`, which is attached to the "
            "internal load balancer `aws_lb.x`."
        )
    ]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(WEB_GROUP % 'tags = { "elbv2.k8s.aws/cluster" = "prod" }', id="tag of the group"),
        *[
            pytest.param(
                WEB_GROUP % "" + f'resource "{kind}" "x" {{\nmetadata {{\nname = "x"\nannotations = {{\n'
                f'"{annotation}" = {value}\n}}\n}}\n}}\n',
                id=f"{kind}: {value}",
            )
            for kind, annotation in [
                ("kubernetes_ingress_v1", "alb.ingress.kubernetes.io/security-groups"),
                ("kubernetes_service", "service.beta.kubernetes.io/aws-load-balancer-security-groups"),
            ]
            for value in ("aws_security_group.web.id", '"sg-1, ${aws_security_group.web.id}"')
        ],
    ],
)
def test_a_group_of_the_load_balancer_controller_may_answer_everybody(code: str) -> None:
    found = states(OTHER, code + WEB_RULE)
    assert found["aws_vpc_security_group_ingress_rule.web"] is State.PASS
    assert [each.address for each in problems(OTHER, WEB_GROUP % "" + WEB_RULE)] == [
        "aws_vpc_security_group_ingress_rule.web"
    ]


def test_another_port_of_a_load_balancer_that_may_be_public_is_not_evaluated() -> None:
    code = web(8080, attached("aws_lb", "internal = var.i") + 'variable "i" {}')
    assert reasons(OTHER, code) == [
        "whether the load balancer `aws_lb.x` faces the internet is not known from the code"
    ]
    database = attached("aws_db_instance").replace('"x"', '"y"')
    [found] = problems(OTHER, code + database)
    assert found.message.endswith("which is attached to `aws_db_instance.y`.")


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(web(443), id="unknown attachment"),
        pytest.param(web(443, attached("aws_lb")), id="internet-facing load balancer"),
        pytest.param(web(8443, attached("aws_alb", "internal = false")), id="its own port"),
        pytest.param(
            web(443, attached("aws_lb", "internal = var.i") + 'variable "i" {}'), id="perhaps internal"
        ),
        pytest.param(
            web(8080).replace("ingress {", 'tags = { "elbv2.k8s.aws/cluster" = "prod" }\ningress {'),
            id="used by the load balancer controller",
        ),
        pytest.param(web(22), id="a sensitive port is another check's"),
        pytest.param(web(8080).replace("ingress", "egress"), id="egress"),
    ],
)
def test_other_port_is_fine(code: str) -> None:
    assert states(OTHER, code)["aws_security_group.web"] is State.PASS
    assert problems(OTHER, code) == []


def test_other_port_of_a_public_function_url_is_quic_too() -> None:
    assert problems(OTHER, web(443).replace('"tcp"', '"udp"')) == []


@pytest.mark.parametrize(
    ("code", "messages"),
    [
        (
            'resource "aws_security_group" "x" {}',
            ["`aws_security_group.x` has no description."],
        ),
        (
            'resource "aws_security_group" "x" {\ndescription = "Managed by Terraform"\n}',
            ["`aws_security_group.x` has no description."],
        ),
        (
            """
            resource "aws_vpc_security_group_egress_rule" "x" {
              description       = "out"
              security_group_id = "sg-1"
              ip_protocol       = "-1"
              cidr_ipv4         = "0.0.0.0/0"
            }
            """,
            ["Egress to `0.0.0.0/0` on `all ports` of `sg-1`."],
        ),
        (
            """
            resource "aws_security_group_rule" "x" {
              type        = "ingress"
              protocol    = "tcp"
              from_port   = 0
              to_port     = 65535
              cidr_blocks = ["10.0.0.0/8"]
            }
            """,
            [
                "A rule of `aws_security_group_rule.x` has no description.",
                "Ingress from `10.0.0.0/8` on `all TCP ports` of `aws_security_group_rule.x`.",
            ],
        ),
    ],
)
def test_hygiene(code: str, messages: list[str]) -> None:
    assert [each.message for each in problems(HYGIENE, code)] == messages


def test_hygiene_knows_that_no_egress_block_means_no_egress() -> None:
    assert problems(HYGIENE, 'resource "aws_security_group" "x" {\ndescription = "Nodes"\n}') == []


SEPARATE = """
resource "{}" "rule" {{
  security_group_id = aws_security_group.x.id
  type              = "ingress"
}}
"""
OLD, NEW = SEPARATE.format("aws_security_group_rule"), SEPARATE.format("aws_vpc_security_group_ingress_rule")


@pytest.mark.parametrize(
    ("code", "text", "what"),
    [
        (
            'resource "aws_security_group" "x" {\ningress {}\n}' + NEW,
            "aws_vpc_security_group_ingress_rule",
            "Inline",
        ),
        ('resource "aws_security_group" "x" {\negress {}\n}' + OLD, "aws_security_group_rule", "Inline"),
        ('resource "aws_security_group" "x" {\ningress = []\n}' + OLD, "aws_security_group_rule", "Inline"),
        ('resource "aws_security_group" "x" {}' + OLD + NEW, "aws_security_group_rule", "Rules of two kinds"),
    ],
)
def test_mixed_rules(code: str, text: str, what: str) -> None:
    [found] = problems(MIXED, code)
    assert (found.address, found.text) == ("aws_security_group.x", f'resource "{text}" "rule" {{')
    assert found.message.startswith(what)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param('resource "aws_security_group" "x" {\ningress {}\n}', id="inline only"),
        pytest.param('resource "aws_security_group" "x" {}' + NEW, id="separate only"),
        pytest.param(
            'resource "aws_security_group" "x" {\ningress {}\n}'
            + NEW.replace("aws_security_group.x.id", "module.eks.node_security_group_id"),
            id="the separate rule is for the group of a module",
        ),
        pytest.param(
            'resource "aws_security_group" "x" {\ndynamic "ingress" {\nfor_each = []\ncontent {}\n}\n}' + NEW,
            id="a dynamic block of nothing",
        ),
    ],
)
def test_rules_of_one_kind(code: str) -> None:
    assert states(MIXED, code) == {"aws_security_group.x": State.PASS}


def test_unknown_inline_rules_are_not_evaluated() -> None:
    code = """
    resource "aws_security_group" "x" {
      dynamic "ingress" {
        for_each = var.rules
        content {}
      }
    }
    variable "rules" {}
    """
    assert reasons(MIXED, code + NEW) == ["the inline rules of `aws_security_group.x` are not known"]


VPC = 'resource "aws_vpc" "main" {\ncidr_block = "10.0.0.0/16"\n}\n'
GROUP = 'resource "aws_default_security_group" "x" {{\nvpc_id = aws_vpc.main.id\n{}\n}}\n'
MODULE = 'module "vpc" {{\nsource = "terraform-aws-modules/vpc/aws"\nversion = "{}"\n{}\n}}\n'


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (VPC, 'resource "aws_vpc" "main" {'),
        (VPC + GROUP.format("ingress {\nself = true\n}"), "ingress {"),
        (VPC + GROUP.format("egress {\nself = true\n}"), "egress {"),
        (MODULE.format("~> 3.19", ""), 'module "vpc" {'),
        (
            MODULE.format("~> 6.0", "manage_default_security_group = false"),
            "manage_default_security_group = false",
        ),
        (
            MODULE.format("~> 6.0", "default_security_group_ingress = [{ self = true }]"),
            "default_security_group_ingress = [{ self = true }]",
        ),
    ],
)
def test_default_security_group(code: str, text: str) -> None:
    assert [each.text for each in problems(DEFAULT, code)] == [text]


@pytest.mark.parametrize(
    "code",
    [
        VPC + GROUP.format(""),
        MODULE.format("~> 5.0", ""),
        MODULE.format("~> 3.0", "manage_default_security_group = true"),
    ],
)
def test_default_security_group_is_empty(code: str) -> None:
    assert [each.state for each in outcomes(DEFAULT, code)] == [State.PASS]


def test_default_security_group_of_a_vpc_made_elsewhere() -> None:
    assert outcomes(DEFAULT, 'data "aws_vpc" "default" {\ndefault = true\n}') == []


def test_default_security_group_of_an_unpinned_module_is_not_evaluated() -> None:
    code = 'module "vpc" {\nsource = "terraform-aws-modules/vpc/aws"\n}'
    assert [each.state for each in outcomes(DEFAULT, code)] == [State.NOT_EVALUATED]


def entry(number: int, action: str, ports: str, rest: str = 'cidr_block = "0.0.0.0/0"') -> str:
    return f"""
    resource "aws_network_acl_rule" "r{number}" {{
      network_acl_id = aws_network_acl.x.id
      rule_number    = {number}
      rule_action    = "{action}"
      {ports}
      {rest}
    }}
    """


ALL = 'protocol = "-1"'
SSH = 'protocol = "tcp"\nfrom_port = 22\nto_port = 22'
RDP = 'protocol = "tcp"\nfrom_port = 3389\nto_port = 3389'
RETURN = 'protocol = "tcp"\nfrom_port = 1024\nto_port = 65535'


@pytest.mark.parametrize(
    ("code", "port"),
    [
        (entry(100, "allow", ALL), 22),
        (entry(100, "allow", RDP), 3389),
        (entry(100, "allow", ALL) + entry(90, "deny", SSH), 3389),
        (entry(100, "allow", ALL) + entry(110, "deny", SSH) + entry(90, "deny", RDP), 22),
        (entry(100, "allow", ALL) + entry(90, "deny", SSH, 'cidr_block = "10.0.0.0/8"'), 22),
        (entry(100, "allow", SSH, 'ipv6_cidr_block = "::/0"') + entry(90, "deny", SSH), 22),
        (
            'resource "aws_network_acl" "x" {\ningress {\nrule_no = 100\naction = "allow"\n'
            + ALL
            + '\ncidr_block = "0.0.0.0/0"\n}\n}',
            22,
        ),
    ],
)
def test_network_acl(code: str, port: int) -> None:
    [found] = problems(NACL, code)
    assert (
        found.message
        == f"Network ACL `aws_network_acl.x` lets port `{port}` in from anywhere before any deny."
    )


def acl_of_vpc_module(tier: str, rules: str) -> str:
    return MODULE.format("~> 6.0", f"{tier}_dedicated_network_acl = true\n{tier}_inbound_acl_rules = {rules}")


@pytest.mark.parametrize("tier", ["public", "private", "intra", "database"])
def test_network_acl_of_the_vpc_module(tier: str) -> None:
    rule = '{ rule_number = 100, rule_action = "allow", from_port = 0, to_port = 0, protocol = "-1", cidr_block = "0.0.0.0/0" }'
    [found] = problems(NACL, acl_of_vpc_module(tier, f"[{rule}]"))
    assert (
        found.message == f"Network ACL `module.vpc.{tier}` lets port `22` in from anywhere before any deny."
    )


def test_network_acl_of_the_vpc_module_lets_answers_in() -> None:
    rule = (
        '{ rule_number = 100, rule_action = "allow", from_port = 1024, to_port = 65535, protocol = "tcp", '
        'cidr_block = "0.0.0.0/0" }'
    )
    assert problems(NACL, acl_of_vpc_module("private", f"[{rule}]")) == []
    [found] = problems(NACL, acl_of_vpc_module("public", f"[{rule}]"))
    assert "port `3389`" in found.message


def test_network_acl_of_the_vpc_module_with_unknown_rules_is_not_evaluated() -> None:
    code = acl_of_vpc_module("private", "var.rules") + 'variable "rules" {}'
    assert reasons(NACL, code) == ["`var.rules` has no value in the code"]


@pytest.mark.parametrize(
    "code",
    [
        entry(100, "allow", ALL) + entry(90, "deny", SSH) + entry(91, "deny", RDP),
        entry(100, "allow", RETURN),
        entry(100, "allow", ALL, 'cidr_block = "10.0.0.0/8"'),
        entry(100, "allow", 'protocol = "tcp"\nfrom_port = 443\nto_port = 443'),
        entry(100, "allow", ALL, 'egress = true\ncidr_block = "0.0.0.0/0"'),
    ],
)
def test_network_acl_is_fine(code: str) -> None:
    assert [each.state for each in outcomes(NACL, code) if each.state is not State.PASS] == []


PUBLIC = 'resource "aws_subnet" "s" {\nmap_public_ip_on_launch = true\n}\n'
ACL = 'resource "aws_network_acl" "x" {\nsubnet_ids = [aws_subnet.s.id]\n}\n'


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(PUBLIC + ACL, True, id="public subnets"),
        pytest.param(PUBLIC.replace("true", "false") + ACL, False, id="private subnets"),
        pytest.param(ACL.replace("aws_subnet.s.id", "var.s") + 'variable "s" {}\n', False, id="unknown ones"),
        pytest.param(PUBLIC + ACL + entry(90, "deny", RDP), False, id="a deny before it"),
    ],
)
def test_what_lets_answers_into_public_subnets_denies_remote_desktops_before(
    code: str, *, expected: bool
) -> None:
    found = [each.message for each in problems(NACL, code + entry(100, "allow", RETURN))]
    message = "Network ACL `aws_network_acl.x` lets port `3389` in from anywhere before any deny."
    assert found == ([message] if expected else [])


def test_network_acl_that_is_the_default_of_every_vpc() -> None:
    code = (
        'resource "aws_default_network_acl" "x" {\ningress {\nrule_no = 100\naction = "allow"\n'
        'protocol = "-1"\nfrom_port = 0\nto_port = 0\ncidr_block = "0.0.0.0/0"\n}\n}'
    )
    assert states(NACL, code) == {"aws_default_network_acl.x": State.NOT_APPLICABLE}
