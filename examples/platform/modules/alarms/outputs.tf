output "topic_arn" {
  description = "Topic that wakes somebody up, for further alarms of an environment."
  value       = aws_sns_topic.alerts.arn
}

output "failed_nodes_alarm_arn" {
  description = "Alarm that stops a chaos experiment."
  value       = aws_cloudwatch_metric_alarm.failed_nodes.arn
}
