variable "name" {
  description = "Name of the environment; prefixes every resource."
  type        = string
}

variable "region" {
  description = "Region of the VPC, for the names of the endpoint services."
  type        = string
}

variable "cidr_block" {
  description = "IPv4 range of the VPC: a /16, cut into a /20 of pods and two /24 per zone."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr_block, 0)) && endswith(var.cidr_block, "/16")
    error_message = "The address plan of this module needs a /16."
  }
}

variable "log_retention_days" {
  description = "How long flow logs are kept."
  type        = number
  default     = 365
}

variable "kms_key_arn" {
  description = "Customer managed key that encrypts the flow logs."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of every role in the account."
  type        = string
}
