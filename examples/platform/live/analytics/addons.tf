# Controllers of the analytics cluster, through the community modules.

module "karpenter" {
  source  = "terraform-aws-modules/eks/aws//modules/karpenter"
  version = "~> 21.19"

  cluster_name                       = module.eks.cluster_name
  iam_role_permissions_boundary_arn  = data.aws_iam_policy.boundary.arn
  node_iam_role_name                 = "${local.name}-karpenter-node"
  node_iam_role_use_name_prefix      = false
  node_iam_role_attach_cni_policy    = false
  node_iam_role_permissions_boundary = data.aws_iam_policy.boundary.arn
  node_iam_role_additional_policies = {
    session_manager = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
  }
}

# The node pools themselves are in gitops/analytics/karpenter.
resource "helm_release" "karpenter" {
  name       = "karpenter"
  repository = "oci://public.ecr.aws/karpenter"
  chart      = "karpenter"
  version    = "1.8.3"
  namespace  = "kube-system"

  values = [yamlencode({
    nodeSelector   = { "karpenter.sh/controller" = "true" }
    serviceAccount = { name = module.karpenter.service_account }

    settings = {
      clusterName       = module.eks.cluster_name
      clusterEndpoint   = module.eks.cluster_endpoint
      interruptionQueue = module.karpenter.queue_name
    }
  })]
}

module "addons" {
  source  = "aws-ia/eks-blueprints-addons/aws"
  version = "~> 1.24"

  cluster_name      = module.eks.cluster_name
  cluster_endpoint  = module.eks.cluster_endpoint
  cluster_version   = module.eks.cluster_version
  oidc_provider_arn = module.eks.oidc_provider_arn

  enable_argocd = true
  argocd        = { chart_version = "9.1.6" }

  enable_kube_prometheus_stack = true
  kube_prometheus_stack        = { chart_version = "80.4.1" }

  enable_gatekeeper = true
  gatekeeper        = { chart_version = "3.20.1" }

  enable_aws_load_balancer_controller = true
  aws_load_balancer_controller = {
    chart_version                 = "1.16.0"
    role_permissions_boundary_arn = data.aws_iam_policy.boundary.arn
  }

  # The module would let the operator read every secret and every parameter of the account.
  enable_external_secrets = true
  external_secrets = {
    chart_version                 = "1.1.0"
    role_permissions_boundary_arn = data.aws_iam_policy.boundary.arn
  }
  external_secrets_secrets_manager_arns = [
    "arn:aws:secretsmanager:${var.region}:${data.aws_caller_identity.current.account_id}:secret:${local.name}/*",
  ]
  external_secrets_ssm_parameter_arns = []
  external_secrets_kms_key_arns       = [module.encryption.key_arn]

  enable_velero = true
  velero = {
    chart_version                 = "11.2.0"
    role_permissions_boundary_arn = data.aws_iam_policy.boundary.arn
    s3_backup_location            = "${module.backup.velero_bucket_arn}/backups"
  }
}

resource "kubernetes_storage_class_v1" "gp3" {
  metadata {
    name = "gp3"

    annotations = {
      "storageclass.kubernetes.io/is-default-class" = "true"
    }
  }

  storage_provisioner    = "ebs.csi.aws.com"
  volume_binding_mode    = "WaitForFirstConsumer"
  allow_volume_expansion = true

  parameters = {
    type      = "gp3"
    encrypted = "true"
  }
}
