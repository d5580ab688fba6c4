"""Plans written by hand, in the format of ``terraform show -json``, for providers that no test can run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = Any


def reads(*references: str) -> Json:
    """Return the expression of an argument that refers to something, cut short as Terraform does."""
    return {"references": list(references)}


def constant(value: Json) -> Json:
    """Return the expression of an argument that is written out."""
    return {"constant_value": value}


def resource(address: str, after: Json, *, unknown: Json = None, sensitive: Json = None) -> Json:
    """Return the change of a resource that is created."""
    change = {
        "actions": ["create"],
        "before": None,
        "after": after,
        "after_unknown": {} if unknown is None else unknown,
        "before_sensitive": False,
        "after_sensitive": {} if sensitive is None else sensitive,
    }
    return {"address": address, "mode": "managed", "change": change}


def data(address: str, values: Json, sensitive: Json = None) -> Json:
    """Return a data source that was read while the plan was made."""
    return {"address": address, "mode": "data", "values": values, "sensitive_values": sensitive or {}}


def declared(address: str, expressions: Json, **repetition: Json) -> Json:
    """Return a resource or data source of the configuration."""
    mode = "data" if address.startswith("data.") else "managed"
    return {"address": address, "mode": mode, "expressions": expressions, **repetition}


def plan(
    configuration: Sequence[Json],
    changes: Sequence[Json] = (),
    *,
    read: Sequence[Json] = (),
    variables: Mapping[str, Json] | None = None,
    values: Mapping[str, Json] | None = None,
    **more: Json,
) -> bytes:
    """Return a plan; ``variables`` are those of the configuration, ``values`` what they are worth."""
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "variables": {name: {"value": value} for name, value in (values or {}).items()},
        "planned_values": {"root_module": {}},
        "resource_changes": list(changes),
        "prior_state": {"values": {"root_module": {"resources": list(read)}}},
        "configuration": {"root_module": {"resources": list(configuration), "variables": variables or {}}},
        "complete": True,
        "errored": False,
        **more,
    }
    return json.dumps(document).encode()
