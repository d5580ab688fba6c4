"""EKS-SEC-302 to 305, 311 and 312: secrets in code, in plans, in the state, in files."""

from __future__ import annotations

import base64

import pytest

from reviewer.checks import CHECKS
from reviewer.checks.runner import State
from tests.checks.harness import outcomes, problems, reasons, states
from tests.checks.suggested import with_fixes

LITERAL = "EKS-SEC-302"
PRINTED = "EKS-SEC-303"
STATE = "EKS-SEC-304"
STORE = "EKS-SEC-305"
FILE = "EKS-SEC-311"
KEYS = "EKS-SEC-312"

SECRET = "S3cr3t-Pa55"
AWS_KEY = "AKIA" + "Q3EGR7XJ5ZKL2WNV"


def resource(kind: str, body: str) -> str:
    return f'resource "{kind}" "x" {{\n{body}\n}}\n'


@pytest.mark.parametrize(
    ("code", "text", "message"),
    [
        (
            resource("aws_db_instance", f'password = "{SECRET}"'),
            f'password = "{SECRET}"',
            "A secret is written into `aws_db_instance.x.password`; it also lands in the state file.",
        ),
        (
            resource(
                "aws_opensearch_domain", f'master_user_options {{\nmaster_user_password = "{SECRET}"\n}}'
            ),
            f'master_user_password = "{SECRET}"',
            "`aws_opensearch_domain.x.master_user_options.master_user_password`",
        ),
        (
            resource("kubernetes_secret_v1", f'data = {{\nhost = "db"\nPASSWORD = "{SECRET}"\n}}'),
            f'PASSWORD = "{SECRET}"',
            "`kubernetes_secret_v1.x.data.PASSWORD`",
        ),
        (
            resource(
                "kubernetes_deployment",
                (
                    f"spec {{\ntemplate {{\nspec {{\ncontainer {{\nenv {{\n"
                    f'name = "DB_PASSWORD"\nvalue = "{SECRET}"\n}}\n}}\n}}\n}}\n}}'
                ),
            ),
            f'value = "{SECRET}"',
            "`kubernetes_deployment.x.spec.template.spec.container.env.DB_PASSWORD`",
        ),
        (
            resource("helm_release", f'set {{\nname = "auth.password"\nvalue = "{SECRET}"\n}}'),
            f'value = "{SECRET}"',
            "`helm_release.x.set.auth.password`",
        ),
        (
            resource("helm_release", f'set = [{{\nname = "auth.password"\nvalue = "{SECRET}"\n}}]'),
            f'value = "{SECRET}"',
            "`helm_release.x.set.auth.password`",
        ),
        (
            resource("helm_release", f"values = [<<-EOT\n  auth:\n    adminPassword: {SECRET}\nEOT\n]"),
            f"adminPassword: {SECRET}",
            "`helm_release.x.values.auth.adminPassword`",
        ),
        (
            resource(
                "helm_release",
                f"values = [<<-EOT\n  s3:\n    secretName: loki\n    secretKey: {SECRET}\nEOT\n]",
            ),
            f"secretKey: {SECRET}",
            "`helm_release.x.values.s3.secretKey`",
        ),
        (
            resource("helm_release", f'values = [yamlencode({{\nadminPassword = "{SECRET}"\n}})]'),
            f'adminPassword = "{SECRET}"',
            "`helm_release.x.values.adminPassword`",
        ),
        (
            resource(
                "kubectl_manifest",
                f"yaml_body = <<-EOT\n  kind: Secret\n  stringData:\n    password: {SECRET}\nEOT",
            ),
            f"password: {SECRET}",
            "`kubectl_manifest.x.yaml_body.stringData.password`",
        ),
        (
            resource(
                "aws_launch_template",
                f"user_data = base64encode(<<-EOT\n  export DB_PASSWORD={SECRET}\nEOT\n)",
            ),
            "user_data = base64encode(<<-EOT",
            "`aws_launch_template.x.user_data.DB_PASSWORD`",
        ),
        (
            (
                'module "eks" {\nsource = "terraform-aws-modules/eks/aws"\neks_managed_node_groups = {\na = {\n'
                f"pre_bootstrap_user_data = <<-EOT\n  export DB_PASSWORD={SECRET}\nEOT\n}}\n}}\n}}"
            ),
            "pre_bootstrap_user_data = <<-EOT",
            "`module.eks.eks_managed_node_groups.a.pre_bootstrap_user_data.DB_PASSWORD`",
        ),
        (
            (
                'module "addons" {\nsource = "aws-ia/eks-blueprints-addons/aws"\nkube_prometheus_stack = {\n'
                f"values = [<<-EOT\n  grafana:\n    adminPassword: {SECRET}\nEOT\n]\n}}\n}}"
            ),
            f"adminPassword: {SECRET}",
            "`module.addons.kube_prometheus_stack.values.grafana.adminPassword`",
        ),
        (
            resource("aws_launch_template", f'user_data = "{base64.b64encode(AWS_KEY.encode()).decode()}"'),
            f'user_data = "{base64.b64encode(AWS_KEY.encode()).decode()}"',
            "An AWS access key is written into `aws_launch_template.x.user_data`",
        ),
        (
            f'provider "aws" {{\naccess_key = "{AWS_KEY}"\n}}',
            f'access_key = "{AWS_KEY}"',
            "An AWS access key is written into `provider.aws.access_key`",
        ),
        (
            f'module "x" {{\nsource = "acme/db/aws"\nadmin_password = "{SECRET}"\n}}',
            f'admin_password = "{SECRET}"',
            "`module.x.admin_password`",
        ),
        (
            resource("aws_db_instance", "password = local.pw") + f'locals {{\npw = "{SECRET}"\n}}',
            f'pw = "{SECRET}"',
            "`aws_db_instance.x.password`",
        ),
        (
            resource("aws_db_instance", "password = local.db_password")
            + f'locals {{\ndb_password = "{SECRET}"\n}}',
            f'db_password = "{SECRET}"',
            "A secret is written into `local.db_password`; whoever reads the repository has it.",
        ),
        (
            f'locals {{\ndb = {{\nhost = "db"\npassword = "{SECRET}"\n}}\n}}',
            f'password = "{SECRET}"',
            "`local.db.password`",
        ),
        (
            f'locals {{\nkey = "{AWS_KEY}"\n}}',
            f'key = "{AWS_KEY}"',
            "An AWS access key is written into `local.key`",
        ),
        (
            f'output "admin_password" {{\nvalue = "{SECRET}"\n}}',
            f'value = "{SECRET}"',
            "A secret is written into `output.admin_password.value`; it also lands in the state file.",
        ),
        (
            resource("aws_secretsmanager_secret_version", 'secret_string = "hunter2"'),
            'secret_string = "hunter2"',
            "`aws_secretsmanager_secret_version.x.secret_string`",
        ),
        (
            resource(
                "aws_secretsmanager_secret_version",
                f'secret_string = jsonencode({{\nuser = "app"\npassword = "{SECRET}"\n}})',
            ),
            f'password = "{SECRET}"',
            "`aws_secretsmanager_secret_version.x.secret_string.password`",
        ),
        (
            resource(
                "aws_secretsmanager_secret_version",
                f'secret_string = <<-EOT\n  {{"password": "{SECRET}"}}\nEOT',
            ),
            f'{{"password": "{SECRET}"}}',
            "`aws_secretsmanager_secret_version.x.secret_string.password`",
        ),
    ],
)
def test_literal(code: str, text: str, message: str) -> None:
    [found] = problems(LITERAL, code)
    assert found.text == text
    assert message in found.message
    assert SECRET not in found.message
    assert AWS_KEY not in found.message


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(resource("aws_db_instance", "password = var.pw") + 'variable "pw" {}', id="reference"),
        pytest.param(
            resource("aws_db_instance", "password = var.pw") + f'variable "pw" {{\ndefault = "{SECRET}"\n}}',
            id="the default of a variable is another check's",
        ),
        pytest.param(
            resource("aws_db_instance", 'password = "${var.pw}"')
            + f'variable "pw" {{\ndefault = "{SECRET}"\n}}',
            id="the same in a template",
        ),
        pytest.param(
            resource("aws_db_instance", 'password = "${var.pw}-1"')
            + f'variable "pw" {{\ndefault = "{SECRET}"\n}}',
            id="and as a part of one",
        ),
        pytest.param(
            resource("aws_db_instance", "password = random_password.x.result"), id="random_password"
        ),
        pytest.param(
            resource("kubernetes_secret", 'type = "kubernetes.io/service-account-token"'),
            id="token without data",
        ),
        pytest.param(
            resource("helm_release", 'set {\nname = "auth.existingSecret"\nvalue = "app-db-1"\n}'),
            id="existingSecret",
        ),
        pytest.param(
            resource("helm_release", 'set {\nname = "tls.secretName"\nvalue = "Tls-Cert-1"\n}'),
            id="secretName",
        ),
        pytest.param(
            resource("helm_release", 'set {\nname = "passwordSecretRef"\nvalue = "Db-Secret-1"\n}'),
            id="passwordSecretRef",
        ),
        pytest.param(
            resource("aws_launch_template", 'metadata_options {\nhttp_tokens = "required"\n}'),
            id="http_tokens",
        ),
        pytest.param(
            resource(
                "aws_secretsmanager_secret_version",
                'secret_string = "changeme"\nlifecycle {\nignore_changes = [secret_string]\n}',
            ),
            id="a placeholder that somebody else replaces",
        ),
        pytest.param(
            resource(
                "aws_secretsmanager_secret_version",
                'secret_string = "until-it-is-set"\nlifecycle {\nignore_changes = [secret_string]\n}',
            ),
            id="words that somebody else replaces",
        ),
        pytest.param(
            (
                'provider "aws" {\naccess_key = "test"\n'
                'secret_key = "test"\nskip_credentials_validation = true\n}'
            ),
            id="a local test of the provider",
        ),
        pytest.param(
            resource("aws_iam_account_password_policy", "minimum_password_length = 14"), id="about passwords"
        ),
        pytest.param(
            'locals {\ndb_password_secret_name = "Prod-Db-1"\ndb_password = var.pw\n}\nvariable "pw" {}',
            id="locals that name and refer",
        ),
        pytest.param(
            resource("aws_secretsmanager_secret_version", "secret_string = jsonencode(var.docker_secret)")
            + 'variable "docker_secret" {\ndefault = {\nuser = "me"\npassword = ""\n}\n}',
            id="what a function makes of a variable",
        ),
        pytest.param('output "db_secret_arn" {\nvalue = "arn:aws:x:secret:Db-1"\n}', id="output of an ARN"),
        pytest.param(
            resource(
                "kubectl_manifest",
                "yaml_body = <<-EOT\n  kind: ExternalSecret\n  spec:\n    data:\n"
                "    - secretKey: clientSecret\n      remoteRef: {key: okta, property: clientSecret}\nEOT",
            ),
            id="an entry of an external secret",
        ),
        pytest.param(
            resource(
                "kubernetes_manifest",
                'manifest = {\nauth = {\nsecretName = "db"\nprivateKey = "tlsKey"\n}\n}',
            ),
            id="an entry of a secret that is named beside it",
        ),
        pytest.param(
            resource(
                "kubectl_manifest",
                "yaml_body = <<-EOT\n  kind: SealedSecret\n  spec:\n    encryptedData:\n"
                "      password: AgBy3i4OJSWK\nEOT",
            ),
            id="a sealed secret",
        ),
        *[
            pytest.param(
                resource("helm_release", f"values = [<<-EOT\n  clientSecret: '{text}'\nEOT\n]"), id=text
            )
            for text in (
                "var.client_secret",
                "$${CLIENT_SECRET}",
                "$(CLIENT_SECRET)",
                "$CLIENT_SECRET",
                "$oidc.okta.clientSecret",
                "$okta-secrets:clientSecret",
                "{{ .client_secret }}",
                "<path:secret/data/okta#clientSecret>",
                "vault:secret/data/okta#clientSecret",
                "ENC[AES256_GCM,data:CwE4O1s=,iv:2k=,tag:w=,type:str]",
                "__CLIENT_SECRET__",
            )
        ],
        pytest.param(
            resource("kubernetes_secret", 'data = {\n"ca.crt" = "-----BEGIN CERTIFICATE-----"\n}'),
            id="a certificate is public",
        ),
        pytest.param(
            resource(
                "kubectl_manifest",
                "yaml_body = <<-EOT\n  kind: PushSecret\n  spec:\n    data:\n      - match:\n"
                "          secretKey: DB_PASSWORD\n          remoteRef: {remoteKey: db}\nEOT",
            ),
            id="a secret that is pushed elsewhere",
        ),
        pytest.param(
            resource("aws_db_instance", 'tags = merge({}, { SecretFlow = "A-tf-generated" })'),
            id="a tag, which everybody sees",
        ),
        *[
            pytest.param(resource("helm_release", f"values = [<<-EOT\n  {name}: '{text}'\nEOT\n]"), id=text)
            for name, text in (
                ("adminPassword", "$__file{/etc/secrets/Admin1}"),
                ("passwordSecret", "db-credentials"),
                ("passwordSecretKey", "password"),
            )
        ],
    ],
)
def test_no_literal(code: str) -> None:
    assert [each.message for each in problems(LITERAL, code)] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("secretKey", SECRET),
        ("passwordSecret", SECRET),
        ("password", f"{{{{ .prefix }}}}{SECRET}"),
        ("password", f"$(PREFIX){SECRET}"),
        ("encrypted_password", SECRET),
        ("password", "<password>"),
    ],
)
def test_literal_beside_what_only_refers(name: str, text: str) -> None:
    code = resource("helm_release", f"values = [<<-EOT\n  {name}: '{text}'\nEOT\n]")
    [found] = problems(LITERAL, code)
    assert found.text == f"{name}: '{text}'"


