"""Policies for tests."""

from __future__ import annotations

HEAD = """\
# METADATA
# title: A rule of ours is broken
# custom:
#   id: {id}
#   severity: {severity}
#   pillar: security
#   resources: [{resources}]
package ours.{package}

import rego.v1

"""


def policy(
    body: str,
    *,
    check: str = "OWN-A-1",
    severity: str = "high",
    resources: str = "aws_s3_bucket",
    package: str = "a_rule",
) -> str:
    """Return a policy of which only the rules matter."""
    return HEAD.format(id=check, severity=severity, resources=resources, package=package) + body + "\n"


NAMED = policy(
    """deny contains {"message": message, "attribute": "bucket"} if {
	not startswith(input.values.bucket, "acme-")
	message := sprintf("`%s` is not ours.", [input.values.bucket])
}"""
)
BUCKET = 'resource "aws_s3_bucket" "b" {{\n  bucket = {}\n}}\n'
