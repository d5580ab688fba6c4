"""EKS-SEC-203, 204, 206 and 214: escalation, data and changes on everything, and who may assume a role."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import problems, reasons, states

ESCALATION = "EKS-SEC-203"
DATA = "EKS-SEC-204"
TRUST = "EKS-SEC-206"
WRITE = "EKS-SEC-214"
ADDRESS = "data.aws_iam_policy_document.x"


def document(statement: str, rest: str = "") -> str:
    return f'data "aws_iam_policy_document" "x" {{\nstatement {{\n{statement}\n}}\n}}\n{rest}'


def grant(action: str, resource: str = '"*"', rest: str = "") -> str:
    return document(f'actions = ["{action}"]\nresources = [{resource}]\n{rest}')


def condition(variable: str, *values: str, test: str = "StringEquals") -> str:
    listed = ", ".join(f'"{each}"' for each in values or ("x",))
    return f'condition {{\ntest = "{test}"\nvariable = "{variable}"\nvalues = [{listed}]\n}}'


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (grant("iam:PassRole"), "`iam:PassRole` on `*` lets the holder become administrator."),
        (grant("iam:Put*Policy"), "`iam:PutRolePolicy` on `*`"),
        (
            grant("sts:AssumeRole", '"arn:aws:iam::111122223333:role/*"'),
            (
                "`sts:AssumeRole` on `arn:aws:iam::111122223333:role/*` lets the holder take on any role that "
                "trusts this account."
            ),
        ),
        (
            grant("iam:AttachRolePolicy", '"arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/*"'),
            "`iam:AttachRolePolicy` on `arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/*` lets",
        ),
        (grant("eks:CreateAccessEntry"), "`eks:CreateAccessEntry` on `*`"),
        *[
            (grant(action, resource), f"`{action}` on `{resource.strip(chr(34))}`")
            for action, resource in (
                ("iam:CreatePolicyVersion", '"arn:aws:iam::111122223333:policy/*"'),
                ("iam:SetDefaultPolicyVersion", '"*"'),
                ("iam:UpdateAssumeRolePolicy", '"arn:aws:iam::*:role/*"'),
                ("iam:AddUserToGroup", '"*"'),
                ("iam:CreateAccessKey", '"*"'),
                ("iam:CreateLoginProfile", '"*"'),
                ("eks:AssociateAccessPolicy", '"*"'),
                ("eks:CreatePodIdentityAssociation", '"*"'),
            )
        ],
    ],
)
def test_escalation(code: str, message: str) -> None:
    [found] = problems(ESCALATION, code)
    assert found.address == ADDRESS
    assert found.text.startswith("actions = [")
    assert message in found.message


@pytest.mark.parametrize(
    ("check", "action"), [(ESCALATION, "iam:PassRole"), (DATA, "secretsmanager:GetSecretValue")]
)
def test_wildcard_beside_it_hides_no_action(check: str, action: str) -> None:
    """EKS-SEC-202 is about ``autoscaling:*``; who cures that alone would hear of the rest at the next push."""
    code = document(f'actions = [\n"autoscaling:*",\n"{action}",\n]\nresources = ["*"]')
    [found] = problems(check, code)
    assert f"`{action}` on" in found.message
    for resource in ("*", "arn:aws:iam::1:role/*"):
        everything = document(f'actions = ["*", "{action}"]\nresources = ["{resource}"]')
        assert problems(check, everything) == []


def test_escalation_in_a_module_and_in_json() -> None:
    module = """
    module "karpenter" {
      source = "terraform-aws-modules/eks/aws//modules/karpenter"
      iam_policy_statements = [
        {
          actions   = ["iam:PassRole"]
          resources = ["*"]
        }
      ]
    }
    """
    text = '{"Statement": [{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}]}'
    policy = f'resource "aws_iam_policy" "x" {{\npolicy = <<EOF\n{text}\nEOF\n}}'
    assert [each.address for each in problems(ESCALATION, module)] == ["module.karpenter"]
    assert [(each.address, each.text) for each in problems(ESCALATION, policy)] == [
        ("aws_iam_policy.x", text)
    ]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            grant("iam:PassRole", rest=condition("iam:PassedToService", "ec2.amazonaws.com")),
            id="PassedToService",
        ),
        pytest.param(grant("iam:PassRole", '"arn:aws:iam::1:role/node"'), id="Karpenter: the node role"),
        pytest.param(
            grant("iam:PassRole", "aws_iam_role.node.arn") + 'resource "aws_iam_role" "node" {}',
            id="a role of this code",
        ),
        pytest.param(grant("iam:GetRole"), id="reading"),
        pytest.param(grant("iam:*"), id="a wildcard is another check's"),
        pytest.param(
            grant("iam:CreateInstanceProfile", rest=condition("aws:RequestTag/x")), id="Karpenter: profiles"
        ),
    ],
)
def test_no_escalation(code: str) -> None:
    assert [each.message for each in problems(ESCALATION, code)] == []


def test_escalation_denied_is_not_applicable() -> None:
    assert states(ESCALATION, document('effect = "Deny"\nactions = ["iam:PassRole"]\nresources = ["*"]')) == {
        ADDRESS: State.NOT_APPLICABLE
    }


def test_escalation_on_unknown_resources_is_not_evaluated() -> None:
    code = document('actions = ["iam:PassRole"]\nresources = var.r', 'variable "r" {}')
    assert reasons(ESCALATION, code) == ["`var.r` has no value in the code"]


@pytest.mark.parametrize(
    ("action", "resource", "message"),
    [
        (
            "secretsmanager:GetSecretValue",
            '"*"',
            "`secretsmanager:GetSecretValue` on all secrets in the account.",
        ),
        (
            "ssm:GetParameter*",
            '"arn:aws:ssm:*:*:parameter/*"',
            "`ssm:GetParameter` on all parameters in the account.",
        ),
        ("kms:Decrypt", '"arn:aws:kms:eu-west-1:1:key/*"', "`kms:Decrypt` on all keys in the account."),
        ("s3:Get*", '"arn:aws:s3:::*"', "`s3:GetObject` on all buckets in the account."),
        ("dynamodb:PutItem", '"*"', "`dynamodb:PutItem` on all tables in the account."),
        ("sqs:SendMessage", '"*"', "`sqs:SendMessage` on all queues in the account."),
        ("sns:Publish", '"*"', "`sns:Publish` on all topics in the account."),
        ("rds-db:connect", '"*"', "`rds-db:connect` on all databases in the account."),
    ],
)
def test_data(action: str, resource: str, message: str) -> None:
    [found] = problems(DATA, grant(action, resource))
    assert (found.address, found.text, found.message) == (ADDRESS, f"resources = [{resource}]", message)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            grant("secretsmanager:GetSecretValue", '"arn:aws:secretsmanager:*:*:secret:prod/*"'), id="prefix"
        ),
        pytest.param(
            grant("secretsmanager:GetSecretValue", '"arn:aws:secretsmanager:*:*:secret:${var.env}*"')
            + 'variable "env" {}',
            id="a prefix that is an input",
        ),
        pytest.param(grant("secretsmanager:ListSecrets"), id="listing"),
        pytest.param(grant("ecr:GetAuthorizationToken"), id="no resource-level support"),
        pytest.param(grant("s3:ListAllMyBuckets"), id="no resource-level support either"),
        pytest.param(grant("cloudwatch:PutMetricData"), id="nor this"),
        pytest.param(grant("ecr:BatchGetImage"), id="pulling images"),
        pytest.param(
            grant("kms:Decrypt", rest=condition("kms:ViaService", "ec2.eu-west-1.amazonaws.com")),
            id="ViaService",
        ),
        pytest.param(
            grant("secretsmanager:GetSecretValue", rest=condition("secretsmanager:ResourceTag/team", "x")),
            id="tag",
        ),
        pytest.param(grant("s3:GetObject", '"arn:aws:s3:::logs/*"'), id="one bucket"),
        pytest.param(
            grant("s3:GetObject", '"${aws_s3_bucket.x.arn}/*"') + 'resource "aws_s3_bucket" "x" {}',
            id="a bucket of this code",
        ),
        pytest.param(
            grant("route53:ChangeResourceRecordSets", '"arn:aws:route53:::hostedzone/*"'), id="external-dns"
        ),
    ],
)
def test_no_data(code: str) -> None:
    assert [each.message for each in problems(DATA, code)] == []


SECRETS = "enable_external_secrets = true\nexternal_secrets_"
BLUEPRINTS = 'module "x" {{\nsource = "aws-ia/eks-blueprints-addons/aws"\n{}\n}}'
IRSA = 'module "x" {{\nsource = "terraform-aws-modules/iam/aws//modules/{}"\n{}\n}}'


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (BLUEPRINTS.format("enable_external_secrets = true"), 'module "x" {'),
        (BLUEPRINTS.format("enable_cert_manager = true"), 'module "x" {'),
        (
            BLUEPRINTS.format(SECRETS + 'ssm_parameter_arns = ["arn:aws:ssm:*:*:parameter/*"]'),
            "",
        ),
        (
            BLUEPRINTS.format(
                'enable_external_secrets = true\nexternal_secrets_secrets_manager_arns = ["*"]'
            ),
            'external_secrets_secrets_manager_arns = ["*"]',
        ),
        (
            IRSA.format("iam-role-for-service-accounts-eks", "attach_external_secrets_policy = true"),
            'module "x" {',
        ),
        (IRSA.format("iam-role-for-service-accounts", "attach_external_secrets_policy = true"), ""),
        (BLUEPRINTS.format("enable_external_secrets = false"), ""),
        (
            BLUEPRINTS.format(SECRETS + 'secrets_manager_arns = ["arn:aws:x:secret:prod/*"]'),
            "",
        ),
    ],
)
def test_data_by_inputs_of_modules(code: str, text: str) -> None:
    assert [each.text for each in problems(DATA, code)] == ([text] if text else [])


def test_the_input_that_is_left_at_its_default_is_named() -> None:
    code = BLUEPRINTS.format("enable_cert_manager = true")
    assert [each.message for each in problems(DATA, code)] == [
        (
            "`route53:ChangeResourceRecordSets` on all hosted zones in the account: "
            "`cert_manager_route53_hosted_zone_arns` is left at its default."
        )
    ]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            grant("ec2:TerminateInstances"),
            "Statement lets `x` run `ec2:TerminateInstances` on every resource of the account.",
        ),
        (grant("autoscaling:*CapacityX"), ""),
        (grant("sqs:*Queue"), "run `sqs:DeleteQueue` and 1 more on every resource"),
        (grant("ec2:CreateTags", rest=condition("aws:SecureTransport", "true")), "run `ec2:CreateTags` on"),
        (grant("ec2:TerminateInstances", rest=condition("ec2:ResourceTag/karpenter.sh/nodepool")), ""),
        (grant("ec2:TerminateInstances", rest=condition("aws:ResourceTag/kubernetes.io/cluster/prod")), ""),
        (
            grant("elasticloadbalancing:DeleteRule", rest=condition("aws:ResourceTag/elbv2.k8s.aws/cluster")),
            "",
        ),
        (grant("ec2:CreateTags", rest=condition("aws:RequestTag/team")), ""),
        (grant("s3:DeleteBucket", rest=condition("aws:CalledVia", "cloudformation.amazonaws.com")), ""),
        (grant("ec2:TerminateInstances", rest=condition("aws:ARN", "$${ec2:SourceInstanceARN}")), ""),
        (grant("ec2:Describe*"), ""),
        (grant("ec2:CreateSecurityGroup"), ""),
        (grant("logs:CreateLogGroup"), ""),
        (grant("iam:CreateServiceLinkedRole", rest=condition("iam:AWSServiceName")), ""),
        (grant("ec2:DeleteVolume", '"arn:aws:ec2:*:*:volume/vol-1"'), ""),
        (grant("ec2:*"), ""),
        (document('actions = ["iam:PassRole", "ec2:RunInstances"]\nresources = ["*"]'), ""),
        (grant("secretsmanager:GetSecretValue"), ""),
    ],
)
def test_write(code: str, message: str) -> None:
    found = problems(WRITE, code)
    assert [each.text for each in found] == (['resources = ["*"]'] if message else [])
    assert all(message in each.message for each in found)


def test_what_an_input_begins_may_be_everything() -> None:
    code = grant("ec2:DeleteVolume", '"${var.prefix}*"') + 'variable "prefix" {}'
    assert reasons(WRITE, code) == ["`var.prefix` has no value in the code"]


def test_the_policy_that_the_load_balancer_controller_publishes_is_fine() -> None:
    actions = ("CreateListener", "DeleteListener", "CreateRule", "DeleteRule", "ModifyListener", "SetWebAcl")
    listed = ", ".join(f'"elasticloadbalancing:{each}"' for each in actions)
    assert problems(WRITE, document(f'actions = [{listed}]\nresources = ["*"]')) == []


def test_write_is_named_after_the_policy() -> None:
    code = """
    resource "aws_iam_policy" "autoscaler" {
      name = "cluster-autoscaler"
      policy = jsonencode({
        Statement = [{
          Effect   = "Allow"
          Action   = ["autoscaling:SetDesiredCapacity"]
          Resource = "*"
        }]
      })
    }
    """
    [found] = problems(WRITE, code)
    assert (found.text, found.message) == (
        'Resource = "*"',
        "Statement lets `autoscaler` run `autoscaling:SetDesiredCapacity` on every resource of the account.",
    )


OIDC = (
    'type = "Federated"\nidentifiers = ["arn:aws:iam::1:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A"]'
)
GITHUB = (
    'type = "Federated"\nidentifiers = ["arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"]'
)
SUB = "oidc.eks.eu-west-1.amazonaws.com/id/A:sub"
GITHUB_SUB = "token.actions.githubusercontent.com:sub"


def trust(principal: str, rest: str = "", action: str = "sts:AssumeRoleWithWebIdentity") -> str:
    return document(f'actions = ["{action}"]\nprincipals {{\n{principal}\n}}\n{rest}')


def accounts(test: str, *values: str) -> str:
    return trust(OIDC, condition(SUB, *values, test=test))


def github(*values: str) -> str:
    return trust(GITHUB, condition(GITHUB_SUB, *values, test="StringLike"))


@pytest.mark.parametrize(
    ("code", "text", "message"),
    [
        (
            trust(OIDC),
            "statement {",
            "Anyone who can obtain a token from the cluster's OIDC issuer can assume the role of `data.aws_iam_policy_document.x`.",
        ),
        (
            trust(OIDC, condition(SUB.replace(":sub", ":aud"), "sts.amazonaws.com")),
            "statement {",
            "Anyone who can obtain a token from the cluster's OIDC issuer can assume the role of `data.aws_iam_policy_document.x`.",
        ),
        (accounts("StringLike", "*"), 'values = ["*"]', "Anyone who can obtain a token from"),
        (
            accounts("StringLike", "system:serviceaccount:*"),
            'values = ["system:serviceaccount:*"]',
            "Anyone who",
        ),
        (
            accounts("ForAnyValue:StringLike", "system:serviceaccount:*:*"),
            'values = ["system:serviceaccount:*:*"]',
            "Anyone who",
        ),
        (
            accounts("StringEquals", "system:serviceaccount:app:*"),
            'values = ["system:serviceaccount:app:*"]',
            "`StringEquals` takes `*` literally: this condition never matches",
        ),
        (
            trust(GITHUB),
            "statement {",
            "Anyone who can obtain a token from GitHub can assume the role of `data.aws_iam_policy_document.x`.",
        ),
        (github("repo:*"), 'values = ["repo:*"]', "Anyone who can obtain a token from GitHub"),
        (
            github("repo:acme/*"),
            'values = ["repo:acme/*"]',
            "Anyone who can obtain a token from GitHub for any repository of `acme` can assume the role of",
        ),
        (
            trust('type = "AWS"\nidentifiers = ["*"]', action="sts:AssumeRole"),
            'identifiers = ["*"]',
            "Everybody with an AWS account can assume the role of `data.aws_iam_policy_document.x`.",
        ),
        (
            trust('type = "AWS"\nidentifiers = ["arn:aws:iam::999999999999:root"]', action="sts:AssumeRole")
            + 'provider "aws" {\nallowed_account_ids = ["111122223333"]\n}',
            'identifiers = ["arn:aws:iam::999999999999:root"]',
            "All of account `999999999999` can assume the role of `data.aws_iam_policy_document.x`.",
        ),
    ],
)
def test_trust(code: str, text: str, message: str) -> None:
    [found] = problems(TRUST, code)
    assert (found.address, found.text) == (ADDRESS, text)
    assert message in found.message


TRUST_IN_ROLE = """
resource "aws_iam_role" "app" {{
  assume_role_policy = jsonencode({{
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = {{ Federated = module.eks.oidc_provider_arn }}
      Condition = {{
        StringLike = {{
          {key} = "{value}"
        }}
      }}
    }}]
  }})
}}
"""


@pytest.mark.parametrize(
    "key",
    [
        f'"{SUB}"',
        '"${module.eks.oidc_provider}:sub"',
        '"${replace(module.eks.cluster_oidc_issuer_url, "https://", "")}:sub"',
    ],
)
def test_trust_in_a_role(key: str) -> None:
    [found] = problems(TRUST, TRUST_IN_ROLE.format(key=key, value="system:serviceaccount:*"))
    assert (found.address, found.line) == ("aws_iam_role.app", 10)
    assert (
        found.message
        == "Anyone who can obtain a token from the cluster's OIDC issuer can assume `aws_iam_role.app`."
    )
    assert problems(TRUST, TRUST_IN_ROLE.format(key=key, value="system:serviceaccount:prod:app")) == []


def test_trust_in_a_role_with_another_condition_alone() -> None:
    code = TRUST_IN_ROLE.format(key='"${module.eks.oidc_provider}:aud"', value="sts.amazonaws.com")
    [found] = problems(TRUST, code)
    assert "Anyone who can obtain a token from the cluster's OIDC issuer" in found.message


def test_trust_in_a_role_with_an_unknown_condition_is_not_evaluated() -> None:
    code = TRUST_IN_ROLE.format(key='"${var.key}"', value="system:serviceaccount:*") + 'variable "key" {}'
    assert reasons(TRUST, code) == ["`var.key` has no value in the code"]


@pytest.mark.parametrize(
    ("module", "test", "message"),
    [
        (
            "iam-role-for-service-accounts-eks",
            'assume_role_condition_test = "StringLike"',
            "Anyone who can obtain a token",
        ),
        ("iam-role-for-service-accounts", "", "takes `*` literally"),
    ],
)
def test_trust_by_inputs_of_modules(module: str, test: str, message: str) -> None:
    accounts_of = (
        'oidc_providers = {\nmain = {\nprovider_arn = "arn"\nnamespace_service_accounts = ["*:*"]\n}\n}\n'
    )
    [found] = problems(TRUST, IRSA.format(module, accounts_of + test))
    assert found.text == 'namespace_service_accounts = ["*:*"]'
    assert message in found.message


@pytest.mark.parametrize(
    "code",
    [
        accounts("StringEquals", "system:serviceaccount:kube-system:external-dns"),
        accounts("StringLike", "system:serviceaccount:app:*"),
        github("repo:acme/platform:ref:refs/heads/main"),
        github("repo:acme/platform:*"),
        trust('type = "Service"\nidentifiers = ["ec2.amazonaws.com"]', action="sts:AssumeRole"),
        trust('type = "Service"\nidentifiers = ["pods.eks.amazonaws.com"]', action="sts:AssumeRole"),
        trust(
            'type = "AWS"\nidentifiers = ["arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"]',
            action="sts:AssumeRole",
        ),
        trust(
            'type = "AWS"\nidentifiers = ["*"]',
            condition("aws:PrincipalOrgID", "o-1"),
            action="sts:AssumeRole",
        ),
        trust('type = "AWS"\nidentifiers = ["arn:aws:iam::999999999999:role/ci"]', action="sts:AssumeRole"),
        trust('type = "AWS"\nidentifiers = ["arn:aws:iam::111122223333:root"]', action="sts:AssumeRole")
        + 'provider "aws" {\nallowed_account_ids = ["111122223333"]\n}',
        trust(
            'type = "AWS"\nidentifiers = ["arn:aws:iam::999999999999:root"]',
            condition("sts:ExternalId", "x"),
            action="sts:AssumeRole",
        )
        + 'provider "aws" {\nallowed_account_ids = ["111122223333"]\n}',
        trust('type = "Federated"\nidentifiers = ["cognito-identity.amazonaws.com"]'),
    ],
)
def test_trust_is_scoped(code: str) -> None:
    assert [each.message for each in problems(TRUST, code)] == []


def test_all_accounts_of_a_namespace_are_too_many_when_the_configuration_says_so() -> None:
    code = accounts("StringLike", "system:serviceaccount:app:*")
    assert problems(TRUST, code) == []
    [found] = problems(TRUST, code, require_service_account=True)
    assert found.text == 'values = ["system:serviceaccount:app:*"]'
    assert (
        found.message
        == "Anyone who can obtain a token from the cluster's OIDC issuer can assume the role of `data.aws_iam_policy_document.x`."
    )
    one = accounts("StringLike", "system:serviceaccount:app:api")
    assert problems(TRUST, one, require_service_account=True) == []


def test_the_issuer_of_another_service_is_not_that_of_the_cluster() -> None:
    issuer = """
    resource "aws_iam_openid_connect_provider" "x" {{
      url = "{}"
    }}
    """
    code = trust('type = "Federated"\nidentifiers = [aws_iam_openid_connect_provider.x.arn]')
    assert problems(TRUST, code + issuer.format("https://gitlab.com")) == []
    cluster = issuer.format("https://oidc.eks.eu-west-1.amazonaws.com/id/A")
    assert "the cluster's OIDC issuer" in problems(TRUST, code + cluster)[0].message


def test_an_account_that_may_be_the_own_is_not_evaluated() -> None:
    code = trust('type = "AWS"\nidentifiers = ["arn:aws:iam::999999999999:root"]', action="sts:AssumeRole")
    assert reasons(TRUST, code) == [
        "whether account `999999999999` is another one is not known from the code"
    ]


def test_permissions_are_no_trust() -> None:
    assert states(TRUST, grant("sts:AssumeRole")) == {ADDRESS: State.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("action", "advice"),
    [
        (
            "ssm:GetParameter",
            "Name the parameters by their ARNs, such as `arn:aws:ssm:eu-west-1:111122223333:parameter/prod/*`",
        ),
        ("s3:GetObject", "Name the buckets by their ARNs, such as `arn:aws:s3:::prod-uploads/*`, or limit"),
    ],
)
def test_advice_shows_an_arn_of_the_kind(action: str, advice: str) -> None:
    [found] = problems(DATA, grant(action))
    assert found.hint.startswith(advice)