def test_literal_of_the_caller_is_reported_there_and_once() -> None:
    files = {
        "main.tf": f'module "db" {{\nsource = "./db"\npassword = "{SECRET}"\n}}',
        "db/main.tf": resource("aws_db_instance", "password = var.password") + 'variable "password" {}',
    }
    assert [(each.address, each.path) for each in problems(LITERAL, files)] == [("module.db", "main.tf")]


KEY = "-----BEGIN RSA " + "PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (f"export AWS_ACCESS_KEY_ID={AWS_KEY}", ["user_data.AWS_ACCESS_KEY_ID"]),
        (f"aws configure set aws_access_key_id {AWS_KEY}", ["user_data"]),
        (f'CERT="{KEY}', ["user_data"]),
        (f"A={AWS_KEY}\n  aws configure set aws_access_key_id {AWS_KEY}", ["user_data.A", "user_data"]),
    ],
)
def test_secret_of_a_script_is_reported_once(line: str, named: list[str]) -> None:
    code = resource("aws_launch_template", f"user_data = <<-EOT\n  #!/bin/bash\n  {line}\nEOT")
    found = [each.message.partition("`aws_launch_template.x.")[2] for each in problems(LITERAL, code)]
    assert [each.partition("`")[0] for each in found] == named


def test_literal_in_json() -> None:
    code = f'{{"resource": {{"aws_db_instance": {{"x": {{\n"password": "{SECRET}"}}}}}}}}'
    assert [each.line for each in problems(LITERAL, {"main.tf.json": code})] == [2]


