"""What a block leaves to others once it is created."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.terraform.syntax import Block


def ignores(block: Block, argument: str) -> bool:
    """Tell whether ``ignore_changes`` of a block's ``lifecycle`` names an argument, given by its path."""
    for lifecycle in block.nested("lifecycle"):
        ignored = lifecycle.attributes.get("ignore_changes")
        if ignored is not None and argument.partition(".")[0] in re.findall(r"\w+", ignored.expression.text):
            return True
    return False
