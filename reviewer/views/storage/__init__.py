"""What keeps data: volumes, buckets, data stores, and their backups."""
