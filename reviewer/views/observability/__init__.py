"""Logs, trails and alarms."""
