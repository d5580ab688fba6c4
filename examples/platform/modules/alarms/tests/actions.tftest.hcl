mock_provider "aws" {
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:111122223333:unit-test-alerts" }
  }
}

variables {
  cluster_name           = "unit-test"
  cluster_log_group_name = "/aws/eks/unit-test/cluster"
  on_call_address        = "on-call@example.com"
  kms_key_arn            = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000"
}

run "every_alarm_notifies" {
  assert {
    condition     = contains(aws_cloudwatch_metric_alarm.failed_nodes.alarm_actions, aws_sns_topic.alerts.arn)
    error_message = "An alarm without an action wakes nobody."
  }
}
