"""Many repositories: audited in shards, merged into one report with a league table and trends."""
