"""The real ``terraform`` as a judge of expressions, offline and without a provider.

Every expression becomes a local value and an output of one configuration. ``terraform plan`` evaluates them
all at once; expressions that it refuses are recorded, taken out, and the rest is planned again, so that one error
never hides another expression.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from reviewer.terraform.types import ListType, MapType, ObjectType, Primitive, SetType, TupleType, Type
from reviewer.terraform.value import Unknown, Value, type_of

Json: TypeAlias = Any
"""What a JSON text holds."""

TERRAFORM = shutil.which("terraform")
NEEDS_TERRAFORM = pytest.mark.skipif(
    TERRAFORM is None, reason="terraform is not installed, so there is nothing to compare with"
)
UNKNOWN_PRELUDE = 'resource "terraform_data" "unknown" {}\n'
"""Makes ``terraform_data.unknown.id`` an unknown string; ``jsondecode`` of it is unknown altogether."""

_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Terraform says of one expression.

    ``value`` is JSON with unknown parts as ``None``; numbers are ``int`` or ``Decimal``. ``unknown`` is
    True, False, or
    mirrors ``value`` with True at each unknown part. ``kind`` is the type as Terraform's JSON writes it,
    given only when everything is known. ``error`` is set when Terraform refuses the expression.
    """

    value: Json = None
    unknown: Json = False
    kind: Json = None
    error: str | None = None


def plan(
    expressions: Mapping[str, str], prelude: str = "", files: Mapping[str, str | bytes] | None = None
) -> Mapping[str, Outcome]:
    """Evaluate ``expressions`` (by any name) below ``prelude``, in a folder that also holds ``files``.

    Needs ``TERRAFORM``; raises ``RuntimeError`` when Terraform fails for a reason that belongs to no
    expression.
    """
    names = {f"e{number}": name for number, name in enumerate(expressions)}
    pending = {key: expressions[name] for key, name in names.items()}
    outcomes: dict[str, Outcome] = {}
    with tempfile.TemporaryDirectory() as folder:
        _write_files(Path(folder), files or {})
        (Path(folder) / "prelude.tf").write_text(prelude, encoding="utf-8")
        for _ in range(_ROUNDS):
            errors = _errors(Path(folder), pending)
            if not errors:
                outcomes.update(_read(Path(folder)))
                return {name: outcomes[key] for key, name in names.items()}
            outcomes.update({key: Outcome(error=text) for key, text in errors.items()})
            pending = {key: text for key, text in pending.items() if key not in errors}
    message = f"terraform still refuses expressions after {_ROUNDS} plans"
    raise RuntimeError(message)


def plan_configuration(
    folder: Path, files: Mapping[str, str], var_files: tuple[str, ...] = ()
) -> Mapping[str, Outcome]:
    """Return the outputs of a root module that is written to ``folder``."""
    _make_plan(folder, files, [f"-var-file={path}" for path in var_files])
    return _read(folder)


def show_plan(folder: Path, files: Mapping[str, str], *arguments: str) -> bytes:
    """Return what ``terraform show -json`` prints of a plan of a root module that is written to ``folder``."""
    _make_plan(folder, files, arguments)
    return _run(folder, "show", "-json", "plan.bin").stdout.encode()


def _make_plan(folder: Path, files: Mapping[str, str], arguments: Sequence[str]) -> None:
    _write_files(folder, files)
    for command in (("init", "-backend=false"), ("plan", "-out=plan.bin", *arguments)):
        done = _run(folder, *command, "-no-color", "-input=false")
        if done.returncode:
            raise RuntimeError(done.stderr)


