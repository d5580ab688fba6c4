"""Functions whose result cannot be computed here: they give an unknown string, and say why."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

from reviewer.terraform.functions.function import Function, Parameter
from reviewer.terraform.functions.pieces import texts
from reviewer.terraform.limits import UnsupportedError
from reviewer.terraform.types import NUMBER, STRING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.terraform.value import Value

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "base64gzip": "the compressed bytes depend on Terraform's own compressor",
        "bcrypt": "bcrypt() gives another result at each run",
        "plantimestamp": "the time of the plan is not known from the code",
        "rsadecrypt": "rsadecrypt() is not run on material from a pull request",
        "timestamp": "the time of the apply is not known from the code",
        "uuid": "uuid() gives another result at each run",
    }
)


def _impure(name: str, *parameters: Parameter, rest: Parameter | None = None) -> Function:
    def refuse(*arguments: Value) -> NoReturn:
        del arguments
        raise UnsupportedError(REASONS[name])

    return Function(parameters, refuse, STRING, rest=rest)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "base64gzip": _impure("base64gzip", *texts("str")),
        "bcrypt": _impure("bcrypt", *texts("str"), rest=Parameter("cost", NUMBER)),
        "plantimestamp": _impure("plantimestamp"),
        "rsadecrypt": _impure("rsadecrypt", *texts("ciphertext", "privatekey")),
        "timestamp": _impure("timestamp"),
        "uuid": _impure("uuid"),
    }
)
