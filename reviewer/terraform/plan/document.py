"""The shape of ``terraform show -json`` for a plan: the parts that are read, and no other.

Source: Terraform's documentation, "JSON Output Format". Values stay unread JSON until they are asked for.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeAlias

from msgspec import Raw, Struct, field, json

Json: TypeAlias = Any
"""What a JSON text holds."""

Expressions = dict[str, Any]
"""By argument: ``{"constant_value": …}``, ``{"references": […]}``, ``{}``, or nested blocks in that form."""

_DECODER = json.Decoder(float_hook=Decimal)


class Change(Struct, frozen=True):
    """What happens to a resource or an output."""

    actions: list[str]
    after: Raw = Raw()
    after_unknown: Raw = Raw()
    after_sensitive: Raw = Raw()


class ResourceChange(Struct, frozen=True):
    """One resource instance, or what is left of one when ``deposed`` is set."""

    address: str
    change: Change
    mode: str = "managed"
    previous_address: str | None = None
    deposed: str | None = None


class StateResource(Struct, frozen=True):
    """One resource instance as it was before the plan."""

    address: str
    mode: str = "managed"
    values: Raw = Raw()
    sensitive_values: Raw = Raw()


class StateModule(Struct, frozen=True):
    """One module instance as it was before the plan."""

    resources: list[StateResource] = field(default_factory=list)
    child_modules: list[StateModule] = field(default_factory=list)


class StateValues(Struct, frozen=True):
    """The root module of a state."""

    root_module: StateModule = field(default_factory=StateModule)


class PriorState(Struct, frozen=True):
    """The state before the plan; data sources that were read are in it."""

    values: StateValues = field(default_factory=StateValues)


class PlanVariable(Struct, frozen=True):
    """The value of a variable of the root module."""

    value: Raw = Raw()


class ConfigOutput(Struct, frozen=True):
    """An output as it is declared."""

    sensitive: bool = False
    expression: Expressions = field(default_factory=dict)


class ConfigVariable(Struct, frozen=True):
    """A variable as it is declared."""

    default: Raw = Raw()
    sensitive: bool = False


class ConfigResource(Struct, frozen=True):
    """A resource or data source as it is declared."""

    address: str
    mode: str = "managed"
    expressions: Expressions = field(default_factory=dict)
    count_expression: Expressions | None = None
    for_each_expression: Expressions | None = None


class ConfigCall(Struct, frozen=True):
    """A module call as it is declared, with the module's own code."""

    source: str
    module: ConfigModule
    expressions: Expressions = field(default_factory=dict)
    count_expression: Expressions | None = None
    for_each_expression: Expressions | None = None
    version_constraint: str = ""


class ConfigModule(Struct, frozen=True):
    """A module as it is declared."""

    resources: list[ConfigResource] = field(default_factory=list)
    module_calls: dict[str, ConfigCall] = field(default_factory=dict)
    variables: dict[str, ConfigVariable] = field(default_factory=dict)
    outputs: dict[str, ConfigOutput] = field(default_factory=dict)


class Config(Struct, frozen=True):
    """The code a plan was made from."""

    root_module: ConfigModule


class Document(Struct, frozen=True):
    """A plan. ``level`` is only in the log that ``terraform plan -json`` prints, which is no plan."""

    format_version: str = ""
    variables: dict[str, PlanVariable] = field(default_factory=dict)
    planned_values: dict[str, Raw] | None = None
    resource_changes: list[ResourceChange] = field(default_factory=list)
    output_changes: dict[str, Change] = field(default_factory=dict)
    prior_state: PriorState | None = None
    configuration: Config | None = None
    complete: bool = False
    errored: bool = False
    level: str | None = field(name="@level", default=None)


def decoded(raw: Raw) -> Json:
    """Return JSON as data, numbers exact; None when there is none."""
    return _DECODER.decode(raw) if bytes(raw) else None
