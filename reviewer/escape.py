"""Makes text from a pull request harmless in Markdown, in a terminal and in a log.

Paths, addresses, values, reasons and whole imported messages are written by the author of the pull request.
In a comment they could notify people, forge a marker, open a fence that swallows the rest, or load a picture;
in a terminal they could move the cursor. Every such string passes through here.

Two kinds of text exist. A *value* is plain: :func:`code` puts it into a code span. A *message* is Markdown
made of our own words and such code spans: :func:`markdown` lets it through and takes the sting out of what
should not be there, because a message may also have come from another tool or from a file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlsplit

from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE_LIMIT = 160
"""Characters of one value: enough for every real address, too little to bury a comment."""
MESSAGE_LIMIT = 4000
"""Characters of one message or hint."""

_URL_LIMIT = 2048
_ZERO_WIDTH_SPACE = "\u200b"
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
# Characters that reorder or hide text: joiners, bidirectional controls, lone surrogates, tags.
_INVISIBLE = (
    "\u00ad\u061c\u115f\u180e\u200c-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff"
)
_HIDDEN = re.compile(f"[{_CONTROLS}\t\n{_INVISIBLE}{_ZERO_WIDTH_SPACE}]")
_HIDDEN_IN_PROSE = re.compile(f"[{_CONTROLS}{_INVISIBLE}]")
_BACKTICKS = re.compile(r"`+")
_FENCE = re.compile(
    r"^ {0,3}(?P<ticks>`{3,})(?P<info>[^`\n]*)\n(?P<body>.*?)(?:^ {0,3}(?P=ticks)`*[ \t]*$\n?|\Z)",
    re.MULTILINE | re.DOTALL,
)
_SOFT_BREAK = re.compile(r"(?<=[^\s|])[ \t]*\n[ \t]*(?=\S)(?![-*+>#|]|\d+[.)]|`{3}|~{3})")
_SPAN = re.compile(r"\\[^\n]|(?P<ticks>(?<!`)`+(?!`))(?P<body>[^\n]+?)(?<!`)(?P=ticks)(?!`)")
_LANGUAGES = frozenset({"bash", "diff", "hcl", "json", "rego", "sh", "terraform", "text", "yaml"})
"""How a fence of a message may be named: not ``suggestion``, which makes a button, nor a kind of picture."""
_PROSE_RULES = (
    (re.compile(r"<"), "&lt;"),
    (re.compile(r"&(?!lt;)(?=[#\w])"), f"&{_ZERO_WIDTH_SPACE}"),  # &#64;user is a mention, too
    (re.compile(r"(\\[^\n])|`"), lambda match: match[1] or "\\`"),
    (re.compile(r"^( {0,3})~~~", re.MULTILINE), r"\1\\~~~"),
    (re.compile(r"!(?=\[)"), f"!{_ZERO_WIDTH_SPACE}"),
    (re.compile(r"@(?=\w)"), f"@{_ZERO_WIDTH_SPACE}"),
    (re.compile(r"#(?=\d)"), f"#{_ZERO_WIDTH_SPACE}"),
    (re.compile(r"\b(GH-)(?=\d)", re.IGNORECASE), rf"\1{_ZERO_WIDTH_SPACE}"),
    (re.compile(r"\b(www)(?=\.)", re.IGNORECASE), rf"\1{_ZERO_WIDTH_SPACE}"),
)
_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s<>\"'`)\]]*", re.IGNORECASE)
_LINK = re.compile(r"\[(?P<text>[^\[\]\n]*)\]\((?P<url>https://[^()\s]*)\)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_DOCUMENTATION = frozenset(
    {
        "aws.github.io",
        "cli.github.com",
        "developer.hashicorp.com",
        "docs.aws.amazon.com",
        "docs.github.com",
        "kubernetes.io",
        "registry.terraform.io",
    }
)
"""Hosts that a message may link to. A check's own page is linked by the report, not by the message."""


class Segment(Record):
    """A piece of Markdown: prose, the inside of a code span, or of a fenced block with its info string."""

    kind: Literal["prose", "code", "fence"]
    text: str
    info: str = ""


def visible(text: str) -> str:
    r"""Return ``text`` on one line, every control or invisible character written out, such as ``\x1b``."""
    return _HIDDEN.sub(_written_out, text)


