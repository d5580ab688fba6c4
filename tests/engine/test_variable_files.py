"""Variable files that a run of Terraform must name: each changed one is reviewed as the environment it is."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from reviewer.change.git import GitRepository
from reviewer.config.config import Config
from reviewer.engine.runs import audit_runs, runs
from reviewer.pipeline import audit
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.plan.plan import read_plan
from reviewer.terraform.plan.root_plan import RootPlan
from reviewer.views.context import Context
from reviewer.views.secrets.input_value import InputValue
from tests.change.repo import Repo
from tests.engine.conftest import TODAY
from tests.engine.test_touched import CLUSTER, ONLY, found
from tests.terraform.plans import plan

if TYPE_CHECKING:
    from pathlib import Path

    from reviewer.review import Review
    from tests.engine.conftest import ReviewChange

PRIVATE, OPEN = "private = true\n", "private = false\n"


def messages(review: Review) -> list[tuple[str, str, int]]:
    return [(each.id, each.path, each.line) for each in review.findings]


def test_file_beside_the_configuration_is_reviewed(review_change: ReviewChange) -> None:
    review = review_change({"main.tf": CLUSTER, "prod.tfvars": PRIVATE}, {"prod.tfvars": OPEN}, **ONLY)
    assert found(review) == [("introduced", "prod.tfvars", 1)]
    assert review.findings[0].address == "aws_eks_cluster.main"


def test_file_in_a_folder_of_environments_is_reviewed_with_the_module_above(
    review_change: ReviewChange,
) -> None:
    path = "live/cluster/envs/prod.tfvars"
    base = {"live/cluster/main.tf": CLUSTER, "live/other/main.tf": CLUSTER, path: PRIVATE}
    assert found(review_change(base, {path: OPEN}, **ONLY)) == [("introduced", path, 1)]


def test_file_beside_the_root_modules_is_reviewed_with_those_that_declare_most_of_it(
    review_change: ReviewChange,
) -> None:
    path = "environments/prod/terraform.tfvars"
    base = {
        "infra/main.tf": CLUSTER,
        "other/main.tf": CLUSTER.replace('"subnets"', '"networks"').replace("var.subnets", "[]"),
        path: f"subnets = []\n{PRIVATE}",
    }
    review = review_change(base, {path: f"subnets = []\n{OPEN}"}, **ONLY)
    assert found(review) == [("introduced", path, 2)]
    assert review.findings[0].also == ()


def test_variable_that_is_gone_does_not_hide_a_file(review_change: ReviewChange) -> None:
    path = "environments/prod.tfvars"
    base = {"infra/main.tf": CLUSTER, path: f"subnets = []\ngone = 1\n{PRIVATE}"}
    review = review_change(base, {path: f"subnets = []\ngone = 1\n{OPEN}"}, **ONLY)
    assert found(review) == [("introduced", path, 3)]


def test_file_that_no_module_takes_is_said_not_to_be_reviewed(review_change: ReviewChange) -> None:
    unheard_of = "some = 1\nthing = 2\n"
    review = review_change({"infra/main.tf": CLUSTER}, {"envs/prod.tfvars": OPEN + unheard_of})
    (notice,) = review.notices
    assert notice.path == "envs/prod.tfvars"
    assert notice.message == (
        "Nothing was reviewed with this file: Terraform reads it only where a run names it, and no module "
        "declares most of its variables. If it is in use, name it in `var-files`."
    )


def test_each_environment_has_its_own_finding(review_change: ReviewChange) -> None:
    base = {"main.tf": CLUSTER, "dev.tfvars": PRIVATE, "prod.tfvars": PRIVATE}
    review = review_change(base, {"dev.tfvars": OPEN, "prod.tfvars": OPEN}, **ONLY)
    assert found(review) == [("introduced", "dev.tfvars", 1), ("introduced", "prod.tfvars", 1)]
    assert len({each.fingerprint for each in review.findings}) == 2


def test_what_all_environments_share_is_one_finding(review_change: ReviewChange) -> None:
    """With the same fingerprint as without the files: a later push that edits them posts nothing anew."""
    base = {"main.tf": CLUSTER, "dev.tfvars": PRIVATE, "prod.tfvars": PRIVATE}
    literal = {"main.tf": CLUSTER.replace("= var.private", "= false")}
    alone = review_change(base, literal, **ONLY)
    review = review_change(base, {**literal, "dev.tfvars": "# none\n", "prod.tfvars": "# none\n"}, **ONLY)
    assert found(review) == found(alone) == [("introduced", "main.tf", 12)]
    assert review.findings[0].fingerprint == alone.findings[0].fingerprint


def test_value_of_an_environment_decides_what_is_undecided_without(review_change: ReviewChange) -> None:
    without_default = CLUSTER.replace("      default = true\n", "")
    review = review_change({"main.tf": without_default}, {"prod.tfvars": PRIVATE}, **ONLY)
    assert review.findings == ()
    assert review.coverage.decided == ("EKS-SEC-108",)
    assert review.coverage.not_evaluated == ()
    assert review.coverage.evaluations == 1


def test_default_that_the_environments_override_is_no_finding(review_change: ReviewChange) -> None:
    new = CLUSTER.replace("default = true", "default = false")
    review = review_change({"README.md": "x"}, {"main.tf": new, "prod.tfvars": PRIVATE}, **ONLY)
    assert review.findings == ()


def test_default_that_an_environment_leaves_alone_is_one(review_change: ReviewChange) -> None:
    new = CLUSTER.replace("default = true", "default = false")
    review = review_change({"README.md": "x"}, {"main.tf": new, "prod.tfvars": "subnets = []\n"}, **ONLY)
    assert found(review) == [("introduced", "main.tf", 4)]


def test_default_is_nobodys_value_where_an_environment_has_the_problem_by_its_own(
    review_change: ReviewChange,
) -> None:
    new = CLUSTER.replace("default = true", "default = false")
    base = {"main.tf": new, "dev.tfvars": PRIVATE, "prod.tfvars": PRIVATE}
    renamed = new.replace('"prod"', '"platform"')
    review = review_change(base, {"main.tf": renamed, "dev.tfvars": OPEN}, **ONLY)
    assert found(review) == [("introduced", "dev.tfvars", 1)]
    worse = [(each.base, each.findings) for each in review.scorecard.pillars if each.score != each.base]
    assert worse == [(100, 1)]


def test_problem_that_only_another_environment_had_is_introduced(review_change: ReviewChange) -> None:
    base = {"main.tf": CLUSTER, "dev.tfvars": OPEN}
    review = review_change(base, {"prod.tfvars": OPEN}, **ONLY)
    assert found(review) == [("introduced", "prod.tfvars", 1)]


def test_problem_that_an_environment_had_is_there_already(review_change: ReviewChange) -> None:
    base = {"main.tf": CLUSTER, "prod.tfvars": OPEN}
    review = review_change(
        base, {"prod.tfvars": "# The API is private elsewhere.\nprivate = !true\n"}, **ONLY
    )
    assert found(review) == [("existing", "prod.tfvars", None)]


def test_fixed_in_an_environment_is_said(review_change: ReviewChange) -> None:
    review = review_change({"main.tf": CLUSTER, "prod.tfvars": OPEN}, {"prod.tfvars": PRIVATE}, **ONLY)
    assert [(each.status.value, each.path) for each in review.findings] == [("fixed", "prod.tfvars")]


def test_removed_environment_says_nothing(review_change: ReviewChange) -> None:
    review = review_change({"main.tf": CLUSTER, "prod.tfvars": OPEN}, {"prod.tfvars": None}, **ONLY)
    assert review.findings == ()
    assert review.notices == ()


def test_renamed_environment_keeps_its_problems(review_change: ReviewChange) -> None:
    values = f"subnets = []\n{OPEN}name = 1\nowner = 2\n"
    base = {"main.tf": CLUSTER, "prod.tfvars": values}
    head = {"prod.tfvars": None, "production.tfvars": values.replace("name = 1", "name = 3")}
    assert [each.status.value for each in review_change(base, head, **ONLY).findings] == []


def test_finding_is_the_same_before_and_after_its_environment_is_renamed(review_change: ReviewChange) -> None:
    values = f"subnets = []\n{PRIVATE}name = 1\nowner = 2\n"
    base, opened = {"main.tf": CLUSTER, "prod.tfvars": values}, values.replace(PRIVATE, OPEN)
    (first,) = review_change(base, {"prod.tfvars": opened}, **ONLY).findings
    (second,) = review_change(base, {"prod.tfvars": None, "production.tfvars": opened}, **ONLY).findings
    assert (second.path, second.fingerprint) == ("production.tfvars", first.fingerprint)


def test_file_of_one_root_module_is_not_read_with_another(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    commit = repo.commit({"prod/main.tf": "", "prod/eu.tfvars": PRIVATE, "staging/main.tf": ""})
    with GitRepository.open(repo.root) as opened:
        configuration = Configuration(opened.tree(commit), Sources()).with_named("prod", "prod/eu.tfvars")
        assert configuration.variable_files("prod") == ("prod/eu.tfvars",)
        assert configuration.variable_files("staging") == ()


def test_suggestion_in_an_environment_is_proven_there(review_change: ReviewChange) -> None:
    review = review_change({"main.tf": CLUSTER, "prod.tfvars": PRIVATE}, {"prod.tfvars": OPEN}, **ONLY)
    (finding,) = review.findings
    assert finding.suggestion is not None
    assert (finding.suggestion.path, finding.suggestion.replacement) == ("prod.tfvars", "private = true")


def test_environment_decides_what_is_asked_of_it(review_change: ReviewChange) -> None:
    """A development database needs no standby; production does."""
    main = """
        variable "standby" {
          type = bool
        }

        resource "aws_db_instance" "main" {
          multi_az = var.standby
        }
    """
    names = ("dev", "dev/main", "eu-sandbox", "prod", "prod/main")
    head = {f"envs/{name}.tfvars": "standby = false\n" for name in names}
    review = review_change({"main.tf": main}, head, select=("EKS-REL-108",))
    assert messages(review) == [
        ("EKS-REL-108", "envs/prod.tfvars", 1),
        ("EKS-REL-108", "envs/prod/main.tfvars", 1),
    ]


def test_secret_in_an_environment_is_found(review_change: ReviewChange) -> None:
    base = {"live/main.tf": 'variable "db_password" {\n  type = string\n}\n'}
    review = review_change(
        base, {"live/envs/prod.tfvars": 'db_password = "kYp3-tangerine-Orbit"\n'}, select=("EKS-SEC-301",)
    )
    assert messages(review) == [("EKS-SEC-301", "live/envs/prod.tfvars", 1)]


def test_run_with_one_file_does_not_look_into_the_others(tmp_path: Path) -> None:
    """A hundred customers are a hundred files, not ten thousand."""
    repo = Repo.create(tmp_path / "repo")
    files = {f"{name}.tfvars": OPEN for name in ("a", "b", "c")}
    commit = repo.commit({"main.tf": 'variable "private" {}\n', **files})
    with GitRepository.open(repo.root) as opened:
        code = Configuration(opened.tree(commit), Sources())
        for each, seen in ((code, sorted(files)), (code.with_named("", "b.tfvars"), [])):
            context = Context(each, each.root(""), Config(), TODAY, is_production=True)
            assert [value.attribute for value in InputValue.find(context)] == seen


def test_secret_in_a_file_for_tests_is_found(review_change: ReviewChange) -> None:
    base = {"live/main.tf": 'variable "db_password" {\n  type = string\n}\n'}
    path = "live/fixtures/all.tfvars"
    review = review_change(base, {path: 'db_password = "kYp3-tangerine-Orbit"\n'}, select=("EKS-SEC-301",))
    assert messages(review) == [("EKS-SEC-301", path, 1)]


def test_region_of_an_environment_is_not_held_against_the_files_of_the_repository(
    review_change: ReviewChange,
) -> None:
    base = {
        "AWS_REGION": "eu-west-1\n",
        "main.tf": 'variable "region" {\n  default = "eu-west-1"\n}\n\nprovider "aws" {\n  region = var.region\n}\n',
    }
    assert review_change(base, {"us.tfvars": 'region = "us-east-1"\n'}, select=("EKS-CFG-1",)).findings == ()


NEW = CLUSTER.replace("default = true", "default = false")


def test_files_that_the_change_leaves_alone_say_what_their_environments_have(
    review_change: ReviewChange,
) -> None:
    """The default is nobody's value; what an environment has is told, at the line that the change brings."""
    base = {"dev.tfvars": PRIVATE, "envs/prod.tfvars": PRIVATE}
    assert review_change(base, {"main.tf": NEW}, **ONLY).findings == ()


