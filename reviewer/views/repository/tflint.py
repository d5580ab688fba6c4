"""The configuration of tflint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.views.component.component import files_named

if TYPE_CHECKING:
    from reviewer.terraform.syntax import Block
    from reviewer.terraform.text import Range
    from reviewer.views.context import Context

FILE_NAME = ".tflint.hcl"


def without_aws_rules(context: Context) -> Range | None:
    """Return the first line of the nearest configuration to the top, when none enables the AWS rules.

    None without any configuration, when one enables them, or when the repository does not use AWS.
    """
    paths = sorted(files_named(context, FILE_NAME), key=lambda each: (each.count("/"), each))
    if not paths or not context.tree.containing(('"aws_', '/aws"'), CONFIGURATION_SUFFIXES):
        return None
    files = [context.configuration.file(path) for path in paths]
    if any(_enables_aws(block) for file in files for block in file.blocks):
        return None
    if any(file.diagnostics for file in files):
        return None
    first = files[0]
    return first.blocks[0].header if first.blocks else None


def enables_rule(context: Context, name: str) -> bool:
    """Tell whether a configuration of the repository switches a rule on."""
    files = (context.configuration.file(path) for path in files_named(context, FILE_NAME))
    return any(_enables(block, "rule", name) for file in files for block in file.blocks)


def _enables_aws(block: Block) -> bool:
    return _enables(block, "plugin", "aws")


def _enables(block: Block, kind: str, name: str) -> bool:
    if block.type != kind or block.labels != (name,):
        return False
    enabled = block.attributes.get("enabled")
    return enabled is None or enabled.expression.text != "false"
