output "cluster_name" {
  description = "Name of the cluster, for aws eks update-kubeconfig."
  value       = module.cluster.name
}

output "orders_endpoint" {
  description = "Address of the orders database, reachable from pods only."
  value       = aws_db_instance.orders.endpoint
}
