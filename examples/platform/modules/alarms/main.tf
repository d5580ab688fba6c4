# What wakes somebody up. Every alarm notifies the same encrypted topic, when it starts and when it ends.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.28"
    }
  }
}

resource "aws_sns_topic" "alerts" {
  name              = "${var.cluster_name}-alerts"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_subscription" "on_call" {
  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = var.on_call_address
}

resource "aws_cloudwatch_metric_alarm" "failed_nodes" {
  alarm_name          = "${var.cluster_name}-failed-nodes"
  alarm_description   = "A node is not ready. Runbook: docs/runbooks/node-not-ready.md"
  namespace           = "ContainerInsights"
  metric_name         = "cluster_failed_node_count"
  dimensions          = { ClusterName = var.cluster_name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 5
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
}

resource "aws_cloudwatch_metric_alarm" "pending_pods" {
  alarm_name          = "${var.cluster_name}-pending-pods"
  alarm_description   = "Pods find no node, and the autoscaler adds none. Runbook: docs/runbooks/node-not-ready.md"
  namespace           = "AWS/EKS"
  metric_name         = "scheduler_pending_pods"
  dimensions          = { ClusterName = var.cluster_name }
  statistic           = "Minimum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  period              = 60
  evaluation_periods  = 15
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
}

resource "aws_cloudwatch_metric_alarm" "api_errors" {
  alarm_name          = "${var.cluster_name}-api-server-errors"
  alarm_description   = "The Kubernetes API answers with server errors."
  namespace           = "AWS/EKS"
  metric_name         = "apiserver_request_total_5XX"
  dimensions          = { ClusterName = var.cluster_name }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 10
  period              = 300
  evaluation_periods  = 2
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
}

# The audit log says who was refused; a burst of it is either a broken controller or somebody looking around.
resource "aws_cloudwatch_log_metric_filter" "forbidden" {
  name           = "${var.cluster_name}-forbidden-requests"
  log_group_name = var.cluster_log_group_name
  pattern        = "{ $.responseStatus.code = 403 }"

  metric_transformation {
    name          = "ForbiddenRequests"
    namespace     = "Platform/${var.cluster_name}"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "forbidden" {
  alarm_name          = "${var.cluster_name}-forbidden-requests"
  alarm_description   = "Unusually many requests to the Kubernetes API were refused."
  namespace           = "Platform/${var.cluster_name}"
  metric_name         = "ForbiddenRequests"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 200
  period              = 300
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
}
