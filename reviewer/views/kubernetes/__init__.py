"""What runs on the cluster: objects, workloads, Helm releases, network policies."""
