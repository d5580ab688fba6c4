"""Issue 2.2, IAM role permissions too broad."""
