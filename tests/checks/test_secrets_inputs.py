"""EKS-SEC-301: secrets in defaults and variable files. The values must never come out."""

from __future__ import annotations

import pytest

from reviewer.checks import CHECKS
from reviewer.checks.runner import State
from tests.checks.harness import TODAY, outcomes, problems, states

CHECK = "EKS-SEC-301"
AWS_KEY = "AKIA" + "Q3EGR7XJ5ZKL2WNV"
GITHUB = "ghp_" + "a1B2" * 9
JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkw." + "c2lnbmF0dXJlMTIz"
SLACK = "xoxb-" + "123456789012-abcdef"


def default(name: str, value: str) -> str:
    return f'variable "{name}" {{\ndefault = {value}\n}}'


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("db_password", '"S3cr3t-Pa55"', "A secret is committed in `db_password`: rotate it."),
        (
            "db_password",
            '"changeme"',
            "A placeholder stands for the secret `db_password`: whoever does not set it deploys a value",
        ),
        ("jwt_secret", '"change-me-please"', "A placeholder stands for the secret `jwt_secret`"),
        ("rootPasswd", '"letmein"', "A secret is committed in `rootPasswd`"),
        ("github_token", '"9f8a7b6c5d4e3f2a"', "A secret is committed in `github_token`"),
        ("oauth_client_secret", '"plain"', "A secret is committed in `oauth_client_secret`"),
        (
            "datadog_api_key",
            '"0123456789abcdef0123456789abcdef"',
            "A secret is committed in `datadog_api_key`",
        ),
        ("registry_auth", '"dXNlcjpwYXNz"', "A secret is committed in `registry_auth`"),
        (
            "settings",
            '{ redis = { auth = "x8Kq-22pL-Zz" } }',
            "A secret is committed in `settings.redis.auth`",
        ),
        ("aws_secret_access_key", '"wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzKEYz"', "A secret is committed in"),
        ("passwords", '["hunter2"]', "A secret is committed in `passwords`"),
        ("secrets", '{ DB_PASSWORD = { value = "hunter2" } }', "in `secrets.DB_PASSWORD.value`"),
        ("id", f'"{AWS_KEY}"', "An AWS access key is committed in `id`"),
        ("extra_env", f'{{ GH = "{GITHUB}" }}', "A GitHub token is committed in `extra_env.GH`"),
        ("header", f'"Bearer {JWT}"', "A JSON Web Token is committed in `header`"),
        ("slack", f'"{SLACK}"', "A Slack token is committed in `slack`"),
        (
            "database_url",
            '"postgres://app:hunter2@db:5432/app"',
            "A connection string with a password is committed",
        ),
        ("tls", '"-----BEGIN RSA PRIVATE KEY-----\\nMIIE"', "A private key is committed in `tls`"),
    ],
)
def test_found_in_defaults(name: str, value: str, message: str) -> None:
    [found] = problems(CHECK, default(name, value))
    assert (found.address, found.text) == (f"var.{name}", f"default = {value}")
    assert message in found.message


def test_found_in_variable_files() -> None:
    files = {
        "main.tf": "",
        "terraform.tfvars": 'region = "eu-west-1"\ndb_password = "S3cr3t-Pa55"',
        "environments/prod.tfvars": 'api_token = "9f8a7b6c5d4e3f2a"',
        "prod.auto.tfvars.json": '{"db": {\n"password": "S3cr3t-Pa55"}}',
    }
    found = {(each.path, each.line, each.address) for each in problems(CHECK, files)}
    assert found == {
        ("terraform.tfvars", 2, "var.db_password"),
        ("environments/prod.tfvars", 1, "var.api_token"),
        ("prod.auto.tfvars.json", 2, "var.db"),
    }


def test_found_in_json_configuration() -> None:
    code = '{"variable": {"db_password": {\n"default": "S3cr3t-Pa55"}}}'
    [found] = problems(CHECK, {"main.tf.json": code})
    assert (found.address, found.line) == ("var.db_password", 2)


def test_files_of_another_module_are_its_own() -> None:
    files = {
        "main.tf": "",
        "live/main.tf": "",
        "live/terraform.tfvars": 'db_password = "S3cr3t-Pa55"',
    }
    assert problems(CHECK, files) == []
    assert [each.path for each in problems(CHECK, files, root="live")] == ["live/terraform.tfvars"]


