"""The commands. Standard output carries nothing but the report; everything else goes to standard error.

Exit codes: 0 the gate is passed, 1 findings fail the gate, 2 wrong use or configuration, 3 the review failed.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewer import __version__
from reviewer.config import FailOn, Gate
from reviewer.report import Format, Look, render

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewer.local import Request
    from reviewer.review import Review

USAGE, INCOMPLETE = 2, 3


def run(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave the process with its exit code."""
    sys.exit(main(arguments))


def main(arguments: Sequence[str] | None = None) -> int:  # noqa: PLR0911 - one exit code for each failure
    """Run a command and return its exit code; every failure is one clear message."""
    from reviewer.change.errors import ChangeError
    from reviewer.config_file import InvalidConfigError
    from reviewer.local import UsageError

    try:
        result = commands.main(args=arguments, prog_name="eks-review", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Abort:
        return _fail("interrupted", INCOMPLETE)
    except click.ClickException as error:
        error.show()
        return USAGE
    except (UsageError, InvalidConfigError) as error:
        return _fail(str(error), USAGE)
    except ChangeError as error:
        return _fail(str(error), INCOMPLETE)
    except BrokenPipeError:
        return _closed_output()
    except OSError as error:
        return _fail(
            f"the report cannot be written: {error.strerror or error} ({error.filename})", INCOMPLETE
        )


def _fail(message: str, code: int) -> int:
    click.echo(f"eks-review: {message}", err=True)
    return code


def _closed_output() -> int:
    """Whoever read the report went away; Python must not write to it again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return INCOMPLETE


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="eks-review")
def commands() -> None:
    """Review Terraform changes for Amazon EKS: only what they touch, with fixes that are proven."""


def _split(_context: click.Context, parameter: click.Parameter, value: str | None) -> object:
    """Read a list option as the configuration file would."""
    if value is None:
        return None
    from reviewer.config_file import read_option
    from reviewer.local import check_names

    return read_option(str(parameter.name), value, f"--{parameter.name}", check_names())


def _common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every reviewing command has."""
    options = [
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
            type=click.Path(),
            multiple=True,
            help="Where to write the report; - is standard output.",
        ),
        click.option(
            "--config",
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
        click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The date to review for."),
        click.option(
            "--select", callback=_split, help="Run only these checks (ids, names or prefixes, with commas)."
        ),
        click.option("--ignore", callback=_split, help="Leave these checks out."),
        click.option(
            "--var-file", "var_files", multiple=True, help="Variables file, relative to the repository."
        ),
        click.option("--quiet", is_flag=True, help="Print the verdict alone."),
        click.option("--verbose", is_flag=True, help="Say what is being done."),
        click.option("--no-color", is_flag=True, help="Print without colours."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@commands.command("review")
@click.option("--base", help="What to compare with. Default: where the default branch was left.")
@click.option("--head", help="What to review. Default: the working tree.")
@click.option("--repo", "directory", type=click.Path(path_type=Path), default=Path(), help="The repository.")
@_common
def review_command(base: str | None, head: str | None, directory: Path, **options: Any) -> int:  # noqa: ANN401 - click's options
    """Review a change of a local git repository."""
    from reviewer.local import review_local
    from reviewer.progress import progress

    with progress(enabled=sys.stderr.isatty() and not options["quiet"]) as report_progress:
        review = review_local(_request(directory, options), base, head, report_progress)
    return _report(review, options)


@commands.command("audit")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@_common
def audit_command(path: Path, **options: Any) -> int:  # noqa: ANN401 - click's options
    """Evaluate everything under PATH; the scores are full scores, not those of a change."""
    from reviewer.local import audit_local

    return _report(audit_local(_request(path, options)), options)


@commands.command("checks")
@click.argument("ids", nargs=-1)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the list."
)
def checks_command(ids: tuple[str, ...], form: str) -> int:
    """List the checks; with IDS (or names), show their pages."""
    from reviewer.catalogue import as_json, listing, page, selected

    chosen = selected(ids)
    if form == "json":
        click.echo(json.dumps([as_json(each) for each in chosen], indent=2))
    elif ids:
        click.echo("\n\n".join(page(each) for each in chosen))
    else:
        click.echo(listing(chosen))
    return 0


@commands.command("demo")
@click.option(
    "--output-folder",
    type=click.Path(path_type=Path),
    default=Path("build/demo"),
    help="Where the reports go.",
)
def demo_command(output_folder: Path) -> int:
    """Review the bundled pull request, offline."""
    from reviewer.demo import demo

    click.echo(demo(output_folder, _look({"quiet": False, "no_color": False})), nl=False)
    return 0


@commands.command("action")
def action_command() -> int:
    """Run as the GitHub Action; reads only the environment."""
    from reviewer import action

    return action.main(os.environ, sys.stdout)


def _request(directory: Path, options: dict[str, Any]) -> Request:
    from reviewer.local import Request

    overrides = {
        "fail_on": FailOn(options["fail_on"]) if options["fail_on"] else None,
        "gate": Gate(options["gate"]) if options["gate"] else None,
        "select": options["select"],
        "ignore": options["ignore"],
        "var_files": options["var_files"] or None,
    }
    today: date = options["today"].date() if options["today"] else datetime.now(UTC).date()
    return Request(directory, options["config"], overrides, today)


def _report(review: Review, options: dict[str, Any]) -> int:
    """Write every report that was asked for, and return the verdict's exit code."""
    forms = [Format(each) for each in options["formats"]] or [Format.TEXT]
    outputs = list(options["outputs"]) or ["-"]
    if len(forms) != len(outputs):
        message = f"--format and --output go in pairs: there are {len(forms)} and {len(outputs)}"
        raise click.UsageError(message)
    for form, output in zip(forms, outputs, strict=True):
        if output == "-":
            click.echo(render(form, review, _look(options)), nl=False)
        else:
            _write(Path(output), render(form, review))
    return review.verdict.exit_code


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    from reviewer.files import write_atomically

    write_atomically(path, text)


def _look(options: dict[str, Any]) -> Look:
    from reviewer.report.terminal import style_for

    style = style_for(sys.stdout, os.environ, no_color=options["no_color"])
    return Look(style.width, style.color, options["quiet"])
