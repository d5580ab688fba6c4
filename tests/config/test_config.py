"""The configuration: defaults, what the file can say, and every mistake with its line."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reviewer.config import pages
from reviewer.config.choices import FailOn, Gate, ImportedResults, Incomplete, NewSuppressions
from reviewer.config.config import Config, merged, options_of
from reviewer.config.file import InvalidConfigError, json_schema, load, read_option
from reviewer.config.rule_kinds import PathRule, RequiredTag, SeverityRule
from reviewer.config.table_kinds import ComponentNames, KubernetesVersion
from reviewer.finding import Severity

if TYPE_CHECKING:
    from reviewer.config.reader import ConfigError

DOCS = Path(__file__).parents[2] / "docs"
CHECKS = {
    "EKS-SEC-107": "api-endpoint-open-to-world",
    "EKS-SEC-205": "permissions-boundary-missing",
    "EKS-SEC-306": "eks-secrets-without-cmk",
    "EKS-COST-101": "oversized-node-type",
    "EKS-COST-201": "required-tags-missing",
}
EVERYTHING = """\
fail-on: medium
gate: touched
incomplete: neutral
new-suppressions: at-once
select: EKS-SEC
ignore: [api-endpoint-open-to-world, EKS-COST-2, CKV_AWS_39]
enable:
  - EKS-SEC-205
severity:
  EKS-SEC: low
  EKS-SEC-306: critical
paths:
  - path: "examples/**"
    ignore: EKS-COST
  - path: "*.tfvars"
    enable: EKS-SEC-205
    severity: {EKS-SEC-107: low}
