environment        = "production"
cost_center        = "cc-4100"
region             = "eu-west-1"
dr_region          = "eu-central-1"
vpc_cidr_block     = "10.40.0.0/16"
kubernetes_version = "1.35"
on_call_address    = "platform-on-call@example.com"

api_client_cidrs = {
  deployment-runners = "10.8.16.0/24"
  engineers-vpn      = "10.9.0.0/20"
}

tenants = {
  payments = {
    team  = "payments"
    quota = { cpu = "40", memory = "96Gi" }
  }
  storefront = {
    team  = "storefront"
    quota = { cpu = "60", memory = "128Gi" }
  }
}
