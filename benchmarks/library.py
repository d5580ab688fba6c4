"""Modules as public libraries of them are written: long type constraints, many defaults, dynamic blocks.

The whole is about as large as the best known module for EKS: 87 files, 517 kB, 15,000 values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULES = 17
SETTINGS = 13
KINDS = (
    "aws_instance",
    "aws_launch_template",
    "aws_iam_role",
    "aws_security_group",
    "aws_ebs_volume",
    "aws_eip",
)

_VERSIONS = """\
terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}
"""

_COMMON = """\
variable "create" {
  description = "Determines whether anything is created"
  type        = bool
  default     = true
}

variable "name" {
  description = "Name that everything begins with"
  type        = string
  default     = ""
}

variable "tags" {
  description = "Tags of everything"
  type        = map(string)
  default     = {}
}

"""

_SETTING = """\
variable "setting_{n}" {{
  description = "Settings of part {n}, which fall back to those of the whole module where they are not given"
  type = map(object({{
    name         = optional(string)
    enabled      = optional(bool, true)
    size         = optional(number, {n})
    ports        = optional(list(number), [443, 8443])
    ebs = optional(object({{
      encrypted  = optional(bool, true)
      kms_key_id = optional(string)
      type       = optional(string, "gp3")
    }}), {{}})
    tags = optional(map(string), {{}})
  }}))
  default = {{}}
}}

"""

_RESOURCE = """\
################################################################################
# Part {n}
################################################################################

locals {{
  create_{n} = var.create && length(var.setting_{n}) > 0
  name_{n}   = coalesce(try(var.setting_{n}["main"].name, null), "${{var.name}}-part-{n}")
}}

resource "{kind}" "part_{n}" {{
  for_each = {{ for key, value in var.setting_{n} : key => value if local.create_{n} && value.enabled }}

  name        = try(each.value.name, local.name_{n})
  description = each.key == "main" ? "The main part of ${{local.name_{n}}}" : null
  size        = try(each.value.size, {n})
  key_id      = each.value.ebs.kms_key_id != null ? each.value.ebs.kms_key_id : aws_kms_key.this[0].arn

  dynamic "rule" {{
    for_each = {{ for port in each.value.ports : tostring(port) => port }}

    content {{
      from_port   = rule.value
      to_port     = try(rule.value, 0)
      cidr_blocks = [cidrsubnet("10.0.0.0/8", 8, rule.value % 200)]
      description = "Port ${{rule.key}}"
    }}
  }}

  dynamic "block_device" {{
    for_each = each.value.ebs != null ? [each.value.ebs] : []

    content {{
      encrypted = block_device.value.encrypted
      type      = lookup(block_device.value, "type", "gp3")
    }}
  }}

  tags = merge(var.tags, {{ Name = local.name_{n} }}, each.value.tags)

  lifecycle {{
    create_before_destroy = true
  }}
}}

"""

_KEY = """\
resource "aws_kms_key" "this" {
  count = var.create ? 1 : 0

  enable_key_rotation = true
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "kms:*"
      Resource  = "*"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
    }]
  })
}

"""

_OUTPUT = """\
output "part_{n}" {{
  description = "Identifiers of part {n} by key"
  value       = {{ for key, value in {kind}.part_{n} : key => try(value.arn, null) }}
}}

"""


def library(modules: int = MODULES, settings: int = SETTINGS) -> Mapping[str, str]:
    """Return ``modules`` modules, each with an example that calls it; the same text for the same numbers."""
    files: dict[str, str] = {}
    for number in range(modules):
        name = f"{number:02}"
        folder = f"modules/part-{name}"
        kinds = [(n, KINDS[(n + number) % len(KINDS)]) for n in range(settings)]
        files[f"{folder}/versions.tf"] = _VERSIONS
        files[f"{folder}/variables.tf"] = _COMMON + "".join(_SETTING.format(n=n) for n, _ in kinds)
        files[f"{folder}/main.tf"] = _KEY + "".join(_RESOURCE.format(n=n, kind=kind) for n, kind in kinds)
        files[f"{folder}/outputs.tf"] = "".join(_OUTPUT.format(n=n, kind=kind) for n, kind in kinds)
        files[f"examples/part-{name}/main.tf"] = _example(name, settings)
    return files


_INPUT = """

  setting_{n} = {{
    main  = {{ size = {n}, tags = local.tags }}
    spare = {{ name = "${{local.name}}-{n}", ports = [{port}, 9443], enabled = local.name != "" }}
    other = {{ ebs = {{ kms_key_id = "arn:aws:kms:eu-central-1:111122223333:key/{n}" }}, ports = [{port}] }}
  }}
"""

_EXAMPLE = """\
locals {{
  name = "example-{number}"
  tags = {{ Example = local.name, Owner = "platform" }}
}}

module "part" {{
  source = "../../modules/part-{number}"

  name = local.name
  tags = local.tags
{inputs}}}
"""


def _example(number: str, settings: int) -> str:
    inputs = "".join(_INPUT.format(n=n, port=n + 1_000) for n in range(settings))
    return _EXAMPLE.format(number=number, inputs=inputs)