def test_checks_of_secrets_show_no_source() -> None:
    assert [CHECKS[each].secret for each in ("EKS-SEC-301", LITERAL, FILE)] == [True, True, True]


@pytest.mark.parametrize(
    ("code", "text", "message"),
    [
        (
            'variable "db_password" {}',
            'variable "db_password" {}',
            "`db_password` is printed in plans and logs.",
        ),
        ('variable "api_token" {\ntype = string\n}', 'variable "api_token" {', "`api_token` is printed"),
        *[
            (f'variable "api_token" {{\n{rest}\n}}', 'variable "api_token" {', "`api_token` is printed")
            for rest in (
                'default = "changeme"',
                'default = ""',
                'default = "a8F3kq9ZpL2x"',
                'description = "Token for the API of the secret project"',
            )
        ],
        (
            'variable "db_password" {\nsensitive = false\n}',
            'variable "db_password" {',
            "`db_password` is printed",
        ),
        (
            'output "admin" {\nvalue = random_password.x.result\n}\nresource "random_password" "x" {}',
            'output "admin" {',
            "Terraform refuses the output `admin`: its value is sensitive, and the output is not marked so.",
        ),
        (
            resource("helm_release", 'set {\nname = "auth.password"\nvalue = random_id.x.hex\n}'),
            "set {",
            "`auth.password` is printed in plans and logs.",
        ),
        (
            resource("helm_release", 'set = [{\nname = "auth.password"\nvalue = random_id.x.hex\n}]'),
            "set = [{",
            "`auth.password` is printed in plans and logs.",
        ),
        (
            'output "login" {\nvalue = random_password.x.bcrypt_hash\n}\nresource "random_password" "x" {}',
            'output "login" {',
            "Terraform refuses the output `login`: its value is sensitive, and the output is not marked so.",
        ),
        (
            resource(
                "aws_ssm_parameter", 'name = "/prod/db/password"\ntype = "String"\nvalue = random_id.x.hex'
            ),
            'type = "String"',
            "`/prod/db/password` is stored as plain text, readable by whoever may read parameters.",
        ),
    ],
)
def test_printed(code: str, text: str, message: str) -> None:
    [found] = problems(PRINTED, code)
    assert found.text == text
    assert message in found.message


