mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

mock_provider "helm" {}

mock_provider "kubernetes" {}

variables {
  cluster_name             = "unit-test"
  kubernetes_version       = "1.35"
  region                   = "eu-west-1"
  vpc_id                   = "vpc-0123456789abcdef0"
  vpc_cidr_block           = "10.99.0.0/16"
  oidc_provider_arn        = "arn:aws:iam::111122223333:oidc-provider/oidc.example.com/id/unit-test"
  velero_bucket            = "unit-test-velero"
  kms_key_arn              = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000"
  permissions_boundary_arn = "arn:aws:iam::111122223333:policy/platform-boundary"
}

run "encrypts_every_volume" {
  command = plan

  assert {
    condition     = kubernetes_storage_class_v1.gp3.parameters["encrypted"] == "true"
    error_message = "The default storage class must encrypt."
  }
}
