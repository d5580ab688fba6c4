"""Issue 7.1, missing compliance controls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import insert_lines, is_json, write
from reviewer.checks.logging import LOG_TYPES
from reviewer.checks.problem import Edit, Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.body import BlockBody
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.component.component import find_here, title
from reviewer.views.kubernetes.image_repository import ImageRepository, scans_registry
from reviewer.views.kubernetes.privilege import is_node_agent, privileges
from reviewer.views.kubernetes.workload import Workload
from reviewer.views.network.entrance import Entrance
from reviewer.views.network.tls_endpoint import TlsEndpoint, is_weak, recommended
from reviewer.views.network.vpc import Vpc
from reviewer.views.observability.flow_log import has_flow_log
from reviewer.views.observability.trail import Trail
from reviewer.views.storage.transit import TransitStore
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context
    from reviewer.views.fact import Fact
    from reviewer.views.kubernetes.privilege import Privilege
    from reviewer.views.storage.transit import Unencrypted

_SECURITY_LOGS = ("audit", "authenticator")
_GUARDRAILS = ("audit-trail", "configuration-rules", "threat-detection", "security-hub", "access-analyzer")
_DETECTION = ("audit-findings", "runtime-findings")
"""What a detector must be told to look at; without one, the detector itself is what is missing."""


@check(
    "EKS-GOV-101",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks", "module:cloudposse-eks-cluster"),
    peers=("CKV_AWS_37", "AWS-0038", "hardeneks check_logs_are_enabled"),
    fix=FixKind.REPLACE,
)
def audit_logs_disabled(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Nobody can tell who did what through the Kubernetes API.

    The audit log records every request to the API, the authenticator log which IAM identity became which
    user. After an incident they are the only trail, and auditors ask for them first. They cannot be had
    afterwards.

    Fix: Turn on all five log types. The change is made in place; CloudWatch bills the volume, so set a
    retention, too.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name                      = "prod"
      enabled_cluster_log_types = ["api"] # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name                      = "prod"
      enabled_cluster_log_types = ["api", "audit", "authenticator"]
    }
    ```

    References:
    - [EKS best practices: auditing and logging](https://docs.aws.amazon.com/eks/latest/best-practices/auditing-and-logging.html)
    - [EKS user guide: control plane logging](https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html)
    """
    del context
    types = cluster.fact("log_types")
    enabled = types.value.strings()
    missing = [each for each in _SECURITY_LOGS if each not in enabled]
    if not missing:
        return
    edit = write(types, json.dumps(LOG_TYPES))
    logs = " and no ".join(map(code, missing))
    yield Problem(
        message=f"No {logs} log: API access to {code(cluster.label)} leaves no trail.",
        at=types.at,
        attribute=types.argument,
        related=types.value.origins,
        fix=Fix((edit,), "An in-place update; CloudWatch bills the log volume.") if edit else None,
    )


@check(
    "EKS-GOV-102",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=Entrance,
    resources=(
        "aws_lb_listener",
        "aws_alb_listener",
        "aws_lb_listener_rule",
        "aws_elb",
        "kubernetes_ingress",
        "kubernetes_manifest",
        "kubectl_manifest",
    ),
    peers=("CKV_AWS_2", "CKV2_AWS_20", "CKV_AWS_378", "AWS-0054", "KICS alb_listening_on_http"),
)
def plain_http_exposed(entrance: Entrance, context: Context) -> Iterator[Problem]:
    """Clear-text HTTP is served to the internet.

    Whoever is on the way, from the café's network to a transit provider, reads session cookies and passwords
    and may change the answers. Browsers mark the site as not secure.

    Fix: Let port 80 do nothing but redirect to an HTTPS listener with a certificate of ACM. For an ingress of
    the AWS Load Balancer Controller, set `certificate-arn`, `listen-ports` with HTTPS, and `ssl-redirect`.

    Bad:

    ```hcl
    resource "aws_lb" "web" {
      name = "web"
    }

    resource "aws_lb_listener" "http" {
      load_balancer_arn = aws_lb.web.arn
      port              = 80
      protocol          = "HTTP" # fails

      default_action {
        type             = "forward"
        target_group_arn = aws_lb_target_group.web.arn
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_lb" "web" {
      name = "web"
    }

    resource "aws_lb_listener" "http" {
      load_balancer_arn = aws_lb.web.arn
      port              = 80
      protocol          = "HTTP"

      default_action {
        type = "redirect"

        redirect {
          port        = "443"
          protocol    = "HTTPS"
          status_code = "HTTP_301"
        }
      }
    }
    ```

    References:
    - [EKS best practices: encryption in transit](https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html)
    - [Elastic Load Balancing: redirect HTTP to HTTPS](https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html)
    """
    for opening in entrance.openings(context):
        whom = "inside the network" if opening.is_internal else "to the internet"
        yield Problem(
            message=f"{code(entrance.label)} serves clear-text HTTP {whom}.",
            at=opening.at,
            attribute=opening.argument,
            related=opening.related,
        )