policies: .eks-review/*.rego
exclude: vendor/
var-files: [prod.tfvars]
environments: [qa]
max-comments: 7
comment-on-drafts: false
max-low-comments: 0
time-budget: 120
imported-results: gate
max-suppression-days: 90
baseline: ops/baseline.json
required-tags: [Team, Owner: [squad, crew]]
allowed-regions: [eu-west-1, us-gov-east-1]
small-regions: []
allowed-cidrs: ["203.0.113.0/24", "2001:db8::/32"]
extra-sensitive-ports: [8200]
min-log-retention-days: 60
default-log-retention-days: 365
min-backup-days: 14
min-spot-types: 5
max-size: 4xlarge
max-prefix: 22
warn-days: 0
max-cluster-admins: 0
require-permissions-boundary: true
require-service-account: true
max-hop-limit: 1
kubernetes-versions:
  "1.37": {standard-until: "2027-12-02", extended-until: "2028-12-02"}
components:
  metrics-server: {charts: acme-metrics, modules: [acme/metrics/aws]}
single-region: true
dr-required: true
strict-internal-tls: true
strict: true
check-backend-region: true
ebs-encryption-by-default: true
external-scanner: true
guardrails-url: https://github.com/acme/landing-zone
operations-docs-url:
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(InvalidConfigError) as error:
        load(text, checks=CHECKS)
    return str(error.value).split("\n")


@pytest.mark.parametrize("text", ["", "\n# only a comment\n", "---\n", "{}"])
def test_nothing_written_means_the_defaults(text: str) -> None:
    assert load(text) == Config()


def test_the_documented_defaults() -> None:
    config = Config()

    assert (config.fail_on, config.gate, config.incomplete) == (FailOn.HIGH, Gate.INTRODUCED, Incomplete.FAIL)
    assert (config.max_comments, config.max_low_comments, config.max_suppression_days) == (30, 5, 365)
    assert [tag.name for tag in config.required_tags] == ["Environment", "Owner", "CostCenter"]
    assert "billingcode" in config.required_tags[2].spellings
    assert (config.min_log_retention_days, config.default_log_retention_days) == (30, 90)
    assert (config.min_spot_types, config.warn_days, config.check_backend_region) == (3, 30, False)


def test_every_key_is_read() -> None:
    assert load(EVERYTHING, checks=CHECKS) == Config(
        fail_on=FailOn.MEDIUM,
        gate=Gate.TOUCHED,
        incomplete=Incomplete.NEUTRAL,
        new_suppressions=NewSuppressions.AT_ONCE,
        select=("EKS-SEC",),
        ignore=("api-endpoint-open-to-world", "EKS-COST-2", "CKV_AWS_39"),
        enable=("EKS-SEC-205",),
        severity=(SeverityRule("EKS-SEC", Severity.LOW), SeverityRule("EKS-SEC-306", Severity.CRITICAL)),
        paths=(
            PathRule("examples/**", ignore=("EKS-COST",)),
            PathRule(
                "*.tfvars", enable=("EKS-SEC-205",), severity=(SeverityRule("EKS-SEC-107", Severity.LOW),)
            ),
        ),
        policies=(".eks-review/*.rego",),
        exclude=("vendor/",),
        var_files=("prod.tfvars",),
        environments=("qa",),
        comment_on_drafts=False,
        max_comments=7,
        max_low_comments=0,
        time_budget=120,
        imported_results=ImportedResults.GATE,
        max_suppression_days=90,
        baseline="ops/baseline.json",
        required_tags=(RequiredTag("Team"), RequiredTag("Owner", ("squad", "crew"))),
        allowed_regions=("eu-west-1", "us-gov-east-1"),
        small_regions=(),
        allowed_cidrs=("203.0.113.0/24", "2001:db8::/32"),
        extra_sensitive_ports=(8200,),
        min_log_retention_days=60,
        default_log_retention_days=365,
        min_backup_days=14,
        min_spot_types=5,
        max_size="4xlarge",
        max_prefix=22,
        warn_days=0,
        max_cluster_admins=0,
        require_permissions_boundary=True,
        require_service_account=True,
        max_hop_limit=1,
        kubernetes_versions=(KubernetesVersion("1.37", date(2027, 12, 2), date(2028, 12, 2)),),
        components=(
            ComponentNames(
                "metrics-server", (("charts", ("acme-metrics",)), ("modules", ("acme/metrics/aws",)))
            ),
        ),
        single_region=True,
        dr_required=True,
        strict_internal_tls=True,
        strict=True,
        check_backend_region=True,
        ebs_encryption_by_default=True,
        external_scanner=True,
        guardrails_url="https://github.com/acme/landing-zone",
        operations_docs_url=None,
    )


def test_the_file_above_has_every_key() -> None:
    assert set(yaml.safe_load(EVERYTHING)) == {option.key for option in options_of()}


@pytest.mark.parametrize("field", [option.field for option in options_of()])
def test_every_key_is_honoured_somewhere(field: str) -> None:
    """A key that nothing reads would be a promise that nobody keeps."""
    sources = [
        each
        for each in (DOCS.parent / "reviewer").rglob("*.py")
        if each.parts[-2:] != ("config", "config.py")
    ]
    readers = [each for each in sources if re.search(rf"\.{field}\b", each.read_text(encoding="utf-8"))]
    assert readers, field


def test_all_mistakes_are_named_at_once_with_line_and_key() -> None:
    text = "gate: touched\nfail-on: hihg\nmax-comments: many\ngaet: introduced\n"

    assert mistakes(text) == [
        '.eks-review.yml:2: fail-on: "hihg" is not one of critical, high, medium, low, never',
        '.eks-review.yml:3: max-comments: "many" is not a whole number from 0 to 100',
        '.eks-review.yml:4: unknown key "gaet" (did you mean "gate"?)',
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("fail-on: [high]", "1: fail-on: a list is not one of critical, high, medium, low, never"),
        ("fail-on:", "1: fail-on: an empty value is not one of critical, high, medium, low, never"),
        ("a: 1", '1: unknown key "a"'),
        ("gate: touched\ngate: introduced", '2: gate: the key "gate" already stands on line 1'),
        (
            "ignore:\n- EKS-SEC-108",
            '2: ignore: no check has the id or name "EKS-SEC-108" (did you mean "EKS-SEC-107"?)',
        ),
        (
            "select: required-tag-missing",
            'name "required-tag-missing" (did you mean "required-tags-missing"?)',
        ),
        ("ignore: EKS-GOV", '1: ignore: no check has the id or name "EKS-GOV"'),
        ("ignore: EKS-SEC-10", '1: ignore: no check has the id or name "EKS-SEC-10"'),
        ("ignore: [7]", '1: ignore: "7" is not the id or name of a check'),
        ("severity: high", '1: severity: "high" is not a mapping such as EKS-SEC-306: critical'),
        ("severity:\n  EKS-SEC: bad", '2: severity.EKS-SEC: "bad" is not one of critical, high, medium, low'),
        (
            "severity:\n  EKS-SEC: low\n  EKS-SEC: high",
            '3: severity: the key "EKS-SEC" already stands on line 2',
        ),
        ("paths: [x]", '1: paths: "x" is not a mapping with path and ignore, enable or severity'),
        ("paths: [{path: x}]", "1: paths: needs path, and ignore, enable or severity"),
        (
            "paths: [{path: ../x, ignore: EKS}]",
            '1: paths.path: "../x" is not a path relative to the repository',
        ),
        ("paths: [{path: x, ignroe: EKS}]", '1: paths: unknown key "ignroe" (did you mean "ignore"?)'),
        ("exclude: /etc/*", '1: exclude: "/etc/*" is not a path relative to the repository'),
        ("max-comments: 101", '1: max-comments: "101" is not a whole number from 0 to 100'),
        ("max-comments: -1", '1: max-comments: "-1" is not a whole number from 0 to 100'),
        ("max-comments: 1.5", '1: max-comments: "1.5" is not a whole number from 0 to 100'),
        ("max-comments: 99999999999999999999", "is not a whole number from 0 to 100"),
        ("extra-sensitive-ports: [0]", '1: extra-sensitive-ports: "0" is not a whole number from 1 to 65535'),
        ("check-backend-region: yes", '1: check-backend-region: "yes" is neither true nor false'),
        ("allowed-cidrs: 10.0.0.1/8", '1: allowed-cidrs: "10.0.0.1/8" is not a network in CIDR notation'),
        ("allowed-regions: europe", '1: allowed-regions: "europe" is not a region such as eu-west-1'),
        ("max-size: huge", '1: max-size: "huge" is not the size of an EC2 instance such as 8xlarge'),
        ("max-prefix: 32", '1: max-prefix: "32" is not a whole number from 16 to 28'),
        ("required-tags: [{A: [b], C: [d]}]", "1: required-tags: a mapping is not a text"),
        ('required-tags: [""]', '1: required-tags: "" is empty'),
        ("required-tags: [yes]", '1: required-tags: "yes" is not a text; put it in quotes'),
        ("guardrails-url: http://x", '1: guardrails-url: "http://x" is not an https:// address'),
        ("- a", "1: the file must be a mapping of keys to values"),
        ("a: [", "1: not valid YAML: "),
        ("a: 1\n b: 2", "2: not valid YAML: "),
        ("a: 1\n---\nb: 1", "not valid YAML: "),
        ("gate: \x07", "1: not valid YAML: a character that YAML does not allow"),
        ("a: &x [1]\nb: *x", "1: anchors and aliases are not supported: write the value out"),
        ("gate: !!python/name:os.system x", "1: gate: "),
        ("\n" * 3 + "[" * 2000, "4: nested deeper than 20 levels"),
        ("#" * 300_000, "1: the file has 300,000 characters, more than 262,144"),
    ],
)
def test_a_mistake_is_named(text: str, mistake: str) -> None:
    (message,) = mistakes(text)

    assert message.startswith(".eks-review.yml:")
    assert mistake in message


def test_a_mistake_cannot_steer_the_terminal() -> None:
    (message,) = mistakes('fail-on: "\\e[2J\\nx"')

    assert message == (
        '.eks-review.yml:1: fail-on: "\\x1b[2J\\nx" is not one of critical, high, medium, low, never'
    )


@given(st.text(st.sampled_from("abg-:[]{}#\"'&*!|>%@\n\t 01"), max_size=80))
def test_any_text_is_a_configuration_or_a_named_mistake(text: str) -> None:
    named: tuple[ConfigError, ...] = ()
    try:
        load(text, checks=CHECKS)
    except InvalidConfigError as error:
        named = error.errors
    assert all(each.message and each.line for each in named)


@pytest.mark.parametrize(
    ("config", "enabled"),
    [
        ("", ["EKS-SEC-107", "EKS-SEC-306", "EKS-COST-101", "EKS-COST-201"]),
        (
            "enable: EKS-SEC-205",
            ["EKS-SEC-107", "EKS-SEC-205", "EKS-SEC-306", "EKS-COST-101", "EKS-COST-201"],
        ),
        ("select: EKS-SEC", ["EKS-SEC-107", "EKS-SEC-306"]),
        ("select: EKS-SEC-2", []),
        ("{select: EKS-SEC-2, enable: EKS-SEC}", ["EKS-SEC-205"]),
        ("select: EKS-SEC-205", ["EKS-SEC-205"]),
        ("select: [permissions-boundary-missing, EKS-COST-1]", ["EKS-SEC-205", "EKS-COST-101"]),
        ("{select: EKS-SEC, ignore: EKS-SEC-107}", ["EKS-SEC-306"]),
        ("{enable: EKS-SEC-205, ignore: EKS}", []),
        ("ignore: [EKS-COST-1, api-endpoint-open-to-world]", ["EKS-SEC-306", "EKS-COST-201"]),
        ("paths: [{path: infra/**, ignore: EKS-SEC}]", ["EKS-COST-101", "EKS-COST-201"]),
        ("{select: EKS-SEC-2, paths: [{path: infra/**, enable: EKS-SEC-205}]}", ["EKS-SEC-205"]),
        ("{select: EKS-SEC-2, paths: [{path: other/**, enable: EKS-SEC-205}]}", []),
        ("paths: [{path: infra/**, ignore: EKS, enable: EKS-SEC-205}]", []),
        (
            "paths: [{path: other/**, ignore: EKS}]",
            ["EKS-SEC-107", "EKS-SEC-306", "EKS-COST-101", "EKS-COST-201"],
        ),
    ],
)
def test_which_checks_run(config: str, enabled: list[str]) -> None:
    loaded = load(config, checks=CHECKS)
    runs = [
        check
        for check, name in CHECKS.items()
        if loaded.is_enabled(check, name, check != "EKS-SEC-205", "infra/eks.tf")
    ]

    assert runs == enabled


@pytest.mark.parametrize(
    ("config", "severity"),
    [
        ("", "high"),
        ("severity: {EKS: low}", "low"),
        ("severity: {EKS-SEC-1: critical, EKS-SEC: medium}", "critical"),
        ("severity: {api-endpoint-open-to-world: critical, EKS-SEC-1: medium}", "critical"),
        ("severity: {EKS-SEC-2: low}", "high"),
        ("paths: [{path: infra/, severity: {EKS-SEC: medium}}]", "medium"),
        ("paths: [{path: a, severity: {EKS-SEC: medium}}]", "high"),
        ("paths: [{path: infra/, severity: {EKS: low}}, {path: '*.tf', severity: {EKS: medium}}]", "medium"),
        ("{severity: {EKS-SEC: low}, paths: [{path: infra/, severity: {EKS: critical}}]}", "critical"),
    ],
)
def test_the_severity_of_a_check(config: str, severity: str) -> None:
    loaded = load(config, checks=CHECKS)

    assert (
        loaded.severity_of("EKS-SEC-107", "api-endpoint-open-to-world", "infra/eks.tf", Severity.HIGH)
        == severity
    )


@pytest.mark.parametrize(
    ("entry", "covered"),
    [
        ("OWN", ["OWN-NAMING-1", "OWN-NAMING-12", "OWN-AUDIT-1"]),
        ("OWN-NAMING", ["OWN-NAMING-1", "OWN-NAMING-12"]),
        ("OWN-NAMING-1", ["OWN-NAMING-1"]),
        ("EKS-SEC", []),
    ],
)
def test_own_checks_are_named_like_others(entry: str, covered: list[str]) -> None:
    config = load(f"{{select: {entry}}}", checks=CHECKS)
    own = ("OWN-NAMING-1", "OWN-NAMING-12", "OWN-AUDIT-1")
    assert [
        each for each in own if config.is_enabled(each, each.lower(), default_on=True, path="a.tf")
    ] == covered


def test_excluded_files() -> None:
    config = load("exclude: [vendor/, '*.gen.tf']")

    assert [
        path for path in ("vendor/a/b.tf", "x/y.gen.tf", "vendors/a.tf", "x.tf") if config.excludes(path)
    ] == [
        "vendor/a/b.tf",
        "x/y.gen.tf",
    ]


@pytest.mark.parametrize(
    ("fail_on", "failing"),
    [
        ("critical", ["critical"]),
        ("high", ["critical", "high"]),
        ("low", ["critical", "high", "medium", "low"]),
        ("never", []),
    ],
)
def test_what_fails(fail_on: str, failing: list[str]) -> None:
    assert [each for each in Severity if FailOn(fail_on).includes(each)] == failing


def test_overrides_win_and_none_keeps() -> None:
    config = merged(load("{fail-on: low, gate: touched}"), fail_on=FailOn.NEVER, gate=None)

    assert (config.fail_on, config.gate) == (FailOn.NEVER, Gate.TOUCHED)
    with pytest.raises(TypeError):
        merged(config, fail_no=FailOn.NEVER)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("fail-on", " low ", FailOn.LOW),
        ("max-comments", "3", 3),
        ("check-backend-region", "True", True),
        ("select", "EKS-SEC, EKS-COST-101\nEKS-SEC", ("EKS-SEC", "EKS-COST-101")),
        ("ignore", "", ()),
    ],
)
def test_a_value_from_an_option_or_an_input(key: str, text: str, value: object) -> None:
    assert read_option(key, text, "input", CHECKS) == value


def test_a_mistake_in_an_option_names_the_option() -> None:
    with pytest.raises(InvalidConfigError) as error:
        read_option("ignore", "EKS-SEC-1,EKS-SEC-109", "--ignore", CHECKS)

    assert (
        str(error.value)
        == '--ignore: no check has the id or name "EKS-SEC-109" (did you mean "EKS-SEC-107"?)'
    )


def test_the_schema_accepts_what_is_accepted_and_has_every_default() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    document = yaml.safe_load(EVERYTHING)
    del document["operations-docs-url"]
    defaults = {option.key: option.kind.plain(option.default) for option in options_of()}

    assert [error.message for error in validator.iter_errors(document)] == []
    written = {key: value for key, value in defaults.items() if value is not None}
    assert [error.message for error in validator.iter_errors(written)] == []


@pytest.mark.parametrize(
    "text", ["fail-on: x", "a: 1", "max-comments: 101", "paths: [{path: x}]", "select: [1]"]
)
def test_the_schema_refuses_what_is_refused(text: str) -> None:
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(yaml.safe_load(text))


def test_the_published_pages_are_those_of_the_options() -> None:
    assert (DOCS / "configuration.md").read_text(encoding="utf-8") == pages.page()
    assert json.loads((DOCS / "config.schema.json").read_text(encoding="utf-8")) == json_schema()


def test_every_documented_example_is_valid() -> None:
    checks = (
        CHECKS
        | {each: each.lower() for each in ("EKS-REL-101", "EKS-COST-104", "EKS-OPS-201")}
        | {"EKS-OBS-203": "no-alerting"}
    )
    for option in options_of():
        config = load(f"{option.key}: {option.example}", checks=checks)
        assert getattr(config, option.field) != option.default, option.key


def test_the_example_file_says_the_defaults() -> None:
    text = pages.example()
    keys = {f"# {option.key}: " for option in options_of()}
    uncommented = "\n".join(
        line.removeprefix("# ") if any(line.startswith(key) for key in keys) else line
        for line in text.split("\n")
    )

    assert load(text) == Config()
    assert set(yaml.safe_load(uncommented)) == {option.key for option in options_of()}
    assert load(uncommented) == Config()


def test_the_configuration_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().fail_on = FailOn.NEVER  # type: ignore[misc] # that is the point


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kubernetes-versions: 1.37", '2: kubernetes-versions: "1.37" is not a mapping of versions such as 1.37 to dates'),
        ("kubernetes-versions: {latest: {}}", '2: kubernetes-versions: "latest" is not a version such as 1.37'),
        (
            "kubernetes-versions: {1.37: {standard-until: 2027-13-02, extended-until: 2028-12-02}}",
            '2: kubernetes-versions.1.37.standard-until: "2027-13-02" is not a date such as 2027-12-02',
        ),
        (
            "kubernetes-versions: {1.37: {standard-until: 2027-12-02}}",
            "2: kubernetes-versions.1.37: needs standard-until and extended-until",
        ),
        (
            "kubernetes-versions: {1.37: {standard-until: 2027-12-02, extended: 2028-12-02}}",
            '2: kubernetes-versions.1.37: unknown key "extended" (did you mean "extended-until"?)',
        ),
        (
            "kubernetes-versions: {1.37: {standard-until: 2028-12-02, extended-until: 2027-12-02}}",
            "2: kubernetes-versions.1.37: extended support ends on 2027-12-02, before standard support on 2028-12-02",
        ),
        ("kubernetes-versions: {1.37: soon}", '2: kubernetes-versions.1.37: "soon" is not a mapping with standard-until and extended-until'),
        ("components: [velero]", "2: components: a list is not a mapping of components such as metrics-server"),
        (
            "components: {metric-server: {charts: [acme]}}",
            '2: components: unknown component "metric-server" (did you mean "metrics-server"?)',
        ),
        (
            "components: {backup: {chart: [acme-backup]}}",
            '2: components.backup: unknown key "chart" (did you mean "charts"?)',
        ),
        ('components: {backup: {charts: ["*"]}}', '2: components.backup.charts: "*" is too short to recognise anything by'),
        ("components: {backup: acme}", '2: components.backup: "acme" is not a mapping with charts, addons, flags, modules, resources, workloads, kinds, files'),
    ],
)  # fmt: skip
def test_mistakes_in_tables_are_named(text: str, message: str) -> None:
    assert mistakes(f"# mine\n{text}\n") == [f".eks-review.yml:{message}"]
