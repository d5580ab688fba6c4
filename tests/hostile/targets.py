"""What is fuzzed: each function takes any bytes and fails only where the reader breaks its promise.

hypothesis runs them as tests (``test_fuzz.py``), atheris for as long as one likes (``make fuzz``).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

from reviewer.change.diff import parse_diff, parse_hunks
from reviewer.change.errors import MalformedDiffError
from reviewer.change.tree import OverlayTree
from reviewer.config.config import Config
from reviewer.config.file import InvalidConfigError, load
from reviewer.imported.load import parse as parse_results
from reviewer.imported.result import InvalidResultsError
from reviewer.suppression import Comment, Rules, SourceLines
from reviewer.suppression import parse as parse_suppressions
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.value import UndecidedError, Unknown
from tests.trees import EmptyTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reviewer.terraform.syntax import Block, SourceFile

CHECKS = {"EKS-SEC-107": "api-endpoint-open-to-world", "EKS-REL-101": "subnets-in-few-zones"}
RULES = Rules(CHECKS, date(2026, 11, 23), 365)


def syntax(data: bytes) -> None:
    """Read a file of native syntax: everything found lies inside the text, and lines are lines."""
    file = _configuration("main.tf", data).file("main.tf")
    _check_ranges(file, data)


def json_syntax(data: bytes) -> None:
    """Read a file of JSON syntax."""
    file = _configuration("main.tf.json", data).file("main.tf.json")
    _check_ranges(file, data)


def expression(data: bytes) -> None:
    """Evaluate an expression: a value, or a reason why there is none."""
    text = data.decode("utf-8", "replace").replace("\0", "")
    root = _configuration("main.tf", f"locals {{\nx = {text}\ny = [local.x]\n}}\n".encode()).root("")
    for attribute in root.declarations.locals.values():
        value = root.value_of(attribute)
        if isinstance(value.data, Unknown):
            assert value.data.reason
        with suppress(UndecidedError):
            value.elements()


def template_file(data: bytes) -> None:
    """Render a template file of the repository."""
    main = b'locals {\nx = templatefile("t.tpl", { name = "n", items = [1, 2] })\n}\n'
    tree = OverlayTree(EmptyTree(), {"main.tf": main, "t.tpl": data})
    root = Configuration(tree, Sources()).root("")
    value = root.value_of(root.declarations.locals["x"])
    assert isinstance(value.data, str | Unknown)


def diff(data: bytes) -> None:
    """Read a diff: as many lines are kept on both sides, or it is refused."""
    try:
        files = parse_diff([data])
        found = [hunk for each in files for hunk in each.hunks]
    except MalformedDiffError:
        return
    assert [each.path for each in files] == sorted({each.path for each in files})
    for hunk in found:
        assert hunk.added_lines <= set(hunk.target_lines)
        assert hunk.source_length - len(hunk.removed_lines) == hunk.target_length - len(hunk.added_lines)


def hunks(data: bytes) -> None:
    """Read the patch of one file as GitHub's API gives it."""
    try:
        found = parse_hunks(data.decode("utf-8", "replace"))
    except MalformedDiffError:
        return
    for hunk in found:
        assert hunk.added_lines <= set(hunk.target_lines)


def suppressions(data: bytes) -> None:
    """Read a comment: it counts with a reason and an end, or a notice says why it does not."""
    text = f"# eks-review:ignore {data.decode('utf-8', 'replace')}"
    source = SourceLines("main.tf", frozenset({2}), {2: (2, 2)}.get)
    found, notices = parse_suppressions([Comment(1, 1, text, after_code=False)], source, RULES)
    assert len(found) + len(notices) >= 1
    for each in found:
        assert each.acceptance.reason.strip()
        assert RULES.today <= each.acceptance.until
        assert set(each.checks)


def configuration(data: bytes) -> None:
    """Read the configuration: a configuration, or every mistake with its line."""
    try:
        config = load(data.decode("utf-8", "replace"), "c.yml", CHECKS)
    except InvalidConfigError:
        return
    assert isinstance(config, Config)


def results(data: bytes) -> None:
    """Read results of another tool: results, or one message."""
    try:
        found = parse_results(data, "results.sarif")
    except InvalidResultsError:
        return
    assert found is not None


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (
        syntax,
        json_syntax,
        expression,
        template_file,
        diff,
        hunks,
        suppressions,
        configuration,
        results,
    )
}


def _configuration(path: str, data: bytes) -> Configuration:
    return Configuration(OverlayTree(EmptyTree(), {path: data}), Sources())


def _check_ranges(file: SourceFile, data: bytes) -> None:
    size = len(file.source.text)
    # What cannot be decoded has no text, and its diagnostic still names the line.
    lines = data.count(b"\n") + 1
    assert all(1 <= each.line <= lines for each in file.diagnostics)
    for block in _blocks(file.blocks):
        assert 0 <= block.range.start <= block.header.end <= block.range.end <= size
        for attribute in block.attributes.values():
            assert block.range.start <= attribute.range.start <= attribute.expression.end <= block.range.end


def _blocks(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for each in blocks:
        yield each
        yield from _blocks(each.blocks)
