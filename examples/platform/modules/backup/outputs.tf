output "velero_bucket" {
  description = "Name of the bucket of Velero."
  value       = aws_s3_bucket.velero.bucket
}

output "velero_bucket_arn" {
  description = "ARN of the bucket of Velero."
  value       = aws_s3_bucket.velero.arn
}