def _write_files(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "TF_CLI_CONFIG_FILE": os.devnull,
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
    }
    return subprocess.run(
        [TERRAFORM or "terraform", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def _errors(folder: Path, pending: Mapping[str, str]) -> dict[str, str]:
    """Plan the pending expressions; return the message per expression that Terraform refuses.

    Each has a file of its own: Terraform reads a whole file again for every error it reports in it.
    """
    for old in folder.glob("e*.tf"):
        old.unlink()
    for key, text in pending.items():
        block = f"locals {{\n{key} = (\n{text}\n)\n}}\n"
        block += f'output "{key}" {{\nsensitive = true\nvalue = local.{key}\n}}\n'
        (folder / f"{key}.tf").write_text(block, encoding="utf-8")
    result = _run(folder, "plan", "-json", "-refresh=false", "-out=plan.bin")
    if result.returncode == 0:
        return {}
    errors: dict[str, str] = {}
    unplaced: list[str] = []
    for diagnostic in _diagnostics(result.stdout):
        text = f"{diagnostic['summary']}: {diagnostic.get('detail', '')}"
        place = (diagnostic.get("range") or {}).get("filename", "").removesuffix(".tf")
        if place in pending:
            errors.setdefault(place, text)
            continue
        encoded = [key for key in pending if f'output value "{key}"' in text]
        errors.update(dict.fromkeys(encoded, text))
        if not encoded:
            unplaced.append(text)
    if not errors:
        message = "; ".join(unplaced) or result.stderr or "terraform plan failed"
        raise RuntimeError(message)
    return errors


def _diagnostics(output: str) -> list[dict[str, Json]]:
    messages = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [each["diagnostic"] for each in messages if each.get("@level") == "error" and "diagnostic" in each]


def _read(folder: Path) -> dict[str, Outcome]:
    shown = _run(folder, "show", "-json", "plan.bin")
    if shown.returncode:
        raise RuntimeError(shown.stderr)
    document = json.loads(shown.stdout, parse_float=_number)
    types = {key: output.get("type") for key, output in document["planned_values"].get("outputs", {}).items()}
    return {
        key: Outcome(value=change.get("after"), unknown=change["after_unknown"], kind=types.get(key))
        for key, change in document["output_changes"].items()
    }


def _number(text: str) -> int | Decimal:
    """Read a JSON number exactly; whole numbers are ``int``."""
    amount = Decimal(text)
    return int(amount) if amount == amount.to_integral_value() else amount


class Verdict(Enum):
    """How a value compares with what Terraform says."""

    EQUAL = "equal"
    LESS = "unknown where Terraform knows"
    MORE = "known where Terraform does not"
    WRONG = "wrong"


def judge(value: Value | None, outcome: Outcome) -> Verdict:
    """Compare a value (None: it was refused) with Terraform's: data, unknown shape, and type if known."""
    if outcome.error is not None:
        return _judge_refused(value)
    if value is None:
        return Verdict.WRONG
    verdicts = set(_compare(value, outcome.value, outcome.unknown))
    if Verdict.WRONG in verdicts:
        return Verdict.WRONG
    if (
        outcome.value is not None
        and outcome.kind is not None
        and value.is_wholly_known
        and outcome.kind != _json_type(type_of(value))
    ):
        return Verdict.WRONG
    return next((each for each in (Verdict.MORE, Verdict.LESS) if each in verdicts), Verdict.EQUAL)


def _judge_refused(value: Value | None) -> Verdict:
    if value is None:
        return Verdict.EQUAL
    return Verdict.WRONG if value.is_wholly_known else Verdict.LESS


def _compare(value: Value, expected: Json, unknown: Json) -> Iterator[Verdict]:
    data = value.data
    if unknown is True:
        yield Verdict.EQUAL if value.is_unknown else Verdict.MORE
    elif isinstance(data, Unknown):
        yield Verdict.LESS
    elif isinstance(value.type, SetType) and not unknown and not value.is_wholly_known:
        yield Verdict.LESS  # the order of a set says nothing of which element is the unknown one
    elif isinstance(data, tuple) and isinstance(expected, list) and len(data) == len(expected):
        shapes = unknown or [False] * len(expected)
        for each, item, shape in zip(data, expected, shapes, strict=True):
            yield from _compare(each, item, shape)
    elif isinstance(data, Mapping) and isinstance(expected, dict):
        names = expected.keys() | (unknown or {}).keys()
        if data.keys() != names:
            yield Verdict.WRONG
        for name in data.keys() & names:
            yield from _compare(data[name], expected.get(name), (unknown or {}).get(name, False))
    else:
        yield Verdict.EQUAL if type(data) is type(expected) and data == expected else _loosely(data, expected)


def _loosely(data: object, expected: object) -> Verdict:
    numbers = all(isinstance(each, int | Decimal) and not isinstance(each, bool) for each in (data, expected))
    return Verdict.EQUAL if numbers and data == expected else Verdict.WRONG


def _json_type(kind: Type) -> Json:
    """Return a type as Terraform's JSON writes it."""
    match kind:
        case Primitive():
            return "dynamic" if kind is Primitive.DYNAMIC else kind.value
        case ListType(element) | SetType(element) | MapType(element):
            return [type(kind).__name__.removesuffix("Type").lower(), _json_type(element)]
        case TupleType(elements):
            return ["tuple", [_json_type(each) for each in elements]]
        case ObjectType():
            return ["object", {name: _json_type(each) for name, each in kind.attributes.items()}]
