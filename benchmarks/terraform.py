"""Terraform code as platform teams write it, in any amount. Numbers make every block a little different.

``release`` stands in every block: another release touches all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PROVIDERS = """\
terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Environment = var.environment
      Owner       = "platform"
      CostCenter  = "4711"
    }
  }
}
"""

VARIABLES = """\
variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "environment" {
  type    = string
  default = "production"
}

variable "office_cidrs" {
  description = "Networks of the offices."
  type        = list(string)
}

variable "log_retention" {
  type    = number
  default = 90
}

locals {
  name    = "${var.environment}-${var.region}"
  zones   = [for letter in ["a", "b", "c"] : "${var.region}${letter}"]
  subnets = [for subnet in aws_subnet.private : subnet.id]
}

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "private" {
  for_each = toset(local.zones)

  vpc_id            = aws_vpc.main.id
  availability_zone = each.value
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 4, index(local.zones, each.value))
}
"""

TFVARS = 'office_cidrs = ["203.0.113.0/24", "198.51.100.0/24"]\n'


def cluster(number: int, release: int) -> str:
    """Return a cluster with its key and its log group."""
    return f"""\
resource "aws_kms_key" "cluster_{number}" {{
  description         = "Secrets of cluster {number}"
  enable_key_rotation = true

  tags = {{ Release = "{release}" }}
}}

resource "aws_cloudwatch_log_group" "cluster_{number}" {{
  name              = "/aws/eks/${{local.name}}/cluster"
  retention_in_days = var.log_retention

  tags = {{ Release = "{release}" }}
}}

resource "aws_eks_cluster" "cluster_{number}" {{
  name                      = local.name
  role_arn                  = aws_iam_role.role_{number}.arn
  version                   = "1.35"
  enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

  vpc_config {{
    subnet_ids              = local.subnets
    endpoint_private_access = true
    endpoint_public_access  = true
    public_access_cidrs     = var.office_cidrs
  }}

  encryption_config {{
    resources = ["secrets"]

    provider {{
      key_arn = aws_kms_key.cluster_{number}.arn
    }}
  }}

  tags       = {{ Release = "{release}" }}
  depends_on = [aws_cloudwatch_log_group.cluster_{number}]
}}

{role(number, release)}"""


def role(number: int, release: int) -> str:
    """Return a role with a policy of its own."""
    return f"""\
data "aws_iam_policy_document" "trust_{number}" {{
  statement {{
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {{
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }}
  }}
}}

data "aws_iam_policy_document" "access_{number}" {{
  statement {{
    sid       = "Release{release}"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["arn:aws:s3:::${{local.name}}-{number}/*"]
  }}

  statement {{
    actions   = ["s3:ListBucket"]
    resources = ["arn:aws:s3:::${{local.name}}-{number}"]
  }}
}}

resource "aws_iam_role" "role_{number}" {{
  name               = "${{local.name}}-{number}"
  assume_role_policy = data.aws_iam_policy_document.trust_{number}.json

  tags = {{ Release = "{release}" }}
}}

resource "aws_iam_role_policy" "role_{number}" {{
  name   = "access-{release}"
  role   = aws_iam_role.role_{number}.id
  policy = data.aws_iam_policy_document.access_{number}.json
}}
"""


def nodes(number: int, release: int) -> str:
    """Return a node group."""
    return f"""\
resource "aws_eks_node_group" "nodes_{number}" {{
  cluster_name    = local.name
  node_group_name = "pool-{number}"
  node_role_arn   = "arn:aws:iam::111122223333:role/nodes-{number}"
  subnet_ids      = local.subnets
  instance_types  = ["m7i.large", "m7a.large", "m6i.large", "m6a.large"]
  capacity_type   = {number} % 2 == 0 ? "SPOT" : "ON_DEMAND"

  scaling_config {{
    min_size     = 3
    max_size     = {number % 7 + 6}
    desired_size = 3
  }}

  update_config {{
    max_unavailable_percentage = 33
  }}

  lifecycle {{
    ignore_changes = [scaling_config[0].desired_size]
  }}

  tags = {{ Release = "{release}" }}
}}
"""


def rules(number: int, release: int, *, cidr: str = "10.0.0.0/8", count: int = 2) -> str:
    """Return a security group and ``count`` rules that let ``cidr`` in."""
    parts = [
        f"""\
resource "aws_security_group" "group_{number}" {{
  name        = "${{local.name}}-{number}"
  description = "Traffic of service {number}"
  vpc_id      = aws_vpc.main.id

  tags = {{ Release = "{release}" }}
}}
"""
    ]
    parts += [
        f"""\
resource "aws_vpc_security_group_ingress_rule" "rule_{number}_{index}" {{
  security_group_id = aws_security_group.group_{number}.id
  description       = "Release {release}, rule {index}"
  cidr_ipv4         = "{cidr}"
  from_port         = {(22, 5432)[index % 2]}
  to_port           = {(22, 5432)[index % 2]}
  ip_protocol       = "tcp"
}}
"""
        for index in range(count)
    ]
    return "\n".join(parts)


def storage(number: int, release: int) -> str:
    """Return a bucket with what belongs to it."""
    return f"""\
resource "aws_s3_bucket" "bucket_{number}" {{
  bucket = "${{local.name}}-{number}"

  tags = {{ Release = "{release}" }}
}}

resource "aws_s3_bucket_public_access_block" "bucket_{number}" {{
  bucket                  = aws_s3_bucket.bucket_{number}.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true # release {release}
}}

resource "aws_s3_bucket_versioning" "bucket_{number}" {{
  bucket = aws_s3_bucket.bucket_{number}.id

  versioning_configuration {{
    status = {release} > 0 ? "Enabled" : "Suspended"
  }}
}}
"""


_KINDS: tuple[Callable[[int, int], str], ...] = (nodes, rules, role, storage, rules, role)


def module(files: int, release: int, *, start: int = 0) -> dict[str, str]:
    """Return ``files`` files of a root module with one cluster; three are the provider, variables, values."""
    found = {
        "providers.tf": PROVIDERS,
        "variables.tf": VARIABLES,
        "terraform.tfvars": TFVARS,
        "cluster.tf": cluster(start, release),
    }
    for number in range(start + 1, start + 1 + files - len(found)):
        kind = _KINDS[number % len(_KINDS)]
        found[f"{kind.__name__}_{number:04}.tf"] = kind(number, release)
    return found
