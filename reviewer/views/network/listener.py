"""Listeners of load balancers, and whether they answer the internet in clear text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.value import UndecidedError
from reviewer.views.fact import is_true

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.body import Body
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value

LISTENERS = ("aws_lb_listener", "aws_alb_listener")
_RULES = ("aws_lb_listener_rule", "aws_alb_listener_rule")
_BALANCERS = ("aws_lb", "aws_alb")
_SERVING = frozenset({"forward", "fixed-response"})


class Opening(Record, eq=False):
    """A place that lets clear text in: ``argument`` says so at ``at``."""

    at: Range
    argument: str
    related: tuple[Range, ...] = ()
    is_internal: bool = False


def open_listener(listener: Instance, *, internal_too: bool = False) -> Opening | None:
    """Return where a listener serves HTTP to the internet; None when it does not.

    Raises :class:`UndecidedError` when the code does not tell. ``internal_too`` asks for internal ones, too.
    """
    protocol = listener.body.attr("protocol")
    if not protocol.test(lambda data: data is None or str(data).upper() == "HTTP"):
        return None
    balancer = referred(listener, "load_balancer_arn", *_BALANCERS)
    if protocol.is_null and balancer is not None and not _is_application(balancer):
        return None
    if not any(_serves(each) for each in listener.body.blocks("default_action").require()):
        return None
    if balancer is None:
        raise UndecidedError(f"the load balancer of `{listener.address}` is not in the code")
    is_internal = balancer.body.attr("internal").test(is_true)
    if is_internal and not internal_too:
        return None
    return Opening(protocol.supplier or listener.range, "protocol", protocol.origins, is_internal)


def open_rule(rule: Instance) -> Opening | None:
    """Return where a rule forwards what an open HTTP listener gets, although that one redirects the rest."""
    listener = referred(rule, "listener_arn", *LISTENERS)
    if listener is None:
        raise UndecidedError(f"the listener of `{rule.address}` is not in the code")
    protocol = listener.body.attr("protocol")
    if not protocol.test(lambda data: data is None or str(data).upper() == "HTTP"):
        return None
    balancer = referred(listener, "load_balancer_arn", *_BALANCERS)
    if balancer is None:
        raise UndecidedError(f"the load balancer of `{listener.address}` is not in the code")
    if not _is_application(balancer) or balancer.body.attr("internal").test(is_true):
        return None
    for action in rule.body.blocks("action").require():
        if _serves(action):
            kind = action.attr("type")
            return Opening(kind.supplier or rule.range, "action.type", kind.origins)
    return None


def open_classic(balancer: Instance) -> Iterator[Opening]:
    """Yield where a classic load balancer accepts HTTP from the internet."""
    if balancer.body.attr("internal").test(is_true):
        return
    for listener in balancer.body.blocks("listener").require():
        protocol = listener.attr("lb_protocol")
        if protocol.test(lambda data: str(data).upper() == "HTTP"):
            argument = f"listener.{listener.attr('lb_port').data}.lb_protocol"
            yield Opening(protocol.supplier or balancer.range, argument, protocol.origins)


def _is_application(balancer: Instance) -> bool:
    return balancer.body.attr("load_balancer_type").test(lambda data: data in {None, "application"})


def _serves(action: Body) -> bool:
    """Tell whether an action answers with content, and does not send clients to HTTPS or away."""
    kind = action.attr("type").require()
    if kind == "redirect":
        redirect = action.blocks("redirect").first()
        return redirect is not None and redirect.attr("protocol").require() != "HTTPS"
    if kind == "fixed-response":
        response = action.blocks("fixed_response").first()
        status = response.attr("status_code").require() if response is not None else None
        return not str(status or "4").startswith(("4", "5"))
    return kind in _SERVING


def referred(instance: Instance, argument: str, *types: str) -> Instance | None:
    """Return the resource of some types that an argument refers to, in any module of the root."""
    value: Value = instance.body.attr(argument)
    reference = value.reference
    if reference is None:
        return None
    for module in instance.module.root.walk():
        for each in module.resources_of(*types):
            if reference.startswith(f"{each.address}."):
                return each
    return None
