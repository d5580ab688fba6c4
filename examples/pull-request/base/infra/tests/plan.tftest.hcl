mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

mock_provider "helm" {}

run "spans_three_zones" {
  command = plan

  assert {
    condition     = length(local.zones) == 3
    error_message = "The cluster must span three zones."
  }
}
