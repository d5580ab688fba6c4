"""What of a source line may be shown."""

from __future__ import annotations

import base64

import pytest

from reviewer.engine.redact import Redactor
from reviewer.finding import MASK
from reviewer.terraform.text import SourceText

SECRET = "S3cr3t-Pa55"
AWS_KEY = "AKIA" + "Q3EGR7XJ5ZKL2WNV"
SCRIPT = base64.b64encode(f"export DB_PASSWORD={SECRET}\n".encode()).decode()


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (f'  password = "{SECRET}" # ours', f'  password = "{MASK}" # ours'),
        (f'{{ user = "a", "db_password": "{SECRET}" }}', f'{{ user = "a", "db_password": "{MASK}" }}'),
        (f"  adminPassword: {SECRET}", f"  adminPassword: {MASK}"),
        (f"export DB_PASSWORD={SECRET}", f"export DB_PASSWORD={MASK}"),
        ("  - API_TOKEN='9f8a7b6c5d4e3f2a'", f"  - API_TOKEN='{MASK}'"),
        (f'  command = ["aws", "{AWS_KEY}"]', f'  command = ["aws", "{MASK}"]'),
        (f"aws configure {AWS_KEY}", f"aws configure {MASK}"),
        (f'  user_data = "{SCRIPT}"', f'  user_data = "{MASK}"'),
        ('  key = "-----BEGIN RSA PRIVATE KEY-----\\nMIIEpAIB"', f'  key = "{MASK}"'),
        ('  url = "postgres://app:hunter2@db:5432/app"', f'  url = "{MASK}"'),
    ],
)
def test_secrets_are_masked_where_they_stand(line: str, shown: str) -> None:
    assert Redactor().line(SourceText("main.tf", line), 1) == shown


@pytest.mark.parametrize(
    "line",
    [
        "  password = var.db_password",
        "  password=random_password.db.result",
        '  password = "${var.db_password}"',
        "  password: ${{ secrets.DB_PASSWORD }}",
        '  http_tokens = "required"',
        '  secret_name = "prod/db"',
        '  db_password_secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db"',
        '  value = "0.0.0.0/0"',
        '  image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/api:1"',
        f'  user_data = "{base64.b64encode(b"#!/bin/bash -e and more").decode()}"',
    ],
)
def test_what_is_no_secret_is_shown(line: str) -> None:
    assert Redactor().line(SourceText("main.tf", line), 1) == line


def test_the_name_beside_a_value_tells_what_it_is() -> None:
    lines = f'set {{\n  name  = "auth.password"\n  value = "{SECRET}"\n}}\nset {{\n  value = "{SECRET}"\n}}\n'
    source = SourceText("main.tf", f"{lines}\n\n\n{lines.replace('auth.password', 'image.tag')}")
    assert Redactor().line(source, 3) == f'  value = "{MASK}"'
    assert Redactor().line(source, 13) == f'  value = "{SECRET}"'


def test_the_body_of_a_private_key_is_masked_and_that_of_a_certificate_is_not() -> None:
    text = "x = <<EOT\n-----BEGIN {0}-----\nMIIE\n-----END {0}-----\nEOT\n"
    key, certificate = (
        SourceText("main.tf", text.format(each)) for each in ("EC PRIVATE KEY", "CERTIFICATE")
    )
    assert [Redactor().line(key, each) for each in (2, 3, 5)] == [MASK, MASK, "EOT"]
    assert Redactor().line(certificate, 3) == "MIIE"


def test_what_a_check_found_is_masked_whatever_it_looks_like() -> None:
    source = SourceText("main.tf", 'locals {\n  pw = "hunter2"\n}\n')
    assert Redactor().line(source, 2) == '  pw = "hunter2"'
    assert Redactor({"main.tf": frozenset({2})}).line(source, 2) == f'  pw = "{MASK}"'


def test_a_long_hostile_line_is_read_quickly() -> None:
    for line in ("a" * 300_000, 'x="' * 100_000, "a=" * 150_000, '"\\' * 150_000):
        assert len(Redactor().line(SourceText("main.tf", line), 1)) <= 2_000
