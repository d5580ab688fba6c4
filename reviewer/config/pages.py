"""The configuration explained: the reference page and the commented example, made from the options."""

from __future__ import annotations

import json
import textwrap
from itertools import groupby

from reviewer import PROJECT_URL
from reviewer.config.config import DEFAULT_PATH, Option, options_of

_INTRODUCTION = f"""\
# Configuration

EKS Review works without any configuration. To change something, put a file named `{DEFAULT_PATH}` into the
root of the repository; `eks-review init` writes one in which every key is explained and commented out.

- The action reads the file from the **base** branch, so that a pull request cannot switch its own checks off.
  A local review reads it from the working tree.
- Inputs of the action and options of the command line win over the file.
- A mistake ends the run with exit code 2. Every mistake is named at once, with line and key:
  `{DEFAULT_PATH}:7: fail-on: "hihg" is not one of critical, high, medium, low, never`
- A list of one can be written without brackets. Anchors and aliases are not supported.
- Checks are named by id (`EKS-SEC-107`), by name (`api-endpoint-open-to-world`), or all of a section
  (`EKS-SEC`) or of an issue (`EKS-SEC-1`) at once.
- In path patterns `**` stands for any number of folders and `*` stops at a slash. A pattern without a slash
  is looked for at every depth, and one that ends in a slash means everything below.
- Start from one of [three typical teams]({PROJECT_URL}/tree/main/examples/configurations), if you like.

Editors that know the YAML language server complete and check the file when it begins with:

```yaml
# yaml-language-server: $schema={PROJECT_URL}/raw/main/docs/config.schema.json
```
"""


def page() -> str:
    """Return ``docs/configuration.md``."""
    parts = [_INTRODUCTION]
    for group, options in groupby(options_of(), key=lambda each: each.group):
        parts.append(f"## {group}\n")
        parts += [_section(option) for option in options]
    return "\n".join(parts)


def example() -> str:
    """Return a configuration file in which every key is explained and commented out with its default."""
    lines = [
        f"# yaml-language-server: $schema={PROJECT_URL}/raw/main/docs/config.schema.json",
        f"# Configuration of EKS Review: {PROJECT_URL}/blob/main/docs/configuration.md",
        "# Every key is optional. What is commented out shows the default.",
    ]
    for group, options in groupby(options_of(), key=lambda each: each.group):
        lines += ["", f"# --- {group} ---"]
        for option in options:
            lines += ["", *textwrap.wrap(option.text, 100, initial_indent="# ", subsequent_indent="# ")]
            lines.append(f"# {option.key}: {_written(option.kind.plain(option.default))}")
    return "\n".join(lines) + "\n"


def _section(option: Option) -> str:
    default = option.kind.plain(option.default)
    facts = f"Type: {option.kind.label}. Default: `{_written(default)}`."
    return f"### `{option.key}`\n\n{option.text}\n\n{facts}\n\n```yaml\n{option.key}: {option.example}\n```\n"


def _written(value: object) -> str:
    """Return a value as YAML would be written by hand; JSON is YAML."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
