"""The real ``terraform`` as a judge of expressions, offline and without a provider.

Every expression becomes a local value and an output of one configuration. ``terraform plan`` evaluates them all at
once; expressions that it refuses are recorded, taken out, and the rest is planned again, so that one error never
hides another expression.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

TERRAFORM = shutil.which("terraform")
UNKNOWN_PRELUDE = 'resource "terraform_data" "unknown" {}\n'
"""Makes ``terraform_data.unknown.id`` (a string) and ``terraform_data.unknown.output`` (of any type) unknown."""

_ENCODING_ERRORS = ("infinity",)
_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Terraform says of one expression.

    ``value`` is JSON with unknown parts as ``None``; numbers are ``int`` or ``Decimal``. ``unknown`` is True, False, or
    mirrors ``value`` with True at each unknown part. ``kind`` is the type as Terraform's JSON writes it, given
    only when everything is known. ``error`` is set when Terraform refuses the expression.
    """

    value: Any = None
    unknown: Any = False
    kind: Any = None
    error: str | None = None


def plan(
    expressions: Mapping[str, str], prelude: str = "", files: Mapping[str, str | bytes] | None = None
) -> Mapping[str, Outcome]:
    """Evaluate ``expressions`` (by any name) below ``prelude``, in a folder that also holds ``files``.

    Needs ``TERRAFORM``; raises ``RuntimeError`` when Terraform fails for a reason that belongs to no expression.
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


def _write_files(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    return subprocess.run(  # noqa: S603 - a fixed program with fixed arguments
        [TERRAFORM or "terraform", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def _errors(folder: Path, pending: Mapping[str, str]) -> dict[str, str]:
    """Plan the pending expressions; return the message per expression that Terraform refuses."""
    lines: list[str] = []
    owner: dict[int, str] = {}
    for key, text in pending.items():
        block = f"locals {{\n{key} = (\n{text}\n)\n}}\noutput \"{key}\" {{\nsensitive = true\nvalue = local.{key}\n}}"
        for line in block.split("\n"):
            lines.append(line)
            owner[len(lines)] = key
    (folder / "expressions.tf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = _run(folder, "plan", "-json", "-refresh=false", "-out=plan.bin")
    if result.returncode == 0:
        return {}
    errors: dict[str, str] = {}
    unplaced: list[str] = []
    for diagnostic in _diagnostics(result.stdout):
        text = f"{diagnostic['summary']}: {diagnostic.get('detail', '')}"
        place = diagnostic.get("range") or {}
        if place.get("filename") == "expressions.tf":
            errors.setdefault(owner[place["start"]["line"]], text)
            continue
        encoded = [key for key in pending if f'output value "{key}"' in text]
        errors.update(dict.fromkeys(encoded, text))
        if not encoded:
            unplaced.append(text)
    if not errors:
        message = "; ".join(unplaced) or result.stderr or "terraform plan failed"
        raise RuntimeError(message)
    return errors


def _diagnostics(output: str) -> list[dict[str, Any]]:
    messages = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [each["diagnostic"] for each in messages if each.get("@level") == "error" and "diagnostic" in each]


def _read(folder: Path) -> dict[str, Outcome]:
    shown = _run(folder, "show", "-json", "plan.bin")
    if shown.returncode:
        raise RuntimeError(shown.stderr)
    document = json.loads(shown.stdout, parse_float=_number)
    types = {key: output.get("type") for key, output in document["planned_values"].get("outputs", {}).items()}
    return {
        key: Outcome(value=change["after"], unknown=change["after_unknown"], kind=types.get(key))
        for key, change in document["output_changes"].items()
    }


def _number(text: str) -> int | Decimal:
    """Read a JSON number exactly; whole numbers are ``int``."""
    amount = Decimal(text)
    return int(amount) if amount == amount.to_integral_value() else amount
