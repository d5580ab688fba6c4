variable "name" {
  description = "Name of the cluster, unique in the account and region."
  type        = string
}

variable "kubernetes_version" {
  description = "Kubernetes minor version of control plane, nodes and add-ons."
  type        = string

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "Write the minor version as a string, such as \"1.35\"."
  }
}

variable "subnet_ids" {
  description = "Private subnets of control plane and nodes, one in each of three zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 3
    error_message = "The cluster must span three zones."
  }
}

variable "api_client_cidrs" {
  description = "Who reaches the private API endpoint from outside the VPC: a name and its IPv4 range."
  type        = map(string)
  default     = {}
}

variable "access_entries" {
  description = "IAM roles with access to the cluster. An empty list of namespaces means the whole cluster."
  type = map(object({
    principal_arn = string
    policy        = string
    namespaces    = optional(list(string), [])
  }))
}

variable "node_groups" {
  description = "Managed node groups: capacity type, instance types, sizes and taints (key to value, NO_SCHEDULE)."
  type = map(object({
    capacity_type  = optional(string, "ON_DEMAND")
    instance_types = list(string)
    min_size       = number
    max_size       = number
    taints         = optional(map(string), {})
  }))
}

variable "log_retention_days" {
  description = "How long control plane logs are kept."
  type        = number
  default     = 365
}

variable "kms_key_arn" {
  description = "Customer managed key for Kubernetes secrets and logs."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of every role in the account."
  type        = string
}

variable "tags" {
  description = "Cost allocation tags for instances and volumes, which default_tags do not reach."
  type        = map(string)
}
