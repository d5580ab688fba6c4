"""Issue 3.1, single point of failure."""
