"""The options that reviewing commands share, and what becomes of them."""

from __future__ import annotations

import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reviewer.config.choices import FailOn, Gate
from reviewer.output import STDOUT, Target
from reviewer.report import Format, Look
from reviewer.report.terminal_style import style_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewer.cli.local import Request

T = TypeVar("T")

Options = dict[str, Any]
"""The values of the common options by parameter name."""


class Day(click.ParamType[date]):
    """A date such as 2026-11-23."""

    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date; only the long form counts, which nobody can misread."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2026-11-23.", param, ctx)


def _checks(_context: click.Context, parameter: click.Parameter, value: str | None) -> object:
    """Read a list of checks as the configuration file would."""
    if value is None:
        return None
    from reviewer.cli.local import check_names
    from reviewer.config.file import read_option

    return read_option(str(parameter.name), value, f"--{parameter.name}", check_names())


_OPTIONS = (
    click.option(
        "--format",
        "formats",
        type=click.Choice([each.value for each in Format]),
        multiple=True,
        help="Form of the report; repeat it, in pairs with --output, for several.",
    ),
    click.option(
        "--output",
        "outputs",
        metavar="FILE",
        multiple=True,
        help="Where to write the report; - is standard output.",
    ),
    click.option(
        "--config",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Configuration file instead of .eks-review.yml at the root.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice([each.value for each in FailOn]),
        help="The mildest severity that fails. Default: high.",
    ),
    click.option(
        "--gate",
        type=click.Choice([each.value for each in Gate]),
        help="What can fail: what the change introduces, or all it touches.",
    ),
    click.option("--today", type=Day(), help="The date to review for."),
    click.option(
        "--select",
        metavar="CHECKS",
        callback=_checks,
        help="Run only these checks (ids, names or prefixes such as EKS-SEC, with commas).",
    ),
    click.option("--ignore", metavar="CHECKS", callback=_checks, help="Leave these checks out."),
    click.option(
        "--var-file",
        "var_files",
        metavar="FILE",
        multiple=True,
        help="Variables file, relative to the root of the repository.",
    ),
    click.option(
        "--import-sarif",
        "imported",
        metavar="FILE",
        multiple=True,
        type=click.Path(path_type=Path),
        help="Results of tflint, tfsec, Trivy or Checkov to fold in: SARIF, or their own JSON.",
    ),
    click.option(
        "--plan",
        "plans",
        metavar="[FOLDER=]FILE",
        multiple=True,
        help="Output of `terraform show -json` for a plan of this code; repeat it for several root modules.",
    ),
    click.option("--no-baseline", is_flag=True, help="Count what the baseline accepts, too."),
    click.option("--quiet", is_flag=True, help="Print the verdict alone."),
    click.option("--verbose", is_flag=True, help="Tell on standard error what is done, and what is unknown."),
    click.option("--no-color", is_flag=True, help="Print without colours."),
)


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every reviewing command has."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def request_of(directory: Path, options: Options, say: Callable[[str], None]) -> Request:
    """Return what is asked for, before anything is read. Options win over the configuration file."""
    from reviewer.cli.local import Request

    overrides = {
        "fail_on": FailOn(options["fail_on"]) if options["fail_on"] else None,
        "gate": Gate(options["gate"]) if options["gate"] else None,
        "select": options["select"],
        "ignore": options["ignore"],
    }
    today = options["today"] or datetime.now(UTC).date()
    return Request(
        directory,
        options["config"],
        overrides,
        options["var_files"],
        today,
        say,
        options["imported"],
        options["plans"],
        not options["no_baseline"],
    )


def targets_of(options: Options) -> list[Target]:
    """Return which report goes where. Raises ``click.UsageError`` for pairs that do not fit."""
    return paired([Format(each) for each in options["formats"]] or [Format.TEXT], options["outputs"])


def paired(forms: Sequence[T], outputs: Sequence[str]) -> list[tuple[T, str]]:
    """Return which form goes where. Raises ``click.UsageError`` for pairs that do not fit."""
    places = list(outputs) or [STDOUT]
    if len(forms) != len(places):
        message = f"--format and --output go in pairs: {len(forms)} formats, {len(places)} outputs."
        raise click.UsageError(message)
    for place in places:
        if places.count(place) > 1:
            name = "standard output" if place == STDOUT else place
            message = f"Two reports cannot go to {name}: give each an --output of its own."
            raise click.UsageError(message)
    return list(zip(forms, places, strict=True))


def look_of(*, quiet: bool = False, no_color: bool = False) -> Look:
    """Return how text for standard output shall look."""
    if sys.stdout is None:
        return Look(quiet=quiet)
    style = style_for(sys.stdout, os.environ, no_color=no_color)
    return Look(style.width, style.color, quiet)
