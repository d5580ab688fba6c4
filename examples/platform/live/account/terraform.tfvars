region       = "eu-west-1"
dr_region    = "eu-central-1"
cost_center  = "cc-4000"
repositories = ["orders", "payments", "reporting", "storefront"]
