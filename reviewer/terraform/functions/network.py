"""IP network functions, on addresses as plain numbers.

Sources: apparentlymart/go-cidr 1.1 and Terraform's internal/lang/funcs/cidr.go.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.functions.function import Function, Parameter
from reviewer.terraform.functions.pieces import (
    LIST_OF_STRINGS,
    amount_of,
    made_list,
    made_string,
    text_of,
    whole_of,
)
from reviewer.terraform.limits import UnsupportedError
from reviewer.terraform.types import NUMBER, STRING
from reviewer.terraform.value import EvaluationError, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

_V4_BITS = 32
_V6_BITS = 128
_MAX_OCTET = 255
_WORD = 64
_MAX_EXTENSION = 32


class _Network(Record):
    address: int
    prefix: int
    bits: int

    @property
    def host_bits(self) -> int:
        return self.bits - self.prefix

    def __str__(self) -> str:
        return f"{_address_text(self.address, self.bits)}/{self.prefix}"


def _parse(text: str) -> _Network:
    address, slash, length = text.partition("/")
    bits = _V6_BITS if ":" in address else _V4_BITS
    if not slash or not (length.isascii() and length.isdigit()) or int(length[:5]) > bits:
        raise EvaluationError(f"invalid CIDR expression: {text}")
    number = _parse_v6(address, text) if bits == _V6_BITS else _parse_v4(address, text)
    prefix = int(length)
    return _Network(number >> (bits - prefix) << (bits - prefix), prefix, bits)


def _parse_v4(address: str, text: str) -> int:
    """Read four decimal octets; leading zeros do not make them octal."""
    octets = address.split(".")
    if len(octets) != 4 or not all(each.isascii() and each.isdigit() for each in octets):  # noqa: PLR2004 - IPv4
        raise EvaluationError(f"invalid CIDR expression: {text}")
    number = 0
    for each in octets:
        if len(each.lstrip("0")) > 3 or int(each) > _MAX_OCTET:  # noqa: PLR2004 - three digits
            raise EvaluationError(f"invalid CIDR expression: {text}")
        number = number << 8 | int(each)
    return number


def _parse_v6(address: str, text: str) -> int:
    from ipaddress import AddressValueError, IPv6Address

    if "%" in address:
        raise EvaluationError(f"invalid CIDR expression: {text}")
    try:
        number = int(IPv6Address(address))
    except AddressValueError:
        raise EvaluationError(f"invalid CIDR expression: {text}") from None
    if number >> _V4_BITS == 0xFFFF:  # noqa: PLR2004 - ::ffff:0:0/96
        raise UnsupportedError("IPv4 addresses in IPv6 notation are not supported")
    return number


def _address_text(number: int, bits: int) -> str:
    if bits == _V4_BITS:
        return ".".join(str(number >> shift & _MAX_OCTET) for shift in (24, 16, 8, 0))
    from ipaddress import IPv6Address

    return str(IPv6Address(number))


def _cidrhost(prefix: Value, host: Value) -> Value:
    number = amount_of(host)
    if not isinstance(number, int):
        raise EvaluationError("the host number must be a whole number")
    network = _parse(text_of(prefix))
    highest = (1 << network.host_bits) - 1
    offset = int(number) if number >= 0 else highest + int(number) + 1
    if not 0 <= offset <= highest:
        raise EvaluationError(f"prefix of {network.prefix} does not accommodate a host numbered {number}")
    if abs(int(number)).bit_length() >= _WORD:
        raise UnsupportedError("host numbers beyond 63 bits are not supported")
    return made_string(_address_text(network.address | offset, network.bits))


def _cidrnetmask(prefix: Value) -> Value:
    network = _parse(text_of(prefix))
    if network.bits != _V4_BITS:
        raise EvaluationError("IPv6 addresses cannot have a netmask")
    full = (1 << _V4_BITS) - 1
    return made_string(_address_text(full >> network.host_bits << network.host_bits, _V4_BITS))


def _cidrsubnet(prefix: Value, newbits: Value, netnum: Value) -> Value:
    extension, number = whole_of(newbits, "newbits"), amount_of(netnum)
    if not isinstance(number, int):
        raise EvaluationError("the network number must be a whole number")
    network = _parse(text_of(prefix))
    length = network.prefix + extension
    if length > network.bits:
        raise EvaluationError(
            f"insufficient address space to extend prefix of {network.prefix} by {extension}"
        )
    if extension < 0 or number < 0 or int(number).bit_length() >= _WORD:
        raise UnsupportedError("negative or huge arguments of cidrsubnet are not supported")
    if int(number) >> extension:
        raise EvaluationError(
            f"prefix extension of {extension} does not accommodate a subnet numbered {number}"
        )
    return made_string(
        str(_Network(network.address | int(number) << (network.bits - length), length, network.bits))
    )


def _cidrsubnets(prefix: Value, *newbits: Value) -> Value:
    """Allocate one subnet after the other, each at the next address that its length allows."""
    network = _parse(text_of(prefix))
    subnets: list[Value] = []
    position, end = network.address, network.address + (1 << network.host_bits)
    if newbits and not network.address:
        raise EvaluationError("not enough remaining address space: Terraform cannot start at address zero")
    for each in newbits:
        extension = whole_of(each, "newbits")
        if not 1 <= extension <= _MAX_EXTENSION:
            raise EvaluationError("must extend the prefix by 1 to 32 bits")
        length = network.prefix + extension
        if length > network.bits:
            raise EvaluationError(f"would extend prefix to {length} bits, which is too long")
        size = 1 << (network.bits - length)
        start = -(-position // size) * size
        if start >= end:
            raise EvaluationError(
                f"not enough remaining address space for a subnet with a prefix of {length} bits"
            )
        subnets.append(made_string(str(_Network(start, length, network.bits))))
        position = start + size
    return made_list(subnets, STRING)


_PREFIX = Parameter("prefix", STRING)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "cidrhost": Function((_PREFIX, Parameter("hostnum", NUMBER)), _cidrhost, STRING),
        "cidrnetmask": Function((_PREFIX,), _cidrnetmask, STRING),
        "cidrsubnet": Function(
            (_PREFIX, Parameter("newbits", NUMBER), Parameter("netnum", NUMBER)), _cidrsubnet, STRING
        ),
        "cidrsubnets": Function((_PREFIX,), _cidrsubnets, LIST_OF_STRINGS, rest=Parameter("newbits", NUMBER)),
    }
)
