output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "vpc_cidr_block" {
  description = "IPv4 range of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "private_subnet_ids" {
  description = "Subnets of nodes and pods, one in each zone."
  value       = aws_subnet.private[*].id
}

output "database_subnet_ids" {
  description = "Subnets without a route out of the VPC, one in each zone."
  value       = aws_subnet.database[*].id
}