def test_environment_that_is_left_alone_has_the_problem_that_the_code_brings(
    review_change: ReviewChange,
) -> None:
    base = {"main.tf": CLUSTER.replace("var.private", "true"), "dev.tfvars": PRIVATE, "prod.tfvars": OPEN}
    review = review_change(base, {"main.tf": CLUSTER}, **ONLY)
    assert [(each.status.value, each.path, each.line) for each in review.findings] == [
        ("introduced", "main.tf", 12)
    ]
    assert ("prod.tfvars", 1) in {(each.path, each.line) for each in review.findings[0].origins}


def test_files_that_the_configuration_names_are_the_ones_that_matter(review_change: ReviewChange) -> None:
    base = {"dev.tfvars": OPEN, "prod.tfvars": PRIVATE}
    review = review_change(base, {"main.tf": NEW}, var_files=("prod.tfvars",), **ONLY)
    assert review.findings == ()


def test_what_the_configuration_says_is_deployed_stands_beside_a_changed_environment(
    review_change: ReviewChange,
) -> None:
    base = {"prod.tfvars": OPEN, "dev.tfvars": OPEN}
    head = {"main.tf": CLUSTER, "dev.tfvars": PRIVATE}
    review = review_change(base, head, var_files=("prod.tfvars",), **ONLY)
    assert [(each.status.value, each.path, each.line) for each in review.findings] == [
        ("introduced", "main.tf", 12)
    ]


