"""Issue 1.2, Kubernetes version inconsistency."""
