"""Long-lived AWS keys: those that Terraform makes, and those that workflows use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from reviewer.record import Record
from reviewer.views.repository.workflow import Workflow, member
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context

_ACTION = "aws-actions/configure-aws-credentials"
_INPUT, _VARIABLE = "aws-access-key-id", "AWS_SECRET_ACCESS_KEY"

IN_STATE = "they do not expire and end up in state and logs"
ENCRYPTED = "they do not expire; the PGP key protects only the copy in the state"
IN_SECRETS = "they do not expire, and every change to a workflow of the repository can read them"


class KeyUse(Record, eq=False):
    """One place that uses static keys.

    ``who`` uses them, ``kind`` is what that is (``job``) when the name alone does not say it, ``risk`` where
    they end up; ``attribute`` is the path in the file.
    """

    who: str
    kind: str
    risk: str
    attribute: str
    at: Range


class StaticKeys(View):
    """An ``aws_iam_access_key``, or a workflow."""

    workflow: Workflow | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every key that is a resource, then every workflow."""
        for module in context.root.walk():
            for instance in module.resources_of("aws_iam_access_key"):
                yield cls(instance, instance.address)
        for workflow in Workflow.find(context):
            yield cls(workflow.instance, workflow.address, workflow)

    @property
    def part_of(self) -> View | None:
        """Return the workflow; None for a resource."""
        return self.workflow

    def uses(self) -> Iterator[KeyUse]:
        """Yield every use of static keys."""
        if self.workflow is None:
            body = self.instance.body
            risk = IN_STATE if body.attr("pgp_key").is_null else ENCRYPTED
            yield KeyUse(_owner(body.attr("user"), self.address), "", risk, "user", self.header)
            return
        for job in self.workflow.jobs():
            for step in job.steps():
                key = member(step.value, "with", _INPUT)
                if (
                    step.uses.partition("@")[0] == _ACTION
                    and key.supplier is not None
                    and not _assumes(step.value)
                ):
                    yield KeyUse(job.name, "job ", IN_SECRETS, f"jobs.{job.name}.{_INPUT}", key.supplier)
            for environment in job.environment():
                data = environment.data
                variable = data.get(_VARIABLE) if isinstance(data, Mapping) else None
                if (
                    variable is not None
                    and variable.supplier is not None
                    and "secrets." in str(variable.data)
                ):
                    path = f"jobs.{job.name}.{_VARIABLE}"
                    yield KeyUse(job.name, "job ", IN_SECRETS, path, variable.supplier)
                    break


def _assumes(step: Value) -> bool:
    """Tell whether the keys are those of an earlier step, used to assume a further role."""
    return member(step, "with", "role-chaining").data is not None


def _owner(user: Value, address: str) -> str:
    if isinstance(user.data, str):
        return user.data
    reference = user.reference
    return reference.removesuffix(".name") if reference else address
