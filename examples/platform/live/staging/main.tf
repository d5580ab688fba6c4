# Staging: the same modules as production, smaller. Every change and every upgrade passes here first.

locals {
  name = "platform-${var.environment}"

  tags = {
    Environment = var.environment
    Owner       = "platform"
    CostCenter  = var.cost_center
    Repository  = "platform"
  }

  role_arn_prefix = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role"
}

data "aws_caller_identity" "current" {}

# The security team owns the boundary; this repository may use it and cannot change it.
data "aws_iam_policy" "boundary" {
  name = "platform-boundary"
}

module "encryption" {
  source = "../../modules/encryption"

  name = local.name
}

module "encryption_dr" {
  source = "../../modules/encryption"

  providers = {
    aws = aws.dr
  }

  name = "${local.name}-dr"
}

module "network" {
  source = "../../modules/network"

  name                     = local.name
  region                   = var.region
  cidr_block               = var.vpc_cidr_block
  kms_key_arn              = module.encryption.key_arn
  permissions_boundary_arn = data.aws_iam_policy.boundary.arn
}

module "cluster" {
  source = "../../modules/cluster"

  name                     = local.name
  kubernetes_version       = var.kubernetes_version
  subnet_ids               = module.network.private_subnet_ids
  api_client_cidrs         = var.api_client_cidrs
  kms_key_arn              = module.encryption.key_arn
  permissions_boundary_arn = data.aws_iam_policy.boundary.arn
  tags                     = local.tags

  # Two administrators: the pipeline, and the role that is sealed until an incident. People read.
  access_entries = {
    pipeline = {
      principal_arn = "${local.role_arn_prefix}/platform-deploy"
      policy        = "AmazonEKSClusterAdminPolicy"
    }
    break_glass = {
      principal_arn = "${local.role_arn_prefix}/platform-break-glass"
      policy        = "AmazonEKSClusterAdminPolicy"
    }
    engineers = {
      principal_arn = "${local.role_arn_prefix}/platform-engineer"
      policy        = "AmazonEKSAdminViewPolicy"
    }
    developers = {
      principal_arn = "${local.role_arn_prefix}/developer"
      policy        = "AmazonEKSViewPolicy"
      namespaces    = keys(var.tenants)
    }
  }

  node_groups = {
    baseline = {
      instance_types = ["m7i.xlarge"]
      min_size       = 3
      max_size       = 6
    }

    # For pods that survive an interruption and say so. Several similar types, so that one reclaim empties none.
    spot = {
      capacity_type  = "SPOT"
      instance_types = ["m7i.xlarge", "m7a.xlarge", "m6i.xlarge", "m6a.xlarge"]
      min_size       = 0
      max_size       = 10
      taints         = { "platform.example.com/interruptible" = "true" }
    }
  }
}

module "backup" {
  source = "../../modules/backup"

  providers = {
    aws    = aws
    aws.dr = aws.dr
  }

  name                     = local.name
  kms_key_arn              = module.encryption.key_arn
  dr_kms_key_arn           = module.encryption_dr.key_arn
  permissions_boundary_arn = data.aws_iam_policy.boundary.arn
}

module "alarms" {
  source = "../../modules/alarms"

  cluster_name           = module.cluster.name
  cluster_log_group_name = module.cluster.log_group_name
  on_call_address        = var.on_call_address
  kms_key_arn            = module.encryption.key_arn
}

module "platform_services" {
  source = "../../modules/platform-services"

  cluster_name             = module.cluster.name
  kubernetes_version       = var.kubernetes_version
  region                   = var.region
  vpc_id                   = module.network.vpc_id
  vpc_cidr_block           = module.network.vpc_cidr_block
  oidc_provider_arn        = module.cluster.oidc_provider_arn
  velero_bucket            = module.backup.velero_bucket
  kms_key_arn              = module.encryption.key_arn
  permissions_boundary_arn = data.aws_iam_policy.boundary.arn
}

module "tenant" {
  source   = "../../modules/tenant"
  for_each = var.tenants

  name               = each.key
  team               = each.value.team
  quota              = each.value.quota
  load_balancer_cidr = module.network.vpc_cidr_block
}
