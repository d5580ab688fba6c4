"""Issue 8.2, no validation of best practices."""
