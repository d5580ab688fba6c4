variable "region" {
  description = "Region of the cluster, the same as in the AWS_REGION file."
  type        = string

  validation {
    condition     = startswith(var.region, "eu-")
    error_message = "Data of customers stays in the European Union."
  }
}

variable "kubernetes_version" {
  description = "Kubernetes minor version of control plane and nodes."
  type        = string
}

variable "vpc_cidr_block" {
  description = "IPv4 range of the VPC, a /16."
  type        = string
}

variable "endpoint_public_access_cidrs" {
  description = "Who reaches the Kubernetes API from outside the VPC."
  type        = list(string)
}

variable "on_call_address" {
  description = "E-mail address that opens an incident."
  type        = string
}
