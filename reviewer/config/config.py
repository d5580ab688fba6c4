"""The configuration: pure data, every value with a default, read from ``.eks-review.yml``.

The fields below are the one source: the reader, the JSON schema, the reference page and the commented
example of ``eks-review init`` are all made from them.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from reviewer import globs
from reviewer.config.choices import FailOn, Gate, ImportedResults, Incomplete, NewSuppressions
from reviewer.config.kinds import Choice, Flag, Kind, Many, Number
from reviewer.config.reader import is_prefix_of
from reviewer.config.rule_kinds import (
    ADDRESS,
    NETWORK,
    PATTERN,
    REGION,
    SIZE,
    WORD,
    CheckRef,
    PathRule,
    Paths,
    RequiredTag,
    Severities,
    SeverityRule,
    Tag,
)
from reviewer.config.table_kinds import ComponentNames, Components, KubernetesVersion, Versions
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.finding import Severity

DEFAULT_PATH = ".eks-review.yml"


class Option(Record):
    """What there is to know about one key: for the reader, the schema and the documentation."""

    key: str
    field: str
    kind: Kind
    default: object
    text: str
    group: str
    example: str


def _about(kind: Kind, text: str, *, group: str = "", example: str) -> dict[str, object]:
    """Return what a field knows about itself. A ``group`` holds for the fields that follow, too."""
    return {"kind": kind, "text": text, "group": group, "example": example}


@dataclass(frozen=True, slots=True)
class Config:
    """How to review. Options of the command line and inputs of the action override what the file says."""

    fail_on: FailOn = field(
        default=FailOn.HIGH,
        metadata=_about(
            Choice(FailOn),
            "Findings of this severity or worse fail the review. Those of `EKS-COST` are prompts and never"
            " do, unless `severity` says how severe they are.",
            group="The gate",
            example="medium",
        ),
    )
    gate: Gate = field(
        default=Gate.INTRODUCED,
        metadata=_about(
            Choice(Gate),
            "Which findings can fail the review: those the change introduces, or all on what it touches.",
            example="touched",
        ),
    )
    incomplete: Incomplete = field(
        default=Incomplete.FAIL,
        metadata=_about(
            Choice(Incomplete),
            "What a review means that could not see everything: a failed check, or one that only says so.",
            example="neutral",
        ),
    )
    new_suppressions: NewSuppressions = field(
        default=NewSuppressions.AFTER_MERGE,
        metadata=_about(
            Choice(NewSuppressions),
            "When a suppression that the change itself adds counts: once it is on the base branch, so that"
            " nobody switches off their own check, or at once.",
            example="at-once",
        ),
    )
    imported_results: ImportedResults = field(
        default=ImportedResults.SHOWN,
        metadata=_about(
            Choice(ImportedResults),
            "What the results of other tools count for: they are shown alone, can fail the review as well, or"
            " enter the score, too.",
            example="gate",
        ),
    )
    select: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            Many(CheckRef()),
            "Run only these checks, opt-in ones included. Empty means all that are on by default.",
            group="Checks",
            example="[EKS-SEC, EKS-REL-101]",
        ),
    )
    ignore: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            Many(CheckRef()),
            "Never run these checks; wins over all else. Ids of other tools drop their imported results.",
            example="[EKS-COST-104, no-alerting]",
        ),
    )
    enable: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            Many(CheckRef()),
            "Turn these opt-in checks on, beside those that are on by default.",
            example="[EKS-SEC-205]",
        ),
    )
    severity: tuple[SeverityRule, ...] = field(
        default=(),
        metadata=_about(
            Severities(),
            "Give a check another severity, in gate, reports and score. The most exact entry wins.",
            example="{EKS-SEC-306: critical}",
        ),
    )
    paths: tuple[PathRule, ...] = field(
        default=(),
        metadata=_about(
            Many(Paths()),
            "What is different in some folders: checks that are off or, with `enable`, on only there, and "
            "other severities. All rules that match a file apply; the last severity wins.",
            example='[{path: "examples/**", ignore: [EKS-COST, EKS-OPS-201]}]',
        ),
    )
    policies: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            Many(PATTERN),
            "Own checks: Rego policies, read from the same branch as this file. The page “Own checks” of the "
            "documentation tells how to write them.",
            example='[".eks-review/*.rego"]',
        ),
    )
    exclude: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            Many(PATTERN),
            "Files that are not reviewed at all, such as generated code. The report names them.",
            group="Files",
            example='["vendor/**"]',
        ),
    )
    var_files: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            Many(PATTERN),
            "Variable files to read besides those that Terraform loads by itself, in this order. A change of "
            "one concerns every root module that declares one of its variables, wherever the file lies. "
            "Without this setting, each file that a run has to name, such as `envs/prod.tfvars`, is an "
            "environment of its own: its root module is reviewed as it is and with each of them, a changed "
            "one in any case. Where a plan says what is deployed, files that are left alone do not count. A "
            "file belongs to the module that it lies in or below, else to those that declare most of its "
            "variables. One called `common.tfvars` stands for no environment: it is read before each of "
            "those beside it. If your runs name a shared file of another name first "
            "(`-var-file=global.tfvars -var-file=prod.tfvars`), list that one here.",
            example="[environments/prod.tfvars]",
        ),
    )
    environments: tuple[str, ...] = field(
        default=(
            *("dev", "develop", "development", "test", "qa", "sandbox", "preview", "ephemeral", "pr-*"),
            *("demo", "workshop", "playground"),
        ),
        metadata=_about(
            Many(WORD),
            "Words in a folder, a variable file or the `environment` value that mark a root module as "
            "not production. Checks about availability and backups leave these alone.",
            example="[dev, uat, sandbox]",
        ),
    )
    time_budget: int = field(
        default=300,
        metadata=_about(
            Number(1, 3600),
            "Seconds that a review may take. What is not analysed by then is named, and makes it incomplete.",
            example="120",
        ),
    )
    max_comments: int = field(
        default=30,
        metadata=_about(
            Number(0, 100),
            "Inline comments per review; the worst findings come first, the rest stands in the summary.",
            group="Comments",
            example="20",
        ),
    )
    comment_on_drafts: bool = field(
        default=True,
        metadata=_about(
            Flag(),
            "Comment on draft pull requests, too. Without, a draft gets the check and the job summary alone.",
            example="false",
        ),
    )
    max_low_comments: int = field(
        default=5,
        metadata=_about(
            Number(0, 100), "How many of those may be about findings of low severity.", example="0"
        ),
    )
    baseline: str = field(
        default=".eks-review-baseline.json",
        metadata=_about(
            PATTERN,
            "The file that `eks-review audit --write-baseline` writes: problems that stood when you began.",
            group="Suppressions",
            example="ops/eks-review-baseline.json",
        ),
    )
    max_suppression_days: int = field(
        default=365,
        metadata=_about(
            Number(1, 3650),
            "How far in the future the `until` of a suppression may lie. One beyond does not count.",
            group="Suppressions",
            example="90",
        ),
    )
    required_tags: tuple[RequiredTag, ...] = field(
        default=(
            RequiredTag("Environment", ("env",)),
            RequiredTag("Owner", ("team",)),
            RequiredTag(
                "CostCenter",
                ("cost-centre", "billing-code", "business-unit", "department", "project", "product"),
            ),
        ),
        metadata=_about(
            Many(Tag()),
            "Tags that every taggable resource must carry. Any alias will do, whatever its case; "
            "`-` and `_` do not count.",
            group="What your platform looks like",
            example="[Environment, Owner: [team, squad]]",
        ),
    )
    allowed_regions: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            Many(REGION),
            "Regions that may be used; an AWS provider in another is a finding (EKS-CFG-102). Empty: any.",
            example="[eu-west-1, eu-central-1]",
        ),
    )
    small_regions: tuple[str, ...] = field(
        default=("us-west-1",),
        metadata=_about(
            Many(REGION),
            "Regions in which an account has two availability zones: two are enough there.",
            example="[]",
        ),
    )
    allowed_cidrs: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            Many(NETWORK),
            "Networks from which administrative access is fine, such as the office or the VPN. Once one is "
            "listed, a sensitive port or an API endpoint open to any other public network is a finding, "
            "too (EKS-SEC-101, EKS-SEC-107); private addresses stay free.",
            example='["203.0.113.0/24"]',
        ),
    )
    extra_sensitive_ports: tuple[int, ...] = field(
        default=(),
        metadata=_about(
            Many(Number(1, 65535)),
            "Ports that must not be open to the world, besides the usual ones.",
            example="[8200]",
        ),
    )
    min_log_retention_days: int = field(
        default=30,
        metadata=_about(Number(1, 3653), "Logs kept for fewer days are a finding.", example="90"),
    )
    default_log_retention_days: int = field(
        default=90,
        metadata=_about(
            Number(1, 3653),
            "The retention that a suggestion fills in; CloudWatch must accept it.",
            example="365",
        ),
    )
    min_backup_days: int = field(
        default=7,
        metadata=_about(
            Number(1, 35),
            "Automated backups kept for fewer days are a finding (EKS-OPS-203).",
            example="14",
        ),
    )
    min_spot_types: int = field(
        default=3,
        metadata=_about(
            Number(1, 20), "A spot node group with fewer instance types is a finding.", example="5"
        ),
    )
    max_size: str = field(
        default="8xlarge",
        metadata=_about(
            SIZE,
            "General-purpose nodes of this size or larger are a finding of EKS-COST-101.",
            example="16xlarge",
        ),
    )
    max_prefix: int = field(
        default=24,
        metadata=_about(
            Number(16, 28),
            "A subnet of nodes with a longer prefix, so fewer addresses, is a finding of EKS-REL-207.",
            example="22",
        ),
    )
    warn_days: int = field(
        default=30,
        metadata=_about(
            Number(0, 365),
            "How long before the end of standard support a Kubernetes version is a finding.",
            example="60",
        ),
    )
    kubernetes_versions: tuple[KubernetesVersion, ...] = field(
        default=(),
        metadata=_about(
            Versions(),
            "Ends of support of Kubernetes versions on EKS, where this release does not know them, or your "
            "contract says otherwise. A row replaces the built-in one of the same version.",
            example='{"1.37": {standard-until: 2027-12-02, extended-until: 2028-12-02}}',
        ),
    )
    components: tuple[ComponentNames, ...] = field(
        default=(),
        metadata=_about(
            Components(),
            "Further names by which something counts as installed: your own Helm charts, modules, add-ons, "
            "switches (`flags`), resource types, workloads, kinds of objects and files. A module is named "
            "`namespace/name/provider`, or by its source without `?ref=`; `*` stands for anything.",
            example='{metrics-server: {charts: [acme-metrics], modules: ["acme/metrics/aws"]}}',
        ),
    )
    max_cluster_admins: int = field(
        default=2,
        metadata=_about(
            Number(0, 50),
            "How many principals may administer a cluster; each one beyond is a finding (EKS-SEC-208).",
            example="1",
        ),
    )
    require_permissions_boundary: bool = field(
        default=False,
        metadata=_about(
            Flag(),
            "Every role needs a permissions boundary, not only those whose siblings have one (EKS-SEC-205).",
            example="true",
        ),
    )
    require_service_account: bool = field(
        default=False,
        metadata=_about(
            Flag(),
            "A trust must name one service account; all of a namespace is a finding, too (EKS-SEC-206).",
            example="true",
        ),
    )
    max_hop_limit: int = field(
        default=64,
        metadata=_about(
            Number(1, 64),
            "Instances whose metadata answers over more network hops are a finding (EKS-SEC-211); at 1, pods "
            "cannot reach it.",
            example="1",
        ),
    )
    single_region: bool = field(
        default=False,
        metadata=_about(
            Flag(),
            "Data must not leave its region: copies of backups elsewhere are not asked for (EKS-OPS-206).",
            example="true",
        ),
    )
    dr_required: bool = field(
        default=False,
        metadata=_about(
            Flag(),
            "Databases need a copy in another region, too (EKS-OPS-206).",
            example="true",
        ),
    )
    strict_internal_tls: bool = field(
        default=False,
        metadata=_about(
            Flag(),
            "Clear-text HTTP is a finding on internal load balancers, too (EKS-GOV-102).",
            example="true",
        ),
    )
    strict: bool = field(
        default=False,
        metadata=_about(
            Flag(),
            "Ask for more than most need: versions in every bucket (EKS-OPS-205), and deletion protection of "
            "the cluster itself (EKS-OPS-204).",
            example="true",
        ),
    )
    check_backend_region: bool = field(
        default=False,
        metadata=_about(
            Flag(),
            "Compare the region of the S3 backend with that of the provider, too (EKS-CFG-104).",
            example="true",
        ),
    )
    ebs_encryption_by_default: bool = field(
        default=False,
        metadata=_about(
            Flag(),
            "The account encrypts new EBS volumes by itself; then volumes need not say so.",
            group="What a repository cannot show",
            example="true",
        ),
    )
    external_scanner: bool = field(
        default=False,
        metadata=_about(
            Flag(),
            "A security scanner runs outside this repository, for example as an organisation-wide workflow.",
            example="true",
        ),
    )
    guardrails_url: str | None = field(
        default=None,
        metadata=_about(
            ADDRESS,
            "Where CloudTrail, GuardDuty, Config and the like are declared, when that is another repository.",
            example="https://github.com/acme/landing-zone",
        ),
    )
    operations_docs_url: str | None = field(
        default=None,
        metadata=_about(
            ADDRESS,
            "Where runbooks, upgrade and recovery procedures live, when that is not this repository.",
            example="https://wiki.example.com/eks",
        ),
    )

    def is_enabled(self, check_id: str, name: str, default_on: bool, path: str) -> bool:  # noqa: FBT001 - a fact
        """Tell whether a check runs for the repository-relative file ``path``.

        An empty path asks whether it runs anywhere.
        """
        if self.ignores(check_id, name, path):
            return False
        rules = self._rules(path) if path else self.paths
        enabled = (*self.enable, *(entry for rule in rules for entry in rule.enable))
        wanted = default_on or any(covers(entry, check_id, name) for entry in enabled)
        if not self.select:
            return wanted
        if check_id in self.select or name in self.select:
            return True
        return wanted and any(covers(entry, check_id, name) for entry in self.select)

    def ignores(self, check_id: str, name: str, path: str) -> bool:
        """Tell whether a check, or a rule of another tool, is switched off for a file."""
        ignored = (*self.ignore, *(entry for rule in self._rules(path) for entry in rule.ignore))
        return any(covers(entry, check_id, name) for entry in ignored)

    def severity_of(self, check_id: str, name: str, path: str, default: Severity) -> Severity:
        """Return the severity of a check in a file."""
        result = _most_exact(self.severity, check_id, name) or default
        for rule in self._rules(path):
            result = _most_exact(rule.severity, check_id, name) or result
        return result

    def weighs(self, check_id: str, name: str, path: str) -> bool:
        """Tell whether the configuration gives a check a severity in a file."""
        rules = (*self.severity, *(each for rule in self._rules(path) for each in rule.severity))
        return any(covers(each.check, check_id, name) for each in rules)

    def excludes(self, path: str) -> bool:
        """Tell whether a file is left out of the review."""
        return globs.matches_any(self.exclude, path)

    def _rules(self, path: str) -> Iterator[PathRule]:
        return (rule for rule in self.paths if path and globs.matches(rule.path, path))


def options_of() -> tuple[Option, ...]:
    """Return every key in documentation order, each with its group filled in."""
    result: list[Option] = []
    for each in dataclasses.fields(Config):
        group = each.metadata["group"] or result[-1].group
        kind, text, example = each.metadata["kind"], each.metadata["text"], each.metadata["example"]
        result.append(Option(_key(each.name), each.name, kind, each.default, text, group, example))
    return tuple(result)


def merged(config: Config, **overrides: object) -> Config:
    """Return ``config`` with the given fields replaced; ``None`` keeps what is there."""
    given = {name: value for name, value in overrides.items() if value is not None}
    return dataclasses.replace(config, **cast("dict[str, Any]", given))


def covers(entry: str, check_id: str, name: str) -> bool:
    """Tell whether an id, a name or a prefix such as ``EKS-SEC`` or ``EKS-SEC-1`` stands for a check."""
    return entry in {check_id, name} or is_prefix_of(entry, check_id)


def _most_exact(rules: Iterable[SeverityRule], check_id: str, name: str) -> Severity | None:
    """A name or a full id beats a prefix, a longer prefix a shorter one."""
    found = [rule for rule in rules if covers(rule.check, check_id, name)]
    exact = [rule for rule in found if rule.check in {check_id, name}]
    best = max(exact or found, key=lambda rule: len(rule.check), default=None)
    return None if best is None else best.severity


def _key(name: str) -> str:
    return name.replace("_", "-")
