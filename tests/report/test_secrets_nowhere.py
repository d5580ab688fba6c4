"""A secret that is written anywhere in the code comes out nowhere: no report, comment, log or fingerprint."""

from __future__ import annotations

import base64
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from reviewer.change.change import from_directories
from reviewer.checks import CHECKS
from reviewer.config.config import Config
from reviewer.finding import MASK
from reviewer.pipeline import review
from reviewer.report import Format, render
from reviewer.report.json import load
from reviewer.report.markdown import comment, job_summary, summary
from tests.checks.harness import TODAY
from tests.command import run

if TYPE_CHECKING:
    from pathlib import Path

    from reviewer.review import Review

VALUES = tuple(f"S3cr3t-{word}-9x" for word in ("Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot"))
PASSWORDS = (*VALUES, *(f"{each}-2" for each in VALUES))
AWS_KEY = "AKIA" + "Q3EGR7XJ5ZKL2WNV"
TOKEN = "ghp_" + "a1B2" * 9
SECRETS = (*PASSWORDS, AWS_KEY, TOKEN)


def written(secrets: tuple[str, ...] = SECRETS) -> dict[str, str]:
    """Return a configuration that holds a secret in every place where people write them."""
    one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, key, token = secrets
    script = base64.b64encode(f"export DB_PASSWORD={seven}\n".encode()).decode()
    return {
        "main.tf": f"""
            variable "db_password" {{
              type    = string
              default = "{one}"
            }}
            variable "settings" {{
              default = {{ token = "{token}" }}
            }}
            locals {{
              api_key  = "{two}"
              database = {{ host = "db", password = "{three}" }}
            }}
            provider "aws" {{
              region     = "eu-west-1"
              access_key = "{key}"
            }}
            resource "aws_db_instance" "main" {{
              username = "admin"
              password = "{four}"
            }}
            resource "kubernetes_secret_v1" "app" {{
              data = {{ password = "{five}" }}
            }}
            resource "helm_release" "app" {{
              name   = "app"
              chart  = "app"
              values = [<<-EOT
                auth:
                  adminPassword: {six}
                EOT
              ]
              set {{
                name  = "db.password"
                value = "{eight}"
              }}
            }}
            resource "aws_launch_template" "node" {{
              user_data = "{script}"
            }}
            resource "aws_launch_template" "other" {{
              user_data = base64encode("export TOKEN={token}")
            }}
            output "admin_password" {{
              value = "{nine}"
            }}
            resource "aws_ssm_parameter" "db" {{
              name  = "/db/password"
              type  = "String"
              value = "{ten}"
            }}
            """,
        "terraform.tfvars": f'root_password = "{eleven}"\n',
        "terraform.tfstate": f'{{"outputs": {{"password": "{twelve}"}}}}',
        "kubeconfig": f"users:\n- user:\n    token: {twelve}\n",
    }


def save(files: dict[str, str], folder: Path) -> Path:
    folder.mkdir()
    for path, text in files.items():
        (folder / path).write_text(dedent(text), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Review:
    folder = tmp_path_factory.mktemp("secrets")
    everything = Config(enable=tuple(CHECKS), max_comments=100)
    change = from_directories(save({}, folder / "base"), save(written(), folder / "head"))
    return review(change, everything, today=TODAY)


WHERE = {
    ("EKS-SEC-301", "main.tf", 'default = "'),
    ("EKS-SEC-301", "main.tf", "default = {"),
    ("EKS-SEC-301", "terraform.tfvars", "root_password"),
    ("EKS-SEC-302", "main.tf", "api_key "),
    ("EKS-SEC-302", "main.tf", "database "),
    ("EKS-SEC-302", "main.tf", "access_key"),
    ("EKS-SEC-302", "main.tf", 'password = "'),
    ("EKS-SEC-302", "main.tf", "data = {"),
    ("EKS-SEC-302", "main.tf", "adminPassword"),
    ("EKS-SEC-302", "main.tf", 'value = "'),
    ("EKS-SEC-302", "main.tf", 'user_data = "'),
    ("EKS-SEC-302", "main.tf", "user_data = base64encode"),
    ("EKS-SEC-311", "terraform.tfstate", "{"),
    ("EKS-SEC-311", "kubeconfig", "users:"),
}


def test_every_secret_is_found(reviewed: Review) -> None:
    files = {path: dedent(text).splitlines() for path, text in written().items()}
    found = {
        (each.id, each.path, files[each.path][each.line - 1].strip())
        for each in reviewed.findings
        if CHECKS[each.id].secret
    }
    assert {
        (check, path, start)
        for check, path, start in WHERE
        if not any((check, path) == each[:2] and each[2].startswith(start) for each in found)
    } == set()


@pytest.mark.parametrize("form", list(Format))
def test_no_report_holds_a_secret(reviewed: Review, form: Format) -> None:
    text = render(form, reviewed)
    assert "EKS-SEC-302" in text
    assert [each for each in SECRETS if each in text] == []


def test_no_comment_holds_a_secret(reviewed: Review) -> None:
    texts = [summary(reviewed), job_summary(reviewed), *map(comment, reviewed.findings)]
    assert [each for each in SECRETS for text in texts if each in text] == []


def test_nothing_of_the_review_holds_a_secret(reviewed: Review) -> None:
    assert [each for each in SECRETS if each in repr(reviewed)] == []
    assert [each for each in SECRETS if each in repr(load(render(Format.JSON, reviewed)))] == []


def test_lines_around_a_finding_are_shown_without_the_secrets_in_them(reviewed: Review) -> None:
    [database] = [each for each in reviewed.findings if each.id == "EKS-SEC-309"]
    assert database.excerpt is not None
    assert database.excerpt.lines[1:] == ('resource "aws_db_instance" "main" {', '  username = "admin"')
    [masked] = [
        line
        for each in reviewed.findings
        for line in (each.excerpt.lines if each.excerpt else ())
        if line.strip().startswith("value") and each.id == "EKS-SEC-303" and "output" not in each.address
    ][:1]
    assert masked.strip() == f'value = "{MASK}"'


def test_a_fingerprint_does_not_depend_on_the_secret(reviewed: Review, tmp_path: Path) -> None:
    others = tuple(each.translate(str.maketrans("Sat39", "TbU47")) for each in SECRETS)
    others = (*others[:-2], "AKIA" + "ZZZZGR7XJ5ZKL2WN", "ghp_" + "Z9y8" * 9)
    change = from_directories(save({}, tmp_path / "base"), save(written(others), tmp_path / "head"))
    again = review(change, Config(enable=tuple(CHECKS)), today=TODAY)
    assert {(each.id, each.fingerprint) for each in again.findings} == {
        (each.id, each.fingerprint) for each in reviewed.findings
    }


def test_the_log_of_the_command_holds_no_secret(tmp_path: Path) -> None:
    folder = save(written(), tmp_path / "head")
    result = run("audit", str(folder), "--verbose", "--format", "github")
    assert result.code == 1, result.err
    assert [each for each in SECRETS if each in result.out + result.err] == []