def clip(text: str, limit: int) -> str:
    """Return at most ``limit`` characters, the last of them an ellipsis when something was left out."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def code(value: object, limit: int = CODE_LIMIT) -> str:
    """Return a value from the code as a Markdown code span: on one line, capped, and unable to end the span.

    An empty or blank value is shown in quotes, since Markdown has no empty span.
    """
    text = clip(visible(str(value)), limit)
    text = _without_comment(text) if text.strip() else f'"{text}"'
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fenced(text: str, info: str = "") -> str:
    """Return ``text`` word for word in a fence that is longer than any run of backticks in it."""
    ticks = "`" * max(3, _longest_run(text) + 1)
    return f"{ticks}{info}\n{text}\n{ticks}" if text else f"{ticks}{info}\n{ticks}"


def markdown(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """Return a message with code spans and fences intact and everything else unable to do harm.

    Outside of code: no HTML, no comment markers, no pictures, no mentions or references, no links but to
    documentation, and no open fence. Applying it twice changes nothing more.
    """
    return "".join(_rendered(each) for each in segments(clip(text, limit)))


def line(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """Return a message as :func:`markdown` does, but on one line: fenced blocks become code spans."""
    pieces = [
        code(" ".join(each.text.split())) if each.kind == "fence" else _rendered(each)
        for each in segments(clip(text.strip(), limit))
    ]
    return " ".join("".join(pieces).split("\n")).strip().rstrip("\\")


def cell(text: str) -> str:
    """Return one line of Markdown for a table cell.

    A bar is replaced by one that looks the same: an escaped one is read differently after a backslash.
    """
    return " ".join(text.split()).replace("|", "│")


def plain(text: str) -> str:
    """Return a message without Markdown: code spans and links lose their marks. Not yet :func:`visible`."""
    pieces = segments(clip(text, MESSAGE_LIMIT))
    return "".join(_plain(each) if each.kind == "prose" else each.text for each in pieces)


def text(message: str) -> str:
    """Return a message for a reader without Markdown: :func:`plain`, :func:`visible` and on its own lines."""
    return "\n".join(visible(each) for each in plain(message).split("\n")).strip()


def url(text: str) -> str | None:
    """Return an http(s) address that can stand in a Markdown link, or ``None`` when it is anything else."""
    quoted = quote(text, safe="%/:=&?~#+!$,;@-._*")
    parts = urlsplit(quoted)
    usable = parts.scheme in {"http", "https"} and parts.hostname and len(quoted) <= _URL_LIMIT
    return quoted if usable else None


def segments(text: str) -> Iterator[Segment]:
    """Yield prose, code spans and fenced blocks in order.

    A code span never crosses a line, and an open fence ends with the text. Lines of a paragraph are joined:
    in a comment GitHub would break them where our source happens to.
    """
    position = 0
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for fence in _FENCE.finditer(text):
        yield from _inline(_reflowed(text[position : fence.start()]))
        yield Segment("fence", fence["body"].rstrip("\n"), fence["info"].strip())
        position = fence.end()
    yield from _inline(_reflowed(text[position:]))


def _reflowed(text: str) -> str:
    return _SOFT_BREAK.sub(" ", text)


def _inline(text: str) -> Iterator[Segment]:
    position = 0
    for span in _SPAN.finditer(text):
        if span["ticks"] is None:
            continue
        if span.start() > position:
            yield Segment("prose", text[position : span.start()])
        yield Segment("code", _unpadded(span["body"]))
        position = span.end()
    if position < len(text):
        yield Segment("prose", text[position:])


def _rendered(segment: Segment) -> str:
    match segment.kind:
        case "code":
            return code(segment.text, MESSAGE_LIMIT)
        case "fence":
            info = segment.info if segment.info in _LANGUAGES else ""
            return fenced(_without_comment(_HIDDEN_IN_PROSE.sub(_written_out, segment.text)), info) + "\n"
        case "prose":
            return _defused(segment.text)


def _defused(prose: str) -> str:
    """Take the sting out of prose. Links to documentation stay, everything around them is treated."""
    pieces = []
    position = 0
    for link in _LINK.finditer(prose):
        if urlsplit(link["url"]).hostname in _DOCUMENTATION:
            pieces.append(_apply_rules(prose[position : link.start()]))
            pieces.append(f"[{_apply_rules(link['text'])}]({url(link['url'])})")
            position = link.end()
    pieces.append(_apply_rules(prose[position:]))
    return "".join(pieces)


def _apply_rules(prose: str) -> str:
    prose = _HIDDEN_IN_PROSE.sub(_written_out, prose)
    prose = _URL.sub(_unlinked, prose)
    prose = prose.replace("](", f"]{_ZERO_WIDTH_SPACE}(")
    for pattern, replacement in _PROSE_RULES:
        prose = pattern.sub(replacement, prose)
    return prose


def _unlinked(match: re.Match[str]) -> str:
    address = match.group()
    if urlsplit(address).hostname in _DOCUMENTATION and address.startswith("https://"):
        return address
    return address.replace("://", f":{_ZERO_WIDTH_SPACE}//")


def _plain(segment: Segment) -> str:
    text = _LINK.sub(r"\g<text>", segment.text)
    return _ESCAPED.sub(r"\1", text).replace(_ZERO_WIDTH_SPACE, "").replace("&lt;", "<")


def _unpadded(body: str) -> str:
    """CommonMark takes one space off each end of a code span that is not all blank."""
    if body.startswith(" ") and body.endswith(" ") and body.strip():
        return body[1:-1]
    return body


def _without_comment(text: str) -> str:
    return text.replace("<!--", "<! --")


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)


def _written_out(match: re.Match[str]) -> str:
    """Return the character as Python writes it; a tab is but a blank."""
    character = match.group()
    return " " if character == "\t" else ascii(character)[1:-1]
