mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

mock_provider "aws" {
  alias = "dr"
}

variables {
  name                     = "unit-test"
  kms_key_arn              = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000"
  dr_kms_key_arn           = "arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-0000-0000-000000000000"
  permissions_boundary_arn = "arn:aws:iam::111122223333:policy/platform-boundary"
}

run "leaves_the_region" {
  command = plan

  assert {
    condition     = alltrue([for rule in aws_backup_plan.daily.rule : length(rule.copy_action) == 1])
    error_message = "Every rule must copy to the second region."
  }
}
