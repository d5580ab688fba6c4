"""A review with one of everything, for tests of reports and of whatever takes a review."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec.structs import replace

from reviewer.finding import (
    Acceptance,
    Confirmation,
    Excerpt,
    Finding,
    Instance,
    Location,
    Pillar,
    Placement,
    Severity,
    Status,
    Suggestion,
)
from reviewer.review import (
    BaselineEntry,
    BaselineUse,
    Conclusion,
    Coverage,
    Imported,
    Mode,
    NewSuppression,
    NotAnalysed,
    NotEvaluated,
    Notice,
    Review,
    Verdict,
)
from reviewer.scorecard import PillarInput, Scorecard, score_pillar

TODAY = date(2026, 11, 23)
BASE = "0f4c2d1a9b8e7d6c5b4a39281706f5e4d3c2b1a0"
HEAD = "9e8d7c6b5a49382716f5e4d3c2b1a0f9e8d7c6b5"
DOCS = "https://github.com/eks-review/eks-review/blob/main/docs/checks"


def finding(**changes: Any) -> Finding:
    """Return a high finding that the change introduces, with the given fields changed."""
    check = changes.get("id", "EKS-SEC-306")
    base = Finding(
        id="EKS-SEC-306",
        name="eks-secrets-without-cmk",
        title="Kubernetes secrets are not encrypted with a key of your own",
        message="The cluster has no `encryption_config`: a key that AWS owns encrypts its secrets.",
        hint="Add `encryption_config` with a customer-managed key, so that you can audit and revoke access.",
        severity=Severity.HIGH,
        pillar=Pillar.SECURITY,
        issue="2.3",
        path="infra/eks.tf",
        line=12,
        end_line=12,
        address="aws_eks_cluster.main",
        status=Status.INTRODUCED,
        placement=Placement.INLINE,
        comment_line=12,
        origins=(Location("infra/eks.tf", 12, 12),),
        suggestion=None,
        suppressed=None,
        fingerprint="f" * 16,
        docs=f"{DOCS}/{check}.md",
    )
    return replace(base, **changes)


LOGS = finding(
    id="EKS-OBS-101",
    name="control-plane-logs-incomplete",
    title="Control plane logs are incomplete",
    message="`enabled_cluster_log_types` lacks `audit` and `authenticator`: nobody can tell who did what.",
    hint="Send all five log types to CloudWatch.",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    issue="4.1",
    line=16,
    end_line=16,
    comment_line=16,
    origins=(Location("infra/eks.tf", 16, 16),),
    suggestion=Suggestion(
        "infra/eks.tf",
        16,
        16,
        '  enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]',
        "Applied in place; CloudWatch bills the additional logs.",
    ),
    fingerprint="a1b2c3d4e5f60718",
    excerpt=Excerpt(
        "infra/eks.tf",
        14,
        (
            "  version  = var.cluster_version",
            "",
            '  enabled_cluster_log_types = ["api"]',
            "",
            "  vpc_config {",
        ),
    ),
)
ENDPOINT = finding(
    id="EKS-SEC-107",
    name="api-endpoint-open-to-world",
    title="The Kubernetes API endpoint answers the whole internet",
    message="`public_access_cidrs` contains `0.0.0.0/0`: anyone can try credentials against the API server.",
    hint="List the networks you administer from, or turn the public endpoint off.",
    severity=Severity.CRITICAL,
    issue="2.1",
    path="infra/prod.auto.tfvars",
    line=3,
    end_line=3,
    comment_line=3,
    origins=(Location("infra/prod.auto.tfvars", 3, 3), Location("infra/eks.tf", 21, 21)),
    fingerprint="0102030405060708",
    excerpt=Excerpt(
        "infra/prod.auto.tfvars",
        1,
        ('region          = "eu-west-1"', 'cluster_version = "1.34"', 'api_cidrs       = ["0.0.0.0/0"]'),
    ),
)
CMK = finding(
    fingerprint="1111222233334444",
    excerpt=Excerpt(
        "infra/eks.tf",
        12,
        (
            'resource "aws_eks_cluster" "main" {',
            '  name     = "platform"',
            "  version  = var.cluster_version",
        ),
    ),
)
SECRET = finding(
    id="EKS-SEC-301",
    name="secret-in-input-files",
    title="A secret stands in a variable file",
    message="`db_password` is set in plain text; it is in the history of the repository from now on.",
    hint="Rotate it, then read it from Secrets Manager.",
    severity=Severity.CRITICAL,
    path="infra/prod.auto.tfvars",
    line=5,
    end_line=5,
    comment_line=5,
    address="var.db_password",
    origins=(Location("infra/prod.auto.tfvars", 5, 5),),
    fingerprint="5555666677778888",
)
TAGS = finding(
    id="EKS-COST-201",
    name="required-tags-missing",
    title="Required tags are missing",
    message="`aws_s3_bucket.logs` lacks the tags `Owner` and `CostCenter`.",
    hint="Add them to `default_tags` of the provider:\n\n"
    '```hcl\ndefault_tags {\n  tags = { Owner = "platform" }\n}\n```',
    severity=Severity.LOW,
    pillar=Pillar.COST_OPTIMIZATION,
    issue="5.2",
    path="infra/logs.tf",
    line=4,
    end_line=4,
    address="aws_s3_bucket.logs",
    placement=Placement.SUMMARY,
    comment_line=None,
    origins=(Location("infra/logs.tf", 4, 4),),
    fingerprint="9999000011112222",
    excerpt=Excerpt("infra/logs.tf", 4, ('resource "aws_s3_bucket" "logs" {', "  bucket = var.name", "}")),
)
PRIVATE = finding(
    id="EKS-SEC-108",
    name="api-private-access-disabled",
    title="The private API endpoint is off",
    message="Nodes reach the API server through the internet.",
    hint="Set `endpoint_private_access = true`.",
    line=20,
    end_line=20,
    comment_line=20,
    status=Status.EXISTING,
    origins=(Location("infra/eks.tf", 20, 20),),
    fingerprint="3333444455556666",
)
NAT = finding(
    id="EKS-REL-103",
    name="nat-gateway-not-per-az",
    title="One NAT gateway serves all zones",
    message="`single_nat_gateway = true`: when its zone fails, no node reaches the internet.",
    hint="Set `one_nat_gateway_per_az = true`.",
    pillar=Pillar.RELIABILITY,
    issue="3.1",
    path="infra/vpc.tf",
    line=9,
    end_line=9,
    address="module.vpc",
    status=Status.FIXED,
    placement=Placement.SUMMARY,
    comment_line=None,
    origins=(Location("infra/vpc.tf", 9, 9),),
    fingerprint="7777888899990000",
)
VERSION = finding(
    id="EKS-CFG-204",
    name="cluster-version-unsupported",
    title="The Kubernetes version is out of support",
    message="`var.cluster_version` no longer has a known value.",
    hint="Give the variable a value in a `.tfvars` file.",
    pillar=Pillar.RELIABILITY,
    issue="1.2",
    line=14,
    end_line=14,
    status=Status.NOT_EVALUABLE,
    placement=Placement.SUMMARY,
    comment_line=None,
    origins=(Location("infra/eks.tf", 14, 14),),
    fingerprint="aaaabbbbccccdddd",
)
SUBNETS = finding(
    id="EKS-SEC-110",
    name="nodes-in-public-subnets",
    title="Nodes are in public subnets",
    message="`aws_eks_node_group.edge` uses `aws_subnet.public`.",
    hint="Use private subnets.",
    path="infra/nodes.tf",
    line=7,
    end_line=7,
    address="aws_eks_node_group.edge",
    placement=Placement.SUMMARY,
    comment_line=None,
    origins=(Location("infra/nodes.tf", 7, 7),),
    suppressed=Acceptance("edge nodes take UDP straight from players", date(2027, 3, 1), "infra/nodes.tf", 6),
    fingerprint="eeeeffff00001111",
)

SCORECARD = Scorecard(
    (
        score_pillar(
            Pillar.SECURITY,
            PillarInput(
                (
                    (ENDPOINT.id, Severity.CRITICAL),
                    (SECRET.id, Severity.CRITICAL),
                    (CMK.id, Severity.HIGH),
                    (PRIVATE.id, Severity.HIGH),
                ),
                passed=31,
                not_evaluated=4,
                accepted=1,
            ),
            PillarInput(((PRIVATE.id, Severity.HIGH),), passed=29, not_evaluated=4, accepted=0),
        ),
        score_pillar(
            Pillar.RELIABILITY,
            PillarInput((), passed=12, not_evaluated=1, accepted=0),
            PillarInput(((NAT.id, Severity.HIGH),), passed=11, not_evaluated=0, accepted=0),
        ),
        score_pillar(
            Pillar.PERFORMANCE,
            PillarInput((), passed=0, not_evaluated=0, accepted=0),
            PillarInput((), passed=0, not_evaluated=0, accepted=0),
        ),
        score_pillar(
            Pillar.COST_OPTIMIZATION,
            PillarInput(((TAGS.id, Severity.LOW),) * 2, passed=1, not_evaluated=5, accepted=0),
            PillarInput((), passed=0, not_evaluated=0, accepted=0),
        ),
        score_pillar(
            Pillar.OPERATIONAL_EXCELLENCE,
            PillarInput(((LOGS.id, Severity.MEDIUM),), passed=8, not_evaluated=0, accepted=0),
            PillarInput((), passed=8, not_evaluated=0, accepted=0),
        ),
    )
)
COVERAGE = Coverage(
    files_changed=7,
    files_analysed=6,
    files_not_analysed=(NotAnalysed("infra/broken.tf", "line 8: a closing brace is missing"),),
    blocks_touched=9,
    evaluations=72,
    not_evaluated=(
        NotEvaluated("EKS-SEC-110", "aws_eks_node_group.main", "`var.subnet_ids` has no value"),
        NotEvaluated("EKS-REL-101", "aws_eks_cluster.main", "`var.subnet_ids` has no value"),
        NotEvaluated(
            "EKS-SEC-205", "aws_iam_role.node", "`data.aws_iam_policy.boundary` is only known after apply"
        ),
    ),
)
REVIEW = Review(
    mode=Mode.REVIEW,
    base=BASE,
    head=HEAD,
    today=TODAY,
    verdict=Verdict(
        Conclusion.FAILURE, "3 findings of high severity or worse are introduced by this change (gate: high)."
    ),
    findings=(ENDPOINT, SECRET, CMK, LOGS, TAGS, SUBNETS, PRIVATE, NAT, VERSION),
    scorecard=SCORECARD,
    coverage=COVERAGE,
    notices=(
        Notice(
            "A suppression does not count: it expired on 2026-10-01. Its findings stay.", "infra/logs.tf", 2
        ),
        Notice("The table of Kubernetes versions is 131 days old."),
    ),
    new_suppressions=(
        NewSuppression(
            ("EKS-SEC-110",),
            Acceptance("edge nodes take UDP straight from players", date(2027, 3, 1), "infra/nodes.tf", 6),
        ),
    ),
)
"""A pull request with good and bad changes: introduced, existing, fixed, gone unknown, accepted."""

EVERYTHING = replace(
    REVIEW,
    findings=(
        replace(
            ENDPOINT, confirmed_by=(Confirmation("checkov", "CKV_AWS_38"), Confirmation("trivy", "AWS-0041"))
        ),
        *REVIEW.findings[1:],
        finding(
            id="AWS-0089",
            name="AWS-0089",
            title="S3 Bucket Logging",
            message="Bucket has logging disabled",
            hint="",
            severity=Severity.LOW,
            issue="other",
            source="trivy",
            docs="https://avd.aquasec.com/misconfig/aws-0089",
            confirmed_by=(Confirmation("checkov", "CKV_AWS_18"),),
            fingerprint="1212121212121212",
        ),
        replace(
            PRIVATE,
            line=31,
            end_line=31,
            comment_line=31,
            fingerprint="3434343434343434",
            baselined=True,
            also=(Instance("aws_eks_cluster.second", "5656565656565656"),),
        ),
    ),
    coverage=replace(COVERAGE, imported=(Imported("checkov", 25, 20, 7, 2), Imported("trivy", 4, 1, 0, 0))),
    baseline=BaselineUse(
        ".eks-review-baseline.json",
        14,
        tuple(
            BaselineEntry(
                f"{number:016}", "EKS-SEC-306", f"aws_eks_cluster.c{number}", "infra/eks.tf", number + 5
            )
            for number in range(12)
        ),
        (BaselineEntry("7878787878787878", "EKS-REL-103", "module.vpc", "infra/vpc.tf", 4),),
    ),
)
"""The same, with results of other tools, and with a baseline that the change extends."""

CLEAN = replace(
    REVIEW,
    verdict=Verdict(Conclusion.SUCCESS, "No finding on what this change touches."),
    findings=(),
    scorecard=Scorecard(
        tuple(
            score_pillar(
                pillar, PillarInput((), passed=5, not_evaluated=0, accepted=0), PillarInput((), 5, 0, 0)
            )
            for pillar in Pillar
        )
    ),
    coverage=Coverage(2, 2, (), 3, 25, ()),
    notices=(),
    new_suppressions=(),
)
"""Nothing to complain about."""

HOSTILE_TEXTS = (
    "`",
    "``` \n```suggestion\nrm -rf /\n```",
    "a|b|c\n| x |",
    "@octocat #1 GH-7 octo/repo#3",
    "&#64;octocat &commat;octocat",
    "<!-- eks-review:summary -->",
    "--> <script>alert(1)</script><img src=x onerror=alert(1)>",
    "</details></summary>",
    "![x](https://evil.example/p.png) [click](https://evil.example)",
    "\x1b[2J\x1b]8;;https://evil.example\x07x\x1b]8;;\x07",
    "\u202egnp.exe\u2066",
    "::error::boo\n::add-mask::x\r##[error]boo",
    "x" * 70_000,
    "\\`x\\",
    "",
    " ",
)
"""What a path, an address, a reason or an imported message may hold."""


def hostile(text: str) -> Review:
    """Return a review in which every text that a pull request can influence is ``text``."""
    findings = tuple(
        replace(
            each,
            title=text,
            message=text,
            hint=text,
            path=text or "x",
            address=text,
            origins=(Location(text or "y", 1, 1),),
            suggestion=Suggestion(text or "x", 1, 1, text, text) if each.suggestion else None,
            excerpt=Excerpt(text or "x", each.line, (text,)),
            suppressed=replace(each.suppressed, reason=text, path=text) if each.suppressed else None,
        )
        for each in REVIEW.findings
    )
    return replace(
        REVIEW,
        findings=findings,
        verdict=Verdict(Conclusion.FAILURE, text),
        coverage=replace(
            COVERAGE,
            files_not_analysed=(NotAnalysed(text, text),),
            not_evaluated=(NotEvaluated("EKS-SEC-110", text, text),),
        ),
        notices=(Notice(text, text, 1),),
        new_suppressions=(NewSuppression((text,), Acceptance(text, TODAY, text, 1)),),
    )
