"""The network: VPCs, subnets, security groups, load balancers."""
