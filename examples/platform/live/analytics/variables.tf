variable "environment" {
  description = "Name of the environment."
  type        = string
}

variable "cost_center" {
  description = "Cost center that pays for the environment."
  type        = string
}

variable "region" {
  description = "Region of the environment, the same as in the AWS_REGION file."
  type        = string

  validation {
    condition     = contains(["eu-west-1"], var.region)
    error_message = "The platform is approved for eu-west-1 only; see PROMPT.md."
  }
}

variable "dr_region" {
  description = "Second region, for copies of backups."
  type        = string

  validation {
    condition     = var.dr_region != var.region
    error_message = "Copies of backups must leave the region."
  }
}

variable "vpc_cidr_block" {
  description = "IPv4 range of the VPC, a /16 that no other environment uses."
  type        = string
}

variable "kubernetes_version" {
  description = "Kubernetes minor version; staging moves first, see docs/runbooks/eks-upgrade.md."
  type        = string

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "Write the minor version as a string, such as \"1.35\"."
  }
}

variable "api_client_cidrs" {
  description = "Who reaches the Kubernetes API: a name and its IPv4 range."
  type        = map(string)

  validation {
    condition     = !contains(values(var.api_client_cidrs), "0.0.0.0/0")
    error_message = "The Kubernetes API is not for the whole internet."
  }
}

variable "on_call_address" {
  description = "E-mail address that opens an incident."
  type        = string
}

variable "tenants" {
  description = "Namespaces of application teams: owner and upper bound."
  type = map(object({
    team = string
    quota = object({
      cpu    = string
      memory = string
    })
  }))
}
