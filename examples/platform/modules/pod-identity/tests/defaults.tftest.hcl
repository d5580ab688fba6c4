mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name                     = "unit-test"
  cluster_name             = "unit-test"
  namespace                = "kube-system"
  service_account          = "cluster-autoscaler"
  permissions_boundary_arn = "arn:aws:iam::111122223333:policy/platform-boundary"
}

run "carries_the_boundary" {
  command = plan

  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn
    error_message = "A role without the boundary could grant itself anything."
  }
}

run "leaves_the_association_to_the_addon" {
  command = plan

  variables {
    associate = false
  }

  assert {
    condition     = length(aws_eks_pod_identity_association.this) == 0
    error_message = "An add-on declares its association itself."
  }
}
