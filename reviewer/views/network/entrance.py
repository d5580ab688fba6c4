"""Whatever lets requests in: listeners of load balancers and ingresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.views.kubernetes.ingress import open_ingress
from reviewer.views.kubernetes.kubernetes_object import KubernetesObject
from reviewer.views.network.listener import Opening, open_classic, open_listener, open_rule
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context

RESOURCES = ("aws_lb_listener", "aws_alb_listener", "aws_lb_listener_rule", "aws_elb")


class Entrance(View):
    """A listener, a rule of one, a classic load balancer, or an ingress."""

    ingress: KubernetesObject | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every entrance."""
        for module in context.root.walk():
            for instance in module.resources_of(*RESOURCES):
                yield cls(instance, instance.address)
        for made in KubernetesObject.find(context):
            if made.kind == "Ingress":
                yield cls(made.instance, made.address, made)

    @property
    def label(self) -> str:
        """Return the name of an ingress, else the address."""
        return self.ingress.label if self.ingress is not None else self.address

    def openings(self, context: Context) -> Iterator[Opening]:
        """Yield where clear text comes in from the internet; raises :class:`UndecidedError`."""
        match self.instance.type:
            case "aws_elb":
                yield from open_classic(self.instance)
            case "aws_lb_listener_rule":
                found = open_rule(self.instance)
                yield from (found,) if found is not None else ()
            case "aws_lb_listener" | "aws_alb_listener":
                found = open_listener(self.instance, internal_too=context.config.strict_internal_tls)
                yield from (found,) if found is not None else ()
        if self.ingress is not None:
            found = open_ingress(self.ingress, context)
            yield from (found,) if found is not None else ()
