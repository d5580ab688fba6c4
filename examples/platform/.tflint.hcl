config {
  call_module_type = "local"
}

plugin "terraform" {
  enabled = true
  preset  = "recommended"
}

plugin "aws" {
  enabled = true
  version = "0.48.0"
  source  = "github.com/terraform-linters/tflint-ruleset-aws"
}

# The tags of the cost reports. default_tags satisfy this rule.
rule "aws_resource_missing_tags" {
  enabled = true
  tags    = ["Environment", "Owner", "CostCenter"]
}
