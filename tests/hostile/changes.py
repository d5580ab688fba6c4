"""A change that adds files, without a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.change.change import Change
from reviewer.change.diff import added_file
from tests.trees import EmptyTree, tree

if TYPE_CHECKING:
    from collections.abc import Mapping


OPEN_RULE = """\
resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = "sg-1"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 22
  to_port           = 22
  ip_protocol       = "tcp"
}
"""
"""SSH for the whole internet: the finding EKS-SEC-101 that must not get lost."""


def change_of(files: Mapping[str, str]) -> Change:
    """Return the change that adds ``files`` to an empty repository."""
    return Change(
        EmptyTree(), tree(files), tuple(added_file(path, files[path].encode()) for path in sorted(files))
    )
