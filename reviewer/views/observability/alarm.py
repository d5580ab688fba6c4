"""CloudWatch alarms, and what makes use of them besides their own actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context

TYPES = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
USERS = frozenset(
    {
        "aws_cloudwatch_composite_alarm",
        "aws_codedeploy_deployment_group",
        "aws_route53_health_check",
        "aws_ecs_service",
    }
)
"""Resources that act on alarms of other resources."""


class Alarm(View):
    """A metric alarm or a composite alarm."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every alarm."""
        for module in context.root.walk():
            for instance in module.resources_of(*TYPES):
                yield cls(instance, instance.address)

    @property
    def label(self) -> str:
        """Return the alarm's name when it is known, else its address."""
        return self.name_or_address(self.instance.body.attr("alarm_name"))

    def is_used(self, context: Context) -> bool:
        """Tell whether another resource acts on the alarm: a composite alarm, a deployment, a check."""
        names = {f"{self.instance.type}.{self.instance.name}", self.label}
        texts = (
            block.range.text
            for module in context.root.walk()
            for block in module.declarations.resources.values()
            if block.labels[0] in USERS and block is not self.instance.block
        )
        return any(name in text for text in texts for name in names)
