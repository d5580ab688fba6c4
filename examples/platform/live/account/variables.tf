variable "region" {
  description = "Region of the platform, the same as in the AWS_REGION file."
  type        = string

  validation {
    condition     = contains(["eu-west-1"], var.region)
    error_message = "The platform is approved for eu-west-1 only; see PROMPT.md."
  }
}

variable "dr_region" {
  description = "Second region, for copies of container images."
  type        = string

  validation {
    condition     = var.dr_region != var.region
    error_message = "Copies must leave the region."
  }
}

variable "cost_center" {
  description = "Cost center that pays for what belongs to no environment."
  type        = string
}

variable "repositories" {
  description = "Container image repositories."
  type        = set(string)
}
