# One role for one controller, each with what it needs and no more.

module "cluster_autoscaler_identity" {
  source = "../pod-identity"

  name                     = "${var.cluster_name}-cluster-autoscaler"
  cluster_name             = var.cluster_name
  namespace                = "kube-system"
  service_account          = "cluster-autoscaler"
  policies                 = { scale-node-groups = data.aws_iam_policy_document.cluster_autoscaler.json }
  permissions_boundary_arn = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "cluster_autoscaler" {
  statement {
    sid = "ReadOnly"
    actions = [
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeAutoScalingInstances",
      "autoscaling:DescribeLaunchConfigurations",
      "autoscaling:DescribeScalingActivities",
      "autoscaling:DescribeTags",
      "ec2:DescribeImages",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeLaunchTemplateVersions",
      "ec2:GetInstanceTypesFromInstanceRequirements",
      "eks:DescribeNodegroup",
    ]
    resources = ["*"]
  }

  statement {
    sid = "OwnGroupsOnly"
    actions = [
      "autoscaling:SetDesiredCapacity",
      "autoscaling:TerminateInstanceInAutoScalingGroup",
    ]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/k8s.io/cluster-autoscaler/${var.cluster_name}"
      values   = ["owned"]
    }
  }
}

module "external_secrets_identity" {
  source = "../pod-identity"

  name                     = "${var.cluster_name}-external-secrets"
  cluster_name             = var.cluster_name
  namespace                = "external-secrets"
  service_account          = "external-secrets"
  policies                 = { read-own-secrets = data.aws_iam_policy_document.external_secrets.json }
  permissions_boundary_arn = var.permissions_boundary_arn
}

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "external_secrets" {
  statement {
    sid     = "SecretsOfThisCluster"
    actions = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    resources = [
      "arn:aws:secretsmanager:${var.region}:${data.aws_caller_identity.current.account_id}:secret:${var.cluster_name}/*",
    ]
  }

  statement {
    sid       = "TheirKey"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
  }
}

module "velero_identity" {
  source = "../pod-identity"

  name                     = "${var.cluster_name}-velero"
  cluster_name             = var.cluster_name
  namespace                = "velero"
  service_account          = "velero"
  policies                 = { own-bucket = data.aws_iam_policy_document.velero.json }
  permissions_boundary_arn = var.permissions_boundary_arn
}

# Volumes are snapshotted through the EBS CSI driver: Velero itself needs its bucket and nothing in EC2.
data "aws_iam_policy_document" "velero" {
  statement {
    sid = "Objects"
    actions = [
      "s3:AbortMultipartUpload",
      "s3:DeleteObject",
      "s3:GetObject",
      "s3:ListMultipartUploadParts",
      "s3:PutObject",
    ]
    resources = ["arn:aws:s3:::${var.velero_bucket}/*"]
  }

  statement {
    sid       = "Listing"
    actions   = ["s3:ListBucket"]
    resources = ["arn:aws:s3:::${var.velero_bucket}"]
  }

  statement {
    sid       = "BucketKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
  }
}

# The published policy of the controller is long and changes with it; the community module keeps it current.
module "load_balancer_controller_irsa" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts"
  version = "~> 6.5"

  name                                   = "${var.cluster_name}-load-balancer-controller"
  use_name_prefix                        = false
  attach_load_balancer_controller_policy = true
  permissions_boundary                   = var.permissions_boundary_arn

  oidc_providers = {
    cluster = {
      provider_arn               = var.oidc_provider_arn
      namespace_service_accounts = ["kube-system:aws-load-balancer-controller"]
    }
  }
}
