variable "name" {
  description = "Name of the namespace."
  type        = string
}

variable "team" {
  description = "Team that owns the namespace."
  type        = string
}

variable "quota" {
  description = "Upper bound of the namespace: requested CPU, memory, and number of volumes."
  type = object({
    cpu     = string
    memory  = string
    volumes = optional(string, "10")
  })
}

variable "load_balancer_cidr" {
  description = "Range of the load balancers, normally that of the VPC."
  type        = string
}
