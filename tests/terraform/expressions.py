"""Evaluates a single expression, the way the differential tests ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.terraform.evaluator import Evaluator, Step
from reviewer.terraform.expressions.parser import ExpressionParser
from reviewer.terraform.text import Range, SourceText
from reviewer.terraform.types import STRING
from reviewer.terraform.value import EvaluationError, Value, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reviewer.terraform.functions import Files


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """The files of one folder, which is root and module at once."""

    folder: Path
    root_folder: str = "."

    def read_bytes(self, path: str) -> bytes:
        if (self.folder / path).is_dir():
            raise EvaluationError("it is a directory")
        return (self.folder / path).read_bytes()

    def whole(self, path: str) -> tuple[Range, ...]:
        text = (self.folder / path).read_text(errors="replace")
        return (Range(SourceText(path, text), 0, len(text)),)

    def exists(self, path: str) -> bool:
        if (self.folder / path).is_dir():
            raise EvaluationError("it is a directory")
        return (self.folder / path).is_file()

    def list(self, folder: str) -> Sequence[str]:
        root = self.folder / folder
        return [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]

    def render(self, path: str, variables: Value) -> Value:
        return unknown(f"rendering {path} with {variables.type} is not part of this test")

    def render_text(self, template: Value, variables: Value) -> Value:
        return unknown(f"rendering {template.data} with {variables.type} is not part of this test")


@dataclass(frozen=True, slots=True)
class UnknownScope:
    """Resolves ``terraform_data.unknown.id`` to an unknown string, and nothing else."""

    files: Files

    def resolve(self, root: str, steps: tuple[Step, ...], at: Range) -> tuple[Value, int]:
        reference = ".".join([root, *map(str, steps[:2])])
        return unknown(f"{reference} is unknown", reference=reference, kind=STRING, origins=(at,)), 2


def evaluate(text: str, folder: Path) -> Value:
    """Return the value of an expression; raises :class:`EvaluationError` where Terraform should refuse it."""
    source = SourceText("test.tf", text)
    node = ExpressionParser().parse(text)
    return Evaluator(
        UnknownScope(FolderFiles(folder)), lambda start, end: Range(source, start, end)
    ).evaluate(node)
