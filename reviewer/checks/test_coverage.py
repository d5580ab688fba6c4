"""Issue 8.1, insufficient test coverage."""