def test_what_no_environment_is_asked_is_asked_of_none(review_change: ReviewChange) -> None:
    """There is only a development environment, and that needs no standby."""
    main = 'variable "size" {}\n\nresource "aws_db_instance" "main" {\n  instance_class = var.size\n}\n'
    base = {"dev.tfvars": 'size = "db.t4g.small"\n'}
    assert review_change(base, {"main.tf": main}, select=("EKS-REL-108",)).findings == ()


def test_changed_files_come_before_the_first_few_of_those_left_alone(review_change: ReviewChange) -> None:
    """Of a hundred customers, the one whose file is changed counts."""
    base = {"main.tf": CLUSTER, **{f"customers/{number:03}.tfvars": PRIVATE for number in range(100)}}
    review = review_change(base, {"customers/099.tfvars": OPEN}, **ONLY)
    assert found(review) == [("introduced", "customers/099.tfvars", 1)]
    assert review.coverage.evaluations == 1


def test_file_to_be_copied_or_for_tests_is_no_environment(review_change: ReviewChange) -> None:
    names = ("example", "prod-sample", "tests/fixtures/open", "test/prod")
    review = review_change({"main.tf": CLUSTER}, {f"{name}.tfvars": OPEN for name in names}, **ONLY)
    assert review.findings == ()
    assert review.notices == ()


