"""Issue 7.1, missing compliance controls."""
