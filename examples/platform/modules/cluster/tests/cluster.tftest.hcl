mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_eks_cluster" {
    defaults = {
      arn     = "arn:aws:eks:eu-west-1:111122223333:cluster/unit-test"
      version = "1.35"
      identity = [{
        oidc = [{ issuer = "https://oidc.example.com/id/unit-test" }]
      }]
    }
  }
}

variables {
  name                     = "unit-test"
  kubernetes_version       = "1.35"
  subnet_ids               = ["subnet-a", "subnet-b", "subnet-c"]
  kms_key_arn              = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000"
  permissions_boundary_arn = "arn:aws:iam::111122223333:policy/platform-boundary"
  access_entries           = {}
  tags                     = { Owner = "platform" }

  node_groups = {
    baseline = { instance_types = ["m7i.xlarge"], min_size = 3, max_size = 9 }
  }
}

run "is_private_and_logged" {
  command = plan

  assert {
    condition     = !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "The API endpoint must not be public."
  }

  assert {
    condition     = length(aws_eks_cluster.this.enabled_cluster_log_types) == 5
    error_message = "All five control plane log types must be on."
  }
}

run "refuses_a_version_written_as_a_number" {
  command = plan

  variables {
    kubernetes_version = 1.3
  }

  expect_failures = [var.kubernetes_version]
}

run "refuses_two_zones" {
  command = plan

  variables {
    subnet_ids = ["subnet-a", "subnet-b"]
  }

  expect_failures = [var.subnet_ids]
}
