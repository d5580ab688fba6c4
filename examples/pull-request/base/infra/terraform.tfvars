region             = "eu-central-1"
kubernetes_version = "1.35"
vpc_cidr_block     = "10.60.0.0/16"
on_call_address    = "analytics-on-call@example.com"

# The runners of the deployment.
endpoint_public_access_cidrs = ["203.0.113.16/28"]
