"""Issue 5.1, over-provisioned resources."""
