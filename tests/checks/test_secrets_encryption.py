"""EKS-SEC-307 to 310: keys, volumes and data stores."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import outcomes, problems, reasons
from tests.checks.suggested import with_fixes

ROTATION = "EKS-SEC-307"
VOLUME = "EKS-SEC-308"
STORE = "EKS-SEC-309"
KEY = "EKS-SEC-310"


def resource(kind: str, body: str = "", name: str = "x") -> str:
    return f'resource "{kind}" "{name}" {{\n{body}\n}}\n'


def eks(arguments: str, version: str = "~> 20.0") -> str:
    return (
        f'module "eks" {{\nsource = "terraform-aws-modules/eks/aws"\nversion = "{version}"\n{arguments}\n}}\n'
    )


def cloudposse(module: str, arguments: str) -> str:
    return f'module "x" {{\nsource = "cloudposse/{module}/aws"\nversion = "4.0.0"\n{arguments}\n}}\n'


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (resource("aws_kms_key"), 'resource "aws_kms_key" "x" {'),
        (resource("aws_kms_key", "enable_key_rotation = false"), "enable_key_rotation = false"),
        (eks("enable_kms_key_rotation = false"), "enable_kms_key_rotation = false"),
        (
            cloudposse("eks-cluster", "cluster_encryption_config_kms_key_enable_key_rotation = false"),
            "cluster_encryption_config_kms_key_enable_key_rotation = false",
        ),
    ],
)
def test_rotation(code: str, text: str) -> None:
    assert [each.text for each in problems(ROTATION, code)] == [text]
    assert "= true" in with_fixes(ROTATION, code)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (resource("aws_kms_key", "enable_key_rotation = true"), State.PASS),
        (eks("enable_kms_key_rotation = true"), State.PASS),
        (resource("aws_kms_key", 'customer_master_key_spec = "RSA_4096"'), State.NOT_APPLICABLE),
        (resource("aws_kms_key", 'key_usage = "SIGN_VERIFY"'), State.NOT_APPLICABLE),
        (resource("aws_kms_key", 'customer_master_key_spec = "HMAC_256"'), State.NOT_APPLICABLE),
        (resource("aws_kms_key", 'custom_key_store_id = "cks-1"'), State.NOT_APPLICABLE),
        (resource("aws_kms_key", "enable_key_rotation = var.r") + 'variable "r" {}', State.NOT_EVALUATED),
    ],
)
def test_rotation_is_fine(code: str, state: State) -> None:
    assert [each.state for each in outcomes(ROTATION, code)] == [state]


def test_keys_of_other_kinds_and_modules_with_their_default_are_no_subject() -> None:
    assert outcomes(ROTATION, resource("aws_kms_external_key") + eks("")) == []


TEMPLATE = 'block_device_mappings {{\ndevice_name = "/dev/xvda"\nebs {{\nvolume_size = 50\n{}\n}}\n}}'
GROUP = (
    "eks_managed_node_groups = {{\na = {{\nblock_device_mappings = {{\n"
    "xvda = {{\nebs = {{\n{}\n}}\n}}\n}}\n}}\n}}"
)
CLASS = 'storage_provisioner = "ebs.csi.aws.com"\nmetadata {{\nname = "gp3"\n}}\n{}'


@pytest.mark.parametrize(
    ("code", "text", "name"),
    [
        (resource("aws_ebs_volume"), 'resource "aws_ebs_volume" "x" {', "aws_ebs_volume.x"),
        (resource("aws_ebs_volume", "encrypted = false"), "encrypted = false", "aws_ebs_volume.x"),
        (resource("aws_launch_template", TEMPLATE.format("")), "ebs {", "aws_launch_template.x /dev/xvda"),
        (
            resource("aws_launch_template", TEMPLATE.format('encrypted = "false"')),
            'encrypted = "false"',
            "aws_launch_template.x /dev/xvda",
        ),
        (eks(GROUP.format("volume_size = 50")), "ebs = {", 'module.eks.eks_managed_node_groups["a"]'),
        (
            eks(GROUP.format("encrypted = false")),
            "encrypted = false",
            'module.eks.eks_managed_node_groups["a"]',
        ),
        (
            cloudposse("eks-node-group", "block_device_mappings = [{\nencrypted = false\n}]"),
            "encrypted = false",
            "module.x",
        ),
        (
            resource("kubernetes_storage_class_v1", CLASS.format("")),
            'resource "kubernetes_storage_class_v1" "x" {',
            "gp3",
        ),
        (
            resource("kubernetes_storage_class", CLASS.format('parameters = {\nencrypted = "false"\n}')),
            'encrypted = "false"',
            "gp3",
        ),
        (
            """
            resource "kubectl_manifest" "x" {
              yaml_body = <<-YAML
                kind: StorageClass
                metadata:
                  name: fast
                provisioner: ebs.csi.eks.amazonaws.com
                parameters:
                  type: gp3
              YAML
            }
            """,
            "kind: StorageClass",
            "fast",
        ),
    ],
)
def test_volume(code: str, text: str, name: str) -> None:
    [found] = problems(VOLUME, code)
    assert found.message == f"Volume `{name}` is not encrypted."
    assert text in {found.text, "kind: StorageClass"}


@pytest.mark.parametrize(
    "code",
    [
        resource("aws_ebs_volume", "encrypted = true"),
        resource("aws_launch_template", TEMPLATE.format('encrypted = "true"')),
        eks(GROUP.format("encrypted = true")),
        resource("kubernetes_storage_class", CLASS.format('parameters = {\nencrypted = "true"\n}')),
        resource("aws_ebs_volume") + resource("aws_ebs_encryption_by_default"),
    ],
)
def test_volume_is_encrypted(code: str) -> None:
    assert [each.state for each in outcomes(VOLUME, code)] == [State.PASS]


def test_a_default_that_is_switched_off_encrypts_nothing() -> None:
    code = resource("aws_ebs_volume") + resource("aws_ebs_encryption_by_default", "enabled = false")
    assert [each.address for each in problems(VOLUME, code)] == ["aws_ebs_volume.x"]
    elsewhere = {
        "main.tf": resource("aws_ebs_volume"),
        "org/main.tf": resource("aws_ebs_encryption_by_default"),
    }
    assert problems(VOLUME, elsewhere) == []


def test_volume_in_an_account_that_encrypts_by_itself() -> None:
    assert problems(VOLUME, resource("aws_ebs_volume"), ebs_encryption_by_default=True) == []


def test_volume_from_a_snapshot_is_not_evaluated() -> None:
    code = resource("aws_ebs_volume", 'snapshot_id = "snap-1"')
    assert reasons(VOLUME, code) == ["`aws_ebs_volume.x` is as encrypted as its snapshot"]


@pytest.mark.parametrize(
    "code",
    [
        resource("aws_eks_node_group"),
        resource("aws_launch_template", 'name = "x"'),
        resource("kubernetes_storage_class", 'storage_provisioner = "efs.csi.aws.com"'),
        cloudposse("eks-node-group", "block_device_mappings = [{\nvolume_size = 20\n}]"),
    ],
)
def test_no_volume_of_its_own_is_no_subject(code: str) -> None:
    assert outcomes(VOLUME, code) == []


def test_only_launch_templates_take_the_fix_in_place() -> None:
    template = resource("aws_launch_template", TEMPLATE.format(""))
    group = eks(GROUP.format("volume_size = 50"))
    storage_class = resource("kubernetes_storage_class", CLASS.format(""))
    found = [
        each.fix
        for code in (template, group, resource("aws_ebs_volume"), storage_class)
        for each in outcomes(VOLUME, code)[0].problems
    ]
    assert [each is not None and each.new_only for each in found] == [False, False, True, True]


@pytest.mark.parametrize(
    ("written", "fixed"),
    [
        ("{\nencrypted   = false\nvolume_size = 50\n}", "{\nencrypted   = true\nvolume_size = 50\n}"),
        ("{\n  volume_size = 50\n}", "{\n  encrypted   = true\n  volume_size = 50\n}"),
        ("{\n  volume_size = 50,\n}", "{\n  encrypted   = true,\n  volume_size = 50,\n}"),
        ('{ # root\n  "iops" = 300 # many\n}', '{ # root\n  encrypted = true\n\n  "iops" = 300 # many\n}'),
        ("{\n  tags = {\n  }\n}", "{\n  encrypted = true\n  tags = {\n  }\n}"),
        ("{\n\n  # large\n}", "{\n  encrypted = true\n\n  # large\n}"),
        ("{\r\n  volume_size = 50\r\n}", "{\r\n  encrypted   = true\r\n  volume_size = 50\r\n}"),
        ("{ volume_size = 50 }", "{ encrypted = true, volume_size = 50 }"),
        ("{}", "{ encrypted = true }"),
        ("{ }", "{ encrypted = true }"),
    ],
)
def test_the_disk_of_an_entry_of_a_module_is_encrypted_where_it_is_written(written: str, fixed: str) -> None:
    groups = "eks_managed_node_groups = {{\na = {{\nblock_device_mappings = {{\nxvda = {{\nebs = {}\n}}\n}}\n}}\n}}"
    assert with_fixes(VOLUME, eks(groups.format(written))) == eks(groups.format(fixed))


@pytest.mark.parametrize(
    "written",
    [
        "{ for key in var.keys : key => 1 }",
        "{ volume_size = 50,\n  iops = 300\n}",
        "merge({ volume_size = 50 }, { iops = 300 })",
    ],
)
def test_the_disk_of_an_entry_that_is_computed_or_oddly_laid_out_gets_no_edit(written: str) -> None:
    keys = 'variable "keys" {\ndefault = ["volume_size"]\n}\n'
    code = keys + eks(
        f"eks_managed_node_groups = {{\na = {{\nblock_device_mappings = [{{\nebs = {written}\n}}]\n}}\n}}"
    )
    assert [each.fix for outcome in outcomes(VOLUME, code) for each in outcome.problems] == [None]


def test_no_line_of_hcl_is_written_into_json() -> None:
    group = '{"block_device_mappings": {"xvda": {"ebs": {}}}}'
    module = f'"source": "terraform-aws-modules/eks/aws", "eks_managed_node_groups": {{"a": {group}}}'
    found = outcomes(VOLUME, {"main.tf.json": f'{{"module": {{"eks": {{{module}}}}}}}'})
    assert [each.fix for outcome in found for each in outcome.problems] == [None]


def test_two_disks_of_one_group_are_two_problems() -> None:
    disk = '{} = {{\ndevice_name = "/dev/{}"\nebs = {{\n}}\n}}\n'
    disks = disk.format("root", "xvda") + disk.format("data", "xvdb")
    code = eks(f"eks_managed_node_groups = {{\na = {{\nblock_device_mappings = {{\n{disks}}}\n}}\n}}")
    assert [each.message for each in problems(VOLUME, code)] == [
        f'Volume `module.eks.eks_managed_node_groups["a"] /dev/{each}` is not encrypted.'
        for each in ("xvdb", "xvda")
    ]
    evidence = [each.evidence for outcome in outcomes(VOLUME, code) for each in outcome.problems]
    assert len(set(evidence)) == len(evidence)


def test_a_disk_that_all_groups_take_from_the_defaults_is_one_problem_of_each() -> None:
    disk = 'block_device_mappings = {\nroot = {\ndevice_name = "/dev/xvda"\nebs = {\n}\n}\n}'
    code = eks(
        f"eks_managed_node_group_defaults = {{\n{disk}\n}}\neks_managed_node_groups = {{\na = {{}}\nb = {{}}\n}}"
    )
    found = [(outcome.address, each) for outcome in outcomes(VOLUME, code) for each in outcome.problems]
    assert [address for address, _ in found] == [
        f'module.eks.eks_managed_node_groups["{each}"]' for each in "ab"
    ]
    assert len({(each.at, each.attribute, each.evidence) for _, each in found}) == 1


@pytest.mark.parametrize(
    ("code", "fixed"),
    [
        (
            CLASS.format('parameters = {\n  type = "gp3"\n}'),
            CLASS.format('parameters = {\n  encrypted = "true"\n\n  type = "gp3"\n}'),
        ),
        (
            CLASS.format('parameters = {\n  encrypted = "false"\n}'),
            CLASS.format('parameters = {\n  encrypted = "true"\n}'),
        ),
        (CLASS.format(""), 'parameters = {\n  encrypted = "true"\n}\n\n' + CLASS.format("")),
    ],
)
def test_a_new_storage_class_gets_the_parameter(code: str, fixed: str) -> None:
    kind = "kubernetes_storage_class_v1"
    assert with_fixes(VOLUME, resource(kind, code)) == resource(kind, fixed)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (resource("aws_db_instance"), 'resource "aws_db_instance" "x" {'),
        (resource("aws_rds_cluster", "storage_encrypted = false"), "storage_encrypted = false"),
        (resource("aws_docdb_cluster"), 'resource "aws_docdb_cluster" "x" {'),
        (resource("aws_neptune_cluster"), 'resource "aws_neptune_cluster" "x" {'),
        (resource("aws_elasticache_replication_group"), 'resource "aws_elasticache_replication_group" "x" {'),
        (resource("aws_opensearch_domain"), 'resource "aws_opensearch_domain" "x" {'),
        (resource("aws_opensearch_domain", "encrypt_at_rest {\nenabled = false\n}"), "enabled = false"),
        (resource("aws_elasticsearch_domain", "encrypt_at_rest {\n}"), "encrypt_at_rest {"),
        (resource("aws_dax_cluster"), 'resource "aws_dax_cluster" "x" {'),
        (resource("aws_kinesis_stream", 'encryption_type = "NONE"'), 'encryption_type = "NONE"'),
        (resource("aws_kinesis_stream"), 'resource "aws_kinesis_stream" "x" {'),
        (resource("aws_sqs_queue", "sqs_managed_sse_enabled = false"), "sqs_managed_sse_enabled = false"),
    ],
)
def test_store(code: str, text: str) -> None:
    [found] = problems(STORE, code)
    assert found.text == text
    assert found.message.endswith("stores data unencrypted.")


@pytest.mark.parametrize(
    ("kind", "body", "fixed"),
    [
        ("aws_efs_file_system", 'creation_token = "x"', 'encrypted      = true\ncreation_token = "x"'),
        (
            "aws_opensearch_domain",
            'domain_name = "x"',
            'encrypt_at_rest {\n  enabled = true\n}\n\ndomain_name = "x"',
        ),
        ("aws_opensearch_domain", "encrypt_at_rest {\n}", "encrypt_at_rest {\n  enabled = true\n}"),
    ],
)
def test_a_new_store_gets_its_flag(kind: str, body: str, fixed: str) -> None:
    assert with_fixes(STORE, resource(kind, body)) == resource(kind, fixed)
    assert [
        each.fix is not None and each.fix.new_only
        for outcome in outcomes(STORE, resource(kind, body))
        for each in outcome.problems
    ] == [True]


@pytest.mark.parametrize(
    "code",
    [
        resource("aws_db_instance", "storage_encrypted = true"),
        resource("aws_rds_cluster", 'engine_mode = "serverless"'),
        resource("aws_opensearch_domain", "encrypt_at_rest {\nenabled = true\n}"),
        resource("aws_kinesis_stream", 'encryption_type = "KMS"'),
        resource("aws_sqs_queue"),
        resource("aws_sqs_queue", 'sqs_managed_sse_enabled = false\nkms_master_key_id = "alias/x"'),
    ],
)
def test_store_is_encrypted(code: str) -> None:
    assert [each.state for each in outcomes(STORE, code)] == [State.PASS]


@pytest.mark.parametrize(
    "code",
    [
        resource("aws_db_instance", "replicate_source_db = aws_db_instance.y.arn"),
        resource("aws_db_instance", 'snapshot_identifier = "s"'),
        resource("aws_elasticache_replication_group", 'engine = "valkey"'),
        resource("aws_efs_file_system", "encrypted = var.e") + 'variable "e" {}',
    ],
)
def test_store_that_depends_on_another_is_not_evaluated(code: str) -> None:
    assert [each.state for each in outcomes(STORE, code)] == [State.NOT_EVALUATED]


def test_members_and_services_that_always_encrypt_are_no_subject() -> None:
    kinds = (
        "aws_rds_cluster_instance",
        "aws_s3_bucket",
        "aws_dynamodb_table",
        "aws_msk_cluster",
        "aws_sns_topic",
    )
    assert outcomes(STORE, "".join(map(resource, kinds))) == []


LOGS = resource("aws_cloudwatch_log_group")
ONE = resource("aws_kms_key", name="one")


@pytest.mark.parametrize(
    "code",
    [
        LOGS,
        resource("aws_sns_topic", 'kms_master_key_id = "alias/aws/sns"'),
        resource("aws_ecr_repository", 'encryption_configuration {\nencryption_type = "AES256"\n}'),
    ],
)
def test_key_of_aws(code: str) -> None:
    [found] = problems(KEY, code)
    assert found.message == f"`{found.address}` uses a key of AWS."


@pytest.mark.parametrize(
    "code",
    [
        resource("aws_cloudwatch_log_group", "kms_key_id = aws_kms_key.one.arn") + ONE,
        resource("aws_ecr_repository", 'encryption_configuration {\nkms_key = "arn:aws:kms:x"\n}'),
        resource("aws_dynamodb_table", "server_side_encryption {\nkms_key_arn = var.key\n}")
        + 'variable "key" {}',
    ],
)
def test_key_of_the_customer(code: str) -> None:
    assert [each.state for each in outcomes(KEY, code)] == [State.PASS]


def test_only_a_single_key_is_suggested() -> None:
    assert "kms_key_id = aws_kms_key.one.arn" in with_fixes(KEY, LOGS + ONE)
    two = LOGS + ONE + resource("aws_kms_key", name="two")
    assert [each.fix for outcome in outcomes(KEY, two) for each in outcome.problems] == [None]
