variable "name" {
  description = "Name of the environment; prefixes every resource."
  type        = string
}

variable "kms_key_arn" {
  description = "Customer managed key in the region of the platform."
  type        = string
}

variable "dr_kms_key_arn" {
  description = "Customer managed key in the second region."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of every role in the account."
  type        = string
}