@pytest.mark.parametrize(
    ("code", "fixed"),
    [
        (
            'variable "db_password" {\n  type = string\n}\n',
            'variable "db_password" {\n  type      = string\n  sensitive = true\n}\n',
        ),
        (
            'variable "db_password" {\n  description = "x"\n  type        = string\n}\n',
            'variable "db_password" {\n  description = "x"\n  type        = string\n  sensitive   = true\n}\n',
        ),
        ('variable "db_password" {}\n', 'variable "db_password" {\n  sensitive = true\n}\n'),
        (
            'output "p" {\n  value = random_password.p.result # new\n}\n',
            'output "p" {\n  value     = random_password.p.result # new\n  sensitive = true\n}\n',
        ),
        (
            'variable "passwords" {\n  type = map(\n    string\n  )\n}\n',
            'variable "passwords" {\n  sensitive = true\n\n  type = map(\n    string\n  )\n}\n',
        ),
        (
            'variable "db_password" {\n  type      = string\n  sensitive = false\n}\n',
            'variable "db_password" {\n  type      = string\n  sensitive = true\n}\n',
        ),
    ],
)
def test_what_is_printed_is_hidden_where_its_type_or_value_is(code: str, fixed: str) -> None:
    assert with_fixes(PRINTED, code) == fixed


