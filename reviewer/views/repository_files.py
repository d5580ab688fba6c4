"""Files of the repository besides Terraform: their text, and their YAML documents as values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.text import Range, SourceText
from reviewer.views.yaml_documents import NotYamlError, documents

if TYPE_CHECKING:
    import yaml

    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.value import Value

YAML_SUFFIXES = (".yaml", ".yml")


def read_text(root: ModuleInstance, path: str) -> SourceText | None:
    """Return a small text file of the repository; None when it cannot be read."""
    return root.configuration.sources.text(root.configuration.tree, path)


class YamlFile(Record, eq=False):
    """A file of the repository with its documents."""

    source: SourceText
    documents: tuple[Value, ...]


def yaml_file(root: ModuleInstance, path: str) -> YamlFile | None:
    """Return a YAML file of the repository, read once; None when it cannot be read."""
    return root.configuration.sources.derived(_yaml_file, root.configuration.tree, path)


def _yaml_file(source: SourceText) -> YamlFile | None:
    try:
        return YamlFile(source, yaml_values(source))
    except NotYamlError:
        return None


def yaml_values(source: SourceText) -> tuple[Value, ...]:
    """Return the documents of a YAML file with their exact ranges; raises :class:`NotYamlError`."""

    def locate(node: yaml.Node) -> tuple[Range, ...]:
        return (Range(source, node.start_mark.index, max(node.start_mark.index, node.end_mark.index)),)

    return documents(source.text, locate)
