"""One finding in a terminal, in the manner of a compiler: label, place, source, why, help, fix."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from rich.color import ColorSystem
from rich.text import Text

from reviewer import escape
from reviewer.finding import Finding, Severity
from reviewer.report.source import diff_lines, excerpt_lines
from reviewer.report.words import adds_to_title, confirmations, other_places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.console import Console

    from reviewer.report.source import SourceLine

STYLES: Mapping[Severity, str] = MappingProxyType(
    {Severity.CRITICAL: "bold red", Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "blue"}
)
_GUTTER = "bright_blue"
_KEPT = 512
"""Texts: what a check says of itself is the same for each of its findings."""


def finding_lines(finding: Finding, console: Console) -> Iterator[Text]:
    """Yield the lines of one finding, wrapped to the console's width. A web address is never broken."""
    excerpt = excerpt_lines(finding)
    gutter = max((len(each.number) for each in excerpt), default=2)
    heading = Text.assemble((": ", "bold"), (one_line(finding.title), "bold"))
    yield from wrapped(Text.assemble(label(finding), heading), console, console.width)
    place = f"{escape.visible(finding.path)}:{finding.line}"
    subject = "" if finding.address == finding.path else f"  {one_line(finding.address)}"
    where = Text.assemble(place, (subject, "dim"))
    yield from hanging(Text(f"{'':{gutter}}--> ", _GUTTER), where, console)
    for line in _excerpt(finding, excerpt, gutter):
        line.truncate(console.width, overflow="ellipsis")
        yield line
    for name, style, body in _notes(finding):
        head = Text.assemble((f"{'':{gutter}} = ", _GUTTER), (f"{name}: ", style))
        yield from hanging(head, body, console)
    if finding.docs:
        yield Text.assemble((f"{'':{gutter}} = ", _GUTTER), ("docs: ", "bold"), one_line(finding.docs))


def label(finding: Finding) -> Text:
    """Return such as ``high[EKS-SEC-107]``."""
    return Text(f"{finding.severity}[{one_line(finding.id)}]", STYLES[finding.severity])


def hanging(head: Text, body: Text, console: Console) -> Iterator[Text]:
    """Yield ``head`` followed by ``body``, whose further lines start below its first."""
    indent = head.cell_len
    for index, line in enumerate(wrapped(body, console, max(20, console.width - indent))):
        yield Text.assemble(head if index == 0 else " " * indent, line)


def wrapped(text: Text, console: Console, width: int) -> Iterable[Text]:
    """Return the lines of a text; most fit as they are, which takes a tenth of the time to find out."""
    plain = text.plain
    if len(plain) <= width and plain.isascii() and plain.isprintable():
        return (text,)
    return text.wrap(console, width)


def styled(line: Text, console: Console) -> str:
    """Return one line, with its end, as the console would print it."""
    if not console.is_terminal:
        return f"{line.plain}\n"
    if line.style and not line.spans:
        # As long as there is no other style, rich leaves that of the whole line out.
        line = Text.assemble(line)
    return "".join(
        text if style is None else style.render(text, color_system=ColorSystem.STANDARD)
        for text, style, _ in line.render(console, end="\n")
    )


@lru_cache(_KEPT)
def one_line(markdown: str) -> str:
    """Return a message without Markdown on one printable line."""
    return escape.visible(" ".join(escape.plain(markdown).split()))


@lru_cache(_KEPT)
def prose(markdown: str) -> Text:
    """Return a message as styled text: code spans stand out, fenced blocks keep their lines."""
    result = Text()
    for segment in escape.segments(escape.clip(markdown.strip(), escape.MESSAGE_LIMIT)):
        if segment.kind == "prose":
            lines = escape.plain(segment.text).split("\n")
            result.append("\n".join(escape.visible(line) for line in lines))
        elif segment.kind == "code":
            result.append(escape.visible(segment.text), "cyan")
        else:
            lines = segment.text.expandtabs(4).split("\n")
            result.append("".join(f"  {escape.visible(line)}\n" for line in lines), "cyan")
    result.rstrip()
    return result


def _excerpt(finding: Finding, lines: Sequence[SourceLine], gutter: int) -> Iterator[Text]:
    if not lines:
        return
    style = STYLES[finding.severity]
    empty = Text(f"{'':{gutter}} │", _GUTTER)
    if finding.excerpt is not None and finding.excerpt.path != finding.path:
        yield Text.assemble((f"{'':{gutter}}::: ", _GUTTER), escape.visible(finding.excerpt.path))
    yield empty
    for each in lines:
        mark = (">" if each.marked and not each.underline else " ", style)
        number = (f"{each.number:>{gutter}}", _GUTTER)
        yield Text.assemble(number, mark, ("│ ", _GUTTER), each.text)
        if each.underline:
            yield Text.assemble(empty, " ", (each.underline, style))
    yield empty


def _notes(finding: Finding) -> Iterator[tuple[str, str, Text]]:
    """Yield name, style and text of what there is to say below the source."""
    if adds_to_title(finding):
        yield "why", "bold", prose(finding.message)
    supplies, others = other_places(finding, finding.line)
    if others:
        places = ", ".join(f"{escape.visible(each.path)}:{each.line}" for each in others)
        yield "from" if supplies else "see", "bold", Text(places)
    found_by = _found_by(finding)
    if found_by:
        yield "by", "bold", Text(found_by)
    if finding.hint:
        yield "help", "green", prose(finding.hint)
    if finding.suggestion is not None:
        yield "fix", "green", _diff(finding)
        if finding.suggestion.note:
            yield "note", "bold", prose(finding.suggestion.note)


def _found_by(finding: Finding) -> str:
    """Return the other tools that found it; ours is not worth a line."""
    own = [escape.visible(finding.source)] if finding.is_imported else []
    others = [f"{source} ({', '.join(ids)})" for source, ids in confirmations(finding)]
    return ", ".join([*own, *(["also " + ", ".join(others)] if others else [])])


def _diff(finding: Finding) -> Text:
    styles = {"-": "red", "+": "green"}
    lines = [Text(f"{sign} {text}".rstrip(), styles.get(sign, "dim")) for sign, text in diff_lines(finding)]
    return Text("\n").join(lines)
