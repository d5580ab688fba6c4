# Analytics: the same standard, built from the community modules. Karpenter instead of Cluster Autoscaler, since the
# nightly jobs need ten times the nodes of the day.

locals {
  name  = "platform-${var.environment}"
  zones = slice(data.aws_availability_zones.available.names, 0, 3)

  tags = {
    Environment = var.environment
    Owner       = "analytics"
    CostCenter  = var.cost_center
    Repository  = "platform"
  }

  role_arn_prefix = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role"
}

data "aws_caller_identity" "current" {}

data "aws_availability_zones" "available" {
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

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

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 6.6"

  name = local.name
  cidr = var.vpc_cidr_block
  azs  = local.zones

  private_subnets = [for zone in range(3) : cidrsubnet(var.vpc_cidr_block, 4, zone)]
  public_subnets  = [for zone in range(3) : cidrsubnet(var.vpc_cidr_block, 8, 240 + zone)]

  enable_nat_gateway     = true
  one_nat_gateway_per_az = true

  enable_flow_log                                 = true
  create_flow_log_cloudwatch_log_group            = true
  create_flow_log_cloudwatch_iam_role             = true
  flow_log_cloudwatch_log_group_retention_in_days = 365
  flow_log_cloudwatch_log_group_kms_key_id        = module.encryption.key_arn
  vpc_flow_log_permissions_boundary               = data.aws_iam_policy.boundary.arn

  public_subnet_tags = {
    "kubernetes.io/role/elb" = "1"
  }

  private_subnet_tags = {
    "kubernetes.io/role/internal-elb" = "1"
    "karpenter.sh/discovery"          = local.name
  }
}

module "vpc_endpoints" {
  source  = "terraform-aws-modules/vpc/aws//modules/vpc-endpoints"
  version = "~> 6.6"

  vpc_id = module.vpc.vpc_id

  endpoints = {
    s3 = {
      service         = "s3"
      service_type    = "Gateway"
      route_table_ids = module.vpc.private_route_table_ids
    }
  }
}

module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 21.19"

  name               = local.name
  kubernetes_version = var.kubernetes_version

  vpc_id     = module.vpc.vpc_id
  subnet_ids = module.vpc.private_subnets

  # Nodes stay inside the VPC; the office reaches the API over the internet, and nobody else does.
  endpoint_private_access      = true
  endpoint_public_access       = true
  endpoint_public_access_cidrs = values(var.api_client_cidrs)

  enabled_log_types                      = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
  cloudwatch_log_group_retention_in_days = 365
  cloudwatch_log_group_kms_key_id        = module.encryption.key_arn

  create_kms_key = false
  encryption_config = {
    provider_key_arn = module.encryption.key_arn
    resources        = ["secrets"]
  }

  authentication_mode                      = "API"
  enable_cluster_creator_admin_permissions = false
  access_entries = {
    pipeline = {
      principal_arn = "${local.role_arn_prefix}/platform-deploy"
      policy_associations = {
        admin = {
          policy_arn   = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
          access_scope = { type = "cluster" }
        }
      }
    }
    analysts = {
      principal_arn = "${local.role_arn_prefix}/analyst"
      policy_associations = {
        edit = {
          policy_arn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"
          access_scope = {
            type       = "namespace"
            namespaces = keys(var.tenants)
          }
        }
      }
    }
  }

  deletion_protection           = true
  upgrade_policy                = { support_type = "STANDARD" }
  zonal_shift_config            = { enabled = true }
  iam_role_permissions_boundary = data.aws_iam_policy.boundary.arn

  addons = {
    coredns                = {}
    eks-pod-identity-agent = { before_compute = true }
    kube-proxy             = {}
    metrics-server         = {}
    snapshot-controller    = {}

    vpc-cni = {
      before_compute = true

      # A string, not a boolean: the schema of the add-on refuses anything else.
      configuration_values = jsonencode({
        enableNetworkPolicy = "true"
      })

      pod_identity_association = [{
        role_arn        = module.addon_identity["vpc-cni"].role_arn
        service_account = "aws-node"
      }]
    }

    aws-ebs-csi-driver = {
      pod_identity_association = [{
        role_arn        = module.addon_identity["ebs-csi"].role_arn
        service_account = "ebs-csi-controller-sa"
      }]
    }

    amazon-cloudwatch-observability = {
      pod_identity_association = [{
        role_arn        = module.addon_identity["observability"].role_arn
        service_account = "cloudwatch-agent"
      }]
    }
  }

  # Carries the cluster services and Karpenter itself; Karpenter brings every other node.
  eks_managed_node_groups = {
    system = {
      ami_type       = "AL2023_x86_64_STANDARD"
      instance_types = ["m7i.xlarge", "m7a.xlarge", "m6i.xlarge"]
      min_size       = 3
      max_size       = 6
      desired_size   = 3

      labels = {
        "karpenter.sh/controller" = "true"
      }

      block_device_mappings = {
        root = {
          device_name = "/dev/xvda"
          ebs = {
            volume_type           = "gp3"
            volume_size           = 80
            encrypted             = true
            delete_on_termination = true
          }
        }
      }

      update_config = {
        max_unavailable_percentage = 33
      }

      iam_role_attach_cni_policy    = false
      iam_role_permissions_boundary = data.aws_iam_policy.boundary.arn
      iam_role_additional_policies = {
        session_manager = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
      }
    }
  }

  node_security_group_tags = {
    "karpenter.sh/discovery" = local.name
  }

  tags = { Backup = "daily" }
}

module "addon_identity" {
  source = "../../modules/pod-identity"

  for_each = {
    vpc-cni = {
      namespace       = "kube-system"
      service_account = "aws-node"
      policy_arn      = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
    }
    ebs-csi = {
      namespace       = "kube-system"
      service_account = "ebs-csi-controller-sa"
      policy_arn      = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
    }
    observability = {
      namespace       = "amazon-cloudwatch"
      service_account = "cloudwatch-agent"
      policy_arn      = "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"
    }
  }

  name                     = "${local.name}-${each.key}"
  cluster_name             = local.name
  namespace                = each.value.namespace
  service_account          = each.value.service_account
  associate                = false
  managed_policy_arns      = [each.value.policy_arn]
  permissions_boundary_arn = data.aws_iam_policy.boundary.arn
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

  cluster_name           = module.eks.cluster_name
  cluster_log_group_name = module.eks.cloudwatch_log_group_name
  on_call_address        = var.on_call_address
  kms_key_arn            = module.encryption.key_arn
}

module "tenant" {
  source   = "../../modules/tenant"
  for_each = var.tenants

  name               = each.key
  team               = each.value.team
  quota              = each.value.quota
  load_balancer_cidr = module.vpc.vpc_cidr_block
}
