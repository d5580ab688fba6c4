"""Views: one normalised way to look at each concern, however it is written."""
