"""EKS-SEC-201 and EKS-SEC-202: managed policies and statements that allow nearly everything."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import outcomes, problems, reasons, states

MANAGED = "EKS-SEC-201"
WILDCARD = "EKS-SEC-202"


def attachment(arn: str, rest: str = "") -> str:
    body = f"role = aws_iam_role.app.name\npolicy_arn = {arn}"
    return f'resource "aws_iam_role_policy_attachment" "x" {{\n{body}\n}}\n{rest}'


def aws(name: str) -> str:
    return f'"arn:aws:iam::aws:policy/{name}"'


def document(statement: str, name: str = "x", rest: str = "") -> str:
    return f'data "aws_iam_policy_document" "{name}" {{\nstatement {{\n{statement}\n}}\n}}\n{rest}'


@pytest.mark.parametrize(
    ("code", "address", "text", "message"),
    [
        pytest.param(
            attachment(aws("AdministratorAccess"), 'resource "aws_iam_role" "app" {}'),
            "aws_iam_role_policy_attachment.x",
            'policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"',
            "`AdministratorAccess` on `aws_iam_role.app` grants far more than one workload needs.",
            id="role",
        ),
        pytest.param(
            'resource "aws_iam_user_policy_attachment" "x" {\nuser = "ops"\npolicy_arn = '
            + aws("IAMFullAccess")
            + "\n}",
            "aws_iam_user_policy_attachment.x",
            'policy_arn = "arn:aws:iam::aws:policy/IAMFullAccess"',
            "`IAMFullAccess` on `ops` grants far more than one person needs.",
            id="user",
        ),
        *[
            pytest.param(
                f'resource "{kind}" "x" {{\n{holder}\n{argument} = {value}\n}}',
                f"{kind}.x",
                f"{argument} = {value}",
                "`PowerUserAccess` on",
                id=kind,
            )
            for kind, holder, argument, value in [
                ("aws_iam_group_policy_attachment", 'group = "ops"', "policy_arn", aws("PowerUserAccess")),
                ("aws_iam_policy_attachment", 'name = "ops"', "policy_arn", aws("PowerUserAccess")),
                (
                    "aws_iam_role_policy_attachments_exclusive",
                    'role_name = "ops"',
                    "policy_arns",
                    f"[{aws('PowerUserAccess')}]",
                ),
            ]
        ],
        pytest.param(
            attachment(
                "data.aws_iam_policy.x.arn", f'data "aws_iam_policy" "x" {{\narn = {aws("IAMFullAccess")}\n}}'
            ),
            "aws_iam_role_policy_attachment.x",
            f"arn = {aws('IAMFullAccess')}",
            "`IAMFullAccess`",
            id="looked up by its ARN",
        ),
        pytest.param(
            attachment('"arn:${data.aws_partition.current.partition}:iam::aws:policy/AmazonEC2FullAccess"'),
            "aws_iam_role_policy_attachment.x",
            'policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AmazonEC2FullAccess"',
            "`AmazonEC2FullAccess`",
            id="unknown partition",
        ),
        pytest.param(
            attachment(
                "data.aws_iam_policy.x.arn", 'data "aws_iam_policy" "x" {\nname = "PowerUserAccess"\n}'
            ),
            "aws_iam_role_policy_attachment.x",
            "policy_arn = data.aws_iam_policy.x.arn",
            "`PowerUserAccess`",
            id="looked up by name",
        ),
        pytest.param(
            f"""
            resource "aws_iam_role" "x" {{
              managed_policy_arns = [
                {aws("AmazonSSMManagedInstanceCore")},
                {aws("job-function/NetworkAdministrator")},
              ]
            }}
            """,
            "aws_iam_role.x",
            '"arn:aws:iam::aws:policy/job-function/NetworkAdministrator",',
            "`job-function/NetworkAdministrator` on `aws_iam_role.x`",
            id="managed_policy_arns, one of two",
        ),
        pytest.param(
            f"""
            resource "aws_iam_role_policy_attachment" "x" {{
              for_each   = toset([{aws("AmazonEKSWorkerNodePolicy")}, {aws("service-role/AmazonEC2RoleforSSM")}])
              role       = "node"
              policy_arn = each.value
            }}
            """,
            'aws_iam_role_policy_attachment.x["arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"]',
            f"for_each   = toset([{aws('AmazonEKSWorkerNodePolicy')}, {aws('service-role/AmazonEC2RoleforSSM')}])",
            "`service-role/AmazonEC2RoleforSSM` on `node`",
            id="one of for_each",
        ),
        *[
            pytest.param(
                f"""
                module "x" {{
                  source = "{source}"
                  {argument} = {{
                    a = {aws("AmazonS3FullAccess")}
                  }}
                }}
                """,
                "module.x",
                f"a = {aws('AmazonS3FullAccess')}",
                f"`AmazonS3FullAccess` on `module.x` grants far more than {who}",
                id=f"{source} {argument}",
            )
            for source, argument, who in [
                ("terraform-aws-modules/eks/aws", "iam_role_additional_policies", "the control plane needs."),
                (
                    "terraform-aws-modules/eks/aws//modules/karpenter",
                    "node_iam_role_additional_policies",
                    "nodes need.",
                ),
                (
                    "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts",
                    "policies",
                    "one workload",
                ),
                (
                    "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts-eks",
                    "role_policy_arns",
                    "one",
                ),
                ("cloudposse/eks-node-group/aws", "node_role_policy_arns", "nodes need."),
                (
                    "terraform-aws-modules/eks/aws//modules/eks-managed-node-group",
                    "iam_role_additional_policies",
                    "nodes need.",
                ),
                (
                    "terraform-aws-modules/emr/aws//modules/virtual-cluster",
                    "iam_role_additional_policies",
                    "one workload needs.",
                ),
            ]
        ],
        pytest.param(
            f"""
            module "eks" {{
              source = "terraform-aws-modules/eks/aws"
              eks_managed_node_group_defaults = {{
                iam_role_additional_policies = [
                  {aws("AmazonDynamoDBFullAccess")},
                ]
              }}
            }}
            """,
            "module.eks",
            f"{aws('AmazonDynamoDBFullAccess')},",
            "`AmazonDynamoDBFullAccess`",
            id="defaults of node groups, a list",
        ),
    ],
)
def test_broad_managed_policy(code: str, address: str, text: str, message: str) -> None:
    [found] = problems(MANAGED, code)
    assert (found.address, found.text) == (address, text)
    assert message in found.message


def test_broad_managed_policy_in_json() -> None:
    role = f'{{"managed_policy_arns": [{aws("AmazonS3FullAccess")}]}}'
    code = f'{{"resource": {{"aws_iam_role": {{"x": {role}}}}}}}'
    [found] = problems(MANAGED, {"main.tf.json": code})
    assert found.address == "aws_iam_role.x"


@pytest.mark.parametrize(
    "policy",
    [
        "AmazonEKSClusterPolicy",
        "AmazonEKSServicePolicy",
        "AmazonEKSVPCResourceController",
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKSWorkerNodeMinimalPolicy",
        "AmazonEKS_CNI_Policy",
        "AmazonEC2ContainerRegistryReadOnly",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKSFargatePodExecutionRolePolicy",
        "AmazonEKSComputePolicy",
        "AmazonEKSBlockStoragePolicy",
        "AmazonEKSLoadBalancingPolicy",
        "AmazonEKSNetworkingPolicy",
        "service-role/AmazonEBSCSIDriverPolicy",
        "service-role/AmazonEFSCSIDriverPolicy",
        "AmazonSSMManagedInstanceCore",
        "CloudWatchAgentServerPolicy",
        "AWSXrayWriteOnlyAccess",
        "AmazonPrometheusRemoteWriteAccess",
        "service-role/AWSBackupServiceRolePolicyForBackup",
    ],
)
def test_policies_that_eks_needs_are_fine(policy: str) -> None:
    assert states(MANAGED, attachment(aws(policy))) == {"aws_iam_role_policy_attachment.x": State.PASS}


@pytest.mark.parametrize(
    "code",
    [
        attachment("aws_iam_policy.own.arn", 'resource "aws_iam_policy" "own" {}'),
        attachment('"arn:aws:iam::111122223333:policy/TeamFullAccess"'),
        attachment("module.policy.arn"),
    ],
)
def test_policies_of_the_customer_are_read_elsewhere(code: str) -> None:
    assert states(MANAGED, code) == {"aws_iam_role_policy_attachment.x": State.PASS}


def test_unknown_managed_policy_is_not_evaluated() -> None:
    assert reasons(MANAGED, attachment("var.arn", 'variable "arn" {}')) == [
        "`var.arn` has no value in the code"
    ]


EVERYTHING = 'actions = ["*"]\nresources = ["*"]'


@pytest.mark.parametrize(
    ("code", "address", "text", "message"),
    [
        pytest.param(
            document(EVERYTHING),
            "data.aws_iam_policy_document.x",
            'actions = ["*"]',
            "allows `*` on `*`",
            id="everything",
        ),
        pytest.param(
            document('actions = [\n"s3:GetObject",\n"iam:*",\n]\nresources = ["*"]'),
            "data.aws_iam_policy_document.x",
            '"iam:*",',
            "Statement allows `iam:*` on `*`.",
            id="one action of several",
        ),
        pytest.param(
            document('actions = concat(["ec2:*"], var.more)\nresources = ["*"]', rest='variable "more" {}'),
            "data.aws_iam_policy_document.x",
            'actions = concat(["ec2:*"], var.more)',
            "`ec2:*`",
            id="one known action of an unknown list",
        ),
        pytest.param(
            document('not_actions = ["iam:*"]\nresources = ["*"]'),
            "data.aws_iam_policy_document.x",
            'not_actions = ["iam:*"]',
            "Statement allows everything but what `NotAction` lists.",
            id="NotAction with Allow",
        ),
        pytest.param(
            document('actions = ["s3:GetObject"]\nnot_resources = ["arn:aws:s3:::secret/*"]'),
            "data.aws_iam_policy_document.x",
            'not_resources = ["arn:aws:s3:::secret/*"]',
            "Statement allows everything but what `NotResource` lists.",
            id="NotResource with Allow",
        ),
        pytest.param(
            document(
                EVERYTHING
                + '\ncondition {\ntest = "Bool"\nvariable = "aws:SecureTransport"\nvalues = ["true"]\n}'
            ),
            "data.aws_iam_policy_document.x",
            'actions = ["*"]',
            "`*` on `*`",
            id="a condition that pins nothing",
        ),
        pytest.param(
            """
            resource "aws_iam_policy" "x" {
              policy = jsonencode({
                Statement = [
                  {
                    Effect   = "Allow"
                    Action   = "ec2:*"
                    Resource = aws_instance.x.arn
                  },
                  {
                    Effect   = "Allow"
                    Action   = ["s3:*"]
                    Resource = "*"
                  },
                ]
              })
            }
            resource "aws_instance" "x" {}
            """,
            "aws_iam_policy.x",
            'Action   = ["s3:*"]',
            "`s3:*` on `*`",
            id="jsonencode, partly unknown",
        ),
        pytest.param(
            """
            resource "aws_iam_role_policy" "x" {
              policy = jsonencode({
                Statement = [
                  { Effect = "Deny", Action = "s3:*", Resource = "*" },
                  { Effect = "Allow", Action = "s3:*", Resource = "*" },
                ]
              })
            }
            """,
            "aws_iam_role_policy.x",
            '{ Effect = "Allow", Action = "s3:*", Resource = "*" },',
            "`s3:*` on `*`",
            id="jsonencode, wholly known: the line of the second of two equal actions",
        ),
        pytest.param(
            """
            resource "aws_iam_user_policy" "x" {
              policy = <<-EOF
                {
                  "Statement": [
                    {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "${aws_s3_bucket.x.arn}/*"},
                    {"Effect": "Allow", "Action": ["ec2:*"], "Resource": "*"}
                  ]
                }
              EOF
            }
            """,
            "aws_iam_user_policy.x",
            '{"Effect": "Allow", "Action": ["ec2:*"], "Resource": "*"}',
            "`ec2:*` on `*`",
            id="heredoc with a template in it",
        ),
        pytest.param(
            """
            resource "aws_iam_group_policy" "x" {
              policy = <<EOF
            {"Statement": {"Effect": "Allow", "Action": "*", "Resource": ${jsonencode(var.arns)}}}
            EOF
            }
            variable "arns" {}
            """,
            "aws_iam_group_policy.x",
            '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": ${jsonencode(var.arns)}}}',
            "`*` on",
            id="heredoc with a whole value in a template, a single statement",
        ),
        pytest.param(
            """
            resource "aws_iam_role" "x" {
              assume_role_policy = "{}"
              inline_policy {
                name   = "all"
                policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*:*", Resource = "*" }] })
              }
            }
            """,
            "aws_iam_role.x",
            'policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*:*", Resource = "*" }] })',
            "`*:*` on `*`",
            id="inline policy of a role",
        ),
        pytest.param(
            """
            module "eks" {
              source = "terraform-aws-modules/eks/aws"
              eks_managed_node_groups = {
                main = {
                  iam_role_policy_statements = [
                    {
                      actions   = ["dynamodb:*"]
                      resources = ["*"]
                    },
                  ]
                }
              }
            }
            """,
            "module.eks",
            'actions   = ["dynamodb:*"]',
            "`dynamodb:*` on `*`",
            id="module eks, statements of a node group",
        ),
        pytest.param(
            """
            module "x" {
              source = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts"
              inline_policy_permissions = {
                queue = {
                  actions   = ["sqs:*"]
                  resources = ["*"]
                }
              }
            }
            """,
            "module.x",
            'actions   = ["sqs:*"]',
            "`sqs:*` on `*`",
            id="module iam, statements by name",
        ),
        pytest.param(
            """
            module "x" {
              source = "terraform-aws-modules/iam/aws//modules/iam-policy"
              policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] })
            }
            """,
            "module.x",
            'policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] })',
            "`sqs:*` on `*`",
            id="module iam-policy",
        ),
        pytest.param(
            """
            data "aws_iam_policy_document" "x" {
              source_policy_documents = [jsonencode({
                Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }]
              })]
            }
            """,
            "data.aws_iam_policy_document.x",
            'Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }]',
            "`sqs:*` on `*`",
            id="JSON as a source of a policy document",
        ),
    ],
)
def test_wildcard_action(code: str, address: str, text: str, message: str) -> None:
    [found] = problems(WILDCARD, code)
    assert (found.address, found.text) == (address, text)
    assert message in found.message


def test_wildcard_action_in_files() -> None:
    files = {
        "main.tf": 'resource "aws_iam_policy" "x" {\npolicy = file("${path.module}/policy.json")\n}',
        "policy.json": '{"Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}',
    }
    [found] = problems(WILDCARD, files)
    assert (found.address, found.path, found.text) == (
        "aws_iam_policy.x",
        "policy.json",
        files["policy.json"],
    )


def test_json_syntax() -> None:
    code = """
    {"data": {"aws_iam_policy_document": {"x": {"statement": [
      {"actions": ["ec2:*"],
       "resources": ["*"]}
    ]}}}}
    """
    [found] = problems(WILDCARD, {"main.tf.json": code})
    assert (found.address, found.text) == ("data.aws_iam_policy_document.x", '{"actions": ["ec2:*"],')


def test_a_document_is_reported_once_however_often_it_is_used() -> None:
    code = document(
        EVERYTHING, rest='resource "aws_iam_policy" "a" {\npolicy = data.aws_iam_policy_document.x.json\n}'
    )
    assert [each.address for each in problems(WILDCARD, code)] == ["data.aws_iam_policy_document.x"]


def test_a_local_module_is_read_inside() -> None:
    files = {
        "main.tf": 'module "app" {\nsource = "./app"\nactions = ["s3:*"]\n}',
        "app/main.tf": document('actions = var.actions\nresources = ["*"]', rest='variable "actions" {}'),
    }
    [found] = problems(WILDCARD, files)
    assert (found.address, found.path, found.text) == (
        "module.app.data.aws_iam_policy_document.x",
        "main.tf",
        'actions = ["s3:*"]',
    )


PINNED = """
actions   = ["ec2:*"]
resources = ["*"]
condition {{
  test     = "StringEquals"
  variable = "{}"
  values   = ["prod"]
}}
"""


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            document('actions = ["s3:*"]\nresources = ["arn:aws:s3:::logs/*"]'), id="service on a named ARN"
        ),
        pytest.param(document('actions = ["ec2:Describe*"]\nresources = ["*"]'), id="part of a service"),
        pytest.param(
            document(PINNED.format("aws:ResourceTag/kubernetes.io/cluster/prod")), id="condition on a tag"
        ),
        pytest.param(document(PINNED.format("eks:cluster-name")), id="condition on the cluster"),
    ],
)
def test_narrow_statements_pass(code: str) -> None:
    assert states(WILDCARD, code) == {"data.aws_iam_policy_document.x": State.PASS}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param(document('effect = "Deny"\n' + EVERYTHING), "the statement denies", id="Deny"),
        pytest.param(
            document('effect = "Deny"\nnot_actions = ["iam:*"]\nresources = ["*"]'),
            "the statement denies",
            id="Deny NotAction",
        ),
        pytest.param(
            document(EVERYTHING + '\nprincipals {\ntype = "AWS"\nidentifiers = ["arn:aws:iam::1:root"]\n}'),
            "a policy of a resource or a role's trust, not of permissions",
            id="the AWS default of a key policy",
        ),
        pytest.param(
            """
            resource "aws_kms_key" "x" {
              policy = jsonencode({ Statement = [{ Action = "kms:*", Resource = "*" }] })
            }
            """,
            "not a policy of permissions",
            id="key policy as JSON",
        ),
        pytest.param(
            document(EVERYTHING, name="permissions_boundary"),
            "a permissions boundary or guardrail limits and grants nothing",
            id="boundary by the document's name",
        ),
        pytest.param(
            document(
                EVERYTHING,
                rest='resource "aws_iam_policy" "x" {\nname = "TeamBoundary"\n'
                "policy = data.aws_iam_policy_document.x.json\n}",
            ),
            "a permissions boundary or guardrail limits and grants nothing",
            id="boundary by the name of the policy that uses the document",
        ),
        pytest.param(
            document(
                EVERYTHING,
                rest="""
                resource "aws_organizations_policy" "x" {
                  content = data.aws_iam_policy_document.x.json
                }
                """,
            ),
            "not a policy of permissions",
            id="service control policy",
        ),
    ],
)
def test_what_grants_nothing_is_not_applicable(code: str, reason: str) -> None:
    [outcome] = outcomes(WILDCARD, code)
    assert (outcome.state, outcome.reason) == (State.NOT_APPLICABLE, reason)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            document('actions = ["ec2:*"]\nresources = var.arns', rest='variable "arns" {}'),
            "`var.arns` has no value in the code",
        ),
        (
            'resource "aws_iam_policy" "x" {\npolicy = var.json\n}\nvariable "json" {}',
            "`var.json` has no value in the code",
        ),
        (
            """
            data "aws_iam_policy_document" "x" {
              dynamic "statement" {
                for_each = var.s
                content {}
              }
            }
            variable "s" {}
            """,
            "`var.s` has no value in the code",
        ),
        (
            'resource "aws_iam_policy" "x" {\npolicy = "{broken"\n}',
            "the text is not JSON that can be read",
        ),
    ],
)
def test_unknown_statements_are_not_evaluated(code: str, reason: str) -> None:
    assert [each.state for each in outcomes(WILDCARD, code)] == [State.NOT_EVALUATED]
    assert reasons(WILDCARD, code) == [reason]


def test_a_statement_that_an_override_replaces_is_gone() -> None:
    code = """
    data "aws_iam_policy_document" "base" {
      override_policy_documents = [data.aws_iam_policy_document.narrow.json]
      statement {
        sid       = "Compute"
        actions   = ["ec2:*"]
        resources = ["*"]
      }
    }
    data "aws_iam_policy_document" "narrow" {
      statement {
        sid       = "Compute"
        actions   = ["ec2:DescribeInstances"]
        resources = ["*"]
      }
    }
    """
    assert problems(WILDCARD, code) == []
