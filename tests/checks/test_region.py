"""Issue 1.1: regions."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from reviewer.engine.suggestion import apply_edits
from tests.checks.harness import Found, outcomes, problems, reasons, states

MAIN = """
provider "aws" {
  region = "us-east-1"
}
"""


def fired(found: list[Found]) -> list[tuple[str, str]]:
    return [(each.path, each.text) for each in found]


@pytest.mark.parametrize(
    "content",
    [
        "eu-west-1",
        "eu-west-1\n",
        "eu-west-1\r\n",
        "  eu-west-1\n\n",
        "\ufeffeu-west-1\n",
        "# ours\neu-west-1\n",
        "\t eu-west-1 \r\n\r\n",
        "\n\neu-west-1",
        "AWS_REGION=eu-west-1\n",
    ],
)
def test_region_file_is_read_as_it_occurs_in_the_wild(content: str) -> None:
    found = problems("EKS-CFG-101", {"AWS_REGION": content, "main.tf": MAIN})
    assert fired(found) == [("main.tf", 'region = "us-east-1"')]
    assert found[0].message == (
        "The provider's region resolves to `us-east-1` (from `main.tf`) but `AWS_REGION` says `eu-west-1`: "
        "the same code deploys to two regions depending on who runs it."
    )


@pytest.mark.parametrize(
    ("content", "state", "reason"),
    [
        ("", State.NOT_APPLICABLE, "there is no AWS_REGION file"),
        (" \n", State.NOT_APPLICABLE, "there is no AWS_REGION file"),
        ("staging\n", State.NOT_EVALUATED, "`AWS_REGION` names no AWS region"),
        ("eu-west-1 eu-west-2\n", State.NOT_EVALUATED, "`AWS_REGION` names several regions"),
        ("eu-west-1a\n", State.NOT_EVALUATED, "`AWS_REGION` names no AWS region"),
    ],
)
def test_region_file_that_names_no_single_region_decides_nothing(
    content: str, state: State, reason: str
) -> None:
    files = {"AWS_REGION": content, "main.tf": MAIN}
    assert states("EKS-CFG-101", files) == {"provider.aws": state}
    assert reasons("EKS-CFG-101", files) == [reason]


def test_nearest_region_file_wins() -> None:
    files = {
        "AWS_REGION": "eu-west-1\n",
        "live/AWS_REGION": "us-east-1\n",
        "live/prod/main.tf": MAIN,
        "other/main.tf": MAIN,
    }
    assert problems("EKS-CFG-101", files, root="live/prod") == []
    assert fired(problems("EKS-CFG-101", files, root="other")) == [("other/main.tf", 'region = "us-east-1"')]


@pytest.mark.parametrize(
    "expression",
    [
        'trimspace(file("${path.module}/AWS_REGION"))',
        'trimspace(file("${path.root}/./AWS_REGION"))',
        'trimspace(split("\\n", file("AWS_REGION"))[0])',
        'replace(file("AWS_REGION"), "/\\\\s/", "")',
        'trimspace(file("AWS_REGION"))',
        'chomp(file("${path.root}/AWS_REGION"))',
        'file("AWS_REGION")',
    ],
)
def test_reading_the_file_agrees_by_construction(expression: str) -> None:
    files = {"AWS_REGION": "eu-west-1\n", "main.tf": f'provider "aws" {{\n  region = {expression}\n}}'}
    assert states("EKS-CFG-101", files) == {"provider.aws": State.PASS}


def test_tfvars_supply_the_region_and_win_over_the_default() -> None:
    files = {
        "AWS_REGION": "eu-west-1\n",
        "main.tf": """
            variable "aws_region" {
              default = "eu-west-1"
            }
            provider "aws" {
              region = var.aws_region
            }
            """,
        "terraform.tfvars": 'aws_region = "us-west-2"\n',
    }
    assert fired(problems("EKS-CFG-101", files)) == [("terraform.tfvars", 'aws_region = "us-west-2"')]


def test_named_var_files_are_not_loaded_and_not_compared() -> None:
    files = {
        "AWS_REGION": "eu-west-1\n",
        "main.tf": 'variable "region" {}\nprovider "aws" {\n  region = var.region\n}\n',
        "prod.tfvars": 'region = "us-west-2"\n',
    }
    assert states("EKS-CFG-101", files) == {"provider.aws": State.NOT_EVALUATED}
    assert reasons("EKS-CFG-101", files) == ["`var.region` has no value in the code"]


def test_aliased_providers_are_elsewhere_by_design() -> None:
    files = {
        "AWS_REGION": "eu-west-1",
        "main.tf": 'provider "aws" {\n  alias = "dr"\n  region = "us-east-1"\n}',
    }
    assert states("EKS-CFG-101", files) == {}


def test_provider_without_a_region_is_another_check() -> None:
    files = {"AWS_REGION": "eu-west-1", "main.tf": 'provider "aws" {}'}
    assert states("EKS-CFG-101", files) == {"provider.aws": State.NOT_APPLICABLE}


def test_locals_json_and_conditions_with_two_wrong_branches_are_seen() -> None:
    local = {
        "AWS_REGION": "eu-west-1",
        "main.tf": 'locals {\n  r = "us-east-1"\n}\nprovider "aws" {\n  region = local.r\n}',
    }
    assert fired(problems("EKS-CFG-101", local)) == [("main.tf", 'r = "us-east-1"')]
    json = {"AWS_REGION": "eu-west-1", "main.tf.json": '{"provider": {"aws": {"region": "us-east-1"}}}'}
    assert [each.path for each in problems("EKS-CFG-101", json)] == ["main.tf.json"]
    both = 'variable "x" {}\nprovider "aws" {\n  region = var.x ? "us-east-1" : "us-east-2"\n}'
    found = problems("EKS-CFG-101", {"AWS_REGION": "eu-west-1", "main.tf": both})
    assert "`us-east-1 or us-east-2`" in found[0].message
    one = 'variable "x" {}\nprovider "aws" {\n  region = var.x ? "us-east-1" : "eu-west-1"\n}'
    assert states("EKS-CFG-101", {"AWS_REGION": "eu-west-1", "main.tf": one}) == {
        "provider.aws": State.NOT_EVALUATED
    }


def document(content: str, name: str = "PROMPT.md") -> dict[str, str]:
    return {name: content, "main.tf": MAIN}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("PROMPT.md", "Deploy in ap-southeast-2, please. Only ap-southeast-2.\n"),
        ("metadata.json", '{"region": "ap-southeast-2"}\n'),
        ("metadata.yaml", "region: ap-southeast-2\n"),
        ("metadata.yml", "region: ap-southeast-2\n"),
    ],
)
def test_specification_names_another_region(name: str, content: str) -> None:
    found = problems("EKS-CFG-102", document(content, name))
    assert fired(found) == [(name, content.strip())]
    assert found[0].message == (
        f"`{name}` specifies `ap-southeast-2` but the configuration deploys to `us-east-1`."
    )


@pytest.mark.parametrize(
    ("content", "state"),
    [
        ("Deploy in us-east-1.", State.PASS),
        ("From eu-west-1 to eu-west-2.", State.NOT_EVALUATED),
        (
            "See https://eu-west-1.console.aws.amazon.com/eks and arn:aws:kms:eu-west-1:1:key/x",
            State.NOT_APPLICABLE,
        ),
        ("```\nregion = eu-west-1\n```\n", State.NOT_APPLICABLE),
        ("The zone is eu-west-1a and a word like us-test-1.", State.NOT_APPLICABLE),
        ("Build a cluster.", State.NOT_APPLICABLE),
    ],
)
def test_specification_that_names_no_single_other_region(content: str, state: State) -> None:
    assert states("EKS-CFG-102", document(content)) == {"provider.aws": state}


IRELAND = 'provider "aws" {\n  region = "eu-west-1"\n}\nprovider "aws" {\n  alias = "us"\n  region = "us-east-1"\n}\n'


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (
            'resource "aws_subnet" "a" {\n  availability_zone = "us-east-1a"\n}',
            'availability_zone = "us-east-1a"',
        ),
        (
            (
                'locals {\n  azs = ["us-east-1a", "us-east-1b"]\n}\nmodule "vpc" {\n'
                '  source = "terraform-aws-modules/vpc/aws"\n  azs = local.azs\n}'
            ),
            'azs = ["us-east-1a", "us-east-1b"]',
        ),
        (
            'resource "aws_subnet" "a" {\n  provider = aws.us\n  availability_zone = "eu-west-1a"\n}',
            'availability_zone = "eu-west-1a"',
        ),
        (
            'resource "aws_subnet" "a" {\n  region = "us-west-2"\n  availability_zone = "eu-west-1a"\n}',
            'availability_zone = "eu-west-1a"',
        ),
        (
            (
                'variable "zone" {\n  default = "eu-central-1a"\n}\n'
                'resource "aws_ebs_volume" "a" {\n  availability_zone = var.zone\n}'
            ),
            'default = "eu-central-1a"',
        ),
        (
            'resource "aws_subnet" "a" {\n  availability_zone = "us-east-1-bos-1a"\n}',
            'availability_zone = "us-east-1-bos-1a"',
        ),
    ],
)
def test_zone_of_another_region(code: str, line: str) -> None:
    assert [each.text for each in problems("EKS-CFG-103", IRELAND + code)] == [line]


def test_zones_of_another_region_are_listed() -> None:
    code = 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n  azs = ["us-east-1a", "us-east-1b", "us-east-1c"]\n}\n'
    [found] = problems("EKS-CFG-103", IRELAND + code)
    assert found.message == (
        "`us-east-1a`, `us-east-1b` and `us-east-1c` are not in `eu-west-1`, where `module.vpc` is made: the apply fails."
    )


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ('resource "aws_subnet" "a" {\n  availability_zone = "eu-west-1c"\n}', State.PASS),
        ('resource "aws_subnet" "a" {\n  availability_zone = "use1-az1"\n}', State.PASS),
        ('resource "aws_subnet" "a" {\n  availability_zone = "eu-west-1-wl1-dub-wlz-1"\n}', State.PASS),
        (
            'resource "aws_subnet" "a" {\n  provider = aws.us\n  availability_zone = "us-east-1a"\n}',
            State.PASS,
        ),
        (
            'resource "aws_subnet" "a" {\n  availability_zone = "us-east-1a"\n  region = "us-east-1"\n}',
            State.PASS,
        ),
        (
            'resource "aws_subnet" "a" {\n  availability_zone = data.aws_availability_zones.x.names[0]\n}',
            State.NOT_APPLICABLE,
        ),
    ],
)
def test_zone_that_fits_or_is_not_known(code: str, state: State) -> None:
    assert states("EKS-CFG-103", IRELAND + code) == {"aws_subnet.a": state}


def test_zone_keeps_its_letter_and_moves_only_with_a_new_block() -> None:
    code = IRELAND + 'resource "aws_subnet" "a" {\n  availability_zone = "us-east-1c"\n}\n'
    fix = outcomes("EKS-CFG-103", code)[0].problems[0].fix
    assert fix is not None
    assert fix.new_only
    assert "Which zone letters exist depends on the account." in fix.note
    assert '  availability_zone = "eu-west-1c"\n' in apply_edits(code, fix.edits)
    made = (
        code.replace('"us-east-1c"', '"us-east-1${var.letter}"') + 'variable "letter" {\n  default = "c"\n}\n'
    )
    assert [each.fix for each in outcomes("EKS-CFG-103", made)[0].problems] == [None]


def test_zone_without_a_known_region_decides_nothing() -> None:
    code = 'provider "aws" {}\nresource "aws_subnet" "a" {\n  availability_zone = "us-east-1a"\n}'
    assert reasons("EKS-CFG-103", code) == ["the region of the provider is not in the code"]


KEY = "arn:aws:kms:us-east-1:111122223333:key/abc"


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (f'resource "aws_ebs_volume" "x" {{\n  kms_key_id = "{KEY}"\n}}', f'kms_key_id = "{KEY}"'),
        (
            (
                'resource "aws_ecs_task" "x" '
                '{\n  image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/api:1"\n}'
            ),
            'image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/api:1"',
        ),
        (
            'provider "kubernetes" {\n  host = "https://ABC.gr7.us-east-1.eks.amazonaws.com"\n}',
            'host = "https://ABC.gr7.us-east-1.eks.amazonaws.com"',
        ),
        (
            (
                'locals {\n  images = { "us-east-1" = "ami-1", "eu-west-1" = "ami-2" }\n}\n'
                'resource "aws_instance" "x" {\n  ami = local.images["us-east-1"]\n}'
            ),
            'images = { "us-east-1" = "ami-1", "eu-west-1" = "ami-2" }',
        ),
        (f'module "x" {{\n  source = "./x"\n  key = {{ arn = "{KEY}" }}\n}}', f'key = {{ arn = "{KEY}" }}'),
    ],
)
def test_literal_of_another_region(code: str, line: str) -> None:
    assert [each.text for each in problems("EKS-CFG-104", IRELAND + code)] == [line]


@pytest.mark.parametrize(
    "code",
    [
        (
            'resource "aws_lb_listener" "x" '
            '{\n  cdn_certificate = "arn:aws:acm:us-east-1:111122223333:certificate/a"\n}'
        ),
        f'resource "aws_ebs_volume" "x" {{\n  provider = aws.us\n  kms_key_id = "{KEY}"\n}}',
        f'resource "aws_ebs_volume" "x" {{\n  region = "us-east-1"\n  kms_key_id = "{KEY}"\n}}',
        f'resource "aws_dynamodb_table" "x" {{\n  replica {{\n    kms_key_arn = "{KEY}"\n  }}\n}}',
        f'resource "aws_backup_plan" "x" {{\n  copy_action {{\n    destination_vault_arn = "{KEY}"\n  }}\n}}',
        f'resource "aws_iam_role_policy" "x" {{\n  policy = "{KEY}"\n}}',
        'resource "aws_ebs_volume" "x" {\n  kms_key_id = "arn:aws:kms:eu-west-1:111122223333:key/abc"\n}',
        'resource "aws_ebs_volume" "x" {\n  description = "copied from us-east-1"\n}',
        'resource "aws_sns" "x" {\n  arn = "arn:aws:iam::111122223333:role/x"\n}',
        'resource "aws_instance" "x" {\n  ami = { "us-east-1" = "ami-1", "eu-west-1" = "ami-2" }["eu-west-1"]\n}',
        *[
            f'resource "{kind}" "x" {{\n  arn = "arn:aws:{service}:us-east-1:111122223333:thing/a"\n}}'
            for kind, service in (
                ("aws_cloudfront_distribution", "lambda"),
                ("aws_wafv2_web_acl", "logs"),
                ("aws_lb", "wafv2"),
                ("aws_lb", "ecr-public"),
                ("aws_lb", "route53"),
                ("aws_lb", "organizations"),
                ("aws_lb", "budgets"),
            )
        ],
    ],
)
def test_literal_that_may_be_elsewhere(code: str) -> None:
    assert problems("EKS-CFG-104", IRELAND + code) == []


def workflow(steps: str, head: str = "") -> dict[str, str]:
    content = f"on: push\n{head}jobs:\n  plan:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"
    return {".github/workflows/tf.yml": content, "infra/main.tf": IRELAND}


LOGIN = "      - uses: aws-actions/configure-aws-credentials@v4\n        with:\n          aws-region: {}\n"
PUBLIC = "      - uses: aws-actions/amazon-ecr-login@v2\n        with:\n          registry-type: public\n"
PLAN = "      - run: terraform plan\n        working-directory: infra\n"


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (workflow(LOGIN.format("us-east-1") + PLAN), "aws-region: us-east-1"),
        (
            workflow("      - run: terraform -chdir=infra plan\n", "env:\n  AWS_REGION: us-east-1\n"),
            "AWS_REGION: us-east-1",
        ),
        (
            workflow(
                "      - run: |\n          cd infra\n          tofu apply\n        env:\n          "
                "AWS_DEFAULT_REGION: us-east-1\n"
            ),
            "AWS_DEFAULT_REGION: us-east-1",
        ),
    ],
)
def test_workflow_in_another_region(files: dict[str, str], line: str) -> None:
    found = problems("EKS-CFG-105", files, root="infra")
    assert [each.text for each in found] == [line]
    assert found[0].message == "Job `plan` works in `us-east-1` but `infra` deploys to `eu-west-1`."


@pytest.mark.parametrize(
    ("files", "state"),
    [
        (workflow(LOGIN.format("eu-west-1") + PLAN), State.PASS),
        (workflow(LOGIN.format("${{ matrix.region }}") + PLAN), State.PASS),
        (
            workflow(
                LOGIN.format("us-east-1") + "      - run: terraform plan\n        working-directory: other\n"
            ),
            State.NOT_APPLICABLE,
        ),
        (
            workflow(LOGIN.format("us-east-1") + PLAN + "      - run: terraform -chdir=other plan\n"),
            State.NOT_APPLICABLE,
        ),
        (workflow(LOGIN.format("us-east-1") + "      - run: make deploy\n"), State.NOT_APPLICABLE),
        (workflow(LOGIN.format("us-east-1") + PUBLIC + LOGIN.format("eu-west-1") + PLAN), State.PASS),
        (workflow(PUBLIC + "        env:\n          AWS_REGION: us-east-1\n" + PLAN), State.PASS),
        (workflow(PLAN, "env:\n  AWS_REGION: ${{ vars.AWS_REGION }}\n"), State.PASS),
    ],
)
def test_workflow_that_fits_or_is_not_decided(files: dict[str, str], state: State) -> None:
    assert states("EKS-CFG-105", files, root="infra") == {"provider.aws": state}


VARIABLE = 'variable "region" {\n  type = string\n}\nprovider "aws" {\n  region = var.region\n}\n'


def test_quotes_around_a_variable_change_nothing() -> None:
    quoted = VARIABLE.replace("= var.region", '= "${var.region}"')
    [plain], [in_quotes] = problems("EKS-CFG-106", VARIABLE), problems("EKS-CFG-106", quoted)
    assert in_quotes == plain


def test_unguarded_variable_and_its_fix() -> None:
    found = problems("EKS-CFG-106", VARIABLE)
    assert [(each.text, each.message) for each in found] == [
        ('variable "region" {', "Nothing stops `var.region` from being set to an unintended region.")
    ]
    assert outcomes("EKS-CFG-106", VARIABLE)[0].problems[0].fix is None
    files = {"AWS_REGION": "eu-west-1\n", "main.tf": VARIABLE}
    fix = outcomes("EKS-CFG-106", files)[0].problems[0].fix
    assert fix is not None
    assert 'contains(["eu-west-1"], var.region)' in apply_edits(VARIABLE, fix.edits)


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": VARIABLE, "tests/region.tftest.hcl": 'run "region" {}\n'},
        {
            "main.tf": VARIABLE
            + 'check "r" {\n  assert {\n    condition = var.region == "eu-west-1"\n  }\n}\n'
        },
        {"main.tf": 'provider "aws" {\n  region = "eu-west-1"\n}\n'},
        {
            "main.tf": 'provider "aws" {\n  region = trimspace(file("AWS_REGION"))\n}\n',
            "AWS_REGION": "eu-west-1",
        },
    ],
)
def test_guarded_or_not_a_variable(files: dict[str, str]) -> None:
    assert problems("EKS-CFG-106", files) == []


@pytest.mark.parametrize(
    ("files", "root", "fixed"),
    [
        (
            {"AWS_REGION": "us-east-1\n", "main.tf": MAIN},
            "",
            '\nprovider "aws" {\n  region = trimspace(file("${path.module}/AWS_REGION"))\n}\n',
        ),
        (
            {"AWS_REGION": "us-east-1", "live/prod/main.tf": 'provider "aws" {\n}\n'},
            "live/prod",
            'provider "aws" {\n  region = trimspace(file("${path.module}/../../AWS_REGION"))\n}\n',
        ),
    ],
)
def test_a_region_beside_the_file_is_read_from_it(files: dict[str, str], root: str, fixed: str) -> None:
    [found] = problems("EKS-CFG-106", files, root=root)
    assert found.message == "The provider's region is not bound to `AWS_REGION`."
    fix = outcomes("EKS-CFG-106", files, root=root)[0].problems[0].fix
    assert fix is not None
    path = f"{root}/main.tf".lstrip("/")
    assert apply_edits(files[path], fix.edits) == fixed
    again = {**files, path: fixed}
    assert problems("EKS-CFG-106", again, root=root) == []
    assert states("EKS-CFG-101", again, root=root) == {"provider.aws": State.PASS}


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"AWS_REGION": "eu-west-1", "main.tf": MAIN}, id="another region is EKS-CFG-101's"),
        pytest.param({"AWS_REGION": "", "main.tf": MAIN}, id="an empty file"),
        pytest.param(
            {"AWS_REGION": "us-east-1", "main.tf": MAIN + 'variable "region" {}\nvariable "aws_region" {}\n'},
            id="two variables",
        ),
    ],
)
def test_no_single_source_of_the_region(files: dict[str, str]) -> None:
    assert problems("EKS-CFG-106", files) == []


def test_child_modules_have_no_provider_of_their_own() -> None:
    assert outcomes("EKS-CFG-106", 'variable "region" {\n  type = string\n}\n') == []


def test_examples_are_deployed_where_they_are_tried() -> None:
    files = {"examples/full/main.tf": VARIABLE}
    assert states("EKS-CFG-106", files, root="examples/full") == {"provider.aws": State.NOT_APPLICABLE}


ALLOWED = """
provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "backup"
  region = "eu-central-1"
}
"""


def test_regions_that_the_configuration_does_not_allow_are_found_at_each_provider() -> None:
    found = problems("EKS-CFG-102", ALLOWED, allowed_regions=("eu-west-1", "us-east-1"))
    assert [(each.line, each.message) for each in found] == [
        (
            8,
            (
                "The provider `aws.backup` deploys to `eu-central-1`, but the configuration allows only "
                "`eu-west-1`, `us-east-1`."
            ),
        )
    ]
    assert fired(problems("EKS-CFG-102", ALLOWED, allowed_regions=("eu-central-1",))) == [
        ("main.tf", 'region = "us-east-1"')
    ]


def test_allowed_regions_pass_and_an_unknown_region_is_not_evaluated() -> None:
    allowed = ("us-east-1", "eu-central-1")
    assert states("EKS-CFG-102", ALLOWED, allowed_regions=allowed) == {"provider.aws": State.PASS}
    unknown = 'variable "region" {}\n' + ALLOWED.replace('"eu-central-1"', "var.region")
    assert states("EKS-CFG-102", unknown, allowed_regions=allowed) == {"provider.aws": State.NOT_EVALUATED}
    assert states("EKS-CFG-102", ALLOWED) == {"provider.aws": State.NOT_APPLICABLE}


BACKEND = """
terraform {
  backend "s3" {
    bucket = "state"
    region = "eu-west-1"
  }
}

provider "aws" {
  region = "us-east-1"
}
"""


def test_region_of_the_backend_is_compared_on_request() -> None:
    assert problems("EKS-CFG-104", BACKEND) == []
    found = problems("EKS-CFG-104", BACKEND, check_backend_region=True)
    assert [(each.line, each.message) for each in found] == [
        (5, "This names `eu-west-1`, while `terraform.backend` is in `us-east-1`.")
    ]
    same = BACKEND.replace("eu-west-1", "us-east-1")
    assert states("EKS-CFG-104", same, check_backend_region=True) == {"terraform.backend": State.PASS}
