"""Issue 1.1, region mismatch."""