@pytest.mark.parametrize(
    "code",
    [
        pytest.param('variable "db_password" {\nsensitive = true\n}', id="sensitive"),
        pytest.param('variable "db_password" {\nephemeral = true\n}', id="ephemeral"),
        pytest.param('variable "rotate_password" {\ntype = bool\n}', id="bool"),
        pytest.param('variable "password" {\ntype = number\n}', id="number"),
        pytest.param('variable "password_secret_arn" {}', id="a neutral ending"),
        pytest.param('variable "token_ttl" {}', id="another"),
        pytest.param(
            'variable "workload_repo_secret" {\ntype = string\ndefault = "git-ssh-key"\n}',
            id="a default that names a secret",
        ),
        pytest.param(
            'variable "db_password" {\ndefault = "/prod/db/password"\n}', id="a default that is a path"
        ),
        *[
            pytest.param(f'variable "repo_secret" {{\ntype = string\ndescription = "{text}"\n}}', id=text)
            for text in (
                "Secrets Manager secret name for the key of the repository",
                "The name of the secret with the token",
                "ARN of an existing Secrets Manager secret",
                "SSM parameter path",
            )
        ],
        pytest.param('variable "cluster_auth_base64" {\ntype = string\n}', id="the certificate of a cluster"),
        pytest.param(
            'output "aws_auth_configmap_yaml" {\nvalue = local.y\n}\nlocals {\ny = "x"\n}', id="aws-auth"
        ),
        pytest.param('variable "auth_aws_profile" {}', id="a profile of the AWS CLI"),
        pytest.param('variable "secrets" {\ntype = list(string)\n}', id="a list of names"),
        pytest.param('output "db_password" {\nvalue = aws_secretsmanager_secret.x.arn\n}', id="an ARN"),
        pytest.param(
            ('output "db_password" {\nsensitive = true\nvalue = random_password.x.result\n}'),
            id="sensitive output",
        ),
        pytest.param(
            resource("helm_release", 'set_sensitive {\nname = "auth.password"\nvalue = random_id.x.hex\n}'),
            id="set_sensitive",
        ),
        pytest.param(
            resource("helm_release", 'set {\nname = "auth.password"\nvalue = var.password\n}')
            + 'variable "password" {\nsensitive = true\n}',
            id="a sensitive variable hides itself",
        ),
        pytest.param(
            resource(
                "helm_release", 'set_sensitive = [{\nname = "auth.password"\nvalue = random_id.x.hex\n}]'
            ),
            id="set_sensitive as a list",
        ),
        pytest.param(
            resource("helm_release", 'set_wo = [{\nname = "auth.password"\nvalue = random_id.x.hex\n}]'),
            id="set_wo",
        ),
        *[
            pytest.param(f'variable "db_password{ending}" {{\ntype = string\n}}', id=ending)
            for ending in (
                "_expires",
                "_arn",
                "_id",
                "_name",
                "_path",
                "_length",
                "_enabled",
                "_ttl",
                "_version",
                "_key_id",
            )
        ],
        pytest.param(
            resource(
                "aws_ssm_parameter", 'name = "/db/password"\ntype = "SecureString"\nvalue = random_id.x.hex'
            ),
            id="SecureString",
        ),
        pytest.param(
            resource("aws_ssm_parameter", 'name = "/db/password"\ntype = "String"\nvalue = "arn:aws:x"'),
            id="an ARN in it",
        ),
        pytest.param(
            'variable "encryption_key" {\ntype = string\ndescription = "The KMS key for artifacts"\n}',
            id="a key that does not leave KMS",
        ),
        pytest.param(
            'variable "pre_token_generation" {\ntype = string\n}', id="what happens before a token is made"
        ),
    ],
)
def test_not_printed(code: str) -> None:
    assert [each.message for each in problems(PRINTED, code)] == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param("random_password.x.result", [], id="hidden by its provider, wherever it is passed on"),
        pytest.param("tls_private_key.x.private_key_pem", [], id="a key"),
        pytest.param('data.aws_ssm_parameter.x["db"].value', [], id="one of several"),
        pytest.param(
            "var.db_password", ["`db_password` is printed in plans and logs."], id="nobody hides it"
        ),
    ],
)
def test_an_output_of_a_module_that_is_called(value: str, found: list[str]) -> None:
    files = {
        "main.tf": 'module "db" {\n  source = "./db"\n}\n',
        "db/main.tf": f'output "db_password" {{\n  value = {value}\n}}\n',
    }
    assert [each.message for each in problems(PRINTED, files)] == found


