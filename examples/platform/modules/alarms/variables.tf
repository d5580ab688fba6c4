variable "cluster_name" {
  description = "Cluster to watch."
  type        = string
}

variable "cluster_log_group_name" {
  description = "Log group of its control plane."
  type        = string
}

variable "on_call_address" {
  description = "E-mail address that opens an incident."
  type        = string
}

variable "kms_key_arn" {
  description = "Customer managed key of the topic."
  type        = string
}
