"""Issue 7.1: compliance controls."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import problems, reasons, states
from tests.checks.suggested import with_fixes


def texts(check_id: str, code: str) -> list[str]:
    return [each.text for each in problems(check_id, code)]


# EKS-GOV-101


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            'resource "aws_eks_cluster" "main" {\n  name = "prod"\n}',
            "No `audit` and no `authenticator` log: API access to `prod` leaves no trail.",
        ),
        (
            'resource "aws_eks_cluster" "main" {\n  enabled_cluster_log_types = ["api", "audit"]\n}',
            "No `authenticator` log: API access to `aws_eks_cluster.main` leaves no trail.",
        ),
        (
            'module "eks" {\n  source = "cloudposse/eks-cluster/aws"\n  name = "prod"\n}',
            "No `audit` and no `authenticator` log: API access to `prod` leaves no trail.",
        ),
        (
            (
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 21.0"\n'
                '  name = "prod"\n  enabled_log_types = ["authenticator"]\n}'
            ),
            "No `audit` log: API access to `prod` leaves no trail.",
        ),
    ],
)
def test_audit_logs_are_off(code: str, message: str) -> None:
    assert [each.message for each in problems("EKS-GOV-101", code)] == [message]


def test_the_community_module_logs_what_matters_and_unknown_types_are_not_judged() -> None:
    module = 'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0"\n%s}\n'
    assert states("EKS-GOV-101", module % "") == {"module.eks": State.PASS}
    unknown = 'variable "types" {}\n' + module % "  cluster_enabled_log_types = var.types\n"
    assert states("EKS-GOV-101", unknown) == {"module.eks": State.NOT_EVALUATED}


# EKS-GOV-102

BALANCER = 'resource "aws_lb" "web" {\n  name = "web"\n%s}\n'
LISTENER = """
resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.web.arn
  %s
  default_action {
    %s
  }
}
"""
FORWARD = 'type = "forward"'
HTTP = 'protocol = "HTTP"'


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (BALANCER % "" + LISTENER % (HTTP, FORWARD), HTTP),
        (BALANCER % "" + LISTENER % ("port = 80", FORWARD), 'resource "aws_lb_listener" "http" {'),
        (BALANCER % "  internal = false\n" + LISTENER % (HTTP, FORWARD), HTTP),
        (
            BALANCER % ""
            + LISTENER % (HTTP, 'type = "redirect"\n    redirect {\n      port = "8080"\n    }'),
            HTTP,
        ),
        (
            BALANCER % ""
            + LISTENER
            % (HTTP, 'type = "fixed-response"\n    fixed_response {\n      status_code = "200"\n    }'),
            HTTP,
        ),
        (
            'resource "aws_elb" "old" {\n  listener {\n    lb_protocol = "http"\n    lb_port = 80\n  }\n}',
            'lb_protocol = "http"',
        ),
        (
            (
                'resource "kubernetes_ingress_v1" "web" {\n  metadata {\n    annotations = {\n'
                '      "kubernetes.io/ingress.class"      = "alb"\n'
                '      "alb.ingress.kubernetes.io/scheme" = "internet-facing"\n    }\n  }\n}'
            ),
            '"alb.ingress.kubernetes.io/scheme" = "internet-facing"',
        ),
        (
            (
                'resource "kubernetes_manifest" "web" {\n  manifest = {\n    kind = "Ingress"\n    spec = {\n'
                '      ingressClassName = "nginx"\n      rules = [{\n        host = "a.example.com"\n      }]\n'
                "    }\n  }\n}"
            ),
            'host = "a.example.com"',
        ),
    ],
)
def test_clear_text_is_served_to_the_internet(code: str, line: str) -> None:
    assert texts("EKS-GOV-102", code) == [line]


REDIRECT = 'type = "redirect"\n    redirect {\n      protocol = "HTTPS"\n    }'
ALB = """
resource "kubernetes_ingress_v1" "web" {
  metadata {
    annotations = {
      "alb.ingress.kubernetes.io/scheme" = "internet-facing"
      %s
    }
  }
  spec {
    ingress_class_name = "alb"
    %s
  }
}
"""


@pytest.mark.parametrize(
    "code",
    [
        BALANCER % "" + LISTENER % (HTTP, REDIRECT),
        BALANCER % "  internal = true\n" + LISTENER % (HTTP, FORWARD),
        BALANCER % "" + LISTENER % ('protocol = "HTTPS"', FORWARD),
        BALANCER % '  load_balancer_type = "network"\n' + LISTENER % ('protocol = "TCP"', FORWARD),
        BALANCER % ""
        + LISTENER
        % (HTTP, 'type = "fixed-response"\n    fixed_response {\n      status_code = "404"\n    }'),
        'resource "aws_elb" "old" {\n  internal = true\n  listener {\n    lb_protocol = "http"\n  }\n}',
        ALB % ('"alb.ingress.kubernetes.io/certificate-arn" = "arn:x"', ""),
        ALB % ('"alb.ingress.kubernetes.io/ssl-redirect" = "443"', ""),
        ALB % ('"alb.ingress.kubernetes.io/listen-ports" = "[{\\"HTTPS\\": 443}]"', ""),
        ALB % ("", 'tls {\n      hosts = ["a.example.com"]\n    }'),
        ALB.replace("internet-facing", "internal") % ("", ""),
    ],
)
def test_redirects_certificates_and_internal_balancers_are_fine(code: str) -> None:
    assert set(states("EKS-GOV-102", code).values()) == {State.PASS}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {
                "main.tf": 'variable "lb" {}\n'
                + (LISTENER % (HTTP, FORWARD)).replace("aws_lb.web.arn", "var.lb")
            },
            "the load balancer of `aws_lb_listener.http` is not in the code",
        ),
        (
            {"main.tf": ALB % ('"alb.ingress.kubernetes.io/group.name" = "shared"', "")},
            "other members of the group of `kubernetes_ingress_v1.web` may bring a certificate",
        ),
        (
            {
                "main.tf": 'resource "kubernetes_ingress_v1" "web" {\n  spec {\n'
                '    ingress_class_name = "nginx"\n    rule {\n      host = "a.example.com"\n    }\n  }\n}',
                "values/nginx.yaml": "controller:\n  service:\n    annotations:\n"
                "      service.beta.kubernetes.io/aws-load-balancer-ssl-cert: arn:x\n",
            },
            "`values/nginx.yaml` may end TLS at the load balancer, or keep it internal",
        ),
    ],
)
def test_where_tls_may_end_elsewhere_nothing_is_said(files: dict[str, str], reason: str) -> None:
    assert reasons("EKS-GOV-102", files) == [reason]


def test_a_rule_may_forward_what_its_listener_redirects() -> None:
    rule = (
        'resource "aws_lb_listener_rule" "api" {\n  listener_arn = aws_lb_listener.http.arn\n'
        '  action {\n    type = "forward"\n  }\n}\n'
    )
    code = BALANCER % "" + LISTENER % (HTTP, REDIRECT) + rule
    found = problems("EKS-GOV-102", code)
    assert [(each.address, each.text) for each in found] == [("aws_lb_listener_rule.api", 'type = "forward"')]
    internal = BALANCER % "  internal = true\n" + LISTENER % (HTTP, REDIRECT) + rule
    assert problems("EKS-GOV-102", internal) == []


def test_internal_balancers_are_asked_only_when_the_configuration_says_so() -> None:
    code = BALANCER % "  internal = true\n" + LISTENER % (HTTP, FORWARD)
    assert problems("EKS-GOV-102", code) == []
    assert [each.message for each in problems("EKS-GOV-102", code, strict_internal_tls=True)] == [
        "`aws_lb_listener.http` serves clear-text HTTP inside the network."
    ]


# EKS-GOV-103

HTTPS = 'resource "aws_lb_listener" "https" {\n  protocol = "HTTPS"\n%s}\n'


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            HTTPS % "",
            (
                "`ELBSecurityPolicy-2016-08`, the default, still negotiates TLS 1.0 or 1.1 on "
                "`aws_lb_listener.https`."
            ),
        ),
        (
            HTTPS % '  ssl_policy = "ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04"\n',
            (
                "`ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04` still negotiates TLS 1.0 or 1.1 on "
                "`aws_lb_listener.https`."
            ),
        ),
        (
            (
                'resource "aws_opensearch_domain" "logs" {\n  domain_endpoint_options {\n'
                '    tls_security_policy = "Policy-Min-TLS-1-0-2019-07"\n  }\n}'
            ),
            "`Policy-Min-TLS-1-0-2019-07` still negotiates TLS 1.0 or 1.1 on `aws_opensearch_domain.logs`.",
        ),
        (
            (
                'resource "aws_cloudfront_distribution" "web" {\n  viewer_certificate {\n'
                '    minimum_protocol_version = "TLSv1.1_2016"\n  }\n}'
            ),
            "`TLSv1.1_2016` still negotiates TLS 1.0 or 1.1 on `aws_cloudfront_distribution.web`.",
        ),
        *(
            (
                HTTPS % f'  ssl_policy = "ELBSecurityPolicy-{name}"\n',
                f"`ELBSecurityPolicy-{name}` still negotiates TLS 1.0 or 1.1 on `aws_lb_listener.https`.",
            )
            for name in (
                "2015-05",
                "TLS-1-0-2015-04",
                "TLS-1-1-2017-01",
                "FS-1-1-2019-08",
                "TLS13-1-1-2021-06",
            )
        ),
        (
            (
                'resource "kubernetes_manifest" "web" {\n  manifest = {\n    kind = "Ingress"\n    metadata = {\n'
                '      annotations = { "alb.ingress.kubernetes.io/ssl-policy" = "ELBSecurityPolicy-2016-08" }\n'
                "    }\n  }\n}"
            ),
            "`ELBSecurityPolicy-2016-08` still negotiates TLS 1.0 or 1.1 on `kubernetes_manifest.web`.",
        ),
        (
            ALB % ('"alb.ingress.kubernetes.io/ssl-policy" = "ELBSecurityPolicy-FS-2018-06"', ""),
            "`ELBSecurityPolicy-FS-2018-06` still negotiates TLS 1.0 or 1.1 on `kubernetes_ingress_v1.web`.",
        ),
    ],
)
def test_old_tls_is_negotiated(code: str, message: str) -> None:
    assert [each.message for each in problems("EKS-GOV-103", code)] == [message]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (HTTPS % '  ssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"\n', State.PASS),
        (HTTPS % '  ssl_policy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"\n', State.PASS),
        (HTTPS % '  ssl_policy = "ELBSecurityPolicy-2031-01"\n', State.NOT_EVALUATED),
        ('variable "p" {}\n' + HTTPS % "  ssl_policy = var.p\n", State.NOT_EVALUATED),
        ('resource "aws_lb_listener" "tcp" {\n  protocol = "TCP"\n}', State.NOT_APPLICABLE),
        ('resource "aws_lb_listener" "http" {\n  port = 80\n}', State.NOT_APPLICABLE),
        (
            (
                'resource "aws_cloudfront_distribution" "web" {\n  viewer_certificate {\n'
                '    cloudfront_default_certificate = true\n    minimum_protocol_version = "TLSv1"\n  }\n}'
            ),
            State.NOT_APPLICABLE,
        ),
    ],
)
def test_new_unknown_and_no_tls(code: str, state: State) -> None:
    assert list(states("EKS-GOV-103", code).values()) == [state]


def test_a_listener_without_policy_is_given_one() -> None:
    code = HTTPS.replace("HTTPS", "TLS") % '  load_balancer_arn = "arn:x"\n'
    fixed = with_fixes("EKS-GOV-103", code)
    assert '  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"\n' in fixed
    assert problems("EKS-GOV-103", fixed) == []


# EKS-GOV-104

PARAMETER = (
    'resource "aws_db_parameter_group" "x" {\n  parameter {\n    name = "%s"\n    value = "%s"\n  }\n}'
)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (
            'resource "aws_elasticache_replication_group" "x" {\n  engine = "redis"\n}',
            'resource "aws_elasticache_replication_group" "x" {',
        ),
        (
            (
                'resource "aws_msk_cluster" "x" {\n  encryption_info {\n    encryption_in_transit {\n'
                '      client_broker = "TLS_PLAINTEXT"\n    }\n  }\n}'
            ),
            'client_broker = "TLS_PLAINTEXT"',
        ),
        (
            'resource "aws_opensearch_domain" "x" {\n  node_to_node_encryption {\n    enabled = true\n  }\n}',
            'resource "aws_opensearch_domain" "x" {',
        ),
        (
            (
                'resource "aws_opensearch_domain" "x" {\n  domain_endpoint_options {\n    enforce_https = false\n'
                "  }\n  node_to_node_encryption {\n    enabled = true\n  }\n}"
            ),
            "enforce_https = false",
        ),
        (
            (
                'resource "aws_db_parameter_group" "x" {\n  parameter {\n    name  = "rds.force_ssl"\n'
                '    value = "0"\n  }\n}'
            ),
            'value = "0"',
        ),
        (
            (
                'resource "aws_docdb_cluster_parameter_group" "x" {\n  parameter {\n    name  = "tls"\n'
                '    value = "disabled"\n  }\n}'
            ),
            'value = "disabled"',
        ),
        ('resource "aws_memorydb_cluster" "x" {\n  tls_enabled = false\n}', "tls_enabled = false"),
        (
            (
                'resource "kubernetes_persistent_volume_v1" "x" {\n  spec {\n    persistent_volume_source {\n'
                '      csi {\n        volume_attributes = { encryptInTransit = "false" }\n      }\n    }\n  }\n}'
            ),
            'volume_attributes = { encryptInTransit = "false" }',
        ),
    ],
)
def test_stores_that_accept_clear_text(code: str, line: str) -> None:
    assert texts("EKS-GOV-104", code) == [line]


@pytest.mark.parametrize(
    "code",
    [
        'resource "aws_msk_cluster" "x" {\n  cluster_name = "x"\n}',
        'resource "aws_memorydb_cluster" "x" {\n  name = "x"\n}',
        PARAMETER % ("log_statement", "0"),
        PARAMETER % ("rds.force_ssl", "1"),
        'resource "kubernetes_persistent_volume_v1" "x" {\n  metadata {\n    name = "x"\n  }\n}',
    ],
)
def test_safe_defaults_of_other_stores(code: str) -> None:
    assert set(states("EKS-GOV-104", code).values()) == {State.PASS}


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (PARAMETER % ("require_secure_transport", "OFF"), 'value = "OFF"'),
        (
            PARAMETER.replace("aws_db_", "aws_rds_cluster_") % ("require_secure_transport", "OFF"),
            'value = "OFF"',
        ),
        (PARAMETER.replace("aws_db_", "aws_redshift_") % ("require_ssl", "false"), 'value = "false"'),
        (
            (
                'resource "aws_elasticsearch_domain" "x" {\n  domain_endpoint_options {\n'
                "    enforce_https = true\n  }\n}"
            ),
            'resource "aws_elasticsearch_domain" "x" {',
        ),
        (
            (
                'resource "aws_msk_cluster" "x" {\n  encryption_info {\n    encryption_in_transit {\n'
                "      in_cluster = false\n    }\n  }\n}"
            ),
            "in_cluster = false",
        ),
    ],
)
def test_the_other_stores_and_parameters(code: str, line: str) -> None:
    assert texts("EKS-GOV-104", code) == [line]


@pytest.mark.parametrize(
    "code",
    [
        PARAMETER % ("rds.force_ssl", "0"),
        'resource "aws_elasticache_replication_group" "x" {\n  transit_encryption_enabled = false\n}',
        (
            'resource "aws_opensearch_domain" "x" {\n  domain_endpoint_options {\n    enforce_https = false\n'
            "  }\n  node_to_node_encryption {\n    enabled = true\n  }\n}"
        ),
    ],
)
def test_encryption_is_switched_on(code: str) -> None:
    assert problems("EKS-GOV-104", with_fixes("EKS-GOV-104", code)) == []


def test_valkey_without_the_flag_is_not_judged() -> None:
    code = 'resource "aws_elasticache_replication_group" "x" {\n  engine = "valkey"\n}'
    assert reasons("EKS-GOV-104", code) == ["what Valkey does by default depends on the provider"]


# EKS-GOV-105


@pytest.mark.parametrize(
    ("arguments", "line", "message"),
    [
        (
            "",
            'resource "aws_cloudtrail" "main" {',
            "Trail `main` misses events of other regions and a proof that nobody edited the log files.",
        ),
        (
            "  is_multi_region_trail = true\n",
            'resource "aws_cloudtrail" "main" {',
            "Trail `main` misses a proof that nobody edited the log files.",
        ),
        (
            "  is_multi_region_trail = false\n  enable_log_file_validation = true\n",
            "is_multi_region_trail = false",
            "Trail `main` misses events of other regions.",
        ),
        (
            "  is_multi_region_trail = true\n  enable_log_file_validation = true\n  enable_logging = false\n",
            "enable_logging = false",
            "Trail `main` misses everything: logging is off.",
        ),
    ],
)
def test_trails_with_gaps(arguments: str, line: str, message: str) -> None:
    code = f'resource "aws_cloudtrail" "main" {{\n  name = "main"\n{arguments}}}\n'
    assert [(each.text, each.message) for each in problems("EKS-GOV-105", code)] == [(line, message)]
    assert problems("EKS-GOV-105", with_fixes("EKS-GOV-105", code)) == []


def test_a_trail_of_the_organisation_is_asked_alike_and_a_data_store_is_no_trail() -> None:
    organisation = (
        'resource "aws_cloudtrail" "main" {\n  name = "main"\n  is_organization_trail = true\n'
        "  is_multi_region_trail = true\n  enable_log_file_validation = %s\n}\n"
    )
    assert problems("EKS-GOV-105", organisation % "true") == []
    assert texts("EKS-GOV-105", organisation % "false") == ["enable_log_file_validation = false"]
    assert states("EKS-GOV-105", 'resource "aws_cloudtrail_event_data_store" "x" {}\n') == {}


# EKS-GOV-106


GUARDRAILS = {
    "CloudTrail trail": 'resource "aws_cloudtrail" "x" {}\n',
    "AWS Config rules": 'resource "aws_config_config_rule" "x" {}\n',
    "Security Hub": 'resource "aws_securityhub_account" "x" {}\n',
    "IAM Access Analyzer": 'resource "aws_accessanalyzer_analyzer" "x" {}\n',
    "GuardDuty": 'resource "aws_guardduty_detector" "x" {}\n',
    "GuardDuty for the audit log of EKS": (
        'resource "aws_guardduty_detector_feature" "a" {\n  name = "EKS_AUDIT_LOGS"\n}\n'
    ),
    "GuardDuty for what containers do": (
        'resource "aws_guardduty_detector_feature" "r" {\n  name = "RUNTIME_MONITORING"\n}\n'
    ),
}
EKS = 'resource "aws_eks_cluster" "main" {\n  name = "prod"\n}\n'


@pytest.mark.parametrize("missing", GUARDRAILS)
def test_each_guardrail_that_is_missing_is_named(missing: str) -> None:
    code = EKS + "".join(text for name, text in GUARDRAILS.items() if name != missing)
    assert [each.message for each in problems("EKS-GOV-106", code)] == [
        f"No {missing} in the Terraform code of this repository."
    ]
    assert problems("EKS-GOV-106", code + GUARDRAILS[missing]) == []


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ("CloudTrail trail", 'module "t" {\n  source = "cloudposse/cloudtrail/aws"\n}\n'),
        ("CloudTrail trail", 'resource "aws_cloudtrail_event_data_store" "x" {}\n'),
        ("AWS Config rules", 'resource "aws_config_configuration_recorder" "x" {}\n'),
        ("AWS Config rules", 'resource "aws_config_conformance_pack" "x" {}\n'),
        ("AWS Config rules", 'resource "aws_config_organization_managed_rule" "x" {}\n'),
        ("AWS Config rules", 'module "c" {\n  source = "cloudposse/config/aws"\n}\n'),
        ("Security Hub", 'resource "aws_securityhub_organization_configuration" "x" {}\n'),
        ("IAM Access Analyzer", 'module "a" {\n  source = "cloudposse/access-analyzer/aws"\n}\n'),
        (
            "GuardDuty for what containers do",
            (
                'resource "aws_guardduty_organization_configuration_feature" "x" {\n'
                '  name = "EKS_RUNTIME_MONITORING"\n}\n'
            ),
        ),
    ],
)
def test_guardrails_of_every_kind(missing: str, code: str) -> None:
    others = EKS + "".join(text for name, text in GUARDRAILS.items() if name != missing)
    assert problems("EKS-GOV-106", others + code) == []


def test_guardrails_of_another_folder_count_and_a_landing_zone_ends_the_matter() -> None:
    files = {
        "eks/main.tf": 'resource "aws_eks_cluster" "main" {\n  name = "prod"\n}\n',
        "account/trail.tf": 'resource "aws_cloudtrail" "main" {}\n',
        "account/threats.tf": "".join(text for name, text in GUARDRAILS.items() if "GuardDuty" in name),
    }
    assert [each.message for each in problems("EKS-GOV-106", files, root="eks")] == [
        (
            "No AWS Config rules, no Security Hub, no IAM Access Analyzer in the Terraform code of this"
            " repository."
        )
    ]
    url = "https://github.com/acme/landing-zone"
    assert problems("EKS-GOV-106", files, root="eks", guardrails_url=url) == []


# EKS-GOV-107

VPC = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (VPC, State.FINDING),
        (VPC + 'resource "aws_flow_log" "x" {\n  vpc_id = aws_vpc.main.id\n}', State.PASS),
        (
            VPC + 'resource "aws_vpc" "b" {}\nresource "aws_flow_log" "x" {\n  vpc_id = aws_vpc.b.id\n}',
            State.FINDING,
        ),
        (VPC + 'variable "v" {}\nresource "aws_flow_log" "x" {\n  vpc_id = var.v\n}', State.NOT_EVALUATED),
        (VPC + 'resource "aws_flow_log" "x" {\n  subnet_id = "subnet-1"\n}', State.NOT_EVALUATED),
    ],
)
def test_flow_logs_of_a_vpc(code: str, state: State) -> None:
    assert states("EKS-GOV-107", code)["aws_vpc.main"] is state


@pytest.mark.parametrize(
    ("arguments", "state"),
    [
        ("", State.FINDING),
        ("  enable_flow_log = false\n", State.FINDING),
        ("  enable_flow_log = true\n", State.PASS),
        ("  enable_flow_log = var.logs\n", State.NOT_EVALUATED),
    ],
)
def test_flow_logs_of_the_community_module(arguments: str, state: State) -> None:
    code = (
        f'variable "logs" {{}}\nmodule "vpc" {{\n  source = "terraform-aws-modules/vpc/aws"\n{arguments}}}\n'
    )
    assert states("EKS-GOV-107", code) == {"module.vpc": state}


def test_a_flow_log_beside_the_module_and_one_in_another_folder() -> None:
    module = 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'
    beside = module + 'resource "aws_flow_log" "x" {\n  vpc_id = module.vpc.vpc_id\n}\n'
    assert states("EKS-GOV-107", beside) == {"module.vpc": State.PASS}
    files = {"net/main.tf": module, "logs/main.tf": 'resource "aws_flow_log" "x" {\n  vpc_id = "vpc-1"\n}\n'}
    assert reasons("EKS-GOV-107", files, root="net") == [
        "`logs/main.tf` makes flow logs, perhaps for this VPC"
    ]


# EKS-GOV-108

SCANNED = "  image_scanning_configuration {\n    scan_on_push = true\n  }\n"


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        ("", ["`api`: no scan on push, tags can be overwritten."]),
        (SCANNED, ["`api`: tags can be overwritten."]),
        ('  image_tag_mutability = "IMMUTABLE"\n', ["`api`: no scan on push."]),
        ('  image_tag_mutability = "MUTABLE"\n' + SCANNED, ["`api`: tags can be overwritten."]),
        (
            '  image_tag_mutability = "IMMUTABLE"\n' + SCANNED.replace("true", "false"),
            ["`api`: no scan on push."],
        ),
        ('  image_tag_mutability = "IMMUTABLE"\n' + SCANNED, []),
        ('  image_tag_mutability = "MUTABLE_WITH_EXCLUSION"\n' + SCANNED, []),
    ],
)
def test_image_repositories(arguments: str, messages: list[str]) -> None:
    code = f'resource "aws_ecr_repository" "x" {{\n  name = "api"\n{arguments}}}\n'
    assert [each.message for each in problems("EKS-GOV-108", code)] == messages
    if messages:
        assert problems("EKS-GOV-108", with_fixes("EKS-GOV-108", code)) == []


def test_registry_scanning_and_caches_need_less() -> None:
    registry = 'resource "aws_ecr_registry_scanning_configuration" "x" {\n  scan_type = "ENHANCED"\n}\n'
    code = 'resource "aws_ecr_repository" "x" {\n  name = "%s"\n}\n'
    assert [each.message for each in problems("EKS-GOV-108", registry + code % "api")] == [
        "`api`: tags can be overwritten."
    ]
    assert problems("EKS-GOV-108", registry + code % "docker-hub-cache") == []


def test_the_module_for_repositories_is_safe_unless_told_otherwise() -> None:
    module = 'module "ecr" {\n  source = "terraform-aws-modules/ecr/aws"\n  repository_name = "api"\n%s}\n'
    assert states("EKS-GOV-108", module % "") == {"module.ecr": State.PASS}
    mutable = module % '  repository_image_tag_mutability = "MUTABLE"\n'
    assert [(each.text, each.message) for each in problems("EKS-GOV-108", mutable)] == [
        ('repository_image_tag_mutability = "MUTABLE"', "`api`: tags can be overwritten.")
    ]


def test_repository_is_hardened_as_terraform_fmt_would_write_it() -> None:
    code = """
    resource "aws_ecr_repository" "x" {
      name = "api"
    }
    """
    assert with_fixes("EKS-GOV-108", code) == (
        '\nresource "aws_ecr_repository" "x" {\n  image_tag_mutability = "IMMUTABLE"\n\n'
        "  image_scanning_configuration {\n    scan_on_push = true\n  }\n\n"
        '  name = "api"\n}\n'
    )


# EKS-GOV-109

POD = """
resource "kubernetes_deployment_v1" "x" {
  metadata {
    name      = "%(name)s"
    namespace = "%(namespace)s"
  }
  spec {
    template {
      spec {
        %(pod)s
        container {
          name  = "main"
          image = "%(image)s"
          %(container)s
        }
      }
    }
  }
}
"""


def pod(**parts: str) -> str:
    return POD % {"name": "api", "namespace": "shop", "pod": "", "image": "api:1", "container": "", **parts}


def context(text: str) -> str:
    return f"security_context {{\n{text}\n}}"


HOST = 'volume {\n  name = "h"\n  host_path {\n    path = "%s"\n  }\n}\n'
MOUNT = 'volume_mount {\n  name = "h"\n  mount_path = "/h"\n  %s\n}\n'


@pytest.mark.parametrize(
    ("code", "line", "message"),
    [
        (
            pod(container=context("privileged = true")),
            "privileged = true",
            "`api` can take over its node: container `main` runs privileged.",
        ),
        (
            pod(pod="host_network = true"),
            "host_network = true",
            "`api` can take over its node: it shares the network of the node.",
        ),
        (
            pod(container=context('capabilities {\n  add = ["NET_BIND_SERVICE", "SYS_ADMIN"]\n}')),
            'add = ["NET_BIND_SERVICE", "SYS_ADMIN"]',
            "`api` can take over its node: container `main` has the capability `SYS_ADMIN`.",
        ),
        (
            pod(pod="host_pid = true"),
            "host_pid = true",
            "`api` can take over its node: it shares the processes of the node.",
        ),
        (
            pod(pod="host_ipc = true"),
            "host_ipc = true",
            "`api` can take over its node: it shares the shared memory of the node.",
        ),
        *(
            (
                pod(container=context(f'capabilities {{\n  add = ["{name}"]\n}}')),
                f'add = ["{name}"]',
                f"`api` can take over its node: container `main` has the capability `{name}`.",
            )
            for name in ("NET_ADMIN", "ALL")
        ),
        *(
            (
                pod(pod=HOST % path, container=MOUNT % ""),
                f'path = "{path}"',
                f"`api` can take over its node: it can write the node's `{path}`.",
            )
            for path in ("/", "/etc", "/var/lib/kubelet")
        ),
        (
            pod(pod=HOST % "/var/run/docker.sock", container=MOUNT % ""),
            'path = "/var/run/docker.sock"',
            "`api` can take over its node: it can write the node's `/var/run/docker.sock`.",
        ),
    ],
)
def test_pods_that_own_their_node(code: str, line: str, message: str) -> None:
    assert [(each.text, each.message) for each in problems("EKS-GOV-109", code)] == [(line, message)]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (pod(container=context("privileged = false")), State.PASS),
        (pod(container=context('capabilities {\n  add = ["NET_BIND_SERVICE"]\n}')), State.PASS),
        (pod(pod=HOST % "/etc", container=MOUNT % "read_only = true"), State.PASS),
        (pod(pod=HOST % "/var/log", container=MOUNT % ""), State.PASS),
        (pod(namespace="kube-system", pod="host_network = true"), State.NOT_APPLICABLE),
        (pod(name="node-exporter", pod="host_pid = true"), State.NOT_APPLICABLE),
        (pod(namespace="amazon-cloudwatch", pod="host_network = true"), State.NOT_APPLICABLE),
        (pod(image="public.ecr.aws/x/aws-ebs-csi-driver:1", pod="host_network = true"), State.NOT_APPLICABLE),
        (
            pod(image="fluent/fluent-bit:4", pod=HOST % "/etc", container=MOUNT % "read_only = true"),
            State.NOT_APPLICABLE,
        ),
        (pod(image="falcosecurity/falco:0.40", container=context("privileged = true")), State.NOT_APPLICABLE),
    ],
)
def test_pods_that_do_not_and_agents_that_must(code: str, state: State) -> None:
    assert states("EKS-GOV-109", code) == {"kubernetes_deployment_v1.x": state}


def test_privileges_in_a_manifest() -> None:
    code = """
    resource "kubectl_manifest" "x" {
      yaml_body = <<-EOT
        apiVersion: v1
        kind: Pod
        metadata:
          name: debug
          namespace: shop
        spec:
          hostPID: true
          containers:
            - name: sh
              securityContext:
                privileged: true
      EOT
    }
    """
    assert [(each.text, each.message) for each in problems("EKS-GOV-109", code)] == [
        ("hostPID: true", "`debug` can take over its node: it shares the processes of the node."),
        ("privileged: true", "`debug` can take over its node: container `sh` runs privileged."),
    ]