def test_printed_settings_become_sensitive_ones() -> None:
    code = resource("helm_release", 'set {\n  name  = "auth.password"\n  value = random_id.x.hex\n}')
    assert "set_sensitive {" in with_fixes(PRINTED, code)
    parameter = resource(
        "aws_ssm_parameter", 'name = "/db/password"\ntype = "String"\nvalue = random_id.x.hex'
    )
    assert 'type = "SecureString"' in with_fixes(PRINTED, parameter)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (resource("aws_db_instance", "password = var.pw") + 'variable "pw" {}', "password = var.pw"),
        (
            resource("aws_rds_cluster", "master_password = random_password.x.result"),
            "master_password = random_password.x.result",
        ),
        (
            resource("aws_elasticache_replication_group", "auth_token = random_password.x.result"),
            "auth_token = random_password.x.result",
        ),
        (
            resource("aws_redshift_cluster", "master_password = random_password.x.result"),
            "master_password = random_password.x.result",
        ),
        (
            resource("aws_docdb_cluster", "master_password = random_password.x.result"),
            "master_password = random_password.x.result",
        ),
        (
            'terraform {\nrequired_version = "~> 1.5"\n}\n'
            + resource("aws_secretsmanager_secret_version", "secret_string = random_password.x.result"),
            "secret_string = random_password.x.result",
        ),
    ],
)
def test_state(code: str, text: str) -> None:
    assert [each.text for each in problems(STATE, code)] == [text]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            resource("aws_db_instance", "password = var.pw\nreplicate_source_db = aws_db_instance.y.arn"),
            id="replica",
        ),
        pytest.param(
            resource("aws_db_instance", 'password = var.pw\nsnapshot_identifier = "s"'), id="snapshot"
        ),
        pytest.param(resource("aws_db_instance", "password = null"), id="null"),
        pytest.param(
            resource("aws_db_instance", f'password = "{SECRET}"'), id="a literal is another check's"
        ),
        pytest.param(
            'terraform {\nrequired_version = "~> 1.5.0"\n}\n'
            + resource("aws_secretsmanager_secret_version", "secret_string = random_password.x.result"),
            id="too old for write-only arguments",
        ),
        pytest.param(
            resource("aws_secretsmanager_secret_version", "secret_string = random_password.x.result"),
            id="no version said",
        ),
    ],
)
def test_not_in_state(code: str) -> None:
    assert [each.message for each in problems(STATE, code)] == []


def test_no_password_is_no_subject() -> None:
    assert outcomes(STATE, resource("aws_db_instance", "manage_master_user_password = true")) == []


