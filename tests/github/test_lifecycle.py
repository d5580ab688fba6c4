"""The life of a pull request, push by push, against the strict fake, which refuses what GitHub refuses."""

from __future__ import annotations

import dataclasses
from datetime import date

from msgspec.structs import replace

from reviewer.finding import Acceptance, Severity, Status
from reviewer.review import Conclusion, NewSuppression, NotAnalysed, NotEvaluated, Verdict
from tests import samples
from tests.github.fake import REPOSITORY, FakeGitHub
from tests.github.fake_pull import BOT, Thread
from tests.github.world import Problem, Run, World, in_summary

REVIEWS = f"POST /api/v3/repos/{REPOSITORY}/pulls/7/reviews"
COMMENTS = f"POST /api/v3/repos/{REPOSITORY}/issues/7/comments"
STATUSES = f"POST /api/v3/repos/{REPOSITORY}/statuses/"


def push(world: World, github: FakeGitHub, files: dict[str, str | None] | None = None) -> Run:
    github.pull.push(world.commit(files or {}))
    return world.run(github)


def thread_of(github: FakeGitHub, text: str) -> Thread:
    (found,) = [each for each in github.pull.threads if f"finding fp-{text} " in each.root.body]
    return found


def test_first_review_is_one_review_and_one_summary(world: World, github: FakeGitHub) -> None:
    run = world.run(github)
    assert run.code == 1
    assert run.writes == [REVIEWS, COMMENTS]
    assert run.requests == 3
    (review,) = github.pull.reviews
    assert review.event == "COMMENT"
    assert review.commit == world.head()
    assert "2 high findings on the lines below" in review.body
    assert [(each.path, each.start_line, each.line) for each in github.pull.threads] == [
        ("infra/eks.tf", None, 10),
        ("infra/eks.tf", None, 30),
    ]
    (summary,) = github.pull.issue_comments
    assert summary.body.startswith("<!-- eks-review:summary -->")


def test_outputs_and_job_summary_say_the_same(world: World, github: FakeGitHub) -> None:
    run = world.run(github)
    assert run.outputs["conclusion"] == "failure"
    assert run.outputs["introduced"] == "2"
    assert run.outputs["score-security"] == "100"
    assert run.outputs["review-url"] == f"https://github.example/r/{github.pull.reviews[0].id}"
    assert "EKS Review" in run.summary


def test_unchanged_rerun_reads_once_and_writes_nothing(world: World, github: FakeGitHub) -> None:
    world.run(github)
    run = world.run(github)
    assert (run.code, run.writes, run.requests) == (1, [], 1)
    assert "Nothing to post" in run.log


def test_suggestion_stands_on_its_lines(world: World, github: FakeGitHub) -> None:
    world.run(github)
    assert "```suggestion\ntypes = all\n```" in thread_of(github, "logs").root.body


def test_suggestion_of_several_lines_is_a_range(world: World, github: FakeGitHub) -> None:
    finding = Problem("open", fix="a\nb").finding("infra/eks.tf", 10)
    assert finding.suggestion is not None
    world.problems = []
    world.more_findings = [replace(finding, suggestion=replace(finding.suggestion, line=9, end_line=10))]
    world.run(github)
    (thread,) = github.pull.threads
    assert (thread.start_line, thread.line) == (9, 10)


def test_clean_pull_request_gets_no_comment(world: World, github: FakeGitHub) -> None:
    world.problems = []
    run = world.run(github)
    assert (run.code, run.writes, run.requests) == (0, [], 1)


