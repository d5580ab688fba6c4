"""The GitHub side: what the runner gives, what GitHub is asked, what is posted."""