def test_default_of_a_module_that_is_called_twice_is_found_once() -> None:
    files = {
        "main.tf": 'module "a" {\nsource = "./m"\n}\nmodule "b" {\nsource = "./m"\n}',
        "m/variables.tf": default("db_password", '"S3cr3t-Pa55"'),
    }
    assert [each.address for each in problems(CHECK, files)] == ["module.a.var.db_password"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("db_password_secret_arn", '"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db"'),
        ("kms_key_id", '"1234abcd-12ab-34cd-56ef-1234567890ab"'),
        ("secret_name", '"prod-database-2"'),
        ("password_path", '"/prod/db"'),
        ("password_length", "32"),
        ("password_length", '"32"'),
        ("token_enabled", '"yes-always"'),
        ("token_ttl", '"24h-and-more"'),
        ("secret_version", '"AWSCURRENT-1"'),
        ("access_key_id_name", '"Key-Number-1"'),
        ("secret_rotation_days", '"every 30 Days"'),
        ("rotate_password", "true"),
        ("db_password", '""'),
        ("db_password", "null"),
        ("db_password", "12345"),
        ("password", '"/prod/db/password"'),
        ("token", '"required"'),
        ("existing_secret", '"grafana-admin"'),
        ("token_url", '"https://auth.example.com/oauth2/token"'),
        ("auth", '"https://auth.example.com/oauth2/token"'),
        ("authentication_mode", '"API_AND_CONFIG_MAP"'),
        ("oauth_scopes", '["Read-1", "Write-2"]'),
        ("author", '"Jane Doe 1"'),
        ("public_key", '"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7"'),
        ("private_key", '"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH"'),
        ("client_secret", '"-----BEGIN CERTIFICATE-----\\nMIID"'),
        ("database_url", '"postgres://db:5432/app"'),
        ("database_url", '"postgres://app:${password}@db/app"'.replace("$", "$$")),
        ("keyboard", '"Qwerty-12345"'),
        ("jupyter_hub_auth_mechanism", '"dummy"'),
        ("cluster_auth_base64", '"LS0tLS1CRUdJTi0xMjM0"'),
        ("aws_auth", '"Config-Map-1"'),
        ("external_secrets_service_account", '"*"'),
        ("admin_password_mtime", '"2026-07-01T00:00:00Z"'),
        ("eks_get_token_args", '["eks", "get-token", "--cluster-name", "Prod-1"]'),
        ("grafana_api_key", '"GrafanaApiKey"'),
        ("grafana_api_key", '"grafana-api-key"'),
    ],
)
def test_not_a_secret(name: str, value: str) -> None:
    assert states(CHECK, default(name, value)) == {f"var.{name}": State.PASS}


@pytest.mark.parametrize("value", ["changeme", "<password>", "xxx", "xxxxxxxx"])
@pytest.mark.parametrize("folder", ["examples/basic", "tests", "modules/db/examples"])
def test_placeholders_in_examples_are_not_applicable(folder: str, value: str) -> None:
    files = {f"{folder}/main.tf": "", f"{folder}/terraform.tfvars": f'db_password = "{value}"'}
    assert states(CHECK, files, root=folder) == {"var.db_password": State.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("github_token", "<token>"),
        ("ngc_api_key", "DUMMY_NGC_API_KEY_REPLACE_ME"),
        ("hugging_face_token", "your-token-here"),
        ("oauth_client_secret", "changeme"),
    ],
)
def test_a_placeholder_for_what_somebody_else_issues_opens_nothing(name: str, value: str) -> None:
    assert states(CHECK, default(name, f'"{value}"')) == {f"var.{name}": State.NOT_APPLICABLE}


def test_a_real_secret_in_an_example_is_found() -> None:
    files = {"examples/main.tf": "", "examples/terraform.tfvars": f'key = "{AWS_KEY}"'}
    assert [each.path for each in problems(CHECK, files, root="examples")] == ["examples/terraform.tfvars"]


def test_the_value_comes_out_nowhere() -> None:
    value = "S3cr3t-Pa55"
    files = {
        "main.tf": default("db_password", f'"{value}"'),
        "terraform.tfvars": f'db = {{ password = "{value}" }}',
    }
    found = [each for outcome in outcomes(CHECK, files) for each in outcome.problems]
    assert [each.attribute for each in found] == ["db_password", "db.password"]
    for each in found:
        assert value not in f"{each.message}{each.attribute}{each.evidence}{each.hint}"
        assert each.fix is None
    assert CHECKS[CHECK].secret
    assert TODAY.isoformat() not in str(found)


def test_a_long_hostile_value_is_read_quickly() -> None:
    assert problems(CHECK, default("x", f'"{"eyJ" * 5000}"')) == []
    assert problems(CHECK, default("x", f'"{"a" * 19_000}"')) == []