@check(
    "EKS-GOV-103",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=TlsEndpoint,
    resources=(
        "aws_lb_listener",
        "aws_alb_listener",
        "kubernetes_ingress",
        "kubernetes_manifest",
        "aws_opensearch_domain",
        "aws_cloudfront_distribution",
    ),
    peers=("CKV_AWS_103", "CKV2_AWS_74", "CKV_AWS_228", "AWS-0047", "AWS-0126"),
    fix=FixKind.REPLACE,
)
def weak_tls_policy(endpoint: TlsEndpoint, context: Context) -> Iterator[Problem]:
    """An endpoint still negotiates TLS 1.0 or 1.1.

    Both versions are broken and withdrawn (RFC 8996), and PCI DSS forbids them. A listener that names no
    policy gets one from 2016 that accepts them, wherever it is not made in the console.

    Fix: Name a policy with TLS 1.2 as the least. It is changed in place; clients older than 2014 can no
    longer connect.

    Bad:

    ```hcl
    resource "aws_lb_listener" "https" {
      load_balancer_arn = aws_lb.web.arn
      protocol          = "HTTPS"
      ssl_policy        = "ELBSecurityPolicy-2016-08" # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_lb_listener" "https" {
      load_balancer_arn = aws_lb.web.arn
      protocol          = "HTTPS"
      ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
    }
    ```

    References:
    - [Elastic Load Balancing: security policies](https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html)
    - [RFC 8996: deprecating TLS 1.0 and TLS 1.1](https://www.rfc-editor.org/rfc/rfc8996)
    """
    del context
    policy = endpoint.policy()
    if policy is None:
        raise NotApplicableError("it speaks no TLS, or leaves the policy to AWS")
    if not is_weak(policy.value):
        return
    name = str(policy.value.data)
    wanted = recommended(name)
    edit = write(policy, f'"{wanted}"') if wanted is not None else None
    note = "An in-place update; clients without TLS 1.2 can no longer connect."
    default = "" if policy.written else ", the default,"
    yield Problem(
        message=f"{code(name)}{default} still negotiates TLS 1.0 or 1.1 on {code(endpoint.address)}.",
        at=policy.at,
        attribute=policy.argument,
        related=policy.value.origins,
        fix=Fix((edit,), note) if edit else None,
    )


@check(
    "EKS-GOV-104",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=TransitStore,
    resources=(
        "aws_elasticache_replication_group",
        "aws_msk_cluster",
        "aws_opensearch_domain",
        "aws_elasticsearch_domain",
        "aws_db_parameter_group",
        "aws_rds_cluster_parameter_group",
        "aws_docdb_cluster_parameter_group",
        "aws_redshift_parameter_group",
        "aws_memorydb_cluster",
        "kubernetes_persistent_volume",
    ),
    peers=(
        "CKV_AWS_30",
        "CKV_AWS_31",
        "CKV_AWS_81",
        "CKV_AWS_83",
        "CKV_AWS_6",
        "CKV_AWS_90",
        "CKV_AWS_105",
        "CKV_AWS_202",
        "CKV2_AWS_69",
        "AWS-0051",
        "AWS-0073",
        "AWS-0046",
        "AWS-0043",
    ),
    fix=FixKind.NEW_ONLY,
)
def data_store_tls_disabled(store: TransitStore, context: Context) -> Iterator[Problem]:
    """A data store talks to its clients without encryption.

    Passwords and data cross the network as they are. A single compromised pod or a mirrored network
    interface in the VPC is enough to read them.

    Fix: Switch encryption in transit on, and let the clients speak TLS first: most stores refuse clear text
    from then on, and some are replaced by the change.

    Bad:

    ```hcl
    resource "aws_elasticache_replication_group" "sessions" {
      replication_group_id       = "sessions"
      engine                     = "redis"
      transit_encryption_enabled = false # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_elasticache_replication_group" "sessions" {
      replication_group_id       = "sessions"
      engine                     = "redis"
      transit_encryption_enabled = true
    }
    ```

    References:
    - [EKS best practices: encryption in transit](https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html)
    - [ElastiCache: in-transit encryption](https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html)
    """
    del context
    for each in store.unencrypted():
        argument = each.fact.argument.rpartition(".")[2] if each.fact.written else each.fact.argument
        state = "says so" if each.fact.written else "is not set"
        yield Problem(
            message=f"{code(store.address)} accepts unencrypted client traffic: {code(argument)} {state}.",
            at=each.fact.at,
            attribute=each.fact.argument,
            related=each.fact.value.origins,
            fix=_encrypted(each),
        )


