"""EKS-SEC-208 to 213: who administers a cluster, what nodes give away, and what the world may read."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import outcomes, problems, reasons, states
from tests.checks.suggested import with_fixes

ADMIN = "EKS-SEC-208"
MODE = "EKS-SEC-209"
RBAC = "EKS-SEC-210"
METADATA = "EKS-SEC-211"
PUBLIC = "EKS-SEC-213"

POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
USER = "arn:aws:iam::111122223333:user/dev"


def association(principal: str, name: str = "x", scope: str = "cluster") -> str:
    return f"""
    resource "aws_eks_access_policy_association" "{name}" {{
      principal_arn = {principal}
      policy_arn    = "{POLICY}"
      access_scope {{
        type = "{scope}"
      }}
    }}
    """


def module(arguments: str, version: str = "~> 20.0", name: str = "eks") -> str:
    source = "terraform-aws-modules/eks/aws"
    return f'module "{name}" {{\nsource = "{source}"\nversion = "{version}"\n{arguments}\n}}\n'


@pytest.mark.parametrize(
    ("code", "text", "message"),
    [
        (
            association(f'"{USER}"'),
            f'policy_arn    = "{POLICY}"',
            f"`{USER}` becomes cluster-admin via an access entry.",
        ),
        (
            association('"arn:aws:iam::111122223333:root"'),
            f'policy_arn    = "{POLICY}"',
            "`arn:aws:iam::111122223333:root` becomes cluster-admin",
        ),
        (
            (
                f'resource "aws_eks_access_entry" "x" {{\nprincipal_arn = "{USER}"\n'
                'kubernetes_groups = ["system:masters"]\n}}'
            ),
            'kubernetes_groups = ["system:masters"]',
            "becomes cluster-admin via an access entry.",
        ),
        (
            """
            resource "kubernetes_config_map_v1_data" "x" {
              metadata {
                name = "aws-auth"
              }
              data = {
                mapRoles = <<-EOT
                  - rolearn: arn:aws:iam::111122223333:role/ops
                    groups:
                      - system:masters
                EOT
              }
            }
            """,
            "- system:masters",
            "`arn:aws:iam::111122223333:role/ops` becomes cluster-admin via the aws-auth ConfigMap.",
        ),
        (
            """
            resource "kubernetes_config_map" "x" {
              metadata {
                name = "aws-auth"
              }
              data = {
                mapUsers = yamlencode([{
                  userarn = var.user
                  groups  = ["system:masters"]
                }])
              }
            }
            variable "user" {}
            """,
            'groups  = ["system:masters"]',
            "`var.user` becomes cluster-admin via the aws-auth ConfigMap.",
        ),
        (
            module('aws_auth_roles = [{\nrolearn = "r"\ngroups = ["system:masters"]\n}]', "~> 19.0"),
            'groups = ["system:masters"]',
            "`r` becomes cluster-admin via the aws-auth ConfigMap.",
        ),
        (
            module(
                'aws_auth_roles = [{\nrolearn = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/ops"\n'
                'groups = ["system:masters"]\n}]',
                "~> 19.0",
            ),
            'groups = ["system:masters"]',
            "`arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/ops` becomes cluster-admin via",
        ),
        (
            module(
                f'access_entries = {{\ndev = {{\nprincipal_arn = "{USER}"\npolicy_associations = {{\na = {{\n'
                f'policy_arn = "{POLICY}"\naccess_scope = {{ type = "cluster" }}\n}}\n}}\n}}\n}}',
                "~> 21.0",
            ),
            f'policy_arn = "{POLICY}"',
            f"`{USER}` becomes cluster-admin via an access entry.",
        ),
        (
            "".join(association(f"aws_iam_role.{each}.arn", each) for each in "abc")
            + "".join(f'resource "aws_iam_role" "{each}" {{}}\n' for each in "abc"),
            f'policy_arn    = "{POLICY}"',
            "`aws_iam_role.c.arn` becomes cluster-admin via an access entry, besides 2 others.",
        ),
    ],
)
def test_admin(code: str, text: str, message: str) -> None:
    [found] = problems(ADMIN, code)
    assert found.text == text
    assert message in found.message


def test_a_binding_of_a_template_stands_on_its_argument() -> None:
    files = {
        "main.tf": """
            locals {
              account = "provider"
            }
            resource "kubectl_manifest" "binding" {
              yaml_body = templatefile("${path.module}/binding.yaml", { account = local.account })
            }
            """,
        "binding.yaml": (
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata:\n  name: b\n"
            "roleRef:\n  kind: ClusterRole\n  name: cluster-admin\n"
            "subjects:\n- kind: ServiceAccount\n  name: ${account}\n  namespace: crossplane-system\n"
        ),
    }
    [found] = problems(RBAC, files)
    assert found.text.startswith("yaml_body = templatefile(")


def test_users_of_an_encoded_map_stand_where_they_are_written() -> None:
    code = """
    resource "kubernetes_config_map_v1_data" "aws_auth" {
      metadata {
        name = "aws-auth"
      }
      data = {
        mapUsers = yamlencode(var.users)
      }
    }
    variable "users" {
      default = [
        {
          username = "one"
          userarn  = "arn:aws:iam::111122223333:user/one"
          groups   = ["system:masters"] # the first
        },
        {
          username = "two"
          userarn  = "arn:aws:iam::111122223333:user/two"
          groups   = ["system:masters"] # the second
        },
      ]
    }
    """
    assert [(each.text, each.message) for each in problems(ADMIN, code)] == [
        (
            f'groups   = ["system:masters"] # the {which}',
            f"`arn:aws:iam::111122223333:user/{user}` becomes cluster-admin via the aws-auth ConfigMap.",
        )
        for which, user in (("first", "one"), ("second", "two"))
    ]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(association('"arn:aws:iam::111122223333:role/platform"'), id="one role"),
        pytest.param(
            association("var.a", "a") + association("var.b", "b") + 'variable "a" {}\nvariable "b" {}',
            id="two",
        ),
        pytest.param(association(f'"{USER}"', scope="namespace"), id="scope of a namespace"),
        pytest.param(association("var.a") + 'variable "a" {}', id="unknown principal"),
        pytest.param(module("enable_cluster_creator_admin_permissions = true"), id="the creator"),
        pytest.param(
            association(f'"{USER}"').replace("ClusterAdminPolicy", "EditPolicy"), id="a smaller policy"
        ),
        pytest.param(
            module('aws_auth_roles = [{\nrolearn = "r"\ngroups = ["system:nodes"]\n}]', "~> 19.0"), id="nodes"
        ),
    ],
)
def test_no_admin(code: str) -> None:
    assert [each.message for each in problems(ADMIN, code)] == []


PODS = """
resource "aws_iam_role" "app" {{
  assume_role_policy = jsonencode({{
    Statement = [{{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = {{ {} }}
    }}]
  }})
}}
"""
BY_IDENTITY = PODS.format('Service = "pods.eks.amazonaws.com"')
BY_ISSUER = PODS.format('Federated = "arn:aws:iam::1:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A"')
BY_DOCUMENT = """
resource "aws_iam_role" "app" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [module.eks.oidc_provider_arn]
    }
  }
}
"""
BY_ASSOCIATION = """
resource "aws_iam_role" "app" {}
resource "aws_eks_pod_identity_association" "app" {
  role_arn = aws_iam_role.app.arn
}
"""
BY_PEOPLE = PODS.format('AWS = "arn:aws:iam::111122223333:role/sso"')
BY_GITHUB = """
resource "aws_iam_openid_connect_provider" "github" {
  url = "https://token.actions.githubusercontent.com"
}
""" + PODS.format("Federated = aws_iam_openid_connect_provider.github.arn")


@pytest.mark.parametrize("role", [BY_IDENTITY, BY_ISSUER, BY_DOCUMENT, BY_ASSOCIATION])
def test_a_role_of_pods_is_no_administrator(role: str) -> None:
    [found] = problems(ADMIN, association("aws_iam_role.app.arn") + role)
    assert found.text == f'policy_arn    = "{POLICY}"'
    assert (
        found.message == "`aws_iam_role.app.arn`, a role of pods, becomes cluster-admin via an access entry."
    )


@pytest.mark.parametrize("role", [BY_PEOPLE, BY_GITHUB])
def test_a_role_of_people_and_pipelines_may_be_one(role: str) -> None:
    assert problems(ADMIN, association("aws_iam_role.app.arn") + role) == []


def test_how_many_administrators_there_may_be_is_configured() -> None:
    two = "".join(association(f'"arn:aws:iam::111122223333:role/{each}"', each) for each in "ab")
    assert problems(ADMIN, two) == []
    assert [each.message for each in problems(ADMIN, two, max_cluster_admins=1)] == [
        "`arn:aws:iam::111122223333:role/b` becomes cluster-admin via an access entry, besides 1 others."
    ]
    assert [each.address for each in problems(ADMIN, two, max_cluster_admins=0)] == [
        "aws_eks_access_policy_association.a",
        "aws_eks_access_policy_association.b",
    ]


def test_unknown_mappings_are_not_evaluated() -> None:
    code = module("aws_auth_roles = var.roles", "~> 19.0") + 'variable "roles" {}'
    assert reasons(ADMIN, code) == ["`var.roles` has no value in the code"]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ('resource "aws_eks_cluster" "x" {}', 'resource "aws_eks_cluster" "x" {}'),
        (
            'resource "aws_eks_cluster" "x" {\naccess_config {\nauthentication_mode = "CONFIG_MAP"\n}\n}',
            'authentication_mode = "CONFIG_MAP"',
        ),
        (module("", "~> 19.0"), 'module "eks" {'),
        (module('authentication_mode = "CONFIG_MAP"'), 'authentication_mode = "CONFIG_MAP"'),
    ],
)
def test_legacy_mode(code: str, text: str) -> None:
    assert [each.text for each in problems(MODE, code)] == [text]


@pytest.mark.parametrize(
    "code",
    [
        module("", "~> 20.0"),
        module("", "~> 21.0"),
        'module "x" {\nsource = "cloudposse/eks-cluster/aws"\nversion = "4.11.0"\n}',
        'resource "aws_eks_cluster" "x" {\naccess_config {\nauthentication_mode = "API"\n}\n}',
    ],
)
def test_modern_mode(code: str) -> None:
    assert [each.state for each in outcomes(MODE, code)] == [State.PASS]


def test_mode_of_a_local_cluster_is_not_applicable() -> None:
    code = 'resource "aws_eks_cluster" "x" {\noutpost_config {}\n}'
    assert [each.state for each in outcomes(MODE, code)] == [State.NOT_APPLICABLE]


def test_access_entries_are_switched_on_and_nothing_else() -> None:
    bare = 'resource "aws_eks_cluster" "x" {\n  name = "x"\n}\n'
    assert '  access_config {\n    authentication_mode = "API_AND_CONFIG_MAP"\n  }\n' in with_fixes(
        MODE, bare
    )
    written = 'resource "aws_eks_cluster" "x" {\n  access_config {\n    authentication_mode = "CONFIG_MAP"\n  }\n}\n'
    assert with_fixes(MODE, written) == written.replace("CONFIG_MAP", "API_AND_CONFIG_MAP")
    named = module('authentication_mode = "CONFIG_MAP"')
    assert with_fixes(MODE, named) == named.replace("CONFIG_MAP", "API_AND_CONFIG_MAP")


def test_old_module_is_told_to_upgrade() -> None:
    [outcome] = outcomes(MODE, module("", "~> 19.0"))
    assert [each.hint for each in outcome.problems] == [
        "Upgrade the module to version 20 or later, which makes access entries."
    ]
    assert [each.fix for each in outcome.problems] == [None]


def binding(subject: str, role: str = "cluster-admin", kind: str = "kubernetes_cluster_role_binding") -> str:
    return f'resource "{kind}" "x" {{\nrole_ref {{\nname = "{role}"\n}}\nsubject {{\n{subject}\n}}\n}}'


@pytest.mark.parametrize(
    ("code", "text", "message"),
    [
        (
            binding('kind = "ServiceAccount"\nname = "ci"'),
            'name = "ci"',
            "Service account `default/ci` is cluster-admin.",
        ),
        (
            binding('kind = "Group"\nname = "system:authenticated"\nnamespace = "argocd"'),
            'name = "system:authenticated"',
            "`system:authenticated` is cluster-admin.",
        ),
        (
            binding('kind = "ServiceAccount"\nname = "argocd-application-controller"\nnamespace = "argocd"'),
            'name = "argocd-application-controller"',
            (
                "Service account `argocd/argocd-application-controller` "
                "is cluster-admin (a known operator that asks for it)."
            ),
        ),
        *[
            (
                binding(f'kind = "ServiceAccount"\nname = "c"\nnamespace = "{space}"'),
                'name = "c"',
                f"Service account `{space}/c` is cluster-admin (a known operator that asks for it).",
            )
            for space in ("crossplane-system", "flux-system")
        ],
        *[
            (
                binding(f'kind = "{kind}"\nname = "{name}"'),
                f'name = "{name}"',
                f"`{name}` is cluster-admin.",
            )
            for kind, name in (("Group", "system:unauthenticated"), ("User", "system:anonymous"))
        ],
        *[
            (
                (
                    'resource "kubernetes_cluster_role" "x" {\nmetadata {\nname = "r"\n}\nrule {\n'
                    f'api_groups = [""]\nresources = ["roles"]\nverbs = ["{verb}"]\n}}\n}}'
                ),
                f'verbs = ["{verb}"]',
                f"ClusterRole `r` allows `{verb}`: its holder can become cluster-admin.",
            )
            for verb in ("escalate", "bind")
        ],
        (
            """
            resource "kubernetes_manifest" "x" {
              manifest = {
                apiVersion = "rbac.authorization.k8s.io/v1"
                kind       = "ClusterRoleBinding"
                metadata   = { name = "ci" }
                roleRef    = { kind = "ClusterRole", name = "cluster-admin" }
                subjects = [{
                  kind      = "ServiceAccount"
                  name      = "runner"
                  namespace = "ci"
                }]
              }
            }
            """,
            'name      = "runner"',
            "Service account `ci/runner` is cluster-admin.",
        ),
        (
            binding('kind = "Group"\nname = "system:authenticated"'),
            'name = "system:authenticated"',
            "`system:authenticated` is cluster-admin.",
        ),
        (
            binding('kind = "Group"\nname = "system:serviceaccounts:ci"'),
            'name = "system:serviceaccounts:ci"',
            "`system:serviceaccounts:ci` is cluster-admin.",
        ),
        (
            (
                'resource "kubernetes_cluster_role_v1" "x" {\n'
                'metadata {\nname = "all"\n}\nrule {\napi_groups = ["*"]\n'
                'resources = ["*"]\nverbs = ["*"]\n}\n}'
            ),
            'verbs = ["*"]',
            "ClusterRole `all` allows every verb on every resource.",
        ),
        (
            (
                'resource "kubernetes_role" "x" {\nmetadata {\nname = "r"\n}\nrule {\napi_groups = [""]\n'
                'resources = ["users"]\nverbs = ["get", "impersonate"]\n}\n}'
            ),
            'verbs = ["get", "impersonate"]',
            "Role `r` allows `impersonate`: its holder can become cluster-admin.",
        ),
        (
            """
            resource "kubectl_manifest" "x" {
              yaml_body = <<-YAML
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata:
                  name: ci
                roleRef:
                  kind: ClusterRole
                  name: cluster-admin
                subjects:
                  - kind: ServiceAccount
                    name: runner
                    namespace: ci
              YAML
            }
            """,
            "name: runner",
            "Service account `ci/runner` is cluster-admin.",
        ),
    ],
)
def test_rbac(code: str, text: str, message: str) -> None:
    [found] = problems(RBAC, code)
    assert (found.text, found.message) == (text, message)


@pytest.mark.parametrize(
    "code",
    [
        binding('kind = "Group"\nname = "platform-admins"'),
        binding('kind = "ServiceAccount"\nname = "ci"', role="view"),
        (
            'resource "kubernetes_cluster_role" "x" {\nrule {\n'
            'api_groups = ["*"]\nresources = ["*"]\nverbs = ["get"]\n}\n}'
        ),
    ],
)
def test_rbac_is_fine(code: str) -> None:
    assert [each.state for each in outcomes(RBAC, code)] == [State.PASS]


def test_a_role_binding_in_one_namespace_is_not_applicable() -> None:
    code = binding('kind = "ServiceAccount"\nname = "ci"', kind="kubernetes_role_binding")
    assert [each.state for each in outcomes(RBAC, code)] == [State.NOT_APPLICABLE]


TEMPLATE = 'resource "aws_launch_template" "x" {{\n{}\n}}\n'


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (TEMPLATE.format("image_id = var.ami") + 'variable "ami" {}', 'resource "aws_launch_template" "x" {'),
        (TEMPLATE.format('name = "x"'), 'resource "aws_launch_template" "x" {'),
        (
            TEMPLATE.format('image_id = "ami-1"\nmetadata_options {\nhttp_tokens = "optional"\n}'),
            'http_tokens = "optional"',
        ),
        (
            TEMPLATE.format('image_id = "ami-1"\nmetadata_options {\nhttp_put_response_hop_limit = 2\n}'),
            "metadata_options {",
        ),
        (
            'resource "aws_launch_configuration" "x" {\nimage_id = "ami-1"\n}',
            'resource "aws_launch_configuration" "x" {',
        ),
        (
            module(
                'eks_managed_node_groups = {\na = {\nmetadata_options = {\nhttp_tokens = "optional"\n}\n}\n}'
            ),
            'http_tokens = "optional"',
        ),
        (
            (
                'module "x" {\nsource = "cloudposse/eks-node-group/aws"\nversion = "3.3.0"\n'
                "metadata_http_tokens_required = false\n}"
            ),
            "metadata_http_tokens_required = false",
        ),
        (
            TEMPLATE.format("image_id = data.aws_ami.eks.id")
            + 'data "aws_ami" "eks" {\nfilter {\nname = "name"\nvalues = ["amazon-eks-node-1.29-v*"]\n}\n}',
            'resource "aws_launch_template" "x" {',
        ),
    ],
)
def test_metadata(code: str, text: str) -> None:
    assert [each.text for each in problems(METADATA, code)] == [text]


GROUP = """
resource "aws_eks_node_group" "x" {
  ami_type = "AL2023_x86_64_STANDARD"
  launch_template {
    id      = aws_launch_template.x.id
    version = 1
  }
}
"""


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(TEMPLATE.format('metadata_options {\nhttp_tokens = "required"\n}'), id="required"),
        pytest.param(TEMPLATE.format('metadata_options {\nhttp_endpoint = "disabled"\n}'), id="no metadata"),
        pytest.param(TEMPLATE.format("") + GROUP, id="EKS chooses an image that enforces it"),
        pytest.param(
            TEMPLATE.format("image_id = data.aws_ssm_parameter.x.value")
            + 'data "aws_ssm_parameter" "x" {\n'
            + 'name = "/aws/service/eks/optimized-ami/1.33/'
            + 'amazon-linux-2023/x86_64/standard/recommended/image_id"\n}',
            id="Amazon Linux 2023 by SSM",
        ),
        pytest.param(
            TEMPLATE.format("image_id = data.aws_ami.x.id")
            + 'data "aws_ami" "x" {\nfilter {\nname = "name"\nvalues = ["bottlerocket-aws-k8s-*"]\n}\n}',
            id="Bottlerocket by its name",
        ),
        pytest.param(module("eks_managed_node_groups = {\na = {}\n}"), id="the module's default"),
        pytest.param(
            'module "x" {\nsource = "cloudposse/eks-node-group/aws"\nversion = "3.3.0"\n}',
            id="Cloud Posse's default",
        ),
    ],
)
def test_metadata_is_safe(code: str) -> None:
    assert [each.state for each in outcomes(METADATA, code)] == [State.PASS]


REQUIRED = 'metadata_options {{\nhttp_tokens = "required"\nhttp_put_response_hop_limit = {}\n}}'


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (TEMPLATE.format(REQUIRED.format(2)), "http_put_response_hop_limit = 2"),
        (module("eks_managed_node_groups = {\na = {}\n}"), "a = {}"),
        (
            'module "x" {\nsource = "cloudposse/eks-node-group/aws"\nversion = "3.3.0"\n}',
            'module "x" {',
        ),
    ],
)
def test_hops_are_counted_when_the_configuration_limits_them(code: str, text: str) -> None:
    assert problems(METADATA, code) == []
    [found] = problems(METADATA, code, max_hop_limit=1)
    assert found.text == text
    assert found.message == (
        "Metadata answers over `2` hops, more than `1`: pods can read the credentials of the node's role."
    )


@pytest.mark.parametrize(
    "code",
    [
        TEMPLATE.format(REQUIRED.format(1)),
        TEMPLATE.format('metadata_options {\nhttp_tokens = "required"\n}'),
        module("eks_managed_node_groups = {\na = {}\n}", "~> 21.0"),
        module('eks_managed_node_groups = {\na = {\nmetadata_options = {\nhttp_tokens = "required"\n}\n}\n}'),
    ],
)
def test_one_hop_is_within_the_limit(code: str) -> None:
    assert problems(METADATA, code, max_hop_limit=1) == []


def test_fewer_hops_are_suggested() -> None:
    code = TEMPLATE.format(REQUIRED.format(2))
    assert "http_put_response_hop_limit = 1" in with_fixes(METADATA, code, max_hop_limit=1)


def test_metadata_of_an_image_that_depends_on_the_version_is_not_evaluated() -> None:
    code = TEMPLATE.format("") + GROUP.replace('ami_type = "AL2023_x86_64_STANDARD"', "")
    assert reasons(METADATA, code) == [
        "the image of `aws_launch_template.x` is the default of the Kubernetes version"
    ]


def test_no_launch_template_is_no_subject() -> None:
    assert (
        outcomes(METADATA, 'resource "aws_eks_node_group" "x" {\nami_type = "AL2023_x86_64_STANDARD"\n}')
        == []
    )


def bucket_policy(statement: str) -> str:
    return (
        f'resource "aws_s3_bucket_policy" "x" {{\n'
        f"policy = jsonencode({{ Statement = [{{\n{statement}\n}}] }})\n}}"
    )


@pytest.mark.parametrize(
    ("code", "address", "text", "message"),
    [
        (
            bucket_policy('Effect = "Allow"\nPrincipal = "*"\nAction = "s3:GetObject"'),
            "aws_s3_bucket_policy.x",
            'Principal = "*"',
            "`aws_s3_bucket_policy.x` is open to any AWS principal.",
        ),
        (
            bucket_policy('Effect = "Allow"\nPrincipal = { AWS = ["*"] }\nAction = "s3:GetObject"'),
            "aws_s3_bucket_policy.x",
            'Principal = { AWS = ["*"] }',
            "is open to any AWS principal.",
        ),
        (
            """
            data "aws_iam_policy_document" "x" {
              statement {
                actions = ["kms:*"]
                principals {
                  type        = "AWS"
                  identifiers = ["*"]
                }
              }
            }
            resource "aws_kms_key" "x" {
              policy = data.aws_iam_policy_document.x.json
            }
            """,
            "data.aws_iam_policy_document.x",
            'identifiers = ["*"]',
            "`aws_kms_key.x` is open to any AWS principal.",
        ),
        (
            'resource "aws_s3_bucket_acl" "x" {\nacl = "public-read-write"\n}',
            "aws_s3_bucket_acl.x",
            'acl = "public-read-write"',
            "`aws_s3_bucket_acl.x` is readable by anybody: its ACL is `public-read-write`.",
        ),
        (
            'resource "aws_s3_bucket_public_access_block" "x" {\nrestrict_public_buckets = false\n}',
            "aws_s3_bucket_public_access_block.x",
            "restrict_public_buckets = false",
            "`restrict_public_buckets` is off: one policy or ACL makes the bucket public.",
        ),
    ],
)
def test_public(code: str, address: str, text: str, message: str) -> None:
    [found] = problems(PUBLIC, code)
    assert (found.address, found.text) == (address, text)
    assert message in found.message


RESTRICTIONS = [
    "aws:PrincipalOrgID",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceVpce",
    "kms:CallerAccount",
    "aws:SourceIp",
]


@pytest.mark.parametrize(
    "code",
    [
        *[
            bucket_policy(
                'Effect = "Allow"\nPrincipal = "*"\nAction = "s3:GetObject"\n'
                f'Condition = {{ StringEquals = {{ "{key}" = "x" }} }}'
            )
            for key in RESTRICTIONS
        ],
        bucket_policy('Effect = "Deny"\nPrincipal = "*"\nAction = "s3:*"'),
        bucket_policy('Effect = "Allow"\nPrincipal = { AWS = "arn:aws:iam::1:root" }\nAction = "s3:*"'),
        bucket_policy(
            'Effect = "Allow"\nPrincipal = { Service = "logging.s3.amazonaws.com" }\nAction = "s3:PutObject"'
        ),
        'resource "aws_s3_bucket_acl" "x" {\nacl = "private"\n}',
        'resource "aws_s3_bucket_public_access_block" "x" {\nblock_public_acls = true\n}',
    ],
)
def test_not_public(code: str) -> None:
    assert [each.state for each in outcomes(PUBLIC, code)] == [State.PASS]


def test_only_a_flag_that_is_written_off_is_switched_on() -> None:
    code = 'resource "aws_s3_bucket_public_access_block" "x" {\n  block_public_acls = false\n}\n'
    assert with_fixes(PUBLIC, code) == code.replace("false", "true")
    by_variable = code.replace("false", "var.b") + 'variable "b" {\n  default = false\n}\n'
    [outcome] = outcomes(PUBLIC, by_variable)
    assert [each.at.text for each in outcome.problems] == ["false"]


def test_a_bucket_without_a_public_access_block_is_no_subject() -> None:
    assert states(PUBLIC, 'resource "aws_s3_bucket" "x" {}') == {}


def test_who_reads_the_credentials_of_an_instance() -> None:
    template = 'resource "aws_launch_template" "x" {\n  name = "x"\n}\n'
    group = 'resource "aws_eks_node_group" "x" {\n  cluster_name = "prod"\n}\n'
    [alone], [of_nodes] = problems(METADATA, template), problems(METADATA, template + group)
    assert alone.message == (
        "IMDSv1 lets any program with a request forgery read the credentials of the instance's role."
    )
    assert (
        of_nodes.message
        == "IMDSv1 lets any pod with a request forgery read the credentials of the node's role."
    )
