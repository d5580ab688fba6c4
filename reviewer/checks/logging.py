"""Issue 4.1, insufficient logging."""
