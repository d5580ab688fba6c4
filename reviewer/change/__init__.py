"""Where a change comes from: two trees of files and the diff between them."""
