variable "cluster_name" {
  description = "Cluster that runs the services."
  type        = string
}

variable "kubernetes_version" {
  description = "Kubernetes minor version of the cluster."
  type        = string
}

variable "region" {
  description = "Region of the cluster."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the cluster."
  type        = string
}

variable "vpc_cidr_block" {
  description = "IPv4 range of the VPC, where load balancers come from."
  type        = string
}

variable "oidc_provider_arn" {
  description = "OIDC provider of the cluster."
  type        = string
}

variable "velero_bucket" {
  description = "Name of the bucket for cluster backups."
  type        = string
}

variable "kms_key_arn" {
  description = "Customer managed key of backups and of the secrets in Secrets Manager."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of every role in the account."
  type        = string
}
