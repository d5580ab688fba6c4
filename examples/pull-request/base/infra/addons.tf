locals {
  addons = toset(["coredns", "eks-pod-identity-agent", "kube-proxy", "metrics-server"])
}

data "aws_eks_addon_version" "this" {
  for_each = setunion(local.addons, ["amazon-cloudwatch-observability", "vpc-cni"])

  addon_name         = each.value
  kubernetes_version = aws_eks_cluster.analytics.version
}

resource "aws_eks_addon" "this" {
  for_each = local.addons

  cluster_name  = aws_eks_cluster.analytics.name
  addon_name    = each.value
  addon_version = data.aws_eks_addon_version.this[each.value].version
}

resource "aws_eks_addon" "vpc_cni" {
  cluster_name         = aws_eks_cluster.analytics.name
  addon_name           = "vpc-cni"
  addon_version        = data.aws_eks_addon_version.this["vpc-cni"].version
  configuration_values = jsonencode({ enableNetworkPolicy = "true" })
}

resource "aws_eks_addon" "observability" {
  cluster_name  = aws_eks_cluster.analytics.name
  addon_name    = "amazon-cloudwatch-observability"
  addon_version = data.aws_eks_addon_version.this["amazon-cloudwatch-observability"].version

  pod_identity_association {
    role_arn        = aws_iam_role.observability.arn
    service_account = "cloudwatch-agent"
  }
}

resource "aws_iam_role" "observability" {
  name               = "${local.name}-observability"
  assume_role_policy = data.aws_iam_policy_document.pod_identity_trust.json
}

data "aws_iam_policy_document" "pod_identity_trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "observability" {
  role       = aws_iam_role.observability.name
  policy_arn = "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"
}

resource "aws_iam_openid_connect_provider" "analytics" {
  url            = aws_eks_cluster.analytics.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

module "addons" {
  source  = "aws-ia/eks-blueprints-addons/aws"
  version = "~> 1.24"

  cluster_name      = aws_eks_cluster.analytics.name
  cluster_endpoint  = aws_eks_cluster.analytics.endpoint
  cluster_version   = aws_eks_cluster.analytics.version
  oidc_provider_arn = aws_iam_openid_connect_provider.analytics.arn

  enable_cluster_autoscaler = true
  enable_external_secrets   = true
  external_secrets_secrets_manager_arns = [
    "arn:aws:secretsmanager:${var.region}:${data.aws_caller_identity.current.account_id}:secret:analytics/*",
  ]
  external_secrets_ssm_parameter_arns = [
    "arn:aws:ssm:${var.region}:${data.aws_caller_identity.current.account_id}:parameter/analytics/*",
  ]
  external_secrets_kms_key_arns = [aws_kms_key.analytics.arn]
}
