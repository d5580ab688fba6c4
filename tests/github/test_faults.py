"""What GitHub and the network can do to a run: each fault ends in its documented state, in bounded time.

Always: the verdict stays, nothing is posted twice, no finding is lost, and one clear line says what happened.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from reviewer.github.retry import DEFAULT_BUDGET
from tests.github.fake import REPOSITORY, TOKEN, FakeGitHub, Fault, Request
from tests.github.world import Problem, Run, World, in_summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.finding import Finding
    from tests.github.fake_pull import FakePull

ALWAYS = 1000
REVIEWS = f"POST /api/v3/repos/{REPOSITORY}/pulls/7/reviews"
COMMENTS = f"POST /api/v3/repos/{REPOSITORY}/issues/7/comments"
HTML = "<html><head><title>502 Bad Gateway</title></head></html>"


def to_reviews(request: Request) -> bool:
    return request.path.endswith("/reviews")


def to_comments(request: Request) -> bool:
    return request.path.endswith("/comments")


def to_statuses(request: Request) -> bool:
    return "/statuses/" in request.path


def to_graphql(request: Request) -> bool:
    return request.path.endswith("/graphql")


def to_mutations(request: Request) -> bool:
    return to_graphql(request) and request.is_write


def to_files(request: Request) -> bool:
    return request.path.endswith("/files")


def anything(_request: Request) -> bool:
    return True


def is_complete(pull: FakePull) -> bool:
    """Tell whether both findings are there, each once, and one summary."""
    bodies = [each.root.body for each in pull.threads]
    found = [sum(f"finding fp-{text} " in body for body in bodies) for text in ("open", "logs")]
    return found == [1, 1] and len(pull.issue_comments) == 1


def check(run: Run, world: World, github: FakeGitHub) -> None:
    """Check what holds after every fault."""
    assert run.code == 1, "the verdict"
    assert run.outputs["conclusion"] == "failure"
    assert "aws_thing.open" in run.summary, "the job summary has all findings"
    assert "infra/eks.tf,line=10" in run.log, "so have the annotations"
    assert sum(world.clock.pauses) <= DEFAULT_BUDGET
    assert TOKEN not in run.log + run.summary
    bodies = [each.root.body for each in github.pull.threads]
    assert len(bodies) == len(set(bodies)), "no comment twice"
    assert len(github.pull.issue_comments) <= 1, "no summary twice"


@pytest.mark.parametrize("where", [to_graphql, to_reviews, to_comments], ids=["query", "review", "summary"])
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 502, "text": HTML},
        {"status": 503, "headers": {"Retry-After": "7"}},
        {"status": 502, "text": "{", "acts": True},
        {"status": 504, "text": "", "acts": True},
        {"cut": True},
        {"cut": True, "acts": True},
        {"truncate": True, "acts": True},
        {"status": 200, "text": HTML, "acts": True},
        {"status": 200, "text": "[1, 2]", "acts": True},
        {"status": 200, "text": '"text"', "acts": True},
        {"status": 200, "text": "", "acts": True},
        {"status": 429, "headers": {"Retry-After": "3"}},
        {"status": 403, "headers": {"Retry-After": "3"}},
        {"status": 403, "text": '{"message": "You have exceeded a secondary rate limit. Please wait."}'},
    ],
    ids=lambda fault: "-".join(str(value)[:12] for value in fault.values()),
)
def test_passing_fault_is_survived(
    world: World, github: FakeGitHub, where: Callable[[Request], bool], fault: dict[str, Any]
) -> None:
    github.faults = [Fault(where, **fault)]
    run = world.run(github)
    check(run, world, github)
    assert is_complete(github.pull)
    assert "::warning" not in run.log
    assert len(world.clock.pauses) == 1
    if "headers" in fault:
        assert world.clock.pauses[0] in {3.0, 7.0}, "no pause longer than GitHub asks for"


def test_burst_of_server_errors_backs_off(world: World, github: FakeGitHub) -> None:
    github.faults = [Fault(to_reviews, status=503, times=3)]
    run = world.run(github)
    check(run, world, github)
    assert is_complete(github.pull)
    assert world.clock.pauses == [1.0, 2.0, 4.0]


def test_review_that_never_comes_through_is_in_the_summary(world: World, github: FakeGitHub) -> None:
    github.faults = [Fault(to_reviews, status=502, text=HTML, times=ALWAYS)]
    run = world.run(github)
    check(run, world, github)
    assert github.pull.threads == []
    assert "aws_thing.open" in github.pull.issue_comments[0].body
    assert "::warning title=EKS Review::2 findings moved from the lines to the summary." in run.log
    assert "GitHub answered 502" in run.log
    assert "2 findings = 0 inline + 2 in the summary" in run.log


def test_next_run_posts_what_the_last_one_could_not(world: World, github: FakeGitHub) -> None:
    github.faults = [Fault(to_reviews, status=502, text=HTML, times=ALWAYS)]
    world.run(github)
    github.faults = []
    assert REVIEWS in world.run(github).writes
    assert is_complete(github.pull)


def test_github_that_is_down_ends_in_bounded_time(world: World, github: FakeGitHub) -> None:
    github.faults = [Fault(anything, status=503, times=ALWAYS)]
    run = world.run(github)
    check(run, world, github)
    assert run.writes == []
    assert "Nothing was posted." in run.log
    assert len(world.clock.pauses) == 3


def test_connection_that_is_always_cut(world: World, github: FakeGitHub) -> None:
    github.faults = [Fault(anything, cut=True, times=ALWAYS)]
    run = world.run(github)
    check(run, world, github)
    assert "the connection failed or broke" in run.log


def test_server_that_is_not_there(world: World, github: FakeGitHub) -> None:
    world.extra = {
        "GITHUB_API_URL": "http://127.0.0.1:9/api/v3",
        "GITHUB_GRAPHQL_URL": "http://127.0.0.1:9/api/graphql",
    }
    run = world.run(github)
    check(run, world, github)
    assert "the connection failed or broke" in run.log


def test_wrong_token_is_told_at_once(world: World, github: FakeGitHub) -> None:
    world.inputs["github-token"] = "ghs_wrong"
    run = world.run(github)
    check(run, world, github)
    assert run.requests == 1
    assert "GitHub refused the token. Check the `github-token` input." in run.log
    assert "ghs_wrong" not in run.log + run.summary
    assert world.clock.pauses == []


def test_fork_with_a_read_only_token(world: World, github: FakeGitHub) -> None:
    github.permissions.discard("pull-requests:write")
    run = world.run(github, fork=True)
    check(run, world, github)
    assert run.writes == [REVIEWS], "one try, and no other write after it"
    assert run.log.count("::notice title=EKS Review::Not everything was posted.") == 1
    assert "::warning" not in run.log


def test_read_only_token_of_the_own_repository_is_a_warning(world: World, github: FakeGitHub) -> None:
    github.permissions.discard("pull-requests:write")
    run = world.run(github)
    check(run, world, github)
    assert "::warning title=EKS Review::Not everything was posted." in run.log
    assert "pull-requests: write" in run.log


def test_token_that_may_not_even_read(world: World, github: FakeGitHub) -> None:
    github.permissions.clear()
    run = world.run(github, fork=True)
    check(run, world, github)
    assert "the token may not do this" in run.log


def test_status_without_the_right_does_not_hide_the_review(world: World, github: FakeGitHub) -> None:
    world.inputs["status-context"] = "EKS Review"
    github.permissions.discard("statuses:write")
    run = world.run(github)
    check(run, world, github)
    assert is_complete(github.pull)
    assert "The commit status was not set." in run.log


def test_status_is_set_although_the_review_fails(world: World, github: FakeGitHub) -> None:
    world.inputs["status-context"] = "EKS Review"
    github.faults = [Fault(to_comments, status=500, times=ALWAYS)]
    check(world.run(github), world, github)
    assert [each.state for each in github.pull.statuses] == ["failure"]


def test_lost_status_answer_is_repeated_harmlessly(world: World, github: FakeGitHub) -> None:
    world.inputs["status-context"] = "EKS Review"
    github.faults = [Fault(to_statuses, cut=True, acts=True)]
    check(world.run(github), world, github)
    assert {each.state for each in github.pull.statuses} == {"failure"}


def test_pull_request_that_is_gone(world: World, github: FakeGitHub) -> None:
    github.pull.number = 8
    run = world.run(github)
    check(run, world, github)
    assert "GitHub does not find it" in run.log


@pytest.mark.parametrize(
    ("where", "acts"),
    [(to_graphql, False), (to_reviews, True), (to_comments, True)],
    ids=["query", "review that was posted", "summary that was posted"],
)
def test_server_that_does_not_answer_in_time(
    world: World,
    github: FakeGitHub,
    monkeypatch: pytest.MonkeyPatch,
    where: Callable[[Request], bool],
    acts: bool,  # noqa: FBT001 - whether the server has done its work
) -> None:
    monkeypatch.setattr("reviewer.github.gateway.TIMEOUT", 2)
    github.faults = [Fault(where, hang=True, acts=acts)]
    run = world.run(github)
    check(run, world, github)
    assert is_complete(github.pull)


@pytest.mark.parametrize("status", [404, 409, 410, 400])
def test_refused_summary_is_told(world: World, github: FakeGitHub, status: int) -> None:
    github.faults = [Fault(to_comments, status=status, times=ALWAYS)]
    run = world.run(github)
    check(run, world, github)
    assert f"GitHub answered {status}" in run.log
    assert world.clock.pauses == []


def test_review_with_a_misplaced_comment_is_tried_without_it(world: World, github: FakeGitHub) -> None:
    world.problems[0] = Problem("open", shown_at=20)
    run = world.run(github)
    check(run, world, github)
    assert run.writes.count(REVIEWS) == 2
    assert [each.line for each in github.pull.threads] == [30]
    assert "aws_thing.open" in github.pull.issue_comments[0].body
    assert "1 finding moved from the lines to the summary." in run.log
    assert run.requests == 5
    assert world.run(github).writes == [REVIEWS], "still misplaced, found out again by one refused review"


def test_review_refused_twice_goes_to_the_summary(world: World, github: FakeGitHub) -> None:
    github.faults = [Fault(to_reviews, status=422, times=ALWAYS)]
    run = world.run(github)
    check(run, world, github)
    assert run.writes == [REVIEWS, COMMENTS]
    assert "2 findings = 0 inline + 2 in the summary" in run.log


def test_file_list_that_cannot_be_read_sends_all_to_the_summary(world: World, github: FakeGitHub) -> None:
    world.problems[0] = Problem("open", shown_at=20)
    github.faults = [Fault(to_files, status=404, times=ALWAYS)]
    run = world.run(github)
    check(run, world, github)
    assert github.pull.threads == []


def test_misplaced_comment_on_the_second_page_of_files(world: World, github: FakeGitHub) -> None:
    files: dict[str, str | None] = {f"a/{number:03}.tf": "x = 1\n" for number in range(120)}
    github.pull.push(world.commit(files))
    world.problems[0] = Problem("open", shown_at=20)
    run = world.run(github)
    check(run, world, github)
    assert [each.line for each in github.pull.threads] == [30]


def test_file_without_a_patch_takes_no_comment(world: World, github: FakeGitHub) -> None:
    github.pull.hidden_patches.add("infra/eks.tf")
    run = world.run(github)
    check(run, world, github)
    assert github.pull.threads == []
    assert "2 findings = 0 inline + 2 in the summary" in run.log


@pytest.mark.parametrize(("limit", "tried"), [(30_000, [20_000]), (8_000, [20_000, 5_000])])
def test_summary_that_is_too_long_gets_shorter(
    world: World, github: FakeGitHub, limit: int, tried: list[int]
) -> None:
    """The limit that GitHub names is not always the one that it enforces."""
    world.problems = []
    world.more_findings = many_in_the_summary()
    github.pull.body_limit = limit
    run = world.run(github)
    assert run.code == 1
    (summary,) = github.pull.issue_comments
    assert len(summary.body) <= limit
    assert summary.body.rstrip().endswith("-->"), "the markers are whole"
    assert summary.body.count("<details>") == summary.body.count("</details>")
    for each in tried:
        assert f"GitHub refused the summary; trying one of {each:,} characters." in run.log
    assert "::warning" not in run.log
    again = world.run(github)
    assert (again.writes, again.requests) == ([], 1), "a shortened summary is left alone"


def test_edited_summary_that_is_too_long_gets_shorter(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.more_findings = many_in_the_summary()
    github.pull.body_limit = 30_000
    run = world.run(github)
    assert "trying one of 20,000 characters" in run.log
    (summary,) = github.pull.issue_comments
    assert 5_000 < len(summary.body) <= 20_500
    assert world.run(github).writes == []


def test_summary_that_is_never_taken_is_told(world: World, github: FakeGitHub) -> None:
    github.faults = [Fault(to_comments, status=422, times=9)]
    run = world.run(github)
    assert run.code == 1
    assert len(github.pull.threads) == 2
    assert github.pull.issue_comments == []
    assert (
        "Not everything was posted. POST /repos/acme/platform/issues/7/comments: GitHub answered 422"
        in run.log
    )


def many_in_the_summary() -> list[Finding]:
    """Return more findings than a summary of 60,000 characters can tell in full."""
    finding = in_summary(Problem("x", message="This is wrong. " * 40).finding("infra/eks.tf", 12))
    return [replace(finding, fingerprint=f"x{number}", line=number + 1) for number in range(200)]


def test_orphan_review_does_not_count_as_posted(world: World, github: FakeGitHub) -> None:
    """A refused review has been seen to leave its body behind."""
    github.faults = [Fault(to_reviews, status=502)]

    def orphan(request: Request) -> None:
        if to_reviews(request) and not github.pull.reviews:
            from tests.github.fake_pull import BOT, Review

            github.pull.reviews.append(Review(1, BOT, request.body["body"], world.head(), "COMMENT", []))

    github.before = orphan
    check(world.run(github), world, github)
    assert is_complete(github.pull)


def test_summary_whose_answer_is_lost_and_cannot_be_looked_up(world: World, github: FakeGitHub) -> None:
    """Posting again without knowing would risk a second one: it ends with a message instead."""
    seen = []

    def then_break(request: Request) -> None:
        seen.append(request.path)
        if to_comments(request):
            github.faults.append(Fault(to_graphql, status=500, times=ALWAYS))

    github.before = then_break
    github.faults = [Fault(to_comments, cut=True, acts=True)]
    run = world.run(github)
    check(run, world, github)
    assert len([each for each in seen if each.endswith("/comments")]) == 1
    assert "Not everything was posted." in run.log


def test_primary_limit_that_ends_soon_is_waited_for(world: World, github: FakeGitHub) -> None:
    reset = str(int(time.time()) + 20)
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset, "X-RateLimit-Limit": "1000"}
    text = '{"message": "API rate limit exceeded for installation ID 1."}'
    github.faults = [Fault(to_graphql, status=403, headers=headers, text=text)]
    check(world.run(github), world, github)
    assert is_complete(github.pull)
    assert 15 < world.clock.pauses[0] <= 22


def test_primary_limit_that_ends_in_an_hour_is_not(world: World, github: FakeGitHub) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 3600)}
    github.faults = [Fault(anything, status=403, headers=headers, times=ALWAYS)]
    run = world.run(github)
    check(run, world, github)
    assert world.clock.pauses == []
    assert "rate limit" in run.log


def test_retry_after_beyond_the_budget_gives_up(world: World, github: FakeGitHub) -> None:
    github.faults = [Fault(to_reviews, status=429, headers={"Retry-After": "900"}, times=ALWAYS)]
    run = world.run(github)
    check(run, world, github)
    assert world.clock.pauses == []
    assert "GitHub asks to wait 900 s" in run.log


def test_secondary_limit_without_a_time_waits_a_minute_then_gives_up(
    world: World, github: FakeGitHub
) -> None:
    text = '{"message": "You have exceeded a secondary rate limit."}'
    github.faults = [Fault(to_reviews, status=403, text=text, times=ALWAYS)]
    run = world.run(github)
    check(run, world, github)
    assert world.clock.pauses == [60.0]


def test_graphql_rate_limit_comes_with_200(world: World, github: FakeGitHub) -> None:
    text = '{"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}'
    github.faults = [Fault(to_graphql, status=200, text=text)]
    check(world.run(github), world, github)
    assert is_complete(github.pull)
    assert world.clock.pauses == [60.0]


@pytest.mark.parametrize(
    "text",
    [
        '{"errors": [{"message": "Something went wrong while executing your query."}]}',
        '{"data": null, "errors": [{"type": "INTERNAL", "message": "x"}]}',
        '{"data": {"repository": null}}',
        "{}",
    ],
)
def test_graphql_error_with_200_posts_nothing(world: World, github: FakeGitHub, text: str) -> None:
    github.faults = [Fault(to_graphql, status=200, text=text, times=ALWAYS)]
    run = world.run(github)
    check(run, world, github)
    assert run.writes == []
    assert "The state of the pull request cannot be read" in run.log


def fix_open(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.edit("infra/eks.tf", 10, "cidr = closed")
    github.pull.push(world.commit({}))


@pytest.mark.parametrize("fault", [{"cut": True}, {"cut": True, "acts": True}, {"status": 502}])
def test_changes_are_safe_to_repeat(world: World, github: FakeGitHub, fault: dict[str, Any]) -> None:
    fix_open(world, github)
    github.faults = [Fault(to_mutations, **fault)]
    run = world.run(github)
    assert run.code == 1
    comment = github.pull.threads[0].root
    assert comment.body.count("Fixed in") == 1
    assert comment.is_minimized


def test_comment_deleted_meanwhile_does_not_stop_the_rest(world: World, github: FakeGitHub) -> None:
    fix_open(world, github)

    def delete(request: Request) -> None:
        if to_mutations(request):
            github.pull.threads = github.pull.threads[1:]

    github.before = delete
    run = world.run(github)
    assert "updateIssueComment" in run.writes
    assert "::warning" not in run.log


def test_refused_resolution_is_not_claimed(world: World, github: FakeGitHub) -> None:
    world.inputs["resolve-threads"] = "true"
    github.permissions.add("contents:write")
    fix_open(world, github)

    def revoke(request: Request) -> None:
        if to_mutations(request):
            github.permissions.discard("contents:write")

    github.before = revoke
    run = world.run(github)
    assert "GitHub did not let 1 thread be resolved" in run.log
    assert "Resolved" not in run.log
    assert github.pull.threads[0].root.is_minimized


def test_refused_change_is_told(world: World, github: FakeGitHub) -> None:
    fix_open(world, github)
    github.permissions.discard("pull-requests:write")
    run = world.run(github)
    assert run.code == 1
    assert "Not everything was posted." in run.log


def test_endless_pages_end(world: World, github: FakeGitHub) -> None:
    world.problems[0] = Problem("open", shown_at=20)
    link = f'<{github.url}/api/v3/repos/{REPOSITORY}/pulls/7/files?per_page=100>; rel="next"'
    github.faults = [Fault(to_files, headers={"Link": link}, acts=True, times=ALWAYS)]
    run = world.run(github)
    check(run, world, github)
    assert run.requests < 120


def test_next_page_on_another_host_never_gets_the_token(world: World, github: FakeGitHub) -> None:
    world.problems[0] = Problem("open", shown_at=20)
    link = '<http://evil.example/steal?page=2>; rel="next"'
    github.faults = [Fault(to_files, headers={"Link": link}, acts=True)]
    run = world.run(github)
    check(run, world, github)
    assert github.pull.threads == []
    github.problems.clear()


def test_internal_error_is_neither_success_nor_a_failed_gate(world: World, github: FakeGitHub) -> None:
    world.review_changes = {"findings": None}
    run = world.run(github)
    assert run.code == 3
    assert run.outputs["conclusion"] == "error"
    assert "::error title=EKS Review::The review ended with an internal error: TypeError" in run.log
