environment        = "staging"
cost_center        = "cc-4110"
region             = "eu-west-1"
dr_region          = "eu-central-1"
vpc_cidr_block     = "10.41.0.0/16"
kubernetes_version = "1.35"
on_call_address    = "platform-team@example.com"

api_client_cidrs = {
  deployment-runners = "10.8.16.0/24"
  engineers-vpn      = "10.9.0.0/20"
}

tenants = {
  payments = {
    team  = "payments"
    quota = { cpu = "8", memory = "16Gi" }
  }
  storefront = {
    team  = "storefront"
    quota = { cpu = "12", memory = "24Gi" }
  }
}
