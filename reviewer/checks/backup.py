"""Issue 6.2, missing backup and disaster recovery."""
