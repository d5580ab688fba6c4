mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-west-1a", "eu-west-1b", "eu-west-1c"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name                     = "unit-test"
  region                   = "eu-west-1"
  cidr_block               = "10.99.0.0/16"
  kms_key_arn              = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000"
  permissions_boundary_arn = "arn:aws:iam::111122223333:policy/platform-boundary"
}

run "one_nat_gateway_in_each_zone" {
  command = plan

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_subnet.private) == 3
    error_message = "Every zone needs its own private subnet and its own NAT gateway."
  }
}

run "refuses_a_range_it_cannot_cut" {
  command = plan

  variables {
    cidr_block = "10.99.0.0/20"
  }

  expect_failures = [var.cidr_block]
}
