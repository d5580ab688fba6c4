"""Data stores, and the arguments that let their clients talk to them without encryption."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from reviewer.data import table
from reviewer.record import Record
from reviewer.terraform.value import NULL, UndecidedError
from reviewer.views.fact import Fact, is_false
from reviewer.views.kubernetes.kubernetes_object import KubernetesObject
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.body import Body
    from reviewer.views.context import Context

VOLUME = "PersistentVolume"


class Unencrypted(Record, eq=False):
    """An argument that lets clear text in. ``wanted`` is the expression to write, if any."""

    fact: Fact
    wanted: str | None
    in_place: bool


class TransitStore(View):
    """A data store, a parameter group of one, or an EFS volume of Kubernetes."""

    volume: KubernetesObject | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield everything that ``data/in_transit.yaml`` knows, and persistent volumes."""
        known = table("in_transit")
        for module in context.root.walk():
            for instance in module.resources_of(*known["resources"], *known["parameters"]):
                yield cls(instance, instance.address)
        for made in KubernetesObject.find(context):
            if made.kind == VOLUME:
                yield cls(made.instance, made.address, made)

    def unencrypted(self) -> Iterator[Unencrypted]:
        """Yield the arguments that let clear text in; raises :class:`UndecidedError`."""
        if self.volume is not None:
            yield from _of_volume(self.volume)
            return
        known = table("in_transit")
        for row in known["resources"].get(self.instance.type, ()):
            found = self._row(row)
            if found is not None:
                yield found
        parameters = known["parameters"].get(self.instance.type)
        if parameters is not None:
            yield from self._parameters(parameters, known["required"])

    def _row(self, row: Mapping[str, Any]) -> Unencrypted | None:
        *path, name = row["argument"].split(".")
        holder: Body | None = self.instance.body
        for each in path:
            holder = holder.blocks(each).first() if holder is not None else None
        absent = row["absent"]
        if holder is None:
            absent = row.get("block", absent)
            fact = Fact(row["argument"], NULL, written=False, body=self.instance.body, header=self.header)
            wanted = None
        else:
            value = holder.attr(name)
            fact = Fact(row["argument"], value, written=not value.is_null, body=holder, header=self.header)
            wanted = row["fix"]
        if fact.written:
            is_open = fact.value.test(lambda data: data in row["open"])
            return Unencrypted(fact, wanted, row["in_place"]) if is_open else None
        if absent == "open" and self._is_valkey():
            raise UndecidedError("what Valkey does by default depends on the provider")
        return Unencrypted(fact, wanted, row["in_place"]) if absent == "open" else None

    def _is_valkey(self) -> bool:
        return self.instance.body.attr("engine").test(lambda data: data == "valkey")

    def _parameters(
        self, wanted: Mapping[str, list[str]], required: Mapping[str, str]
    ) -> Iterator[Unencrypted]:
        for block in self.instance.body.blocks("parameter").require():
            name = block.attr("name").require()
            value = block.attr("value")
            if name in wanted and value.test(partial(_is_one_of, wanted[str(name)])):
                fact = Fact(f"parameter.{name}", value, written=True, body=block, header=self.header)
                yield Unencrypted(fact, f'"{required[str(name)]}"', in_place=True)


def _is_one_of(words: Collection[str], data: object) -> bool:
    return _text(data) in words


def _text(data: object) -> str:
    return str(data).lower() if isinstance(data, bool) else str(data)


def _of_volume(volume: KubernetesObject) -> Iterator[Unencrypted]:
    """Yield the attribute of an EFS volume that switches TLS off; without it the driver encrypts."""
    for path in (
        ("spec", "persistent_volume_source", "csi", "volume_attributes"),
        ("spec", "csi", "volume_attributes"),
    ):
        attributes = volume.root.at(*path)
        data = attributes.require()
        value = data.get("encryptInTransit") if isinstance(data, Mapping) else None
        if value is not None and value.test(is_false):
            fact = Fact(
                "encryptInTransit", value, written=True, body=volume.instance.body, header=volume.header
            )
            yield Unencrypted(fact, '"true"', in_place=False)
