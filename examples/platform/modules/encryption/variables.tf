variable "name" {
  description = "Name of what the key protects; also its alias."
  type        = string
}

variable "service_principals" {
  description = "AWS services that may use the key on behalf of this account."
  type        = list(string)
  default     = ["cloudwatch.amazonaws.com", "sns.amazonaws.com"]
}
