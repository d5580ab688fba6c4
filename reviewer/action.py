"""The container action: the environment of a job in, a review on the pull request and an exit code out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec.structs import replace

from reviewer.change.errors import ChangeError
from reviewer.config.config import Config, merged
from reviewer.config.file import InvalidConfigError
from reviewer.deadline import OUT_OF_TIME, OutOfTimeError
from reviewer.errors import ExitCode, LostReportError, UsageError
from reviewer.escape import fenced
from reviewer.finding import Pillar, Status
from reviewer.github.errors import GithubError
from reviewer.github.event import Event, EventKind, read_event
from reviewer.github.inputs import Inputs, read_inputs
from reviewer.github.retry import Patience
from reviewer.github.runner import Runner, write_report
from reviewer.report import Format, Look, markdown, render
from reviewer.review import Review

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from reviewer.github.gateway import Gateway
    from reviewer.github.writer import Publication
    from reviewer.report.words import Link


Connect = Callable[[], "Gateway"]
ReviewEvent = Callable[[Event, Inputs, date, Connect], tuple[Review, Config]]
"""Makes the review of an event, and returns the configuration that held, too.

Raises :class:`UsageError`, :class:`InvalidConfigError`, :class:`ChangeError` or :class:`GithubError`.
"""


def main(
    environment: Mapping[str, str],
    out: TextIO,
    review_event: ReviewEvent | None = None,
    patience: Patience | None = None,
) -> int:
    """Run the action; return its exit code: 0 passed, 1 the gate fails, 2 wrong use, 3 incomplete.

    ``review_event`` defaults to the real pipeline, ``patience`` to two minutes of waiting for GitHub.
    """
    patience = patience or Patience()
    return _guarded(environment, out, lambda runner: _run(environment, runner, review_event, patience))


def publish_report(environment: Mapping[str, str], out: TextIO, report: Path) -> int:
    """Publish a report that another run has made, in a job of this run's event; return the exit code."""

    def publish_it(runner: Runner) -> int:
        event, inputs = read_event(environment), read_inputs(environment)
        inputs = dataclasses.replace(inputs, token=inputs.token or environment.get("GITHUB_TOKEN", ""))
        return _hand_over(runner, event, inputs, report, cache(lambda: _gateway(event, inputs, Patience())))

    return _guarded(environment, out, publish_it)


def _guarded(environment: Mapping[str, str], out: TextIO, run: Callable[[Runner], int]) -> int:
    runner = Runner(environment, out)
    try:
        return run(runner)
    except (UsageError, InvalidConfigError) as error:
        return _failed(runner, ExitCode.USAGE, str(error))
    except (ChangeError, GithubError) as error:
        return _failed(runner, ExitCode.INCOMPLETE, f"The review could not be made: {error}")
    except LostReportError as error:
        return _failed(runner, ExitCode.INCOMPLETE, f"The review was made, and a report was lost: {error}")
    except OutOfTimeError:
        return _failed(runner, ExitCode.INCOMPLETE, f"The review could not be made: {OUT_OF_TIME}")
    except Exception as error:  # noqa: BLE001 - Python's own exit code 1 would read as "findings fail the gate"
        return _failed(
            runner, ExitCode.INCOMPLETE, f"The review ended with an internal error: {_name(error)}"
        )


def _reviewer() -> ReviewEvent:
    from reviewer.github.sources import review_event

    return review_event


def _run(
    environment: Mapping[str, str], runner: Runner, review_event: ReviewEvent | None, patience: Patience
) -> int:
    event, inputs = read_event(environment), read_inputs(environment)
    if event.is_deletion:
        runner.say("The branch was deleted; there is nothing to review.")
        return 0
    if _needs_token(event, inputs) and not inputs.token:
        raise UsageError("Input `github-token` is empty. Leave it out to use the job's own token.")
    connect = cache(lambda: _gateway(event, inputs, patience))
    if event.kind is EventKind.WORKFLOW_RUN:
        if inputs.json_file is None:
            raise UsageError("On `workflow_run` the input `json-file` names the report to publish.")
        return _hand_over(runner, event, inputs, event.workspace / inputs.json_file, connect)
    review, config = (review_event or _reviewer())(event, inputs, datetime.now(UTC).date(), connect)
    # First what no token and no network can take away; then the pull request.
    runner.summary(render(Format.MARKDOWN, review, Look(link=_link(event))))
    runner.commands(render(Format.GITHUB, review))
    _write_reports(event, inputs, review)
    publication = None
    if _needs_token(event, inputs):
        publication = _publish(connect(), event, inputs, review, config)
        _tell(runner, event, publication)
    _set_outputs(runner, inputs, review, publication.url if publication else "")
    return review.verdict.exit_code


