variable "name" {
  description = "Name of the role."
  type        = string
}

variable "cluster_name" {
  description = "Cluster of the service account."
  type        = string
}

variable "namespace" {
  description = "Namespace of the service account."
  type        = string
}

variable "service_account" {
  description = "The one service account that may use the role."
  type        = string
}

variable "associate" {
  description = "Whether to create the association here; false for EKS add-ons, which carry their own."
  type        = bool
  default     = true
}

variable "policies" {
  description = "Inline policies: name to JSON document."
  type        = map(string)
  default     = {}
}

variable "managed_policy_arns" {
  description = "AWS managed policies, only those written for one add-on."
  type        = set(string)
  default     = []
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of every role in the account."
  type        = string
}
