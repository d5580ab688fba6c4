"""Issue 3.2, missing auto-scaling configuration."""
