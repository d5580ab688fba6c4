"""A saved plan, as ``terraform show -json`` prints it: what each resource will be, and from what code.

Source: Terraform's documentation, "JSON Output Format". Sensitive values are never kept: they stay unknown.
"""

from __future__ import annotations

import re
from decimal import InvalidOperation
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import field

from reviewer.errors import UsageError
from reviewer.record import Record
from reviewer.terraform.plan.document import ConfigModule, Document, StateModule, decoded
from reviewer.terraform.plan.planned import planned_value
from reviewer.terraform.value import Value, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_BYTES = 64 * 1024 * 1024
"""The plan of a platform of 10,000 resources has about 50 MB; a plan file is hostile input like any other."""

_ADVICE = "Make it with `terraform plan -out=tfplan` and `terraform show -json tfplan > plan.json`."
_ZIP = b"PK\x03\x04"
_STEP = re.compile(r'\.?([\w-]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]')
_REMOVED = ({"delete"}, {"forget"})


class PlanError(UsageError):
    """A plan file cannot be used; the message says which, why, and what to do. Exit code 2."""

    def __init__(self, name: str, problem: str, advice: str = _ADVICE) -> None:
        super().__init__(f"{name}: {problem}. {advice}")


class Planned(Record, eq=False):
    """What a plan says of one resource or data source: its attributes as JSON, and which are not known.

    ``is_new`` is true for a resource that is created: nothing of an older one is kept in it.
    """

    values: msgspec.Raw
    unknown: msgspec.Raw
    sensitive: msgspec.Raw
    is_new: bool = False

    def value(self) -> Value:
        """Return the attributes as an object; unknown and sensitive ones are unknown."""
        try:
            return planned_value(*(decoded(each) for each in (self.values, self.unknown, self.sensitive)))
        except (msgspec.DecodeError, UnicodeError, RecursionError, InvalidOperation):
            return unknown("the plan cannot be read here")


class Plan(Record, eq=False):
    """One plan. ``folder`` is the root module it is said to be of; None leaves it to be found.

    ``resources`` are by address, ``keys`` the instance keys of every repeated block by its address without
    the key, ``variables`` the values of the root module's variables as JSON. ``is_complete`` is true when
    what the plan does not mention will not exist.
    """

    name: str
    folder: str | None
    configuration: ConfigModule
    resources: Mapping[str, Planned] = field(default_factory=dict)
    keys: Mapping[str, tuple[int | str, ...]] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    is_complete: bool = False


def read_plan(content: bytes, name: str, folder: str | None = None) -> Plan:
    """Return the plan in a file of ``content``; ``name`` is what messages call it.

    Raises :class:`PlanError` for anything but the output of ``terraform show -json`` for a plan.
    """
    if len(content) > MAX_BYTES:
        raise PlanError(name, f"the plan is larger than {MAX_BYTES:,} bytes", "Plan fewer resources at once.")
    if content.startswith(_ZIP):
        raise PlanError(name, "this is a saved plan, and its JSON form is needed")
    try:
        document = msgspec.json.decode(content, type=Document)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise PlanError(name, f"this is not a plan in JSON ({str(error) or 'nested too deeply'})") from None
    configuration = _checked(document, name)
    try:
        return _plan(document, configuration, name, folder)
    except (msgspec.DecodeError, UnicodeError, RecursionError, InvalidOperation) as error:
        raise PlanError(name, f"this plan cannot be read ({str(error) or 'nested too deeply'})") from None


def _checked(document: Document, name: str) -> ConfigModule:
    """Return the code of a plan; refuse what is no plan to apply code."""
    if document.planned_values is None or document.configuration is None:
        what = "a line of the log of `terraform plan -json`" if document.level else "no plan"
        raise PlanError(name, f"this is {what}: it has no `planned_values` and `configuration`")
    if document.format_version.partition(".")[0] not in {"0", "1"}:
        raise PlanError(
            name,
            f"its format version is {document.format_version[:20]!r}, and 0 and 1 are understood",
            "Use a version of EKS Review that understands it.",
        )
    managed = [each for each in document.resource_changes if each.mode == "managed"]
    if managed and all(set(each.change.actions) == {"delete"} for each in managed):
        raise PlanError(name, "this plan destroys everything, so it tells nothing about the code")
    return document.configuration.root_module


def _plan(document: Document, configuration: ConfigModule, name: str, folder: str | None) -> Plan:
    resources = dict(_resources(document))
    return Plan(
        name,
        folder,
        configuration,
        resources,
        _keys(resources),
        {each: decoded(variable.value) for each, variable in document.variables.items()},
        {
            each: decoded(change.after)
            for each, change in document.output_changes.items()
            if decoded(change.after_unknown) is False and decoded(change.after_sensitive) is False
        },
        document.complete and not document.errored,
    )


def _resources(document: Document) -> Iterator[tuple[str, Planned]]:
    """Yield what will exist by address; a moved resource by its old address, too."""
    if document.prior_state is not None:
        yield from _data_sources(document.prior_state.values.root_module)
    for each in document.resource_changes:
        change = each.change
        if each.deposed is not None or set(change.actions) in _REMOVED:
            continue
        is_new = change.actions == ["create"]
        planned = Planned(change.after, change.after_unknown, change.after_sensitive, is_new)
        if each.previous_address is not None:
            yield each.previous_address, planned
        yield each.address, planned


def _data_sources(module: StateModule) -> Iterator[tuple[str, Planned]]:
    """Yield what data sources gave while the plan was made."""
    for each in module.resources:
        if each.mode == "data":
            yield each.address, Planned(each.values, msgspec.Raw(b"false"), each.sensitive_values)
    for child in module.child_modules:
        yield from _data_sources(child)


def _keys(addresses: Mapping[str, Planned]) -> dict[str, tuple[int | str, ...]]:
    """Return the keys of repeated resources and modules, by the address before each key."""
    found: dict[str, dict[int | str, None]] = {}
    for address in addresses:
        for step in _STEP.finditer(address):
            if step[1] is None:
                key = int(step[2]) if step[2] else re.sub(r"\\(.)", r"\1", step[3])
                found.setdefault(address[: step.start()], {})[key] = None
    return {address: tuple(sorted(keys, key=_in_order)) for address, keys in found.items()}


def _in_order(key: int | str) -> tuple[int, str]:
    return (key, "") if isinstance(key, int) else (0, key)
