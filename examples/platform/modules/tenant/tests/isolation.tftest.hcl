mock_provider "kubernetes" {}

variables {
  name               = "payments"
  team               = "payments"
  quota              = { cpu = "8", memory = "16Gi" }
  load_balancer_cidr = "10.99.0.0/16"
}

run "is_closed_in_both_directions" {
  command = plan

  assert {
    condition     = toset(kubernetes_network_policy_v1.default_deny.spec[0].policy_types) == toset(["Ingress", "Egress"])
    error_message = "The default must deny ingress and egress."
  }
}
