"""Issue 7.2, no network policies."""