def _encrypted(each: Unencrypted) -> Fix | None:
    edit = write(each.fact, each.wanted) if each.wanted is not None else None
    if edit is None:
        return None
    note = "Clients must speak TLS from then on."
    return Fix((edit,), note, new_only=not each.in_place)


@check(
    "EKS-GOV-105",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=Trail,
    resources=("aws_cloudtrail",),
    peers=("CKV_AWS_67", "CKV_AWS_36", "AWS-0014", "AWS-0016"),
    fix=FixKind.INSERT,
)
def cloudtrail_weak(trail: Trail, context: Context) -> Iterator[Problem]:
    """A CloudTrail trail does not see everything, or can be edited unnoticed.

    Whoever has stolen credentials works in a region that nobody looks at, and then edits the log. Both
    flags are off unless they are set.

    Fix: Set `is_multi_region_trail` and `enable_log_file_validation`. Both are changed in place; the first
    management trail of a region costs nothing.

    Bad:

    ```hcl
    resource "aws_cloudtrail" "main" { # fails
      name           = "main"
      s3_bucket_name = "audit"
    }
    ```

    Good:

    ```hcl
    resource "aws_cloudtrail" "main" {
      name                       = "main"
      s3_bucket_name             = "audit"
      is_multi_region_trail      = true
      enable_log_file_validation = true
    }
    ```

    References:
    - [CloudTrail: security best practices](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html)
    - [CloudTrail: validating log file integrity](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html)
    """
    del context
    gaps = list(trail.gaps())
    if not gaps:
        return
    first = next((fact for fact, _ in gaps if fact.written), gaps[0][0])
    yield Problem(
        message=f"Trail {code(trail.label)} misses {' and '.join(what for _, what in gaps)}.",
        at=first.at,
        attribute="trail",
        related=tuple(fact.at for fact, _ in gaps),
        fix=_complete([fact for fact, _ in gaps]),
    )


def _complete(facts: list[Fact]) -> Fix | None:
    """Return the edits that set all flags: over what is written, and in one insertion for what is absent."""
    edits = [write(fact, "true") for fact in facts if fact.written]
    absent = [fact for fact in facts if not fact.written]
    if absent:
        edits.append(_inserted(absent))
    if any(edit is None for edit in edits):
        return None
    return Fix(tuple(edit for edit in edits if edit is not None), "An in-place update.")


def _inserted(facts: list[Fact]) -> Edit | None:
    body = facts[0].body
    if not isinstance(body, BlockBody) or is_json(body.block):
        return None
    if len(facts) == 1:
        return write(facts[0], "true")
    width = max(len(fact.name) for fact in facts)
    return insert_lines(body.block, tuple(f"{fact.name.ljust(width)} = true" for fact in facts))


