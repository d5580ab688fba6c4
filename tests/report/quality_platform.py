"""A small platform with something wrong for every section of the quality document."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from reviewer.config.config import Config
from reviewer.pipeline import audit
from reviewer.report import Format, render
from tests.trees import tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.review import Review

TODAY = date(2026, 11, 23)
PLATFORM = {
    "AWS_REGION": "eu-west-1\n",
    ".github/CODEOWNERS": "* @acme/platform\n",
    ".github/workflows/plan.yml": """\
        on: pull_request
        jobs:
          plan:
            runs-on: ubuntu-24.04
            steps:
              - run: terraform plan
              - run: tflint --recursive
        """,
    ".tflint.hcl": 'plugin "aws" {\n  enabled = true\n}\n',
    "live/README.md": "# The platform\n",
    "live/main.tf": """\
        terraform {
          required_version = ">= 1.10"

          backend "s3" {
            bucket = "acme-tfstate"
            key    = "eks.tfstate"
            region = "eu-central-1"
          }

          required_providers {
            aws = {
              source  = "hashicorp/aws"
              version = "~> 6.0"
            }
          }
        }

        provider "aws" {
          region = "eu-central-1"
        }

        variable "api_cidrs" {
          type = list(string)
        }
        """,
    "live/eks.tf": """\
        resource "aws_eks_cluster" "main" {
          name    = "prod"
          version = "1.35"

          enabled_cluster_log_types = ["api"]

          vpc_config {
            subnet_ids          = ["subnet-1"]
            public_access_cidrs = var.api_cidrs
          }
        }
        """,
    "live/data.tf": """\
        # eks-review:ignore EKS-OPS-204 reason="holds nothing but a cache" until=2027-01-31
        resource "aws_db_instance" "cache" {
          engine = "postgres"
        }

        resource "aws_db_instance" "orders" {
          engine              = "postgres"
          deletion_protection = false
        }
        """,
}


def audited(files: Mapping[str, str] = PLATFORM, today: date = TODAY) -> Review:
    return audit(tree(files), Config(), today=today)


def report(files: Mapping[str, str] = PLATFORM, today: date = TODAY) -> str:
    return render(Format.MARKDOWN, audited(files, today))
