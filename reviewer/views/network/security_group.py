"""A security group as a whole: its inline rules and the rule resources that aim at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.terraform.value import UndecidedError
from reviewer.views.network.security_rule import SecurityRule
from reviewer.views.network.security_rule_sources import EGRESS, INGRESS, SINGLE_RULES, written_rules
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.text import Range
    from reviewer.views.context import Context

_OLD = "aws_security_group_rule"


class SecurityGroup(View):
    """``separate`` are the rule resources, in the order of the code."""

    separate: tuple[Instance, ...]

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every security group that is a resource."""
        aimed: Mapping[str, tuple[Instance, ...]] = context.configuration.derived(_aimed, context)
        for module in context.root.walk():
            for instance in module.resources_of("aws_security_group"):
                yield cls(instance, instance.address, aimed.get(instance.address, ()))

    def families(self) -> frozenset[str]:
        """Return which of the two kinds of rule resources aim at the group: ``old`` and ``new``."""
        return frozenset("old" if each.type == _OLD else "new" for each in self.separate)

    def inline(self) -> Range | None:
        """Return where inline rules are written, be it an empty list; None when there are none."""
        for direction in (INGRESS, EGRESS):
            attribute = self.instance.block.attributes.get(direction)
            if attribute is not None and not self.instance.body.attr(direction).is_null:
                return attribute.range
        for rule in written_rules(self.instance):
            if rule.body.range is not None:
                return rule.body.range
            raise UndecidedError(f"the inline rules of `{self.address}` are not known")
        return None


class RuleOrGroup(View):
    """A security group, or one rule of one: ``rule`` tells which."""

    rule: SecurityRule | None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every group that is a resource, then every rule."""
        for group in SecurityGroup.find(context):
            yield cls(group.instance, group.address, None)
        for rule in SecurityRule.find(context):
            yield cls(rule.instance, rule.address, rule)


def _aimed(context: Context) -> Mapping[str, tuple[Instance, ...]]:
    found: dict[str, list[Instance]] = {}
    for rule in SecurityRule.find(context):
        if rule.instance.type == _OLD or rule.instance.type in SINGLE_RULES:
            found.setdefault(rule.group, []).append(rule.instance)
    return {group: tuple(each) for group, each in found.items()}