@check(
    "EKS-GOV-106",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.REPOSITORY,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks"),
    peers=("CKV2_AWS_3", "CKV2_AWS_45", "CKV2_AWS_48"),
    surface=Surface.SUMMARY,
    default_on=False,
)
def account_guardrails_missing(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """The repository declares no guardrails for its account.

    Without a trail, threat detection and rules on the configuration, a stolen key or a setting changed by
    hand is noticed when the bill comes. They are often declared in a landing zone; then this check needs to
    know where.

    Fix: Declare what is missing, or name the repository that does in the setting `guardrails-url`.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" { # fails
      name = "prod"
    }

    resource "aws_cloudtrail" "main" {
      name = "main"
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"
    }

    resource "aws_cloudtrail" "main" {
      name = "main"
    }

    resource "aws_config_configuration_recorder" "main" {
      role_arn = "arn:aws:iam::111122223333:role/config"
    }

    resource "aws_guardduty_detector" "main" {
      enable = true
    }

    resource "aws_guardduty_detector_feature" "eks" {
      for_each = toset(["EKS_AUDIT_LOGS", "RUNTIME_MONITORING"])

      detector_id = aws_guardduty_detector.main.id
      name        = each.key
      status      = "ENABLED"
    }

    resource "aws_securityhub_account" "main" {}

    resource "aws_accessanalyzer_analyzer" "main" {
      analyzer_name = "main"
    }
    ```

    References:
    - [EKS best practices: compliance](https://docs.aws.amazon.com/eks/latest/best-practices/compliance.html)
    - [EKS best practices: runtime security](https://docs.aws.amazon.com/eks/latest/best-practices/runtime-security.html)
    """
    if context.config.guardrails_url is not None:
        return
    wanted = [each for each in _GUARDRAILS if find_here(context, each) is None]
    if "threat-detection" not in wanted:
        wanted += [each for each in _DETECTION if find_here(context, each) is None]
    missing = [title(each) for each in wanted]
    if missing:
        yield Problem(
            message=f"No {', no '.join(missing)} in the Terraform code of this repository.",
            at=cluster.header,
            attribute="guardrails",
        )


@check(
    "EKS-GOV-107",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.MODULE,
    on=Vpc,
    resources=("aws_vpc", "module:vpc", "aws_flow_log"),
    peers=("CKV2_AWS_11", "AWS-0178", "KICS vpc_flowlogs_disabled", "hardeneks check_vpc_flow_logs"),
    surface=Surface.SUMMARY,
)
def vpc_flow_logs_missing(vpc: Vpc, context: Context) -> Iterator[Problem]:
    """The traffic of a VPC is not logged.

    When a pod has talked to an address it should not know, or a security group drops what should pass, flow
    logs are the only record. They cannot be had afterwards.

    Fix: For the community module, set `enable_flow_log`, `create_flow_log_cloudwatch_log_group`,
    `create_flow_log_cloudwatch_iam_role` and a retention; else add an `aws_flow_log`. A bucket costs less
    than a log group.

    Bad:

    ```hcl
    module "vpc" { # fails
      source  = "terraform-aws-modules/vpc/aws"
      version = "~> 6.0"
    }
    ```

    Good:

    ```hcl
    module "vpc" {
      source          = "terraform-aws-modules/vpc/aws"
      version         = "~> 6.0"
      enable_flow_log = true
    }
    ```

    References:
    - [EKS best practices: log network traffic metadata](https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html)
    - [VPC flow logs](https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html)
    """
    if has_flow_log(vpc, context):
        return
    yield Problem(message=f"VPC {code(vpc.address)} has no flow logs.", at=vpc.header, attribute="flow_log")


@check(
    "EKS-GOV-108",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=ImageRepository,
    resources=("aws_ecr_repository", "module:ecr"),
    peers=(
        "CKV_AWS_163",
        "CKV_AWS_51",
        "AWS-0030",
        "AWS-0031",
        "hardeneks use_immutable_tags_with_ecr",
    ),
    fix=FixKind.REPLACE,
)
def ecr_repository_not_hardened(repository: ImageRepository, context: Context) -> Iterator[Problem]:
    """Images can be replaced under the same tag, or are never scanned.

    Whoever may push can put another image behind the tag that production runs, and the next pod that starts
    pulls it. Known vulnerabilities stay unknown where nothing scans.

    Fix: Set `image_tag_mutability = "IMMUTABLE"` and `scan_on_push = true`. Pushing a tag again, `latest`
    too, fails from then on; `IMMUTABLE_WITH_EXCLUSION` keeps some tags movable.

    Bad:

    ```hcl
    resource "aws_ecr_repository" "api" { # fails
      name = "api"
    }
    ```

    Good:

    ```hcl
    resource "aws_ecr_repository" "api" {
      name                 = "api"
      image_tag_mutability = "IMMUTABLE"

      image_scanning_configuration {
        scan_on_push = true
      }
    }
    ```

    References:
    - [EKS best practices: image security](https://docs.aws.amazon.com/eks/latest/best-practices/image-security.html)
    - [ECR: preventing image tags from being overwritten](https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html)
    """
    unscanned = None if scans_registry(context) else repository.unscanned()
    mutable = None if repository.is_cache else repository.mutable_tags()
    found = [each for each in (unscanned, mutable) if each is not None]
    if not found:
        return
    texts = [*(["no scan on push"] if unscanned else []), *(["tags can be overwritten"] if mutable else [])]
    first = next((each for each in found if each.written), found[0])
    yield Problem(
        message=f"{code(repository.label)}: {', '.join(texts)}.",
        at=first.at,
        attribute="repository",
        related=tuple(each.at for each in found),
        fix=_hardened(unscanned, mutable),
    )


def _hardened(unscanned: Fact | None, mutable: Fact | None) -> Fix | None:
    """Return the edits that harden a repository; what is absent goes into one insertion."""
    edits: list[Edit | None] = []
    lines: list[str] = []
    body = None
    if mutable is not None and mutable.written:
        edits.append(write(mutable, '"IMMUTABLE"'))
    elif mutable is not None:
        body = mutable.body
        lines.append('image_tag_mutability = "IMMUTABLE"')
    if unscanned is not None and unscanned.argument == "image_scanning_configuration":
        body = unscanned.body
        scanning = ["image_scanning_configuration {", "  scan_on_push = true", "}"]
        lines += ["", *scanning] if lines else scanning
    elif unscanned is not None:
        edits.append(write(unscanned, "true"))
    if lines:
        block = body.block if isinstance(body, BlockBody) else None
        edits.append(None if block is None or is_json(block) else insert_lines(block, tuple(lines)))
    known = tuple(each for each in edits if each is not None)
    if len(known) != len(edits):
        return None
    again = "; pushing an existing tag again fails from then on" if mutable is not None else ""
    return Fix(known, f"An in-place update{again}.")


@check(
    "EKS-GOV-109",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=Workload,
    resources=(
        "kubernetes_deployment",
        "kubernetes_daemonset",
        "kubernetes_stateful_set",
        "kubernetes_pod",
        "kubernetes_manifest",
        "kubectl_manifest",
    ),
    peers=(
        "CKV_K8S_16",
        "CKV_K8S_17",
        "CKV_K8S_18",
        "CKV_K8S_19",
        "CKV_K8S_27",
        "KSV-0017",
        "KSV-0009",
        "KSV-0023",
    ),
)
def privileged_workload(workload: Workload, context: Context) -> Iterator[Problem]:
    """A pod can take over the node that it runs on.

    A privileged container, one in the namespaces of the host, or one that writes to the kubelet's folders is
    root on the node. From there it reads the secrets of every pod there and acts with the node's role.

    Fix: Drop the privilege and enforce the Pod Security Standard `restricted` (at least `baseline`) on the
    namespace. Agents that manage nodes belong into a namespace of their own.

    Bad:

    ```hcl
    resource "kubernetes_deployment_v1" "api" {
      metadata {
        name      = "api"
        namespace = "shop"
      }

      spec {
        template {
          spec {
            container {
              name  = "api"
              image = "api:1.4.2"

              security_context {
                privileged = true # fails
              }
            }
          }
        }
      }
    }
    ```

    Good:

    ```hcl
    resource "kubernetes_deployment_v1" "api" {
      metadata {
        name      = "api"
        namespace = "shop"
      }

      spec {
        template {
          spec {
            container {
              name  = "api"
              image = "api:1.4.2"

              security_context {
                allow_privilege_escalation = false
              }
            }
          }
        }
      }
    }
    ```

    References:
    - [EKS best practices: pod security](https://docs.aws.amazon.com/eks/latest/best-practices/pod-security.html)
    - [Kubernetes: Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    """
    del context
    if is_node_agent(workload):
        raise NotApplicableError("an agent that manages nodes")
    found = privileges(workload)
    for each in found:
        if workload.is_system:
            raise NotApplicableError("part of the cluster or of an add-on")
        yield Problem(
            message=f"{code(workload.label)} can take over its node: {_told(each)}.",
            at=each.at or workload.header,
            attribute=each.argument,
            evidence=f"{each.container} {each.detail}".strip(),
        )


def _told(privilege: Privilege) -> str:
    who = f"container {code(privilege.container)}" if privilege.container else "it"
    return f"{who} {privilege.what}" + (f" {code(privilege.detail)}" if privilege.detail else "")
