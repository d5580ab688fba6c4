"""Issue 6.1, manual deployment process."""