def test_clean_pull_request_keeps_its_summary_true(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.problems = []
    run = world.run(github)
    assert run.code == 0
    assert "updateIssueComment" in run.writes
    assert COMMENTS not in run.writes
    assert "passed" in github.pull.issue_comments[0].body


def test_existing_findings_alone_make_no_comment(world: World, github: FakeGitHub) -> None:
    world.problems = []
    world.more_findings = [in_summary(samples.PRIVATE)]
    assert world.run(github).writes == []


def test_incomplete_review_speaks_up(world: World, github: FakeGitHub) -> None:
    world.problems = []
    world.review_changes = {"verdict": Verdict(Conclusion.ERROR, "a file could not be read")}
    run = world.run(github)
    assert (run.code, run.writes) == (3, [COMMENTS])


def test_new_suppression_speaks_up(world: World, github: FakeGitHub) -> None:
    world.problems = []
    acceptance = Acceptance("known", date(2027, 1, 1), "infra/eks.tf", 4)
    world.review_changes = {"new_suppressions": (NewSuppression(("EKS-SEC-107",), acceptance),)}
    assert world.run(github).writes == [COMMENTS]


def test_push_that_adds_a_problem_posts_only_that(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.problems.append(Problem("more"))
    world.edit("infra/eks.tf", 20, "more")
    run = push(world, github)
    assert run.writes == [REVIEWS, "updateIssueComment"]
    assert [each.line for each in github.pull.threads] == [10, 30, 20]


def test_fixed_finding_is_marked_and_minimised(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.edit("infra/eks.tf", 10, "cidr = closed")
    run = push(world, github)
    assert run.writes == ["updatePullRequestReviewComment", "minimizeComment", "updateIssueComment"]
    comment = thread_of(github, "open").root
    assert comment.body.startswith(f"<!-- eks-review:gone fixed -->\n✅ **Fixed in `{world.head()[:7]}`.**")
    assert "This is wrong." in comment.body
    assert (comment.is_minimized, comment.classifier) == (True, "RESOLVED")
    assert not thread_of(github, "logs").root.is_minimized


def test_fixed_finding_is_marked_once(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.edit("infra/eks.tf", 10, "cidr = closed")
    push(world, github)
    assert world.run(github).writes == []
    assert push(world, github).writes == ["updateIssueComment"]


def test_finding_that_comes_back_reopens_its_comment(world: World, github: FakeGitHub) -> None:
    world.run(github)
    before = thread_of(github, "open").root.body
    world.edit("infra/eks.tf", 10, "cidr = closed")
    push(world, github)
    world.edit("infra/eks.tf", 10, "cidr = open")
    run = push(world, github)
    assert REVIEWS not in run.writes
    assert "unminimizeComment" in run.writes
    comment = thread_of(github, "open").root
    assert comment.body == before
    assert not comment.is_minimized


def test_revert_of_a_fix_and_fix_again(world: World, github: FakeGitHub) -> None:
    world.run(github)
    for text, hidden in (("closed", True), ("open", False), ("closed", True)):
        world.edit("infra/eks.tf", 10, f"cidr = {text}")
        push(world, github)
        assert thread_of(github, "open").root.is_minimized is hidden
    assert thread_of(github, "open").root.body.count("Fixed in") == 1


def test_line_shift_keeps_the_comment(world: World, github: FakeGitHub) -> None:
    world.run(github)
    shifted = "new = 1\nnew = 2\n" + (world.root / "infra/eks.tf").read_text()
    run = push(world, github, {"infra/eks.tf": shifted})
    assert run.writes == ["updateIssueComment"]
    assert [each.line for each in github.pull.threads] == [12, 32]
    assert "```suggestion" in thread_of(github, "logs").root.body


def renamed(text: str) -> Problem:
    """Return a problem of the same check on the same line, of a resource that has another name."""
    return Problem(text, address="aws_thing.renamed", fields={"fingerprint": "fp-renamed"})


def test_renamed_resource_keeps_its_thread(world: World, github: FakeGitHub) -> None:
    world.run(github)
    before = thread_of(github, "open")
    world.problems[0] = renamed("open")
    run = push(world, github)
    assert run.writes == ["updatePullRequestReviewComment", "updateIssueComment"]
    after = thread_of(github, "renamed")
    assert (after.id, after.is_resolved, after.root.is_minimized) == (before.id, False, False)
    assert "aws_thing.renamed" in after.root.body
    assert "Fixed in" not in after.root.body
    assert world.run(github).writes == []


def test_answered_thread_of_a_renamed_resource_is_left_alone(world: World, github: FakeGitHub) -> None:
    world.run(github)
    github.pull.reply(thread_of(github, "open"), "We know.")
    world.problems[0] = renamed("open")
    assert push(world, github).writes == ["updateIssueComment"]
    assert len(github.pull.threads) == 2
    assert world.run(github).writes == []
    world.problems = world.problems[1:]
    assert push(world, github).writes == ["updatePullRequestReviewComment", "updateIssueComment"]
    assert "Fixed in" in thread_of(github, "open").root.body


def test_problem_of_another_check_on_the_line_gets_a_comment_of_its_own(
    world: World, github: FakeGitHub
) -> None:
    world.run(github)
    other = renamed("open")
    world.problems[0] = dataclasses.replace(other, fields={**other.fields, "id": "EKS-SEC-107"})
    push(world, github)
    assert "Fixed in" in thread_of(github, "open").root.body
    assert thread_of(github, "renamed").id != thread_of(github, "open").id


def test_rename_keeps_the_comment(world: World, github: FakeGitHub) -> None:
    world.run(github)
    text = (world.root / "infra/eks.tf").read_text()
    run = push(world, github, {"infra/eks.tf": None, "infra/cluster.tf": text})
    assert REVIEWS not in run.writes
    assert len(github.pull.threads) == 2


def test_rebase_keeps_the_comments(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.git("checkout", "-q", "main")
    world.commit({"infra/vpc.tf": "# from main\n"})
    world.git("checkout", "-q", "change")
    world.git("rebase", "-q", "main")
    github.pull.push(world.head())
    run = world.run(github)
    assert run.writes == ["updateIssueComment"]


def test_merge_from_base_keeps_the_comments(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.git("checkout", "-q", "main")
    world.commit({"infra/vpc.tf": "# from main\n"})
    world.git("checkout", "-q", "change")
    world.git("merge", "-q", "--no-edit", "main")
    github.pull.push(world.head())
    assert world.run(github).writes == ["updateIssueComment"]


def test_outdated_comment_of_a_standing_finding_is_kept_without_its_suggestion(
    world: World, github: FakeGitHub
) -> None:
    world.run(github)
    world.edit("infra/eks.tf", 30, "types = logs # again")
    run = push(world, github)
    assert thread_of(github, "logs").line is None
    assert run.writes == ["updatePullRequestReviewComment", "updateIssueComment"]
    assert "```suggestion" not in thread_of(github, "logs").root.body
    assert world.run(github).writes == []


def test_changed_text_is_edited_in_place(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.problems[0] = Problem("open", message="This is wrong in another way.")
    run = world.run(github)
    assert run.writes == ["updatePullRequestReviewComment"]
    assert "in another way" in thread_of(github, "open").root.body


def test_answered_thread_is_not_edited_for_its_text(world: World, github: FakeGitHub) -> None:
    world.run(github)
    github.pull.reply(thread_of(github, "open"), "We know.")
    world.problems[0] = Problem("open", message="This is wrong in another way.")
    assert world.run(github).writes == []


def test_answered_thread_gets_only_the_mark_when_fixed(world: World, github: FakeGitHub) -> None:
    world.run(github)
    github.pull.reply(thread_of(github, "open"), "Fixing it.")
    world.edit("infra/eks.tf", 10, "cidr = closed")
    run = push(world, github)
    assert run.writes == ["updatePullRequestReviewComment", "updateIssueComment"]
    thread = thread_of(github, "open")
    assert "Fixed in" in thread.root.body
    assert not thread.root.is_minimized


def test_thread_resolved_by_a_person_stays_resolved(world: World, github: FakeGitHub) -> None:
    world.run(github)
    thread_of(github, "open").is_resolved = True
    assert world.run(github).writes == []
    assert thread_of(github, "open").is_resolved


def test_comment_hidden_by_a_person_stays_hidden(world: World, github: FakeGitHub) -> None:
    world.run(github)
    thread_of(github, "open").root.is_minimized = True
    assert world.run(github).writes == []


def test_corrected_comment_is_left_alone(world: World, github: FakeGitHub) -> None:
    world.run(github)
    comment = thread_of(github, "open").root
    comment.body = comment.body.replace("This is wrong.", "This is wrong; see ticket 12.")
    assert world.run(github).writes == []


def test_resolving_needs_the_input_and_the_right(world: World, github: FakeGitHub) -> None:
    world.inputs["resolve-threads"] = "true"
    github.permissions.add("contents:write")
    world.run(github)
    world.edit("infra/eks.tf", 10, "cidr = closed")
    run = push(world, github)
    assert "resolveReviewThread" in run.writes
    assert "minimizeComment" not in run.writes
    assert "Resolved 1 thread." in run.log
    assert thread_of(github, "open").is_resolved


def test_without_the_right_to_resolve_it_minimises(world: World, github: FakeGitHub) -> None:
    world.inputs["resolve-threads"] = "true"
    world.run(github)
    world.edit("infra/eks.tf", 10, "cidr = closed")
    run = push(world, github)
    assert "minimizeComment" in run.writes
    assert "Resolved" not in run.log


def test_resolved_thread_is_reopened_when_the_finding_is_back(world: World, github: FakeGitHub) -> None:
    world.inputs["resolve-threads"] = "true"
    github.permissions.add("contents:write")
    world.run(github)
    world.edit("infra/eks.tf", 10, "cidr = closed")
    push(world, github)
    world.edit("infra/eks.tf", 10, "cidr = open")
    assert "unresolveReviewThread" in push(world, github).writes
    assert not thread_of(github, "open").is_resolved


def test_suppressed_finding_is_marked_accepted(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.problems[0] = Problem(
        "open", fields={"suppressed": Acceptance("known", date(2027, 1, 1), "infra/eks.tf", 9)}
    )
    world.run(github)
    assert "🔕 **Accepted as of" in thread_of(github, "open").root.body
    assert "until 2027-01-01" in thread_of(github, "open").root.body


def test_finding_gone_unknown_is_not_called_fixed(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.problems = world.problems[1:]
    coverage = replace(
        samples.CLEAN.coverage,
        not_evaluated=(NotEvaluated("EKS-SEC-306", "aws_thing.open", "`var.x` is unknown"),),
    )
    world.review_changes = {"coverage": coverage}
    world.run(github)
    body = thread_of(github, "open").root.body
    assert "No longer decidable" in body
    assert "Fixed" not in body


def test_unread_file_keeps_its_comments(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.problems = []
    coverage = replace(
        samples.CLEAN.coverage, files_not_analysed=(NotAnalysed("infra/eks.tf", "line 3: broken"),)
    )
    world.review_changes = {"coverage": coverage}
    run = world.run(github)
    assert run.writes == ["updateIssueComment"]
    assert "Fixed" not in thread_of(github, "open").root.body


def test_failed_review_keeps_all_comments(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.problems = []
    world.review_changes = {"verdict": Verdict(Conclusion.ERROR, "incomplete")}
    assert world.run(github).writes == ["updateIssueComment"]


def test_finding_that_became_existing_keeps_its_comment(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.problems[0] = Problem("open", fields={"status": Status.EXISTING})
    run = world.run(github)
    assert "updatePullRequestReviewComment" not in run.writes


def test_cap_takes_the_worst_and_the_summary_the_rest(world: World, github: FakeGitHub) -> None:
    world.inputs["max-comments"] = "2"
    words = ["low", "medium", "critical", "high"]
    world.problems = [Problem(f"p-{each}", Severity(each)) for each in words]
    for number, each in enumerate(words):
        world.edit("infra/eks.tf", 8 + number, f"p-{each}")
    run = push(world, github)
    assert [each.line for each in github.pull.threads] == [10, 11]
    assert "4 findings = 2 inline + 2 in the summary" in run.log
    assert "aws_thing.p-low" in github.pull.issue_comments[0].body
    said = "2 of these have no comment on a line, and the whole text here."
    assert said in github.pull.issue_comments[0].body


def test_overflow_is_not_posted_by_a_rerun(world: World, github: FakeGitHub) -> None:
    world.inputs["max-comments"] = "1"
    world.run(github)
    assert world.run(github).writes == []
    assert len(github.pull.threads) == 1


def test_overflow_moves_up_when_room_is_made(world: World, github: FakeGitHub) -> None:
    world.inputs["max-comments"] = "1"
    world.run(github)
    world.edit("infra/eks.tf", 10, "cidr = closed")
    push(world, github)
    assert [each.line for each in github.pull.threads] == [None, 30]
    assert thread_of(github, "logs").line == 30


def test_no_inline_comments_at_all(world: World, github: FakeGitHub) -> None:
    world.inputs["max-comments"] = "0"
    run = world.run(github)
    assert run.writes == [COMMENTS]
    assert "2 findings = 0 inline + 2 in the summary" in run.log


def test_same_check_on_one_block_is_one_comment(world: World, github: FakeGitHub) -> None:
    world.problems = [
        Problem("open", address="aws_sg.a"),
        Problem("logs", address="aws_sg.a", fix="types = all"),
    ]
    world.run(github)
    (thread,) = github.pull.threads
    assert thread.line == 30, "the one that can be fixed with a click"
    assert "The same problem stands in this block on line 10." in thread.root.body
    assert world.run(github).writes == []


def test_same_check_on_one_line_is_one_comment(world: World, github: FakeGitHub) -> None:
    world.problems = [
        Problem("open", address="module.a.aws_sg.this", message="A is open."),
        Problem("logs", address="module.b.aws_sg.this", message="B is open.", shown_at=10),
    ]
    world.run(github)
    (thread,) = github.pull.threads
    assert thread.line == 10
    assert "A is open." in thread.root.body
    assert "The same check, here too:\n\n- B is open." in thread.root.body
    assert world.run(github).writes == []


def test_leader_of_a_group_stays_leader(world: World, github: FakeGitHub) -> None:
    world.problems = [Problem("open", address="aws_sg.a")]
    world.run(github)
    world.problems = [
        Problem("open", address="aws_sg.a"),
        Problem("logs", address="aws_sg.a", fix="types = all"),
    ]
    run = world.run(github)
    assert REVIEWS not in run.writes
    assert "on line 30." in thread_of(github, "open").root.body


def test_fixed_leader_of_a_group_leaves_a_comment_for_the_rest(world: World, github: FakeGitHub) -> None:
    world.problems = [Problem("open", address="aws_sg.a"), Problem("logs", address="aws_sg.a")]
    world.run(github)
    world.edit("infra/eks.tf", 10, "cidr = closed")
    push(world, github)
    assert "Fixed in" in thread_of(github, "open").root.body
    assert thread_of(github, "logs").line == 30


def test_push_during_the_run_posts_nothing(world: World, github: FakeGitHub) -> None:
    old = world.head()
    world.commit({"infra/other.tf": "a = 1\n"})
    github.pull.push(world.head())
    run = world.run(github, head=old)
    assert (run.code, run.writes) == (1, [])
    assert f"the head moved from {old[:7]} to {world.head()[:7]}" in run.log


def test_closed_pull_request_is_left_alone(world: World, github: FakeGitHub) -> None:
    github.pull.state = "MERGED"
    run = world.run(github)
    assert run.writes == []
    assert "the pull request is closed" in run.log


def test_pull_request_that_was_retargeted_meanwhile_gets_nothing(world: World, github: FakeGitHub) -> None:
    world.git("branch", "release", "main")
    github.pull.base = "release"
    run = world.run(github)
    assert (run.code, run.writes) == (1, [])
    assert "now goes to the branch release, and this run compared with main" in run.log


def test_retargeted_pull_request_keeps_what_stands_on_both(world: World, github: FakeGitHub) -> None:
    """The new base holds one of the two problems already."""
    world.run(github)
    world.git("branch", "release", "main")
    github.pull.base = "release"
    world.base = "release"
    world.problems[0] = dataclasses.replace(world.problems[0], fields={"status": Status.EXISTING})
    run = world.run(github)
    assert [write for write in run.writes if write != "updateIssueComment"] == []
    assert len(github.pull.threads) == 2


def test_draft_is_reviewed_like_any_other(world: World, github: FakeGitHub) -> None:
    github.pull.is_draft = True
    assert world.run(github).writes == [REVIEWS, COMMENTS]


def test_draft_stays_quiet_where_the_configuration_says_so(world: World, github: FakeGitHub) -> None:
    """What counts is what the pull request is now, not what it was when the run began."""
    world.config = dataclasses.replace(world.config, comment_on_drafts=False)
    world.inputs["status-context"] = "EKS Review"
    github.pull.is_draft = True
    run = world.run(github)
    assert (run.code, run.writes) == (1, [STATUSES + world.head()])
    assert "the pull request is a draft, and `comment-on-drafts` is off" in run.log
    assert "inline" not in run.log
    github.pull.is_draft = False
    assert world.run(github).writes == [REVIEWS, COMMENTS]


def test_duplicate_summaries_are_removed(world: World, github: FakeGitHub) -> None:
    world.run(github)
    first = github.pull.issue_comments[0]
    github.pull.say(first.body, BOT)
    run = world.run(github)
    assert run.writes == ["deleteIssueComment"]
    assert github.pull.issue_comments == [first]


def test_duplicate_comments_are_hidden(world: World, github: FakeGitHub) -> None:
    world.run(github)
    thread = thread_of(github, "open")
    github.pull.threads.append(
        Thread(
            1,
            thread.path,
            10,
            None,
            thread.commit,
            [dataclasses.replace(thread.root, id=1, is_minimized=False)],
        )
    )
    assert world.run(github).writes == ["minimizeComment"]
    assert [each.root.classifier for each in github.pull.threads] == [None, None, "DUPLICATE"]
    assert world.run(github).writes == []


def test_forged_markers_of_others_mean_nothing(world: World, github: FakeGitHub) -> None:
    github.pull.say("<!-- eks-review:summary --> all good")
    forged = Thread(1, "infra/eks.tf", 10, None, world.head(), [])
    github.pull.reply(forged, "<!-- eks-review:finding fp-open --> nothing to see")
    github.pull.threads.append(forged)
    assert world.run(github).writes == [REVIEWS, COMMENTS]
    assert forged.root.body == "<!-- eks-review:finding fp-open --> nothing to see"
    assert world.run(github).writes == []


def test_long_conversations_are_read_to_the_end(world: World, github: FakeGitHub) -> None:
    for number in range(230):
        github.pull.say(f"talk {number}")
        thread = Thread(number, "infra/eks.tf", 1, None, world.head(), [])
        github.pull.reply(thread, "talk")
        github.pull.threads.append(thread)
    world.run(github)
    run = world.run(github)
    assert run.writes == []
    assert run.requests == 3


def test_thirty_findings_cost_no_more_requests_than_two(world: World, github: FakeGitHub) -> None:
    world.problems = [Problem(f"p{number}") for number in range(30)]
    for number in range(30):
        world.edit("infra/eks.tf", 5 + number, f"p{number}")
    assert push(world, github).requests == 3
    world.commit({"infra/eks.tf": "# empty\n" * 40})
    github.pull.push(world.head())
    run = world.run(github)
    assert run.requests == 5, "one query and four batches of at most twenty changes"
    assert all(each.root.is_minimized for each in github.pull.threads)


def test_many_edits_keep_a_second_between_requests(world: World, github: FakeGitHub) -> None:
    world.inputs["max-comments"] = "100"
    world.commit({"infra/many.tf": "".join(f"many{number}\n" for number in range(45))})
    github.pull.push(world.head())
    world.problems = [Problem(f"many{number}") for number in range(45)]
    world.run(github)
    world.problems = [dataclasses.replace(each, message="Said in other words.") for each in world.problems]
    run = world.run(github)
    assert run.writes.count("updatePullRequestReviewComment") == 45
    assert world.clock.pauses == [1.0, 1.0]


def test_commit_status_stands_on_the_head(world: World, github: FakeGitHub) -> None:
    world.inputs["status-context"] = "EKS Review"
    run = world.run(github)
    assert run.writes == [REVIEWS, COMMENTS, STATUSES + world.head()]
    (status,) = github.pull.statuses
    assert (status.sha, status.state, status.context) == (world.head(), "failure", "EKS Review")
    assert status.target_url.endswith("/acme/platform/actions/runs/99")
    assert world.run(github).writes == []


def test_changed_verdict_changes_the_status(world: World, github: FakeGitHub) -> None:
    world.inputs["status-context"] = "EKS Review"
    world.run(github)
    world.problems = []
    world.run(github)
    assert [each.state for each in github.pull.statuses] == ["failure", "success"]


def test_long_reason_fits_the_status(world: World, github: FakeGitHub) -> None:
    world.inputs["status-context"] = "EKS Review"
    world.review_changes = {"verdict": Verdict(Conclusion.FAILURE, "`x` " * 100)}
    world.run(github)
    assert len(github.pull.statuses[0].description) == 140


def test_comment_false_sets_only_the_status(world: World, github: FakeGitHub) -> None:
    world.inputs |= {"comment": "false", "status-context": "EKS Review"}
    assert world.run(github).writes == [STATUSES + world.head()]


def test_comment_false_asks_github_nothing(world: World, github: FakeGitHub) -> None:
    world.inputs["comment"] = "false"
    run = world.run(github)
    assert (run.code, run.requests) == (1, 0)
    assert "EKS Review" in run.summary


def test_force_push_to_another_history(world: World, github: FakeGitHub) -> None:
    world.run(github)
    world.git("reset", "-q", "--hard", "main")
    world.edit("infra/eks.tf", 10, "cidr = open")
    github.pull.push(world.commit({}))
    run = world.run(github)
    assert REVIEWS not in run.writes
    assert "Fixed in" in thread_of(github, "logs").root.body
    assert "Fixed in" not in thread_of(github, "open").root.body