FED = resource("kubernetes_secret_v1", "data = {\ntoken = var.api_token\n}") + 'variable "api_token" {}\n'


CLUSTER = resource("aws_eks_cluster", 'name = "prod"')


def test_a_cluster_beside_secrets_that_come_in_as_variables() -> None:
    code = CLUSTER + 'variable "api_token" {}\nvariable "db_password" {}\nvariable "token_ttl" {}\n'
    [found] = problems(STORE, code)
    assert (found.address, found.text) == ("aws_eks_cluster.x", 'resource "aws_eks_cluster" "x" {')
    assert found.message.startswith(
        "Secrets come in as variables (`var.api_token` and 1 more); no external secret store is wired in."
    )
    assert [each.address for each in problems(STORE, code + FED.partition("variable")[0])] == [
        "kubernetes_secret_v1.x"
    ]
    assert problems(STORE, code + 'data "aws_secretsmanager_secret_version" "x" {}') == []
    assert outcomes(STORE, CLUSTER + 'variable "repo_secret" {\ndefault = "git-key"\n}\n') == []


@pytest.mark.parametrize(
    ("code", "address"),
    [
        (FED, "kubernetes_secret_v1.x"),
        (
            resource(
                "kubernetes_manifest", 'manifest = {\nkind = "Secret"\nstringData = { token = var.t }\n}'
            )
            + 'variable "t" {}',
            "kubernetes_manifest.x",
        ),
        (
            resource(
                "kubectl_manifest", "yaml_body = <<-EOT\n  kind: Secret\n  data:\n    token: c2VjcmV0\nEOT"
            ),
            "kubectl_manifest.x",
        ),
    ],
)
def test_secret_store(code: str, address: str) -> None:
    [found] = problems(STORE, code)
    assert found.address == address
    assert found.message.startswith(
        "Kubernetes secrets are fed by Terraform variables; no external secret store"
    )


@pytest.mark.parametrize(
    "code",
    [
        FED + 'data "aws_secretsmanager_secret_version" "x" {}',
        FED + 'module "x" {\nsource = "aws-ia/eks-blueprints-addons/aws"\nenable_external_secrets = true\n}',
        FED + resource("aws_eks_addon", 'addon_name = "aws-secrets-store-csi-driver-provider"'),
        *[
            FED + resource("helm_release", f'name = "{chart}"\nchart = "{chart}"')
            for chart in ("external-secrets", "secrets-store-csi-driver", "vault", "sealed-secrets")
        ],
        FED + 'data "aws_ssm_parameter" "x" {}',
        FED + 'data "sops_file" "x" {}',
    ],
)
def test_secret_store_is_there(code: str) -> None:
    assert [each.message for each in problems(STORE, code)] == []


@pytest.mark.parametrize(
    "code",
    [
        resource("kubernetes_secret", 'type = "kubernetes.io/service-account-token"'),
        resource("kubernetes_secret", "data = {\npassword = data.aws_ssm_parameter.x.value\n}"),
        resource("kubernetes_manifest", 'manifest = {\nkind = "ExternalSecret"\ndata = { token = var.t }\n}'),
        resource(
            "kubernetes_secret",
            'data = {\nurl = "https://git"\npassword = data.aws_ssm_parameter.git.value\n}',
        ),
        resource("kubernetes_secret", 'data = {\n"tls.crt" = tls_self_signed_cert.x.cert_pem\n}'),
        resource("aws_eks_cluster", 'name = "prod"'),
    ],
)
def test_no_evidence_of_fed_secrets_is_no_subject(code: str) -> None:
    assert outcomes(STORE, code) == []


@pytest.mark.parametrize(
    ("path", "text", "what"),
    [
        ("terraform.tfstate", '{"version": 4}', "the full state, with every secret in it"),
        ("live/terraform.tfstate.backup", "{}", "the full state, with every secret in it"),
        ("prod.tfplan", "", "a plan, with every secret in it"),
        ("crash.log", "panic", "a crash log, with the values Terraform worked on"),
        ("ssh/node.pem", "-----BEGIN RSA PRIVATE KEY-----", "a private key"),
        ("kubeconfig_prod", "users:\n- user:\n    client-key-data: LS0t", "credentials of a cluster"),
        (".terraform/modules/modules.json", "{}", "providers, modules and a copy of the backend's settings"),
        ("live/.terraform/environment", "x", "providers, modules and a copy of the backend's settings"),
    ],
)
def test_sensitive_file(path: str, text: str, what: str) -> None:
    [found] = problems(FILE, {"main.tf": "", path: text})
    assert (found.path, found.line) == (path, 1)
    assert found.message == f"`{path}` holds {what}. It stays in the history even if it is deleted."


