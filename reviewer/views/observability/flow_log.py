"""Flow logs of VPCs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.terraform.value import UndecidedError
from reviewer.views.fact import is_true
from reviewer.views.module_source import VPC_MODULE, module_source

if TYPE_CHECKING:
    from reviewer.terraform.instance import Instance
    from reviewer.views.context import Context
    from reviewer.views.network.vpc import Vpc

_PARTS = ("subnet_id", "eni_id", "transit_gateway_id", "transit_gateway_attachment_id")


def has_flow_log(vpc: Vpc, context: Context) -> bool:
    """Tell whether the traffic of a VPC is logged; raises :class:`UndecidedError`."""
    if vpc.is_module and vpc.instance.body.attr("enable_flow_log").test(is_true):
        return True
    undecided: str | None = None
    for module in context.root.walk():
        for log in module.resources_of("aws_flow_log"):
            answer = _is_for(log, vpc)
            if isinstance(answer, str):
                undecided = undecided or answer
            elif answer:
                return True
        for call in module.calls():
            source = module_source(call)
            if source is not None and source.name == VPC_MODULE and source.submodule.endswith("flow-log"):
                undecided = undecided or f"which VPC `{call.address}` is for is not known from the code"
    if undecided is None:
        undecided = _in_other_folders(context)
    if undecided is not None:
        raise UndecidedError(undecided)
    return False


def _is_for(log: Instance, vpc: Vpc) -> bool | str:
    """Tell whether a log is that of a VPC, or why that cannot be known."""
    if any(log.body.has(name) for name in _PARTS):
        return f"`{log.address}` logs a part of a network"
    reference = log.body.attr("vpc_id").reference
    if reference is None:
        return f"which VPC `{log.address}` is for is not known from the code"
    if reference.startswith(f"{vpc.address}."):
        return True
    is_another = ".aws_vpc." in f".{reference}" or reference.startswith("module.")
    return False if is_another else f"`{reference}` may be any VPC"


def _in_other_folders(context: Context) -> str | None:
    walked = {module.folder for module in context.root.walk()}
    for path in context.tree.containing(("aws_flow_log",), CONFIGURATION_SUFFIXES):
        if path.rpartition("/")[0] not in walked:
            return f"`{path}` makes flow logs, perhaps for this VPC"
    return None
