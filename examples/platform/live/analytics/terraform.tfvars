environment        = "analytics"
cost_center        = "cc-5200"
region             = "eu-west-1"
dr_region          = "eu-central-1"
vpc_cidr_block     = "10.44.0.0/16"
kubernetes_version = "1.35"
on_call_address    = "platform-on-call@example.com"

# The analysts' notebooks talk to the API from the office, which has no VPN; nothing else may.
api_client_cidrs = {
  office = "198.51.100.0/24"
}

tenants = {
  reporting = {
    team  = "analytics"
    quota = { cpu = "120", memory = "480Gi" }
  }
}
