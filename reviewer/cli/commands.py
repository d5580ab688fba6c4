"""The commands. Standard output carries nothing but the report; everything else goes to standard error."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from reviewer import __version__
from reviewer.cli.faults import explained
from reviewer.cli.options import Options, common, look_of, paired, request_of, targets_of
from reviewer.output import STDOUT, deliver, print_out, say, silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.cli.local import Request
    from reviewer.engine.in_time import Progress
    from reviewer.fix.rounds import Outcome
    from reviewer.review import Review

_in_repository = click.option(
    "--repo",
    "directory",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path(),
    help="The repository.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="eks-review")
def commands() -> None:
    """Review Terraform changes for Amazon EKS: only what they touch, with fixes that are proven."""


@commands.command("review")
@click.option(
    "--base", metavar="REF", help="What to compare with. Default: where the default branch was left."
)
@click.option("--head", metavar="REF", help="What to review. Default: the working tree.")
@_in_repository
@click.option("--fix", is_flag=True, help="Apply the proven suggestions to the working tree, then report.")
@click.option("--allow-dirty", is_flag=True, help="With --fix: edit files that are not committed, too.")
@common
def review_command(
    *,
    base: str | None,
    head: str | None,
    directory: Path,
    fix: bool,
    allow_dirty: bool,
    **options: Any,  # noqa: ANN401 - click's options
) -> int:
    """Review a change of a local git repository."""
    from reviewer.cli.local import review_local

    if fix:
        return _fixed(directory, base, head, options, allow_dirty=allow_dirty)
    if allow_dirty:
        raise click.UsageError("--allow-dirty is for --fix, which is not given.")
    return _reviewed(
        directory, options, lambda request, progress: review_local(request, base, head, progress)
    )


@commands.command("audit")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option("--write-baseline", is_flag=True, help="Accept everything that is found, in a file to commit.")
@click.option(
    "--shard",
    metavar="I/N",
    help="PATH holds, or lists, repositories: audit every N-th of them, for `eks-review merge`.",
)
@common
def audit_command(path: Path, *, write_baseline: bool, shard: str | None, **options: Any) -> int:  # noqa: ANN401 - click's options
    """Evaluate everything under PATH; the scores are full scores, not those of a change."""
    from reviewer.cli import local

    if shard is not None:
        if write_baseline:
            raise click.UsageError("--write-baseline is about one repository, not a shard.")
        return _audited_shard(path, shard, options)
    if not write_baseline:
        return _reviewed(path, options, local.audit_local)
    if options["no_baseline"]:
        raise click.UsageError("--write-baseline and --no-baseline contradict each other.")
    told: list[str] = []

    def make(request: Request, progress: Progress | None) -> Review:
        review, line = local.write_baseline(request, progress)
        told.append(line)
        return review

    return _reviewed(path, options, make, after=lambda: say(told[0]))


def _audited_shard(path: Path, shard: str, options: Options) -> int:
    """Audit the repositories of a shard; one that cannot be audited is told and does not stop the others."""
    from reviewer.cli.local import audit_local
    from reviewer.cli.progress import listener
    from reviewer.fleet.audit import Auditor
    from reviewer.fleet.commands import audit_to
    from reviewer.fleet.repositories import Shard

    if set(options["formats"]) - {"json"} or len(options["outputs"]) > 1:
        raise click.UsageError("--shard writes one file in JSON, for `eks-review merge`.")
    if options["imported"] or options["plans"] or options["var_files"]:
        raise click.UsageError("--import-sarif, --plan and --var-file are about one repository, not a shard.")
    request = request_of(path, options, say if options["verbose"] else silent)
    auditor = Auditor(
        request.today,
        lambda place: audit_local(replace(request, directory=place)),
        lambda error: explained(error)[0],
    )
    target = next(iter(options["outputs"]), STDOUT)
    with listener(verbose=options["verbose"], quiet=options["quiet"]) as progress:
        return audit_to(path, Shard.parse(shard), auditor, target, progress)


@commands.command("merge")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--previous",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="An earlier report of `merge --format json`, for the trends.",
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(["text", "markdown", "json"]),
    multiple=True,
    help="Form of the report; repeat it, in pairs with --output, for several.",
)
@click.option("--output", "outputs", metavar="FILE", multiple=True, help="Where to write the report.")
def merge_command(
    files: tuple[Path, ...], previous: Path | None, formats: tuple[str, ...], outputs: tuple[str, ...]
) -> int:
    """Merge FILES of `audit --shard`, or reports of `audit --format json`, into one on all repositories."""
    from reviewer.fleet.commands import merge_to
    from reviewer.fleet.report import Form

    forms = [Form(each) for each in formats] or [Form.TEXT]
    return merge_to(files, previous, paired(forms, outputs))


def _reviewed(
    directory: Path,
    options: Options,
    make: Callable[[Request, Progress | None], Review],
    after: Callable[[], None] | None = None,
) -> int:
    """Make a review, write every report that was asked for, and return the verdict's exit code.

    ``after`` is called before the reports, when no progress is shown any more.
    """
    from reviewer.cli.progress import explain, listener

    targets = targets_of(options)
    verbose, quiet = options["verbose"], options["quiet"]
    tell = say if verbose else silent
    with listener(verbose=verbose, quiet=quiet, no_color=options["no_color"]) as progress:
        review = make(request_of(directory, options, tell), progress)
    if after is not None:
        after()
    for line in explain(review):
        tell(line)
    deliver(review, targets, look_of(quiet=quiet, no_color=options["no_color"]))
    return review.verdict.exit_code


def _fixed(
    directory: Path, base: str | None, head: str | None, options: Options, *, allow_dirty: bool
) -> int:
    """Apply suggestions, say which, report what is left, and return the exit code of the fixed tree."""
    from reviewer.cli.local import fix_local
    from reviewer.fix.tell import tell

    if head is not None:
        raise click.UsageError("--fix edits the working tree, so it cannot have a --head.")
    if options["imported"]:
        raise click.UsageError("--fix moves lines that imported results name: import them in a run after it.")

    if options["plans"]:
        raise click.UsageError(
            "--fix edits the code that a plan was made of: give the plan in a run after it."
        )

    def make(request: Request, progress: Progress | None) -> Review:
        outcome, lines = fix_local(request, base, allow_dirty=allow_dirty, progress=progress)
        told.append((outcome, lines))
        return outcome.review

    told: list[tuple[Outcome, tuple[str, ...]]] = []
    return _reviewed(directory, options, make, after=lambda: tell(*told[0], options))


@commands.command("checks")
@click.argument("ids", nargs=-1)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the list."
)
def checks_command(ids: tuple[str, ...], form: str) -> int:
    """List the checks, or those of a section such as EKS-SEC; with IDS (or names), show their pages."""
    from reviewer.checks import CHECKS
    from reviewer.own.installed import installed_checks
    from reviewer.report.catalogue import as_json, listing, page, selected
    from reviewer.report.indented import indented

    chosen = selected(ids, {**CHECKS, **installed_checks()})
    if form == "json":
        text = indented([as_json(each) for each in chosen])
    else:
        pages = len(chosen) == len(ids)  # a section, or all of them, is a list
        text = ("\n\n".join(page(each) for each in chosen) if pages else listing(chosen)) + "\n"
    print_out(text)
    return 0


@commands.command("init")
@_in_repository
def init_command(directory: Path) -> int:
    """Write a commented .eks-review.yml and a workflow; what is there is never overwritten."""
    from reviewer.cli.starter import start

    print_out("".join(f"{line}\n" for line in start(directory)))
    return 0


@commands.command("demo")
@click.option(
    "--output-folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path("build/demo"),
    help="Where the reports go.",
)
def demo_command(output_folder: Path) -> int:
    """Review the bundled pull request, offline."""
    from reviewer.cli.demo import demo

    print_out(demo(output_folder, look_of()))
    return 0


@commands.command("publish")
@click.argument("report", type=click.Path(path_type=Path))
def publish_command(report: Path) -> int:
    """Post REPORT, a review in JSON that another run has made, on the pull request of this job's event."""
    from reviewer import action

    return action.publish_report(os.environ, sys.stdout, report)


@commands.command("action")
def action_command() -> int:
    """Run as the GitHub Action; reads only the environment."""
    from reviewer import action

    return action.main(os.environ, sys.stdout)
