"""Issue 2.1, overly permissive security groups: rules and network ACLs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import Scope, Surface, check
from reviewer.checks.problem import Problem
from reviewer.checks.wording import NOT_ALLOWED, listed
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.value import UndecidedError
from reviewer.views.fact import is_true
from reviewer.views.module_source import module_source
from reviewer.views.network.attachment import attachments
from reviewer.views.network.network_acl import AclEntry, entries_of
from reviewer.views.network.networks import is_world, private_supernet
from reviewer.views.network.security_group import RuleOrGroup, SecurityGroup
from reviewer.views.network.security_rule import Ports, SecurityRule, services, world_exposure
from reviewer.views.network.vpc import Vpc, refers_to
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context


MAX_SERVICES = 3
WEB_PORTS = frozenset({80, 443})
ADMIN_PORTS = (22, 3389)
FIRST_EPHEMERAL = 1024
"""Ports from here on are those that answers come back to; network ACLs must let them in."""
MAX_NARROW = 10
LAST_PORT = 65_535
MANAGED_SINCE, NEWEST_VPC_MODULE = 4, 99
"""The major version of the VPC module that first empties the default group by itself; any newer one does."""


@check(
    "EKS-SEC-101",
    severity=Severity.CRITICAL,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=SecurityRule,
    resources=(
        "aws_security_group",
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
        "module:security-group",
        "module:eks",
    ),
    peers=("CKV_AWS_24", "CKV_AWS_25", "CKV_AWS_277", "AWS-0107", "KICS unrestricted_security_group_ingress"),
)
def world_ingress_sensitive_port(rule: SecurityRule, context: Context) -> Iterator[Problem]:
    """A sensitive port is open to the whole internet.

    Addresses of AWS are scanned around the clock: SSH, the kubelet, a database or a node port that answers
    everybody is tried with stolen passwords and fresh exploits within minutes. On a node, one hit reaches
    every pod that runs there.

    Fix: Name who needs the port: the VPC's CIDR, a managed prefix list of your networks, or a security group
    as the source. Where it is SSH, use SSM Session Manager and drop the rule.

    Bad:

    ```hcl
    resource "aws_vpc_security_group_ingress_rule" "ssh" {
      security_group_id = aws_security_group.node.id
      cidr_ipv4         = "0.0.0.0/0" # fails
      ip_protocol       = "tcp"
      from_port         = 22
      to_port           = 22
    }

    resource "aws_security_group" "database" {
      name = "database"

      ingress {
        protocol    = "tcp"
        from_port   = 5432
        to_port     = 5432
        cidr_blocks = ["10.0.0.0/16", "0.0.0.0/0"] # fails
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_vpc_security_group_ingress_rule" "ssh" {
      security_group_id = aws_security_group.node.id
      prefix_list_id    = aws_ec2_managed_prefix_list.corporate.id
      ip_protocol       = "tcp"
      from_port         = 22
      to_port           = 22
    }
    ```

    References:
    - [EKS user guide: security group requirements](https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html)
    - [EKS best practices: network security](https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html)
    """
    extra = context.config.extra_sensitive_ports
    allowed = context.config.allowed_cidrs
    exposure = world_exposure(rule, lambda ports: bool(services(ports, extra)), allowed)
    if exposure is None:
        return
    ports, cidr = exposure
    who = "the whole internet may connect" if is_world(cidr.data) else NOT_ALLOWED
    if str(cidr.data).endswith("/1"):
        who = f"with the other half of the addresses, {who}"
    yield Problem(
        message=(
            f"Ingress from {code(cidr.data)} to {code(ports)} ({_named(ports, services(ports, extra))}) "
            f"on {code(rule.group)}: {who}."
        ),
        at=cidr.supplier or rule.at,
        attribute=rule.attribute or "cidr",
        evidence=f"{ports} {cidr.data}",
        related=cidr.origins,
    )


def _named(ports: Ports, names: tuple[str, ...]) -> str:
    """Return what listens on the open ports, in a few words."""
    if ports.is_all:
        return "SSH, the kubelet, databases and everything else"
    shown = names if len(names) <= MAX_SERVICES else (*names[: MAX_SERVICES - 1], "others")
    return listed(shown)


@check(
    "EKS-SEC-102",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=SecurityRule,
    resources=(
        "aws_security_group",
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
        "module:security-group",
        "module:eks",
    ),
    peers=("CKV_AWS_260", "KICS sensitive_port_is_exposed_to_*"),
)
def world_ingress_other_port(rule: SecurityRule, context: Context) -> Iterator[Problem]:
    """A port is open to the whole internet behind the front door.

    Only a public load balancer, or one behind CloudFront, should answer everybody. A port of the cluster, a
    node, a database or an internal load balancer that is open to the world bypasses its TLS, its firewall and
    its logs.

    Fix: Name the clients: the load balancer's security group, the VPC's CIDR or a managed prefix list.

    Bad:

    ```hcl
    resource "aws_security_group_rule" "api" {
      type              = "ingress"
      security_group_id = aws_eks_cluster.main.vpc_config[0].cluster_security_group_id
      cidr_blocks       = ["0.0.0.0/0"] # fails
      protocol          = "tcp"
      from_port         = 443
      to_port           = 443
    }
    ```

    Good:

    ```hcl
    resource "aws_security_group_rule" "app" {
      type                     = "ingress"
      security_group_id        = aws_security_group.node.id
      source_security_group_id = aws_security_group.alb.id
      protocol                 = "tcp"
      from_port                = 8080
      to_port                  = 8080
    }
    ```

    References:
    - [EKS best practices: network security](https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html)
    - [EKS user guide: security group requirements](https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html)
    """
    extra = context.config.extra_sensitive_ports
    exposure = world_exposure(rule, lambda ports: not services(ports, extra))
    if exposure is None:
        return
    attached = attachments(rule, context)
    if any(each.is_public for each in attached):
        return
    ports, cidr = exposure
    certain = [each for each in attached if each.is_public is not None]
    if not certain and ports.first == ports.last and ports.first in WEB_PORTS:
        return
    if attached and not certain:
        raise UndecidedError(f"whether {attached[0].what} faces the internet is not known from the code")
    where = f", which is attached to {certain[0].what}" if certain else ""
    yield Problem(
        message=f"Ingress from {code(cidr.data)} to {code(ports)} on {code(rule.group)}{where}.",
        at=cidr.supplier or rule.at,
        attribute=rule.attribute or "cidr",
        evidence=f"{ports} {cidr.data}",
        related=cidr.origins,
    )


@check(
    "EKS-SEC-103",
    severity=Severity.LOW,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=RuleOrGroup,
    resources=(
        "aws_security_group",
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
        "module:security-group",
        "module:eks",
        "aws_vpc_security_group_egress_rule",
    ),
    peers=("CKV_AWS_23", "CKV_AWS_382", "AWS-0104", "AWS-0099", "AWS-0124"),
    surface=Surface.SUMMARY,
    default_on=False,
)
def security_group_hygiene(part: RuleOrGroup, context: Context) -> Iterator[Problem]:
    """A security group or rule is wider than needed or undocumented.

    Nobody dares to remove a rule of which nobody knows the reason. Egress to everywhere lets stolen data
    out, and a whole private address range as the source trusts every network that is ever connected.

    Fix: Say in `description` who needs the rule, and narrow egress to prefix lists and VPC endpoints. Note
    that an `aws_security_group` without any egress block has no egress at all.

    Bad:

    ```hcl
    resource "aws_security_group" "node" {
      description = "Nodes of the platform"

      egress {
        description = "Everything"
        protocol    = "-1"
        from_port   = 0
        to_port     = 0
        cidr_blocks = ["0.0.0.0/0"] # fails
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_security_group" "node" {
      description = "Nodes of the platform"

      egress {
        description     = "S3 through the gateway endpoint"
        protocol        = "tcp"
        from_port       = 443
        to_port         = 443
        prefix_list_ids = [aws_vpc_endpoint.s3.prefix_list_id]
      }
    }
    ```

    References:
    - [AWS provider: aws_security_group](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group)
    - [VPC user guide: security group rules](https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html)
    """
    del context
    rule = part.rule
    if rule is None:
        if part.instance.body.attr("description").test(
            lambda text: text in {None, "", "Managed by Terraform"}
        ):
            yield Problem(f"{code(part.address)} has no description.", part.header, "description")
        return
    attribute = rule.attribute or "rule"
    if rule.description.test(lambda text: text in {None, ""}):
        yield Problem(
            f"A rule of {code(rule.group)} has no description.", rule.at, f"{attribute}.description"
        )
    ports = rule.ports()
    if ports is None or not ports.is_all:
        return
    wide = private_supernet(rule.cidrs) if rule.is_ingress else rule.open_cidr()
    if wide is not None and (rule.is_ingress or ports.protocol == "all"):
        way = "Ingress from" if rule.is_ingress else "Egress to"
        yield Problem(
            message=f"{way} {code(wide.data)} on {code(ports)} of {code(rule.group)}.",
            at=wide.supplier or rule.at,
            attribute=attribute,
            evidence=str(wide.data),
            related=wide.origins,
        )


@check(
    "EKS-SEC-104",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=SecurityGroup,
    resources=(
        "aws_security_group",
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_vpc_security_group_egress_rule",
    ),
    peers=("tflint aws_security_group_inline_rules (style only)",),
)
def mixed_inline_and_separate_rules(group: SecurityGroup, context: Context) -> Iterator[Problem]:
    """Inline and separate rules of one security group overwrite each other.

    Inline blocks claim all rules of a group: each apply removes the separate ones and the next apply adds
    them again. Nodes lose the control plane, or a rule that was removed on purpose comes back.

    Fix: Move all rules of the group to `aws_vpc_security_group_ingress_rule` and
    `aws_vpc_security_group_egress_rule`, with `import` blocks for those that exist.

    Bad:

    ```hcl
    resource "aws_security_group" "node" {
      name = "node"

      ingress {
        from_port = 443
        to_port   = 443
        protocol  = "tcp"
        self      = true
      }
    }

    resource "aws_vpc_security_group_ingress_rule" "kubelet" { # fails
      security_group_id            = aws_security_group.node.id
      referenced_security_group_id = aws_security_group.node.id
      ip_protocol                  = "tcp"
      from_port                    = 10250
      to_port                      = 10250
    }
    ```

    Good:

    ```hcl
    resource "aws_security_group" "node" {
      name = "node"
    }

    resource "aws_vpc_security_group_ingress_rule" "kubelet" {
      security_group_id            = aws_security_group.node.id
      referenced_security_group_id = aws_security_group.node.id
      ip_protocol                  = "tcp"
      from_port                    = 10250
      to_port                      = 10250
    }
    ```

    References:
    - [AWS provider: aws_security_group, note on rule resources](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group)
    """
    del context
    if not group.separate:
        return
    inline = group.inline()
    if inline is None and len(group.families()) == 1:
        return
    first = group.separate[0]
    others = tuple(each.range for each in group.separate[1:])
    what = "Inline and separate rules" if inline is not None else "Rules of two kinds of resources"
    yield Problem(
        message=(
            f"{what} for {code(group.address)} overwrite each other: every apply may drop or add rules again."
        ),
        at=first.range,
        attribute="ingress",
        related=(*others, *((inline,) if inline is not None else ())),
    )


@check(
    "EKS-SEC-105",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.MODULE,
    on=Vpc,
    resources=("aws_vpc", "aws_default_security_group", "module:vpc"),
    peers=("CKV2_AWS_12", "AWS-0173", "KICS vpc_default_security_group_accepts_all_traffic"),
    surface=Surface.SUMMARY,
)
def default_security_group_open(vpc: Vpc, context: Context) -> Iterator[Problem]:
    """The default security group of a VPC lets its members talk to each other freely.

    Whatever is made without naming a security group lands in the default one, and there everything reaches
    everything, out to the internet. Nobody notices until a forgotten instance is the way in.

    Fix: Add an `aws_default_security_group` without any rule. It strips the rules in use, so move members
    to groups of their own first.

    Bad:

    ```hcl
    resource "aws_vpc" "main" { # fails
      cidr_block = "10.0.0.0/16"
    }
    ```

    Good:

    ```hcl
    resource "aws_vpc" "main" {
      cidr_block = "10.0.0.0/16"
    }

    resource "aws_default_security_group" "main" {
      vpc_id = aws_vpc.main.id
    }
    ```

    References:
    - [VPC user guide: default security groups](https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html)
    """
    message = (
        f"The default security group of {code(vpc.address)} still allows all traffic between its members."
    )
    if vpc.is_module:
        at = _open_default_group(vpc)
        if at is not None:
            yield Problem(message, at, "manage_default_security_group")
        return
    groups = [
        each for module in context.root.walk() for each in module.resources_of("aws_default_security_group")
    ]
    own = [each for each in groups if refers_to(each.body.attr("vpc_id"), vpc.instance)]
    if not own:
        for each in groups:
            each.body.attr("vpc_id").require()
        yield Problem(message, vpc.header, "default_security_group")
    for group in own:
        for direction in ("ingress", "egress"):
            rule = group.body.blocks(direction).first()
            if rule is not None:
                yield Problem(message, rule.range or group.range, f"default_security_group.{direction}")


def _open_default_group(vpc: Vpc) -> Range | None:
    """Return where the VPC module is told to leave the default group open, its header for an old default."""
    body, source = vpc.instance.body, module_source(vpc.instance)
    managed = body.attr("manage_default_security_group")
    if managed.is_null:
        if source is None or not source.constraint:
            raise UndecidedError("the VPC module is not pinned, and its default changed with version 4")
        if not any(major >= MANAGED_SINCE for major in source.majors(1, NEWEST_VPC_MODULE)):
            return vpc.header
    elif not managed.test(is_true):
        return managed.supplier or vpc.header
    for argument in ("default_security_group_ingress", "default_security_group_egress"):
        rules = body.attr(argument)
        if rules.elements():
            return rules.supplier or vpc.header
    return None


@check(
    "EKS-SEC-106",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=AclEntry,
    resources=("aws_network_acl", "aws_network_acl_rule", "aws_default_network_acl", "module:vpc"),
    peers=("CKV_AWS_231", "CKV_AWS_232", "CKV_AWS_352", "AWS-0105", "AWS-0102"),
)
def nacl_no_deny_for_admin_ports(entry: AclEntry, context: Context) -> Iterator[Problem]:
    """A network ACL lets SSH or RDP in from anywhere.

    Security groups cannot deny. A network ACL is the one place where a rule holds for everything in a
    subnet, whatever a single group allows by mistake; one that lets everybody reach port 22 or 3389 gives
    that away. Remote Desktop lies in the range that answers come back to: public subnets need a deny of 3389
    before it.

    Fix: Put a deny for ports 22 and 3389 with a lower rule number before it, or narrow the allow to the
    networks that need it.

    Bad:

    ```hcl
    resource "aws_network_acl_rule" "all" {
      network_acl_id = aws_network_acl.public.id
      rule_number    = 100
      protocol       = "-1"
      rule_action    = "allow"
      cidr_block     = "0.0.0.0/0" # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_network_acl_rule" "ssh" {
      network_acl_id = aws_network_acl.public.id
      rule_number    = 90
      protocol       = "tcp"
      rule_action    = "deny"
      cidr_block     = "0.0.0.0/0"
      from_port      = 22
      to_port        = 22
    }
    ```

    References:
    - [VPC user guide: network ACLs](https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html)
    """
    if not entry.is_allow:
        return
    world = entry.world()
    ports = entry.ports()
    if world is None:
        return
    is_for_answers = ports.start >= FIRST_EPHEMERAL and len(ports) > MAX_NARROW
    if is_for_answers and not entry.is_of_public_subnets(context):
        return
    if entry.instance.type == "aws_default_network_acl" and len(ports) > LAST_PORT:
        raise NotApplicableError("the same as the default of every VPC")
    earlier = [each for each in entries_of(entry.acl, context) if each is not entry]
    for port in ADMIN_PORTS:
        if port in ports and not any(_denies(each, port, world, entry) for each in earlier):
            yield Problem(
                message=(
                    f"Network ACL {code(entry.acl)} lets port {code(port)} in from anywhere before any deny."
                ),
                at=world.supplier or entry.body.range or entry.header,
                attribute="ingress",
                evidence=f"{entry.number.data} {port}" if not entry.number.is_unknown else str(port),
                related=world.origins,
            )
            return


def _denies(other: AclEntry, port: int, world: Value, entry: AclEntry) -> bool:
    """Tell whether another entry keeps a port from the internet before ``entry`` lets it in."""
    if other.is_allow or port not in other.ports() or not other.precedes(entry):
        return False
    denied = other.world()
    return denied is not None and (":" in str(denied.data)) == (":" in str(world.data))