def test_instances_of_an_environment_stand_for_the_code_that_repeats_them(
    review_change: ReviewChange,
) -> None:
    """Without the file nobody knows how many there are; with it there is one, and that is the finding."""
    main = """
        variable "zones" {
          type = set(string)
        }

        resource "aws_db_instance" "main" {
          for_each            = var.zones
          deletion_protection = true
          multi_az            = false
        }
    """
    review = review_change({"prod.tfvars": 'zones = ["a"]\n'}, {"main.tf": main}, select=("EKS-REL-108",))
    assert [(each.address, each.also) for each in review.findings] == [('aws_db_instance.main["a"]', ())]


def test_plan_says_what_is_deployed(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    commit = repo.commit({"main.tf": "", "other/main.tf": CLUSTER, "other/dev.tfvars": PRIVATE})
    with GitRepository.open(repo.root) as opened:
        code = Configuration(opened.tree(commit), Sources())
        planned = code.with_plans({"other": RootPlan(read_plan(plan([]), "plan.json"))})
        for each, labels in ((code, ["other", "other with other/dev.tfvars"]), (planned, ["other"])):
            assert [run.label for run in runs(each, each, [("other", "other")], ())] == labels
            assert [run.label for run in audit_runs(each, ["other"], opened.tree(commit).paths())] == labels


def test_audit_reads_every_environment(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    files = {"live/main.tf": dedent(CLUSTER), "live/envs/dev.tfvars": PRIVATE, "live/envs/prod.tfvars": OPEN}
    commit = repo.commit({**files, "environments/eu.tfvars": f"subnets = []\n{OPEN}"})
    with GitRepository.open(repo.root) as opened:
        result = audit(opened.tree(commit), Config(select=("EKS-SEC-108",)), today=TODAY)
        inside = audit(opened.tree(commit), Config(select=("EKS-SEC-108",)), today=TODAY, path="live")
    assert messages(result) == [
        ("EKS-SEC-108", "environments/eu.tfvars", 2),
        ("EKS-SEC-108", "live/envs/prod.tfvars", 1),
    ]
    assert messages(inside) == [("EKS-SEC-108", "live/envs/prod.tfvars", 1)]
    assert result.coverage.evaluations == 1


SILENT = "subnets = []\n"
"""Variables of an environment that has nothing to say about private access."""


@pytest.mark.parametrize("envs", ["", "envs/", "infra/envs/"])
def test_what_environments_have_in_common_concerns_each_of_them(
    review_change: ReviewChange, envs: str
) -> None:
    base = {
        "infra/main.tf" if envs else "main.tf": CLUSTER,
        f"{envs}common.tfvars": PRIVATE,
        f"{envs}prod.tfvars": SILENT,
        f"{envs}dev.tfvars": SILENT,
    }
    review = review_change(base, {f"{envs}common.tfvars": OPEN}, **ONLY)
    assert found(review) == [("introduced", f"{envs}common.tfvars", 1)]


@pytest.mark.parametrize(
    ("common", "prod", "expected"),
    [
        pytest.param(PRIVATE, SILENT, [], id="said for all"),
        pytest.param(SILENT, PRIVATE, [], id="said for each"),
        pytest.param(OPEN, PRIVATE, [], id="said otherwise for each"),
        pytest.param(PRIVATE, OPEN, [("introduced", "prod.tfvars", 1)], id="said otherwise for one"),
        pytest.param(SILENT, SILENT, [("introduced", "main.tf", 4)], id="said for none"),
    ],
)
def test_environment_overrides_what_is_common(
    review_change: ReviewChange, common: str, prod: str, expected: list[tuple[str, str, int]]
) -> None:
    head = {"main.tf": CLUSTER.replace("default = true", "default = false")}
    head |= {"common.tfvars": common, "prod.tfvars": prod}
    assert found(review_change({"README.md": "x"}, head, **ONLY)) == expected


def test_what_was_common_before_the_change_counts_at_the_base(review_change: ReviewChange) -> None:
    base = {"main.tf": CLUSTER, "common.tfvars": OPEN, "prod.tfvars": SILENT}
    review = review_change(base, {"main.tf": CLUSTER.replace('"prod"', '"live"')}, **ONLY)
    assert [(each.status.value, each.path) for each in review.findings] == [("existing", "common.tfvars")]


def test_file_called_common_without_others_beside_it_stands_for_itself(review_change: ReviewChange) -> None:
    base = {
        "main.tf": CLUSTER,
        "common.tfvars": PRIVATE,
        "other/main.tf": CLUSTER,
        "other/prod.tfvars": SILENT,
    }
    assert found(review_change(base, {"common.tfvars": OPEN}, **ONLY)) == [("introduced", "common.tfvars", 1)]


def test_audit_reads_what_is_common_with_every_environment(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    code = dedent(CLUSTER).replace("default = true", "default = false")
    files: dict[str, str | bytes] = {
        "main.tf": code,
        "envs/common.tfvars": PRIVATE,
        "envs/dev.tfvars": SILENT,
        "envs/prod.tfvars": OPEN,
    }
    commit = repo.commit(files)
    with GitRepository.open(repo.root) as opened:
        result = audit(opened.tree(commit), Config(select=("EKS-SEC-108",)), today=TODAY)
        each = Configuration(opened.tree(commit), Sources())
        labels = [run.label for run in audit_runs(each, [""], opened.tree(commit).paths())]
    assert messages(result) == [("EKS-SEC-108", "envs/prod.tfvars", 1)]
    assert labels == [".", ". with envs/dev.tfvars", ". with envs/prod.tfvars"]
