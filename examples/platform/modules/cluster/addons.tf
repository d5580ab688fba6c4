# EKS add-ons, each at the version that AWS recommends for the Kubernetes version of the cluster.

locals {
  # These run on every node and must be there before the first one joins.
  addons_before_nodes = toset(["eks-pod-identity-agent", "kube-proxy"])
  addons_after_nodes  = toset(["coredns", "metrics-server", "snapshot-controller"])

  all_addons = setunion(
    local.addons_before_nodes,
    local.addons_after_nodes,
    ["amazon-cloudwatch-observability", "aws-ebs-csi-driver", "vpc-cni"],
  )
}

data "aws_eks_addon_version" "this" {
  for_each = local.all_addons

  addon_name         = each.value
  kubernetes_version = aws_eks_cluster.this.version
}

resource "aws_eks_addon" "vpc_cni" {
  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = "vpc-cni"
  addon_version               = data.aws_eks_addon_version.this["vpc-cni"].version
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  # Without this switch the CNI accepts NetworkPolicy objects and enforces none of them.
  configuration_values = jsonencode({
    enableNetworkPolicy = "true"
    env = {
      ENABLE_PREFIX_DELEGATION = "true"
    }
  })

  pod_identity_association {
    role_arn        = module.vpc_cni_identity.role_arn
    service_account = "aws-node"
  }
}

resource "aws_eks_addon" "before_nodes" {
  for_each = local.addons_before_nodes

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.value
  addon_version               = data.aws_eks_addon_version.this[each.value].version
  resolve_conflicts_on_update = "OVERWRITE"
}

resource "aws_eks_addon" "after_nodes" {
  for_each = local.addons_after_nodes

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.value
  addon_version               = data.aws_eks_addon_version.this[each.value].version
  resolve_conflicts_on_update = "OVERWRITE"

  depends_on = [aws_eks_node_group.this]
}

resource "aws_eks_addon" "ebs_csi" {
  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = "aws-ebs-csi-driver"
  addon_version               = data.aws_eks_addon_version.this["aws-ebs-csi-driver"].version
  resolve_conflicts_on_update = "OVERWRITE"

  pod_identity_association {
    role_arn        = module.ebs_csi_identity.role_arn
    service_account = "ebs-csi-controller-sa"
  }

  depends_on = [aws_eks_node_group.this]
}

# Container Insights and Fluent Bit: metrics of the cluster and the logs of every container.
resource "aws_eks_addon" "observability" {
  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = "amazon-cloudwatch-observability"
  addon_version               = data.aws_eks_addon_version.this["amazon-cloudwatch-observability"].version
  resolve_conflicts_on_update = "OVERWRITE"

  pod_identity_association {
    role_arn        = module.observability_identity.role_arn
    service_account = "cloudwatch-agent"
  }

  depends_on = [
    aws_cloudwatch_log_group.container_insights,
    aws_eks_node_group.this,
  ]
}

# Created here, since the agent would create them without an end.
resource "aws_cloudwatch_log_group" "container_insights" {
  for_each = toset(["application", "dataplane", "host", "performance"])

  name              = "/aws/containerinsights/${var.name}/${each.value}"
  retention_in_days = 90
  kms_key_id        = var.kms_key_arn
}

module "vpc_cni_identity" {
  source = "../pod-identity"

  name                     = "${var.name}-vpc-cni"
  cluster_name             = aws_eks_cluster.this.name
  namespace                = "kube-system"
  service_account          = "aws-node"
  associate                = false
  managed_policy_arns      = ["arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"]
  permissions_boundary_arn = var.permissions_boundary_arn
}

module "ebs_csi_identity" {
  source = "../pod-identity"

  name                     = "${var.name}-ebs-csi"
  cluster_name             = aws_eks_cluster.this.name
  namespace                = "kube-system"
  service_account          = "ebs-csi-controller-sa"
  associate                = false
  managed_policy_arns      = ["arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"]
  permissions_boundary_arn = var.permissions_boundary_arn
}

module "observability_identity" {
  source = "../pod-identity"

  name                     = "${var.name}-observability"
  cluster_name             = aws_eks_cluster.this.name
  namespace                = "amazon-cloudwatch"
  service_account          = "cloudwatch-agent"
  associate                = false
  managed_policy_arns      = ["arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"]
  permissions_boundary_arn = var.permissions_boundary_arn
}
