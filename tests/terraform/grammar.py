"""Expressions of the Terraform language, made at random: every operator, form and function, mostly well typed.

``UNK`` is an unknown string and ``DYN`` an unknown value of unknown type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

T = TypeVar("T")

UNK = "terraform_data.unknown.id"
DYN = f"jsondecode({UNK})"
DEPTH = 3

_LEAVES = {
    "string": (
        *('"a"', '"b"', '"abc"', '""', '"a,b"', '"1"', '"1.50"', '"true"', '"é"', '"x y"', '"a\\nb"'),
        *(
            '"$${a}"',
            '"%%{if}"',
            '"\\"q\\""',
            '"A-b_c"',
            '"a$"',
            '"%"',
            '"$$ $$${b}"',
            "null",
            UNK,
            'sensitive("s")',
            '"\\u00e9"',
        ),
    ),
    "number": (
        "0",
        "1",
        "2",
        "-1",
        "3",
        "10",
        "1.5",
        "0.1",
        "1e3",
        "12345.678",
        "1/3",
        '"5"',
        f"tonumber({UNK})",
    ),
    "bool": ("true", "false", '"true"', f"tobool({UNK})"),
    "cidr": (
        '"10.0.0.0/16"',
        '"10.1.2.3/24"',
        '"2001:db8::/56"',
        '"192.168.0.0/30"',
        '"10.0.0.0"',
        '"0.0.0.0/0"',
    ),
    "time": ('"2020-01-01T00:00:00Z"', '"2026-11-23T10:11:12+02:00"', '"2020-02-30T00:00:00Z"', '"today"'),
    "layout": ('"YYYY-MM-DD"', '"DD MMM YYYY hh:mm ZZZ"', "\"EEEE, HH'h'\"", '"\'"'),
    "duration": ('"10m"', '"-1h30m"', '"1.5h"', '"x"'),
    "json": ('"{\\"a\\":[1,null,true]}"', '"[1.50,\\"x\\"]"', '"1e3"', '"{"', '"{\\"b\\":1,\\"a\\":{}}"'),
    "yaml": ('"a: 1\\nb: [x, ~]"', '"- 1\\n- 0x1f"', '"yes"', '"a: *b"', '"1_000"'),
    "csv": ('"a,b\\n1,2\\n"', '"a\\n\\"x,y\\"\\n"', '"a,b\\n1\\n"'),
    "format": (
        '"%s"',
        '"%d-%s"',
        '"%v"',
        '"%05.2f"',
        '"%q"',
        '"%-5s|"',
        '"%#v"',
        '"%%"',
        '"%x"',
        '"%[1]s"',
        '"%t"',
    ),
    "regex": ('"[a-z]+"', '"(a)(b)?"', '"(?P<n>\\\\d)"', '"^x"', '"["', '"/[ab]/"', '"."'),
    "base64": ('"YWJj"', '"YQ=="', '"*"', '"w6k="'),
    "encoding": ('"UTF-8"', '"UTF-16LE"', '"ISO-8859-1"', '"nope"'),
    "name": ('"dns"', '"url"', '"6ba7b810-9dad-11d1-80b4-00c04fd430c8"', '"x"'),
    "path": ('"hello.txt"', '"sub/a.yaml"', '"none"', '"."', '"binary.bin"'),
    "any": ("null", DYN),
}

_SIGNATURES = """
abs n|alltrue B|anytrue B|base64decode base64|base64encode s|base64sha256 s|base64sha512 s|basename s|ceil n|chomp s
chunklist l n|cidrhost cidr n|cidrnetmask cidr|cidrsubnet cidr n n|cidrsubnets cidr n n|coalesce v v v|coalescelist l l
compact L|concat l l|contains l v|csvdecode csv|dirname s|distinct l|element l n|endswith s s|file path|filebase64 path
filebase64sha256 path|fileexists path|filemd5 path|fileset path s|filesha1 path|flatten l|floor n|format format v
format format v v|formatdate layout time|formatlist format L|formatlist format L L|indent n s|index l v|issensitive v
join s L|join s L L|jsondecode json|jsonencode v|keys m|length v|length l|length m|log n n|lookup m s|lookup m s v
lower s|matchkeys L L L|max n n|md5 s|merge m m|merge m null m|min n n n|nonsensitive v|one l|parseint s n|pow n n
range n|range n n|range n n n|regex regex s|regexall regex s|replace s s s|replace s regex s|reverse l|sensitive v
setintersection S S|setproduct l l|setsubtract S S|setunion S S|sha1 s|sha256 s|sha512 s|signum n|slice l n n|sort L
split s s|startswith s s|strcontains s s|strrev s|substr s n n|sum N|textdecodebase64 base64 encoding
textencodebase64 s encoding|timeadd time duration|timecmp time time|title s|tobool v|tolist l|tolist v|tomap m|tomap v
tonumber v|toset l|toset v|tostring v|transpose X|trim s s|trimprefix s s|trimspace s|trimsuffix s s|upper s
urlencode s|uuidv5 name s|values m|yamldecode yaml|yamlencode v|zipmap L l|can v|try v v|try l l|bcrypt s|uuid
timestamp|base64gzip s
"""
SIGNATURES: tuple[tuple[str, ...], ...] = tuple(
    tuple(each.split()) for line in _SIGNATURES.strip().splitlines() for each in line.split("|")
)
"""A function and the kinds of its arguments; several entries for different uses of one function."""

_KINDS = {
    "s": "string",
    "n": "number",
    "b": "bool",
    "v": "value",
    "l": "list",
    "m": "map",
    "L": "strings",
    "N": "numbers",
    "B": "bools",
    "S": "set",
    "X": "map of lists",
    "null": "any",
}


@st.composite
def expressions(draw: st.DrawFn) -> str:
    """Make one expression."""
    return _Maker(draw(st.randoms(use_true_random=True))).make("value", 0)


class _Maker:
    """Makes expressions of a wanted kind; every eighth time of another one."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.names: list[str] = []

    def pick(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def below(self, end: int) -> int:
        return self.random.randrange(end)

    def chance(self, one_in: int) -> bool:
        return not self.random.randrange(one_in)

    def make(self, kind: str, depth: int) -> str:
        if self.chance(14):
            kind = "value"
        if self.names and self.chance(3):
            return self.pick(self.names)
        if kind == "value":
            kind = self.pick(
                ("string", "number", "bool", "list", "map", "set", "string", "number", "list", "any", "form")
            )
        if kind in _LEAVES:
            if depth >= DEPTH or kind not in {"string", "number", "bool", "any"} or self.chance(2):
                return self.pick(_LEAVES[kind])
            return str(getattr(self, f"_{kind}")(depth + 1))
        return self._collection(kind, depth + 1)

    # Scalars

    def _string(self, depth: int) -> str:
        match self.below(6):
            case 0 | 1:
                return self._quoted(depth)
            case 2:
                return self._heredoc(depth)
            case 3:
                return self._form("string", depth)
            case _:
                return self._call(depth)

    def _number(self, depth: int) -> str:
        match self.below(5):
            case 0 | 1:
                operator = self.pick(("+", "-", "*", "/", "%", " -", " - "))
                return self._grouped(
                    f"{self._operand('number', depth)} {operator} {self._operand('number', depth)}"
                )
            case 2:
                return f"-{self._operand('number', depth)}"
            case 3:
                return self._form("number", depth)
            case _:
                return self._call(depth)

    def _bool(self, depth: int) -> str:
        match self.below(7):
            case 0:
                operator = self.pick(("<", ">", "<=", ">="))
                return self._grouped(
                    f"{self._operand('number', depth)} {operator} {self._operand('number', depth)}"
                )
            case 1 | 2:
                kind = self.pick(("value", "string", "number", "list", "map", "set"))
                operator = self.pick(("==", "!="))
                return self._grouped(f"{self._operand(kind, depth)} {operator} {self._operand(kind, depth)}")
            case 3:
                operator = self.pick(("&&", "||"))
                return self._grouped(
                    f"{self._operand('bool', depth)} {operator} {self._operand('bool', depth)}"
                )
            case 4:
                return f"!{self._operand('bool', depth)}"
            case 5:
                return self._form("bool", depth)
            case _:
                return self._call(depth)

    def _any(self, depth: int) -> str:
        return (
            self._call(depth) if self.chance(2) else self._form(self.pick(("string", "list", "map")), depth)
        )

    def _operand(self, kind: str, depth: int) -> str:
        made = self.make(kind, depth)
        return (
            made
            if self.chance(3) and "<<" not in made and " ? " not in made
            else f"({made}\n)"
            if "<<" in made
            else f"({made})"
        )

    def _grouped(self, text: str) -> str:
        return text if self.chance(4) else f"({text})"

    # Templates

    def _quoted(self, depth: int) -> str:
        return '"' + "".join(self._part(depth, quoted=True) for _ in range(1 + self.below(3))) + '"'

    def _heredoc(self, depth: int) -> str:
        start = self.pick(("<<", "<<-"))
        lines = []
        for _ in range(self.below(5)):
            indent = " " * self.below(5)
            text = "".join(self._part(depth, quoted=False) for _ in range(self.below(4)))
            lines.append(f"{indent}{text}\n")
        return f"{start}EOT\n{''.join(lines)}  EOT\n"

    def _part(self, depth: int, *, quoted: bool) -> str:
        opening, closing = self.pick(("{", "{~")), self.pick(("}", "~}"))
        match self.below(8):
            case 0 | 1 | 2:
                return self.pick(
                    ("a", " b ", "$x ", "%x", "$${x}", "%%{y}", "é", " ", "}", "1", "\\t" if quoted else "\\")
                )
            case 3:
                condition, body = self._inline("bool", depth), self._part(depth + 1, quoted=quoted)
                otherwise = f"%{{ else }}{self._part(depth + 1, quoted=quoted)}" if self.chance(2) else ""
                return f"%{opening} if {condition} {closing}{body}{otherwise}%{opening} endif {closing}"
            case 4:
                names = self.pick(("x", "k, x"))
                collection = self._inline(self.pick(("list", "map", "set")), depth)
                body = self._with(names, lambda: self._part(depth + 1, quoted=quoted))
                return f"%{opening} for {names} in {collection} {closing}{body}%{opening} endfor {closing}"
            case _:
                return f"${opening} {self._inline(self.pick(('string', 'number', 'bool', 'value')), depth)} {closing}"

    def _inline(self, kind: str, depth: int) -> str:
        """Make an expression without a heredoc, for the inside of a template."""
        for _ in range(4):
            made = self.make(kind, depth + 1)
            if "<<" not in made:
                return made
        return self.pick(_LEAVES.get(kind, ('"z"',)))

    def _with(self, names: str, make: Callable[[], str]) -> str:
        added = names.split(", ")
        self.names.extend(added)
        made = make()
        del self.names[-len(added) :]
        return made

    # Collections

    def _collection(self, kind: str, depth: int) -> str:
        if kind == "form":
            return self._form(self.pick(("string", "number", "list", "map", "set")), depth)
        if depth <= DEPTH and kind in {"list", "map", "set"} and self.chance(3):
            return self.pick((self._form(kind, depth), self._for(kind, depth), self._call(depth)))
        match kind:
            case "map":
                made = self._object(self.pick(("string", "number", "value", "value")), depth)
                return f"tomap({made})" if self.chance(4) else made
            case "map of lists":
                return self._object("strings", depth)
            case "set":
                return self.pick(
                    (
                        f"toset({self._tuple(self.pick(('string', 'number', 'value')), depth)})",
                        f'toset(split(",", {UNK}))',
                    )
                )
            case "strings" | "numbers" | "bools":
                return self._tuple(kind.removesuffix("s"), depth)
        made = self._tuple(self.pick(("string", "number", "value", "bool")), depth)
        return self.pick((made, made, f"tolist({made})", f'split(",", {UNK})' if self.chance(4) else made))

    def _tuple(self, kind: str, depth: int) -> str:
        items = [self.make(kind, depth) for _ in range(self.below(4))]
        separator = self.pick((", ", ",\n", ", # comment\n", ", /* one */ "))
        return f"[{separator.join(items)}{self.pick(('', '', ',')) if items and not items[-1].endswith(chr(10)) else ''}]"

    def _object(self, kind: str, depth: int) -> str:
        keys = ("a", "b", '"c d"', '(upper("k"))', "1", "true", '"a"', "é-1")
        items = [
            f"{self.pick(keys)} {self.pick(('=', ':', '='))} {self.make(kind, depth)}"
            for _ in range(self.below(4))
        ]
        if any("<<" in each for each in items) or self.chance(2):
            return "{\n" + "".join(each if each.endswith("\n") else f"{each}\n" for each in items) + "}"
        return "{ " + ", ".join(items) + " }"

    def _for(self, kind: str, depth: int) -> str:
        names = self.pick(("x", "k, x"))
        collection = self.make(self.pick(("list", "map", "set")), depth)
        body = self._with(names, lambda: self.make(self.pick(("string", "number", "value")), depth))
        condition = f" if {self._with(names, lambda: self.make('bool', depth))}" if self.chance(3) else ""
        if kind != "map":
            made = f"[for {names} in {collection} : {body}{condition}]"
            return f"toset({made})" if kind == "set" else made
        first = names.split(", ")[0]
        key = self._with(
            names, lambda: self.pick(("x", f'"${{{first}}}"', first, self.make("string", depth)))
        )
        return f"{{for {names} in {collection} : {key} => {body}{self.pick(('', '', '...'))}{condition}}}"

    # Forms that give any kind

    def _form(self, kind: str, depth: int) -> str:
        match self.below(7):
            case 0 | 1:
                return f"{self._operand('bool', depth)} ? {self._operand(kind, depth)} : {self._operand(kind, depth)}"
            case 2:
                key = self.pick(("0", "1", "-1", '"0"', self.make("number", depth)))
                return f"{self._operand('list', depth)}[{key}]"
            case 3:
                step = self.pick((".a", ".b", '["a"]', '["c d"]', "[true]"))
                return f"{self._operand('map', depth)}{step}"
            case 4:
                source = self._operand(self.pick(("list", "map", "value", "set")), depth)
                return f"{source}{self.pick(('[*]', '[*].a', '.*.a', '[*][0]', '[*].a.b', '.*.a[0]', '[*].a[*]'))}"
            case 5:
                return f"({self.make(kind, depth)}\n)"
            case _:
                return self._call(depth)

    def _call(self, depth: int) -> str:
        name, *kinds = self.pick(SIGNATURES)
        arguments = [self.make(_KINDS.get(kind, kind), depth) for kind in kinds]
        if self.chance(12):
            arguments = arguments[:-1] if self.chance(2) else [*arguments, self.make("value", depth)]
        elif arguments and self.chance(12):
            return f"{name}({', '.join([*arguments[:-1], self._operand('list', depth)])}...)"
        return f"{name}({', '.join(arguments)})"
