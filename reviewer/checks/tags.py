"""Issue 5.2, missing cost allocation tags."""