def test_a_terraform_folder_is_reported_once() -> None:
    files = {"main.tf": "", ".terraform/a": "x", ".terraform/b": "y"}
    assert [each.path for each in problems(FILE, files)] == [".terraform/a"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ca.pem", "-----BEGIN CERTIFICATE-----"),
        ("testdata/test.key", "not a key"),
        ("kubeconfig.yaml", "users:\n- user:\n    exec:\n      command: aws"),
        ("node.pub", "ssh-rsa AAAA"),
        ("kubeconfig.tf", "token: x"),
        ("kubeconfig-token.yaml", "users:\n- user:\n    token: ${token}"),
        ("kubeconfig-ca.yaml", 'users:\n- user:\n    client-key-data: "${key}"\n    password:\n'),
        (".terraform.lock.hcl", ""),
        (".gitignore", "*.tfstate*"),
    ],
)
def test_harmless_file(path: str, text: str) -> None:
    assert problems(FILE, {"main.tf": "", path: text}) == []


WORKFLOW = """
on: push
env: {{}}
jobs:
  apply:
    {env}
    steps:
      - uses: aws-actions/configure-aws-credentials@v4
        with:
          {how}
"""


@pytest.mark.parametrize(
    ("env", "how", "text"),
    [
        (
            "timeout-minutes: 5",
            "aws-access-key-id: ${{ secrets.KEY }}",
            "aws-access-key-id: ${{ secrets.KEY }}",
        ),
        (
            "env: { AWS_SECRET_ACCESS_KEY: '${{ secrets.S }}' }",
            "aws-region: x",
            "env: { AWS_SECRET_ACCESS_KEY: '${{ secrets.S }}' }",
        ),
    ],
)
def test_keys_in_workflows(env: str, how: str, text: str) -> None:
    files = {"main.tf": "", ".github/workflows/apply.yml": WORKFLOW.format(env=env, how=how)}
    [found] = problems(KEYS, files)
    assert (found.path, found.text) == (".github/workflows/apply.yml", text)
    assert found.message.startswith(
        "Static AWS keys for job `apply`: they do not expire, and every change to"
    )


def test_a_workflow_that_assumes_a_role_is_fine() -> None:
    how = "role-to-assume: arn:aws:iam::1:role/ci"
    files = {"main.tf": "", ".github/workflows/apply.yml": WORKFLOW.format(env="timeout-minutes: 5", how=how)}
    assert states(KEYS, files) == {".github/workflows/apply.yml": State.PASS}


def test_keys_made_by_terraform() -> None:
    code = resource("aws_iam_access_key", "user = aws_iam_user.ci.name\npgp_key = var.k") + resource(
        "aws_iam_user", ""
    )
    [found] = problems(KEYS, code)
    assert found.message == (
        "Static AWS keys for `aws_iam_user.ci`: they do not expire; the PGP key protects only the copy in the "
        "state."
    )


def test_keys_without_a_pgp_key_are_in_the_state() -> None:
    [found] = problems(KEYS, resource("aws_iam_access_key", 'user = "ci"'))
    assert found.message == "Static AWS keys for `ci`: they do not expire and end up in state and logs."


def test_alternatives_with_null_are_not_evaluated() -> None:
    code = (
        resource("aws_db_instance", "password = var.own ? null : var.pw")
        + 'variable "own" {}\nvariable "pw" {}'
    )
    assert reasons(STATE, code) == ["`var.own` has no value in the code"]


@pytest.mark.parametrize(
    ("kind", "argument", "advice"),
    [
        (
            "aws_db_instance",
            "password",
            "Use `manage_master_user_password = true` in place of `password`. Applications must then read",
        ),
        (
            "aws_elasticache_replication_group",
            "auth_token",
            "Use a user group with users that sign in through IAM in place of `auth_token`.",
        ),
    ],
)
def test_advice_on_a_password_is_what_its_store_offers(kind: str, argument: str, advice: str) -> None:
    [found] = problems(STATE, resource(kind, f"{argument} = random_password.x.result"))
    assert found.hint.startswith(advice)
