"""Issue 9.1, incomplete documentation."""
