"""What Terraform prints unless told otherwise: variables, outputs, Helm settings, plain parameters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from reviewer.terraform.body import BlockBody, Body
from reviewer.views.declaration import declared
from reviewer.views.secrets.credential import credential, is_placeholder, is_secret_name, strength
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context

VARIABLE, OUTPUT, SETTING, PARAMETER = "variable", "output", "setting", "parameter"
_HARMLESS_END = re.compile(r"\.(?:arn|id|name|key_id|url|endpoint|version|version_id)$")

_MARKED = re.compile(
    r"\brandom_password\.[^.]+\.(?:result|bcrypt_hash)$"
    r"|\btls_private_key\.[^.]+\.private_key_\w+$"
    r"|\baws_secretsmanager_secret_version\.[^.]+\.secret_(?:string|binary)$"
    r"|\baws_(?:db_instance\.[^.]+\.password|rds_cluster\.[^.]+\.master_password)$"
    r"|\baws_iam_access_key\.[^.]+\.(?:secret|ses_smtp_password_v4)$"
    r"|\baws_ssm_parameter\.[^.]+\.value$"
    r"|\baws_eks_cluster_auth\.[^.]+\.token$"
)
"""References to attributes that their providers mark as sensitive."""

_NAME_OF_A_SECRET = re.compile(
    r"\b(?:name|arn|id|path) of (?:an? |the )?(?:[\w-]+ ){0,3}(?:secret|parameter)\b"
    r"|\b(?:secret|parameter)(?:'s)? (?:name|arn|id|path)\b"
    r"|\b(?:KMS|ARN)\b",
    re.IGNORECASE,
)


class Disclosure(View):
    """``kind`` is one of four; ``name`` is what the thing is called, ``body`` its block or entry."""

    kind: str
    name: str
    body: Body
    attribute: str

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield all that is named like a secret or holds one."""
        modules = {each.folder: each for each in reversed(tuple(context.root.walk()))}
        for module in modules.values():
            for kind, blocks in (
                (VARIABLE, module.declarations.variables),
                (OUTPUT, module.declarations.outputs),
            ):
                for name, block in blocks.items():
                    instance = declared(module, block, f"{'var' if kind == VARIABLE else 'output'}.{name}")
                    yield cls(instance, instance.address, kind, name, instance.body, "sensitive")
        for module in context.root.walk():
            for instance in module.resources_of("helm_release", "aws_ssm_parameter"):
                yield from cls._of_resource(instance)

    @classmethod
    def _of_resource(cls, instance: Instance) -> Iterator[Self]:
        if instance.type == "helm_release":
            for entry in instance.body.blocks("set"):
                name = entry.attr("name").data
                if isinstance(name, str):
                    yield cls(instance, instance.address, SETTING, name, entry, f"set.{name}")
        elif instance.type == "aws_ssm_parameter":
            name = instance.body.attr("name").data
            if isinstance(name, str):
                yield cls(instance, instance.address, PARAMETER, name, instance.body, "type")

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether the block of a variable or output changed; resources are touched as usual."""
        return changed.meet(self.instance.block.range) if self.kind in {VARIABLE, OUTPUT} else None

    @property
    def at(self) -> Range:
        """Return where the thing is written."""
        return self.body.range or self.header

    def is_secret(self) -> bool:
        """Tell whether the thing holds a secret, by its name, its type and what it is made of."""
        match self.kind:
            case "variable":
                return self._is_secret_variable()
            case "output":
                return self._is_secret_output()
        name = re.split(r"[./\[\]]", self.name.rstrip("/"))[-1]
        value = self.body.attr("value")
        is_arn = isinstance(value.data, str) and value.data.startswith("arn:")
        return is_secret_name(name) and not is_arn and not _is_harmless(value)

    def _is_secret_variable(self) -> bool:
        block = self.instance.block
        kind = block.attributes["type"].expression.text if "type" in block.attributes else "string"
        if kind in {"bool", "number"} or strength(self.name) is None or self._is_named_only():
            return False
        return strength(self.name) == "strong" or kind == "string"

    def _is_named_only(self) -> bool:
        """Tell whether a variable holds the name of a secret: its default or its description says so."""
        default, description = self.body.attr("default").data, self.body.attr("description").data
        if isinstance(default, str) and default.strip():
            return credential(self.name, default) is None and not is_placeholder(default)
        return isinstance(description, str) and _NAME_OF_A_SECRET.search(description) is not None

    def _is_secret_output(self) -> bool:
        value = self.body.attr("value")
        reference = value.reference or ""
        if self.is_marked:
            return self.instance.module.parent is None
        if _is_harmless(value) or value.data is None:
            return False
        last = reference.rpartition(".")[2]
        return strength(self.name) == "strong" or (is_secret_name(self.name) and is_secret_name(last))

    @property
    def is_marked(self) -> bool:
        """Tell whether an output gives what its provider marks as sensitive.

        Terraform then hides it wherever modules pass it, and refuses it as an output of a root module that
        does not say so.
        """
        return self.kind == OUTPUT and _MARKED.search(self.body.attr("value").reference or "") is not None

    @property
    def block(self) -> BlockBody | None:
        """Return the block of HCL that holds the thing; None for an entry of a list."""
        return self.body if isinstance(self.body, BlockBody) else None


def _is_harmless(value: Value) -> bool:
    """Tell whether a value is the ARN, id or name of something."""
    if isinstance(value.data, bool | int):
        return True
    return _HARMLESS_END.search(value.reference or "") is not None
