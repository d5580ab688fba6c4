data "aws_availability_zones" "available" {
  state = "available"
}

locals {
  zones = slice(data.aws_availability_zones.available.names, 0, 3)
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 6.6"

  name = local.name
  cidr = var.vpc_cidr_block
  azs  = local.zones

  private_subnets = [for zone in range(3) : cidrsubnet(var.vpc_cidr_block, 4, zone)]
  public_subnets  = [for zone in range(3) : cidrsubnet(var.vpc_cidr_block, 8, 240 + zone)]

  enable_nat_gateway = true
  # eks-review:ignore EKS-REL-103 reason="Night jobs restart by themselves; agreed with finance" until=2027-03-31
  single_nat_gateway = true

  enable_flow_log                                 = true
  create_flow_log_cloudwatch_log_group            = true
  create_flow_log_cloudwatch_iam_role             = true
  flow_log_cloudwatch_log_group_retention_in_days = 90
}

# Image layers come from S3: without this, every pull is billed by the NAT gateways.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = module.vpc.vpc_id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = module.vpc.private_route_table_ids
}