def _hand_over(runner: Runner, event: Event, inputs: Inputs, report: Path, connect: Connect) -> int:
    """Publish the report of an unprivileged run. That run had the verdict; this one only posts it."""
    from reviewer.github.callouts import read_configuration
    from reviewer.github.handover import check_head, find_pull, read_report
    from reviewer.github.remote import read_file

    review = read_report(report)
    check_head(event, review)
    pull = event.pull or find_pull(connect(), event, review)
    if pull is None:
        runner.say(f"No open pull request has {event.head} as its head: nothing to publish.")
        return 0
    text = read_file(connect(), event.repository, pull.base_ref, inputs.config)
    config = merged(read_configuration(text, inputs.config), max_comments=inputs.max_comments)
    # No status: a stranger's report must not say that the check was passed.
    inputs = dataclasses.replace(inputs, status_context="")
    publication = _publish(connect(), replace(event, pull=pull), inputs, review, config)
    _tell(runner, event, publication)
    _set_outputs(runner, inputs, review, publication.url)
    return ExitCode.INCOMPLETE if publication.problem else ExitCode.PASSED


def _needs_token(event: Event, inputs: Inputs) -> bool:
    has_pull = event.pull is not None or event.kind is EventKind.WORKFLOW_RUN
    return bool(inputs.status_context) or (inputs.comment and has_pull)


def _link(event: Event) -> Link:
    """Return what makes the address of a line at the head, in the fork if the head is there."""
    repository = event.pull.head_repository if event.pull else event.repository
    start = f"{event.servers.web}/{repository or event.repository}/blob/{event.head}"
    return lambda path, line: f"{start}/{quote(path)}#L{line}"


def _write_reports(event: Event, inputs: Inputs, review: Review) -> None:
    wanted = {
        Format.SARIF: inputs.sarif_file,
        Format.JSON: inputs.json_file,
        Format.HTML: inputs.html_file,
        Format.MARKDOWN: inputs.markdown_file,
    }
    # Code scanning opens an alert for every result, so that file holds open findings alone.
    look = Look(link=_link(event), open_only=True, repository=f"{event.servers.web}/{event.repository}")
    for form, path in wanted.items():
        # An address holds the commit: without them the Markdown stays the same from week to week.
        shown = replace(look, link=None) if form is Format.MARKDOWN else look
        if path is not None:
            write_report(event.workspace, path, render(form, review, shown))


def _gateway(event: Event, inputs: Inputs, patience: Patience) -> Gateway:
    # PyGithub takes a third of a second to load; a run that asks GitHub nothing does without it.
    from reviewer.github.gateway import Gateway

    return Gateway(event.servers, inputs.token, patience)


def _publish(gateway: Gateway, event: Event, inputs: Inputs, review: Review, config: Config) -> Publication:
    from reviewer.github.plan import Options, Rendering
    from reviewer.github.publish import publish, publish_status
    from reviewer.github.writer import Target

    if event.pull is None:
        return publish_status(gateway, event, inputs.status_context, review)
    options = Options(
        max_comments=config.max_comments,
        comment=inputs.comment,
        comment_on_drafts=config.comment_on_drafts,
        status_context=inputs.status_context,
        resolve_threads=inputs.resolve_threads,
    )
    link = _link(event)
    # Comments get no links: an address holds the commit, so every push would edit every comment.
    rendering = Rendering(
        summary=lambda shown, limit: markdown.summary(shown, link, limit), comment=markdown.comment
    )
    return publish(Target(gateway, event, event.pull, options, rendering), review)


def _tell(runner: Runner, event: Event, publication: Publication) -> None:
    """A fork's token is read-only by GitHub's design: worth a notice, not a warning."""
    for line in publication.log:
        runner.say(line)
    if publication.problem:
        runner.annotate("notice" if event.is_fork else "warning", publication.problem)


def _set_outputs(runner: Runner, inputs: Inputs, review: Review, url: str) -> None:
    counts = [each for each in review.findings if each.counts]
    runner.output("conclusion", review.verdict.conclusion.value)
    runner.output("findings", str(len(counts)))
    runner.output("introduced", str(sum(1 for each in counts if each.status is Status.INTRODUCED)))
    runner.output("fixed", str(sum(1 for each in review.findings if each.status is Status.FIXED)))
    for pillar in Pillar:
        score = review.scorecard[pillar].score
        runner.output(f"score-{pillar.value}", "" if score is None else str(score))
    runner.output("review-url", url)
    runner.output("json", str(inputs.json_file or ""))


def _failed(runner: Runner, code: int, message: str) -> int:
    """Say what went wrong wherever somebody may look, and end as a failure, whatever else goes wrong."""
    runner.annotate("error", message)
    try:
        if not runner.has_summary:
            runner.summary(f"## EKS Review\n\nNo review was made.\n\n{fenced(message, 'text')}\n")
        runner.output("conclusion", "error")
    except UsageError as error:
        runner.say(str(error))
    return code


def _name(error: Exception) -> str:
    """Name a bug by its kind and place; its text may hold anything that a pull request has in it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {trace.tb_frame.f_code.co_qualname} line {trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}. Please report it."
