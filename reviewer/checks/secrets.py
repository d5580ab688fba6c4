"""Issue 2.3, secrets management."""
