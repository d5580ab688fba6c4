"""Issue 10.1, no upgrade strategy."""
