"""Issue 4.2, missing metrics and alerting."""
