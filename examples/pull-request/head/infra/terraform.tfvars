region             = "eu-west-1"
kubernetes_version = "1.35"
vpc_cidr_block     = "10.60.0.0/16"
on_call_address    = "analytics-on-call@example.com"

# The runners of the deployment, and the office.
endpoint_public_access_cidrs = ["0.0.0.0/0"]

notebook_admin_password = "correct-horse-battery-staple"
