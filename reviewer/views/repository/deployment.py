"""Workflows that apply Terraform, and what they do afterwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from reviewer.data import table
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.views.repository.workflow import Workflow
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.text import Range
    from reviewer.views.context import Context


class Deployment(View):
    """A workflow with a ``terraform apply``, the first of which stands at ``at``."""

    workflow: Workflow
    at: Range

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every workflow that applies."""
        for workflow in Workflow.find(context):
            applies = (
                command.at for job in workflow.jobs() for command in job.commands() if command.name == "apply"
            )
            at = next(applies, None)
            if at is not None:
                yield cls(workflow.instance, workflow.address, workflow, at)

    @property
    def part_of(self) -> View | None:
        """Return the workflow."""
        return self.workflow

    def is_verified(self, context: Context) -> bool:
        """Tell whether a later step looks at the result, a workflow that follows, or a ``check`` block."""
        pattern = re.compile("|".join(table("tools")["tools"]["verify"]), re.IGNORECASE)
        whole = self.at.source.text
        if pattern.search(whole, self.at.end):
            return True
        for other in Workflow.find(context):
            if "workflow_run" in other.events() and pattern.search(other.instance.block.range.text):
                return True
        return bool(context.tree.containing(('check "',), CONFIGURATION_SUFFIXES))
